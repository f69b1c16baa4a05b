/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lists that the program makes itself (part of lists.h), through the same reader as files:
 * exceptions for well-known public resolvers and for what is the admin's own, and the canary.
 */

#include "policy/types.h"

/** The name of the list that holds the canary. */
#define NTA_CANARY_LIST "canary"

/** Add them behind the files.  0, or negative errno with a sentence. */
int nta_builtin_add(struct nta_blacklist_builder *builder, const struct nta_policy_inputs *inputs,
                    struct nta_err *err);

/** Complain about each entry of a list that names a well-known resolver and is overruled. */
void nta_builtin_note_resolvers(const struct nta_blacklist *set, struct nta_buf *complaints);

/** The canary that a set was made with; empty: none. */
void nta_builtin_get_canary(const struct nta_blacklist *set, char name[NTA_NAME_SIZE]);
