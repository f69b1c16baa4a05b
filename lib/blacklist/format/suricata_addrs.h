/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The addresses in front of a Suricata rule's brackets: groups with negations and nesting, and
 * which side of the arrow is the place that is spoken of (internal to blacklist/).
 */

#include "blacklist/format/line.h"

/** "alert ip FROM PORT -> TO PORT" in its parts. */
struct nta_rule_head
{
    struct nta_span action, protocol, from, from_port, direction, to, to_port;
};

/** Taken apart at white space outside of brackets. */
struct nta_rule_head nta_rule_head_of(struct nta_span text);

/** True if both sides are whoever: "any", or groups of variables without exceptions. */
bool nta_rule_is_open(struct nta_list_reader *reader, const struct nta_rule_head *head);

/** Give the addresses of a rule over addresses alone. */
enum nta_line nta_rule_addrs(struct nta_list_reader *reader, const struct nta_rule_head *head,
                             uint32_t flags);
