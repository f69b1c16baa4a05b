/* SPDX-License-Identifier: Apache-2.0 */
/* What one record of an incident tells that another one counts, too: files and bytes, each once. */
#include "base/own.h"
#include "incident/set.h"
#include "record/grade.h"

#include <errno.h>
#include <stdlib.h>

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

/** What these connections brought is told already; what was sent over them is not. */
static uint64_t cover(struct nta_fact *facts, size_t n, const struct nta_buf *abouts)
{
    uint64_t n_covered = 0;

    for (size_t i = 0; i < n; i++) {
        struct nta_fact *fact = &facts[i];

        if (!fact->is_file || fact->event == NTA_RECORD_DOWNLOAD || !fact->about ||
            fact->act == NTA_ACT_UPLOADED ||
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

/* ---- connections and their requests ---- */

/** What requests of a connection count. */
struct counted
{
    uint64_t about, up, down;
};

static int order_counted(const void *left, const void *right)
{
    const struct counted *a = left, *b = right;

    return a->about < b->about ? -1 : a->about > b->about;
}

/** One for each connection. */
static size_t count_requests(const struct nta_fact *facts, size_t n, struct counted *counted)
{
    size_t n_all = 0, n_each = 0;

    for (size_t i = 0; i < n; i++)
        if (facts[i].event == NTA_RECORD_REQUEST && facts[i].about)
            counted[n_all++] = (struct counted){facts[i].about, facts[i].up, facts[i].down};
    if (n_all)
        qsort(counted, n_all, sizeof(*counted), order_counted);
    for (size_t i = 0; i < n_all; i++) {
        if (n_each && counted[n_each - 1].about == counted[i].about) {
            counted[n_each - 1].up += counted[i].up;
            counted[n_each - 1].down += counted[i].down;
        } else {
            counted[n_each++] = counted[i];
        }
    }
    return n_each;
}

static uint64_t rest_of(uint64_t all, uint64_t part)
{
    return all > part ? all - part : 0;
}

static void add_rest(struct nta_incident *item, const struct nta_fact *fact,
                     const struct counted *requests)
{
    const uint64_t up = rest_of(fact->flow_up, requests ? requests->up : 0);
    const uint64_t down = rest_of(fact->flow_down, requests ? requests->down : 0);

    item->up += up;
    item->down += down;
    if (fact->grade == NTA_GRADE_WEAK) {
        item->up_weak += up;
        item->down_weak += down;
    }
}

/** Of one incident; `counted` has space for as many as it has facts. */
static void count_rest(const struct nta_incidents *set, struct nta_incident *item,
                       struct counted *counted)
{
    const struct nta_fact *facts = set->facts + item->first;
    const size_t n = count_requests(facts, item->n_facts, counted);

    for (size_t i = 0; i < item->n_facts; i++) {
        const struct counted wanted = {.about = facts[i].about};
        const struct counted *requests =
            n && wanted.about ? bsearch(&wanted, counted, n, sizeof(*counted), order_counted)
                              : NULL;

        if (facts[i].flow_up + facts[i].flow_down > 0 && (!requests || facts[i].has_gaps))
            add_rest(item, &facts[i], requests);
    }
}

int nta_incidents_count_rest(struct nta_incidents *set)
{
    struct counted *counted = calloc(set->n_facts ? set->n_facts : 1, sizeof(*counted));

    if (!counted)
        return -ENOMEM;
    for (size_t i = 0; i < set->n_items; i++)
        count_rest(set, &set->items[i], counted);
    free(counted);
    return 0;
}
