/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What somebody wants destroyed or held, and what became of it. */

#include "base/runtime/user.h"
#include "pipeline/commit/hold.h"

enum
{
    NTA_RETAIN_TEXT_SIZE = 1001
};

enum nta_retain_deed
{
    NTA_RETAIN_PRUNE,
    NTA_RETAIN_HOLD,
    NTA_RETAIN_RELEASE
};

/** What somebody asks to be destroyed, or to be kept. */
struct nta_retain_request
{
    enum nta_retain_deed deed;
    char actor[NTA_USER_NAME_SIZE]; ///< Who asks, for the record.
    /* destroyed: */
    unsigned classes;   ///< 1 << class each.
    bool by_age;        ///< What is older than the policy keeps it; else
    int64_t before_day; ///< all days before this one (days since 1970, UTC).
    /* kept: */
    struct nta_hold hold;            ///< Whose `noted` is not looked at, nor of a release the days.
    char text[NTA_RETAIN_TEXT_SIZE]; ///< Why.
};

/** What became of the last request. */
struct nta_retain_told
{
    bool is_done;               ///< All of it is gone, or kept, or it failed.
    uint64_t n_days, n_batches; ///< Noted so far; of days that are held, their evidence and log.
    int result;                 ///< 0 or what it failed with.
    struct nta_err err;
};
