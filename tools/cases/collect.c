/* SPDX-License-Identifier: Apache-2.0 */
#include "cases/collect.h"

#include "base/own.h"
#include "base/prose.h"
#include "cases/lines.h"
#include "cases/noted.h"
#include "evidence/archive.h"
#include "output/term.h"
#include "search/inclusion.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct collecting
{
    struct nta_stores *stores;
    struct nta_opener *opener;
    const struct nta_wanted *wanted;
    struct nta_chain *chain;            ///< Owned.
    struct nta_case *kase;              ///< Owned.
    struct nta_case_given_heads *given; ///< Heads that somebody noted; NULL: none.
    struct nta_batch batch;
    size_t n_records;
    uint64_t n_seen;
    /* the sensor at its turn, and its newest batch */
    struct nta_case_sensor *sensor;
    struct nta_chain_sensor proved;
};

static void collecting_done(struct collecting *collecting)
{
    nta_chain_free(&collecting->chain);
    nta_case_free(&collecting->kase);
    nta_batch_done(&collecting->batch);
}

/* ---- batches with records ---- */

static struct nta_case_sensor *find_sensor(struct nta_case *kase, const struct nta_trusted *trusted)
{
    for (size_t i = 0; i < kase->n_sensors; i++)
        if (memcmp(kase->sensors[i].identity, trusted->public_key, NTA_KEY_LEN) == 0)
            return &kase->sensors[i];
    return NULL;
}

static struct nta_case_sensor *sensor_of(struct collecting *collecting,
                                         const struct nta_header *header)
{
    const struct nta_trusted *trusted = nta_trust_find(&collecting->stores->trust, header->sensor);
    struct nta_case_sensor *sensor = trusted ? find_sensor(collecting->kase, trusted) : NULL;

    if (!trusted || sensor)
        return sensor;
    sensor = nta_case_add_sensor(collecting->kase);
    if (sensor)
        memcpy(sensor->identity, trusted->public_key, NTA_KEY_LEN);
    return sensor;
}

static struct nta_case_head *put_head(struct collecting *collecting, struct nta_case_sensor *sensor,
                                      const struct nta_stored *row)
{
    struct nta_case_head *head = nta_case_add_head(sensor);

    if (!head)
        return NULL;
    head->sealed =
        (struct nta_sealed){.header = row->sealed.header, .signature = row->sealed.signature};
    if (nta_case_keep(collecting->kase, &head->sealed.header) < 0 ||
        nta_case_keep(collecting->kase, &head->sealed.signature) < 0 ||
        !nta_header_decode(head->sealed.header, &head->header))
        return NULL;
    return head;
}

static int put_record(struct collecting *collecting, struct nta_case_head *head, uint64_t index)
{
    struct nta_case_record *record = nta_case_add_record(head);
    struct nta_case *kase = collecting->kase;
    struct nta_proof proof;

    if (!record)
        return -ENOMEM;
    int r = nta_opener_prove(collecting->opener, &collecting->batch, index, &proof);

    if (r < 0)
        return r;
    record->index = index;
    record->salt = (struct nta_span){.ptr = proof.salt, .len = sizeof(proof.salt)};
    record->path = (struct nta_span){.ptr = proof.path[0], .len = proof.n_path * NTA_HASH_LEN};
    record->bytes = nta_batch_record(&collecting->batch, index);
    r = nta_case_keep(kase, &record->salt);
    if (r == 0)
        r = nta_case_keep(kase, &record->path);
    if (r == 0)
        r = nta_case_keep(kase, &record->bytes);
    collecting->n_records += r == 0;
    return r;
}

static bool is_wanted(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict)
{
    struct collecting *collecting = owner;

    (void)verdict;
    if (++collecting->n_seen % 1024 == 0)
        nta_progress_show("batch %" PRIu64, row->header.number);
    return nta_wanted_of(collecting->wanted, &row->header);
}

static int on_batch(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict,
                    struct nta_err *err)
{
    struct collecting *collecting = owner;
    const struct nta_wanted_id *id = nta_wanted_of(collecting->wanted, &row->header);

    if (!verdict->shows || !id)
        return 0;
    if (row->header.version != 2)
        return nta_err_set(err, -ENODATA,
                           "batch %" PRIu64 " is of format 1, of which no case can be made: nta "
                           "records and nta verify --store show and check it",
                           row->header.number);
    if (nta_opener_open(collecting->opener, &row->sealed, &collecting->batch, err) < 0)
        return -ENODATA;
    struct nta_case_sensor *sensor = sensor_of(collecting, &row->header);
    struct nta_case_head *head = sensor ? put_head(collecting, sensor, row) : NULL;
    int r = head ? put_record(collecting, head, id->index) : -ENOMEM;

    while (r == 0 && nta_wanted_goes_on(collecting->wanted, id))
        r = put_record(collecting, head, (++id)->index);
    return r < 0 ? nta_err_sys(err, r, "batch %" PRIu64, row->header.number) : 0;
}

static int walk(struct collecting *collecting, struct nta_err *err)
{
    int r = nta_stores_judge(collecting->stores, false, &collecting->chain, err);

    if (r < 0)
        return r;
    const struct nta_stores_walk walk = {
        .chain = collecting->chain,
        .opener = collecting->opener,
        .wants = is_wanted,
        .wants_owner = collecting,
        .each = on_batch,
        .owner = collecting,
    };

    r = nta_stores_each(collecting->stores, &walk, err);
    if (r == 0)
        r = nta_stores_end(collecting->stores, collecting->chain, false, err);
    if (r == 0 && collecting->n_records < collecting->wanted->n)
        r = nta_err_set(err, -ENODATA,
                        "of %zu records that belong to the case only %zu can be proved: nta verify "
                        "says why",
                        collecting->wanted->n, collecting->n_records);
    return r;
}

/* ---- headers that name keys, and the newest ---- */

/** A header that the walk proved: the judge knows it again. */
static bool is_proved(struct collecting *collecting, const struct nta_stored *row)
{
    struct nta_verdict verdict;

    if (row->faults & NTA_ROW_HEADER || row->header.version != 2)
        return false;
    nta_chain_turn(collecting->chain);
    nta_chain_look(collecting->chain, row, false, &verdict);
    return nta_chain_prove(collecting->chain, row, NTA_CHAIN_NOW, &verdict) == 0 &&
           (verdict.is_again || verdict.shows);
}

static int on_head(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct collecting *collecting = owner;

    if (row->header.number > collecting->proved.last || !is_proved(collecting, row))
        return 0;
    return put_head(collecting, collecting->sensor, row) ? 0
                                                         : nta_err_sys(err, -ENOMEM, "evidence");
}

static int each_head(struct collecting *collecting, bool marked_only, uint64_t from_number,
                     struct nta_err *err)
{
    const struct nta_store_query query = {
        .sensor = collecting->proved.trusted->sensor,
        .from_number = from_number,
        .marked_only = marked_only,
        .wants = nta_store_wants_none,
    };
    struct nta_store *all[] = {collecting->stores->mysql, collecting->stores->journal};
    int r = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(all) && r == 0; i++)
        if (all[i])
            r = nta_store_each(all[i], &query, on_head, collecting, err);
    return r;
}

/** Batches that came meanwhile are behind the newest one and left out by on_head(). */
static int put_heads(struct collecting *collecting, struct nta_err *err)
{
    int r = each_head(collecting, true, 0, err);

    if (r == 0)
        r = each_head(collecting, false, collecting->proved.last, err);
    nta_case_sort(collecting->kase);
    return r;
}

/* ---- paths in the tree ---- */

static int set_paths(struct collecting *collecting, const struct nta_inclusion *inclusions,
                     size_t n, struct nta_err *err)
{
    struct nta_case_sensor *sensor = collecting->sensor;
    size_t at = 0;

    for (size_t i = 0; i < sensor->n_heads && at < n; i++) {
        struct nta_case_head *head = &sensor->heads[i];

        if (head->header.number != inclusions[at].number)
            continue;
        head->path = (struct nta_span){.ptr = inclusions[at].proof.hashes[0],
                                       .len = inclusions[at].proof.n * NTA_HASH_LEN};
        at++;
        if (nta_case_keep(collecting->kase, &head->path) < 0)
            return nta_err_sys(err, -ENOMEM, "evidence");
    }
    return 0;
}

/** Of the batches with records, in the tree whose hash the newest header signs. */
static int put_paths(struct collecting *collecting, struct nta_err *err)
{
    struct nta_case_sensor *sensor = collecting->sensor;
    const struct nta_case_head *newest = &sensor->heads[sensor->n_heads - 1];
    struct nta_tree_head tree = {.n = newest->header.number - 1};
    NTA_AUTO_FREE struct nta_inclusion *inclusions = calloc(sensor->n_heads, sizeof(*inclusions));
    size_t n = 0;

    if (!inclusions)
        return nta_err_sys(err, -ENOMEM, "evidence");
    memcpy(tree.sensor, newest->header.sensor, sizeof(tree.sensor));
    memcpy(tree.root, newest->header.log, sizeof(tree.root));
    for (size_t i = 0; i + 1 < sensor->n_heads; i++)
        if (sensor->heads[i].n_records)
            inclusions[n++].number = sensor->heads[i].header.number;
    int r = n ? nta_stores_prove_inclusions(collecting->stores, &tree, inclusions, n, err) : 0;

    if (r == 0)
        return set_paths(collecting, inclusions, n, err);
    if (r != -ENODATA && r != -EBADMSG && r != -E2BIG)
        return r;
    nta_progress_wipe();
    nta_prose_print(stderr,
                    "nta: %s: so the case has no path from its batches to the newest one, and "
                    "proves them by their signatures alone\n",
                    err->text);
    return 0;
}

static int complete(struct collecting *collecting, struct nta_err *err)
{
    const struct nta_chain_sensor *proved = &collecting->proved;
    int r = 0;

    for (size_t i = 0; r == 0 && nta_chain_get(collecting->chain, i, &collecting->proved); i++) {
        collecting->sensor = find_sensor(collecting->kase, proved->trusted);
        if (!collecting->sensor)
            continue;
        r = put_heads(collecting, err);
        collecting->sensor = find_sensor(collecting->kase, proved->trusted); /* it was sorted */
        if (r == 0)
            r = put_paths(collecting, err);
        if (r == 0 && collecting->given)
            r = nta_case_collect_noted(collecting->kase, collecting->sensor, collecting->stores,
                                       collecting->given, err);
    }
    nta_case_sort(collecting->kase);
    return r;
}

int nta_case_collect(struct nta_search *search, const struct nta_wanted *wanted,
                     struct nta_case_given_heads *given, struct nta_case **ret_case,
                     struct nta_err *err)
{
    NTA_AUTO(collecting_done)
    struct collecting collecting = {
        .stores = nta_search_stores(search),
        .opener = nta_search_opener(search),
        .wanted = wanted,
        .given = given,
        .kase = nta_case_new(),
    };

    nta_batch_init(&collecting.batch);
    if (!collecting.kase)
        return nta_err_sys(err, -ENOMEM, "evidence");
    collecting.kase->program = nta_case_program();
    int r = walk(&collecting, err);

    if (r == 0)
        r = complete(&collecting, err);
    if (r == 0)
        r = nta_case_collect_lines(collecting.kase, collecting.stores->path, err);
    nta_progress_wipe();
    if (r == 0)
        *ret_case = NTA_TAKE(collecting.kase);
    return r;
}
