/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bounds-checked reader over borrowed bytes.
 *
 * Every read either succeeds or sets `overrun`, returns zero and empties the
 * reader; later reads then fail too.  A parser is therefore written straight
 * down, without a check per field, and asks nta_reader_ok() once -- before the
 * first value that is used as a length, an index or a verdict.
 *
 * An emptied reader has nothing left, so `while (nta_reader_left(r) > 0)`
 * always ends, whatever the input.
 *
 * The reader never copies and never allocates: spans and sub-readers point
 * into the caller's buffer and are valid exactly as long as it is.
 */

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Position in borrowed bytes.  Read the fields through the functions only (check.reader counts who
 * does not).
 */
struct nta_reader
{
    const uint8_t *base; ///< First byte; offsets count from here.
    const uint8_t *pos;  ///< Next byte to read.
    const uint8_t *end;  ///< One past the last byte.
    bool overrun;        ///< Sticky: some read wanted more than there was.
};

/** Reader at the first of `len` bytes, which it borrows; `ptr` may be NULL if there are none. */
static inline struct nta_reader nta_reader_of(const uint8_t *ptr, size_t len)
{
    return (struct nta_reader){.base = ptr, .pos = ptr, .end = nta_behind(ptr, len)};
}

/** Bytes not yet read; 0 once it has run dry. */
static inline size_t nta_reader_left(const struct nta_reader *r)
{
    return (size_t)(r->end - r->pos);
}

/** Bytes from the first one to where it is; that of the end once it has run dry. */
static inline size_t nta_reader_offset(const struct nta_reader *r)
{
    return (size_t)(r->pos - r->base);
}

/** True as long as no read wanted more than there was: what was read is what was there. */
static inline bool nta_reader_ok(const struct nta_reader *r)
{
    return !r->overrun;
}

/** True when every byte was consumed and none was missing. */
static inline bool nta_reader_done(const struct nta_reader *r)
{
    return !r->overrun && r->pos == r->end;
}

/** What was read makes no sense: as if it had run dry. */
static inline void nta_reader_fail(struct nta_reader *r)
{
    r->overrun = true;
    r->pos = r->end;
}

/**
 * Take `len` bytes; NULL, with the reader emptied, if there are fewer.  None of a reader over NULL
 * is NULL, too, and no failure.
 */
static inline const uint8_t *nta_reader_take(struct nta_reader *r, size_t len)
{
    const uint8_t *ptr = r->pos;

    if (__builtin_expect(r->overrun || len > nta_reader_left(r), 0)) {
        nta_reader_fail(r);
        return NULL;
    }
    r->pos = nta_behind(ptr, len);
    return ptr;
}

/* ---- looking, without taking ---- */

/** The next byte; 0 if there is none. */
static inline uint8_t nta_reader_peek(const struct nta_reader *r)
{
    return r->pos < r->end ? *r->pos : 0;
}

/** All that is left; of an emptied reader nothing. */
static inline struct nta_span nta_reader_rest(const struct nta_reader *r)
{
    return (struct nta_span){.ptr = r->pos, .len = nta_reader_left(r)};
}

/**
 * What was read since the reader was at `offset`, a value of nta_reader_offset() that is not behind
 * it.
 */
static inline struct nta_span nta_reader_since(const struct nta_reader *r, size_t offset)
{
    const struct nta_span all = {.ptr = r->base, .len = nta_reader_offset(r)};

    return nta_span_from(all, offset);
}

/* ---- moving and reading ---- */

/** Pass over `len` bytes; with fewer it runs dry. */
static inline void nta_reader_skip(struct nta_reader *r, size_t len)
{
    (void)nta_reader_take(r, len);
}

/** Move to `offset` from the first byte (DNS compression pointers). */
static inline void nta_reader_seek(struct nta_reader *r, size_t offset)
{
    if (r->overrun || offset > (size_t)(r->end - r->base))
        nta_reader_fail(r);
    else
        r->pos = nta_behind(r->base, offset);
}

/** The next `len` bytes, borrowed; empty, and the reader has run dry, if there are fewer. */
static inline struct nta_span nta_read_span(struct nta_reader *r, size_t len)
{
    const uint8_t *ptr = nta_reader_take(r, len);

    return (struct nta_span){.ptr = ptr, .len = ptr ? len : 0};
}

/** All that is left. */
static inline struct nta_span nta_read_rest(struct nta_reader *r)
{
    return nta_read_span(r, nta_reader_left(r));
}

/**
 * From now on `r` ends behind its next `len` bytes, or has run dry if there are fewer; it may still
 * seek before them.
 */
static inline void nta_reader_limit(struct nta_reader *r, size_t len)
{
    if (len > nta_reader_left(r))
        nta_reader_fail(r);
    else
        r->end = nta_behind(r->pos, len);
}

/**
 * Reader over the next `len` bytes, which leave `r`.
 *
 * If `r` has fewer, both are marked: `r` because it was cut short, the child
 * so that checking the child alone is enough.
 */
static inline struct nta_reader nta_read_sub(struct nta_reader *r, size_t len)
{
    const uint8_t *ptr = nta_reader_take(r, len);

    if (!nta_reader_ok(r))
        return (struct nta_reader){.base = r->end, .pos = r->end, .end = r->end, .overrun = true};
    return nta_reader_of(ptr, len);
}
