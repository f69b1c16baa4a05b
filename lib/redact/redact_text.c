/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the secrets are in one run of a stream: what begins here, and what no message of ours is,
 * is one.
 */
#include "redact/redact_plain.h"

static void take_file(struct nta_redact_scan *scan)
{
    if (scan->starts_stream && scan->at == 0 &&
        !nta_redact_is_file(nta_redact_part(scan, 0, scan->len))) {
        scan->mode = NTA_REDACT_REST;
        return;
    }
    scan->at = scan->len;
}

/* ---- the beginning of a message ---- */

static void take_tls(struct nta_redact_scan *scan)
{
    const struct nta_span rest = nta_redact_part(scan, scan->at, scan->len);

    if (!nta_redact_is_tls(scan))
        scan->mode = NTA_REDACT_START;
    else
        scan->at +=
            nta_smaller(NTA_REDACT_TLS_HEAD + ((size_t)rest.ptr[3] << 8 | rest.ptr[4]), rest.len);
}

static void take_start(struct nta_redact_scan *scan)
{
    const bool talks = scan->options->talk != NTA_REDACT_NO_TALK;

    if (scan->at == 0 && scan->starts_stream && scan->bytes[0] <= 5)
        nta_redact_socks(scan);
    if (scan->at == scan->len || scan->mode != NTA_REDACT_START)
        return;
    if (!scan->in_mail && nta_redact_begins_tls(scan)) {
        scan->mode = NTA_REDACT_TLS;
        return;
    }
    bool whole;
    const struct nta_span line = nta_redact_line(scan, scan->at, &whole);
    const size_t end = nta_redact_line_end(scan, scan->at);
    const bool known = whole && ((!scan->in_mail && nta_redact_http(scan, line)) ||
                                 (talks && nta_redact_talk(scan, line)));

    if (!known)
        nta_redact_mark(scan, scan->at, whole && line.len == 0 ? scan->at : end);
    scan->is_lost |= !known && !talks && line.len > 0;
    if (scan->options->from_client && nta_span_starts(line, "PRI * HTTP/2"))
        scan->mode = NTA_REDACT_REST;
    scan->at = end;
}

/**
 * Behind a hole: the rest of a line may be the end of a secret, unless something begins here that
 * nobody mistakes.
 */
static void resume(struct nta_redact_scan *scan)
{
    const bool client = scan->options->from_client;
    bool whole;
    const struct nta_span line = nta_redact_line(scan, 0, &whole);

    if (!client) { /* what the body is, and where it ends, may be missing */
        scan->hide_body = true;
        scan->has_length = scan->chunked = false;
        scan->body_left = 0;
    } else if (scan->options->talk != NTA_REDACT_NO_TALK) { /* a mail may have begun */
        scan->in_mail = true;
    }
    if (scan->options->is_content || scan->mode == NTA_REDACT_FILE)
        scan->mode = NTA_REDACT_REST;
    if (scan->mode == NTA_REDACT_TLS)
        scan->at = scan->len;
    if (scan->mode == NTA_REDACT_TLS || scan->mode == NTA_REDACT_REST)
        return;
    if (nta_redact_begins_tls(scan) || (whole && nta_redact_is_http(line, client))) {
        scan->mode = NTA_REDACT_START;
        scan->in_mail = false;
        return;
    }
    if (client) /* how much of a request is missing, nobody knows */
        scan->mode = NTA_REDACT_START;
    scan->at = nta_redact_line_end(scan, 0);
    nta_redact_mark(scan, 0, scan->at);
}

void nta_redact_run(struct nta_redact_scan *scan, bool joined)
{
    if (scan->options->plain != NTA_REDACT_NOT_PLAIN) {
        nta_redact_plain_run(scan);
        return;
    }
    if (!joined)
        resume(scan);
    else if (scan->options->is_content)
        scan->mode = NTA_REDACT_FILE;
    while (scan->at < scan->len) {
        switch (scan->mode) {
        case NTA_REDACT_START: take_start(scan); break;
        case NTA_REDACT_HEAD: nta_redact_head(scan); break;
        case NTA_REDACT_BODY: nta_redact_body(scan); break;
        case NTA_REDACT_FILE: take_file(scan); break;
        case NTA_REDACT_TLS: take_tls(scan); break;
        case NTA_REDACT_REST:
            nta_redact_mark(scan, scan->at, scan->len);
            scan->at = scan->len;
            break;
        }
    }
}
