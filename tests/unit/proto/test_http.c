/* SPDX-License-Identifier: Apache-2.0 */
#include "http_play.h"
#include "proto/http/http_probe.h"

#define GET_A     "GET /a HTTP/1.1\r\nHost: x.test\r\n\r\n"
#define GET_B     "GET /b HTTP/1.1\r\nHost: x.test\r\n\r\n"
#define REQUEST_A "http request method=GET host=x.test target=/a file=a at=1\n"
#define REQUEST_B "http request method=GET host=x.test target=/b file=b at=1\n"
#define OK_EMPTY  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static void request_and_response_are_one_exchange(void **state)
{
    (void)state;
    http_expect(
        STEPS(UP("GET /dir/a.exe?x=1 HTTP/1.1\r\nHost: Example.com:8080\r\nCookie: secret\r\n\r\n"),
              DOWN("HTTP/1.1 200 OK\r\nServer: test/1\r\nContent-Type: text/html; charset=x\r\n"
                   "Content-Length: 5\r\n\r\nhello")),
        "http request method=GET host=Example.com port=8080 target=/dir/a.exe?x=1 file=a.exe at=1\n"
        "http exchange method=GET host=Example.com port=8080 target=/dir/a.exe?x=1 status=200"
        " type=text/html file=a.exe server=test/1 down=5 announced=6 complete=1 start=hello "
        "at=1\n");
}

#define FETCH(fields) UP("GET /a HTTP/1.1\r\nHost: x.test\r\n" fields "\r\n")
#define ASKED_BY(number)                                                                           \
    "http request method=GET host=x.test target=/a file=a" number " at=1\n"                        \
    "http exchange method=GET host=x.test target=/a file=a" number " at=1\n"

static void why_a_browser_asks_is_told(void **state)
{
    (void)state;
    http_expect(STEPS(FETCH("Accept: x\r\n")), ASKED_BY(""));
    http_expect(STEPS(FETCH("Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n")),
                ASKED_BY(" initiator=1"));
    http_expect(STEPS(FETCH("Sec-Fetch-Mode: navigate\r\nsec-purpose: prefetch;prerender\r\n")),
                ASKED_BY(" initiator=2"));
    http_expect(STEPS(FETCH("Purpose: Prefetch\r\n")), ASKED_BY(" initiator=2"));
    http_expect(STEPS(FETCH("X-Moz: prefetch\r\n")), ASKED_BY(" initiator=2"));
    http_expect(STEPS(FETCH("X-Purpose: preview\r\n")), ASKED_BY(" initiator=2"));
    http_expect(STEPS(FETCH("Purpose: business\r\n")), ASKED_BY(""));
    http_expect(STEPS(FETCH("Sec-Fetch-Dest: iframe\r\nSec-Fetch-Mode: navigate\r\n")),
                ASKED_BY(" initiator=3"));
    http_expect(STEPS(FETCH("Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n")),
                ASKED_BY(" initiator=3"));
}

static void kept_open_connection_gives_each_exchange(void **state)
{
    (void)state;
    http_expect(
        STEPS(UP(GET_A), DOWN(OK_EMPTY), UP("\r\n" GET_B),
              DOWN("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno")),
        REQUEST_A
        "http exchange method=GET host=x.test target=/a status=200 file=a announced=1 complete=1 "
        "at=1\n" REQUEST_B
        "http exchange method=GET host=x.test target=/b status=404 file=b down=2 announced=3"
        " complete=1 start=no at=1\n");
}

static void pipelined_responses_go_to_their_requests(void **state)
{
    (void)state;
    http_expect(STEPS(UP(GET_A GET_B), DOWN("HTTP/1.1 201 OK\r\nContent-Length: 1\r\n\r\nA"
                                            "HTTP/1.1 202 OK\r\nContent-Length: 1\r\n\r\nB")),
                REQUEST_A REQUEST_B "http exchange method=GET host=x.test target=/a status=201 "
                                    "file=a down=1 announced=2 complete=1 start=A at=1\n"
                                    "http exchange method=GET host=x.test target=/b status=202 "
                                    "file=b down=1 announced=2 complete=1 start=B at=1\n");
}

/** RFC 9112 section 6.3: the length beside them is an error, or a lie. */
static void chunks_are_put_together(void **state)
{
    (void)state;
    http_expect(
        STEPS(
            UP(GET_A),
            DOWN("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Length: 99\r\n\r\n"
                 "3\r\nabc\r\n0A ;ext=\"x\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
                 "HTTP/1.1 204 OK\r\n\r\n")),
        REQUEST_A "http exchange method=GET host=x.test target=/a status=200 file=a down=13 "
                  "complete=1"
                  " start=abc0123456789 at=1\n"
                  "http exchange status=204 complete=1 at=1\n");
}

static void chunk_without_a_size_ends_the_response(void **state)
{
    (void)state;
    http_expect(
        STEPS(UP(GET_A),
              DOWN("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n")),
        REQUEST_A
        "http exchange method=GET host=x.test target=/a status=200 file=a down=3 hole=1 start=abc "
        "at=1\n");
}

static void a_method_alone_has_a_host(void **state)
{
    (void)state;
    http_expect(
        STEPS(UP("OPTIONS\nHost: x.test\n\n"),
              DOWN("HTTP/1.0 400 No\r\nContent-Length: 0\r\n\r\n")),
        "http request method=OPTIONS host=x.test at=1\n"
        "http exchange method=OPTIONS host=x.test status=400 announced=1 complete=1 at=1\n");
}

/** Methods of nobody's list: only with all of a request's line. */
static void a_method_of_its_own_needs_a_whole_line(void **state)
{
    static const struct
    {
        const char *line;
        enum nta_parse verdict;
    } rows[] = {
        {"SSTP_DUPLEX_POST /sra_{BA195980}/ HTTP/1.1\r\n", NTA_PARSE_OK},
        {"BREW http://x.test/a HTTP/1.0\n", NTA_PARSE_OK},
        {"BREW /a", NTA_PARSE_MORE},
        {"BREW ", NTA_PARSE_MORE},
        {"BREW", NTA_PARSE_MORE},
        {"BREW /a HTTP/2.0\r\n", NTA_PARSE_OTHER},
        {"BREW /a\r\n", NTA_PARSE_OTHER},
        {"BREW a HTTP/1.1\r\n", NTA_PARSE_OTHER},
        {"BREW * HTTP/1.1\r\n", NTA_PARSE_OTHER},
        {"brew /a HTTP/1.1\r\n", NTA_PARSE_OTHER},
        {"DESCRIBE rtsp://x.test/a RTSP/1.0\r\n", NTA_PARSE_OTHER},
        {"EHLO laptop\r\n", NTA_PARSE_OTHER},
        {"AMETHODLONGERTHANANYBODYS /a HTTP/1.1\r\n", NTA_PARSE_OTHER},
    };

    bool response;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++)
        assert_int_equal(nta_http_probe(nta_span_of(rows[i].line), false, &response),
                         rows[i].verdict);
    http_expect(STEPS(UP("BREW /a HTTP/1.1\r\nHost: x.test\r\n\r\n"), DOWN(OK_EMPTY)),
                "http request method=BREW host=x.test target=/a file=a at=1\n"
                "http exchange method=BREW host=x.test target=/a status=200 file=a announced=1 "
                "complete=1 at=1\n");
}

static void version_in_lower_case_is_understood(void **state)
{
    (void)state;
    http_expect(
        STEPS(UP(GET_A), DOWN("http/1.1 204 OK\r\n\r\n")), REQUEST_A
        "http exchange method=GET host=x.test target=/a status=204 file=a complete=1 at=1\n");
}

static void body_without_length_ends_with_the_connection(void **state)
{
    (void)state;
    http_expect(STEPS(UP(GET_A), DOWN("HTTP/1.0 200 OK\r\n\r\nab"), DOWN("cd")),
                REQUEST_A "http exchange method=GET host=x.test target=/a status=200 file=a down=4 "
                          "complete=1 start=abcd at=1\n");
}

static void responses_without_body_are_known(void **state)
{
    (void)state;
    http_expect(STEPS(UP("HEAD /a HTTP/1.1\r\nHost: x.test\r\n\r\n" GET_B GET_A),
                      DOWN("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
                           "HTTP/1.1 304 Not\r\nContent-Length: 7\r\n\r\n" OK_EMPTY)),
                "http request method=HEAD host=x.test target=/a file=a at=1\n" REQUEST_B REQUEST_A
                "http exchange method=HEAD host=x.test target=/a status=200 file=a announced=101 "
                "complete=1 at=1\n"
                "http exchange method=GET host=x.test target=/b status=304 file=b announced=8 "
                "complete=1 at=1\n"
                "http exchange method=GET host=x.test target=/a status=200 file=a announced=1 "
                "complete=1 at=1\n");
}

static void interim_responses_are_passed_over(void **state)
{
    (void)state;
    http_expect(STEPS(UP("POST /a HTTP/1.1\r\nHost: x.test\r\nExpect: "
                         "100-continue\r\nContent-Length: 4\r\n\r\n"),
                      DOWN("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"),
                      UP("data"), DOWN(OK_EMPTY)),
                "http request method=POST host=x.test target=/a file=a at=1\n"
                "http exchange method=POST host=x.test target=/a status=200 file=a up=4 "
                "announced=1 complete=1 at=1\n");
}

static void request_bodies_are_counted(void **state)
{
    (void)state;
    http_expect(STEPS(UP("PUT /a HTTP/1.1\r\nHost: x.test\r\nTransfer-Encoding: "
                         "chunked\r\n\r\n2\r\nab\r\n1\nc\n0\n\n" GET_B),
                      DOWN(OK_EMPTY)),
                "http request method=PUT host=x.test target=/a file=a at=1\n" REQUEST_B
                "http exchange method=PUT host=x.test target=/a status=200 file=a up=3 announced=1 "
                "complete=1 at=1\n"
                "http exchange method=GET host=x.test target=/b file=b at=1\n");
}

static void folded_fields_and_bare_line_feeds_are_read(void **state)
{
    (void)state;
    http_expect(STEPS(UP("GET /a HTTP/1.1\nX: y\n\tz\nHOST:\n  x.test \nhost: X.TEST\n\n"),
                      DOWN("HTTP/1.1 200\nContent-type : "
                           "text/plain\nContent-Length:0\nContent-Length: 9\n\n")),
                REQUEST_A "http exchange method=GET host=x.test target=/a status=200 "
                          "type=text/plain file=a announced=1"
                          " complete=1 at=1\n");
}

static void proxy_requests_name_the_site_in_the_target(void **state)
{
    (void)state;
    http_expect(
        STEPS(UP("GET http://user:p%40w@Site.test:81/x/y.zip HTTP/1.1\r\nHost: proxy\r\n\r\n"
                 "GET http://[2001:db8::1]:8080?q HTTP/1.1\r\n\r\n"
                 "OPTIONS * HTTP/1.1\r\nHost: a@b@[2001:db8::2]\r\n\r\n")),
        "http request method=GET host=Site.test port=81 target=/x/y.zip file=y.zip hosts-differ=1 "
        "other-host=proxy "
        "at=1\n"
        "http request method=GET host=2001:db8::1 port=8080 target=?q at=1\n"
        "http request method=OPTIONS host=2001:db8::2 target=* at=1\n"
        "http exchange method=GET host=Site.test port=81 target=/x/y.zip file=y.zip hosts-differ=1 "
        "other-host=proxy "
        "at=1\n"
        "http exchange method=GET host=2001:db8::1 port=8080 target=?q at=1\n"
        "http exchange method=OPTIONS host=2001:db8::2 target=* at=1\n");
}

static void targets_and_versions_may_be_missing(void **state)
{
    (void)state;
    http_expect(STEPS(UP("GET /a\r\nHost: x.test\r\n\r\nGET HTTP/1.1\r\nHost: x.test\r\n\r\n"
                         "CONNECT / HTTP/1.1\r\nHost: x.test\r\n\r\n")),
                REQUEST_A "http request method=GET host=x.test at=1\n"
                          "http request method=CONNECT host=x.test target=/ at=1\n"
                          "http exchange method=GET host=x.test target=/a file=a at=1\n"
                          "http exchange method=GET host=x.test at=1\n"
                          "http exchange method=CONNECT host=x.test target=/ at=1\n");
}

static void missing_host_leaves_the_site_empty(void **state)
{
    (void)state;
    http_expect(STEPS(UP("GET /a/ HTTP/1.0\r\n\r\n"), DOWN(OK_EMPTY)),
                "http request method=GET target=/a/ at=1\n"
                "http exchange method=GET target=/a/ status=200 announced=1 complete=1 at=1\n");
}

static void of_several_hosts_the_first_wins_and_a_difference_is_reported(void **state)
{
    (void)state;
    http_expect(
        STEPS(UP("GET /a HTTP/1.1\r\nHost: x.test\r\nHost: y.test\r\n\r\n"), DOWN(OK_EMPTY)),
        "http request method=GET host=x.test target=/a file=a hosts-differ=1 "
        "other-host=y.test at=1\n"
        "http exchange method=GET host=x.test target=/a status=200 file=a announced=1 "
        "complete=1 hosts-differ=1 other-host=y.test at=1\n");
    http_expect(STEPS(UP("GET /a HTTP/1.1\r\nHost: x.test\r\nHOST: X.test\r\n\r\n")),
                REQUEST_A "http exchange method=GET host=x.test target=/a file=a at=1\n");
}

static void half_a_version_is_read_on_a_port_of_http(void **state)
{
    (void)state;
    http_expect(STEPS(UP("GET /a HTTP/1.\nHost: x.test\n\nGET /a HTTP/\nHost: x.test\n\n")),
                REQUEST_A REQUEST_A "http exchange method=GET host=x.test target=/a file=a at=1\n"
                                    "http exchange method=GET host=x.test target=/a file=a at=1\n");
}

static void file_names_come_from_the_disposition(void **state)
{
    static const struct
    {
        const char *value, *name;
    } rows[] = {
        {"attachment; filename=plain.zip", "plain.zip"},
        {"attachment;filename=\"a \\\"b\\\".zip\"; size=3", "a \\\"b\\\".zip"},
        {"attachment; filename=\"C:\\dir\\x.zip\"", "C:\\dir\\x.zip"},
        {"inline; filename=\"old.zip\"; filename*=UTF-8''n%c3%A9w%2.zip", "n\xc3\xa9w%2.zip"},
        {"attachment; filename*=iso-8859-1'en'%e9.zip", "\xc3\xa9.zip"},
        {"attachment; x=\"; filename=no\"; FileName = yes", "yes"},
        {"attachment; filename=", "a"},
        {"attachment", "a"},
    };
    static struct nta_play play;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        char text[256];
        struct nta_buf shown = {0};
        int len = snprintf(text, sizeof(text), "HTTP/1.1 204 OK\r\nContent-Disposition: %s\r\n\r\n",
                           rows[i].value);

        play_begin(&play, &nta_proto_http, true, 80);
        play_data(&play, 0, GET_A, sizeof(GET_A) - 1);
        play_data(&play, 1, text, (size_t)len);
        nta_buf_puts(&shown, "status=204 file=");
        if (strchr(rows[i].name, '"'))
            nta_buf_puts(&shown, "a \"b\".zip");
        else
            nta_text_escape(&shown, nta_span_of(rows[i].name));
        nta_buf_put(&shown, " complete", 10);
        assert_non_null(strstr(play_end(&play), (const char *)shown.ptr));
        nta_buf_done(&shown);
        play_done(&play);
    }
}

static void large_bodies_are_skipped(void **state)
{
    static char block[100000];
    static struct nta_play play;
    size_t n_calls;

    (void)state;
    memset(block, 'x', sizeof(block));
    play_begin(&play, &nta_proto_http, true, 80);
    play_data(&play, 0, GET_A, sizeof(GET_A) - 1);
    play_data(&play, 1, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", 43);
    n_calls = play.n_calls;
    for (size_t i = 0; i < sizeof(block); i += 1000)
        play_data(&play, 1, block + i, 1000);
    assert_true(play.n_calls - n_calls < 20);
    assert_non_null(
        strstr((const char *)play.log.ptr, " down=100000 announced=100001 complete=1 start=xx"));
    play_end(&play);
    play_done(&play);
}

static void broken_off_body_is_incomplete(void **state)
{
    (void)state;
    http_expect(STEPS(UP(GET_A), DOWN("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc")),
                REQUEST_A "http exchange method=GET host=x.test target=/a status=200 file=a down=3 "
                          "announced=51 start=abc at=1\n");
}

/** What is shown of an answer with these fields: its head, when that was whole. */
static void expect_response(const char *fields, const char *expected)
{
    static struct nta_play play;
    char text[400];

    (void)snprintf(text, sizeof(text), "HTTP/1.1 206 Part\r\n%s\r\nab", fields);
    play_begin(&play, &nta_proto_http, true, 80);
    play.shows_responses = true;
    play_data(&play, 0, GET_A, sizeof(GET_A) - 1);
    play_data(&play, 1, text, strlen(text));
    nta_buf_put_u8(&play.log, '\0');
    const char *told = strstr((const char *)play.log.ptr, "http response ");

    assert_non_null(told);
    if (!strstr(told, expected))
        fail_msg("%s is not in %s", expected, told);
    (void)play_end(&play);
    play_done(&play);
}

static void an_answer_is_told_when_its_head_is_there(void **state)
{
    (void)state;
    expect_response("Content-Range: bytes 5-6/10\r\nContent-Length: 2\r\n",
                    "target=/a status=206 file=a announced=3 first=6 whole=11");
    expect_response("content-range:bytes 5-6/*\r\nContent-Length: 2\r\n",
                    "announced=3 first=6 at=");
    expect_response("Content-Range: bytes */10\r\nContent-Length: 2\r\n", "announced=3 at=");
    expect_response("Content-Range: bytes 10-11/10\r\nContent-Length: 2\r\n",
                    "announced=3 at="); /* behind the end */
    expect_response("Content-Range: lines 5-6/10\r\nContent-Length: 2\r\n", "announced=3 at=");
    expect_response("Content-Range: bytes 5\r\nContent-Length: 2\r\n", "announced=3 at=");
    expect_response("Content-Length: 9\r\n", "announced=10 at=");
}

static void seventeenth_waiting_request_is_reported_at_once(void **state)
{
    static struct nta_play play;
    struct nta_buf want = {0};

    (void)state;
    play_begin(&play, &nta_proto_http, true, 80);
    for (int i = 0; i < 18; i++) {
        play_data(&play, 0, GET_A, sizeof(GET_A) - 1);
        nta_buf_puts(&want, REQUEST_A);
        if (i >= 16)
            nta_buf_puts(&want, "http exchange method=GET host=x.test target=/a file=a at=1\n");
    }
    for (int i = 0; i < 19; i++) {
        play_data(&play, 1, OK_EMPTY, sizeof(OK_EMPTY) - 1);
        if (i < 16)
            nta_buf_puts(&want, "http exchange method=GET host=x.test target=/a status=200 file=a "
                                "announced=1 complete=1 at=1\n");
        else
            nta_buf_puts(&want, "http exchange status=200 announced=1 complete=1 at=1\n");
    }
    nta_buf_put_u8(&want, 0);
    assert_string_equal(play_end(&play), (const char *)want.ptr);
    nta_buf_done(&want);
    play_done(&play);
}

static void long_target_is_cut_in_the_exchange_only(void **state)
{
    static struct nta_play play;
    struct nta_buf head = {0};

    (void)state;
    nta_buf_puts(&head, "GET /");
    for (int i = 0; i < 5000; i++)
        nta_buf_put_u8(&head, 'a');
    nta_buf_puts(&head, "z HTTP/1.1\r\nHost: x.test\r\n\r\n");
    play_begin(&play, &nta_proto_http, true, 80);
    for (size_t i = 0; i < head.len; i += 100)
        play_data(&play, 0, head.ptr + i, head.len - i < 100 ? head.len - i : 100);
    assert_non_null(strstr((const char *)play.log.ptr, "aaz file=aa"));
    nta_buf_clear(&play.log);
    assert_non_null(strstr(play_end(&play), " cut=1 at=1\n"));
    assert_true(play.log.len < 5000);
    nta_buf_done(&head);
    play_done(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_and_response_are_one_exchange),
        cmocka_unit_test(why_a_browser_asks_is_told),
        cmocka_unit_test(kept_open_connection_gives_each_exchange),
        cmocka_unit_test(pipelined_responses_go_to_their_requests),
        cmocka_unit_test(chunks_are_put_together),
        cmocka_unit_test(chunk_without_a_size_ends_the_response),
        cmocka_unit_test(a_method_alone_has_a_host),
        cmocka_unit_test(a_method_of_its_own_needs_a_whole_line),
        cmocka_unit_test(version_in_lower_case_is_understood),
        cmocka_unit_test(body_without_length_ends_with_the_connection),
        cmocka_unit_test(responses_without_body_are_known),
        cmocka_unit_test(interim_responses_are_passed_over),
        cmocka_unit_test(request_bodies_are_counted),
        cmocka_unit_test(folded_fields_and_bare_line_feeds_are_read),
        cmocka_unit_test(proxy_requests_name_the_site_in_the_target),
        cmocka_unit_test(targets_and_versions_may_be_missing),
        cmocka_unit_test(missing_host_leaves_the_site_empty),
        cmocka_unit_test(of_several_hosts_the_first_wins_and_a_difference_is_reported),
        cmocka_unit_test(half_a_version_is_read_on_a_port_of_http),
        cmocka_unit_test(file_names_come_from_the_disposition),
        cmocka_unit_test(large_bodies_are_skipped),
        cmocka_unit_test(broken_off_body_is_incomplete),
        cmocka_unit_test(an_answer_is_told_when_its_head_is_there),
        cmocka_unit_test(seventeenth_waiting_request_is_reported_at_once),
        cmocka_unit_test(long_target_is_cut_in_the_exchange_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
