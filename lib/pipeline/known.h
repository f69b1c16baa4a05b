/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who has which address, beside what goes by: files that say so (who.files), followed each second,
 * and what was known before a restart, sealed in the state folder.  Main's thread.
 */

#include "base/err.h"
#include "config/config.h"
#include "pipeline/pipeline.h"
#include "who/beside/follow.h"

struct nta_known
{
    struct nta_pipeline *pipeline;    ///< Borrows.
    const char *keys_dir, *state_dir; ///< Borrow.
    struct nta_follow files[NTA_CONFIG_MAX];
    size_t n_files;
    int64_t saved_mono_ns; ///< When what is known was last asked for.
};

/**
 * Who had which address before, and by who.files, is known before the first packet: the pipeline is
 * made and not started; it and the two folders are set.  0, or negative errno with `err`.
 */
int nta_known_start(struct nta_known *known, const struct nta_config *config, struct nta_err *err);
/** The files are closed. */
void nta_known_stop(struct nta_known *known);
/** Each second: what stands in them since; and now and then what is known is kept. */
void nta_known_tend(struct nta_known *known);
/** All has ended: what is known is kept for the next start. */
void nta_known_keep(const struct nta_known *known);
