/* SPDX-License-Identifier: Apache-2.0 */
/* What feed() promises of an empty reader (proto/parser.h), of every protocol. */
#include "play.h"
#include "proto/registry.h"
#include "unit.h"

static struct nta_play play;

static bool wishes_to_stop(void)
{
    return play.io.done || play.io.done_both || play.io.handover || play.io.swap;
}

/** Fed with nothing: from the heap, where a sanitizer sees each read, and from nowhere. */
static enum nta_parse feed_nothing(unsigned side, bool from_nowhere)
{
    struct nta_reader none = nta_reader_of(NULL, 0);

    if (!from_nowhere)
        return play_call(&play, side, (struct nta_span){0});
    play_prepare(&play, side);
    return play.proto->feed(play.state, &play.io, &none);
}

static void an_empty_stream_changes_nothing(void **state)
{
    static uint8_t before[NTA_PROTO_STATE_MAX];

    (void)state;
    for (size_t i = 0; nta_protos[i]; i++) {
        for (unsigned k = 0; k < 4 && nta_protos[i]->over_tcp; k++) {
            play_begin(&play, nta_protos[i], true, 12345);
            memcpy(before, play.state, sizeof(before));
            if (feed_nothing(k & 1, k >> 1) != NTA_PARSE_OK || play.n_events > 0 ||
                wishes_to_stop() || play.io.skip > 0 ||
                memcmp(before, play.state, sizeof(before)) != 0)
                fail_msg("%s", nta_protos[i]->name);
            play_done(&play);
        }
    }
}

/** Whatever byte came first, if it was kept or taken. */
static void nothing_behind_a_first_byte_changes_nothing(void **state)
{
    static uint8_t before[NTA_PROTO_STATE_MAX];

    (void)state;
    for (size_t i = 0; nta_protos[i]; i++) {
        for (unsigned k = 0; k < 1024 && nta_protos[i]->over_tcp; k++) {
            const uint8_t byte = (uint8_t)(k >> 2);
            const unsigned side = k & 1;

            play_begin(&play, nta_protos[i], true, 12345);
            const enum nta_parse first = play_call(&play, side, (struct nta_span){&byte, 1});
            const size_t n_events = play.n_events;

            memcpy(before, play.state, sizeof(before));
            if (first <= NTA_PARSE_MORE && !wishes_to_stop() &&
                (feed_nothing(side, k >> 1 & 1) != NTA_PARSE_OK || play.n_events > n_events ||
                 wishes_to_stop() || memcmp(before, play.state, sizeof(before)) != 0))
                fail_msg("%s behind %02x", nta_protos[i]->name, byte);
            play_done(&play);
        }
    }
}

static void an_empty_datagram_is_no_event_and_stops_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; nta_protos[i]; i++) {
        for (unsigned k = 0; k < 4 && nta_protos[i]->over_udp; k++) {
            play_begin(&play, nta_protos[i], false, 12345);
            (void)feed_nothing(k & 1, k >> 1);
            if (play.n_events > 0 || wishes_to_stop())
                fail_msg("%s", nta_protos[i]->name);
            play_done(&play);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_stream_changes_nothing),
        cmocka_unit_test(nothing_behind_a_first_byte_changes_nothing),
        cmocka_unit_test(an_empty_datagram_is_no_event_and_stops_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
