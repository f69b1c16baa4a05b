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

/** A key of a list's group. */
enum nta_list_key_type
{
    NTA_LIST_KEY_TEXT,   ///< char *
    NTA_LIST_KEY_CHOICE, ///< char *, one of `choices`
    NTA_LIST_KEY_URL,    ///< char *, https://
    NTA_LIST_KEY_BOOL,   ///< bool
    NTA_LIST_KEY_SIZE,   ///< uint64_t bytes; K, M, G
    NTA_LIST_KEY_WHOM,   ///< struct nta_whom_set
    NTA_LIST_KEY_HOURS,  ///< struct nta_config_hours
};

struct nta_list_key
{
    const char *name;
    enum nta_list_key_type type;
    size_t offset;       ///< In struct nta_config_list.
    const char *choices; ///< Space-separated.
    bool geo;            ///< A geo database has it, too.
    bool needs_url;      ///< Of no use without one.
    bool narrows;        ///< For whom and when the list is.
    const char *help;
};

extern const struct nta_list_key nta_list_keys[];
extern const size_t nta_n_list_keys;

/** The key of this name, or NULL. */
const struct nta_list_key *nta_list_key_find(const char *name);

/**
 * Set a key from text; `for` and `not_for` get one more.  0, or negative errno with a sentence
 * about the value alone.
 */
int nta_list_key_set(const struct nta_list_key *key, struct nta_config_list *list, const char *text,
                     struct nta_err *err);

/** Append what the key holds; false, and nothing appended, if that is its default. */
bool nta_list_key_show(const struct nta_list_key *key, const struct nta_config_list *list,
                       struct nta_buf *out);

/** Append a list as a group. */
void nta_list_show(const struct nta_config_list *list, struct nta_buf *out);

/** Free what it owns; it is empty afterwards. */
void nta_list_clear(struct nta_config_list *list);

/** A size with its unit.  0, or -EINVAL with a sentence. */
int nta_option_parse_size(const char *text, uint64_t *ret_bytes, struct nta_err *err);

/** Append a size with its unit. */
void nta_option_show_size(uint64_t bytes, struct nta_buf *out);

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
