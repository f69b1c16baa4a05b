/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one record knows better than another: who it was, and which requests are one file.
 *
 * A record that was made before a login or a device was known has the address only.  It is of that
 * user if another record of the same connection says so, or if it lies in the time in which records
 * of the address say that it was his, and nobody else's.  Only what a record says itself counts, so
 * that it is the same however often it is asked.
 */
#include "base/own.h"
#include "incident/set.h"

#include <errno.h>
#include <stdlib.h>

/** Who is known by a connection's number, or by an address at a time. */
struct known
{
    uint64_t key; ///< `about` or `address`.
    int64_t from_ns, to_ns;
    uint64_t user;
};

static int order_known(const void *left, const void *right)
{
    const struct known *a = left, *b = right;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->from_ns != b->from_ns)
        return a->from_ns < b->from_ns ? -1 : 1;
    if (a->to_ns != b->to_ns)
        return a->to_ns < b->to_ns ? -1 : 1;
    return a->user < b->user ? -1 : a->user > b->user;
}

/** Neighbours of one address and user whose times touch become one. */
static size_t join_times(struct known *known, size_t n)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++) {
        struct known *last = n_kept ? &known[n_kept - 1] : NULL;

        if (last && last->key == known[i].key && last->user == known[i].user &&
            known[i].from_ns <= last->to_ns) {
            if (known[i].to_ns > last->to_ns)
                last->to_ns = known[i].to_ns;
            continue;
        }
        known[n_kept++] = known[i];
    }
    return n_kept;
}

/** The first with this key, or behind it. */
static size_t find(const struct known *known, size_t n, uint64_t key)
{
    size_t low = 0, high = n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (known[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/** The only user of this key at that time; 0: none, or several. */
static uint64_t only_user(const struct known *known, size_t n, uint64_t key, int64_t at_ns)
{
    uint64_t user = 0;

    for (size_t i = find(known, n, key); i < n && known[i].key == key; i++) {
        if (at_ns < known[i].from_ns)
            break;
        if (at_ns > known[i].to_ns || known[i].user == user)
            continue;
        if (user)
            return 0;
        user = known[i].user;
    }
    return user;
}

/** What facts that are known so well say; `by_address`, else by connection.  Gives how many. */
static size_t gather(const struct nta_incidents *set, uint8_t level, bool by_address,
                     struct known *known)
{
    size_t n = 0;

    for (size_t i = 0; i < set->n_facts; i++) {
        const struct nta_fact *fact = &set->facts[i];

        if (fact->known != level || (!by_address && !fact->about))
            continue;
        known[n++] = by_address ? (struct known){.key = fact->address,
                                                 .from_ns = fact->since_ns,
                                                 .to_ns = fact->end_ns,
                                                 .user = fact->user}
                                : (struct known){.key = fact->about,
                                                 .from_ns = INT64_MIN,
                                                 .to_ns = INT64_MAX,
                                                 .user = fact->user};
    }
    if (n)
        qsort(known, n, sizeof(*known), order_known);
    return join_times(known, n);
}

/** Facts that are known less well are of those users. */
static void give(struct nta_incidents *set, uint8_t level, bool by_address,
                 const struct known *known, size_t n)
{
    for (size_t i = 0; n && i < set->n_facts; i++) {
        struct nta_fact *fact = &set->facts[i];

        if (fact->known_now >= level || (!by_address && !fact->about))
            continue;
        const uint64_t user =
            only_user(known, n, by_address ? fact->address : fact->about, fact->time_ns);

        if (!user)
            continue;
        fact->who = user;
        fact->known_now = level;
    }
}

int nta_incidents_know(struct nta_incidents *set)
{
    size_t n_of[NTA_KNOWN_LOGIN + 1] = {0}, n_most;

    for (size_t i = 0; i < set->n_facts; i++) {
        struct nta_fact *fact = &set->facts[i];

        fact->who = fact->user;
        fact->known_now = fact->known;
        fact->is_covered = false;
        n_of[fact->known]++;
    }
    n_most = n_of[NTA_KNOWN_LOGIN] + n_of[NTA_KNOWN_DEVICE];
    if (n_most == 0 || n_of[NTA_KNOWN_LOGIN] == set->n_facts)
        return 0;
    struct known *known = calloc(set->n_facts, sizeof(*known));

    if (!known)
        return -ENOMEM;
    for (uint8_t level = NTA_KNOWN_LOGIN; level > NTA_KNOWN_ADDRESS; level--) {
        give(set, level, false, known, gather(set, level, false, known));
        give(set, level, true, known, gather(set, level, true, known));
    }
    free(known);
    return 0;
}

/* ---- downloads and their requests ---- */

static int order_u64(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

/** Append the numbers of the requests that a download was joined from. */
static void add_requests(const struct nta_fact *fact, struct nta_record_buf *buf,
                         struct nta_buf *abouts)
{
    const struct nta_span cbor = {.ptr = fact->cbor, .len = fact->cbor_len};
    struct nta_record record = {.time_ns = 0};

    if (nta_record_decode_some(cbor, NTA_PART_MORE, buf, &record) && record.n_requests)
        nta_buf_put(abouts, record.requests, record.n_requests * sizeof(*record.requests));
}

/** Requests and connections that these numbers name are no files of their own. */
static uint64_t cover(struct nta_fact *facts, size_t n, const struct nta_buf *abouts)
{
    uint64_t n_covered = 0;

    for (size_t i = 0; i < n; i++) {
        struct nta_fact *fact = &facts[i];

        if (!fact->is_file || fact->event == NTA_RECORD_DOWNLOAD || !fact->about ||
            !bsearch(&fact->about, abouts->ptr, abouts->len / sizeof(uint64_t), sizeof(uint64_t),
                     order_u64))
            continue;
        fact->is_covered = true;
        n_covered += fact->n;
    }
    return n_covered;
}

int nta_incidents_cover(struct nta_incidents *set)
{
    NTA_AUTO(nta_buf_done) struct nta_buf abouts = {0};
    struct nta_record_buf *buf = malloc(sizeof(*buf));

    if (!buf)
        return -ENOMEM;
    for (size_t i = 0; i < set->n_items && !abouts.failed; i++) {
        struct nta_incident *item = &set->items[i];
        struct nta_fact *facts = set->facts + item->first;

        nta_buf_clear(&abouts);
        for (size_t k = 0; k < item->n_facts; k++)
            if (facts[k].event == NTA_RECORD_DOWNLOAD)
                add_requests(&facts[k], buf, &abouts);
        if (abouts.len == 0 || abouts.failed)
            continue;
        qsort(abouts.ptr, abouts.len / sizeof(uint64_t), sizeof(uint64_t), order_u64);
        item->n_files -= cover(facts, item->n_facts, &abouts);
    }
    free(buf);
    return abouts.failed ? -ENOMEM : 0;
}
