/* SPDX-License-Identifier: Apache-2.0 */
#include "pdns/told.h"

int nta_told_init(struct nta_told *told, size_t n_names, const struct nta_hash_key *key,
                  struct nta_err *err)
{
    int r = nta_pdns_new(n_names, key, &told->own, err);

    if (r == 0)
        r = nta_heard_new(key, &told->heard, err);
    if (r < 0)
        nta_told_done(told);
    return r;
}

void nta_told_done(struct nta_told *told)
{
    nta_pdns_free(&told->own);
    nta_heard_free(&told->heard);
}

static struct nta_pdns *table_of(struct nta_told *told, const struct nta_told_asker *asker)
{
    return asker->is_pairs ? nta_heard_names(told->heard) : told->own;
}

size_t nta_told_find(struct nta_told *told, const struct nta_told_asker *asker,
                     char buf[NTA_PDNS_NAME_MAX + 1], bool *ret_is_guess)
{
    struct nta_addr device;
    size_t n_names;
    size_t len = nta_pdns_find(table_of(told, asker), asker->user, asker->peer,
                               asker->began_wall_ns, buf, &n_names);

    *ret_is_guess = n_names > 1; /* several names share the address: the newest one is a guess */
    if (len > 0 || !asker->mac || !nta_heard_device(told->heard, asker->mac, &device))
        return len;
    len = nta_pdns_find(nta_heard_names(told->heard), &device, asker->peer, asker->began_wall_ns,
                        buf, &n_names);
    *ret_is_guess = len > 0; /* a MAC address is less than an address that asked */
    return len;
}

enum nta_pdns_agreement nta_told_ask(struct nta_told *told, const struct nta_told_asker *asker,
                                     struct nta_span name)
{
    struct nta_addr device;
    const enum nta_pdns_agreement said =
        nta_pdns_ask(table_of(told, asker), asker->user, asker->peer, name, asker->began_wall_ns);

    if (said != NTA_PDNS_SILENT || !asker->mac ||
        !nta_heard_device(told->heard, asker->mac, &device))
        return said;
    return nta_pdns_ask(nta_heard_names(told->heard), &device, asker->peer, name,
                        asker->began_wall_ns);
}

static void learn(struct nta_pdns *table, const struct nta_addr *client,
                  const struct nta_told_answer *answer)
{
    nta_pdns_learn(table, client, answer->addr, answer->name, answer->ttl_s, answer->wall_ns);
}

void nta_told_learn(struct nta_told *told, const struct nta_told_answer *answer)
{
    learn(told->own, answer->client, answer);
}

void nta_told_hear(struct nta_told *told, const struct nta_told_answer *answer, const uint8_t *mac,
                   bool for_pair)
{
    struct nta_pdns *names = nta_heard_names(told->heard);
    struct nta_addr device;

    if (for_pair)
        learn(names, answer->client, answer);
    if (!mac)
        return;
    nta_heard_client(told->heard, mac, answer->client);
    if (nta_addr_is_v4(answer->addr) != nta_addr_is_v4(answer->client) &&
        nta_heard_device(told->heard, mac, &device))
        learn(names, &device, answer);
}
