/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A parser at play, and the words of its log.  Part of play.h. */

#include "base/buf.h"
#include "base/own.h"
#include "base/text.h"
#include "proto/parser.h"

#include <assert.h>
#include <stdlib.h>

struct nta_play
{
    const struct nta_proto *proto;
    struct nta_proto_io io;
    struct nta_buf log;
    struct nta_buf kept[2]; ///< By side as the parser knows it.
    uint64_t skip[2];
    bool done[2], handover, swapped;
    enum nta_parse last; ///< Verdict of the last call.
    size_t n_calls, n_events;
    size_t n_left; ///< Bytes that the last call left unread.
    _Alignas(16) uint8_t state[NTA_PROTO_STATE_MAX];
    void *extra;              ///< Owned; lent to the parser.
    struct nta_addr addrs[2]; ///< Of client and server.
    uint8_t macs[2][6];
    bool lends_nothing;
    bool shows_responses; ///< Events that an answer has begun are shown, too.
};

static inline void play_text(struct nta_play *play, const char *label, struct nta_span text)
{
    if (text.len == 0)
        return;
    nta_buf_printf(&play->log, " %s=", label);
    nta_text_escape(&play->log, text);
}

static inline void play_number(struct nta_play *play, const char *label, uint64_t number)
{
    if (number != 0)
        nta_buf_printf(&play->log, " %s=%llu", label, (unsigned long long)number);
}

/* What was reported up to now, owned by the play, until the next call. */
static inline const char *play_said(struct nta_play *play)
{
    nta_buf_put(&play->log, "", 1);
    assert(!play->log.failed);
    play->log.len--;
    return (const char *)play->log.ptr;
}
