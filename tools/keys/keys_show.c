/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "keys/subcommands.h"
#include "output/fail.h"
#include "pipeline/commit/key_state.h"
#include "vault/checkpoint.h"
#include "vault/vault.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** Lines behind a word, under each other, without comments. */
static void print_lines(const char *word, const struct nta_buf *lines)
{
    size_t n_shown = 0;

    for (struct nta_span rest = nta_buf_span(lines); rest.len > 0;) {
        const struct nta_span line = nta_span_take(&rest, '\n');

        NTA_AUTO(nta_buf_done) struct nta_buf shown = {0};

        if (!line.len || line.ptr[0] == '#')
            continue;
        nta_text_escape(&shown, line); /* anybody may have written that file */
        nta_prose_print(stdout, "%-10s%.*s\n", n_shown++ ? "" : word, (int)shown.len,
                        shown.len ? (const char *)shown.ptr : "");
    }
    if (n_shown == 0)
        nta_prose_print(stdout, "%-10snobody\n", word);
}

/* ---- for whom stored keys are ---- */

enum
{
    AUDITORS_MAX = 64 ///< Different ones that are told apart.
};

/** What is counted of data keys; of a class more than once where keys of one are in both stores. */
struct wrapped
{
    size_t n_keys, n_bad, n_auditors;
    size_t of_class[NTA_N_CLASSES]; ///< NTA_CLASS_NONE: of format 1.

    struct
    {
        uint8_t id[NTA_SENSOR_ID_LEN];
        size_t n;
    } auditors[AUDITORS_MAX];
};

static void count_auditor(struct wrapped *wrapped, const uint8_t id[NTA_SENSOR_ID_LEN])
{
    size_t i = 0;

    while (i < wrapped->n_auditors && memcmp(wrapped->auditors[i].id, id, NTA_SENSOR_ID_LEN) != 0)
        i++;
    if (i == AUDITORS_MAX)
        return;
    if (i == wrapped->n_auditors)
        memcpy(wrapped->auditors[wrapped->n_auditors++].id, id, NTA_SENSOR_ID_LEN);
    wrapped->auditors[i].n++;
}

static int on_key(void *owner, const struct nta_stored_key *key, struct nta_err *err)
{
    struct wrapped *wrapped = owner;
    struct nta_wrapped_list list;

    (void)err;
    wrapped->n_keys++;
    if (key->faults || !nta_wrapped_key_list(&key->key, &list)) {
        wrapped->n_bad++;
        return 0;
    }
    wrapped->of_class[key->key.class]++;
    for (size_t i = 0; i < list.n_auditors; i++)
        count_auditor(wrapped, list.auditors[i]);
    return 0;
}

/** The auditor's public key, if it is one of auditors.pub, else the key's id. */
static void put_auditor(struct nta_buf *out, const struct nta_buf *auditors,
                        const uint8_t id[NTA_SENSOR_ID_LEN])
{
    const size_t prefix = strlen("nta-auditor-"), len = prefix + (size_t)2 * NTA_KEY_LEN;

    for (size_t at = 0; at + len < auditors->len; at += len + 1) {
        uint8_t public_key[NTA_KEY_LEN], its[NTA_SENSOR_ID_LEN];

        if (!nta_hex_parse((const char *)auditors->ptr + at + prefix, NTA_KEY_LEN, public_key))
            continue;
        nta_sensor_id(public_key, its);
        if (memcmp(its, id, sizeof(its)) == 0) {
            nta_buf_put(out, auditors->ptr + at, len);
            return;
        }
    }
    nta_buf_puts(out, "an auditor who is not in auditors.pub, id ");
    nta_buf_put_hex(out, id, NTA_SENSOR_ID_LEN);
}

static int show_wrapped(const struct nta_stores *stores, const struct nta_buf *auditors,
                        struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf lines = {0};
    struct wrapped wrapped = {.n_keys = 0};
    int r = stores->mysql ? nta_store_each_key(stores->mysql, on_key, &wrapped, err) : 0;

    if (r == 0 && stores->journal)
        r = nta_store_each_key(stores->journal, on_key, &wrapped, err);
    if (r < 0)
        return r;
    nta_buf_printf(&lines, "%zu data key%s", wrapped.n_keys, wrapped.n_keys == 1 ? "" : "s");
    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES; class ++) {
        if (wrapped.of_class[class])
            nta_buf_printf(&lines, ", %zu of %s", wrapped.of_class[class],
                           nta_class_name((enum nta_class) class));
    }
    nta_buf_puts(&lines, wrapped.n_keys ? "; for\n" : "\n");
    for (size_t i = 0; i < wrapped.n_auditors; i++) {
        put_auditor(&lines, auditors, wrapped.auditors[i].id);
        nta_buf_printf(&lines, ": %zu of them\n", wrapped.auditors[i].n);
    }
    if (wrapped.n_bad)
        nta_buf_printf(&lines, "%zu are not of their form; nta verify names them\n", wrapped.n_bad);
    print_lines("stored", &lines);
    return wrapped.n_bad ? 1 : 0;
}

/* ---- what the chain names ---- */

/** The last change of a sensor's signing key, as a head claims; nothing of it is proved. */
struct claim
{
    const uint8_t *sensor;
    uint64_t number; ///< Of that head, or from where on a note adopts; 0: none.
    uint8_t signing[NTA_KEY_LEN];
};

static int on_change(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct claim *claim = owner;
    const struct nta_header *header = &row->header;
    struct nta_note note;

    (void)err;
    if (row->faults & NTA_ROW_HEADER ||
        memcmp(header->sensor, claim->sensor, NTA_SENSOR_ID_LEN) != 0)
        return 0;
    for (size_t i = 0; nta_header_note(header, i, &note); i++) {
        if (note.kind != NTA_HEADER_NOTE_ADOPTED || note.from <= claim->number)
            continue;
        claim->number = note.from;
        memcpy(claim->signing, note.key, NTA_KEY_LEN);
    }
    if (header->has_next && header->number >= claim->number) {
        claim->number = header->number;
        memcpy(claim->signing, header->next, NTA_KEY_LEN);
    }
    return 0;
}

/** What the chain proves; NULL: nothing.  A store may claim more. */
static void put_signing(struct nta_buf *out, const struct nta_chain_sensor *known,
                        const struct claim *claim)
{
    const bool is_proved = known && known->has_signing;

    if (is_proved) {
        nta_buf_put_hex(out, known->signing, NTA_KEY_LEN);
        nta_buf_puts(out, "\n");
    }
    if (claim->number == 0 ||
        (is_proved && memcmp(known->signing, claim->signing, NTA_KEY_LEN) == 0))
        return;
    if (known && known->revoked)
        nta_buf_puts(out, "none that counts: the identity is revoked\n");
    else
        nta_buf_printf(out,
                       "not proved: the change of the key at batch %" PRIu64 "; nta verify says "
                       "why, and nta keys adopt\nproves it, if the sensor lost its key\n",
                       claim->number);
}

static void put_identity(struct nta_buf *out, const struct nta_chain_sensor *known,
                         const uint8_t public_key[NTA_KEY_LEN])
{
    if (!known->revoked && memcmp(known->identity, public_key, NTA_KEY_LEN) == 0)
        return; /* it was shown */
    nta_buf_put_hex(out, known->identity, NTA_KEY_LEN);
    if (known->revoked)
        nta_buf_printf(out, ", revoked by batch %" PRIu64, known->revoked);
    nta_buf_puts(out, "\n");
}

/** What heads of this sensor claim, in all stores. */
static int find_claim(struct nta_stores *stores, struct claim *claim, struct nta_err *err)
{
    const struct nta_store_query marked = {.marked_only = true, .wants = nta_store_wants_none};
    int r = stores->mysql ? nta_store_each(stores->mysql, &marked, on_change, claim, err) : 0;

    return r == 0 && stores->journal
               ? nta_store_each(stores->journal, &marked, on_change, claim, err)
               : r;
}

static void print_if_any(const char *word, const struct nta_buf *lines)
{
    if (lines->len)
        print_lines(word, lines);
}

/** Those of this folder's own sensor, if it is trusted. */
static int show_chain(struct nta_stores *stores, struct nta_err *err)
{
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf identity = {0}, signing = {0}, checkpoint = {0};
    uint8_t public_key[NTA_KEY_LEN], sensor[NTA_SENSOR_ID_LEN];
    struct nta_chain_sensor known = {.n_batches = 0};
    struct claim claim = {.sensor = sensor};
    bool is_known = false;

    if (nta_keys_sensor_public(stores->keys_dir, public_key, err) < 0)
        return 0; /* an auditor's folder: sensors.pub was shown */
    nta_sensor_id(public_key, sensor);
    int r = nta_stores_judge(stores, false, &chain, err);

    if (r == 0)
        r = find_claim(stores, &claim, err);
    if (r < 0)
        return r;
    const uint8_t *checkpoint_key = nta_chain_checkpoint_key(chain, sensor);

    for (size_t i = 0; checkpoint_key && !is_known && nta_chain_get(chain, i, &known); i++)
        is_known = memcmp(known.trusted->sensor, sensor, sizeof(sensor)) == 0;
    if (is_known)
        put_identity(&identity, &known, public_key);
    put_signing(&signing, is_known ? &known : NULL, &claim);
    if (checkpoint_key) {
        nta_checkpoint_put_key(&checkpoint, sensor, checkpoint_key);
        nta_buf_puts(&checkpoint, "\n");
    }
    print_if_any("identity", &identity);
    print_if_any("signing", &signing);
    print_if_any("witness", &checkpoint);
    return 0;
}

/** Where the state folder is: what is to be done about the key that signs. */
static void show_key_state(const struct nta_keys_command *command)
{
    const struct nta_keys_place place = {command->dir, command->state_dir};
    NTA_AUTO(nta_buf_done) struct nta_buf sentence = {0};
    struct nta_key_state state;
    struct nta_err err = {0};

    if (!command->store_path[0] || access(command->state_dir, F_OK) < 0)
        return; /* a copy, or an auditor's */
    if (nta_key_state_look(&place, command->store_path, &state, &err) < 0) {
        (void)nta_cmd_fail(NTA_EXIT_OK, "how the signing key stands is not known: %s", err.text);
        return;
    }
    nta_key_state_put(&state, &sentence);
    if (sentence.len)
        nta_prose_print(stdout, "%-10sBAD: %.*s\n", "", (int)sentence.len,
                        (const char *)sentence.ptr);
    else if (state.is_unknown)
        nta_prose_print(stdout,
                        "%-10swhether it is in the state folder cannot be told without state.key\n",
                        "");
}

static int show_stored(const struct nta_keys_command *command, const struct nta_buf *auditors)
{
    const struct nta_stores_options options = {.dir = command->store, .config = command->config};
    NTA_AUTO(nta_stores_close) struct nta_stores stores = {.journal = NULL};
    struct nta_err err = {0};
    int r = nta_stores_open(&options, &stores, &err);

    if (r == -ENOENT) {
        nta_prose_print(stdout, "stored    no records yet\n");
        return NTA_EXIT_OK;
    }
    if (r == 0 && stores.is_partial)
        (void)nta_cmd_fail(NTA_EXIT_OK, "%s: without what it holds; ask again when it is back",
                           stores.unseen);
    if (r == 0)
        r = show_chain(&stores, &err);
    if (r == 0)
        show_key_state(command);
    if (r == 0)
        r = show_wrapped(&stores, auditors, &err);
    if (r < 0)
        return nta_cmd_fail(r == -EPROTO ? NTA_EXIT_INPUT : NTA_EXIT_FAILURE, "%s", err.text);
    return r > 0 ? NTA_EXIT_INPUT : NTA_EXIT_OK;
}

/** As long as the identity lies here, on standard error. */
static void warn_identity(const char *keys_dir)
{
    if (nta_keys_has_identity(keys_dir))
        nta_prose_print(
            stderr,
            "nta: %s/sensor.key, the sensor's identity, still lies on this machine: "
            "whoever takes it over can sign in the sensor's name for ever; take it away\n",
            keys_dir);
}

/** The fingerprint of the sensor's key, by which its records are named. */
static void show_id(const char *keys_dir)
{
    uint8_t public_key[NTA_KEY_LEN], id[NTA_SENSOR_ID_LEN];
    char text[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)];
    struct nta_err err = {0};

    if (nta_keys_sensor_public(keys_dir, public_key, &err) < 0)
        return; /* an auditor's folder */
    nta_sensor_id(public_key, id);
    nta_prose_print(stdout, "id        %s\n", nta_hex_text(id, sizeof(id), text));
}

int nta_keys_cmd_show(const struct nta_keys_command *command, bool with_stored)
{
    NTA_AUTO(nta_buf_done) struct nta_buf auditors = {0}, sensors = {0};
    char sensor[NTA_KEY_TEXT_SIZE];
    struct nta_err err;

    if (nta_keys_show(command->dir, sensor, &auditors, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    nta_prose_print(stdout, "sensor    %s\n", sensor);
    show_id(command->dir);
    print_lines("auditors", &auditors);
    int r = nta_keys_sensors(command->dir, &sensors, &err);

    if (r < 0 && r != -ENOENT)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    if (r < 0)
        nta_prose_print(stdout, "trusted   this sensor\n");
    else
        print_lines("trusted", &sensors);
    int status = with_stored ? show_stored(command, &auditors) : NTA_EXIT_OK;

    if (with_stored)
        warn_identity(command->dir);
    return fflush(stdout) != 0
               ? nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(errno))
               : status;
}
