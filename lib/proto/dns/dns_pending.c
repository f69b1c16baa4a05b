/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/dns_pending.h"

#include "proto/dns/dns_name.h"

#include <assert.h>

static_assert((int)NTA_DNS_PENDING_TEXT_SIZE >= (int)NTA_DNS_NAME_TEXT_MAX,
              "an empty one takes any name");

struct nta_span nta_dns_pending_name(const struct nta_dns_pending *pending, size_t i)
{
    size_t offset = 0;

    for (size_t k = 0; k < i; k++)
        offset += pending->questions[k].name_len;
    return (struct nta_span){.ptr = pending->texts + offset, .len = pending->questions[i].name_len};
}

int nta_dns_pending_find(const struct nta_dns_pending *pending, uint16_t id, struct nta_span name,
                         uint16_t type)
{
    const uint8_t *text = pending->texts;

    for (int i = 0; i < pending->n; i++) {
        const struct nta_dns_pending_question *question = &pending->questions[i];

        if (question->id == id && (type == 0 || question->type == type) &&
            nta_dns_name_equal((struct nta_span){.ptr = text, .len = question->name_len}, name))
            return i;
        text += question->name_len;
    }
    return -1;
}

int nta_dns_pending_find_id(const struct nta_dns_pending *pending, uint16_t id)
{
    for (int i = 0; i < pending->n; i++) {
        if (pending->questions[i].id == id)
            return i;
    }
    return -1;
}

bool nta_dns_pending_fits(const struct nta_dns_pending *pending, size_t name_len)
{
    return pending->n < NTA_DNS_PENDING_MAX &&
           (size_t)NTA_DNS_PENDING_TEXT_SIZE - pending->texts_len >= name_len;
}

void nta_dns_pending_push(struct nta_dns_pending *pending,
                          const struct nta_dns_pending_question *question, struct nta_span name)
{
    assert(nta_dns_pending_fits(pending, name.len));
    pending->questions[pending->n] = *question;
    pending->questions[pending->n++].name_len = (uint16_t)name.len;
    if (name.len > 0)
        memcpy(pending->texts + pending->texts_len, name.ptr, name.len);
    pending->texts_len = (uint16_t)(pending->texts_len + name.len);
}

void nta_dns_pending_drop(struct nta_dns_pending *pending, size_t i)
{
    size_t offset = (size_t)(nta_dns_pending_name(pending, i).ptr - pending->texts);
    uint16_t len = pending->questions[i].name_len;

    memmove(pending->texts + offset, pending->texts + offset + len,
            pending->texts_len - offset - len);
    pending->texts_len = (uint16_t)(pending->texts_len - len);
    pending->n--;
    memmove(&pending->questions[i], &pending->questions[i + 1],
            (pending->n - i) * sizeof(pending->questions[0]));
}
