/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/relay_peers.h"

#include "base/runtime/clock.h"

#include <string.h>

/** RFC 6062 section 5.3: a relay waits for half as long. */
#define WAIT_NS (60 * NTA_NS_PER_S)

/** Which relay, on which link, and its number.  False: nobody knows. */
static bool make_key(const struct nta_proto_io *io, uint32_t number, struct nta_asked_key *ret_key)
{
    const struct nta_addr *relay = io->ends[NTA_FROM_SERVER].addr;

    if (!io->shared || !relay || !io->ends[NTA_FROM_CLIENT].addr)
        return false;
    *ret_key = (struct nta_asked_key){0};
    memcpy(ret_key->bytes, relay->bytes, NTA_ADDR_LEN);
    memcpy(ret_key->bytes + NTA_ADDR_LEN, &io->link, sizeof(io->link));
    memcpy(ret_key->bytes + NTA_ADDR_LEN + sizeof(io->link), &number, sizeof(number));
    return true;
}

void nta_relay_peers_put(const struct nta_proto_io *io, uint32_t number,
                         const struct nta_addr *addr, uint16_t port)
{
    struct nta_relay_peers *all = io->shared;
    struct nta_asked_key key;

    if (make_key(io, number, &key))
        all->peers[nta_asked_put(&all->asked, &key, io->wall_ns)] = (struct nta_relay_peer){
            .client = *io->ends[NTA_FROM_CLIENT].addr, .addr = *addr, .port = port};
}

const struct nta_relay_peer *nta_relay_peers_find(const struct nta_proto_io *io, uint32_t number)
{
    const struct nta_relay_peers *all = io->shared;
    struct nta_asked_key key;

    if (!make_key(io, number, &key))
        return NULL;
    const size_t place = nta_asked_find(&all->asked, &key, io->wall_ns, WAIT_NS);

    return place < NTA_ASKED_MAX &&
                   nta_addr_equal(&all->peers[place].client, io->ends[NTA_FROM_CLIENT].addr)
               ? &all->peers[place]
               : NULL;
}
