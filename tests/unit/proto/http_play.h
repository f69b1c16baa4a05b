/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Conversations written as steps, played whole and cut at every place; shared by the tests of HTTP.
 */

#include "play.h"
#include "proto/http/http.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

/** What one side says.  Side 2 ends the list. */
struct nta_step
{
    unsigned side;
    const char *text;
    size_t len; ///< 0: the text's.
};

#define UP(literal)                                                                                \
    {                                                                                              \
        .side = 0, .text = (literal), .len = sizeof(literal) - 1                                   \
    }
#define DOWN(literal)                                                                              \
    {                                                                                              \
        .side = 1, .text = (literal), .len = sizeof(literal) - 1                                   \
    }
#define STEPS(...) ((const struct nta_step[]){__VA_ARGS__, {.side = 2}})

/* Play `steps`, the one of index `cut_step` in two pieces, the first of `cut` bytes. */
static inline void http_play_cut(struct nta_play *play, const struct nta_step *steps,
                                 size_t cut_step, size_t cut)
{
    play_begin(play, &nta_proto_http, true, 80);
    for (size_t i = 0; steps[i].side < 2; i++) {
        size_t first = i == cut_step ? cut : steps[i].len;

        play_data(play, steps[i].side, steps[i].text, first);
        if (first < steps[i].len)
            play_data(play, steps[i].side, steps[i].text + first, steps[i].len - first);
    }
}

/* Steps give this log, however they are cut. */
static inline void http_expect(const struct nta_step *steps, const char *log)
{
    static struct nta_play play;

    for (size_t i = 0; steps[i].side < 2; i++) {
        for (size_t cut = 1; cut <= steps[i].len; cut++) {
            http_play_cut(&play, steps, i, cut);
            assert_string_equal(play_end(&play), log);
            play_done(&play);
        }
    }
    play_begin(&play, &nta_proto_http, true, 80);
    for (; steps->side < 2; steps++) {
        for (size_t i = 0; i < steps->len; i++)
            play_data(&play, steps->side, steps->text + i, 1);
    }
    assert_string_equal(play_end(&play), log);
    play_done(&play);
}
