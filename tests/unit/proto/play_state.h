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

static inline void play_done(struct nta_play *play)
{
    nta_buf_done(&play->log);
    nta_buf_done(&play->kept[0]);
    nta_buf_done(&play->kept[1]);
    free(play->extra);
    play->extra = NULL;
}
