/* SPDX-License-Identifier: Apache-2.0 */
#include "who/beside/board.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>

static struct nta_who_sheet *new_sheet(unsigned n_readers)
{
    struct nta_who_sheet *sheet = calloc(1, sizeof(*sheet));

    if (sheet)
        atomic_init(&sheet->n_to_leave, n_readers);
    return sheet;
}

static void free_sheet(struct nta_who_sheet *sheet)
{
    nta_buf_done(&sheet->texts);
    free(sheet);
}

int nta_who_board_init(struct nta_who_board *board, unsigned n_readers,
                       struct nta_who_sheet **ret_start)
{
    *board = (struct nta_who_board){.n_readers = n_readers};
    board->last = new_sheet(n_readers);
    *ret_start = board->last;
    return board->last ? 0 : -ENOMEM;
}

/** A reader goes on; the last one to do so puts out the light. */
static void leave(struct nta_who_board *board, struct nta_who_sheet *sheet)
{
    if (atomic_fetch_sub_explicit(&sheet->n_to_leave, 1, memory_order_acq_rel) > 1)
        return;
    free_sheet(sheet);
    (void)atomic_fetch_sub_explicit(&board->n_unread, 1, memory_order_relaxed);
}

const struct nta_who_sheet *nta_who_board_next(struct nta_who_board *board,
                                               struct nta_who_sheet **place)
{
    struct nta_who_sheet *next =
        *place ? atomic_load_explicit(&(*place)->next, memory_order_acquire) : NULL;

    if (!next)
        return NULL;
    leave(board, *place);
    *place = next;
    return next;
}

void nta_who_board_done(struct nta_who_board *board, struct nta_who_sheet *const *places, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct nta_who_sheet *place = places[i];

        while (nta_who_board_next(board, &place))
            ; /* each reader to the end */
    }
    if (board->last)
        free_sheet(board->last);
    if (board->open)
        free_sheet(board->open);
    *board = (struct nta_who_board){.n_readers = 0};
}

bool nta_who_board_has_space(const struct nta_who_board *board)
{
    return atomic_load_explicit(&board->n_unread, memory_order_relaxed) < NTA_WHO_SHEETS;
}

/** What a fact's texts are, in the order in which they lie in `texts`. */
static void each_text(struct nta_who_fact *fact, struct nta_span *ret_texts[6])
{
    ret_texts[0] = &fact->name;
    ret_texts[1] = &fact->login;
    ret_texts[2] = &fact->person;
    ret_texts[3] = &fact->client_id;
    ret_texts[4] = &fact->circuit;
    ret_texts[5] = &fact->how;
}

int nta_who_board_add(struct nta_who_board *board, const struct nta_who_fact *fact, bool is_told)
{
    struct nta_span *texts[6];

    if (!board->open)
        board->open = new_sheet(board->n_readers);
    if (!board->open)
        return -ENOMEM;
    struct nta_who_sheet *sheet = board->open;
    struct nta_who_posted *posted = &sheet->posted[sheet->n];

    *posted = (struct nta_who_posted){*fact, is_told};
    each_text(&posted->fact, texts);
    for (size_t i = 0; i < NTA_N_ELEMENTS(texts); i++)
        nta_buf_put(&sheet->texts, texts[i]->ptr, texts[i]->len);
    if (sheet->texts.failed)
        return -ENOMEM; /* as many as there are stay good */
    if (++sheet->n == NTA_WHO_SHEET_FACTS)
        nta_who_board_flush(board);
    return 0;
}

/** The buffer has grown for the last time: the texts are where they stay. */
static void settle_texts(struct nta_who_sheet *sheet)
{
    const uint8_t *at = sheet->texts.ptr;

    for (size_t i = 0; i < sheet->n; i++) {
        struct nta_span *texts[6];

        each_text(&sheet->posted[i].fact, texts);
        for (size_t k = 0; k < NTA_N_ELEMENTS(texts); k++) {
            texts[k]->ptr = at;
            at += texts[k]->len;
        }
    }
}

void nta_who_board_flush(struct nta_who_board *board)
{
    struct nta_who_sheet *sheet = board->open;

    if (!sheet)
        return;
    settle_texts(sheet);
    (void)atomic_fetch_add_explicit(&board->n_unread, 1, memory_order_relaxed);
    /* behind this, readers may free `last` */
    struct nta_who_sheet *last = board->last;

    board->last = sheet;
    board->open = NULL;
    atomic_store_explicit(&last->next, sheet, memory_order_release);
}
