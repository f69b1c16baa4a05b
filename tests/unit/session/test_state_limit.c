/* SPDX-License-Identifier: Apache-2.0 */
/* flow.states_limit holds for all protocols together; whoever comes gets his state. */
#include "pipeline/kit.h"

#define SITE "198.51.100.7"

enum
{
    N_WAITING = 40, ///< Connections that each keep a state of some 4 KiB.
    LIMIT = 64 << 10,
};

static struct kit kit;
static char line[4096];

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    kit.config->flow.state_bytes = LIMIT;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

static void open_tcp(struct wire_tcp *tcp)
{
    const struct nta_span none = {0};

    wire_segment(&kit.wire, tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, tcp, 1, WIRE_SYN | WIRE_ACK, none);
    wire_segment(&kit.wire, tcp, 0, WIRE_ACK, none);
}

static void close_tcp(struct wire_tcp *tcp)
{
    const struct nta_span none = {0};

    wire_segment(&kit.wire, tcp, 1, WIRE_ACK | WIRE_FIN, none);
    wire_segment(&kit.wire, tcp, 0, WIRE_ACK | WIRE_FIN, none);
}

static void say(struct wire_tcp *tcp, unsigned from, const char *text)
{
    wire_segment(&kit.wire, tcp, from, WIRE_ACK, nta_span_of(text));
}

static void one_of_another_protocol_makes_space(void **state)
{
    struct wire_tcp waiting[N_WAITING], ftp = {{"10.0.0.6", 43000}, {SITE, 21}, {1000, 2000}};
    char ask[64];

    (void)state;
    for (unsigned i = 0; i < N_WAITING; i++) {
        waiting[i] =
            (struct wire_tcp){{"10.0.0.5", (uint16_t)(41000 + i)}, {SITE, 80}, {1000, 2000}};
        open_tcp(&waiting[i]);
        (void)snprintf(ask, sizeof(ask), "GET / HTTP/1.1\r\nHost: w%u.example\r\n", i);
        say(&waiting[i], 0, ask);
    }
    open_tcp(&ftp);
    say(&ftp, 1, "220 here\r\n");
    say(&ftp, 0, "USER anonymous\r\n");
    say(&ftp, 1, "331 who\r\n");
    say(&ftp, 0, "PASS x\r\n");
    say(&ftp, 1, "230 yes\r\n");
    say(&ftp, 0, "RETR film.mkv\r\n");
    say(&ftp, 1, "550 no\r\n");
    close_tcp(&ftp);
    for (unsigned i = 0; i < N_WAITING; i++) {
        say(&waiting[i], 0, "\r\n");
        say(&waiting[i], 1, "HTTP/1.1 204 No Content\r\n\r\n");
        close_tcp(&waiting[i]);
    }
    kit_run(&kit);
    assert_true(kit.counters[NTA_COUNTER_STATE_LIMIT] >= N_WAITING - LIMIT / 4104);
    kit_says(&kit, "\"event\":\"request\"", "film.mkv", "\"app\":\"ftp\"", line, sizeof(line));
    kit_says(&kit, "\"event\":\"request\"", "w39.example", "\"status\":204", line, sizeof(line));
    /* who had to give up is told as far as he was read */
    kit_says(&kit, "\"event\":\"request\"", "w0.example", "\"limited\":true", line, sizeof(line));
    assert_int_equal(kit_find(&kit, "\"event\":\"flow\"", "\"port\":80", NULL, 0), N_WAITING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_of_another_protocol_makes_space, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
