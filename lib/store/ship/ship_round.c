/* SPDX-License-Identifier: Apache-2.0 */
#include "store/ship/ship_round.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "store/share.h"
#include "store/ship/ship_indexes.h"
#include "store/walk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ALARM_NS (3600 * NTA_NS_PER_S)

void nta_shipment_done(struct nta_shipment *shipment)
{
    nta_store_close(&shipment->journal);
    nta_store_close(&shipment->mysql);
    nta_buf_done(&shipment->parcel.bytes);
    nta_ship_indexes_done(&shipment->parcel.indexes);
}

/* ---- where both stand ---- */

/** The journal's first batch from a number on. */
struct nta_ship_first
{
    bool found;
    struct nta_store_head head,
        previous; ///< Its own, and the hash that it holds (zeros: it cannot be read).
};

static int take_first(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    struct nta_ship_first *first = owner;

    (void)err;
    first->found = true;
    first->head.number = batch->header.number;
    nta_header_hash(&batch->sealed, first->head.hash);
    first->previous.number = batch->header.number - 1;
    if (!(batch->faults & NTA_ROW_HEADER))
        memcpy(first->previous.hash, batch->header.previous, NTA_HASH_LEN);
    return 1;
}

static void log_fork(uint64_t number)
{
    nta_log_error(
        "MySQL and the journal hold different batches with number %" PRIu64
        " or before it: the journal was lost or put back from a copy.  What is numbered so "
        "stays in the journal, what follows is sent; \"nta verify\" shows where the chain "
        "parts",
        number);
}

/** How many of the numbers up to this one the journal has with their contents. */
struct whole
{
    uint64_t up_to, n;
};

static int count_whole(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    struct whole *whole = owner;

    (void)err;
    if (batch->header.number > whole->up_to)
        return 1;
    whole->n += batch->faults == 0;
    return 0;
}

/** MySQL had these: it is an older copy, or another database. */
static int report_older(struct nta_shipment *shipment, uint64_t first, uint64_t last,
                        struct nta_err *err)
{
    const struct nta_store_query query = {.sensor = shipment->options->sensor,
                                          .from_number = first};
    struct whole whole = {.up_to = last};
    char detail[NTA_HEALTH_DETAIL_SIZE];
    int result = nta_store_each(shipment->journal, &query, count_whole, &whole, err);

    if (result < 0)
        return result;
    (void)snprintf(detail, sizeof(detail),
                   "it was put back from a copy, emptied, or is another database: of batches "
                   "%" PRIu64 " to %" PRIu64 " the journal still holds %" PRIu64
                   " whole, and sends what it has again; the others are gone, unless you find the "
                   "database as it was, or its binary log (\"nta verify\" names them)",
                   first, last, whole.n);
    if (!shipment->options->health) /* which says so itself */
        nta_log_error("MySQL lacks batches that it had: %s", detail);
    nta_health_set(shipment->options->health, NTA_CAUSE_MYSQL_OLDER, detail);
    shipment->older_mono_ns = nta_clock_mono_ns();
    return 0;
}

/** What happened once stays BAD for a while: whoever looks now and then is to see it. */
static void end_alarm(struct nta_shipment *shipment)
{
    if (!shipment->older_mono_ns || nta_clock_mono_ns() - shipment->older_mono_ns < ALARM_NS)
        return;
    nta_health_set(shipment->options->health, NTA_CAUSE_MYSQL_OLDER, NULL);
    shipment->older_mono_ns = 0;
}

/**
 * Since we last put something there, MySQL's chain moved: our own commit whose answer was lost, or
 * somebody else.
 */
static int find_out(const struct nta_shipment *shipment, const struct nta_store_head *there,
                    const struct nta_ship_first *first, struct nta_err *err)
{
    if (nta_store_head_is(there, &shipment->there) || there->number < shipment->there.number ||
        (first->found && nta_store_head_is(there, &first->head)))
        return 0;
    return nta_err_set(
        err, -EEXIST,
        "MySQL's chain of this sensor is at a batch %" PRIu64 " that is not ours (ours is %" PRIu64
        "): another ntad sends with this sensor's key.  Nothing more is sent until it "
        "does not, and ntad was started anew",
        there->number, shipment->there.number);
}

/**
 * What the journal holds at and behind MySQL's last batch: does it go on there?  Gives the last of
 * the numbers that are in neither of them, 0: none.
 */
static uint64_t compare(struct nta_shipment *shipment, const struct nta_store_head *there,
                        const struct nta_store_head *here, const struct nta_ship_first *first)
{
    bool is_last = first->found && first->head.number == there->number;
    bool is_next = first->found && first->head.number == there->number + 1;

    if (here->number == 0 || (is_last && nta_store_head_is(&first->head, there)))
        return 0;
    if (is_last || here->number < there->number ||
        (here->number == there->number && !nta_store_head_is(here, there)) ||
        (is_next && memcmp(first->previous.hash, there->hash, NTA_HASH_LEN) != 0)) {
        log_fork(there->number);
        shipment->kept = there->number;
        return 0;
    }
    const uint64_t missing = first->found ? first->head.number - 1 : here->number;

    return missing > there->number ? missing : 0;
}

/** Both chains, and MySQL's with what it acknowledged: heads in the journal hide no hole. */
static int compare_all(struct nta_shipment *shipment, const struct nta_store_head *there,
                       const struct nta_store_head *here, const struct nta_ship_first *first,
                       struct nta_err *err)
{
    uint64_t missing = there->number > 0 ? compare(shipment, there, here, first) : 0;

    if (shipment->had > there->number && shipment->had > missing)
        missing = shipment->had;
    return missing ? report_older(shipment, there->number + 1, missing, err) : 0;
}

/** The tree over the links of MySQL's chain, as far as its row has the frontier. */
static void take_tree(struct nta_shipment *shipment, const struct nta_store_place *there)
{
    shipment->log = (struct nta_log_tree){0};
    if (there->head.number > 0 &&
        nta_log_from_frontier(there->head.number - 1,
                              (struct nta_span){there->frontier, there->n_frontier},
                              &shipment->log))
        nta_log_add(&shipment->log, there->head.hash);
}

/**
 * Whether MySQL keeps indexes, where batches go in any case: said once, and when it is well.  0, or
 * -ENOTCONN: there is no connection any more.
 */
static int look_at_indexes(struct nta_shipment *shipment, struct nta_err *err)
{
    struct nta_health *health = shipment->options->health;
    struct nta_err why = {0};
    const int r = nta_store_keeps_indexes(shipment->mysql, &why);
    const bool lacks = r != 0;

    if (r == -ENOTCONN)
        return nta_err_set(err, r, "%s", why.text);
    if (!health && lacks != shipment->lacks_indexes) /* which says so itself */
        nta_log_warning("indexes %s%s", lacks ? "do not reach MySQL: " : "reach MySQL again",
                        why.text);
    nta_health_set(health, NTA_CAUSE_INDEXES, lacks ? why.text : NULL);
    shipment->lacks_indexes = lacks;
    return 0;
}

/**
 * After a crash between MySQL's acknowledgement and the journal's forgetting, MySQL is ahead of
 * what the journal thinks.  Where its last batch is one of the journal's, all up to it are there:
 * each header holds the hash of the one before.  What is sent follows MySQL's last batch in any
 * case; what is numbered below it and is not there stays here.
 */
static int agree(struct nta_shipment *shipment, struct nta_err *err)
{
    const struct nta_ship_options *options = shipment->options;
    struct nta_store_place there_at, here_at;
    struct nta_ship_first first = {0};
    int result = nta_store_get_place(shipment->mysql, options->sensor, &there_at, err);

    if (result == 0)
        result = nta_store_get_place(shipment->journal, options->sensor, &here_at, err);
    if (result < 0)
        return result;
    const struct nta_store_head there = there_at.head, here = here_at.head;

    if (there.number > 0) {
        const struct nta_store_query query = {
            .sensor = options->sensor, .from_number = there.number, .wants = nta_store_wants_none};

        result = nta_store_each(shipment->journal, &query, take_first, &first, err);
    }
    if (result >= 0 && there.number > nta_store_number_max(here.number))
        result = nta_err_set(err, -EPROTO,
                             "MySQL's chain row of this sensor says batch %" PRIu64
                             ", which no chain reaches: somebody wrote it.  Nothing is sent until "
                             "it is set right",
                             there.number);
    if (result >= 0 && shipment->was_agreed)
        result = find_out(shipment, &there, &first, err);
    if (result < 0)
        return result;
    result = compare_all(shipment, &there, &here, &first, err);
    if (result < 0)
        return result;
    shipment->there = there;
    shipment->had = there.number;
    shipment->has_key = false; /* it may have gone with the batches */
    take_tree(shipment, &there_at);
    shipment->acked = there.number;
    shipment->was_agreed = true;
    if (options->acknowledged)
        options->acknowledged(options->owner, &there, shipment->kept);
    return look_at_indexes(shipment, err);
}

/* ---- a parcel ---- */

/** A row that is not what was written, or is there twice: it is evidence, and stays where it is. */
static bool keeps(struct nta_shipment *shipment, const struct nta_stored *batch)
{
    const struct nta_parcel *parcel = &shipment->parcel;
    uint64_t before =
        parcel->n_batches ? parcel->batches[parcel->n_batches - 1].header.number : shipment->acked;

    if (!(batch->faults & ~(unsigned)NTA_ROW_ABSENT) && batch->header.number > before)
        return false; /* the head of one whose content was destroyed goes, too */
    if (batch->header.number > shipment->kept && batch->header.number <= INT64_MAX) {
        nta_log_error("a row of the journal, batch %" PRIu64
                      ", is not as it was written: it is not sent, and stays; see \"nta verify\"",
                      batch->header.number);
        shipment->kept = batch->header.number;
    }
    return true;
}

static int pack(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    struct nta_shipment *shipment = owner;
    struct nta_parcel *parcel = &shipment->parcel;
    const struct nta_span spans[] = {batch->sealed.header, batch->sealed.signature,
                                     batch->sealed.tokens, batch->sealed.body};

    if (keeps(shipment, batch))
        return 0;
    for (size_t i = 0; i < NTA_N_ELEMENTS(spans); i++)
        nta_buf_put(&parcel->bytes, spans[i].ptr, spans[i].len);
    if (parcel->bytes.failed)
        return nta_err_set(err, -ENOMEM, "out of memory");
    parcel->batches[parcel->n_batches] = *batch;
    parcel->batches[parcel->n_batches++].header.notes = (struct nta_span){.len = 0};
    /* one with indexes is the last: so a parcel has those of one header */
    return parcel->n_batches == NTA_PARCEL_BATCHES || parcel->bytes.len >= NTA_PARCEL_BYTES ||
           nta_store_marks_of(&batch->header) & NTA_MARK_INDEX;
}

/** The lengths stand; now that the bytes do not move any more, say where each part lies. */
static void point_into(struct nta_parcel *parcel)
{
    const uint8_t *pos = parcel->bytes.ptr;

    for (size_t i = 0; i < parcel->n_batches; i++) {
        struct nta_sealed *sealed = &parcel->batches[i].sealed;
        struct nta_span *spans[] = {&sealed->header, &sealed->signature, &sealed->tokens,
                                    &sealed->body};

        for (size_t k = 0; k < NTA_N_ELEMENTS(spans); k++) {
            spans[k]->ptr = pos;
            pos += spans[k]->len;
        }
        if (parcel->batches[i].header.n_notes > 0) /* which lie in the header's bytes */
            (void)nta_header_decode(sealed->header, &parcel->batches[i].header);
    }
}

static int fill_parcel(struct nta_shipment *shipment, struct nta_err *err)
{
    struct nta_parcel *parcel = &shipment->parcel;
    struct nta_store_query query = {
        .sensor = shipment->options->sensor,
        .from_number = shipment->acked + 1,
    };
    int result;

    parcel->n_batches = 0;
    if (parcel->bytes.size > NTA_PARCEL_KEEP_BYTES)
        nta_buf_done(&parcel->bytes);
    nta_buf_clear(&parcel->bytes);
    result = nta_store_each(shipment->journal, &query, pack, shipment, err);
    if (result < 0)
        return result;
    if (parcel->n_batches == 0)
        return 0;
    point_into(parcel);
    return nta_ship_indexes_take(&parcel->indexes, shipment->journal,
                                 &parcel->batches[parcel->n_batches - 1], err);
}

/** One data key, by its id. */
static int ship_key(struct nta_shipment *shipment, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                    struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
    struct nta_stored_key stored;
    int result = nta_store_find_key(shipment->journal, id, &blob, &stored, err);

    if (result < 0)
        return result;
    if (result == 0 || stored.faults) {
        nta_log_error("the journal does not hold the data key of a batch that is sent now: it "
                      "cannot be opened unless MySQL has the key already");
        return 0;
    }
    return nta_store_put_key(shipment->mysql, &stored.key, err);
}

/**
 * A batch must never be where its key is not: each key that one of them needs goes first, however
 * old it says it is.
 */
static int ship_keys(struct nta_shipment *shipment, struct nta_err *err)
{
    const struct nta_parcel *parcel = &shipment->parcel;

    for (size_t i = 0; i < parcel->n_batches; i++) {
        const uint8_t *id = parcel->batches[i].header.data_key;

        if (parcel->batches[i].faults & NTA_ROW_ABSENT)
            continue; /* destroyed, as its contents were */
        if (shipment->has_key && memcmp(id, shipment->key_id, NTA_DATA_KEY_ID_LEN) == 0)
            continue;
        int result = ship_key(shipment, id, err);

        if (result < 0)
            return result;
        memcpy(shipment->key_id, id, NTA_DATA_KEY_ID_LEN);
        shipment->has_key = true;
    }
    return 0;
}

/**
 * The frontier that MySQL's row gets with the parcel: of the tree over the links before its last
 * batch, whose signed `log` says which it is.  Where the row had none, the journal's has it as soon
 * as both are at the same batch; until then it is empty.
 */
static struct nta_span find_frontier(struct nta_shipment *shipment,
                                     uint8_t bytes[NTA_LOG_FRONTIER_MAX],
                                     struct nta_log_tree *ret_tree)
{
    const struct nta_parcel *parcel = &shipment->parcel;
    const struct nta_header *last = &parcel->batches[parcel->n_batches - 1].header;
    struct nta_log_tree tree = shipment->log;
    struct nta_store_place here;
    uint8_t root[NTA_HASH_LEN], link[NTA_HASH_LEN];

    for (size_t i = 0; i < parcel->n_batches; i++) {
        uint64_t number = parcel->batches[i].header.number;

        if (number > tree.n + 1) /* numbers that were lost; if not, the root does not fit */
            (void)nta_log_add_lost(&tree, number - 1 - tree.n);
        if (i + 1 == parcel->n_batches)
            break;
        nta_header_hash(&parcel->batches[i].sealed, link);
        nta_log_add(&tree, link);
    }
    nta_log_root(&tree, root);
    nta_header_hash(&parcel->batches[parcel->n_batches - 1].sealed, link);
    *ret_tree = (struct nta_log_tree){0};
    if ((tree.n + 1 != last->number || memcmp(root, last->log, sizeof(root)) != 0) &&
        (nta_store_get_place(shipment->journal, last->sensor, &here, NULL) < 0 ||
         here.head.number != last->number || memcmp(here.head.hash, link, sizeof(link)) != 0 ||
         !nta_log_from_frontier(last->number - 1, (struct nta_span){here.frontier, here.n_frontier},
                                &tree)))
        return (struct nta_span){.len = 0};
    *ret_tree = tree;
    nta_log_add(ret_tree, link);
    return (struct nta_span){bytes, nta_log_frontier(&tree, bytes)};
}

/** The parcel goes to MySQL, with all that its chain's row gets.  0, or negative errno. */
static int send_parcel(struct nta_shipment *shipment, struct nta_err *err)
{
    const struct nta_parcel *parcel = &shipment->parcel;
    uint8_t bytes[NTA_LOG_FRONTIER_MAX];
    struct nta_log_tree tree;
    struct nta_span frontier = find_frontier(shipment, bytes, &tree);
    int result = nta_store_append(shipment->mysql, &shipment->there, parcel->batches,
                                  parcel->n_batches, frontier, err);

    if (result < 0)
        return result;
    shipment->log = tree;
    shipment->acked = shipment->had = shipment->there.number =
        parcel->batches[parcel->n_batches - 1].header.number;
    nta_header_hash(&parcel->batches[parcel->n_batches - 1].sealed, shipment->there.hash);
    return 0;
}

/**
 * The last one stays: so the journal's last batch is always the one that its chain row names.  So
 * do heads that name a key or have notes, without which nothing in the journal could be judged
 * while MySQL is away.
 *
 * Forgetting writes, and a full disk refuses that: then batches are sent all the same, and it is
 * tried again later.
 */
static void forget_acked(struct nta_shipment *shipment)
{
    struct nta_err err = {0};

    uint64_t from =
        (shipment->kept > shipment->forgotten ? shipment->kept : shipment->forgotten) + 1;

    if (shipment->acked < 2 || from > shipment->acked - 1)
        return;
    int r = nta_store_forget_from(shipment->journal, shipment->options->sensor, from,
                                  shipment->acked - 1, &err);

    if (r == 0)
        shipment->forgotten = shipment->acked - 1;
    else if (!shipment->forget_failed)
        nta_log_warning("what MySQL has is still in the journal, too: %s", err.text);
    shipment->forget_failed = r < 0;
}

/** The journal was removed or replaced: what is there now is another. */
static int be_open(struct nta_shipment *shipment, struct nta_err *err)
{
    if (shipment->journal && nta_store_has_moved(shipment->journal))
        nta_store_close(&shipment->journal);
    if (shipment->journal)
        return 0;
    shipment->is_agreed = false;
    shipment->forgotten = 0;
    shipment->has_key = false;
    return nta_store_open_sqlite(shipment->options->journal_path, true, &shipment->journal, err);
}

/** Nothing waits: is the server there all the same?  0, or negative errno. */
static int find_server(struct nta_shipment *shipment, struct nta_err *err)
{
    struct nta_store_place place;
    const int r = nta_store_get_place(shipment->mysql, shipment->options->sensor, &place, err);

    if (r < 0)
        return r == -EBADMSG ? 0 : r; /* the next parcel mends it */
    return shipment->lacks_indexes ? look_at_indexes(shipment, err) : 0;
}

int nta_ship_round(struct nta_shipment *shipment, struct nta_err *err)
{
    struct nta_parcel *parcel = &shipment->parcel;
    int result = be_open(shipment, err);

    if (result == 0 && !shipment->mysql)
        result = nta_store_open_mysql(&shipment->options->mysql, &shipment->mysql, err);
    if (result == 0 && !shipment->is_agreed)
        result = agree(shipment, err);
    if (result < 0)
        return result;
    shipment->is_agreed = true;
    end_alarm(shipment);
    forget_acked(shipment);
    result = fill_parcel(shipment, err);
    if (result < 0)
        return result;
    atomic_store_explicit(&shipment->oldest_ns,
                          parcel->n_batches ? parcel->batches[0].header.first_ns : 0,
                          memory_order_relaxed);
    if (parcel->n_batches == 0)
        return find_server(shipment, err);
    result = ship_keys(shipment, err);
    if (result == 0)
        result = send_parcel(shipment, err);
    if (result < 0)
        return result;
    if (parcel->batches[parcel->n_batches - 1].n_indexes > 0 && look_at_indexes(shipment, err) < 0)
        shipment->is_agreed = false; /* the parcel is there */
    nta_count(&shipment->counters, NTA_COUNTER_SHIPPED, parcel->n_batches);
    if (shipment->options->acknowledged)
        shipment->options->acknowledged(shipment->options->owner, &shipment->there, shipment->kept);
    forget_acked(shipment);
    return 1;
}
