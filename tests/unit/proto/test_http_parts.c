/* SPDX-License-Identifier: Apache-2.0 */
#include "http_play.h"
#include "proto/http/http2.h"

#define ASK  "GET /f HTTP/1.1\r\nHost: x.test\r\n\r\n"
#define HEAD "HTTP/1.1 206 Partial\r\nContent-Type: multipart/byteranges; boundary=\"b\"\r\n"
#define LINE "\r\n--b\r\n"
#define ONE  LINE "Content-Range: bytes 0-3/9\r\n\r\n"
#define TWO  LINE "Content-Range: bytes 4-8/9\r\n\r\n"
#define TOLD                                                                                       \
    "http exchange method=GET host=x.test target=/f status=206 type=multipart/byteranges file=f "
#define SAYS(literal) (const uint8_t *)(literal), sizeof(literal) - 1

static struct nta_play play;

/** However they are cut, each part is told where it lies. */
static void each_part_is_told(void **state)
{
    (void)state;
    http_expect(
        STEPS(UP(ASK), DOWN(HEAD "Content-Length: 90\r\n\r\n" ONE "abcd" TWO "e\r\n-f\r\n--b--")),
        "http request method=GET host=x.test target=/f file=f at=1\n" TOLD
        "down=4 announced=5 first=1 whole=10 complete=1 part=1 start=abcd at=1\n" TOLD
        "down=5 announced=6 first=5 whole=10 complete=1 part=1 start=e\\x0d\\x0a-f "
        "at=1\n" TOLD "down=9 complete=1 parts-told=1 start=e\\x0d\\x0a-f at=1\n");
}

/** How often `part` is said. */
static size_t times(const char *said, const char *part)
{
    size_t n = 0;

    for (; (said = strstr(said, part)); said++)
        n++;
    return n;
}

static void begin(const struct nta_proto *proto, struct nta_span ask, struct nta_span answer)
{
    play_begin(&play, proto, true, 80);
    play.io.wants_content = play.io.saw_syn = true;
    play_data(&play, 0, ask.ptr, ask.len);
    play_data(&play, 1, answer.ptr, answer.len);
}

/** Parts whose place is known: each once, whatever the hole hid; `n_first` of them the first. */
static void check(size_t n_first, size_t n_second, const char *all)
{
    const char *said = play_end(&play);

    if (times(said, "first=1 ") != n_first || times(said, "first=5 ") != n_second ||
        !strstr(said, all))
        print_error("%s\n", said);
    assert_int_equal(times(said, "first=1 "), n_first);
    assert_int_equal(times(said, "first=5 "), n_second);
    assert_non_null(strstr(said, all));
    play_done(&play);
}

/** Between two parts, the one that is over is not told again. */
static void a_hole_between_parts_tells_none_twice(void **state)
{
    static const struct
    {
        struct nta_span before, behind;
        uint64_t hole;
        size_t n_first;
    } rows[] = {
        {.before = {SAYS(ONE "abcd\r\n--b")}, .hole = 10, .behind = {SAYS("more")}, .n_first = 1},
        {.before = {SAYS(ONE "abcd" TWO "ef")}, .hole = 99, .behind = {SAYS("more")}, .n_first = 1},
        {.before = {SAYS(ONE "abcd" LINE "Content-Range: bytes 0-3/9\r\n")},
         .hole = 10,
         .behind = {SAYS("more")},
         .n_first = 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(&nta_proto_http, (struct nta_span){SAYS(ASK)},
              (struct nta_span){SAYS(HEAD "Content-Length: 900\r\n\r\n")});
        play_data(&play, 1, rows[i].before.ptr, rows[i].before.len);
        play_gap(&play, 1, rows[i].hole);
        play_data(&play, 1, rows[i].behind.ptr, rows[i].behind.len);
        check(rows[i].n_first, i == 1, "parts-told=1");
    }
}

/** Where a hole hides how much of the content it took, nobody knows where the rest lies. */
static void behind_a_hole_of_unknown_length_no_part_has_a_place(void **state)
{
    (void)state;
    begin(&nta_proto_http, (struct nta_span){SAYS(ASK)},
          (struct nta_span){SAYS(HEAD "Transfer-Encoding: chunked\r\n\r\n")});
    play_data(&play, 1, SAYS("2a\r\n" ONE "ab"));
    play_gap(&play, 1, 6);
    play_data(&play, 1, SAYS("d"));
    play_data(&play, 1, SAYS("\r\n2e\r\n" TWO "efghi\r\n--b--\r\n0\r\n\r\n"));
    check(1, 0, "parts-told=1");
}

#define PREFACE  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define SETTINGS "\0\0\0\4\0\0\0\0\0"
#define TYPE     "\x5f\x20multipart/byteranges; boundary=b"

/** Two streams: whose bytes the hole took is not known either. */
static void nor_has_one_of_several_streams(void **state)
{
    (void)state;
    begin(
        &nta_proto_http2,
        (struct nta_span){SAYS(PREFACE SETTINGS "\0\0\x0b\1\5\0\0\0\1\x82\x86\x84\x41\x06x.test"
                                                "\0\0\x0b\1\5\0\0\0\3\x82\x86\x84\x41\x06x.test")},
        (struct nta_span){SAYS(SETTINGS "\0\0\x27\1\4\0\0\0\1\x48\x03"
                                        "206" TYPE "\0\0\1\1\4\0\0\0\3\x88")});
    play_data(&play, 1, SAYS("\0\0\x27\0\0\0\0\0\1" ONE "ab"));
    play_gap(&play, 1, 40);
    play_data(&play, 1,
              SAYS("\0\0\2\0\0\0\0\0\1"
                   "cd"));
    play_data(&play, 1, SAYS("\0\0\x33\0\1\0\0\0\1" TWO "efghi\r\n--b--\r\n"));
    check(1, 0, "down=2 announced=5 first=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_is_told),
        cmocka_unit_test(a_hole_between_parts_tells_none_twice),
        cmocka_unit_test(behind_a_hole_of_unknown_length_no_part_has_a_place),
        cmocka_unit_test(nor_has_one_of_several_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
