/* SPDX-License-Identifier: Apache-2.0 */
#define ZLIB_CONST /* zlib does not write where it reads */
#include "blacklist/file/unpack.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum
{
    GZIP_WINDOW = 15 + 16,  ///< zlib's largest window; +16: with gzip's head and checksum.
    ZSTD_WINDOW_LOG = 27,   ///< 128 MiB: what `zstd -d` takes without being asked twice.
    PIECE_MAX = 1024 * 1024 ///< zlib counts in unsigned int.
};

struct nta_unpack
{
    enum nta_packing packing;
    z_stream gzip;
    ZSTD_DStream *zstd; ///< Owns.
    bool has_gzip;      ///< `gzip` is to be ended.
    bool whole;         ///< Between two members or frames.
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
    {NTA_PACKING_OTHER, 6, {0xfd, '7', 'z', 'X', 'Z', 0}, "packed with xz"},
    {NTA_PACKING_OTHER, 3, {'B', 'Z', 'h'}, "packed with bzip2"},
    {NTA_PACKING_OTHER, 4, {'P', 'K', 3, 4}, "a zip archive"},
    {NTA_PACKING_OTHER, 6, {'7', 'z', 0xbc, 0xaf, 0x27, 0x1c}, "a 7-Zip archive"},
    {NTA_PACKING_OTHER, 4, {0x04, 0x22, 0x4d, 0x18}, "packed with lz4"},
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
    if ((*unpack)->has_gzip)
        (void)inflateEnd(&(*unpack)->gzip);
    (void)ZSTD_freeDStream((*unpack)->zstd);
    free(*unpack);
    *unpack = NULL;
}

int nta_unpack_new(enum nta_packing packing, struct nta_unpack **ret_unpack)
{
    NTA_AUTO(nta_unpack_free) struct nta_unpack *unpack = calloc(1, sizeof(*unpack));

    if (!unpack)
        return -ENOMEM;
    unpack->packing = packing;
    if (packing == NTA_PACKING_GZIP) {
        unpack->has_gzip = inflateInit2(&unpack->gzip, GZIP_WINDOW) == Z_OK;
        if (!unpack->has_gzip)
            return -ENOMEM;
    } else {
        unpack->zstd = ZSTD_createDStream();
        if (!unpack->zstd || ZSTD_isError(ZSTD_DCtx_setParameter(unpack->zstd, ZSTD_d_windowLogMax,
                                                                 ZSTD_WINDOW_LOG)))
            return -ENOMEM;
    }
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

static ssize_t gunzip(struct nta_unpack *unpack, struct nta_span *packed, uint8_t *buf, size_t size)
{
    z_stream *gzip = &unpack->gzip;
    size_t n_in = packed->len < PIECE_MAX ? packed->len : PIECE_MAX;
    int r;

    gzip->next_in = packed->ptr;
    gzip->avail_in = (unsigned)n_in;
    gzip->next_out = buf;
    gzip->avail_out = (unsigned)(size < PIECE_MAX ? size : PIECE_MAX);
    size = gzip->avail_out;
    r = inflate(gzip, Z_NO_FLUSH);
    advance(packed, n_in - gzip->avail_in);
    if (r == Z_STREAM_END) {
        unpack->whole = true;
        r = inflateReset(gzip);
    }
    if (r != Z_OK && r != Z_BUF_ERROR)
        return r == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
    return (ssize_t)(size - gzip->avail_out);
}

static ssize_t unzstd(struct nta_unpack *unpack, struct nta_span *packed,
                      uint8_t *buf, // NOLINT(readability-non-const-parameter)
                      size_t size)
{
    ZSTD_inBuffer in = {.src = packed->ptr, .size = packed->len};
    ZSTD_outBuffer out = {.dst = buf, .size = size};
    size_t r = ZSTD_decompressStream(unpack->zstd, &out, &in);

    if (ZSTD_isError(r))
        return -EBADMSG;
    advance(packed, in.pos);
    unpack->whole = r == 0;
    return (ssize_t)out.pos;
}

ssize_t nta_unpack_more(struct nta_unpack *unpack, struct nta_span *packed, uint8_t *buf,
                        size_t size)
{
    ssize_t n = 0;

    while (n == 0) {
        if (unpack->whole)
            skip_padding(packed);
        if (packed->len == 0 && unpack->whole)
            return 0;
        size_t before = packed->len;

        unpack->whole = false;
        n = unpack->packing == NTA_PACKING_GZIP ? gunzip(unpack, packed, buf, size)
                                                : unzstd(unpack, packed, buf, size);
        if (n == 0 && packed->len == before)
            return packed->len == 0 ? 0 : -EBADMSG; /* neither took nor gave */
    }
    return n;
}

bool nta_unpack_is_whole(const struct nta_unpack *unpack)
{
    return unpack->whole;
}
