/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backup/backup_item.h"

#include "base/own.h"
#include "record/cbor/cbor.h"

#include <errno.h>
#include <string.h>

static const struct nta_span name = {(const uint8_t *)"nta backup", 10};

/** Values of an item, its kind among them. */
static const uint64_t n_values[NTA_BACKUP_N_KINDS] = {
    [NTA_BACKUP_BEGIN] = 3, [NTA_BACKUP_KEY] = 2,   [NTA_BACKUP_HEAD] = 3,
    [NTA_BACKUP_BATCH] = 5, [NTA_BACKUP_STATE] = 2, [NTA_BACKUP_END] = 3,
};

void nta_backup_encode(const struct nta_backup_item *item, struct nta_buf *out)
{
    nta_cbor_put_array(out, n_values[item->kind]);
    nta_cbor_put_uint(out, item->kind);
    switch (item->kind) {
    case NTA_BACKUP_BEGIN:
        nta_cbor_put_text(out, name);
        nta_cbor_put_uint(out, NTA_BACKUP_VERSION);
        break;
    case NTA_BACKUP_KEY:
    case NTA_BACKUP_STATE: nta_cbor_put_bytes(out, item->bytes); break;
    case NTA_BACKUP_HEAD:
    case NTA_BACKUP_BATCH:
        nta_cbor_put_bytes(out, item->sealed.header);
        nta_cbor_put_bytes(out, item->sealed.signature);
        if (item->kind == NTA_BACKUP_HEAD)
            break;
        nta_cbor_put_bytes(out, item->sealed.tokens);
        nta_cbor_put_bytes(out, item->sealed.body);
        break;
    case NTA_BACKUP_END:
        nta_cbor_put_uint(out, item->n_items);
        nta_cbor_put_bytes(out, (struct nta_span){item->hash, sizeof(item->hash)});
        break;
    case NTA_BACKUP_N_KINDS: break;
    }
}

/** A byte string of at most `max` bytes. */
static struct nta_span get_part(struct nta_reader *r, size_t max)
{
    const struct nta_span part = nta_cbor_get_bytes(r);

    if (part.len > max)
        nta_reader_fail(r);
    return part;
}

static void get_sealed(struct nta_reader *r, struct nta_backup_item *item)
{
    item->sealed.header = get_part(r, NTA_STORE_HEADER_MAX);
    item->sealed.signature = get_part(r, NTA_SIGNATURE_LEN);
    if (item->sealed.signature.len != NTA_SIGNATURE_LEN)
        nta_reader_fail(r);
    if (item->kind == NTA_BACKUP_HEAD)
        return;
    item->sealed.tokens = get_part(r, NTA_STORE_TOKENS_MAX);
    item->sealed.body = get_part(r, NTA_STORE_BODY_MAX);
}

static void get_end(struct nta_reader *r, struct nta_backup_item *item)
{
    item->n_items = nta_cbor_get_uint(r);
    const struct nta_span hash = get_part(r, NTA_HASH_LEN);

    if (hash.len == NTA_HASH_LEN)
        memcpy(item->hash, hash.ptr, NTA_HASH_LEN);
    else
        nta_reader_fail(r);
}

static void get_values(struct nta_reader *r, struct nta_backup_item *item)
{
    switch (item->kind) {
    case NTA_BACKUP_BEGIN:
        (void)nta_cbor_get_text(r);
        (void)nta_cbor_get_uint(r);
        break;
    case NTA_BACKUP_KEY: item->bytes = get_part(r, NTA_STORE_KEY_MAX); break;
    case NTA_BACKUP_HEAD:
    case NTA_BACKUP_BATCH: get_sealed(r, item); break;
    case NTA_BACKUP_STATE: item->bytes = get_part(r, NTA_BACKUP_STATE_MAX); break;
    case NTA_BACKUP_END: get_end(r, item); break;
    case NTA_BACKUP_N_KINDS: break;
    }
}

bool nta_backup_decode(struct nta_span bytes, struct nta_backup_item *ret_item)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    struct nta_backup_item item = {.bytes = {.len = 0}};
    const uint64_t n = nta_cbor_get_array(&r), kind = nta_cbor_get_uint(&r);

    if (!nta_reader_ok(&r) || kind >= NTA_BACKUP_N_KINDS || n != n_values[kind])
        return false;
    item.kind = (enum nta_backup_kind)kind;
    get_values(&r, &item);
    if (!nta_reader_done(&r))
        return false;
    nta_backup_encode(&item, &again);
    if (again.failed || !nta_span_equal(nta_buf_span(&again), bytes))
        return false;
    *ret_item = item;
    return true;
}

int nta_backup_hash(uint8_t hash[NTA_HASH_LEN], struct nta_span item)
{
    NTA_AUTO(nta_buf_done) struct nta_buf both = {0};

    nta_buf_put(&both, hash, NTA_HASH_LEN);
    nta_buf_put(&both, item.ptr, item.len);
    if (both.failed)
        return -ENOMEM;
    nta_hash_of(nta_buf_span(&both), hash);
    return 0;
}

void nta_backup_row(const struct nta_backup_item *item, struct nta_stored *ret_row)
{
    struct nta_stored row = {.sealed = item->sealed, .is_whole = item->kind == NTA_BACKUP_BATCH};

    if (!nta_header_decode(item->sealed.header, &row.header))
        row.faults |= NTA_ROW_HEADER;
    if (item->kind == NTA_BACKUP_HEAD)
        row.faults |= NTA_ROW_ABSENT;
    *ret_row = row;
}
