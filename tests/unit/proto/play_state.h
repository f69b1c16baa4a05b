/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For play.h: the memory that a parser is given. */

#include "play_text.h"

#include <assert.h>
#include <stdlib.h>

enum
{
    PLAY_GARBAGE = 0xa5 ///< In what a parser gets that need not be zeroed.
};

/* A state as at the start. */
static inline void play_clear(struct nta_play *play)
{
    const struct nta_proto *proto = play->proto;

    memset(play->state, PLAY_GARBAGE, sizeof(play->state));
    memset(play->state, 0, proto->zeroed ? proto->zeroed : proto->state_size);
    free(play->extra);
    play->extra = play->io.extra = NULL;
}

static inline void *play_lend(void *owner)
{
    struct nta_play *play = owner;

    if (play->lends_nothing)
        return NULL;
    assert(!play->extra && play->proto->extra_size > 0);
    play->extra = malloc(play->proto->extra_size);
    assert(play->extra);
    memset(play->extra, PLAY_GARBAGE, play->proto->extra_size);
    memset(play->extra, 0, play->proto->extra_zeroed);
    play->io.extra = play->extra;
    return play->extra;
}

/* What all calls share, and who talks: 10.0.0.5 at 02:…:05 with 192.0.2.80 at 02:…:80. */
static inline void play_surround(struct nta_play *play)
{
    static const uint8_t client[] = {10, 0, 0, 5}, server[] = {192, 0, 2, 80};

    play->addrs[0] = nta_addr_v4(client);
    play->addrs[1] = nta_addr_v4(server);
    for (size_t i = 0; i < 2; i++) {
        memcpy(play->macs[i], i == 0 ? "\2\0\0\0\0\5" : "\2\0\0\0\0\x80", 6);
        play->io.ends[i] = (struct nta_proto_end){.addr = &play->addrs[i], .mac = play->macs[i]};
    }
    if (play->proto->shared_size == 0)
        return;
    play->io.shared = calloc(1, play->proto->shared_size);
    assert(play->io.shared);
}

static inline void play_done(struct nta_play *play)
{
    free(play->io.shared);
    play->io.shared = NULL;
    nta_buf_done(&play->log);
    nta_buf_done(&play->kept[0]);
    nta_buf_done(&play->kept[1]);
    free(play->extra);
    play->extra = NULL;
}
