/* SPDX-License-Identifier: Apache-2.0 */
#include "pdns/told.h"

#include "base/memory/area.h"

#include <errno.h>

static int new_asked(const struct nta_hash_key *key, struct nta_asked **ret_asked,
                     struct nta_err *err)
{
    struct nta_asked *asked = nta_area_new(sizeof(*asked), NTA_AREA_GROWS);

    if (!asked)
        return nta_err_sys(err, -ENOMEM, "table of names that were asked for");
    asked->key = *key;
    *ret_asked = asked;
    return 0;
}

int nta_told_init(struct nta_told *told, size_t n_names, const struct nta_hash_key *key,
                  struct nta_err *err)
{
    int r = nta_pdns_new(n_names, key, &told->own, err);

    if (r == 0)
        r = nta_heard_new(key, &told->heard, err);
    if (r == 0)
        r = new_asked(key, &told->asked, err);
    if (r < 0)
        nta_told_done(told);
    return r;
}

void nta_told_done(struct nta_told *told)
{
    nta_pdns_free(&told->own);
    nta_heard_free(&told->heard);
    if (told->asked)
        nta_area_free(told->asked, sizeof(*told->asked));
    told->asked = NULL;
}

/** Under the user's own address. */
static void search_own(struct nta_told *told, const struct nta_told_asker *asker,
                       const struct nta_pdns_wish *wish, struct nta_pdns_found *found)
{
    struct nta_pdns *names = asker->is_pairs ? nta_heard_names(told->heard) : told->own;
    const uint8_t *mac = asker->user.mac;

    nta_pdns_search(names, &asker->user, wish, found);
    /* where one of the two is a router's, the machine behind both may be the same */
    if (found->n == 0 && found->is_foreign &&
        !(nta_heard_is_own(told->heard, mac, wish->wall_ns) &&
          nta_heard_is_own(told->heard, found->foreign_mac, wish->wall_ns)))
        nta_pdns_search(
            names,
            &(struct nta_pdns_client){.addr = asker->user.addr, .network = asker->user.network},
            wish, found);
}

/** Under the user's address, else under the other ones of his machine; true: under those. */
static bool search(struct nta_told *told, const struct nta_told_asker *asker,
                   const struct nta_pdns_wish *wish, struct nta_pdns_found *found)
{
    __attribute__((uninitialized)) struct nta_addr addrs[NTA_STATION_ADDRS_MAX];

    search_own(told, asker, wish, found);
    if (found->n > 0)
        return false;
    const size_t n = nta_heard_others(told->heard, &asker->user, wish->wall_ns, addrs);

    for (size_t i = 0; i < n; i++)
        nta_pdns_search(nta_heard_names(told->heard),
                        &(struct nta_pdns_client){.addr = &addrs[i],
                                                  .mac = asker->user.mac,
                                                  .network = asker->user.network},
                        wish, found);
    return found->n > 0;
}

size_t nta_told_find(struct nta_told *told, const struct nta_told_asker *asker,
                     char buf[NTA_PDNS_NAME_MAX + 1], bool *ret_is_guess)
{
    const struct nta_pdns_wish wish = {
        .addr = asker->peer, .wall_ns = asker->began_wall_ns, .buf = buf};
    struct nta_pdns_found found = {0};

    /* a MAC is less than an address that asked */
    *ret_is_guess = search(told, asker, &wish, &found);
    *ret_is_guess |= found.n > 1; /* several names share the address: the newest is a guess */
    buf[found.len] = '\0';
    return found.len;
}

size_t nta_told_find_before(struct nta_told *told, const struct nta_told_asker *asker,
                            int64_t *before_ns, char buf[NTA_PDNS_NAME_MAX + 1])
{
    const struct nta_pdns_wish wish = {
        .addr = asker->peer, .wall_ns = asker->began_wall_ns, .before_ns = *before_ns, .buf = buf};
    struct nta_pdns_found found = {0};

    (void)search(told, asker, &wish, &found);
    buf[found.len] = '\0';
    *before_ns = found.newest_ns;
    return found.len;
}

size_t nta_told_find_listed(struct nta_told *told, const struct nta_told_asker *asker,
                            char buf[NTA_PDNS_NAME_MAX + 1])
{
    const struct nta_pdns_wish wish = {
        .addr = asker->peer, .wall_ns = asker->began_wall_ns, .only_listed = true, .buf = buf};
    struct nta_pdns_found found = {0};

    (void)search(told, asker, &wish, &found);
    buf[found.len] = '\0';
    return found.len;
}

bool nta_told_has_aliases(const struct nta_told *told)
{
    return nta_pdns_has_aliases(told->own) || nta_pdns_has_aliases(nta_heard_names(told->heard));
}

size_t nta_told_find_alias(struct nta_told *told, const struct nta_told_asker *asker,
                           struct nta_span name, char buf[NTA_PDNS_NAME_MAX + 1])
{
    const struct nta_pdns_wish wish = {
        .addr = asker->peer, .wall_ns = asker->began_wall_ns, .alias_of = name, .buf = buf};
    struct nta_pdns_found found = {0};

    if (name.len > 0 && nta_told_has_aliases(told))
        (void)search(told, asker, &wish, &found);
    buf[found.len] = '\0';
    return found.len;
}

enum nta_told_agreement nta_told_ask(struct nta_told *told, const struct nta_told_asker *asker,
                                     struct nta_span name)
{
    const struct nta_pdns_wish wish = {
        .addr = asker->peer, .wall_ns = asker->began_wall_ns, .name = name};
    struct nta_pdns_found found = {0};

    (void)search(told, asker, &wish, &found);
    if (found.n == 0)
        return NTA_TOLD_SILENT;
    return found.has_name ? NTA_TOLD_AGREES : NTA_TOLD_DISAGREES;
}

void nta_told_learn(struct nta_told *told, const struct nta_pdns_client *client,
                    const struct nta_pdns_answer *answer)
{
    nta_pdns_learn(told->own, client, answer);
}

void nta_told_hear(struct nta_told *told, const struct nta_pdns_client *client,
                   const struct nta_pdns_answer *answer, bool for_pair)
{
    /* a machine has one address of IPv4: what it asked over that, for another of IPv4, it
     * connects to from there */
    const bool for_others =
        client->mac && !(nta_addr_is_v4(client->addr) && nta_addr_is_v4(answer->addr));

    if (client->mac)
        nta_heard_client(told->heard, client, answer->wall_ns);
    if (for_pair || for_others)
        nta_pdns_learn(nta_heard_names(told->heard), client, answer);
}

/** The client by its address, of what its own worker alone knows. */
static uint64_t own_number(const struct nta_told *told, const struct nta_pdns_client *client)
{
    const struct nta_hash_key *key = &told->asked->key;

    return nta_hash_words(key, ~nta_hash_bytes(key, client->addr->bytes, NTA_ADDR_LEN),
                          client->network);
}

/** The client by its address, and by its MAC if that is its machine's own; gives how many. */
static size_t heard_numbers(struct nta_told *told, const struct nta_pdns_client *client,
                            int64_t wall_ns, uint64_t ret_numbers[2])
{
    const struct nta_hash_key *key = &told->asked->key;
    size_t n = 0;

    ret_numbers[n++] = nta_hash_words(key, nta_hash_bytes(key, client->addr->bytes, NTA_ADDR_LEN),
                                      client->network);
    if (client->mac && nta_told_is_own(told, client->mac, wall_ns))
        ret_numbers[n++] = nta_hash_words(key, nta_station_mac(client->mac), client->network);
    return n;
}

void nta_told_note_asked(struct nta_told *told, const struct nta_pdns_client *client,
                         struct nta_span name, int64_t wall_ns)
{
    nta_asked_note(told->asked, own_number(told, client), name, wall_ns);
}

void nta_told_hear_asked(struct nta_told *told, const struct nta_pdns_client *client,
                         struct nta_span name, int64_t wall_ns)
{
    uint64_t numbers[2];
    const size_t n = heard_numbers(told, client, wall_ns, numbers);

    for (size_t i = 0; i < n; i++)
        nta_asked_note(told->asked, numbers[i], name, wall_ns);
}

bool nta_told_is_unasked(struct nta_told *told, const struct nta_told_asker *asker,
                         struct nta_span name)
{
    uint64_t numbers[3];
    size_t n = heard_numbers(told, &asker->user, asker->began_wall_ns, numbers);
    bool is_seen = false;

    if (!asker->is_pairs)
        numbers[n++] = own_number(told, &asker->user);
    for (size_t i = 0; i < n; i++) {
        if (nta_asked_has(told->asked, numbers[i], name))
            return false;
        is_seen |= nta_asked_is_seen(told->asked, numbers[i], asker->began_wall_ns);
    }
    return is_seen;
}

bool nta_told_is_own(struct nta_told *told, const uint8_t mac[6], int64_t wall_ns)
{
    return nta_heard_is_own(told->heard, mac, wall_ns);
}

bool nta_told_is_alone(struct nta_told *told, const uint8_t mac[6], int64_t wall_ns)
{
    return nta_heard_is_alone(told->heard, mac, wall_ns);
}

uint64_t nta_told_mac(const uint8_t mac[6])
{
    return nta_station_mac(mac);
}
