/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where records are, as the admin names it: a folder (--store DIR) or what ntad.conf says (its
 * journal, and MySQL behind it); and a walk over the sealed batches of all of that, each of them
 * judged (chain/chain.h) and given once.
 */

#include "base/err.h"
#include "chain/chain.h"
#include "config/secret.h"
#include "search/remember/made.h"
#include "search/wrapped.h"
#include "store/walk.h"
#include "vault/vault.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_PATH_SIZE = 4096
};

struct nta_query_tokens; ///< search/query.h

#define NTA_DEFAULT_CONFIG "/etc/nta/ntad.conf"

/** DIR/journal.db and DIR/keys.  0, or -ENAMETOOLONG. */
int nta_stores_paths(const char *dir, char ret_store[NTA_PATH_SIZE], char ret_keys[NTA_PATH_SIZE],
                     struct nta_err *err);

struct nta_stores
{
    struct nta_store *journal; ///< NULL: not there.
    struct nta_store *mysql;   ///< NULL: none configured, or it was not reached.
    char path[NTA_PATH_SIZE];  ///< The journal's, be it there or not.
    char keys_dir[NTA_PATH_SIZE];
    struct nta_trust trust;        ///< Owned: whose signatures count.
    struct nta_findings *findings; ///< Owned: of all walks.
    /** Owned: data keys that the judge lets pass, unwrapped when a batch needs one. */
    struct nta_wrapped_keys *wrapped;
    bool with_closed;          ///< Keys that are not for this auditor are findings, too.
    bool unverified;           ///< What does not hold is given, too.
    bool is_restored;          ///< A backup is put into it: what nta has seen may come later.
    bool is_partial;           ///< MySQL is configured and could not be asked:
    char unseen[NTA_ERR_SIZE]; ///< why.
    bool lacks_state;          ///< Beside the journal there is no file of its chain's state.
    bool is_refused;           ///< Not because it is away: asking again will not help.
    bool has_mysql;            ///< One is configured.
    /** Of the journal's file, and of MySQL's place: another store has another one. */
    uint64_t id;
};

/**
 * Where MySQL is, by a configuration; `password` is what its owner wipes.  0 or negative errno.
 */
int nta_stores_mysql(const struct nta_config *config, char password[NTA_SECRET_SIZE],
                     struct nta_mysql_options *ret_options, struct nta_err *err);

/** The same for who deletes in MySQL: by `mysql`, but for the account, if that is another. */
int nta_stores_retention(const struct nta_config *config, const struct nta_mysql_options *mysql,
                         char password[NTA_SECRET_SIZE], struct nta_mysql_options *ret_options,
                         struct nta_err *err);

/** Where records are, and whose they are to be. */
struct nta_stores_options
{
    const char *dir;         ///< NULL: by `config`.
    const char *config;      ///< NULL: the default one.
    const char *const *keys; ///< Public keys as texts: these sensors are trusted, and no others.
    size_t n_keys;   ///< 0: those of sensors.pub in the key folder, or the one of sensor.pub.
    bool unverified; ///< Give what does not hold, too.
};

/**
 * 0, or negative errno with `err`: -EPROTO: a store is not ours; -EINVAL: a key of `keys` is none;
 * -EUCLEAN: what a file says, as the configuration, is refused.  A MySQL server that cannot be
 * asked is no failure where there is a journal (`is_partial`).
 */
int nta_stores_open(const struct nta_stores_options *options, struct nta_stores *ret_stores,
                    struct nta_err *err);
/** The same, but no store is opened: where they are, and whose they are to be. */
int nta_stores_find(const struct nta_stores_options *options, struct nta_stores *ret_stores,
                    struct nta_err *err);
/** Close those that are open. */
void nta_stores_close(struct nta_stores *stores);

/** As nta_store_count(), over both. */
int nta_stores_count(struct nta_stores *stores, const struct nta_store_query *query,
                     uint64_t *ret_n_batches, struct nta_err *err);

/* ---- walking ---- */

enum
{
    NTA_STORES_GROUP = 8 ///< The first is proved by itself, then two together, then four.
};

/**
 * A judge of all that is in the stores, with the data keys, key changes and chain rows that there
 * are.  Keys that pass, and if the stores are `unverified` all others behind them, come into the
 * stores' ring: none is unwrapped before a batch needs it.  `with_closed`: those that are not for
 * the auditor of a walk are findings, too.  0, or negative errno.
 */
int nta_stores_judge(struct nta_stores *stores, bool with_closed, struct nta_chain **ret_chain,
                     struct nta_err *err);

/**
 * Behind nta_stores_judge(), and before the walk: what this user's nta saw to its end and found to
 * hold (search/remember/seen.h) needs no second look at each signature (chain/recall.h).  All
 * headers are read once more for it, which takes a tenth of that; none where nothing was seen, or
 * where indexes (search/indexes.h) name nearly all.  `stop` set: not to the end, and nothing is
 * recalled of sensors whose turn had not come.  NULL: nobody stops it.  0, or negative errno.
 */
int nta_stores_recall(struct nta_stores *stores, struct nta_chain *chain,
                      const volatile sig_atomic_t *stop, struct nta_err *err);

/** The same of what was chosen by nta_chain_recall_from(), and not of all that was seen. */
int nta_stores_recall_chosen(struct nta_stores *stores, struct nta_chain *chain,
                             const volatile sig_atomic_t *stop, struct nta_err *err);

/**
 * See to it that the opener has the data key that a header names, which the judge let pass; one
 * that is broken, or not for this auditor, is said once.  False: it has not.  For `wants` too, on
 * the walking thread.
 */
bool nta_stores_open_key(struct nta_stores *stores, struct nta_opener *opener,
                         const struct nta_header *header);

/**
 * The file of the state of the journal's chain (store/headfile.h), behind nta_stores_judge() and
 * before the walk: one that cannot be read, or that no trusted sensor wrote (its checkpoint key is
 * in its notes), is a finding, and `chain` expects its head and tree.  One that is not there is
 * one at the end, if a sensor has more than its first batch; that of a journal of format 1 is not
 * looked at.  0, or -ENOMEM.
 */
int nta_stores_check_state(struct nta_stores *stores, struct nta_chain *chain, struct nta_err *err);

/**
 * What to walk through, and who wants what of it.  With `settled` one signature of format 1 vouches
 * for up to NTA_STORES_GROUP batches: what is given with `verdict->ticket` is held back until that
 * is called with it, on the same thread: soon, and before the walk ends.
 */
struct nta_stores_walk
{
    struct nta_chain *chain;
    /** Gets the data key of each batch that is given, under the ring's lock; NULL: none does. */
    struct nta_opener *opener;
    /** Not NULL: as nta_store_query's, but moved by what was proved only. */
    struct nta_store_marks *marks;
    struct nta_store_watch *watch; ///< NULL: nobody watches.
    bool with_tokens;              ///< Tokens are read, and `wants` decides by them.
    /** Not NULL: indexes are made again (search/index_check.h), as far as they were not before. */
    struct nta_made *made;
    /**
     * The tokens that it is looked for by in batches like that of this header: where an index says
     * that they are not there, neither tokens nor the rest is read.  NULL: there are none, or (of
     * what it gives) nobody can tell.
     */
    const struct nta_query_tokens *(*tokens)(void *owner, const struct nta_header *header);
    /** What the header alone says: false, and neither tokens nor the rest is read.  NULL: true. */
    bool (*narrows)(void *owner, const struct nta_header *header);
    /**
     * By the signed header (and tokens): is it wanted?  Quick; must not use the stores.  NULL: all
     * are.
     */
    bool (*wants)(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict);
    void *wants_owner; ///< For all three.
    /**
     * A whole batch that is wanted and holds (or does not: the verdict says, and only if the stores
     * are `unverified`).  As nta_store_each_fn.
     */
    int (*each)(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict,
                struct nta_err *err);
    /**
     * A batch of a trusted sensor that is signed and was not given to `each`, as its contents are
     * not there or not wanted: header and signature.  NULL: nobody asks.
     */
    int (*head)(void *owner, const struct nta_stored *row, struct nta_err *err);
    /** With this a batch may be given before it is proved.  NULL: each is proved first. */
    nta_chain_settled_fn *settled;
    void *owner; ///< For both.
};

/**
 * Walk over MySQL and the journal and have every row judged: each batch is given once, also while
 * the shipper moves them from one to the other; a row that does not hold hides no other.  In order
 * of (sensor, number) but for what the journal has and MySQL lacks.  What cannot be read is a
 * finding.  0, what `each` gave, or negative errno.
 */
int nta_stores_each(struct nta_stores *stores, const struct nta_stores_walk *walk,
                    struct nta_err *err);

/** After the walk: what is missing, or does not follow.  `wants_given` as nta_chain_end's. */
int nta_stores_end(struct nta_stores *stores, struct nta_chain *chain, bool wants_given,
                   struct nta_err *err);
