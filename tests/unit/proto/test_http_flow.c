/* SPDX-License-Identifier: Apache-2.0 */
#include "http_play.h"
#include "play_numbers.h"

#define GET_A     "GET /a HTTP/1.1\r\nHost: x.test\r\n\r\n"
#define GET_B     "GET /b HTTP/1.1\r\nHost: x.test\r\n\r\n"
#define REQUEST_A "http request method=GET host=x.test target=/a file=a at=1\n"
#define REQUEST_B "http request method=GET host=x.test target=/b file=b at=1\n"
#define OK_EMPTY  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define DONE_A                                                                                     \
    "http exchange method=GET host=x.test target=/a status=200 file=a announced=1 complete=1 at=1\n"
#define DONE_B                                                                                     \
    "http exchange method=GET host=x.test target=/b status=200 file=b announced=1 complete=1 at=1\n"
#define NONE_A "http exchange method=GET host=x.test target=/a file=a at=1\n"
#define NONE_B "http exchange method=GET host=x.test target=/b file=b at=1\n"

static struct nta_play play;

static void begin(void)
{
    play_begin(&play, &nta_proto_http, true, 80);
}

static void up(const char *text)
{
    play_data(&play, 0, text, strlen(text));
}

static void down(const char *text)
{
    play_data(&play, 1, text, strlen(text));
}

static void expect(const char *log)
{
    assert_string_equal(play_end(&play), log);
    play_done(&play);
}

static enum nta_parse probe(const char *text)
{
    return play_probe(&play, 0, text, strlen(text));
}

static void start_lines_are_recognised(void **state)
{
    static const char request[] = "VERSION-CONTROL /x HTTP/1.1\r", response[] = "HTTP/1.";

    (void)state;
    begin();
    for (size_t len = 0; len < sizeof(request) - 1; len++)
        assert_int_equal(play_probe(&play, 0, request, len), NTA_PARSE_MORE);
    for (size_t len = 0; len < sizeof(response) - 1; len++)
        assert_int_equal(play_probe(&play, 1, response, len), NTA_PARSE_MORE);
    assert_int_equal(probe("VERSION-CONTROL /x HTTP/1.1\n"), NTA_PARSE_OK);
    assert_int_equal(probe("\r\nGET / HTTP/1.0\r\n"), NTA_PARSE_OK);
    assert_int_equal(probe("CONNECT x.test:443 HTTP/1.1\r\n"), NTA_PARSE_OK);
    assert_int_equal(probe("GET http://x/ HTTP/1.1\r\nHost"), NTA_PARSE_OK);
    assert_int_equal(probe("HTTP/1.1 200 OK"), NTA_PARSE_OK);
    assert_int_equal(probe("GET HTTP/1.1\r\nHost"), NTA_PARSE_OK);
    assert_int_equal(probe("GET /x\r\nHost: y\r\n"), NTA_PARSE_OK);
    assert_int_equal(probe("GET\t/\tHTTP/1.1\r\n"), NTA_PARSE_OK);
    assert_int_equal(probe("FETCH / HTTP/1.1\r\nHost: y\r\n"), NTA_PARSE_OK);
    play_done(&play);
}

static void other_protocols_are_not_taken(void **state)
{
    static const char *const texts[] = {
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "OPTIONS sip:a@b SIP/2.0\r\n",
        "GET / HTTP/2.0\r\n",
        "GET / RTSP/1.0\r\nCSeq: 1\r\n",
        "OPTIONS * SIP/2.0\r\nVia: x\r\n",
        "FETCH x HTTP/1.1\r\n",
        "EHLO x\r\n",
        "220 x ESMTP\r\n",
        "SSH-2.0-x\r\n",
        "HTTP/2 200 ",
        "GET -x HTTP/1.1\r\n",
        "\x16\x03\x01",
        "get / HTTP/1.1\r\n",
        "HELLO\r\n",
    };

    (void)state;
    begin();
    for (size_t i = 0; i < NTA_N_ELEMENTS(texts); i++)
        assert_int_equal(probe(texts[i]), NTA_PARSE_OTHER);
    up("PRI * HTTP/2.0\r\n\r\n");
    assert_int_equal(play.last, NTA_PARSE_OTHER);
    expect("");
}

static void tunnel_is_handed_over(void **state)
{
    static const struct nta_step steps[] = {
        UP("CONNECT User:pw@X.test:443 HTTP/1.1\r\nHost: x.test:443\r\n\r\n"),
        DOWN("HTTP/1.1 200 Established\r\n\r\n"),
        {.side = 2}};

    (void)state;
    http_expect(steps, "http request method=CONNECT host=X.test port=443 target=X.test:443 at=1\n"
                       "http exchange method=CONNECT host=X.test port=443 target=X.test:443 "
                       "status=200 complete=1 at=1\n");
    http_play_cut(&play, steps, 9, 0);
    assert_true(play.handover);
    play_end(&play);
    play_done(&play);
}

static void refused_tunnel_stays_http(void **state)
{
    (void)state;
    begin();
    up("CONNECT x.test:443 HTTP/1.1\r\n\r\n");
    up("GET");
    assert_int_equal(play.last, NTA_PARSE_MORE);
    down("HTTP/1.1 407 Auth\r\nContent-Length: 2\r\n\r\nno");
    assert_false(play.handover);
    up(" /a HTTP/1.1\r\nHost: x.test\r\n\r\n");
    down(OK_EMPTY);
    expect("http request method=CONNECT host=x.test port=443 target=x.test:443 at=1\n"
           "http exchange method=CONNECT host=x.test port=443 target=x.test:443 status=407 down=2 "
           "announced=3"
           " complete=1 start=no at=1\n" REQUEST_A DONE_A);
}

static void hello_in_a_one_way_tunnel_is_handed_over(void **state)
{
    (void)state;
    begin();
    up("CONNECT x.test:443 HTTP/1.1\r\n\r\n");
    play_data(&play, 0, "\x16\x03\x01\x02\0\x01", 6);
    assert_true(play.handover);
    expect("http request method=CONNECT host=x.test port=443 target=x.test:443 at=1\n"
           "http exchange method=CONNECT host=x.test port=443 target=x.test:443 at=1\n");
}

static void change_of_protocol_ends_http(void **state)
{
    (void)state;
    begin();
    up(GET_A);
    down("HTTP/1.1 101 Switching\r\nUpgrade: WebSocket\r\n\r\n\x81\x01");
    assert_true(play.handover && play.io.framed);
    expect(REQUEST_A
           "http exchange method=GET host=x.test target=/a status=101 file=a complete=1 at=1\n");
    begin();
    up(GET_A);
    down("HTTP/1.1 101 Switching\r\nUpgrade: TLS/1.0\r\n\r\n");
    assert_true(play.handover && !play.io.framed);
    play_end(&play);
    play_done(&play);
    begin(); /* HTTP/2 is read here (unit.proto.http2), unless there is no memory for it */
    play.lends_nothing = true;
    up(GET_A);
    down("HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n");
    assert_true(play.handover);
    play_end(&play);
    play_done(&play);
}

static void response_from_the_presumed_client_swaps_the_sides(void **state)
{
    (void)state;
    begin();
    up(OK_EMPTY);
    assert_true(play.swapped);
    down(GET_A);
    up(OK_EMPTY);
    expect("swapped http exchange status=200 announced=1 complete=1 at=1\n"
           "swapped " REQUEST_A "swapped " DONE_A);
}

static void response_alone_is_reported(void **state)
{
    (void)state;
    begin();
    down("HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n" /* an answer to HEAD, it seems */
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    expect("http exchange status=200 announced=701 complete=1 at=1\n"
           "http exchange status=200 down=2 announced=3 complete=1 start=ok at=1\n");
}

static void hole_in_a_body_is_counted_as_lost(void **state)
{
    (void)state;
    begin();
    up(GET_A GET_B);
    down("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    play_gap(&play, 1, 5);
    down("yz" OK_EMPTY);
    expect(REQUEST_A REQUEST_B "http exchange method=GET host=x.test target=/a status=200 file=a "
                               "down=10 lost=5 announced=11 complete=1 start=abc at=1\n" DONE_B);
}

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

/* The next line between two chunks shows where they are; the bytes count, and nothing more. */
static void hole_over_the_end_of_a_chunk_hides_that_one_alone(void **state)
{
    (void)state;
    begin();
    up(GET_A GET_B);
    down(CHUNKED "5\r\nhello\r\n10\r\n012345");
    play_gap(&play, 1, 10 + 5 + 5); /* the rest of it, the line between, five more */
    down("xyz\r\n4\r\nabcd\r\n0\r\n\r\n" OK_EMPTY);
    expect(REQUEST_A REQUEST_B "http exchange method=GET host=x.test target=/a status=200 file=a "
                               "down=33 lost=15 complete=1 hole=1 start=hello012345 at=1\n" DONE_B);
}

/* Lines of a text may look like the one between two chunks: then no chunk ends where they say. */
static void numbers_in_a_text_behind_a_hole_are_no_sizes(void **state)
{
    (void)state;
    begin();
    up(GET_A GET_B);
    down(CHUNKED "10\r\n0123456789");
    play_gap(&play, 1, 80);
    down("id\r\n3\r\nnames\r\nffffff\r\nmore\r\n0\r\n\r\nand\r\n");
    down("on\r\n4\r\nabcd\r\n0\r\n\r\n" OK_EMPTY);
    expect(REQUEST_A REQUEST_B "http exchange method=GET host=x.test target=/a status=200 file=a "
                               "down=118 lost=75 complete=1 hole=1 start=0123456789 at=1\n" DONE_B);
}

/* A size that is none may be large: another response begins all the same. */
static void a_response_within_a_chunk_that_was_guessed_is_no_content(void **state)
{
    (void)state;
    begin();
    up(GET_A GET_B);
    down(CHUNKED "10\r\n0123456789");
    play_gap(&play, 1, 80);
    down("id\r\nffffff\r\nnames\r\n");
    down(OK_EMPTY);
    assert_non_null(strstr(play_end(&play), "status=200 file=b"));
    play_done(&play);
}

static void another_response_behind_a_hole_in_chunks_is_no_content(void **state)
{
    (void)state;
    begin();
    up(GET_A GET_B);
    down(CHUNKED "10\r\n012345");
    play_gap(&play, 1, 400);
    down(OK_EMPTY);
    assert_non_null(strstr(play_said(&play), "target=/a status=200"));
    assert_null(strstr(play_said(&play), "target=/a status=200 file=a down=411 complete"));
    assert_non_null(strstr(play_end(&play), "status=200 file=b"));
    play_done(&play);
}

static void hole_over_a_response_leaves_its_request_without(void **state)
{
    (void)state;
    begin();
    up(GET_A);
    play_gap(&play, 1, 500);
    up(GET_B);
    down("the rest of something");
    down(OK_EMPTY);
    expect(REQUEST_A REQUEST_B NONE_A DONE_B);
}

static void hole_under_pipelining_pairs_nothing(void **state)
{
    (void)state;
    begin();
    up(GET_A GET_B);
    play_gap(&play, 1, 500);
    down(OK_EMPTY);
    expect(REQUEST_A REQUEST_B NONE_A NONE_B
           "http exchange status=200 announced=1 complete=1 at=1\n");
}

static void hole_in_a_head_keeps_what_came_before_it(void **state)
{
    (void)state;
    begin();
    up("GET /a HTTP/1.1\r\nHost: x.test\r\nUser-Age");
    play_gap(&play, 0, 100);
    down("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-");
    play_gap(&play, 1, 100);
    up(GET_B);
    down(OK_EMPTY);
    expect(REQUEST_A "http exchange method=GET host=x.test target=/a status=200 type=text/plain "
                     "file=a hole=1 at=1\n" REQUEST_B DONE_B);
}

/* ---- what acknowledgement numbers tie; requests are LEN bytes, empty answers too ---- */

enum
{
    LEN = sizeof(GET_A) - 1,
    ANSWER_LEN = sizeof(OK_EMPTY) - 1
};

static void up_at(uint32_t seq, uint32_t ack, const char *text)
{
    play_segment(&play, 0, seq, ack, nta_span_of(text));
}

static void down_at(uint32_t seq, uint32_t ack, const char *text)
{
    play_segment(&play, 1, seq, ack, nta_span_of(text));
}

static void answer_to_a_lost_request_is_nobodys(void **state)
{
    (void)state;
    begin();
    up_at(100, 500, GET_A);
    down_at(500, 100 + LEN, OK_EMPTY);
    /* the second request was lost: its answer has none, and the third one's is its own */
    down_at(500 + ANSWER_LEN, 100 + 2 * LEN, OK_EMPTY);
    play_gap_at(&play, 0, 100 + LEN, LEN);
    up_at(100 + 2 * LEN, 500 + 2 * ANSWER_LEN, GET_B);
    down_at(500 + 2 * ANSWER_LEN, 100 + 3 * LEN, OK_EMPTY);
    expect(REQUEST_A DONE_A REQUEST_B
           "http exchange status=200 announced=1 complete=1 at=1\n" DONE_B);
}

static void answer_captured_before_its_request_waits_for_it(void **state)
{
    (void)state;
    begin();
    down_at(500, 100 + LEN, OK_EMPTY);
    up_at(100, 500, GET_A);
    down_at(500 + ANSWER_LEN, 100 + 2 * LEN, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab");
    up_at(100 + LEN, 500 + ANSWER_LEN, GET_B);
    down_at(500 + ANSWER_LEN + 40, 100 + 2 * LEN, "c");
    expect(REQUEST_A DONE_A REQUEST_B
           "http exchange method=GET host=x.test target=/b status=200 file=b down=3 announced=4 "
           "complete=1 start=abc at=1\n");
}

static void answer_and_next_request_lost_together_tie_nothing(void **state)
{
    (void)state;
    begin();
    up_at(100, 500, GET_A);
    play_gap_at(&play, 1, 500, 200);
    down_at(700, 100 + 2 * LEN, OK_EMPTY);
    expect(REQUEST_A NONE_A "http exchange status=200 announced=1 complete=1 at=1\n");
}

static void hole_between_answers_is_told_from_the_numbers(void **state)
{
    (void)state;
    begin();
    up_at(100, 500, GET_A);
    play_gap_at(&play, 1, 500, 200);
    /* the client had the answer before it asked again */
    up_at(100 + LEN, 700, GET_B);
    down_at(700, 100 + 2 * LEN, OK_EMPTY);
    expect(REQUEST_A REQUEST_B NONE_A DONE_B);
}

static void pipelined_requests_behind_a_hole_are_not_mixed(void **state)
{
    (void)state;
    begin();
    up_at(100, 500, GET_A GET_B);
    play_gap_at(&play, 1, 500, 200);
    down_at(700, 100 + 2 * LEN, OK_EMPTY);
    /* sent when those before had their answers */
    up_at(100 + 2 * LEN, 700 + ANSWER_LEN, GET_A);
    down_at(700 + ANSWER_LEN, 100 + 3 * LEN, OK_EMPTY);
    expect(REQUEST_A REQUEST_B NONE_A NONE_B
           "http exchange status=200 announced=1 complete=1 at=1\n" REQUEST_A DONE_A);
}

static void pipelined_request_that_was_lost_takes_no_answer_of_another(void **state)
{
    (void)state;
    begin();
    up_at(100, 500, GET_A);
    play_gap_at(&play, 0, 100 + LEN, LEN);
    up_at(100 + 2 * LEN, 500, GET_B);
    down_at(500, 100 + 2 * LEN, OK_EMPTY);
    /* of the lost one or of the third */
    down_at(500 + ANSWER_LEN, 100 + 3 * LEN, OK_EMPTY);
    down_at(500 + 2 * ANSWER_LEN, 100 + 3 * LEN, OK_EMPTY);
    expect(REQUEST_A REQUEST_B DONE_A NONE_B
           "http exchange status=200 announced=1 complete=1 at=1\n"
           "http exchange status=200 announced=1 complete=1 at=1\n");
}

static void what_a_server_says_before_it_was_asked_is_no_answer(void **state)
{
    (void)state;
    begin();
    up_at(100, 500, GET_A);
    down_at(500, 100, "HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n");
    expect(REQUEST_A "http exchange status=408 announced=1 complete=1 at=1\n" NONE_A);
}

static void numbers_wrap_around(void **state)
{
    (void)state;
    begin();
    up_at(UINT32_MAX - 5, UINT32_MAX, GET_A);
    down_at(UINT32_MAX, UINT32_MAX - 5 + LEN, OK_EMPTY);
    up_at(UINT32_MAX - 5 + LEN, UINT32_MAX + ANSWER_LEN, GET_B);
    down_at(UINT32_MAX + ANSWER_LEN, UINT32_MAX - 5 + 2 * LEN, OK_EMPTY);
    expect(REQUEST_A DONE_A REQUEST_B DONE_B);
}

static void broken_off_transfer_counts_what_went_by(void **state)
{
    static char body[1000];

    (void)state;
    memset(body, 'b', sizeof(body));
    begin();
    up(GET_A);
    down("HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n");
    for (int i = 0; i < 10; i++)
        play_data(&play, 1, body, sizeof(body));
    play_gap(&play, 1, 500); /* within what is skipped */
    play_data(&play, 1, body, 300);
    play.io.refused[1] = 200;
    const char *log = play_end(&play);

    assert_non_null(strstr(log, " down=10600 lost=500 announced=90001 start="));
    assert_null(strstr(log, "complete"));
    play_done(&play);
}

static void head_cut_by_the_end_is_reported(void **state)
{
    (void)state;
    begin();
    up("GET /a HTTP/1.1\r\nHost: x.test\r\nUser-Age");
    expect(REQUEST_A NONE_A);
}

static void head_of_more_than_64_kib_is_bad(void **state)
{
    static char fill[1024];

    (void)state;
    memset(fill, 'a', sizeof(fill));
    begin();
    up("GET /a HTTP/1.1\r\nX: ");
    for (int i = 0; i < 70; i++)
        play_data(&play, 0, fill, sizeof(fill));
    assert_int_equal(play.last, NTA_PARSE_BAD);
    play_end(&play);
    play_done(&play);
}

static void garbage_after_a_response_is_passed_over(void **state)
{
    (void)state;
    begin();
    up(GET_A);
    down(OK_EMPTY);
    down("garbage\r\n");
    down("more of it");
    up(GET_B);
    down(OK_EMPTY);
    expect(REQUEST_A DONE_A REQUEST_B DONE_B);
}

/** Some servers take any method for GET, and tabs for blanks. */
static void what_servers_put_up_with_is_read(void **state)
{
    (void)state;
    begin();
    up("FETCH /a HTTP/1.1\r\nHost: x.test\r\n\r\n");
    up("GET\t/b\tHTTP/1.1\r\nHost: x.test\r\n\r\n");
    expect("http request method=FETCH host=x.test target=/a file=a at=1\n" REQUEST_B
           "http exchange method=FETCH host=x.test target=/a file=a at=1\n" NONE_B);
}

/** The rest of a body whose head was lost has no line end of its own. */
static void answer_behind_the_rest_of_a_body_is_found(void **state)
{
    (void)state;
    begin();
    up(GET_A);
    play_gap(&play, 1, 500);
    up(GET_B);
    down("helloHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    expect(REQUEST_A REQUEST_B NONE_A
           "http exchange method=GET host=x.test target=/b status=200 file=b down=1 announced=2 "
           "complete=1 start=x at=1\n");
    /* what a body says of HTTP is no head */
    begin();
    up(GET_A);
    play_gap(&play, 1, 500);
    up(GET_B);
    down("it says HTTP/1.1 200 OK\r\nand no more\r\n");
    down("it says HTTP/1.1 200 OK\n");
    down(OK_EMPTY);
    expect(REQUEST_A REQUEST_B NONE_A DONE_B);
}

static void start_line_behind_garbage_is_found(void **state)
{
    (void)state;
    begin();
    up("POST /a HTTP/1.1\r\nHost: x.test\r\nTransfer-Encoding: chunked, identity\r\n\r\n"
       "10000000000000000\r\n\r\n" GET_B);
    expect("http request method=POST host=x.test target=/a file=a at=1\n" REQUEST_B
           "http exchange method=POST host=x.test target=/a file=a at=1\n" NONE_B);
}

static void oldest_form_is_known_by_its_port(void **state)
{
    (void)state;
    begin();
    assert_int_equal(probe("GET /a\r\n"), NTA_PARSE_OK);
    up("GET /a\r\n");
    down("<html>");
    expect("http request method=GET target=/a file=a at=1\nhttp exchange method=GET target=/a "
           "file=a at=1\n");
    play_begin(&play, &nta_proto_http, true, 70);
    assert_int_equal(probe("GET /a\r\n"), NTA_PARSE_MORE);
    assert_int_equal(probe("GET /a\r\nHost"), NTA_PARSE_MORE);
    assert_int_equal(probe("GET /a\r\nHost: y\r\n"), NTA_PARSE_OK);
    play_done(&play);
}

static void every_byte_may_be_anything(void **state)
{
    static const char request[] =
        "POST http://u@h:1/p HTTP/1.1\r\nHost: x\r\n a\r\nContent-Length: 3\r\n\r\nabc" GET_B;
    static const char response[] =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Disposition: a; "
        "filename*=u''%41\r\n\r\n2\r\nab\r\n0\r\n\r\n" OK_EMPTY;
    char a[sizeof(request)], b[sizeof(response)];

    (void)state;
    for (size_t i = 0; i < sizeof(request) + sizeof(response); i++) {
        for (size_t value = 0; value < 256; value += i % 7 + 1) {
            memcpy(a, request, sizeof(a));
            memcpy(b, response, sizeof(b));
            if (i < sizeof(a))
                a[i] = (char)value;
            else
                b[i - sizeof(a)] = (char)value;
            begin();
            play_data(&play, 0, a, sizeof(a) - 1);
            play_data(&play, 1, b, sizeof(b) - 1);
            play_end(&play);
            play_done(&play);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_lines_are_recognised),
        cmocka_unit_test(other_protocols_are_not_taken),
        cmocka_unit_test(tunnel_is_handed_over),
        cmocka_unit_test(refused_tunnel_stays_http),
        cmocka_unit_test(hello_in_a_one_way_tunnel_is_handed_over),
        cmocka_unit_test(change_of_protocol_ends_http),
        cmocka_unit_test(response_from_the_presumed_client_swaps_the_sides),
        cmocka_unit_test(response_alone_is_reported),
        cmocka_unit_test(hole_in_a_body_is_counted_as_lost),
        cmocka_unit_test(hole_over_the_end_of_a_chunk_hides_that_one_alone),
        cmocka_unit_test(numbers_in_a_text_behind_a_hole_are_no_sizes),
        cmocka_unit_test(a_response_within_a_chunk_that_was_guessed_is_no_content),
        cmocka_unit_test(another_response_behind_a_hole_in_chunks_is_no_content),
        cmocka_unit_test(hole_over_a_response_leaves_its_request_without),
        cmocka_unit_test(hole_under_pipelining_pairs_nothing),
        cmocka_unit_test(hole_in_a_head_keeps_what_came_before_it),
        cmocka_unit_test(answer_to_a_lost_request_is_nobodys),
        cmocka_unit_test(answer_captured_before_its_request_waits_for_it),
        cmocka_unit_test(answer_and_next_request_lost_together_tie_nothing),
        cmocka_unit_test(hole_between_answers_is_told_from_the_numbers),
        cmocka_unit_test(pipelined_requests_behind_a_hole_are_not_mixed),
        cmocka_unit_test(pipelined_request_that_was_lost_takes_no_answer_of_another),
        cmocka_unit_test(what_a_server_says_before_it_was_asked_is_no_answer),
        cmocka_unit_test(numbers_wrap_around),
        cmocka_unit_test(broken_off_transfer_counts_what_went_by),
        cmocka_unit_test(head_cut_by_the_end_is_reported),
        cmocka_unit_test(head_of_more_than_64_kib_is_bad),
        cmocka_unit_test(garbage_after_a_response_is_passed_over),
        cmocka_unit_test(what_servers_put_up_with_is_read),
        cmocka_unit_test(answer_behind_the_rest_of_a_body_is_found),
        cmocka_unit_test(start_line_behind_garbage_is_found),
        cmocka_unit_test(oldest_form_is_known_by_its_port),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
