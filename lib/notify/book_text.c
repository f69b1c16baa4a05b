/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A book as text, a line each, its parts between tabs: texts are in shown form, which has neither
 * tab nor line break.  The last line says that it is whole.
 */
#include "base/own.h"
#include "base/text.h"
#include "notify/book.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define HEAD "nta-notify 2"

enum
{
    N_NUMBERS = 17,
    ID_LEN = NTA_NOTIFY_ID_SIZE - 1,
    DIGITS_MAX = 19 ///< Fits in 64 bits.
};

static void put_item(const struct nta_notify_item *item, struct nta_buf *out)
{
    const struct nta_notify_event *best = &item->best;

    nta_buf_printf(out, "item\t%s\t%d\t%d", item->ready ? item->id : "-", item->ready,
                   item->lingers);
    nta_buf_printf(out, "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64, item->first_ns,
                   item->last_ns, item->due_ns, item->made_ns);
    nta_buf_printf(out, "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64, item->tries, item->n,
                   item->n_incidents, item->told);
    nta_buf_printf(out, "\t%" PRIu64 "\t%" PRIu64, item->taken, item->taken_of);
    nta_buf_printf(out, "\t%d\t%d\t%d\t%d\t%" PRIu64, (int)best->kind, (int)best->severity,
                   best->weak, best->download, best->bytes);
    for (size_t i = 0; i < NTA_NOTIFY_WORDS; i++)
        nta_buf_printf(out, "\t%s", best->word[i]);
    nta_buf_puts(out, "\n");
}

void nta_notify_book_put(const struct nta_notify_book *book, struct nta_buf *out)
{
    nta_buf_puts(out, HEAD "\n");
    nta_buf_printf(out, "place\t%s\n", book->place);
    nta_buf_printf(out, "hour\t%" PRId64 "\t%" PRIu64 "\n", book->hour_ns, book->n_made);
    for (size_t i = 0; i < book->n; i++)
        put_item(book->items[i], out);
    nta_buf_puts(out, "end\n");
}

/** Cut what stands before the next `end` byte; false: there is none. */
static bool cut(struct nta_span *text, uint8_t end, struct nta_span *ret_part)
{
    const size_t at = nta_span_find_byte(*text, end);

    if (at == text->len)
        return false;
    *ret_part = nta_span_first(*text, at);
    *text = nta_span_from(*text, at + 1);
    return true;
}

/** The next part of a line, to its end the last one. */
static bool next(struct nta_span *line, struct nta_span *ret_part)
{
    if (cut(line, '\t', ret_part))
        return true;
    if (!line->ptr)
        return false;
    *ret_part = *line;
    *line = (struct nta_span){0};
    return true;
}

/** Digits; no time and no number of ours that is more than an int64_t holds. */
static bool next_number(struct nta_span *line, uint64_t *ret_value)
{
    struct nta_span part;
    uint64_t value = 0;

    if (!next(line, &part) || part.len == 0 || part.len > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < part.len; i++) {
        if (part.ptr[i] < '0' || part.ptr[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(part.ptr[i] - '0');
    }
    *ret_value = value;
    return value <= INT64_MAX;
}

static bool next_word(struct nta_span *line, char *word, size_t size)
{
    struct nta_span part;

    if (!next(line, &part) || part.len >= size)
        return false;
    (void)nta_text_guard_to(word, size, part);
    return strlen(word) == part.len;
}

static bool read_id(struct nta_span *line, struct nta_notify_item *item)
{
    struct nta_span part;

    if (!next(line, &part))
        return false;
    if (nta_span_equal(part, nta_span_of("-")))
        return true;
    if (part.len != ID_LEN)
        return false;
    for (size_t i = 0; i < part.len; i++) {
        if (!strchr("0123456789abcdef", part.ptr[i]) || !part.ptr[i])
            return false;
    }
    memcpy(item->id, part.ptr, part.len);
    return true;
}

static bool read_item(struct nta_span line, struct nta_notify_item *item)
{
    struct nta_notify_event *best = &item->best;
    uint64_t number[N_NUMBERS];

    if (!read_id(&line, item))
        return false;
    for (size_t i = 0; i < N_NUMBERS; i++) {
        if (!next_number(&line, &number[i]))
            return false;
    }
    nta_notify_event_init(best);
    for (size_t i = 0; i < NTA_NOTIFY_WORDS; i++) {
        if (!next_word(&line, best->word[i], NTA_NOTIFY_WORD_SIZE))
            return false;
    }
    item->ready = number[0] != 0;
    item->lingers = number[1] != 0;
    item->first_ns = (int64_t)number[2];
    item->last_ns = (int64_t)number[3];
    item->due_ns = (int64_t)number[4];
    item->made_ns = (int64_t)number[5];
    item->tries = number[6];
    item->n = number[7];
    item->n_incidents = number[8];
    item->told = number[9];
    item->taken = number[10];
    item->taken_of = number[11];
    best->kind = (enum nta_notify_kind)number[12];
    best->severity = (enum nta_notify_severity)number[13];
    best->weak = number[14] != 0;
    best->download = number[15] != 0;
    best->bytes = number[16];
    return !line.ptr && number[12] <= NTA_NOTIFY_WELL && number[13] <= NTA_NOTIFY_CRITICAL &&
           item->ready == (item->id[0] != '\0') && (!item->ready || item->n > 0);
}

static bool read_hour(struct nta_span line, struct nta_notify_book *book)
{
    uint64_t hour_ns;

    if (!next_number(&line, &hour_ns) || !next_number(&line, &book->n_made))
        return false;
    book->hour_ns = (int64_t)hour_ns;
    return !line.ptr;
}

/** One line between the first and the last. */
static bool read_line(struct nta_span line, struct nta_notify_book *book)
{
    struct nta_span what = {0};
    struct nta_notify_item *item;

    if (!cut(&line, '\t', &what))
        return false;
    if (nta_span_equal(what, nta_span_of("place")))
        return next_word(&line, book->place, sizeof(book->place)) && !line.ptr;
    if (nta_span_equal(what, nta_span_of("hour")))
        return read_hour(line, book);
    if (!nta_span_equal(what, nta_span_of("item")) || book->n == NTA_NOTIFY_ITEMS_MAX)
        return false;
    item = calloc(1, sizeof(*item));
    if (!item)
        return false;
    book->items[book->n++] = item;
    return read_item(line, item);
}

int nta_notify_book_read(struct nta_notify_book *book, struct nta_span text)
{
    struct nta_span line = {0};
    bool is_good = cut(&text, '\n', &line) && nta_span_equal(line, nta_span_of(HEAD));
    bool is_over = false;

    nta_notify_book_done(book);
    while (is_good && !is_over) {
        is_good = cut(&text, '\n', &line);
        is_over = is_good && nta_span_equal(line, nta_span_of("end"));
        is_good = is_good && (is_over || read_line(line, book));
    }
    if (is_good && text.len == 0)
        return 0;
    nta_notify_book_done(book);
    return -EINVAL;
}
