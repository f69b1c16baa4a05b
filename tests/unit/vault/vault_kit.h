/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A scratch folder with keys, a sealer, an opener and a batch, for tests.
 */

#include "base/own.h"
#include "base/text.h"
#include "record/sample_random.h"
#include "unit.h"
#include "vault/kept.h"
#include "vault/seal.h"
#include "vault/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>

#define DAY_NS (INT64_C(86400) * 1000000000)

/** When kits make their keys and seal. */
#define KIT_NS (INT64_C(20000) * DAY_NS + 1000)

struct vault_kit
{
    char dir[64];       ///< Of keys,
    char state_dir[80]; ///< with the state folder in it.
    struct nta_sealer *sealer;
    struct nta_opener *opener;
    uint8_t public_key[NTA_KEY_LEN]; ///< The identity's, and
    uint8_t signing[NTA_KEY_LEN];    ///< of the key that signs next.
    struct nta_batch batch, back;
    struct nta_err err;
};

static inline int kit_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static inline void kit_done(struct vault_kit *kit)
{
    nta_sealer_free(&kit->sealer);
    nta_opener_free(&kit->opener);
    nta_batch_done(&kit->batch);
    nta_batch_done(&kit->back);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread a folder */
    (void)nftw(kit->dir, kit_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/** A folder with a name of its own; no keys yet. */
static inline struct vault_kit kit_empty(void)
{
    struct vault_kit kit = {.dir = "/tmp/nta-vault-XXXXXX"};

    assert_non_null(mkdtemp(kit.dir));
    (void)snprintf(kit.state_dir, sizeof(kit.state_dir), "%s/state", kit.dir);
    nta_batch_init(&kit.batch);
    nta_batch_init(&kit.back);
    return kit;
}

static inline struct nta_keys_place kit_place(const struct vault_kit *kit)
{
    return (struct nta_keys_place){.keys_dir = kit->dir, .state_dir = kit->state_dir};
}

/** Make all keys that are not there; the first batch has one policy record. */
static inline int kit_init(struct vault_kit *kit, bool *ret_made)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch = {.n_records = 0};
    const struct nta_record record = {.event = NTA_RECORD_POLICY, .time_ns = KIT_NS};
    const struct nta_keys_first first = {.batch = &batch, .wall_ns = KIT_NS, .clock = 1};
    const struct nta_keys_place place = kit_place(kit);

    assert_int_equal(nta_batch_add(&batch, &record), 0);
    return nta_keys_init(&place, &first, ret_made, &kit->err);
}

static inline int kit_sealer(struct vault_kit *kit, struct nta_sealer **ret_sealer)
{
    const struct nta_keys_place place = kit_place(kit);

    return nta_sealer_new(&place, ret_sealer, &kit->err);
}

/** A new data key of a class, in use, which the opener (NULL: none) learns. */
static inline void kit_key(struct vault_kit *kit, struct nta_sealer *sealer, enum nta_class class,
                           int64_t wall_ns, struct nta_opener *opener)
{
    struct nta_wrapped_key key;

    assert_int_equal(nta_sealer_make_key(sealer, class, wall_ns, &key, &kit->err), 0);
    assert_int_equal(nta_wrapped_key_look(&key), NTA_KEY_OK);
    nta_sealer_use_key(sealer, class);
    if (opener)
        assert_int_equal(nta_opener_add_key(opener, &key, &kit->err), 0);
}

/** Behind its first batch, as if the store had it. */
static inline void kit_go_on(struct vault_kit *kit, struct nta_sealer *sealer)
{
    enum nta_signing_state state;
    struct nta_sealer_at at = {.number = 1};
    struct nta_header header;
    struct nta_wrapped_key key;
    struct nta_sealed first;

    nta_sealer_first(sealer, &first, &header, &key);
    assert_int_equal(
        nta_sealer_resume(sealer, &(struct nta_sealer_known){.head = &first}, &state, &kit->err),
        0);
    nta_header_hash(&first, at.previous);
    nta_log_add(&at.log, at.previous);
    nta_sealer_continue(sealer, &at);
}

/**
 * With keys, a sealer that goes on behind the first batch and has a data key for traffic, and an
 * opener that knows it.
 */
static inline struct vault_kit kit_new(void)
{
    struct vault_kit kit = kit_empty();

    assert_int_equal(kit_init(&kit, NULL), 0);
    assert_int_equal(kit_sealer(&kit, &kit.sealer), 0);
    assert_int_equal(nta_opener_new(kit.dir, &kit.opener, &kit.err), 0);
    assert_int_equal(nta_keys_sensor_public(kit.dir, kit.public_key, &kit.err), 0);
    kit_go_on(&kit, kit.sealer);
    nta_sealer_get_signing(kit.sealer, kit.signing);
    kit_key(&kit, kit.sealer, NTA_CLASS_TRAFFIC, KIT_NS, kit.opener);
    return kit;
}

static inline void kit_fill(struct vault_kit *kit, int n, uint64_t seed)
{
    struct sample_random random = {.state = seed};
    struct nta_record_buf lists;

    nta_batch_clear(&kit->batch);
    for (int i = 0; i < n; i++) {
        struct nta_record record = sample_record(&random, &lists);

        record.event = NTA_RECORD_FLOW;
        record.match = (struct nta_record_match){.line = 0}; /* all of one class */
        assert_int_equal(nta_batch_add(&kit->batch, &record), 0);
    }
}

static inline struct nta_sealed kit_seal(struct vault_kit *kit, struct nta_header *ret_header)
{
    const struct nta_seal_options options = {.class = NTA_CLASS_TRAFFIC, .wall_ns = KIT_NS};
    struct nta_sealed sealed;

    assert_int_equal(
        nta_sealer_seal(kit->sealer, &kit->batch, &options, &sealed, ret_header, &kit->err), 0);
    return sealed;
}

/** Write a small file into the folder with this mode. */
static inline void kit_write(const struct vault_kit *kit, const char *name, const char *text,
                             mode_t mode)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", kit->dir, name);
    (void)unlink(path);
    NTA_AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
}

/** Read a small file of the folder, NUL-terminated. */
static inline void kit_read(const struct vault_kit *kit, const char *name, char *text, size_t size)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", kit->dir, name);
    NTA_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);

    assert_true(len >= 0);
    text[len] = 0;
}
