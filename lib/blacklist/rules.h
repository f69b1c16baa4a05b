/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rules that others take back: AdGuard's $badfilter, in whatever file and order (internal to
 * blacklist/).
 *
 * While lists are read, each rule's hash is noted with its line (16 bytes a rule, given up when the
 * set is built); then the lines whose rule is taken back are known.
 */

#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_rule_note
{
    uint64_t rule; ///< Hash of its text and modifiers.
    uint32_t line; ///< Among all lines of the set; 0: it takes back.
};

struct nta_rules
{
    struct nta_hash_key key;     ///< Random.
    struct nta_rule_note *notes; ///< Owns.
    size_t n_notes, size;
    size_t n_back;   ///< Of them take back.
    uint32_t *lines; ///< Owns; what is taken back, sorted.
    size_t n_lines;
};

/** Note a rule, or one that takes back.  0, or -ENOMEM. */
int nta_rules_note(struct nta_rules *rules, uint64_t rule, uint32_t line);

/** All is read: find the lines.  0, or -ENOMEM. */
int nta_rules_settle(struct nta_rules *rules);

/** True for a line whose rule is taken back. */
bool nta_rules_took_back(const struct nta_rules *rules, uint32_t line);

/** Free what it owns; it is empty afterwards. */
void nta_rules_done(struct nta_rules *rules);
