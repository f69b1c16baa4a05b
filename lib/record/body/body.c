/* SPDX-License-Identifier: Apache-2.0 */
#include "record/batch.h"
#include "record/cbor/cbor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#define ZSTD_STATIC_LINKING_ONLY /* a compressor in memory of ours, which can be wiped */
#include <zstd.h>

enum
{
    SALT_KEY_LEN = 32,
    HEAD_MAX = 5, ///< CBOR head of a string or array below 4 GiB.
    PLAIN_MAX = NTA_BATCH_BYTES + SALT_KEY_LEN + HEAD_MAX * (NTA_BATCH_RECORDS + 1),
    LEVEL = 1 ///< Higher levels cost more than twice the time for a few per cent here.
};

struct nta_body
{
    uint8_t *space;          ///< Owned: the compressor's, wiped after each use.
    size_t space_size;       ///< 0: it was not used yet.
    ZSTD_DCtx *decompressor; ///< Owned.
    struct nta_buf plain;    ///< Salt key and records; secret.
};

void nta_body_free(struct nta_body **body)
{
    if (!*body)
        return;
    free((*body)->space);
    (void)ZSTD_freeDCtx((*body)->decompressor);
    nta_buf_done(&(*body)->plain);
    free(*body);
    *body = NULL;
}

int nta_body_new(struct nta_body **ret_body)
{
    struct nta_body *body = calloc(1, sizeof(*body));

    if (!body)
        return -ENOMEM;
    body->plain.secret = true;
    body->decompressor = ZSTD_createDCtx();
    if (!body->decompressor) {
        nta_body_free(&body);
        return -ENOMEM;
    }
    *ret_body = body;
    return 0;
}

/** A compressor in the body's space, which has nothing of a use before in it; NULL: no memory. */
static ZSTD_CCtx *start_compressor(struct nta_body *body)
{
    if (!body->space) {
        size_t size = ZSTD_estimateCCtxSize(LEVEL);

        body->space = malloc(size);
        body->space_size = body->space ? size : 0;
    }
    ZSTD_CCtx *compressor = body->space ? ZSTD_initStaticCCtx(body->space, body->space_size) : NULL;

    /* one in memory of ours begins without any defaults: a frame has to say its size */
    if (!compressor ||
        ZSTD_isError(ZSTD_CCtx_reset(compressor, ZSTD_reset_session_and_parameters)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, LEVEL)))
        return NULL;
    return compressor;
}

/** Records in clear, and pieces of them. */
static void wipe(struct nta_body *body)
{
    nta_buf_clear(&body->plain);
    if (body->space)
        explicit_bzero(body->space, body->space_size);
}

int nta_body_pack(struct nta_body *body, const struct nta_batch *batch,
                  const uint8_t salt_key[SALT_KEY_LEN], struct nta_buf *out)
{
    struct nta_buf *plain = &body->plain;

    nta_buf_clear(plain);
    /* at once: what grows leaves copies behind */
    (void)nta_buf_reserve(plain,
                          SALT_KEY_LEN + batch->records.len + HEAD_MAX * (batch->n_records + 1));
    nta_buf_put(plain, salt_key, SALT_KEY_LEN);
    nta_cbor_put_array(plain, batch->n_records);
    for (size_t i = 0; i < batch->n_records; i++)
        nta_cbor_put_bytes(plain, nta_batch_record(batch, i));
    size_t bound = ZSTD_compressBound(plain->len);
    uint8_t *buf = plain->failed ? NULL : nta_buf_reserve(out, bound);

    ZSTD_CCtx *compressor = buf ? start_compressor(body) : NULL;

    if (!compressor) {
        wipe(body);
        return -ENOMEM;
    }
    size_t len = ZSTD_compress2(compressor, buf, bound, plain->ptr, plain->len);

    wipe(body);
    if (ZSTD_isError(len))
        return -ENOMEM; /* the space is enough by definition: only memory is left */
    out->len += len;
    return 0;
}

/** Decompress into `plain`.  The size said in the frame is believed only within our bound. */
static int inflate(struct nta_body *body, struct nta_span packed, struct nta_buf *plain)
{
    unsigned long long size = ZSTD_getFrameContentSize(packed.ptr, packed.len);

    /* ZSTD_CONTENTSIZE_UNKNOWN and _ERROR are the two largest numbers */
    if (size > PLAIN_MAX || size < SALT_KEY_LEN ||
        ZSTD_findFrameCompressedSize(packed.ptr, packed.len) != packed.len)
        return -EBADMSG;
    uint8_t *buf = nta_buf_reserve(plain, (size_t)size);

    if (!buf)
        return -ENOMEM;
    if (ZSTD_decompressDCtx(body->decompressor, buf, (size_t)size, packed.ptr, packed.len) != size)
        return -EBADMSG;
    plain->len = (size_t)size;
    return 0;
}

/** Space for the ends of `n` records, NULL if there is none. */
static uint8_t *reserve_ends(struct nta_batch *batch, uint64_t n)
{
    return nta_buf_reserve(&batch->ends, (size_t)n * sizeof(uint32_t) + 1); /* + 1: n may be 0 */
}

/**
 * Move the records together to where they were unpacked, over salt key and heads: no second buffer
 * is filled, which would cost as much again as reading the heads does.
 */
static int take_records(struct nta_batch *batch)
{
    uint8_t *start = batch->records.ptr;
    struct nta_reader r = nta_reader_of(start + SALT_KEY_LEN, batch->records.len - SALT_KEY_LEN);
    uint64_t n = nta_cbor_get_array(&r);
    uint8_t *ends;
    uint32_t end = 0;

    if (n > NTA_BATCH_RECORDS)
        return -EBADMSG;
    ends = reserve_ends(batch, n);
    if (!ends)
        return -ENOMEM;
    for (uint64_t i = 0; i < n; i++) {
        struct nta_span record = nta_cbor_get_bytes(&r);

        if (record.len)
            memmove(start + end, record.ptr, record.len);
        end += (uint32_t)record.len;
        memcpy(ends + i * sizeof(end), &end, sizeof(end));
    }
    if (!nta_reader_done(&r) || end > NTA_BATCH_BYTES)
        return -EBADMSG;
    batch->records.len = end;
    batch->ends.len = (size_t)n * sizeof(end);
    batch->n_records = (size_t)n;
    return 0;
}

int nta_body_unpack(struct nta_body *body, struct nta_span packed, struct nta_batch *ret_batch,
                    uint8_t ret_salt_key[SALT_KEY_LEN])
{
    uint8_t salt_key[SALT_KEY_LEN];

    nta_batch_clear(ret_batch);
    int r = inflate(body, packed, &ret_batch->records);

    if (r == 0) {
        memcpy(salt_key, ret_batch->records.ptr, SALT_KEY_LEN);
        explicit_bzero(ret_batch->records.ptr, SALT_KEY_LEN);
        r = take_records(ret_batch);
    }
    if (r < 0)
        nta_batch_clear(ret_batch);
    else
        memcpy(ret_salt_key, salt_key, SALT_KEY_LEN);
    explicit_bzero(salt_key, sizeof(salt_key));
    return r;
}
