/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How long records are kept, and what is done where the store is at its bound: what the rules of
 * retain/plan.h say is destroyed (commit/destroy.h), a small step at a time between the batches.
 *
 * Nothing goes by age while the clock is not synchronised, or was seen to jump by more than a day,
 * until `nta prune` asks for it: a wrong clock must not destroy what is young.  What was begun
 * before a crash is finished first.
 *
 * What is held (commit/hold.h) does not go, whoever asks.
 *
 * The committing thread's, but for nta_retain_ask() and nta_retain_tell().
 */

#include "pipeline/retain/plan.h"
#include "pipeline/retain/request.h"

struct nta_commit;
struct nta_config;
struct nta_health;
struct nta_retain; ///< Opaque.

/** What a configuration says of it. */
struct nta_retain_policy nta_retain_policy_of(const struct nta_config *config);

struct nta_retain_options
{
    const struct nta_retain_policy *policy; ///< Copied; NULL: everything is kept.
    const char *store_path;                 ///< Borrows.
    struct nta_health *health;              ///< Borrows; NULL: nobody asks.
};

/** 0, with NULL where there is no policy; or -ENOMEM. */
int nta_retain_new(const struct nta_retain_options *options, struct nta_retain **ret_retain,
                   struct nta_err *err);
/** Takes NULL too, and clears. */
void nta_retain_free(struct nta_retain **retain);

/**
 * One step: measure, find what is to go, note it, or destroy a slice.  Gives in how many
 * nanoseconds it wants to be called again; 0: at once, when no batch waits.
 */
int64_t nta_retain_tend(struct nta_retain *retain, struct nta_commit *commit);

/** True if a batch of this class may be stored: the bound leaves it room. */
bool nta_retain_takes(const struct nta_retain *retain, enum nta_class class);

/** A batch of so many bytes was stored: it counts at once, not only when it is measured next. */
void nta_retain_took(struct nta_retain *retain, uint64_t n_bytes);

/** Any thread: -EBUSY: another one is being done. */
int nta_retain_ask(struct nta_retain *retain, const struct nta_retain_request *request);

/** Any thread. */
void nta_retain_tell(struct nta_retain *retain, struct nta_retain_told *ret_told);
