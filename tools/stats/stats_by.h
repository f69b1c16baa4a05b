/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * By what nta stats can count: one row each, which makes a key of a record and shows a key.
 */

#include "base/buf.h"
#include "base/err.h"
#include "record/user/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_keyer; ///< What making keys remembers: registrable domains, parts of days.  Opaque.

struct nta_by
{
    const char *name, *title;
    uint32_t parts; ///< NTA_PART_... that a key is made of.
    bool in_order;  ///< Rows are shown in the order of their keys.
    bool only_some; ///< A record without a key is none of these, and is left out.
    struct nta_span (*key)(struct nta_keyer *keyer, const struct nta_record *record);
    void (*show)(struct nta_buf *out, struct nta_span key); ///< Raw text; NULL: the key is it.
    /** What the record calls its key, raw; the one that says most does.  NULL: the key is shown. */
    struct nta_span (*call)(struct nta_keyer *keyer, const struct nta_record *record);
};

/** By its name.  NULL with a sentence that lists the names. */
const struct nta_by *nta_by_find(const char *name, struct nta_err *err);

/** NULL: out of memory. */
struct nta_keyer *nta_keyer_new(void);
/** Takes NULL too. */
void nta_keyer_free(struct nta_keyer **keyer);

/** Who a record is of (record/user/user.h).  Borrows until the next call. */
struct nta_span nta_keyer_user(struct nta_keyer *keyer, const struct nta_record *record);
