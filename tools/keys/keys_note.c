/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adopt, rotate, revoke: what the identity signs, in the header of a batch that is sealed for it.
 * That batch is like any other one: this is the store's one writer meanwhile, and the chain goes on
 * behind it.
 */
#include "base/hex.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "base/runtime/user.h"
#include "base/text.h"
#include "keys/subcommands.h"
#include "output/fail.h"
#include "pipeline/commit/commit.h"
#include "store/lock.h"
#include "vault/vault.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct noting
{
    const struct nta_keys_command *command;
    const char *verb;
    struct nta_note note;          ///< What is to be signed, but for what only the chain knows.
    uint8_t identity[NTA_KEY_LEN]; ///< As the chain has it, before.
    uint64_t number;               ///< Of the header.
};

/* ---- whose identity is it? ---- */

static int fail_revoked(const struct nta_chain_sensor *known, struct nta_err *err)
{
    char key[NTA_HEX_SIZE(NTA_KEY_LEN)];

    return nta_err_set(err, -EKEYREJECTED,
                       "the identity nta-sensor-%s was revoked by batch %" PRIu64
                       " and signs nothing any more: set the sensor up again, with another key "
                       "folder and another store",
                       nta_hex_text(known->identity, NTA_KEY_LEN, key), known->revoked);
}

/** As the chain's proved notes have it; of a store without any, that of sensor.pub. */
static int find_identity(struct noting *noting, struct nta_err *err)
{
    const struct nta_keys_command *command = noting->command;
    const struct nta_stores_options options = {.dir = command->store, .config = command->config};
    NTA_AUTO(nta_stores_close) struct nta_stores stores = {.journal = NULL};
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    struct nta_chain_sensor known;
    int r = nta_keys_sensor_public(command->dir, noting->identity, err);

    if (r == 0)
        r = nta_stores_open(&options, &stores, err);
    if (r == -ENOENT && stores.journal == NULL)
        return nta_err_set(err, r,
                           "there is no store yet whose chain could take the note: start ntad, or "
                           "nta read --store, first");
    if (r == 0)
        r = nta_stores_judge(&stores, false, &chain, err);
    if (r < 0)
        return r;
    nta_sensor_id(noting->identity, sensor);
    if (!nta_chain_checkpoint_key(chain, sensor))
        return 0; /* nothing that its chain says of keys is proved here */
    for (size_t i = 0; nta_chain_get(chain, i, &known); i++) {
        if (memcmp(known.trusted->sensor, sensor, sizeof(sensor)) != 0)
            continue;
        memcpy(noting->identity, known.identity, NTA_KEY_LEN);
        if (known.revoked)
            return fail_revoked(&known, err);
    }
    return 0;
}

/* ---- the note ---- */

/** Whoever has the identity in hand is to see first what it is used for. */
static void show_adopted(const struct nta_commit_next *next)
{
    char key[NTA_HEX_SIZE(NTA_KEY_LEN)];

    nta_prose_print(stdout,
                    "key %s, batches %" PRIu64 " to %" PRIu64 ": it proves %" PRIu64
                    " of them that the journal has; others stay unproved\n",
                    nta_hex_text(next->signing, NTA_KEY_LEN, key), next->unadopted,
                    next->unadopted_to > next->unadopted ? next->unadopted_to : next->unadopted,
                    next->n_unadopted);
}

static int make_note(void *owner, const struct nta_commit_next *next, struct nta_note *ret_notes,
                     size_t *ret_n_notes, struct nta_err *err)
{
    struct noting *noting = owner;
    struct nta_note note = noting->note;
    uint8_t signer[NTA_KEY_LEN];

    if (note.kind == NTA_HEADER_NOTE_ADOPTED) {
        if (!next->unadopted)
            return nta_err_set(err, -ENODATA,
                               "the chain's signing key is proved: there is nothing to adopt, and "
                               "nothing to be done");
        note.from = next->unadopted;
        memcpy(note.key, next->signing, NTA_KEY_LEN);
        show_adopted(next);
    }
    int r = nta_keys_sign_note(noting->command->identity, next->sensor, next->number, &note, signer,
                               err);

    if (r < 0)
        return r;
    if (memcmp(signer, noting->identity, sizeof(signer)) != 0)
        return nta_err_set(err, -EKEYREJECTED,
                           "%.200s is not the identity of this sensor: nothing was changed; give "
                           "the sensor.key that was taken away when the sensor was set up, or "
                           "the new one since nta keys rotate",
                           noting->command->identity);
    noting->note = note;
    noting->number = next->number;
    ret_notes[0] = note;
    *ret_n_notes = 1;
    return 0;
}

/** Who did it, as far as this machine knows. */
static int put_record(const struct noting *noting, struct nta_batch *batch)
{
    char actor[NTA_USER_NAME_SIZE], question[64];

    (void)snprintf(question, sizeof(question), "nta keys %s", noting->verb);
    const struct nta_record_log log = {
        .actor = nta_span_of(nta_user_name(getuid(), actor)),
        .question = nta_span_of(question),
    };
    const struct nta_record record = {
        .event = NTA_RECORD_AUDIT, .time_ns = nta_clock_wall_ns(), .log = &log};

    batch->class = NTA_CLASS_LOG;
    return nta_batch_add(batch, &record);
}

static int commit_note(struct noting *noting, struct nta_store_lock *lock, struct nta_err *err)
{
    const struct nta_keys_command *command = noting->command;
    const struct nta_outlet outlet = {
        .store_path = command->store_path,
        .keys_dir = command->dir,
        .state_dir = command->state_dir,
        .lock = lock,
    };
    const struct nta_commit_options options = {.outlet = &outlet};
    NTA_AUTO(nta_batch_done) struct nta_batch batch = {0};
    NTA_AUTO(nta_commit_close) struct nta_commit *commit = NULL;
    struct nta_committed committed;

    nta_batch_init(&batch);
    int r = put_record(noting, &batch);

    if (r < 0)
        return nta_err_sys(err, r, "keys");
    r = nta_commit_open(&options, &commit, err);
    if (r == 0)
        r = nta_commit_note(
            commit,
            &(struct nta_commit_noting){.batch = &batch, .make = make_note, .owner = noting},
            &committed, err);
    if (r == 0)
        nta_commit_end(commit);
    return r;
}

/** The lock first: of two who write, one is told. */
static int put_note(struct noting *noting, struct nta_err *err)
{
    const char *path = noting->command->store_path;
    NTA_AUTO(nta_store_lock_free) struct nta_store_lock *lock = NULL;
    struct stat st;

    if (!path[0])
        return nta_err_set(err, -EINVAL, "which store? --store, or --config");
    if (stat(path, &st) < 0)
        return nta_err_sys(err, -errno, "%.300s", path);
    int r = nta_store_lock_take(path, false, &lock, err);

    if (r == -EBUSY)
        return nta_err_prefix(err, r, "ntad must be stopped for this (systemctl stop ntad)");
    if (r == 0)
        r = find_identity(noting, err);
    return r == 0 ? commit_note(noting, lock, err) : r;
}

static int usage(const char *verb)
{
    return nta_cmd_fail(NTA_EXIT_USAGE,
                        "nta keys %s --identity FILE: the file of the identity's "
                        "secret",
                        verb);
}

/** What is wrong with what was given is another status than what could not be done. */
static int fail(int r, const struct nta_err *err)
{
    return nta_cmd_fail(r == -EKEYREJECTED || r == -ENODATA || r == -EBADMSG ? NTA_EXIT_INPUT
                                                                             : NTA_EXIT_FAILURE,
                        "%s", err->text);
}

static int run(struct noting *noting)
{
    struct nta_err err = {0};

    if (!noting->command->identity)
        return usage(noting->verb);
    int r = put_note(noting, &err);

    return r == 0 ? NTA_EXIT_OK : fail(r, &err);
}

/* ---- the subcommands ---- */

/** Keys are lost more than once, seldom: until there is nothing left to adopt. */
int nta_keys_cmd_adopt(const struct nta_keys_command *command)
{
    struct noting noting;
    bool any = false;
    int r;

    if (!command->identity)
        return usage("adopt");
    do {
        struct nta_err err = {0};

        noting = (struct noting){
            .command = command, .verb = "adopt", .note = {.kind = NTA_HEADER_NOTE_ADOPTED}};
        r = put_note(&noting, &err);
        if (r < 0 && !(any && r == -ENODATA))
            return fail(r, &err);
        if (r == 0)
            nta_prose_print(stdout,
                            "adopted: what was signed from batch %" PRIu64 " on is proved now, as "
                            "batch %" PRIu64 " says\n",
                            noting.note.from, noting.number);
        any = true;
    } while (r == 0);
    nta_prose_print(stdout, "Take the identity away again.\n");
    return NTA_EXIT_OK;
}

int nta_keys_cmd_revoke(const struct nta_keys_command *command)
{
    struct noting noting = {
        .command = command, .verb = "revoke", .note = {.kind = NTA_HEADER_NOTE_IDENTITY}};
    int status = run(&noting);

    if (status == NTA_EXIT_OK)
        nta_prose_print(stdout,
                        "revoked: batches behind %" PRIu64 " of this sensor are a finding from now "
                        "on.\nSet the sensor up again: another key folder, another store.\n",
                        noting.number);
    return status;
}

int nta_keys_cmd_rotate(const struct nta_keys_command *command)
{
    struct noting noting = {
        .command = command, .verb = "rotate", .note = {.kind = NTA_HEADER_NOTE_IDENTITY}};
    struct nta_err err = {0};

    if (!command->new_identity || !command->identity)
        return nta_cmd_fail(NTA_EXIT_USAGE, "nta keys rotate --identity FILE --new FILE: the "
                                            "identity's secret, and where to put the new one's");
    if (nta_keys_new_identity(command->new_identity, noting.note.key, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    int status = run(&noting);

    if (status != NTA_EXIT_OK) {
        nta_prose_print(stderr, "nta: %s was made and is nobody's identity: remove it\n",
                        command->new_identity);
        return status;
    }
    nta_prose_print(
        stdout,
        "rotated: the identity is that of %s from batch %" PRIu64 " on\n"
        "Take it away from this machine, and destroy the old one.  Those who noted the\n"
        "old public key verify with it as before: it leads to the new one.\n",
        command->new_identity, noting.number);
    return status;
}
