/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whom a list is for: "10.1.0.0/16", "vlan:10", "department:sales", "login:ann", "person:Ann Bell",
 * "device:02:00:00:00:00:05".
 */

#include "base/addr.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum nta_whom_kind
{
    NTA_WHOM_PREFIX,
    NTA_WHOM_VLAN,
    NTA_WHOM_DEPARTMENT,
    NTA_WHOM_LOGIN,
    NTA_WHOM_PERSON,
    NTA_WHOM_DEVICE,
};

enum
{
    NTA_WHOM_NAME_SIZE = 96,
    NTA_WHOM_MAX = 256, ///< In one set.
};

struct nta_whom
{
    enum nta_whom_kind kind;
    struct nta_prefix prefix;
    uint16_t vlan;
    char name[NTA_WHOM_NAME_SIZE]; ///< Of a department, login or person.
};

/** Any of them. */
struct nta_whom_set
{
    struct nta_whom *items; ///< Owns.
    size_t n;
};

/** The word before the colon; "" of a prefix. */
const char *nta_whom_word(enum nta_whom_kind kind);

/** 0, or -EINVAL with a sentence; `ret_whom` is untouched then. */
int nta_whom_parse(const char *text, struct nta_whom *ret_whom, struct nta_err *err);

/** One more.  0, or negative errno with a sentence: as parsing, or there are too many. */
int nta_whom_set_add(struct nta_whom_set *set, const char *text, struct nta_err *err);

/** A copy, owned by the caller.  0 or -ENOMEM. */
int nta_whom_set_copy(const struct nta_whom_set *set, struct nta_whom_set *ret_copy);

/** Free what it owns; it is empty afterwards. */
void nta_whom_set_done(struct nta_whom_set *set);

/** One as it is written. */
const char *nta_whom_text(const struct nta_whom *whom, char buf[NTA_WHOM_NAME_SIZE + 16]);
