/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The option table seen from inside the module: rows of options.inc and what can be done with one:
 * set it from text, show it as text, free it.
 */

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nta_option_type
{
    NTA_OPTION_TEXT,     ///< char *
    NTA_OPTION_CHOICE,   ///< char *, one of `choices`
    NTA_OPTION_BOOL,     ///< bool
    NTA_OPTION_COUNT,    ///< uint64_t
    NTA_OPTION_SIZE,     ///< uint64_t bytes; K, M, G
    NTA_OPTION_TIME,     ///< int64_t nanoseconds; ms, s, m, h, d
    NTA_OPTION_SHARE,    ///< double, 0 to 1
    NTA_OPTION_TEXTS,    ///< char *[NTA_CONFIG_MAX] with a count
    NTA_OPTION_PREFIXES, ///< struct nta_prefix[NTA_CONFIG_MAX] with a count
    NTA_OPTION_LISTS,    ///< struct nta_config_list[NTA_CONFIG_MAX] with a count
};

enum
{
    NTA_OPTION_LIVE = 1,   ///< Taken over by a reload.
    NTA_OPTION_SECRET = 2, ///< Never shown.
};

struct nta_option
{
    const char *section, *name;
    enum nta_option_type type;
    size_t offset, count; ///< In struct nta_config; `count` for lists.
    const char *preset;   ///< Default, as a user would write it; lists: comma-separated.
    const char *example;  ///< Shown, commented out, where the preset is empty.
    const char *choices;  ///< Space-separated.
    uint64_t min, max;    ///< In the field's unit; max 0: none.
    unsigned flags;
    const char *help;
};

extern const struct nta_option nta_options[];
extern const size_t nta_n_options;

/**
 * Set a scalar option, or append one item to a list, from text.  0, or -EINVAL with a sentence
 * about the value alone (the caller puts file, line and name in front), -ENOMEM, -E2BIG.
 */
int nta_option_set(const struct nta_option *option, struct nta_config *config, const char *text,
                   struct nta_err *err);

/** Empty a list, free a text. */
void nta_option_clear(const struct nta_option *option, struct nta_config *config);

/** Append the value as text; SECRET values as they are (the caller masks). */
void nta_option_show(const struct nta_option *option, const struct nta_config *config,
                     struct nta_buf *out);

/** Does the option hold any number of values? */
static inline bool nta_option_is_list(const struct nta_option *option)
{
    return option->type == NTA_OPTION_TEXTS || option->type == NTA_OPTION_PREFIXES ||
           option->type == NTA_OPTION_LISTS;
}
