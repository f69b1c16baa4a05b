/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Records deleted or held: asked of the ntad that writes the store, over its control socket;
 * without one done here, under the store's lock and with its signing key.  Where records go to
 * MySQL, what is noted is shipped meanwhile.
 */

#include "pipeline/retain.h"
#include "search/stores.h"

struct nta_asking
{
    const char *store;       ///< The folder of `nta read --store`; NULL: what `config_path` names.
    const char *config_path; ///< NULL: the default one.
    struct nta_retain_request request; ///< Without the actor.
    bool only_reads; ///< Nothing is to be done: where MySQL is, the journal may be missing.
    /* nta_asking_find()'s */
    struct nta_config *config; ///< Owned; with `store`: all defaults.
    struct nta_retain_policy policy;
    char store_path[NTA_PATH_SIZE], keys_dir[NTA_PATH_SIZE], state_dir[NTA_PATH_SIZE];
};

/**
 * What of the sensor whose keys these are is held, by the heads of all stores that are open.  0 or
 * negative errno, with `err`.
 */
int nta_retention_holds(const struct nta_asking *asking, const struct nta_stores *stores,
                        struct nta_holds *ret_holds, struct nta_err *err);

/** Where store, keys and ntad are.  0 or negative errno. */
int nta_asking_find(struct nta_asking *asking, struct nta_err *err);
/** Free what it owns. */
void nta_asking_done(struct nta_asking *asking);

/** Ask, and wait until it is done.  0 or negative errno, as it failed. */
int nta_asking_do(struct nta_asking *asking, struct nta_retain_told *ret_told, struct nta_err *err);
