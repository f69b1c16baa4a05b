/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls_record.h"

bool nta_tls_record_head_read(struct nta_reader *r, struct nta_tls_record_head *ret_head)
{
    *ret_head = (struct nta_tls_record_head){.type = nta_read_u8(r)};
    ret_head->version = nta_read_be16(r);
    ret_head->len = nta_read_be16(r);
    return nta_reader_ok(r) && ret_head->version >= 0x0300 && ret_head->version <= 0x0304 &&
           ret_head->len <= NTA_TLS_RECORD_MAX;
}

/* At a record's first byte: go into it. */
static enum nta_parse enter_record(struct nta_tls_cursor *cursor, struct nta_reader r)
{
    struct nta_tls_record_head head;

    if (nta_reader_left(&r) < NTA_TLS_RECORD_HEAD)
        return NTA_PARSE_MORE;
    if (!nta_tls_record_head_read(&r, &head))
        return NTA_PARSE_BAD;
    if (head.type != NTA_TLS_RECORD_HANDSHAKE) /* no other record may come inside a message */
        return cursor->got == 0 ? NTA_PARSE_OTHER : NTA_PARSE_BAD;
    if (head.len == 0) /* RFC 8446 section 5.1: no empty handshake fragments */
        return cursor->got == 0 ? NTA_PARSE_OTHER : NTA_PARSE_BAD;
    cursor->offset += NTA_TLS_RECORD_HEAD;
    cursor->record_left = head.len;
    cursor->is_split = cursor->got > 0;
    return NTA_PARSE_OK;
}

/* Keep the first bytes, which say how long the message is. */
static void keep_head(struct nta_tls_cursor *cursor, const uint8_t *bytes, size_t len)
{
    if (cursor->got < sizeof(cursor->head))
        memcpy(cursor->head + cursor->got, bytes,
               nta_smaller(len, sizeof(cursor->head) - cursor->got));
}

/* What is needed of the message, from as much of its head as there is. */
static enum nta_parse update_want(struct nta_tls_cursor *cursor)
{
    struct nta_reader head = nta_reader_of(cursor->head, sizeof(cursor->head));

    if (cursor->got < NTA_TLS_MESSAGE_HEAD) {
        cursor->want = NTA_TLS_MESSAGE_HEAD;
        return NTA_PARSE_OK;
    }

    uint8_t type = nta_read_u8(&head);
    uint32_t len = nta_read_be24(&head) + NTA_TLS_MESSAGE_HEAD;

    if (type != NTA_TLS_CERTIFICATE || len <= NTA_TLS_LEAF_HEAD) {
        cursor->want = len;
    } else if (cursor->got < NTA_TLS_LEAF_HEAD) {
        cursor->want = NTA_TLS_LEAF_HEAD;
    } else { /* the rest of the chain is not waited for */
        (void)nta_read_be24(&head);

        size_t leaf_len = nta_smaller(nta_read_be24(&head), NTA_TLS_LEAF_MAX);

        cursor->want = (uint32_t)nta_smaller(leaf_len + NTA_TLS_LEAF_HEAD, len);
    }
    return cursor->want <= NTA_TLS_MESSAGE_MAX ? NTA_PARSE_OK : NTA_PARSE_BAD;
}

enum nta_parse nta_tls_next(struct nta_tls_cursor *cursor, const struct nta_reader *r)
{
    const struct nta_span bytes = nta_reader_rest(r);
    enum nta_parse verdict = update_want(cursor);

    while (verdict == NTA_PARSE_OK && cursor->got < cursor->want) {
        if (cursor->offset > bytes.len) /* what was shown before is not shown now */
            return NTA_PARSE_BAD;

        const struct nta_span rest = nta_span_from(bytes, cursor->offset);

        if (cursor->record_left == 0) {
            verdict = enter_record(cursor, nta_reader_of(rest.ptr, rest.len));
            continue;
        }

        size_t n =
            nta_smaller(cursor->want - cursor->got, nta_smaller(cursor->record_left, rest.len));

        if (n == 0)
            return NTA_PARSE_MORE;
        if (cursor->got == 0) {
            cursor->begin = cursor->offset;
            cursor->first_left = cursor->record_left;
        }
        keep_head(cursor, rest.ptr, n);
        cursor->offset += (uint32_t)n;
        cursor->got += (uint32_t)n;
        cursor->record_left = (uint16_t)(cursor->record_left - n);
        verdict = update_want(cursor);
    }
    return verdict;
}

struct nta_span nta_tls_in_place(const struct nta_tls_cursor *cursor, const struct nta_reader *r)
{
    return nta_span_first(nta_span_from(nta_reader_rest(r), cursor->begin), cursor->got);
}

struct nta_span nta_tls_gather(const struct nta_tls_cursor *cursor, const struct nta_reader *r,
                               uint8_t scratch[NTA_TLS_MESSAGE_MAX])
{
    struct nta_reader bytes = *r;
    struct nta_tls_record_head head = {.len = cursor->first_left};
    size_t len = 0;

    nta_reader_skip(&bytes, cursor->begin);
    nta_reader_limit(&bytes, cursor->offset - cursor->begin);
    while (len < cursor->got) {
        struct nta_span piece = nta_read_span(&bytes, nta_smaller(head.len, cursor->got - len));

        if (!nta_reader_ok(&bytes))
            break;
        memcpy(scratch + len, piece.ptr, piece.len);
        len += piece.len;
        if (len < cursor->got && !nta_tls_record_head_read(&bytes, &head))
            break;
    }
    return (struct nta_span){.ptr = scratch, .len = len};
}

void nta_tls_consume(struct nta_tls_cursor *cursor, struct nta_reader *r)
{
    nta_reader_skip(r, cursor->offset);
    *cursor = (struct nta_tls_cursor){.record_left = cursor->record_left};
}
