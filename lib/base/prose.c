/* SPDX-License-Identifier: Apache-2.0 */
#include "base/prose.h"

#include "base/cut.h"
#include "base/own.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum
{
    INDENT = 2, ///< Of what goes on under a line without a label.
    COLUMNS_MAX = 10000,
    COLUMNS_UNKNOWN = 80
};

unsigned nta_prose_columns(FILE *stream)
{
    const char *given = getenv("COLUMNS"); // NOLINT(concurrency-mt-unsafe): nobody sets it
    unsigned long columns = given ? strtoul(given, NULL, 10) : 0;
    struct winsize size;

    if (!isatty(fileno(stream)))
        return 0;
    if (columns > 0 && columns <= COLUMNS_MAX)
        return (unsigned)columns;
    return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col
                                                                        : COLUMNS_UNKNOWN;
}

/* ---- widths ---- */

size_t nta_width_of_one(const unsigned char *ptr, size_t len, size_t *ret_n)
{
    size_t n = nta_text_utf8_len(ptr, len);
    wchar_t code;
    int width;

    *ret_n = n ? n : 1;
    if (n <= 1)
        return 1;
    code = (wchar_t)(ptr[0] & (0x7fU >> n));
    for (size_t i = 1; i < n; i++)
        code = (wchar_t)((unsigned)code << 6 | (ptr[i] & 0x3fU));
    width = wcwidth(code);
    return width < 0 ? 1 : (size_t)width;
}

size_t nta_width_of(struct nta_span shown)
{
    size_t width = 0, n;

    for (size_t at = 0; at < shown.len; at += n)
        width += nta_width_of_one(shown.ptr + at, shown.len - at, &n);
    return width;
}

/* ---- lines ---- */

/** Bytes of the blanks that this begins with. */
static size_t blanks_of(struct nta_span text)
{
    size_t n = 0;

    while (n < text.len && text.ptr[n] == ' ')
        n++;
    return n;
}

/**
 * Bytes of a line's label: up to the last gap of several blanks in its first two thirds, but for
 * one behind a full stop, which ends a sentence; 0: it has none.
 */
static size_t label_of(struct nta_span line, unsigned columns)
{
    size_t label = 0;

    for (size_t at = 0; at < line.len && at < columns * (size_t)2 / 3;) {
        const size_t n = blanks_of(nta_span_from(line, at));

        if (n > 1 && (at == 0 || (line.ptr[at - 1] != '.' && line.ptr[at - 1] != ':')))
            label = at + n;
        at += n ? n : 1;
    }
    return label < line.len ? label : 0;
}

static void put_line(struct nta_buf *out, struct nta_span line, unsigned columns)
{
    const size_t label = label_of(line, columns);
    const size_t indent = label ? nta_width_of(nta_span_first(line, label)) : INDENT;
    struct nta_span rest = nta_span_from(line, label);
    size_t column = nta_width_of(nta_span_first(line, label)), start = column;

    nta_buf_put(out, line.ptr, label);
    while (rest.len > 0) {
        const size_t gap = blanks_of(rest);
        const struct nta_span word = nta_span_before(nta_span_from(rest, gap), ' ');
        const size_t width = nta_width_of(word);

        if (column > start && word.len && column + gap + width > columns) {
            nta_buf_printf(out, "\n%*s", (int)indent, "");
            column = start = indent;
        } else {
            nta_buf_put(out, rest.ptr, gap);
            column += gap;
        }
        nta_buf_put(out, word.ptr, word.len);
        column += width;
        rest = nta_span_from(rest, gap + word.len);
    }
}

void nta_prose_put(struct nta_buf *out, struct nta_span text, unsigned columns)
{
    while (text.len > 0) {
        const bool has_end = nta_span_has(text, '\n');
        const struct nta_span line = nta_span_take(&text, '\n');

        if (columns == 0 || nta_width_of(line) <= columns)
            nta_buf_put(out, line.ptr, line.len);
        else
            put_line(out, line, columns);
        if (has_end)
            nta_buf_puts(out, "\n");
    }
}

bool nta_prose_write(FILE *stream, struct nta_span text)
{
    NTA_AUTO(nta_buf_done) struct nta_buf lines = {0};

    nta_prose_put(&lines, text, nta_prose_columns(stream));
    if (!lines.failed) /* else in lines that are too long */
        text = nta_buf_span(&lines);
    return fwrite(text.ptr, 1, text.len, stream) == text.len;
}

void nta_prose_print(FILE *stream, const char *format, ...)
{
    NTA_AUTO_FREE char *text = NULL;
    va_list args;

    va_start(args, format);
    const int len = vasprintf(&text, format, args);

    va_end(args);
    if (len > 0)
        (void)nta_prose_write(stream, (struct nta_span){(const uint8_t *)text, (size_t)len});
}
