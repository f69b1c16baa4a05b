/* SPDX-License-Identifier: Apache-2.0 */
/* The MySQL store: what is written. */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "base/text.h"
#include "store/mysql/mysql_calls.h"
#include "store/mysql/mysql_rows.h"
#include "store/mysql/mysql_statements.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

/** A statement for contents of the header's class; those of the classes lie behind `first`. */
static enum nta_mysql_statement of_class(enum nta_mysql_statement first,
                                         const struct nta_header *header)
{
    return (enum nta_mysql_statement)((unsigned)first + (unsigned)header->class);
}

enum
{
    TRIES_MAX = 6
};

/*
 * A lock that somebody holds for longer than one wait (5 s, and once more) is an outage, which is
 * told.
 */
#define TRIES_NS (8 * NTA_NS_PER_S)

/** How often something was tried, and since when. */
struct tries
{
    int64_t began_ns;
    unsigned n;
};

static struct tries begin_tries(void)
{
    return (struct tries){.began_ns = nta_clock_mono_ns()};
}

/**
 * True, after a pause that doubles, if it is to be tried again: a deadlock, at any statement or (on
 * a cluster) at the commit, undid all of it.
 */
static bool try_again(struct tries *tries, int result)
{
    struct timespec pause = {.tv_nsec = 10 * NTA_NS_PER_MS << tries->n};

    if (result != -EAGAIN || ++tries->n == TRIES_MAX ||
        nta_clock_mono_ns() - tries->began_ns >= TRIES_NS)
        return false;
    (void)nanosleep(&pause, NULL);
    return true;
}

/** Commit if all went well (`result` 0), else undo all of it. */
static int end_transaction(struct nta_mysql *mysql, int result, struct nta_err *err)
{
    if (result == 0)
        result = nta_mysql_query(mysql, "COMMIT", "commit", NULL, 0, err);
    /* a connection whose state is in doubt is not used again */
    if (result < 0 && !mysql->is_lost &&
        nta_mysql_query(mysql, "ROLLBACK", "roll back", NULL, 0, NULL) < 0)
        mysql->is_lost = true;
    return result;
}

static int put_key(struct nta_mysql *mysql, const struct nta_wrapped_key *key, struct nta_err *err)
{
    struct nta_mysql_binds params = {0};
    int result = nta_mysql_ready(mysql, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (result < 0)
        return result;
    nta_mysql_bind_bytes(&params, key->id, sizeof(key->id));
    nta_mysql_bind_bytes(&params, key->sensor, sizeof(key->sensor));
    nta_mysql_bind_number(&params, key->class, true);
    nta_mysql_bind_number(&params, (uint64_t)key->day, false);
    nta_mysql_bind_bytes(&params, key->blob.ptr, key->blob.len);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_PUT_KEY, &params, NULL, &result, err);
    return statement || result == -EEXIST ? 0 : result;
}

int nta_mysql_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
                      struct nta_err *err)
{
    struct tries tries = begin_tries();
    int result;

    do
        result = put_key(nta_mysql_of(store), key, err);
    while (try_again(&tries, result));
    return result;
}

/** The sentence for a right that only destroying needs. */
static int refuse_right(const struct nta_mysql *mysql, const char *table, struct nta_err *err)
{
    char user[128], database[128];

    (void)nta_text_escape_to(user, sizeof(user), nta_span_of(mysql->user));
    (void)nta_text_escape_to(database, sizeof(database), nta_span_of(mysql->database));
    return nta_err_set(err, -EACCES,
                       "MySQL at %s: user '%s' may not overwrite data keys in '%s': GRANT UPDATE "
                       "ON `%s`.%s TO '%s'",
                       mysql->where, user, database, database, table, user);
}

static int destroy_key(struct nta_mysql *mysql, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       enum nta_class class, int64_t day, struct nta_err *err)
{
    struct nta_mysql_binds params = {0};
    int result = nta_mysql_ready(mysql, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (result < 0)
        return result;
    nta_mysql_bind_bytes(&params, sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(&params, class, true);
    nta_mysql_bind_number(&params, (uint64_t)day, false);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_DESTROY_KEY, &params, NULL, &result, err);
    if (!statement && result == -EACCES)
        return refuse_right(mysql, "data_key", err);
    return statement ? 0 : result;
}

int nta_mysql_destroy_key(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          enum nta_class class, int64_t day, struct nta_err *err)
{
    struct tries tries = begin_tries();
    int result;

    do
        result = destroy_key(nta_mysql_of(store), sensor, class, day, err);
    while (try_again(&tries, result));
    return result;
}

/** The number is taken: 1 if by this very batch, else -EEXIST. */
static int compare_held(struct nta_mysql *mysql, const struct nta_stored *batch,
                        struct nta_err *err)
{
    struct nta_store_last held = {.n_header = 0};
    int result = nta_mysql_get_last(mysql, NTA_MYSQL_HELD, batch->header.sensor,
                                    batch->header.number, &held, err);

    if (result < 0)
        return result;
    if (result > 0 && nta_store_same(&batch->sealed, (struct nta_span){held.header, held.n_header},
                                     (struct nta_span){held.signature, NTA_SIGNATURE_LEN}))
        return 1;
    return nta_store_refuse(batch, err);
}

/** 0: it is written; 1: this very batch is there; negative errno. */
static int put_head(struct nta_mysql *mysql, const struct nta_stored *batch, struct nta_err *err)
{
    const struct nta_header *header = &batch->header;
    const struct nta_sealed *sealed = &batch->sealed;
    struct nta_mysql_binds params = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_bytes(&params, header->sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(&params, header->number, true);
    nta_mysql_bind_number(&params, header->class, true);
    nta_mysql_bind_number(&params, (uint64_t)nta_day_of(header->sealed_ns), false);
    nta_mysql_bind_number(&params, (uint64_t)header->first_ns, false);
    nta_mysql_bind_number(&params, (uint64_t)header->last_ns, false);
    nta_mysql_bind_number(&params, header->n_records, true);
    nta_mysql_bind_number(&params, nta_store_sealed_len(sealed), true);
    nta_mysql_bind_bytes(&params, header->data_key, NTA_DATA_KEY_ID_LEN);
    nta_mysql_bind_bytes(&params, sealed->header.ptr, sealed->header.len);
    nta_mysql_bind_bytes(&params, sealed->signature.ptr, sealed->signature.len);
    nta_mysql_bind_number(&params, nta_store_marks_of(header), true);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_PUT_HEAD, &params, NULL, &result, err);
    if (!statement && result == -EEXIST)
        return compare_held(mysql, batch, err);
    return statement ? 0 : result;
}

static void bind_place(struct nta_mysql_binds *params, const struct nta_header *header)
{
    nta_mysql_bind_number(params, (uint64_t)nta_day_of(header->sealed_ns), false);
    nta_mysql_bind_bytes(params, header->sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(params, header->number, true);
}

/** A content without its head is there: fine if it is this very one. */
static int compare_content(struct nta_mysql *mysql, const struct nta_stored *batch,
                           struct nta_err *err)
{
    const struct nta_sealed *sealed = &batch->sealed;
    struct nta_mysql_binds params = {0}, columns = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_bytes(&params, sealed->tokens.ptr, sealed->tokens.len);
    nta_mysql_bind_bytes(&params, sealed->body.ptr, sealed->body.len);
    bind_place(&params, &batch->header);
    nta_mysql_bind_number(&columns, 0, true);
    statement = nta_mysql_execute(mysql, of_class(NTA_MYSQL_HELD_CONTENT, &batch->header), &params,
                                  &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result < 0)
        return result;
    return result > 0 && columns.numbers[0] == 1 ? 0 : nta_store_refuse(batch, err);
}

static int put_content(struct nta_mysql *mysql, const struct nta_stored *batch, struct nta_err *err)
{
    const struct nta_sealed *sealed = &batch->sealed;
    struct nta_mysql_binds params = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    bind_place(&params, &batch->header);
    nta_mysql_bind_bytes(&params, sealed->tokens.ptr, sealed->tokens.len);
    nta_mysql_bind_bytes(&params, sealed->body.ptr, sealed->body.len);
    statement = nta_mysql_execute(mysql, of_class(NTA_MYSQL_PUT_CONTENT, &batch->header), &params,
                                  NULL, &result, err);
    if (!statement && result == -EEXIST)
        return compare_content(mysql, batch, err);
    return statement ? 0 : result;
}

static int put_index(struct nta_mysql *mysql, const struct nta_header *header,
                     const struct nta_stored_index *part, struct nta_err *err)
{
    struct nta_mysql_binds params = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_number(&params, (uint64_t)part->day, false);
    nta_mysql_bind_bytes(&params, header->sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(&params, header->number, true);
    nta_mysql_bind_number(&params, part->part, true);
    nta_mysql_bind_bytes(&params, part->bytes.ptr, part->bytes.len);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_PUT_INDEX + (unsigned)part->class, &params, NULL,
                                  &result, err);
    return statement || result == -EEXIST ? 0 : result;
}

/**
 * The indexes that the header notes, in the transaction of its batch: so there is none of a header
 * that never came.  Batches wait for no index: where a table is lacking, or this account may not
 * insert, they go without (nta_mysql_keeps_indexes()).
 */
static int put_indexes(struct nta_mysql *mysql, const struct nta_stored *batch, struct nta_err *err)
{
    bool is_refused[NTA_N_CLASSES] = {false};
    int result = 0;

    for (size_t i = 0; i < batch->n_indexes && result == 0; i++) {
        const struct nta_stored_index *part = &batch->indexes[i];

        if (mysql->found[NTA_MYSQL_INDEX + (unsigned)part->class].is_lacking ||
            is_refused[part->class])
            continue;
        result = put_index(mysql, &batch->header, part, err);
        if (result == -EACCES || result == -ENOENT) { /* refused before anything was done */
            is_refused[part->class] = true;
            result = 0;
        }
    }
    return result;
}

/** What is put, and whether that is with indexes. */
struct putting
{
    const struct nta_store_put *put;
    bool without_indexes, failed_at_index;
};

static int put_batch(struct nta_mysql *mysql, struct putting *putting,
                     const struct nta_stored *batch, struct nta_err *err)
{
    size_t len = nta_store_sealed_len(&batch->sealed);
    int result;

    if ((int64_t)len > mysql->packet_bytes - 1024)
        return nta_err_set(err, -EMSGSIZE,
                           "batch %" PRIu64 " has %zu bytes, MySQL at %s takes packets of %" PRId64
                           ": SET GLOBAL max_allowed_packet = 16777216",
                           batch->header.number, len, mysql->where, mysql->packet_bytes);
    result = put_head(mysql, batch, err);
    if (result != 0)
        return result < 0 ? result : 0;
    if (!(batch->faults & NTA_ROW_ABSENT))
        result = put_content(mysql, batch, err);
    if (result < 0 || putting->without_indexes)
        return result;
    result = put_indexes(mysql, batch, err);
    putting->failed_at_index = result < 0;
    return result;
}

static void bind_head(struct nta_mysql_binds *params, const struct nta_store_head *head)
{
    nta_mysql_bind_number(params, head->number, true);
    nta_mysql_bind_bytes(params, head->hash, sizeof(head->hash));
}

/** What a chain's row becomes. */
struct next
{
    struct nta_store_head head;
    struct nta_span frontier;
};

static struct next next_of(const struct nta_stored *batch, struct nta_span frontier)
{
    struct next next = {.head.number = batch->header.number, .frontier = frontier};

    nta_header_hash(&batch->sealed, next.head.hash);
    return next;
}

/** Set the row if it is at `head`: 1, 0 if it is not (or not there), negative errno. */
static int swap_row(struct nta_mysql *mysql, const uint8_t *sensor,
                    const struct nta_store_head *head, const struct next *next, struct nta_err *err)
{
    struct nta_mysql_binds params = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    bind_head(&params, &next->head);
    nta_mysql_bind_bytes(&params, next->frontier.ptr, next->frontier.len);
    nta_mysql_bind_bytes(&params, sensor, NTA_SENSOR_ID_LEN);
    bind_head(&params, head);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_SWAP_CHAIN, &params, NULL, &result, err);
    if (!statement)
        return result;
    return mysql_stmt_affected_rows(statement) == 1;
}

/** The sensor's first row.  -EAGAIN: another was faster. */
static int put_row(struct nta_mysql *mysql, const uint8_t *sensor, const struct next *next,
                   struct nta_err *err)
{
    struct nta_mysql_binds params = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_bytes(&params, sensor, NTA_SENSOR_ID_LEN);
    bind_head(&params, &next->head);
    nta_mysql_bind_bytes(&params, next->frontier.ptr, next->frontier.len);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_FIRST_CHAIN, &params, NULL, &result, err);
    if (!statement && result == -EEXIST)
        return nta_err_set(err, -EAGAIN, "MySQL at %s: another writer made the chain's row",
                           mysql->where);
    return statement ? 0 : result;
}

/**
 * Compare and set the chain's row, in the transaction of the batches; how many of them are there
 * already.
 */
static int move_row(struct nta_mysql *mysql, const struct nta_store_put *put, size_t *ret_n_there,
                    struct nta_err *err)
{
    const uint8_t *sensor = put->batches[0].header.sensor;
    const struct next next = next_of(&put->batches[put->n_batches - 1], put->frontier);
    struct nta_store_place row = {.n_frontier = 0};
    int result;

    *ret_n_there = 0;
    result = swap_row(mysql, sensor, put->head, &next, err);
    if (result != 0)
        return result < 0 ? result : 0;
    result = nta_mysql_get_chain(mysql, sensor, &row, err);
    if (result == 0 && put->head->number == 0) /* the sensor's first batches */
        return put_row(mysql, sensor, &next, err);
    if (result >= 0)
        result = nta_store_compare(&row.head, put, ret_n_there, err);
    if (result < 0 || *ret_n_there == put->n_batches)
        return result;
    /* a part of them is there: from where the row is on */
    result = swap_row(mysql, sensor, &row.head, &next, err);
    if (result == 0)
        return nta_err_set(err, -EAGAIN, "MySQL at %s: another writer moved the chain's row",
                           mysql->where);
    return result < 0 ? result : 0;
}

static int transact(struct nta_mysql *mysql, struct putting *putting, struct nta_err *err)
{
    const struct nta_store_put *put = putting->put;
    size_t n_there = 0;
    int result = nta_mysql_ready(mysql, err);

    if (result < 0)
        return result; /* there is no connection on which anything could be undone */
    result = nta_mysql_query(mysql, "START TRANSACTION", "begin to write", NULL, 0, err);
    if (result == 0)
        result = move_row(mysql, put, &n_there, err);
    for (size_t i = n_there; result == 0 && i < put->n_batches; i++)
        result = put_batch(mysql, putting, &put->batches[i], err);
    return end_transaction(mysql, result, err);
}

int nta_mysql_put_batches(struct nta_store *store, const struct nta_store_put *put,
                          struct nta_err *err)
{
    struct putting putting = {.put = put};
    struct tries tries = begin_tries();
    int result;

    if (!put->head)
        return nta_err_set(err, -ENOTSUP, "MySQL takes batches behind its chain row only");
    do
        result = transact(nta_mysql_of(store), &putting, err);
    while (try_again(&tries, result));
    if (result < 0 && putting.failed_at_index && result != -ENOTCONN) {
        nta_log_warning("batches go to MySQL without their indexes: %s", err->text);
        putting = (struct putting){.put = put, .without_indexes = true};
        result = transact(nta_mysql_of(store), &putting, err);
    }
    return result;
}
