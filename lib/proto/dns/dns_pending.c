/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/dns_pending.h"

#include "proto/dns/dns_name.h"

#include <assert.h>

static_assert((int)NTA_DNS_PENDING_SMALL_TEXT > (int)NTA_DNS_NAME_TEXT_MAX,
              "an empty one takes any name");
static_assert((NTA_DNS_PENDING_SMALL & (NTA_DNS_PENDING_SMALL - 1)) == 0 &&
                  (NTA_DNS_PENDING_LARGE & (NTA_DNS_PENDING_LARGE - 1)) == 0,
              "places go round by a mask");

/** The place of the one that is `i` behind the oldest. */
static unsigned place_of(const struct nta_dns_pending *pending, unsigned i)
{
    return (pending->head->first + i) & (pending->n_max - 1U);
}

static bool has_id(const struct nta_dns_pending_question *question, uint16_t id)
{
    return question->id == id && !question->is_over;
}

int nta_dns_pending_find(const struct nta_dns_pending *pending, uint16_t id, struct nta_span name,
                         uint16_t type)
{
    for (unsigned i = 0; i < pending->head->n; i++) {
        const unsigned place = place_of(pending, i);
        const struct nta_dns_pending_question *question = &pending->questions[place];

        if (has_id(question, id) && (type == 0 || question->type == type) &&
            nta_dns_name_equal(nta_dns_pending_name(pending, (int)place), name))
            return (int)place;
    }
    return -1;
}

int nta_dns_pending_find_id(const struct nta_dns_pending *pending, uint16_t id)
{
    for (unsigned i = 0; i < pending->head->n; i++) {
        if (has_id(&pending->questions[place_of(pending, i)], id))
            return (int)place_of(pending, i);
    }
    return -1;
}

int nta_dns_pending_oldest(const struct nta_dns_pending *pending)
{
    return pending->head->n > 0 ? (int)pending->head->first : -1; /* never one that is over */
}

/** Where a name of this length can be written; negative: nowhere. */
static int text_at(const struct nta_dns_pending *pending, size_t len)
{
    const struct nta_dns_pending_head *head = pending->head;
    const size_t end = head->text_end;

    if (head->n == 0)
        return len <= pending->text_size ? 0 : -1;
    const size_t begin = pending->questions[head->first].name_at;

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
    struct nta_dns_pending_question *place = &pending->questions[place_of(pending, head->n)];

    assert(nta_dns_pending_fits(pending, name.len));
    *place = *question;
    place->name_at = (uint16_t)at;
    place->name_len = (uint16_t)name.len;
    place->is_over = false;
    if (name.len > 0)
        memcpy(pending->texts + at, name.ptr, name.len);
    head->text_end = (uint16_t)((size_t)at + name.len);
    head->n++;
    head->n_open++;
}

void nta_dns_pending_drop(struct nta_dns_pending *pending, int place)
{
    struct nta_dns_pending_head *head = pending->head;

    assert(!pending->questions[place].is_over && head->n_open > 0);
    pending->questions[place].is_over = true;
    head->n_open--;
    while (head->n > 0 && pending->questions[head->first].is_over) {
        head->first = (uint16_t)place_of(pending, 1);
        head->n--;
    }
}

void nta_dns_pending_move(struct nta_dns_pending *from, struct nta_dns_pending *to)
{
    for (int place; (place = nta_dns_pending_oldest(from)) >= 0;) {
        nta_dns_pending_push(to, nta_dns_pending_at(from, place),
                             nta_dns_pending_name(from, place));
        nta_dns_pending_drop(from, place);
    }
}
