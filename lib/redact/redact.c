/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of one direction laid out as the stream they are, read (redact_text.c), and redacted. */
#include "redact/redact.h"

#include "base/own.h"
#include "redact/redact_plain.h"

#include <string.h>

void nta_redact_all(struct nta_redact_piece *piece)
{
    memset(piece->bytes, 'x', piece->len);
    piece->redacted = piece->len;
}

enum nta_redact_talk nta_redact_greets(struct nta_span begin)
{
    if (nta_span_starts(begin, "220 ") || nta_span_starts(begin, "220-"))
        return NTA_REDACT_CODES;
    if (nta_span_starts(begin, "+OK"))
        return NTA_REDACT_POP3;
    return nta_span_starts(begin, "* OK") || nta_span_starts(begin, "* PREAUTH")
               ? NTA_REDACT_IMAP
               : NTA_REDACT_NO_TALK;
}

/** Of a request: what it wants, as `record.url` says, and how; never options, which may be
 * anything. */
static uint32_t request_len(struct nta_span bytes, enum nta_url_detail urls)
{
    static const char *const modes[] = {"octet", "netascii", "mail"};
    const size_t mode = nta_span_find_byte(bytes, '\0') + 1;

    if (urls == NTA_URL_SITE)
        return 0;
    for (size_t i = 0; i < NTA_N_ELEMENTS(modes) && mode < bytes.len; i++) {
        const size_t end = mode + strlen(modes[i]);

        if (nta_span_starts(nta_span_from(bytes, mode), modes[i]) && end < bytes.len &&
            bytes.ptr[end] == 0)
            return (uint32_t)end + 1;
    }
    return 0;
}

void nta_redact_tftp(struct nta_redact_piece *piece, enum nta_url_detail urls)
{
    enum
    {
        CODE = 2,
        HEAD = 4,
        WRITE = 2,
        ACKNOWLEDGED = 4,
    };

    const bool is_request = piece->len >= HEAD && piece->bytes[0] == 0 && piece->bytes[1] > 0 &&
                            piece->bytes[1] <= WRITE;
    const bool is_rest = piece->len >= HEAD && piece->bytes[0] == 0 && piece->bytes[1] > WRITE &&
                         piece->bytes[1] <= ACKNOWLEDGED + 2;
    const struct nta_span behind = {piece->bytes + CODE, is_request ? piece->len - CODE : 0};
    const uint32_t from = is_request ? CODE + request_len(behind, urls) : is_rest ? HEAD : 0;

    memset(piece->bytes + from, 'x', piece->len - from);
    piece->redacted = piece->len - from;
}

void nta_redact_datagram(struct nta_redact *redact, struct nta_redact_piece *piece,
                         enum nta_redact_plain plain)
{
    const struct nta_redact_options options = {.plain = plain};
    struct nta_redact_scan scan = {
        .bytes = piece->bytes, .secret = redact->secret, .len = piece->len, .options = &options};

    if (piece->len > NTA_REDACT_BYTES) {
        nta_redact_all(piece);
        return;
    }
    nta_redact_plain_datagram(&scan);
    piece->redacted = 0;
    for (size_t i = 0; i < scan.len; i++) {
        if (!redact->secret[i])
            continue;
        piece->bytes[i] = 'x';
        piece->redacted++;
    }
}

static int32_t ahead(const struct nta_redact_piece *a, const struct nta_redact_piece *b)
{
    return (int32_t)(a->seq - b->seq);
}

/** By sequence number; equal ones in the order in which they came.  Nearly sorted as they come. */
static void sort(uint32_t *order, const struct nta_redact_piece *pieces, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = i;

        for (; at > 0 && ahead(&pieces[order[at - 1]], &pieces[i]) > 0; at--)
            order[at] = order[at - 1];
        order[at] = (uint32_t)i;
    }
}

/** As a place: this piece does not lie in the stream. */
#define REDACT_WHOLE UINT32_MAX

/** Bytes without a hole, in the stream from `base` on. */
struct run
{
    uint32_t seq;
    size_t base, len;
};

/** Lay a piece behind or over what is there.  False: it contradicts that. */
static bool lay(struct nta_redact *redact, struct run *run, const struct nta_redact_piece *piece,
                uint32_t *ret_at)
{
    size_t from = piece->seq - run->seq;
    size_t known = run->len - from < piece->len ? run->len - from : piece->len;

    if (memcmp(redact->stream + run->base + from, piece->bytes, known) != 0)
        return false;
    memcpy(redact->stream + run->base + run->len, piece->bytes + known, piece->len - known);
    run->len += piece->len - known;
    *ret_at = (uint32_t)(run->base + from);
    return true;
}

static void read_run(struct nta_redact *redact, struct nta_redact_scan *scan, const struct run *run)
{
    if (run->len == 0)
        return;
    scan->bytes = redact->stream + run->base;
    scan->secret = redact->secret + run->base;
    scan->len = run->len;
    memset(scan->secret, 0, run->len);
    scan->at = 0;
    scan->starts_stream = scan->options->from_start && run->seq == scan->options->first_seq;
    nta_redact_run(scan, scan->starts_stream);
}

static size_t apply(const struct nta_redact *redact, struct nta_redact_piece *pieces, size_t n)
{
    size_t n_redacted = 0;

    for (size_t i = 0; i < n; i++) {
        struct nta_redact_piece *piece = &pieces[i];

        piece->redacted = 0;
        for (uint32_t k = 0; redact->at[i] != REDACT_WHOLE && k < piece->len; k++) {
            if (!redact->secret[redact->at[i] + k])
                continue;
            piece->bytes[k] = 'x';
            piece->redacted++;
        }
        if (redact->at[i] == REDACT_WHOLE)
            nta_redact_all(piece);
        n_redacted += piece->redacted;
    }
    return n_redacted;
}

size_t nta_redact_stream(struct nta_redact *redact, const struct nta_redact_options *options,
                         struct nta_redact_piece *pieces, size_t n_pieces)
{
    struct nta_redact_scan scan = {.options = options};
    struct run run = {0};
    size_t n = n_pieces < NTA_REDACT_PIECES ? n_pieces : NTA_REDACT_PIECES;
    size_t n_redacted = 0;

    sort(redact->order, pieces, n);
    for (size_t i = 0; i < n; i++) {
        const struct nta_redact_piece *piece = &pieces[redact->order[i]];
        uint32_t *at = &redact->at[redact->order[i]];

        *at = REDACT_WHOLE;
        if (piece->len > NTA_REDACT_BYTES - run.base - run.len)
            continue;
        if (run.len == 0 || piece->seq - run.seq > run.len) {
            read_run(redact, &scan, &run);
            run = (struct run){.seq = piece->seq, .base = run.base + run.len};
        }
        (void)lay(redact, &run, piece, at);
    }
    read_run(redact, &scan, &run);
    n_redacted = apply(redact, pieces, n);
    for (size_t i = n; i < n_pieces; i++) {
        nta_redact_all(&pieces[i]);
        n_redacted += pieces[i].redacted;
    }
    return n_redacted;
}
