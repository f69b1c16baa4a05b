/* SPDX-License-Identifier: Apache-2.0 */
/* The chain of a sensor goes on, whatever happened to its store, its state and its keys. */
#include "heads.h"
#include "store/lock.h"
#include "vault/note.h"

#include <errno.h>

static struct sensor sensor;
static struct sensor_heads heads;

static int setup(void **state)
{
    (void)state;
    sensor_init(&sensor);
    sensor.health = nta_health_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sensor_done(&sensor);
    return 0;
}

static bool is_on(enum nta_cause cause)
{
    return nta_health_is(sensor.health, cause);
}

/** Names and numbers of the losses that were found since, each once. */
static bool has_loss(const char *reason, uint64_t first, uint64_t last)
{
    struct nta_commit_loss loss;
    bool any = false;

    while (nta_commit_take_loss(sensor.commit, &loss))
        any |= strcmp(loss.first_reason, reason) == 0 && loss.first == first && loss.last == last;
    return any;
}

static void a_new_store_begins_with_the_sensors_first_batch(void **state)
{
    (void)state;
    sensor_open(&sensor);
    assert_int_equal(nta_commit_last(sensor.commit), 1);
    sensor_close(&sensor);
    sensor_open(&sensor); /* it is there, and not put again */
    assert_int_equal(sensor_put(&sensor), 2);
    assert_int_equal(sensor_put(&sensor), 3);
    sensor_close(&sensor);
    sensor_holds(&sensor, 3);
    assert_false(is_on(NTA_CAUSE_ROLLBACK) || is_on(NTA_CAUSE_SIGNING) || is_on(NTA_CAUSE_STATE));
}

static void the_key_changes_at_the_end_of_a_run_and_with_the_day(void **state)
{
    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    sensor.commit->day--; /* as if that had been yesterday */
    assert_int_equal(sensor_put(&sensor), 3);
    assert_int_equal(sensor_put(&sensor), 4);
    assert_int_equal(sensor_put_last(&sensor), 5);
    sensor_close(&sensor);
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 6);
    sensor_close(&sensor);
    sensor_holds(&sensor, 6);
    sensor_look(&sensor, &heads);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(heads.heads[i].header.has_next, i == 0 || i == 2 || i == 4);
    assert_false(is_on(NTA_CAUSE_SIGNING));
    assert_int_equal(heads.heads[2].header.clock > 0, heads.heads[3].header.clock > 0);
    assert_in_range(heads.heads[5].header.sealed_ns, nta_clock_wall_ns() - 60 * NTA_NS_PER_S,
                    nta_clock_wall_ns());
}

/** Batches 4 and 5 were in a journal that a copy of before replaced: the note says so. */
static void a_copy_put_back_loses_what_came_after_it(void **state)
{
    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    assert_int_equal(sensor_put(&sensor), 3);
    sensor_close(&sensor);
    sensor_shell(&sensor, "cp journal.db copy");
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 4);
    assert_int_equal(sensor_put(&sensor), 5);
    sensor_close(&sensor);
    sensor_shell(&sensor, "mv copy journal.db && rm -f journal.db-wal journal.db-shm");
    sensor_open(&sensor);
    assert_true(is_on(NTA_CAUSE_ROLLBACK));
    assert_true(has_loss("rolled_back.first", 4, 5));
    assert_int_equal(sensor_put(&sensor), 6);
    assert_int_equal(sensor_put(&sensor), 7);
    sensor_close(&sensor);
    sensor_holds(&sensor, 5);
    sensor_look(&sensor, &heads);
    assert_int_equal(heads.heads[3].note.kind, NTA_HEADER_NOTE_LOST);
    assert_int_equal(heads.heads[3].note.from, 4);
    assert_int_equal(heads.heads[3].note.to, 5);
    assert_int_equal(heads.heads[3].note.reason, NTA_LOST_STORE_OLDER);
    assert_int_equal(heads.heads[4].note.kind, 0);
    assert_false(is_on(NTA_CAUSE_SIGNING)); /* no key changed among what is lost */
    nta_health_set(sensor.health, NTA_CAUSE_ROLLBACK, NULL);
    sensor_open(&sensor); /* said once is enough */
    assert_false(is_on(NTA_CAUSE_ROLLBACK));
}

/** The file says which key signed before, and that key is destroyed: the one in memory goes on. */
static void a_key_that_no_file_knows_of_is_not_given_up(void **state)
{
    uint8_t before[NTA_KEY_LEN], after[NTA_KEY_LEN];

    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    sensor_shell(&sensor, "rm -f journal.state && mkdir journal.state");
    assert_int_equal(sensor_put_last(&sensor), 3); /* the key changes */
    assert_int_equal(sensor_put(&sensor), 4);
    assert_true(sensor.commit->file_failed);
    nta_sealer_get_signing(sensor.commit->sealer, before);
    assert_memory_not_equal(before, sensor.commit->file.signing, NTA_KEY_LEN);
    sensor_shell(&sensor, "rm -f journal.db*");
    assert_int_equal(sensor_put(&sensor), 5);
    nta_sealer_get_signing(sensor.commit->sealer, after);
    assert_memory_equal(before, after, NTA_KEY_LEN);
    sensor_shell(&sensor, "rmdir journal.state");
    sensor_close(&sensor);
    sensor_open(&sensor); /* and it is on disk still */
    nta_sealer_get_signing(sensor.commit->sealer, after);
    assert_memory_equal(before, after, NTA_KEY_LEN);
}

/** What is lost has a change of the key: nobody can prove what follows before it is adopted. */
static void a_key_change_that_is_lost_is_said(void **state)
{
    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    sensor_close(&sensor);
    sensor_shell(&sensor, "cp journal.db copy");
    sensor_open(&sensor);
    assert_int_equal(sensor_put_last(&sensor), 3);
    sensor_close(&sensor);
    sensor_shell(&sensor, "mv copy journal.db && rm -f journal.db-wal journal.db-shm");
    sensor_open(&sensor);
    assert_true(is_on(NTA_CAUSE_SIGNING));
    assert_true(has_loss("signing_key_lost.first", 4, 0));
    assert_int_equal(sensor_put(&sensor), 4);
    assert_int_equal(sensor.commit->unadopted.n, 1);
    sensor_close(&sensor);
    sensor_open(&sensor); /* it was written down */
    assert_int_equal(sensor.commit->unadopted.n, 1);
    assert_int_equal(sensor.commit->unadopted.keys[0].from, 4);
}

static void a_journal_removed_while_it_runs_is_made_anew(void **state)
{
    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    assert_int_equal(sensor_put(&sensor), 3);
    sensor_shell(&sensor, "rm journal.db journal.db-wal journal.db-shm");
    assert_int_equal(sensor_put(&sensor), 4);
    assert_true(is_on(NTA_CAUSE_JOURNAL_GONE));
    assert_true(has_loss("journal_gone.first", 1, 3));
    assert_int_equal(sensor_put(&sensor), 5);
    sensor_close(&sensor);
    sensor_holds(&sensor, 3); /* 1, 4, 5 */
    sensor_look(&sensor, &heads);
    assert_int_equal(heads.heads[1].note.from, 2);
    assert_int_equal(heads.heads[1].note.to, 3);
    assert_int_equal(heads.heads[1].note.reason, NTA_LOST_FILE_REMOVED);
    assert_false(is_on(NTA_CAUSE_SIGNING));
}

/** With the folder of the signing key: records wait until that is back, and nothing ends. */
static void a_journal_removed_with_the_state_folder_goes_on_from_memory(void **state)
{
    uint8_t before[NTA_KEY_LEN], after[NTA_KEY_LEN];

    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    nta_sealer_get_signing(sensor.commit->sealer, before);
    sensor_shell(&sensor, "mv state away && rm journal.db journal.db-wal journal.db-shm");
    sensor.commit->file_mono_ns = 0; /* the state file is due, too */
    nta_commit_tend(sensor.commit);
    assert_int_equal(sensor_put(&sensor), 3);
    assert_int_equal(sensor_put(&sensor), 4);
    nta_commit_end(sensor.commit);
    sensor_shell(&sensor, "rm -rf state && mv away state");
    assert_int_equal(sensor_put(&sensor), 5);
    nta_sealer_get_signing(sensor.commit->sealer, after);
    assert_memory_equal(before, after, NTA_KEY_LEN);
    sensor_close(&sensor);
    sensor_holds(&sensor, 4); /* 1, 3, 4, 5 */
    assert_false(is_on(NTA_CAUSE_SIGNING));
}

static void a_journal_removed_between_runs_is_made_anew(void **state)
{
    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    sensor_close(&sensor);
    sensor_shell(&sensor, "rm journal.db*");
    sensor_open(&sensor);
    assert_true(has_loss("rolled_back.first", 1, 2));
    assert_int_equal(sensor_put(&sensor), 3);
    sensor_close(&sensor);
    sensor_holds(&sensor, 2);
    sensor_look(&sensor, &heads);
    assert_int_equal(heads.heads[1].note.reason, NTA_LOST_FILE_REMOVED);
}

static void sql(const char *statement)
{
    char script[256];

    (void)snprintf(script, sizeof(script),
                   "python3 -c \"import sqlite3; d = sqlite3.connect('journal.db', timeout=10); "
                   "d.execute('%s'); d.commit()\"",
                   statement);
    sensor_shell(&sensor, script);
}

static void a_chain_row_that_was_moved_is_followed_and_noted(void **state)
{
    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    sql("UPDATE chain SET number = 9");
    assert_int_equal(sensor_put(&sensor), 10);
    assert_true(is_on(NTA_CAUSE_STORE_CONFLICT));
    sql("UPDATE chain SET number = 1");
    assert_int_equal(sensor_put(&sensor), 11);
    sensor_close(&sensor);
    sensor_holds(&sensor, 4);
    sensor_look(&sensor, &heads);
    assert_int_equal(heads.heads[2].note.from, 3);
    assert_int_equal(heads.heads[2].note.to, 9);
    assert_int_equal(heads.heads[2].note.reason, NTA_LOST_CHAIN_ROW);
    assert_int_equal(heads.heads[3].note.kind, 0);
}

/** The row's frontier is nonsense, and the state file is gone: the heads say it. */
static void the_tree_is_read_from_all_heads_if_nobody_else_knows(void **state)
{
    (void)state;
    sensor_open(&sensor);
    for (uint64_t n = 2; n <= 6; n++)
        assert_int_equal(sensor_put(&sensor), n);
    sql("UPDATE chain SET number = 8");
    assert_int_equal(sensor_put(&sensor), 9); /* with lost ones in between */
    assert_int_equal(sensor_put(&sensor), 10);
    sensor_close(&sensor);
    sensor_shell(&sensor, "rm journal.state");
    sql("UPDATE chain SET frontier = zeroblob(64)");
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 11);
    sensor_close(&sensor);
    sensor_holds(&sensor, 9);
}

/** And if not even they do, the chain begins behind the first batch. */
static void without_any_tree_all_are_lost(void **state)
{
    (void)state;
    sensor_open(&sensor);
    for (uint64_t n = 2; n <= 6; n++)
        assert_int_equal(sensor_put(&sensor), n);
    sensor_close(&sensor);
    sensor_shell(&sensor, "rm journal.state");
    sql("UPDATE chain SET frontier = zeroblob(64)");
    sql("DELETE FROM head WHERE number = 3");
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 7);
    sensor_close(&sensor);
    sensor_look(&sensor, &heads);
    assert_int_equal(heads.heads[5].header.number, 7);
    assert_int_equal(heads.heads[5].note.from, 2);
    assert_int_equal(heads.heads[5].note.to, 6);
    assert_int_equal(heads.heads[5].note.reason, NTA_LOST_CHAIN_ROW);
    assert_memory_equal(heads.heads[5].header.previous, heads.heads[0].link, NTA_HASH_LEN);
}

/* ---- what others put there ---- */

/** A head with this number, like the last one there, that nobody signed. */
static void forge(uint64_t number)
{
    NTA_AUTO(nta_buf_done) struct nta_buf hex = {0};
    char path[SENSOR_PATH + 16], script[700];
    uint8_t bytes[NTA_STORE_HEADER_MAX], *at;
    const struct sensor_head *last;

    sensor_look(&sensor, &heads);
    last = &heads.heads[heads.n - 1];
    memcpy(bytes, last->bytes, last->n_bytes);
    at = memmem(bytes, last->n_bytes, last->header.sensor, NTA_SENSOR_ID_LEN);
    assert_true(at && number < 24); /* behind it number and link, in one byte and in 2 and 32 */
    at[NTA_SENSOR_ID_LEN] = (uint8_t)number;
    memcpy(at + NTA_SENSOR_ID_LEN + 3, last->link, NTA_HASH_LEN);
    nta_buf_put_hex(&hex, bytes, last->n_bytes);
    (void)snprintf(path, sizeof(path), "%s/forged", sensor.dir);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(hex.ptr, 1, hex.len, file), hex.len);
    assert_int_equal(fclose(file), 0);
    (void)snprintf(
        script, sizeof(script),
        "python3 -c \"import sqlite3; d = sqlite3.connect('journal.db', timeout=10); "
        "m = %d; d.execute('INSERT INTO head SELECT sensor,%d,class,day,first_ns,last_ns,"
        "records,bytes,data_key,?,zeroblob(64),0 FROM head WHERE number = ?', "
        "(bytes.fromhex(open('forged').read()), m)); "
        "[d.execute(f'INSERT INTO content_{i} (day,sensor,number,tokens,body) SELECT day,"
        "sensor,%d,tokens,body FROM content_{i} WHERE number = ?', (m,)) "
        "for i in range(1, 5)]; d.commit()\"",
        (int)heads.heads[heads.n - 1].header.number, (int)number, (int)number);
    sensor_shell(&sensor, script);
}

/** The next is `number` behind `held`, and all that is left without what was forged is proved. */
static void goes_on_behind(uint64_t held, uint64_t number)
{
    char statement[100];

    sensor_open(&sensor);
    assert_true(is_on(NTA_CAUSE_STORE_CONFLICT));
    assert_true(has_loss("foreign.first", held + 1, number - 1));
    assert_int_equal(sensor_put(&sensor), number);
    assert_int_equal(sensor_put(&sensor), number + 1);
    sensor_close(&sensor);
    (void)snprintf(statement, sizeof(statement),
                   "DELETE FROM head WHERE number > %d AND number < %d", (int)held, (int)number);
    sql(statement);
    sensor_look(&sensor, &heads);
    assert_int_equal(heads.heads[held].header.number, number);
    assert_int_equal(heads.heads[held].note.kind, NTA_HEADER_NOTE_LOST);
    assert_int_equal(heads.heads[held].note.from, held + 1);
    assert_int_equal(heads.heads[held].note.to, number - 1);
    assert_memory_equal(heads.heads[held].header.previous, heads.heads[held - 1].link,
                        NTA_HASH_LEN);
    sensor_holds(&sensor, held + 2);
    assert_false(is_on(NTA_CAUSE_SIGNING));
}

static void a_head_that_nobody_signed_is_not_followed(void **state)
{
    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    assert_int_equal(sensor_put(&sensor), 3);
    sensor_close(&sensor);
    forge(4);
    forge(5);
    goes_on_behind(3, 6);
}

/** The chain's own heads say who signed its end, where the state file does not. */
static void nor_is_one_behind_a_change_of_the_key_without_a_state_file(void **state)
{
    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    assert_int_equal(sensor_put_last(&sensor), 3);
    sensor_close(&sensor);
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 4);
    assert_int_equal(sensor_put_last(&sensor), 5);
    sensor_close(&sensor);
    forge(6);
    sensor_shell(&sensor, "rm journal.state");
    goes_on_behind(5, 7);
}

/** The column that says which heads change the key is anybody's: they are found without it. */
static void nor_where_the_marks_of_the_heads_are_hidden(void **state)
{
    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put_last(&sensor), 2);
    sensor_close(&sensor);
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 3);
    assert_int_equal(sensor_put_last(&sensor), 4);
    sensor_close(&sensor);
    forge(5);
    sql("UPDATE head SET marks = 0");
    sensor_shell(&sensor, "rm journal.state");
    sensor_open(&sensor);
    assert_true(is_on(NTA_CAUSE_STORE_CONFLICT));
    assert_true(has_loss("foreign.first", 5, 5));
    assert_int_equal(sensor_put(&sensor), 6);
    assert_false(is_on(NTA_CAUSE_SIGNING));
}

/** Nothing of the store holds but its first batch: the state file knows where the chain stood. */
static void the_state_file_counts_before_the_first_batch(void **state)
{
    uint8_t link[NTA_HASH_LEN];

    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    assert_int_equal(sensor_put(&sensor), 3);
    sensor_close(&sensor);
    sensor_look(&sensor, &heads);
    memcpy(link, heads.heads[2].link, sizeof(link));
    forge(4);
    sql("DELETE FROM head WHERE number IN (2, 3)");
    sensor_open(&sensor);
    assert_true(is_on(NTA_CAUSE_STORE_CONFLICT));
    assert_int_equal(sensor_put(&sensor), 5);
    sensor_close(&sensor);
    sensor_look(&sensor, &heads);
    assert_int_equal(heads.heads[2].note.from, 4);
    assert_int_equal(heads.heads[2].note.to, 4);
    assert_memory_equal(heads.heads[2].header.previous, link, sizeof(link));
    assert_false(is_on(NTA_CAUSE_SIGNING));
}

/* ---- a key that is lost ---- */

static int put_note(const struct nta_batch *batch, nta_commit_notes_fn *make,
                    struct nta_committed *ret_committed, struct nta_err *err)
{
    const struct nta_commit_noting noting = {.batch = batch, .make = make};

    return nta_commit_note(sensor.commit, &noting, ret_committed, err);
}

static int adopt(void *owner, const struct nta_commit_next *next, struct nta_note *ret_notes,
                 size_t *ret_n_notes, struct nta_err *err)
{
    uint8_t identity[NTA_KEY_LEN];
    char file[SENSOR_PATH + 16];

    (void)owner;
    ret_notes[0] = (struct nta_note){.kind = NTA_HEADER_NOTE_ADOPTED, .from = next->unadopted};
    memcpy(ret_notes[0].key, next->signing, NTA_KEY_LEN);
    *ret_n_notes = 1;
    (void)snprintf(file, sizeof(file), "%s/sensor.key", sensor.keys);
    return nta_keys_sign_note(file, next->sensor, next->number, &ret_notes[0], identity, err);
}

static bool is_signed_by(const struct sensor_head *head, const uint8_t key[NTA_KEY_LEN])
{
    const struct nta_sealed sealed = {
        .header = {head->bytes, head->n_bytes},
        .signature = {head->signature, sizeof(head->signature)},
    };

    return nta_header_signed(&sealed, key);
}

/** What who looks from outside is told: a piece of the sentence, "" for none at all. */
static void expect_key_state(const char *piece)
{
    const struct nta_keys_place place = {sensor.keys, sensor.state};
    NTA_AUTO(nta_buf_done) struct nta_buf said = {0};
    struct nta_key_state state;
    struct nta_err err = {0};

    if (nta_key_state_look(&place, sensor.store, &state, &err) < 0)
        fail_msg("%s", err.text);
    nta_key_state_put(&state, &said);
    nta_buf_put_u8(&said, '\0');
    assert_false(state.is_unknown);
    assert_int_equal(nta_key_state_is_bad(&state), piece[0] != '\0');
    assert_non_null(strstr((const char *)said.ptr, piece));
}

static void how_the_key_stands_is_seen_from_outside(void **state)
{
    struct nta_key_state seen;
    const struct nta_keys_place place = {sensor.keys, sensor.state};
    struct nta_err err = {0};

    (void)state;
    expect_key_state(""); /* no store yet */
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    expect_key_state(""); /* while it runs, too */
    assert_int_equal(sensor_put_last(&sensor), 3);
    expect_key_state("");
    sensor_close(&sensor);
    expect_key_state("");
    sensor_shell(&sensor, "cp state/signing.key before && rm journal.state");
    sensor_open(&sensor);
    assert_int_equal(sensor_put_last(&sensor), 4);
    sensor_close(&sensor);
    sensor_shell(&sensor, "mv before state/signing.key");
    expect_key_state("the signing key is lost: none in the state folder goes on behind batch 4");
    sensor_shell(&sensor, "rm state/signing.key && touch state/.signing.key.new");
    expect_key_state("nta keys adopt");
    sensor_shell(&sensor, "test -e state/.signing.key.new"); /* nothing was swept */
    sensor_open(&sensor);
    expect_key_state("what is signed from batch 5 on counts as unproved");
    assert_int_equal(sensor_put(&sensor), 5);
    sensor_close(&sensor);
    expect_key_state("nta keys adopt");
    sensor_shell(&sensor, "mv keys/state.key keys/state.cred");
    assert_int_equal(nta_key_state_look(&place, sensor.store, &seen, &err), 0);
    assert_true(seen.is_unknown && seen.unadopted == 5 && !seen.lost_behind);
    sensor_shell(&sensor, "mv keys/state.cred keys/state.key && rm state/first.batch");
    assert_true(nta_key_state_look(&place, sensor.store, &seen, &err) < 0);
}

static void a_lost_key_is_bad_until_the_identity_adopts_the_new_one(void **state)
{
    const struct nta_record record = {.event = NTA_RECORD_AUDIT, .time_ns = nta_clock_wall_ns()};
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    struct nta_committed committed;
    struct nta_err err = {0};

    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    sensor_close(&sensor);
    sensor_shell(&sensor, "rm state/signing.key");
    sensor_open(&sensor);
    assert_true(is_on(NTA_CAUSE_SIGNING));
    assert_true(has_loss("signing_key_lost.first", 3, 0));
    assert_int_equal(sensor_put(&sensor), 3); /* it goes on at once */
    assert_int_equal(sensor_put_last(&sensor), 4);
    sensor_close(&sensor);
    sensor_look(&sensor, &heads);
    assert_true(heads.follows);
    assert_true(heads.heads[1].is_proved);
    assert_false(heads.heads[2].is_proved || heads.heads[3].is_proved);
    nta_health_set(sensor.health, NTA_CAUSE_SIGNING, NULL);
    sensor_open(&sensor);
    assert_true(is_on(NTA_CAUSE_SIGNING)); /* over restarts */
    assert_false(has_loss("signing_key_lost.first", 5, 0));
    nta_batch_init(&batch);
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    if (put_note(&batch, adopt, &committed, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(committed.number, 5);
    assert_false(is_on(NTA_CAUSE_SIGNING));
    sensor_close(&sensor);
    sensor_look(&sensor, &heads);
    assert_int_equal(heads.heads[4].note.kind, NTA_HEADER_NOTE_ADOPTED);
    assert_int_equal(heads.heads[4].note.from, 3);
    assert_true(heads.heads[4].header.has_next);
    assert_true(is_signed_by(&heads.heads[2], heads.heads[4].note.key)); /* it led to the others */
    sensor_open(&sensor);
    assert_false(is_on(NTA_CAUSE_SIGNING));
}

/** A note of the identity with a key of zeros, signed for the header that comes next. */
static int revoke_it(void *owner, const struct nta_commit_next *next, struct nta_note *ret_notes,
                     size_t *ret_n_notes, struct nta_err *err)
{
    char path[SENSOR_PATH + 16];

    (void)owner;
    ret_notes[0] = (struct nta_note){.kind = NTA_HEADER_NOTE_IDENTITY};
    *ret_n_notes = 1;
    (void)snprintf(path, sizeof(path), "%s/sensor.key", sensor.keys);
    return nta_keys_sign_note(path, next->sensor, next->number, &ret_notes[0],
                              (uint8_t[NTA_KEY_LEN]){0}, err);
}

static void a_sensor_whose_identity_was_revoked_says_so_at_each_start(void **state)
{
    const struct nta_record record = {.event = NTA_RECORD_AUDIT, .time_ns = nta_clock_wall_ns()};
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    struct nta_committed committed;
    struct nta_err err = {0};

    (void)state;
    nta_batch_init(&batch);
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    if (put_note(&batch, revoke_it, &committed, &err) < 0)
        fail_msg("%s", err.text);
    sensor_close(&sensor);
    for (uint64_t number = 4; number < 6; number++) {
        sensor_open(&sensor);
        assert_true(is_on(NTA_CAUSE_REVOKED) && !is_on(NTA_CAUSE_SIGNING));
        assert_int_equal(sensor_put(&sensor), number); /* nobody stops it by a row */
        sensor_close(&sensor);
        nta_health_set(sensor.health, NTA_CAUSE_REVOKED, NULL);
    }
}

/** The file is plain text for whoever may write there: but it is the sensor who signs it. */
static void what_others_wrote_is_not_adopted(void **state)
{
    const struct nta_record record = {.event = NTA_RECORD_AUDIT, .time_ns = nta_clock_wall_ns()};
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    struct nta_committed committed;
    struct nta_err err = {0};

    (void)state;
    nta_batch_init(&batch);
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    sensor_close(&sensor);
    sensor_shell(&sensor, "(printf '2 '; printf 'a7%.0s' $(seq 32); echo) > state/signing.unadopted"
                          " && chmod 600 state/signing.unadopted");
    sensor_open(&sensor);
    assert_true(is_on(NTA_CAUSE_STATE));
    assert_false(is_on(NTA_CAUSE_SIGNING));
    assert_int_equal(sensor.commit->unadopted.n, 0);
    sensor_close(&sensor);
    sensor_shell(&sensor, "rm state/signing.unadopted state/signing.key");
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 3);
    sensor_close(&sensor);
    sensor_shell(&sensor, "sed -i 's/^unadopted 3/unadopted 2/' state/signing.unadopted");
    sensor_open(&sensor); /* from before on: it would take what was proved */
    assert_int_equal(sensor.commit->unadopted.n, 0);
    sensor_close(&sensor);
    sensor_shell(&sensor, "sed -i 's/^unadopted 2/unadopted 3/' state/signing.unadopted");
    sensor_open(&sensor);
    assert_int_equal(sensor.commit->unadopted.n, 1);
    /* a batch of another key in its place: nothing is signed */
    sql("UPDATE head SET signature = zeroblob(64) WHERE number = 3");
    assert_int_equal(put_note(&batch, adopt, &committed, &err), -EBADMSG);
    assert_non_null(strstr(err.text, "another key"));
}

/** Lost twice: each is adopted by itself, the first one first. */
static void each_lost_key_is_adopted(void **state)
{
    const struct nta_record record = {.event = NTA_RECORD_AUDIT, .time_ns = nta_clock_wall_ns()};
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    struct nta_committed committed;
    struct nta_err err = {0};

    (void)state;
    nta_batch_init(&batch);
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    for (uint64_t n = 2; n <= 3; n++) {
        sensor_shell(&sensor, "rm state/signing.key");
        sensor_open(&sensor);
        assert_int_equal(sensor_put_last(&sensor), n);
        sensor_close(&sensor);
    }
    for (uint64_t n = 2; n <= 3; n++) {
        sensor_open(&sensor);
        assert_true(is_on(NTA_CAUSE_SIGNING));
        assert_int_equal(put_note(&batch, adopt, &committed, &err), 0);
        assert_int_equal(is_on(NTA_CAUSE_SIGNING), n == 2);
        sensor_close(&sensor);
    }
    sensor_look(&sensor, &heads);
    for (size_t i = 1; i <= 2; i++) {
        assert_int_equal(heads.heads[i + 2].note.from, i + 1);
        assert_true(is_signed_by(&heads.heads[i], heads.heads[i + 2].note.key));
    }
}

/** The state folder is away at midnight: records do not wait, and the change follows. */
static void a_key_that_cannot_change_signs_on(void **state)
{
    (void)state;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    sensor_shell(&sensor, "mv state elsewhere");
    sensor.commit->day--;
    assert_int_equal(sensor_put(&sensor), 3);
    assert_int_equal(sensor_put(&sensor), 4);
    assert_true(is_on(NTA_CAUSE_STATE));
    sensor_shell(&sensor, "mv elsewhere state");
    assert_int_equal(sensor_put(&sensor), 5);
    assert_int_equal(sensor_put(&sensor), 6);
    sensor_close(&sensor);
    sensor_holds(&sensor, 6);
    sensor_look(&sensor, &heads);
    for (size_t i = 1; i < 6; i++)
        assert_int_equal(heads.heads[i].header.has_next, i == 4);
}

/* ---- state and lock ---- */

/** The state file says 77: the next batch is 78; a note and a loss record name what is missing. */
static void a_state_file_of_more_is_believed_and_one_of_others_is_not(void **state)
{
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    const struct nta_keys_place place = {sensor.keys, sensor.state};
    struct nta_headfile file = {.place.head = {.number = 77, .hash = {7}}, .acked = 3, .kept = 2};
    struct nta_log_tree log = {.n = 0};
    struct nta_headfile back;
    struct nta_err err = {0};

    (void)state;
    sensor_open(&sensor);
    nta_sealer_get_signing(sensor.commit->sealer, file.signing);
    assert_true(nta_log_add_lost(&log, 76));
    file.place.n_frontier = nta_log_frontier(&log, file.place.frontier);
    assert_int_equal(nta_headfile_write(sensor.store, sensor.commit->sealer, &file, &err), 0);
    nta_commit_close(&sensor.commit);
    sensor_open(&sensor);
    assert_true(has_loss("rolled_back.first", 4, 77)); /* MySQL has 3 of them, it is said */
    assert_int_equal(sensor_put(&sensor), 78);
    sensor_close(&sensor);
    sensor_holds(&sensor, 2);
    assert_int_equal(nta_sealer_new(&place, &sealer, &err), 0);
    assert_int_equal(nta_headfile_read(sensor.store, sealer, &back, &err), 0);
    assert_int_equal(back.place.head.number, 78);
    assert_int_equal(back.acked, 3);
    assert_int_equal(back.kept, 2);
    nta_sealer_free(&sealer);
    /* another number: nobody signed that */
    sensor_shell(&sensor, "sed -i s/^78$/98/ journal.state");
    nta_health_set(sensor.health, NTA_CAUSE_ROLLBACK, NULL);
    sensor_open(&sensor); /* which is said, and the store's own word counts */
    assert_int_equal(nta_commit_last(sensor.commit), 78);
    assert_true(is_on(NTA_CAUSE_STATE));
    assert_false(is_on(NTA_CAUSE_ROLLBACK));
}

/** Whoever removes it wants that nobody knows where the chain was: there is one from the start. */
static void a_state_file_that_is_missing_is_said(void **state)
{
    (void)state;
    sensor_open(&sensor);
    nta_commit_close(&sensor.commit); /* as a kill does */
    sensor_shell(&sensor, "test -s journal.state && rm journal.state");
    sensor_open(&sensor); /* only the first batch: a sensor that is new */
    assert_false(is_on(NTA_CAUSE_STATE));
    assert_int_equal(sensor_put(&sensor), 2);
    sensor_close(&sensor);
    sensor_open(&sensor);
    assert_false(is_on(NTA_CAUSE_STATE));
    sensor_close(&sensor);
    sensor_shell(&sensor, "rm journal.state");
    sensor_open(&sensor);
    assert_true(is_on(NTA_CAUSE_STATE));
    assert_true(has_loss("state_missing.up_to", 2, 0));
    assert_int_equal(sensor_put(&sensor), 3);
}

/** Another process has locked what is there now: nothing is written beside it. */
static void who_has_lost_the_lock_writes_nothing(void **state)
{
    NTA_AUTO(nta_store_lock_free) struct nta_store_lock *lock = NULL, *other = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_store_lock_take(sensor.store, false, &lock, &err), 0);
    sensor.outlet.lock = lock;
    sensor_open(&sensor);
    assert_int_equal(sensor_put(&sensor), 2);
    sensor_shell(&sensor, "rm journal.lock");
    assert_int_equal(nta_store_lock_take(sensor.store, false, &other, &err), 0);
    assert_int_equal(sensor_try(&sensor, NTA_RECORD_FLOW, false, &err), -EBUSY);
    assert_non_null(strstr(err.text, "is in use by process"));
    assert_int_equal(nta_commit_last(sensor.commit), 2);
    nta_store_lock_free(&other);
    assert_int_equal(sensor_put(&sensor), 3);
    assert_int_equal(nta_store_lock_take(sensor.store, false, &other, &err), -EBUSY);
    sensor_close(&sensor);
    sensor.outlet.lock = NULL;
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_new_store_begins_with_the_sensors_first_batch),
        IN_FOLDER(the_key_changes_at_the_end_of_a_run_and_with_the_day),
        IN_FOLDER(a_copy_put_back_loses_what_came_after_it),
        IN_FOLDER(a_key_that_no_file_knows_of_is_not_given_up),
        IN_FOLDER(a_key_change_that_is_lost_is_said),
        IN_FOLDER(a_journal_removed_while_it_runs_is_made_anew),
        IN_FOLDER(a_journal_removed_with_the_state_folder_goes_on_from_memory),
        IN_FOLDER(a_journal_removed_between_runs_is_made_anew),
        IN_FOLDER(a_chain_row_that_was_moved_is_followed_and_noted),
        IN_FOLDER(the_tree_is_read_from_all_heads_if_nobody_else_knows),
        IN_FOLDER(without_any_tree_all_are_lost),
        IN_FOLDER(a_head_that_nobody_signed_is_not_followed),
        IN_FOLDER(nor_is_one_behind_a_change_of_the_key_without_a_state_file),
        IN_FOLDER(nor_where_the_marks_of_the_heads_are_hidden),
        IN_FOLDER(the_state_file_counts_before_the_first_batch),
        IN_FOLDER(how_the_key_stands_is_seen_from_outside),
        IN_FOLDER(a_lost_key_is_bad_until_the_identity_adopts_the_new_one),
        IN_FOLDER(a_sensor_whose_identity_was_revoked_says_so_at_each_start),
        IN_FOLDER(what_others_wrote_is_not_adopted),
        IN_FOLDER(each_lost_key_is_adopted),
        IN_FOLDER(a_key_that_cannot_change_signs_on),
        IN_FOLDER(a_state_file_of_more_is_believed_and_one_of_others_is_not),
        IN_FOLDER(a_state_file_that_is_missing_is_said),
        IN_FOLDER(who_has_lost_the_lock_writes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
