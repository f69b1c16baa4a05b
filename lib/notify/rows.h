/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The rows of notify/rows.inc at work: set from text, freed.  Private to the module. */

#include "base/err.h"
#include "notify/receiver.h"

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nta_notify_type
{
    NTA_NOTIFY_TYPE_TEXT,    ///< char *
    NTA_NOTIFY_TYPE_CHOICE,  ///< char *, one of `choices`
    NTA_NOTIFY_TYPE_HOURS,   ///< char *
    NTA_NOTIFY_TYPE_TEXTS,   ///< struct nta_notify_texts
    NTA_NOTIFY_TYPE_BOOL,    ///< bool
    NTA_NOTIFY_TYPE_TIME,    ///< int64_t nanoseconds; `min` and `max` in seconds
    NTA_NOTIFY_TYPE_COUNT,   ///< uint64_t
    NTA_NOTIFY_TYPE_CHANNEL, ///< enum nta_notify_channel, in the order of `choices`
};

struct nta_notify_row
{
    const char *name;
    bool of_receiver;
    enum nta_notify_type type;
    size_t offset;
    bool required, secret;
    const char *preset, *choices, *help;
    uint64_t min, max;
};

extern const struct nta_notify_row nta_notify_rows[];
extern const size_t nta_notify_n_rows;

/** A file that is being read. */
struct nta_notify_loading
{
    const char *path;
    const config_setting_t *at; ///< What is read; NULL: the file as a whole.
    struct nta_err *err;
};

/** -EINVAL with a sentence that names file, line and option. */
int nta_notify_fault(const struct nta_notify_loading *loading, const char *name, const char *what);

/**
 * Set an option of `base`, which is a receiver or the whole, from text; of a list one more.  0, or
 * negative errno with a sentence.
 */
int nta_notify_row_set(const struct nta_notify_loading *loading, const struct nta_notify_row *row,
                       const char *text, void *base);

/** Free what it owns; a secret is overwritten. */
void nta_notify_row_free(const struct nta_notify_row *row, void *base);
