/* SPDX-License-Identifier: Apache-2.0 */
/* Files that go by are hashed, while some list holds hashes; only whole ones are compared. */
#include "pipeline/kit.h"

#define ANN  "10.0.0.5"
#define SITE "198.51.100.7"
/* SHA-256 of "abc" (FIPS 180-4) */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct kit kit;
static const struct nta_span none;
static struct wire_tcp tcp;

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    tcp = (struct wire_tcp){{ANN, 40001}, {SITE, 80}, {1000, 2000}};
    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, none);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

static void say(unsigned side, const char *text)
{
    wire_segment(&kit.wire, &tcp, side, WIRE_ACK, nta_span_of(text));
}

/** Ask for a file, and be told this. */
static void ask(const char *answer)
{
    say(0, "GET /x.exe HTTP/1.1\r\nHost: www.good.example\r\n\r\n");
    say(1, answer);
}

static void finish(void)
{
    wire_segment(&kit.wire, &tcp, 1, WIRE_FIN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_FIN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, none);
    kit_run(&kit);
}

/** So many alerts, each with the entry of the list. */
static void assert_alerts(size_t n)
{
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "\"kind\":\"hash\"", NULL, 0), n);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "\"entry\":\"" ABC "\"", NULL, 0), n);
    assert_int_equal(kit_find(&kit, "\"event\":\"request\"", "\"kind\":\"hash\"", NULL, 0), n);
    assert_int_equal(kit_find(&kit, "\"event\":\"request\"", "\"sha256\":\"" ABC "\"", NULL, 0), n);
}

static void a_body_in_one_piece_is_found(void **state)
{
    (void)state;
    kit_list(&kit, "# hashes\n" ABC "\n", false);
    ask("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    finish();
    assert_alerts(1);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "\"line\":2", NULL, 0), 1);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "www.good.example/x.exe", NULL, 0), 1);
}

static void chunks_and_pieces_are_put_together(void **state)
{
    (void)state;
    kit_list(&kit, ABC "\n", false);
    ask("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    say(1, "2;x=y\r\nb");
    say(1, "c\r\n0\r\n\r\n");
    finish();
    assert_alerts(1);
}

static void each_body_is_one_of_its_own(void **state)
{
    (void)state;
    kit_list(&kit, ABC "\n", false);
    ask("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    ask("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcabc");
    ask("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    ask("HTTP/1.1 200 OK\r\n\r\nabc"); /* up to the end */
    finish();
    assert_alerts(2);
}

static void what_is_no_whole_file_is_not_compared(void **state)
{
    (void)state;
    kit_list(&kit, ABC "\n", false);
    ask("HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nabc");
    ask("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabc");
    ask("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    finish();
    assert_alerts(0);
}

static void a_body_with_a_hole_is_not_compared(void **state)
{
    (void)state;
    kit_list(&kit, ABC "\n", false);
    ask("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\na");
    tcp.seq[1] += 3; /* lost */
    say(1, "bc");
    finish();
    assert_alerts(0);
}

static void an_exception_for_the_url_spares_its_file(void **state)
{
    (void)state;
    kit_list(&kit, ABC "\n", false);
    kit_list(&kit, "http://www.good.example/x.exe\n", true);
    ask("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    finish();
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "", NULL, 0), 0);
}

static void without_hashes_nothing_is_hashed(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\nt13d1516h2_8daaf6152771_e5627efa2ab1\n", false);
    ask("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    finish();
    assert_int_equal(kit_find(&kit, "\"event\":\"request\"", "x.exe", NULL, 0), 1);
    assert_int_equal(kit_find(&kit, "\"file\"", "sha256", NULL, 0), 0);
}

int main(void)
{
#define IN_KIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_KIT(a_body_in_one_piece_is_found),
        IN_KIT(chunks_and_pieces_are_put_together),
        IN_KIT(each_body_is_one_of_its_own),
        IN_KIT(what_is_no_whole_file_is_not_compared),
        IN_KIT(a_body_with_a_hole_is_not_compared),
        IN_KIT(an_exception_for_the_url_spares_its_file),
        IN_KIT(without_hashes_nothing_is_hashed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
