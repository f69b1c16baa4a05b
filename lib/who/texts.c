/* SPDX-License-Identifier: Apache-2.0 */
#include "who/texts.h"

#include "base/memory/area.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum
{
    LONG_SHARE = 8,  ///< One in so many is long.
    SHORT_CELL = 32, ///< A cell and a short text.
    LONG_CELL = 256, ///< The same, long.
};

/** Bit of a number: of the pool of long texts. */
#define LONG 0x80000000U

struct cell
{
    uint32_t next; ///< In the same place of `heads`, or of the free ones; 0: none.
    uint32_t n_holders;
    uint8_t len;
    uint8_t text[];
};

static_assert(offsetof(struct cell, text) + NTA_TEXTS_SHORT_MAX <= SHORT_CELL, "it fits");
static_assert(offsetof(struct cell, text) + NTA_TEXTS_LONG_MAX <= LONG_CELL, "it fits");

static int init_pool(struct nta_texts_pool *pool, size_t cell_size, size_t n_max)
{
    pool->cell_size = cell_size;
    pool->n_max = n_max;
    pool->area = nta_area_new(cell_size * n_max, NTA_AREA_GROWS);
    return pool->area ? 0 : -ENOMEM;
}

int nta_texts_init(struct nta_texts *texts, size_t n_max, const struct nta_hash_key *key)
{
    *texts = (struct nta_texts){.key = *key, .n_heads = 64};
    while (texts->n_heads < n_max)
        texts->n_heads *= 2;
    texts->heads = nta_area_new(texts->n_heads * sizeof(*texts->heads), NTA_AREA_ROAMS);
    if (!texts->heads || init_pool(&texts->pools[0], SHORT_CELL, n_max) < 0 ||
        init_pool(&texts->pools[1], LONG_CELL, n_max / LONG_SHARE + 64) < 0)
        return -ENOMEM;
    return 0;
}

void nta_texts_done(struct nta_texts *texts)
{
    for (size_t i = 0; i < 2; i++)
        nta_area_free(texts->pools[i].area, texts->pools[i].cell_size * texts->pools[i].n_max);
    nta_area_free(texts->heads, texts->n_heads * sizeof(*texts->heads));
    *texts = (struct nta_texts){.n_heads = 0};
}

static size_t pool_for(size_t len)
{
    return len > NTA_TEXTS_SHORT_MAX ? 1 : 0;
}

static struct cell *cell_of(const struct nta_texts *texts, uint32_t number)
{
    const struct nta_texts_pool *pool = &texts->pools[(number & LONG) != 0];

    return (struct cell *)(void *)(pool->area + ((number & ~LONG) - 1) * pool->cell_size);
}

static uint32_t *head_of(const struct nta_texts *texts, struct nta_span text)
{
    return &texts->heads[nta_hash_bytes(&texts->key, text.ptr, text.len) & (texts->n_heads - 1)];
}

struct nta_span nta_texts_get(const struct nta_texts *texts, uint32_t number)
{
    if (!number)
        return (struct nta_span){0};
    const struct cell *cell = cell_of(texts, number);

    return (struct nta_span){cell->text, cell->len};
}

bool nta_texts_is_full(const struct nta_texts *texts, size_t len)
{
    const struct nta_texts_pool *pool = &texts->pools[pool_for(len)];

    return !pool->free_list && pool->n_touched == pool->n_max;
}

/** A cell that is nobody's; 0: there is none. */
static uint32_t take_cell(struct nta_texts *texts, size_t len)
{
    struct nta_texts_pool *pool = &texts->pools[pool_for(len)];
    uint32_t number = pool->free_list;

    if (number)
        pool->free_list = cell_of(texts, number)->next;
    else if (pool->n_touched < pool->n_max)
        number = (uint32_t)++pool->n_touched | (pool_for(len) ? LONG : 0);
    return number;
}

uint32_t nta_texts_hold(struct nta_texts *texts, struct nta_span text)
{
    if (text.len == 0 || text.len > NTA_TEXTS_LONG_MAX)
        return 0;
    uint32_t *head = head_of(texts, text), number;

    for (number = *head; number; number = cell_of(texts, number)->next) {
        if (nta_span_equal(nta_texts_get(texts, number), text)) {
            cell_of(texts, number)->n_holders++;
            return number;
        }
    }
    number = take_cell(texts, text.len);
    if (!number)
        return 0;
    struct cell *cell = cell_of(texts, number);

    *cell = (struct cell){.next = *head, .n_holders = 1, .len = (uint8_t)text.len};
    memcpy(cell->text, text.ptr, text.len);
    *head = number;
    return number;
}

void nta_texts_drop(struct nta_texts *texts, uint32_t number)
{
    struct cell *cell = number ? cell_of(texts, number) : NULL;

    if (!cell || --cell->n_holders > 0)
        return;
    struct nta_texts_pool *pool = &texts->pools[pool_for(cell->len)];
    uint32_t *link = head_of(texts, nta_texts_get(texts, number));

    while (*link != number)
        link = &cell_of(texts, *link)->next;
    *link = cell->next;
    cell->next = pool->free_list;
    pool->free_list = number;
}
