/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Types of files by their names: what is the same under other names, what a file's name says, what
 * may lie inside of what; and from all that is known of a file, what it is.
 *
 * Content decides (magic.h), since whoever serves a file can call it anything; then what was
 * announced, if that says something; then the end of its name.
 */

#include "base/bytes.h"

#include <stdbool.h>

/**
 * Is a file of this type and name what `word` asks for?  A type (all its names mean the same), or
 * how names end: "exe", "dll".  Without a name a file is what its type's names usually end with.
 */
bool nta_type_is(struct nta_span type, struct nta_span name, const char *word);

/** What is known of a file. */
struct nta_type_clues
{
    struct nta_span first;     ///< Its first bytes; empty: not known, or packed for the way.
    struct nta_span far;       ///< Those further on that tell more (magic.h), likewise.
    struct nta_span announced; ///< As whoever serves it calls it; empty: not at all.
    struct nta_span name;
};

/** What it is; spans are static, or borrow from the clues. */
struct nta_type_known
{
    struct nta_span type; ///< Empty: not known.
    struct nta_span said; ///< What it was announced or named as, if content says otherwise.
};

/** From clues to a type. */
struct nta_type_known nta_type_decide(const struct nta_type_clues *clues);

/** The same of a file that was not announced, whose content was looked at before: NULL: no mark. */
struct nta_type_known nta_type_decide_with(const char *content, struct nta_span name);
