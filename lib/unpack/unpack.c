/* SPDX-License-Identifier: Apache-2.0 */
#define ZLIB_CONST /* zlib does not write where it reads */
#include "unpack/unpack.h"

#include "base/own.h"

#include <errno.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum
{
    GZIP_WINDOW = 15 + 16,   ///< zlib's largest window; +16: with gzip's head and checksum.
    ZSTD_WINDOW_LOG = 27,    ///< 128 MiB: what `zstd -d` takes without being asked twice.
    PIECE_MAX = 1024 * 1024, ///< zlib counts in unsigned int.
    XZ_MEMORY = (128 + 16) * 1024 * 1024,
};

/** What a step of one kind works on. */
struct step
{
    const uint8_t *in;
    size_t in_len, n_in; ///< n_in: so many were taken.
    uint8_t *out;
    size_t out_size, n_out; ///< n_out: so many were written.
    bool ended;             ///< The end of what was packed at a time.
};

struct kind
{
    int (*begin)(struct nta_unpack *unpack);
    int (*step)(struct nta_unpack *unpack, struct step *step);
    void (*end)(struct nta_unpack *unpack);
};

struct nta_unpack
{
    const struct kind *kind;

    union
    {
        z_stream gzip;
        lzma_stream xz;
        ZSTD_DCtx *zstd;
        LZ4F_dctx *lz4;
    };

    bool whole; ///< Between two members or frames.
};

static int gzip_begin(struct nta_unpack *unpack)
{
    unpack->gzip = (z_stream){0};
    return inflateInit2(&unpack->gzip, GZIP_WINDOW) == Z_OK ? 0 : -ENOMEM;
}

static int gzip_step(struct nta_unpack *unpack, struct step *step)
{
    z_stream *z = &unpack->gzip;

    z->next_in = step->in;
    z->avail_in = (uInt)step->in_len;
    z->next_out = step->out;
    z->avail_out = (uInt)step->out_size;
    const uInt had = z->avail_out;
    const int r = inflate(z, Z_NO_FLUSH);

    step->n_in = step->in_len - z->avail_in;
    step->n_out = had - z->avail_out;
    step->ended = r == Z_STREAM_END;
    if (step->ended && inflateReset(z) != Z_OK)
        return -EBADMSG;
    if (r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR)
        return 0;
    return r == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static void gzip_end(struct nta_unpack *unpack)
{
    (void)inflateEnd(&unpack->gzip);
}

static int xz_begin(struct nta_unpack *unpack)
{
    unpack->xz = (lzma_stream)LZMA_STREAM_INIT;
    return lzma_stream_decoder(&unpack->xz, XZ_MEMORY, 0) == LZMA_OK ? 0 : -ENOMEM;
}

static int xz_step(struct nta_unpack *unpack, struct step *step)
{
    lzma_stream *xz = &unpack->xz;

    xz->next_in = step->in;
    xz->avail_in = step->in_len;
    xz->next_out = step->out;
    xz->avail_out = step->out_size;
    const lzma_ret r = lzma_code(xz, LZMA_RUN);

    step->n_in = step->in_len - xz->avail_in;
    step->n_out = step->out_size - xz->avail_out;
    step->ended = r == LZMA_STREAM_END;
    if (step->ended) /* takes the memory that is there */
        return lzma_stream_decoder(xz, XZ_MEMORY, 0) == LZMA_OK ? 0 : -ENOMEM;
    if (r == LZMA_OK || r == LZMA_BUF_ERROR)
        return 0;
    return r == LZMA_MEM_ERROR || r == LZMA_MEMLIMIT_ERROR ? -ENOMEM : -EBADMSG;
}

static void xz_end(struct nta_unpack *unpack)
{
    lzma_end(&unpack->xz);
}

static int zstd_begin(struct nta_unpack *unpack)
{
    unpack->zstd = ZSTD_createDCtx();
    return unpack->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(unpack->zstd, ZSTD_d_windowLogMax,
                                                                ZSTD_WINDOW_LOG))
               ? 0
               : -ENOMEM;
}

static int zstd_step(struct nta_unpack *unpack, struct step *step)
{
    ZSTD_inBuffer in = {.src = step->in, .size = step->in_len};
    ZSTD_outBuffer out = {.dst = step->out, .size = step->out_size};
    const size_t r = ZSTD_decompressStream(unpack->zstd, &out, &in);

    step->n_in = in.pos;
    step->n_out = out.pos;
    step->ended = r == 0;
    if (!ZSTD_isError(r))
        return 0;
    return ZSTD_getErrorCode(r) == ZSTD_error_frameParameter_windowTooLarge ? -ENOMEM : -EBADMSG;
}

static void zstd_end(struct nta_unpack *unpack)
{
    (void)ZSTD_freeDCtx(unpack->zstd);
}

static int lz4_begin(struct nta_unpack *unpack)
{
    return LZ4F_isError(LZ4F_createDecompressionContext(&unpack->lz4, LZ4F_VERSION)) ? -ENOMEM : 0;
}

static int lz4_step(struct nta_unpack *unpack, struct step *step)
{
    step->n_in = step->in_len;
    step->n_out = step->out_size;
    const size_t r =
        LZ4F_decompress(unpack->lz4, step->out, &step->n_out, step->in, &step->n_in, NULL);

    step->ended = r == 0;
    return LZ4F_isError(r) ? -EBADMSG : 0;
}

static void lz4_end(struct nta_unpack *unpack)
{
    (void)LZ4F_freeDecompressionContext(unpack->lz4);
}

static const struct kind kinds[] = {
    [NTA_PACKING_GZIP] = {gzip_begin, gzip_step, gzip_end},
    [NTA_PACKING_ZSTD] = {zstd_begin, zstd_step, zstd_end},
    [NTA_PACKING_XZ] = {xz_begin, xz_step, xz_end},
    [NTA_PACKING_LZ4] = {lz4_begin, lz4_step, lz4_end},
};

/* Files that are often downloaded in place of a list. */
static const struct
{
    enum nta_packing packing;
    uint8_t len, magic[6];
    const char *name;
} packings[] = {
    {NTA_PACKING_GZIP, 3, {0x1f, 0x8b, 8}, ""},
    {NTA_PACKING_ZSTD, 4, {0x28, 0xb5, 0x2f, 0xfd}, ""},
    {NTA_PACKING_XZ, 6, {0xfd, '7', 'z', 'X', 'Z', 0}, ""},
    {NTA_PACKING_OTHER, 3, {'B', 'Z', 'h'}, "packed with bzip2"},
    {NTA_PACKING_OTHER, 4, {'P', 'K', 3, 4}, "a zip archive"},
    {NTA_PACKING_OTHER, 6, {'7', 'z', 0xbc, 0xaf, 0x27, 0x1c}, "a 7-Zip archive"},
    {NTA_PACKING_LZ4, 4, {0x04, 0x22, 0x4d, 0x18}, ""},
};

/** A frame that is skipped (RFC 8878 section 3.1.2), as pzstd begins its files. */
static bool is_skippable(struct nta_span start)
{
    return start.len >= 4 && (start.ptr[0] & 0xf0) == 0x50 && start.ptr[1] == 0x2a &&
           start.ptr[2] == 0x4d && start.ptr[3] == 0x18;
}

static size_t find(struct nta_span start)
{
    size_t i = 0;

    while (
        i < NTA_N_ELEMENTS(packings) &&
        (start.len < packings[i].len || memcmp(start.ptr, packings[i].magic, packings[i].len) != 0))
        i++;
    return i;
}

enum nta_packing nta_packing_of(struct nta_span start)
{
    size_t i = find(start);

    if (is_skippable(start))
        return NTA_PACKING_ZSTD;
    return i < NTA_N_ELEMENTS(packings) ? packings[i].packing : NTA_PACKING_NONE;
}

const char *nta_packing_name(struct nta_span start)
{
    size_t i = find(start);

    return i < NTA_N_ELEMENTS(packings) ? packings[i].name : "";
}

void nta_unpack_free(struct nta_unpack **unpack)
{
    if (!*unpack)
        return;
    (*unpack)->kind->end(*unpack);
    free(*unpack);
    *unpack = NULL;
}

int nta_unpack_new(enum nta_packing packing, struct nta_unpack **ret_unpack)
{
    NTA_AUTO(nta_unpack_free) struct nta_unpack *unpack = calloc(1, sizeof(*unpack));

    if (!unpack)
        return -ENOMEM;
    unpack->kind = &kinds[packing];
    const int r = unpack->kind->begin(unpack);

    if (r < 0)
        return r;
    *ret_unpack = NTA_TAKE(unpack);
    return 0;
}

static void advance(struct nta_span *span, size_t n)
{
    span->ptr += n;
    span->len -= n;
}

/**
 * Another member begins, or nothing but the zeros with which some tools fill a block up (gzip(1)).
 */
static void skip_padding(struct nta_span *packed)
{
    while (packed->len > 0 && packed->ptr[0] == 0)
        advance(packed, 1);
}

ssize_t nta_unpack_more(struct nta_unpack *unpack, struct nta_span *packed,
                        uint8_t *buf, // NOLINT(readability-non-const-parameter)
                        size_t size)
{
    struct step step = {.out = buf, .out_size = nta_smaller(size, PIECE_MAX)};

    while (step.n_out == 0) {
        if (unpack->whole)
            skip_padding(packed);
        if (packed->len == 0 && unpack->whole)
            return 0;
        step.in = packed->ptr;
        step.in_len = nta_smaller(packed->len, PIECE_MAX);
        step.n_in = 0;
        step.ended = false;
        const int r = unpack->kind->step(unpack, &step);

        if (r < 0)
            return r;
        advance(packed, step.n_in);
        unpack->whole = step.ended;
        if (step.n_out == 0 && step.n_in == 0 && !step.ended)
            return packed->len == 0 ? 0 : -EBADMSG; /* neither took nor gave */
    }
    return (ssize_t)step.n_out;
}

bool nta_unpack_is_whole(const struct nta_unpack *unpack)
{
    return unpack->whole;
}
