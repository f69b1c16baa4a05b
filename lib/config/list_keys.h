/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The keys of a list's group: rows of list_keys.inc, and what can be done with one. */

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

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
