/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: lists of flows by number, with a pair of links for each flow in an array
 * beside them; an array serves lists of which a flow is in one at most.
 */

#include <stdint.h>

struct nta_flow_list
{
    uint32_t first, last;
};

struct nta_flow_link
{
    uint32_t prev, next;
};

/** The number, in no list that uses these links, becomes the last one. */
void nta_flow_list_append(struct nta_flow_list *list, struct nta_flow_link *links, uint32_t id);
/** Take the number out, from wherever in this very list it is. */
void nta_flow_list_remove(struct nta_flow_list *list, struct nta_flow_link *links, uint32_t id);
