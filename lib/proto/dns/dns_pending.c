/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/dns_pending.h"

#include "proto/dns/dns_name.h"

#include <assert.h>

static_assert((int)NTA_DNS_PENDING_SMALL_TEXT > (int)NTA_DNS_NAME_TEXT_MAX,
              "an empty one takes any name");
static_assert((NTA_DNS_PENDING_SMALL & (NTA_DNS_PENDING_SMALL - 1)) == 0 &&
                  (NTA_DNS_PENDING_LARGE & (NTA_DNS_PENDING_LARGE - 1)) == 0 &&
                  (NTA_DNS_PENDING_LARGE_LINKS & (NTA_DNS_PENDING_LARGE_LINKS - 1)) == 0,
              "places go round by a mask");

static unsigned place_of(const struct nta_dns_pending *pending, uint32_t number)
{
    return number & (pending->n_max - 1U);
}

static unsigned oldest_place(const struct nta_dns_pending *pending)
{
    return place_of(pending, pending->head->n_pushed - pending->head->n);
}

static uint32_t *link_of(const struct nta_dns_pending *pending, uint16_t id)
{
    return &pending->links[id & (pending->n_links - 1U)];
}

/** The question that a link leads to; NULL: none, or its place was used again since. */
static const struct nta_dns_pending_question *follow(const struct nta_dns_pending *pending,
                                                     uint32_t link)
{
    const uint32_t behind = pending->head->n_pushed - link; /* 0: the newest */

    return link && behind < pending->head->n ? &pending->questions[place_of(pending, link - 1)]
                                             : NULL;
}

static int place_at(const struct nta_dns_pending *pending,
                    const struct nta_dns_pending_question *question)
{
    return (int)(question - pending->questions);
}

static bool has_id(const struct nta_dns_pending_question *question, uint16_t id)
{
    return question->id == id && !question->is_over;
}

int nta_dns_pending_find(const struct nta_dns_pending *pending, uint16_t id, struct nta_span name,
                         uint16_t type)
{
    const struct nta_dns_pending_question *question;

    for (uint32_t link = *link_of(pending, id); (question = follow(pending, link)) != NULL;
         link = question->next) {
        const int place = place_at(pending, question);

        if (has_id(question, id) && (type == 0 || question->type == type) &&
            nta_dns_name_equal(nta_dns_pending_name(pending, place), name))
            return place;
    }
    return -1;
}

int nta_dns_pending_find_id(const struct nta_dns_pending *pending, uint16_t id)
{
    const struct nta_dns_pending_question *question;
    int oldest = -1;

    for (uint32_t link = *link_of(pending, id); (question = follow(pending, link)) != NULL;
         link = question->next) {
        if (has_id(question, id))
            oldest = place_at(pending, question);
    }
    return oldest;
}

int nta_dns_pending_oldest(const struct nta_dns_pending *pending)
{
    /* never one that is over */
    return pending->head->n > 0 ? (int)oldest_place(pending) : -1;
}

/** Where a name of this length can be written; negative: nowhere. */
static int text_at(const struct nta_dns_pending *pending, size_t len)
{
    const struct nta_dns_pending_head *head = pending->head;
    const size_t end = head->text_end;

    if (head->n == 0)
        return len <= pending->text_size ? 0 : -1;
    const size_t begin = pending->questions[oldest_place(pending)].name_at;

    if (end < begin)
        return len < begin - end ? (int)end : -1;
    if (len <= pending->text_size - end)
        return (int)end;
    return len < begin ? 0 : -1;
}

bool nta_dns_pending_fits(const struct nta_dns_pending *pending, size_t name_len)
{
    return pending->head->n < pending->n_max && text_at(pending, name_len) >= 0;
}

void nta_dns_pending_push(struct nta_dns_pending *pending,
                          const struct nta_dns_pending_question *question, struct nta_span name)
{
    struct nta_dns_pending_head *head = pending->head;
    const int at = text_at(pending, name.len);
    struct nta_dns_pending_question *place = &pending->questions[place_of(pending, head->n_pushed)];
    uint32_t *link = link_of(pending, question->id);

    assert(nta_dns_pending_fits(pending, name.len));
    *place = *question;
    place->name_at = (uint16_t)at;
    place->name_len = (uint16_t)name.len;
    place->is_over = false;
    place->next = *link;
    *link = ++head->n_pushed;
    if (name.len > 0)
        memcpy(pending->texts + at, name.ptr, name.len);
    head->text_end = (uint16_t)((size_t)at + name.len);
    head->n++;
}

void nta_dns_pending_drop(struct nta_dns_pending *pending, int place)
{
    struct nta_dns_pending_head *head = pending->head;

    assert(!pending->questions[place].is_over);
    pending->questions[place].is_over = true;
    while (head->n > 0 && pending->questions[oldest_place(pending)].is_over)
        head->n--;
}

void nta_dns_pending_move(struct nta_dns_pending *from, struct nta_dns_pending *to)
{
    for (int place; (place = nta_dns_pending_oldest(from)) >= 0;) {
        nta_dns_pending_push(to, nta_dns_pending_at(from, place),
                             nta_dns_pending_name(from, place));
        nta_dns_pending_drop(from, place);
    }
}
