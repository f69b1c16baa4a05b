/* SPDX-License-Identifier: Apache-2.0 */
/* Sides that change places: every protocol turns what it keeps of them, and nothing else. */
#include "proto/registry.h"
#include "unit.h"

#include <string.h>

static uint8_t before[NTA_PROTO_STATE_MAX], after[NTA_PROTO_STATE_MAX];

/** Any bytes will do: a turn only moves them. */
static void fill(uint8_t *bytes, size_t len, uint32_t random)
{
    for (size_t i = 0; i < len; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = random >> 24 & 1; /* a bool among them stays one */
    }
}

static void every_protocol_says_how_it_is_turned(void **state)
{
    (void)state;
    for (size_t i = 0; nta_protos[i]; i++)
        if (!nta_protos[i]->turn)
            fail_msg("%s has no turn", nta_protos[i]->name);
}

static void turned_twice_is_not_turned(void **state)
{
    (void)state;
    for (size_t i = 0; nta_protos[i]; i++) {
        const struct nta_proto *proto = nta_protos[i];
        /* what it lends stands first in its state, and is turned where it is lent */
        const bool lends = proto->extra_size > 0;
        bool is_turned = lends || proto->turn == nta_proto_turn_nothing;

        for (uint32_t seed = 0; seed < 32; seed++) {
            fill(before, sizeof(before), seed);
            if (lends)
                memset(before, 0, sizeof(void *));
            memcpy(after, before, sizeof(before));
            proto->turn(after);
            is_turned |= memcmp(before, after, proto->state_size) != 0;
            proto->turn(after);
            if (memcmp(before, after, sizeof(before)) != 0)
                fail_msg("%s, turned twice, is another", proto->name);
        }
        if (!is_turned)
            fail_msg("%s turns nothing", proto->name);
    }
}

/** A SYN may turn the sides of what these carry: nothing in their bytes says who is the client. */
static void only_what_has_no_sides_leaves_them_to_the_syn(void **state)
{
    (void)state;
    for (size_t i = 0; nta_protos[i]; i++) {
        const struct nta_proto *proto = nta_protos[i];
        bool is_even = strcmp(proto->name, "bittorrent") == 0 ||
                       strcmp(proto->name, "fallback") == 0 ||
                       strcmp(proto->name, "ftp_data") == 0 || strcmp(proto->name, "rsync") == 0 ||
                       strcmp(proto->name, "ssh") == 0 || strcmp(proto->name, "relay") == 0;

        if (proto->over_tcp && proto->settles_sides == is_even)
            fail_msg("%s", proto->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_protocol_says_how_it_is_turned),
        cmocka_unit_test(turned_twice_is_not_turned),
        cmocka_unit_test(only_what_has_no_sides_leaves_them_to_the_syn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
