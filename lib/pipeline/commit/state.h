/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The state that the files of the commit share.  Private to it. */

#include "base/hex.h"
#include "pipeline/commit/indexer.h"
#include "pipeline/commit/options.h"
#include "pipeline/commit/remote.h"
#include "pipeline/commit/tail.h"
#include "pipeline/commit/unadopted.h"
#include "pipeline/commit/witness.h"
#include "store/headfile.h"
#include "vault/seal.h"

#include <pthread.h>
#include <stdatomic.h>

enum
{
    NTA_COMMIT_LOSSES = 8
};

/** Which key signs what follows a batch. */
struct nta_commit_signing
{
    bool is_known;
    uint64_t behind; ///< Number of the batch.
    uint8_t key[NTA_KEY_LEN];
};

struct nta_commit
{
    struct nta_commit_options options;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    char text[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)];
    struct nta_indexer indexer;
    struct nta_sealer *sealer;      ///< Owned; it knows what the next batch follows.
    struct nta_remote *remote;      ///< Owned; NULL: no contents are in MySQL.
    struct nta_day_reader *reading; ///< Owned; NULL: notes of days are not being read.
    struct nta_store *store;        ///< Owned; NULL: it could not be opened again yet.
    struct nta_store_head row;      ///< The store's chain row as it was last read or set.
    struct nta_store_place place;   ///< The last batch that was committed, for the state file.
    bool has_place;
    /** Its kind is 0, or numbers up to where the chain stands are lost: the next header's note. */
    struct nta_note lost;
    struct nta_unadopted unadopted;    ///< Keys that the identity is to adopt.
    bool change_failed;                ///< Said that the key cannot be changed.
    struct nta_commit_signing signing; ///< As it is in memory.
    int64_t day;              ///< Of the last batch; the first of another one changes the key.
    int64_t sealed_ns;        ///< When the one was sealed that the chain was found behind.
    int64_t before_ns;        ///< The same, of the start: never changes after it.
    _Atomic uint64_t last;    ///< Number of the last batch that was committed.
    int64_t head_mono_ns;     ///< When the head is told next; 0: with the first batch.
    int64_t file_mono_ns;     ///< When the state file was written last.
    struct nta_headfile file; ///< What it says.
    bool has_file;            ///< It says something.
    int64_t alarm_mono_ns;    ///< When something was wrong with the chain last; 0: nothing is said.
    bool file_failed;         ///< Said that it cannot be written.
    pthread_mutex_t lock;     ///< Guards what follows.
    struct nta_store_head acked;
    uint64_t kept;
    struct nta_commit_loss losses[NTA_COMMIT_LOSSES];
    size_t n_losses;
};
