/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/keep/list.h"

void nta_flow_list_append(struct nta_flow_list *list, struct nta_flow_link *links, uint32_t id)
{
    links[id] = (struct nta_flow_link){.prev = list->last};
    if (list->last)
        links[list->last].next = id;
    else
        list->first = id;
    list->last = id;
}

void nta_flow_list_remove(struct nta_flow_list *list, struct nta_flow_link *links, uint32_t id)
{
    struct nta_flow_link link = links[id];

    if (link.prev)
        links[link.prev].next = link.next;
    else
        list->first = link.next;
    if (link.next)
        links[link.next].prev = link.prev;
    else
        list->last = link.prev;
}
