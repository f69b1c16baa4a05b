/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/fragment.h"

#include "base/hash.h"
#include "base/memory/pool.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "decode/datagram.h"
#include "decode/order.h"

#include <assert.h>
#include <errno.h>

enum
{
    DEFAULT_DATAGRAMS = 1024,
    DEFAULT_BYTES = 4 * 1024 * 1024,
};

/** By age. */
struct list
{
    struct nta_datagram *oldest, *newest;
};

struct nta_fragments
{
    struct nta_counters *counters; ///< Borrows.
    struct nta_hash_key hash_key;
    struct nta_pool datagrams, pages;
    struct nta_datagram **buckets; ///< Owns.
    size_t n_buckets;              ///< A power of two.
    struct list lists[2];          ///< IPv4, IPv6.
    uint8_t whole[NTA_DATAGRAM_WHOLE];
};

static struct nta_datagram **bucket_of(struct nta_fragments *fragments,
                                       const struct nta_datagram_key *key)
{
    uint64_t hash = nta_hash_bytes(&fragments->hash_key, key, sizeof(*key));

    return &fragments->buckets[hash & (fragments->n_buckets - 1)];
}

static void release_pages(struct nta_fragments *fragments, struct nta_datagram *datagram)
{
    for (size_t i = 0; i < NTA_DATAGRAM_PAGES; i++) {
        nta_pool_give(&fragments->pages, datagram->pages[i]);
        datagram->pages[i] = NULL;
    }
}

static void count_dropped(struct nta_fragments *fragments, struct nta_datagram *datagram)
{
    nta_count(fragments->counters, NTA_COUNTER_FRAGMENT_DROP, datagram->n_fragments);
    datagram->n_fragments = 0;
}

/** It cannot become whole any more; its entry stays, to meet the rest of it. */
static void drop(struct nta_fragments *fragments, struct nta_datagram *datagram)
{
    release_pages(fragments, datagram);
    count_dropped(fragments, datagram);
    datagram->dropped = true;
    datagram->n_ranges = 0;
}

static void forget(struct nta_fragments *fragments, struct nta_datagram *datagram)
{
    struct list *list = &fragments->lists[datagram->key.is_v6];
    struct nta_datagram **link = bucket_of(fragments, &datagram->key);

    while (*link != datagram)
        link = &(*link)->next;
    *link = datagram->next;
    *(datagram->older ? &datagram->older->newer : &list->oldest) = datagram->newer;
    *(datagram->newer ? &datagram->newer->older : &list->newest) = datagram->older;
    release_pages(fragments, datagram);
    nta_pool_give(&fragments->datagrams, datagram);
}

/** Of both lists, but not `keep`; NULL if there is no other. */
static struct nta_datagram *oldest_of_all(const struct nta_fragments *fragments,
                                          const struct nta_datagram *keep)
{
    struct nta_datagram *oldest = NULL;

    for (size_t i = 0; i < NTA_N_ELEMENTS(fragments->lists); i++) {
        struct nta_datagram *head = fragments->lists[i].oldest;

        if (head && head == keep)
            head = head->newer;
        if (head && (!oldest || head->start_order_ns < oldest->start_order_ns))
            oldest = head;
    }
    return oldest;
}

/** Make space: the oldest goes, but not `keep`.  False if there is no other. */
static bool forget_oldest(struct nta_fragments *fragments, const struct nta_datagram *keep)
{
    struct nta_datagram *oldest = oldest_of_all(fragments, keep);

    if (!oldest)
        return false;
    count_dropped(fragments, oldest);
    forget(fragments, oldest);
    return true;
}

static struct nta_datagram *find_or_add(struct nta_fragments *fragments,
                                        const struct nta_datagram_key *key, int64_t order_ns)
{
    struct nta_datagram **bucket = bucket_of(fragments, key);
    struct list *list = &fragments->lists[key->is_v6];

    for (struct nta_datagram *datagram = *bucket; datagram; datagram = datagram->next)
        if (memcmp(&datagram->key, key, sizeof(*key)) == 0)
            return datagram;

    struct nta_datagram *datagram = nta_pool_take(&fragments->datagrams);

    while (!datagram && forget_oldest(fragments, NULL))
        datagram = nta_pool_take(&fragments->datagrams);
    if (!datagram)
        return NULL;
    datagram->key = *key;
    datagram->start_order_ns = order_ns;
    datagram->next = *bucket;
    *bucket = datagram;
    datagram->older = list->newest;
    *(list->newest ? &list->newest->newer : &list->oldest) = datagram;
    list->newest = datagram;
    return datagram;
}

static uint8_t *page_at(struct nta_fragments *fragments, struct nta_datagram *datagram, size_t i)
{
    while (!datagram->pages[i]) {
        datagram->pages[i] = nta_pool_take(&fragments->pages);
        if (!datagram->pages[i] && !forget_oldest(fragments, datagram))
            return NULL;
    }
    return datagram->pages[i];
}

/**
 * Put the piece's bytes [first, end) of the datagram in their place.  False if there are no pages.
 */
static bool write_bytes(struct nta_fragments *fragments, struct nta_datagram *datagram,
                        const struct nta_piece *piece, uint32_t first, uint32_t end)
{
    while (first < end) {
        size_t in_page = first % NTA_DATAGRAM_PAGE;
        size_t len =
            end - first < NTA_DATAGRAM_PAGE - in_page ? end - first : NTA_DATAGRAM_PAGE - in_page;
        uint8_t *page = page_at(fragments, datagram, first / NTA_DATAGRAM_PAGE);

        if (!page)
            return false;
        memcpy(page + in_page, piece->data + (first - piece->first), len);
        first += (uint32_t)len;
    }
    return true;
}

/** Write what of the piece lies beside the ranges [from, to), which are all that it touches. */
static bool fill_holes(struct nta_fragments *fragments, struct nta_datagram *datagram,
                       const struct nta_piece *piece, size_t from, size_t to)
{
    const struct nta_datagram_range *ranges = datagram->ranges;
    uint32_t at = piece->first;

    for (; from < to; from++) {
        if (at < ranges[from].first &&
            !write_bytes(fragments, datagram, piece, at, ranges[from].first))
            return false;
        if (at < ranges[from].end)
            at = ranges[from].end;
    }
    return write_bytes(fragments, datagram, piece, at, piece->end);
}

/**
 * Fill the holes that the piece covers and join the ranges it touches.  False: too many holes, or
 * no pages.
 */
static bool fill(struct nta_fragments *fragments, struct nta_datagram *datagram,
                 const struct nta_piece *piece)
{
    struct nta_datagram_range *ranges = datagram->ranges;
    struct nta_datagram_range joined = {.first = piece->first, .end = piece->end};
    size_t n = datagram->n_ranges, from = 0;

    assert(piece->first < piece->end && piece->end <= NTA_DATAGRAM_MAX);
    while (from < n && ranges[from].end < piece->first)
        from++;
    size_t to = from;

    while (to < n && ranges[to].first <= piece->end)
        to++;
    if (!fill_holes(fragments, datagram, piece, from, to))
        return false;
    if (to > from) {
        joined.first = ranges[from].first < joined.first ? ranges[from].first : joined.first;
        joined.end = ranges[to - 1].end > joined.end ? ranges[to - 1].end : joined.end;
    } else if (n == NTA_DATAGRAM_RANGES) {
        return false;
    }
    memmove(ranges + from + 1, ranges + to, (n - to) * sizeof(*ranges));
    ranges[from] = joined;
    datagram->n_ranges = (uint8_t)(n - (to - from) + 1);
    return true;
}

/**
 * The piece is what is left of the first fragment: keep it, if it is alone.  False: it must go, but
 * it alone.
 */
static bool add_cut(struct nta_fragments *fragments, struct nta_datagram *datagram,
                    const struct nta_piece *piece)
{
    if (datagram->n_fragments > 1 || datagram->dropped)
        return false;
    datagram->cut_end = piece->wire_end;
    nta_datagram_head(datagram, piece);
    return fill(fragments, datagram, piece);
}

static bool add_piece(struct nta_fragments *fragments, struct nta_datagram *datagram,
                      const struct nta_piece *piece)
{
    if (datagram->cut_end != 0)
        return !piece->key.is_v6 || piece->first >= datagram->cut_end;
    if (piece->key.is_v6 && nta_datagram_overlaps(datagram, piece))
        return nta_datagram_repeats(datagram, piece);
    if (piece->first == 0)
        nta_datagram_head(datagram, piece);
    return fill(fragments, datagram, piece);
}

bool nta_fragments_push(struct nta_fragments *fragments, const struct nta_packet *packet,
                        const uint8_t *bytes, struct nta_span *ret_datagram)
{
    struct nta_piece piece = {0};
    struct nta_datagram *datagram = NULL;

    nta_count(fragments->counters, NTA_COUNTER_FRAGMENTS, 1);
    if (nta_piece_read(packet, bytes, &piece))
        datagram = find_or_add(fragments, &piece.key, packet->order_ns);
    if (!datagram) {
        nta_count(fragments->counters, NTA_COUNTER_FRAGMENT_DROP, 1);
        return false;
    }
    const bool fits = nta_datagram_fits(datagram, &piece); /* nothing goes in without */

    datagram->n_fragments++;
    if (piece.end != piece.wire_end) {
        if (!fits || !add_cut(fragments, datagram, &piece)) {
            datagram->n_fragments--;
            nta_count(fragments->counters, NTA_COUNTER_FRAGMENT_DROP, 1);
        }
        return false;
    }
    if (datagram->dropped || !fits || !add_piece(fragments, datagram, &piece)) {
        drop(fragments, datagram);
        return false;
    }
    if (!nta_datagram_is_whole(datagram))
        return false;
    *ret_datagram = nta_datagram_assemble(datagram, fragments->whole);
    nta_count(fragments->counters, NTA_COUNTER_FRAGMENT_WHOLE, 1);
    forget(fragments, datagram);
    return true;
}

static int64_t timeout_of(const struct nta_datagram *datagram)
{
    return datagram->key.is_v6 ? 60 * NTA_NS_PER_S : 30 * NTA_NS_PER_S;
}

static bool is_late(const struct nta_datagram *datagram, int64_t order_ns)
{
    return order_ns == NTA_FRAGMENTS_END ||
           nta_order_since(order_ns, datagram->start_order_ns) >= timeout_of(datagram);
}

/**
 * The next that must go: too old, or in the way of a fragment of usual size.  NULL if all may stay.
 */
static struct nta_datagram *next_to_go(const struct nta_fragments *fragments, int64_t order_ns)
{
    const struct nta_pool *datagrams = &fragments->datagrams, *pages = &fragments->pages;

    for (size_t i = 0; i < NTA_N_ELEMENTS(fragments->lists); i++)
        if (fragments->lists[i].oldest && is_late(fragments->lists[i].oldest, order_ns))
            return fragments->lists[i].oldest;
    if (datagrams->n_used == datagrams->n_max || pages->n_used + 1 >= pages->n_max)
        return oldest_of_all(fragments, NULL);
    return NULL;
}

bool nta_fragments_expire(struct nta_fragments *fragments, int64_t order_ns,
                          struct nta_packet *ret_packet, struct nta_span *ret_datagram)
{
    for (;;) {
        struct nta_datagram *datagram = next_to_go(fragments, order_ns);
        uint32_t wire_len = 0;

        if (!datagram)
            return false;
        struct nta_packet packet = datagram->first;
        struct nta_span begin = nta_datagram_begin(datagram, fragments->whole, &wire_len);

        count_dropped(fragments, datagram);
        forget(fragments, datagram);
        if (begin.len > 0) {
            packet.cap_len = (uint32_t)begin.len;
            packet.wire_len = wire_len;
            *ret_packet = packet;
            *ret_datagram = begin;
            return true;
        }
    }
}

int64_t nta_fragments_quiet(const struct nta_fragments *fragments)
{
    int64_t until = INT64_MAX;

    for (size_t i = 0; i < NTA_N_ELEMENTS(fragments->lists); i++) {
        const struct nta_datagram *oldest = fragments->lists[i].oldest;
        const int64_t due =
            oldest ? nta_order_add(oldest->start_order_ns, timeout_of(oldest)) : INT64_MAX;

        until = due < until ? due : until;
    }
    return until;
}

size_t nta_fragments_len(const struct nta_fragments *fragments)
{
    return fragments->datagrams.n_used;
}

void nta_fragments_free(struct nta_fragments **fragments)
{
    if (*fragments) {
        nta_pool_done(&(*fragments)->datagrams);
        nta_pool_done(&(*fragments)->pages);
        free((*fragments)->buckets);
        free(*fragments);
    }
    *fragments = NULL;
}

int nta_fragments_new(const struct nta_fragment_options *options, struct nta_counters *counters,
                      struct nta_fragments **ret_fragments, struct nta_err *err)
{
    NTA_AUTO(nta_fragments_free) struct nta_fragments *fragments = calloc(1, sizeof(*fragments));
    size_t n_datagrams = options->n_datagrams ? options->n_datagrams : DEFAULT_DATAGRAMS;
    size_t bytes = options->bytes ? options->bytes : DEFAULT_BYTES;
    int ret = fragments ? nta_hash_key_random(&fragments->hash_key) : -ENOMEM;

    if (ret < 0)
        return nta_err_sys(err, ret, "the table of IP fragments cannot be made");
    fragments->counters = counters;
    for (fragments->n_buckets = 64; fragments->n_buckets < n_datagrams;)
        fragments->n_buckets *= 2;
    fragments->buckets = calloc(fragments->n_buckets, sizeof(struct nta_datagram *));
    ret = fragments->buckets ? 0 : -ENOMEM;
    if (ret == 0)
        ret = nta_pool_init(&fragments->datagrams, sizeof(struct nta_datagram), n_datagrams);
    if (ret == 0)
        ret = nta_pool_init(&fragments->pages, NTA_DATAGRAM_PAGE,
                            (bytes + NTA_DATAGRAM_PAGE - 1) / NTA_DATAGRAM_PAGE);
    if (ret < 0)
        return nta_err_sys(err, ret, "the table of IP fragments (%zu datagrams, %zu bytes)",
                           n_datagrams, bytes);
    *ret_fragments = NTA_TAKE(fragments);
    return 0;
}
