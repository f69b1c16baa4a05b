/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials in kept packets: redacted however they are cut, and the evidence beside them is not.
 */
#include "redact/redact.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum
{
    BUF_SIZE = 4096,
    PIECES = 64,
};

#define ISN UINT32_C(4294967290) /* the numbers wrap in the middle of the stream */

static struct nta_redact redact;

/** One direction of a stream, and what was made of it. */
struct play
{
    char text[BUF_SIZE]; ///< By place in the stream.
    size_t len;
    struct nta_redact_piece pieces[PIECES];
    char bufs[PIECES][BUF_SIZE];
    size_t n;
};

static struct play play;

static void put_at(size_t place, const char *bytes, size_t len)
{
    struct nta_redact_piece *piece = &play.pieces[play.n];

    assert_true(play.n < PIECES && len <= BUF_SIZE);
    memcpy(play.bufs[play.n], bytes, len);
    *piece = (struct nta_redact_piece){.bytes = (uint8_t *)play.bufs[play.n],
                                       .len = (uint32_t)len,
                                       .seq = (uint32_t)(ISN + place)};
    play.n++;
}

static enum nta_redact_talk talk = NTA_REDACT_CODES;

static size_t run(bool client, bool from_start, enum nta_url_detail urls)
{
    const struct nta_redact_options options = {.urls = urls,
                                               .from_client = client,
                                               .talk = talk,
                                               .from_start = from_start,
                                               .first_seq = ISN};

    size_t n_redacted = nta_redact_stream(&redact, &options, play.pieces, play.n);

    memset(play.text, 0, sizeof(play.text));
    for (size_t i = 0; i < play.n; i++)
        memcpy(play.text + (uint32_t)(play.pieces[i].seq - ISN), play.pieces[i].bytes,
               play.pieces[i].len);
    return n_redacted;
}

/** The whole text in pieces of `size`. */
static void cut(const char *text, size_t size)
{
    size_t len = strlen(text);

    play.n = 0;
    for (size_t at = 0; at < len; at += size)
        put_at(at, text + at, len - at < size ? len - at : size);
}

static void assert_redacted(const char *text, bool client, enum nta_url_detail urls,
                            const char *expected)
{
    static const size_t sizes[] = {BUF_SIZE, 100, 29};

    assert_int_equal(strlen(text), strlen(expected));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        cut(text, sizes[i]);
        run(client, true, urls);
        assert_string_equal(play.text, expected);
    }
}

#define CLIENT(text, expected) assert_redacted(text, true, NTA_URL_FULL, expected)
#define SERVER(text, expected) assert_redacted(text, false, NTA_URL_FULL, expected)

static void header_fields_with_credentials_lose_their_values(void **state)
{
    (void)state;
    CLIENT("GET /film.mkv?id=7 HTTP/1.1\r\nHost: bad.example\r\nCookie: sid=hunter2\r\n"
           "AUTHORIZATION:Basic QQ==\r\nProxy-Authorization: Basic QQ==\r\nX-Api-Key: k\r\n"
           "User-Agent: curl\r\n\r\n",
           "GET /film.mkv?id=x HTTP/1.1\r\nHost: bad.example\r\nCookie: xxxxxxxxxxx\r\n"
           "AUTHORIZATION:xxxxxxxxxx\r\nProxy-Authorization: xxxxxxxxxx\r\nX-Api-Key: x\r\n"
           "User-Agent: curl\r\n\r\n");
    SERVER("HTTP/1.1 200 OK\r\nSet-Cookie: sid=hunter2; Path=/\r\nServer: nginx\r\n\r\nbytes",
           "HTTP/1.1 200 OK\r\nSet-Cookie: xxxxxxxxxxxxxxxxxxx\r\nServer: nginx\r\n\r\nxxxxx");
}

static void names_that_may_let_somebody_in_are_no_path(void **state)
{
    (void)state;
    CLIENT("GET /token/k/a.iso HTTP/1.1\r\n\r\n", "GET /token/x/a.iso HTTP/1.1\r\n\r\n");
    CLIENT("GET /reset-password//hunter2/ HTTP/1.1\r\n\r\n",
           "GET /reset-password//xxxxxxx/ HTTP/1.1\r\n\r\n");
    CLIENT("GET /monkey/a HTTP/1.1\r\n\r\n", "GET /monkey/a HTTP/1.1\r\n\r\n");
    CLIENT("GET /a,k:pw@h/b HTTP/1.1\r\n\r\n", "GET /xxxxxxxx/b HTTP/1.1\r\n\r\n");
    CLIENT("GET /i/0123456789abcdef0123/b HTTP/1.1\r\n\r\n",
           "GET /i/xxxxxxxxxxxxxxxxxxxx/b HTTP/1.1\r\n\r\n");
    SERVER("HTTP/1.1 302 Found\r\nLocation: http://h/key/k?a\r\n\r\n",
           "HTTP/1.1 302 Found\r\nLocation: http://h/key/x?x\r\n\r\n");
}

static void a_field_that_nobody_knows_loses_name_and_value(void **state)
{
    (void)state;
    CLIENT("GET / HTTP/1.1\r\nHost: h\r\nApi_Key: k\r\nX-JWT: e.y\r\nRange: bytes=0-\r\n"
           "Sec-WebSocket-Protocol: bearer\r\nSec-WebSocket-Key: dGhl\r\nX.Sig: s\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\nxxxxxxx: x\r\nxxxxx: xxx\r\nRange: bytes=0-\r\n"
           "Sec-WebSocket-Protocol: xxxxxx\r\nSec-WebSocket-Key: xxxx\r\nxxxxx: x\r\n\r\n");
    SERVER("HTTP/1.1 200 OK\r\nX-Amz-Id: q\r\nContent-Type: video/mp4\r\nAge: 1\r\n\r\nx",
           "HTTP/1.1 200 OK\r\nxxxxxxxx: x\r\nContent-Type: video/mp4\r\nAge: 1\r\n\r\nx");
    /* a known name is known whole only */
    CLIENT("GET / HTTP/1.1\r\nHostess: k\r\nHos: k\r\nhOST: k\r\n\r\n",
           "GET / HTTP/1.1\r\nxxxxxxx: x\r\nxxx: x\r\nhOST: k\r\n\r\n");
}

static void a_field_that_is_folded_is_redacted_to_its_end(void **state)
{
    (void)state;
    CLIENT("GET / HTTP/1.1\r\nCookie: a=1;\r\n secret=2\r\n\tmore\r\nHost: h\r\n\r\n",
           "GET / HTTP/1.1\r\nCookie: xxxx\r\nxxxxxxxxx\r\nxxxxx\r\nHost: h\r\n\r\n");
}

static void lines_that_go_on_are_redacted(void **state)
{
    (void)state;
    /* in front of any field; behind a name that is too long, or has a blank in it */
    CLIENT("GET / HTTP/1.1\r\n Cookie: s\r\nHost: h\r\n and\r\n\r\n",
           "GET / HTTP/1.1\r\nxxxxxxxxxx\r\nHost: h\r\nxxxx\r\n\r\n");
    CLIENT("GET / HTTP/1.1\r\nHost: h\r\nCookie : a\r\n secret\r\nHost: h\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\nxxxxxxxxxx\r\nxxxxxxx\r\nHost: h\r\n\r\n");
    CLIENT("GET / HTTP/1.1\r\nHost: h\r\n"
           "X-0123456789012345678901234567890123456789012345678901234567890123: a\r\n b\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\n"
           "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\nxx\r\n\r\n");
    SERVER("HTTP/1.1 302 Found\r\nLocation: http://h/cb\r\n ?access_token=s\r\n\r\n",
           "HTTP/1.1 302 Found\r\nLocation: http://h/cb\r\nxxxxxxxxxxxxxxxx\r\n\r\n");
    /* a line's end that some servers take for one */
    CLIENT("GET / HTTP/1.1\r\nHost: h\rCookie: a\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: xxxxxxxxxxx\r\n\r\n");
}

static void a_line_behind_a_hole_does_not_go_on_with_the_field_before_it(void **state)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nServer: curl\r\n",
                      rest[] = "secret\r\n more\r\nServer: gws\r\n";

    (void)state;
    play.n = 0;
    put_at(0, head, sizeof(head) - 1);
    put_at(100, rest, sizeof(rest) - 1);
    run(false, true, NTA_URL_FULL);
    assert_string_equal(play.text + 100, "xxxxxxxxxxxxx\r\nServer: gws\r\n");
}

static void trailers_are_fields(void **state)
{
    (void)state;
    SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;e=hunter2\r\nGI\r\n\r\n0\r\n"
           "X-Sum: a\r\nServer: curl\r\n\r\nHTTP/1.1 200 OK\r\nServer: curl\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4xxxxxxxxxx\r\nxxxx\r\n0\r\n"
           "xxxxx: x\r\nServer: curl\r\n\r\nHTTP/1.1 200 OK\r\nServer: curl\r\n\r\n");
    /* a length of a chunk that is a lie shows nothing */
    SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n{\"a\": \"hunter2\"}\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nxxxxxxxxxxxxxxxx\r\n\r\n");
    SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{\"a\": \"hunter2\"}\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxxxxxxxxxxxxxxxxxx");
}

static void of_a_query_the_names_are_shown(void **state)
{
    (void)state;
    CLIENT("GET /f.mkv?id=7&access_token=abc&sig=q;n=1&X-Amz-Signature=0f HTTP/1.1\r\n"
           "Referer: http://a.example/b?key=k&c=d#sid=e\r\n\r\n",
           "GET /f.mkv?id=x&access_token=xxx&sig=xxxxx&X-Amz-Signature=xx HTTP/1.1\r\n"
           "Referer: http://a.example/b?key=x&c=x#xxxxx\r\n\r\n");
    SERVER("HTTP/1.1 302 Found\r\nLocation: /cb?code=abc&state=1\r\n\r\n",
           "HTTP/1.1 302 Found\r\nLocation: /cb?code=xxx&state=x\r\n\r\n");
    SERVER(
        "HTTP/1.1 302 Found\r\nLocation: /a;jsessionid=s\r\nContent-Location: /#token=s\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: /axxxxxxxxxxxxx\r\nContent-Location: /#xxxxxxx\r\n\r\n");
    /* what has no name, or one that may be the value itself */
    CLIENT("GET /?hunter2&c2VjcmV0== HTTP/1.1\r\n\r\n",
           "GET /?xxxxxxx&xxxxxxxxxx HTTP/1.1\r\n\r\n");
    CLIENT("GET /?hunter2=&a1b2c3=4 HTTP/1.1\r\n\r\n", "GET /?xxxxxxxx&xxxxxxxx HTTP/1.1\r\n\r\n");
    /* a password whose host is missing */
    CLIENT("GET / HTTP/1.1\r\nReferer: http://bob:hunter2\r\n\r\n",
           "GET / HTTP/1.1\r\nReferer: http://xxxxxxxxxxx\r\n\r\n");
    CLIENT("GET / HTTP/1.1\r\nReferer: http://a.example:8080/\r\n\r\n",
           "GET / HTTP/1.1\r\nReferer: http://a.example:8080/\r\n\r\n");
    /* in a path */
    CLIENT("GET /p/key=hunter2/f HTTP/1.1\r\n\r\n", "GET /p/keyxxxxxxxxxx HTTP/1.1\r\n\r\n");
    CLIENT("GET /p%3Bkey%3Dhunter2 HTTP/1.1\r\n\r\n", "GET /pxxxxxxxxxxxxxxxx HTTP/1.1\r\n\r\n");
}

static void mail_and_literals_are_no_commands(void **state)
{
    (void)state;
    CLIENT("MAIL FROM:<a@b> AUTH=hunter2\r\nDATA\r\nLIST of passwords\r\n.\r\nQUIT\r\n",
           "MAIL FROM:<a@b>xxxxxxxxxxxxx\r\nDATA\r\nxxxxxxxxxxxxxxxxxxxxxxQUIT\r\n");
    CLIENT("DATA \r\nLIST of passwords\r\n.\r\nQUIT\r\n",
           "DATA \r\nxxxxxxxxxxxxxxxxxxxxxxQUIT\r\n");
    /* what ends it is between ends of lines as they have to be */
    CLIENT("DATA\r\nLIST of passwords\n.\nSIZE of it\r\n.\r\nQUIT\r\n",
           "DATA\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxQUIT\r\n");
    CLIENT("BDAT 15 LAST\r\nLIST of it\r\n.\r\nQUIT\r\n",
           "BDAT xx LAST\r\nxxxxxxxxxxxxxxxQUIT\r\n");
    talk = NTA_REDACT_IMAP;
    CLIENT("LIST LOGIN bob hunter2\r\n", "xxxx LOGIN xxxxxxxxxxx\r\n");
    CLIENT("a1 LOGIN {4} \r\nNOOP { 6+} \r\nb NOOP\r\na2 NOOP\r\n",
           "xx LOGIN xxxx\r\nxxxxxxxxxxxxxxxxxxx\r\nxx NOOP\r\n");
    CLIENT("a1 LOGIN {4}\r\nNOOP {6+}\r\nb NOOP\r\na2 NOOP\r\n",
           "xx LOGIN xxx\r\nxxxxxxxxxxxxxxxxx\r\nxx NOOP\r\n");
    talk = NTA_REDACT_CODES;
}

static void replies_do_not_repeat_what_was_said(void **state)
{
    (void)state;
    SERVER("220 ftp\r\n331 Password for ann\r\n230-Hello ann\r\n150 f.iso\r\n",
           "220 xxx\r\n331 xxxxxxxxxxxxxxxx\r\n230-xxxxxxxxx\r\n150 xxxxx\r\n");
    SERVER("220 ftp\r\n500 'hunter2': what?\r\n421-hunter2\r\n250 hunter2\r\n999 hunter2\r\n",
           "220 xxx\r\n500 xxxxxxxxxxxxxxxx\r\n421-xxxxxxx\r\n250 xxxxxxx\r\nxxxxxxxxxxxxx");
    SERVER("220 ftp\r\n227 Entering (127,0,0,1,4,1).\r\n229 go (|||99|)\r\n227 for (hunter2)\r\n",
           "220 xxx\r\n227 xxxxxxxxx(127,0,0,1,4,1)x\r\n229 xxx(|||99|)\r\n227 xxxxxxxxxxxxx\r\n");
}

static void mail_that_is_fetched_is_redacted(void **state)
{
    (void)state;
    talk = NTA_REDACT_POP3;
    SERVER("+OK ready\r\n+OK ann is here\r\n-ERR not pw\r\n250 hunter2\r\n* OK h\r\n+ h\r\n",
           "+OK xxxxx\r\n+OK xxxxxxxxxxx\r\n-ERR xxxxxx\r\nxxxxxxxxxxxxxxxxxxxxxxxxxx");
    talk = NTA_REDACT_IMAP;
    SERVER("* OK IMAP4\r\n* 3 EXISTS\r\na1 NO bad\r\n* 1 FETCH (BODY[] {9}\r\nhunter2\r\n",
           "* OK xxxxx\r\n* 3 EXISTS\r\nxx NO xxx\r\n* 1 FETCH xxxxxxxxxxx\r\nxxxxxxxxx");
    SERVER("* OK IMAP4\r\n* hunter2 mail\r\n* 4711 pin\r\nFrom: hunter2\r\n+ go\r\n",
           "* OK xxxxx\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    talk = NTA_REDACT_CODES;
}

static void behind_a_hole_a_client_may_be_in_a_mail(void **state)
{
    static const char head[] = "MAIL FROM:<a@b>\r\n",
                      rest[] = "hunter2\r\nRETR hunter2\r\n.\r\nRETR f\r\n";

    (void)state;
    play.n = 0;
    put_at(0, head, sizeof(head) - 1);
    put_at(100, rest, sizeof(rest) - 1);
    run(true, true, NTA_URL_FULL);
    assert_string_equal(play.text + 100, "xxxxxxxxxxxxxxxxxxxxxxxxxxRETR f\r\n");
}

static void what_answers_a_login_is_no_command(void **state)
{
    (void)state;
    CLIENT("AUTH LOGIN\r\nNOOP\r\nQUIT\r\nMAIL FROM:<a@b>\r\nQUIT\r\n",
           "AUTH xxxxx\r\nxxxxxxxxxxxxMAIL FROM:<a@b>\r\nQUIT\r\n");
}

static void bodies_of_requests_are_redacted_and_the_next_request_is_not(void **state)
{
    (void)state;
    CLIENT("POST /login HTTP/1.1\r\nContent-Length: 13\r\n\r\npass=hunter2&GET /b HTTP/1.1\r\n"
           "Host: h\r\n\r\n",
           "POST /login HTTP/1.1\r\nContent-Length: 13\r\n\r\nxxxxxxxxxxxxxGET /b HTTP/1.1\r\n"
           "Host: h\r\n\r\n");
    /* a length that is a lie shows nothing */
    CLIENT("POST /login HTTP/1.1\r\nContent-Length: 2\r\n\r\npass=hunter2\r\nmore",
           "POST /login HTTP/1.1\r\nContent-Length: 2\r\n\r\nxxxxxxxxxxxxxxxxxx");
    CLIENT("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhunt\r\n0\r\n\r\n",
           "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxxxxxxxxxxxxxx");
}

static void answers_are_redacted_unless_they_are_files(void **state)
{
    (void)state;
    SERVER("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>film</p>\nSet-Cookie: a=b\n",
           "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    SERVER("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nGIF89a\x01\x02"
           "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nGIF89a\x01\x02"
           "HTTP/1.1 200 OK\r\nSet-Cookie: x\r\n\r\n");
    SERVER(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nGIF89a\x01\r\n2\r\nab\r\n0\r\n"
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nGIF89a\x01\r\n2\r\nab\r\n0\r\n"
        "\r\nHTTP/1.1 200 OK\r\n\r\n");
    /* what is said of it, and a text that begins as a file does, do not make it one */
    SERVER("HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\n\r\n{\"access\":\"hunter2\"}",
           "HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\n\r\nxxxxxxxxxxxxxxxxxxxx");
    SERVER("HTTP/1.1 200 OK\r\n\r\nGIF8=hunter2\n", "HTTP/1.1 200 OK\r\n\r\nxxxxxxxxxxxxx");
    SERVER("HTTP/1.1 200 OK\r\n\r\nMZ \x1b[1mhunter2", "HTTP/1.1 200 OK\r\n\r\nxxxxxxxxxxxxxx");
    SERVER("HTTP/1.1 200 OK\r\n\r\nID3 f\xc3\xbcr hunter2",
           "HTTP/1.1 200 OK\r\n\r\nxxxxxxxxxxxxxxxx");
    SERVER("HTTP/1.1 200 OK\r\n\r\n<SecretAccessKey>hunter2</SecretAccessKey>",
           "HTTP/1.1 200 OK\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    SERVER(
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{1}HTTP/1.1 200 OK\r\nSet-Cookie: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxxxHTTP/1.1 200 OK\r\nSet-Cookie: x\r\n\r\n");
    /* so do answers without a body */
    SERVER("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n");
}

static void files_end_where_the_next_answer_begins(void **state)
{
    (void)state;
    SERVER("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nGIF89a\x01 "
           "HTTP/1.1 200 OK\r\nX: hunter2\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nGIF89a\x01 "
           "HTTP/1.1 200 OK\r\nx: xxxxxxx\r\n\r\n");
    SERVER("HTTP/1.1 200 OK\r\n\r\nGIF89a\x01 "
           "HTTP/1.1 200 OK\r\nX: hunter2\r\n\r\n",
           "HTTP/1.1 200 OK\r\n\r\nGIF89a\x01 "
           "HTTP/1.1 200 OK\r\nx: xxxxxxx\r\n\r\n");
    SERVER("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nGIF89a\x01hunter2\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nGIF89a\x01xxxxxxxxx");
}

static void lengths_that_lie_show_nothing(void **state)
{
    (void)state;
    SERVER("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{\"a\":\n\"hunter2\"}\r\nkey: hunter2\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    SERVER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n{\"a\":\n\"hunter2\"}\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nxxxxxxxxxxxxxxxxxx");
}

static void with_two_lengths_nothing_of_what_follows_is_shown(void **state)
{
    (void)state;
    CLIENT("POST / HTTP/1.1\r\nContent-Length: 32\r\nContent-Length: 0\r\n\r\n"
           "GET /hunter2 HTTP/1.1\r\n\r\n",
           "POST / HTTP/1.1\r\nContent-Length: 32\r\nContent-Length: 0\r\n\r\n"
           "xxxxxxxxxxxxxxxxxxxxxxxxx");
    CLIENT("POST / HTTP/1.1\r\nContent-Length: 3, 0\r\n\r\nGET /hunter2 HTTP/1.1\r\n\r\n",
           "POST / HTTP/1.1\r\nContent-Length: xxxx\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxx");
    SERVER("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 9\r\n\r\n"
           "{hunter2}HTTP/1.1 200 OK\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 9\r\n\r\n"
           "xxxxxxxxxHTTP/1.1 200 OK\r\n\r\n");
}

static void behind_a_files_name_nothing_is_shown(void **state)
{
    (void)state;
    SERVER("HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=a.zip token hunter2\r\n"
           "Content-Disposition: inline; filename=\"a b.zip\" hunter2\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=a.zipxxxxxxxxxxxxxx\r\n"
           "Content-Disposition: inline; filename=\"a b.zip\"xxxxxxxx\r\n\r\n");
}

static void values_are_shown_as_far_as_they_are_harmless(void **state)
{
    (void)state;
    CLIENT("GET / HTTP/1.1\r\nUser-Agent: Mozilla/5.0 "
           "(X11; Linux x86_64; token=hunter2) hunter2\r\n\r\n",
           "GET / HTTP/1.1\r\nUser-Agent: Mozilla/5.0 "
           "(X11; Linux x86_64; xxxxxxxxxxxxx) xxxxxxx\r\n\r\n");
    CLIENT("GET / HTTP/1.1\r\nUser-Agent: token=4711 4711; curl/8.1.2 4711\r\n\r\n",
           "GET / HTTP/1.1\r\nUser-Agent: xxxxxxxxxx xxxx; curl/8.1.2 4711\r\n\r\n");
    CLIENT("GET / HTTP/1.1\r\nHost: h hunter2\r\nDNT: hunter2\r\nRange: bytes=0-9\r\n"
           "Cache-Control: max-age=0, hunter2\r\nIf-Modified-Since: hunter2\r\n"
           "X-Forwarded-For: 192.0.2.1, hunter2\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: xxxxxxxxx\r\nDNT: xxxxxxx\r\nRange: bytes=0-9\r\n"
           "Cache-Control: max-age=0, xxxxxxx\r\nIf-Modified-Since: xxxxxxx\r\n"
           "X-Forwarded-For: 192.0.2.1, xxxxxxx\r\n\r\n");
    SERVER("HTTP/1.1 200 hunter2 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
           "Content-Type: text/html; charset=utf-8; t=hunter2\r\nServer: Apache/2.4.1 (hunter2)\r\n"
           "Content-Disposition: attachment; key=hunter2; filename=\"a;b.zip\"\r\n"
           "Content-Range: bytes 0-9/99\r\nLocation: hunter2\r\nExpires: -1\r\n\r\n",
           "HTTP/1.1 200 xxxxxxx OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
           "Content-Type: text/html; charset=utf-8; xxxxxxxxx\r\nServer: Apache/2.4.1 (xxxxxxx)\r\n"
           "Content-Disposition: attachment; xxxxxxxxxxx; filename=\"a;b.zip\"\r\n"
           "Content-Range: bytes 0-9/99\r\nLocation: xxxxxxx\r\nExpires: -1\r\n\r\n");
}

static void bodies_behind_a_hole_are_redacted(void **state)
{
    static const char *const heads[] = {"HTTP/1.1 200 OK\r\nServer: curl\r\n",
                                        "HTTP/1.1 200 OK\r\nServer: curl\r\n\r\n<p>\n"};
    static const char rest[] = "X: y\r\n\r\n\"a\": \"hunter2\"\nHTTP/1.1 200 OK\r\n\r\nfilm\n";

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        play.n = 0;
        put_at(0, heads[i], strlen(heads[i]));
        put_at(100, rest, sizeof(rest) - 1);
        run(false, true, NTA_URL_FULL);
        assert_null(strstr(play.text + 100, "hunter2"));
        assert_non_null(strstr(play.text + 100, "HTTP/1.1 200 OK\r\n\r\nxxxxx"));
    }
}

static void what_follows_an_upgrade_is_redacted(void **state)
{
    (void)state;
    CLIENT("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\nhunter2",
           "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\nxxxxxxx");
    SERVER("HTTP/1.1 101 Switching Protocols\r\n\r\nhunter2\r\n200 fine\r\n",
           "HTTP/1.1 101 Switching Protocols\r\n\r\nxxxxxxxxxxxxxxxxxxx");
    CLIENT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nhunter2\r\n", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

static void user_info_in_urls_is_redacted(void **state)
{
    (void)state;
    CLIENT("GET http://ann:pw@bad.example/a HTTP/1.1\r\nHost: ann:pw@bad.example\r\n"
           "Referer: https://bo:pw@h/x?q=1\r\n\r\n",
           "GET http://xxxxxx@bad.example/a HTTP/1.1\r\nHost: xxxxxx@bad.example\r\n"
           "Referer: https://xxxxx@h/x?q=x\r\n\r\n");
    CLIENT("CONNECT ann:pw@h:443 HTTP/1.1\r\n\r\n", "CONNECT xxxxxx@h:443 HTTP/1.1\r\n\r\n");
    CLIENT("GET /a@b HTTP/1.1\r\n\r\n", "GET /a@b HTTP/1.1\r\n\r\n");
    CLIENT(
        "GET /web/https://bo:s@h/ HTTP/1.1\r\nHost: a@b:s@h\r\nReferer: http://b:a,s@h/\r\n\r\n",
        "GET /web/https://xxxx@h/ HTTP/1.1\r\nHost: xxxxx@h\r\nReferer: http://xxxxx@h/\r\n\r\n");
    CLIENT("GET /?to=https://bo:s@h/a HTTP/1.1\r\n\r\n",
           "GET /?to=xxxxxxxxxxxxxxxx HTTP/1.1\r\n\r\n");
    CLIENT("GET /?to=https%3a%2F%2fbo:s%40h/%3Fa%3Db HTTP/1.1\r\n\r\n",
           "GET /?to=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx HTTP/1.1\r\n\r\n");
    SERVER("HTTP/1.1 302 Found\r\nLocation: http://b:p)s@h/\r\n\r\n",
           "HTTP/1.1 302 Found\r\nLocation: http://xxxxx@h/\r\n\r\n");
    SERVER("HTTP/1.1 302 Found\r\nLocation: //b:s@h/\r\n\r\n",
           "HTTP/1.1 302 Found\r\nLocation: //xxx@h/\r\n\r\n");
    /* no port is behind the colon: what looks like a path is a password's end */
    CLIENT("GET / HTTP/1.1\r\nReferer: http://bob:12/hunter2@h/\r\n\r\n",
           "GET / HTTP/1.1\r\nReferer: http://xxxxxxxxxxxxxx@h/\r\n\r\n");
    CLIENT("GET http://h/@ann HTTP/1.1\r\n\r\n", "GET http://h/@ann HTTP/1.1\r\n\r\n");
    SERVER("HTTP/1.1 302 Found\r\nLocation: http://b:p/s@h/\r\n\r\n",
           "HTTP/1.1 302 Found\r\nLocation: http://xxxxx@h/\r\n\r\n");
}

static void urls_are_kept_as_far_as_records_keep_them(void **state)
{
    static const char request[] = "GET /a/b?token=1 HTTP/1.1\r\nReferer: http://h/p?q=1\r\n\r\n";

    (void)state;
    assert_redacted(request, true, NTA_URL_PATH,
                    "GET /a/b?xxxxxxx HTTP/1.1\r\nReferer: http://h/p?xxx\r\n\r\n");
    assert_redacted(request, true, NTA_URL_SITE,
                    "GET /xxxxxxxxxxx HTTP/1.1\r\nReferer: http://h/xxxxx\r\n\r\n");
}

static void logins_of_file_and_mail_protocols_are_redacted(void **state)
{
    (void)state;
    CLIENT("USER ann\r\nPASS hunter2\r\nACCT x9\r\nCWD pub\r\nRETR film.mkv\r\n",
           "USER xxx\r\nPASS xxxxxxx\r\nACCT xx\r\nCWD pub\r\nRETR film.mkv\r\n");
    CLIENT("EHLO me\r\nAUTH LOGIN\r\nYW5u\r\naHVudGVyMg==\r\nMAIL FROM:<a@h>\r\n",
           "EHLO me\r\nAUTH xxxxx\r\nxxxxxxxxxxxxxxxxxxxxMAIL FROM:<a@h>\r\n");
    talk = NTA_REDACT_IMAP;
    CLIENT("a1 CAPABILITY\r\na2 LOGIN ann {7}\r\nhunter2\r\na3 authenticate PLAIN AGE=\r\n",
           "xx CAPABILITY\r\nxx LOGIN xxxxxxx\r\nxxxxxxx\r\nxx authenticate xxxxxxxxxx\r\n");
    talk = NTA_REDACT_CODES;
    CLIENT("APOP ann c4c9\r\nRETR 1\r\n", "APOP xxxxxxxx\r\nRETR 1\r\n");
    CLIENT("TYPE hunter2\r\nPORT 10,0,0,5,4,1\r\nEPRT |1|10.0.0.5|99|\r\nPORT hunter2\r\n",
           "TYPE xxxxxxx\r\nPORT 10,0,0,5,4,1\r\nEPRT |1|10.0.0.5|99|\r\nPORT xxxxxxx\r\n");
    assert_redacted("RETR a/b\r\n", true, NTA_URL_SITE, "RETR xxx\r\n");
}

static void commands_are_known_only_where_a_server_greets_so(void **state)
{
    static const char *const greetings[] = {"220 ftp", "220-mail", "+OK", "* OK IMAP4",
                                            "* PREAUTH"};
    static const char *const others[] = {"", "login: ", "HTTP/1.1 200 OK", "200 fine", "* a"};

    (void)state;
    talk = NTA_REDACT_NO_TALK;
    CLIENT("SELECT * FROM u WHERE password='s'\nlist s\n",
           "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    SERVER("login: \n200 fine\n", "xxxxxxxxxxxxxxxxx");
    talk = NTA_REDACT_CODES;
    for (size_t i = 0; i < 5; i++) {
        assert_int_not_equal(nta_redact_greets(nta_span_of(greetings[i])), NTA_REDACT_NO_TALK);
        assert_int_equal(nta_redact_greets(nta_span_of(others[i])), NTA_REDACT_NO_TALK);
    }
}

static void what_nobody_knows_is_redacted(void **state)
{
    (void)state;
    CLIENT("login: ann\r\nhunter2\r\n", "xxxxxxxxxxxxxxxxxxxxx");
    CLIENT("\x10\x20hunter2", "xxxxxxxxx");
    SERVER("Password: \x1b[0m", "xxxxxxxxxxxxxx");
}

static void tls_is_shown_also_behind_what_led_to_it(void **state)
{
    (void)state;
    CLIENT("\x16\x03\x01\x01\x04\x01"
           "abcd",
           "\x16\x03\x01\x01\x04\x01"
           "abcd");
    CLIENT("EHLO me\r\nSTARTTLS\r\n\x16\x03\x01\x01\x01\x01Z",
           "EHLO me\r\nSTARTTLS\r\n\x16\x03\x01\x01\x01\x01Z");
    CLIENT("CONNECT h:1 HTTP/1.1\r\nProxy-Authorization: Basic QQ\r\n\r\n"
           "\x16\x03\x01\x01\x01\x01Z",
           "CONNECT h:1 HTTP/1.1\r\nProxy-Authorization: xxxxxxxx\r\n\r\n"
           "\x16\x03\x01\x01\x01\x01Z");
    SERVER("\x15\x03\x01\x01\x02Zz", "xxxxxxx"); /* no alert is as long as that */
}

static void lines_that_look_like_ciphertext_are_redacted(void **state)
{
    (void)state;
    talk = NTA_REDACT_CODES;
    CLIENT("EHLO me\r\n\x17\x03\x03\x01\x20hunter2\r\n", "EHLO me\r\nxxxxxxxxxxxxxx");
    CLIENT("EHLO me\r\n\x16\x03\x03\x01\x20hunter2\r\n", "EHLO me\r\nxxxxxxxxxxxxxx");
    talk = NTA_REDACT_POP3;
    SERVER("+OK ready\r\n\x17\x03\x03\x01\x20hunter2\r\n", "+OK xxxxx\r\nxxxxxxxxxxxxxx");
}

static void passwords_for_a_proxy_are_redacted(void **state)
{
    static const char text[] = "\x05\x01\x02\x01\x03"
                               "ann\x02"
                               "pw\x05\x01\0\x03\x01h\x01\x01GET / HTTP/1.1\r\n\r\n";
    static const char expected[] = "\x05\x01\x02\x01xxxxxxx"
                                   "\x05\x01\0\x03\x01h\x01\x01GET / HTTP/1.1\r\n\r\n";

    (void)state;
    play.n = 0;
    put_at(0, text, sizeof(text) - 1);
    assert_int_equal(run(true, true, NTA_URL_FULL), 7);
    assert_memory_equal(play.bufs[0], expected, sizeof(expected) - 1);
}

static void what_begins_like_a_proxy_and_is_none_is_redacted(void **state)
{
    (void)state;
    CLIENT("\x05\x07hunter2\r\n", "xxxxxxxxxxx");
    CLIENT("\x05\x01\x02hunter2hunter2", "\x05\x01\x02xxxxxxxxxxxxxx");
    SERVER("\x05\x02hunter2hunter2", "\x05\x02xxxxxxxxxxxxxx");
    play.n = 0;
    put_at(0, "\0\x5ahunter", 8); /* a length, and what is so long */
    run(false, true, NTA_URL_FULL);
    assert_memory_equal(play.bufs[0], "\0\x5axxxxxx", 8);
}

static size_t run_content(const char *text)
{
    const struct nta_redact_options options = {
        .is_content = true, .from_start = true, .first_seq = ISN};

    cut(text, 29);
    return nta_redact_stream(&redact, &options, play.pieces, play.n);
}

static void data_of_ftp_is_shown_if_it_is_a_file(void **state)
{
    (void)state;
    assert_int_equal(run_content("user ann password hunter2\r\nhunter2 and so on\r\n"), 46);
    assert_int_equal(run_content("\x7f"
                                 "ELF\x02\x01 and what else is in a program, and more"),
                     0);
    cut("\x7f"
        "ELF\x02\x01 hunter2",
        29); /* its beginning is not here */
    play.pieces[0].seq += 10;
    const struct nta_redact_options options = {
        .is_content = true, .from_start = true, .first_seq = ISN};

    assert_int_equal(nta_redact_stream(&redact, &options, play.pieces, play.n), 14);
}

static void of_tftp_requests_are_shown(void **state)
{
    uint8_t request[] = "\0\1boot.cfg\0octet", data[] = "\0\3\0\1enable secret",
            other[] = "enable secret";
    struct nta_redact_piece pieces[] = {{.bytes = request, .len = sizeof(request)},
                                        {.bytes = data, .len = sizeof(data)},
                                        {.bytes = other, .len = sizeof(other)}};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        nta_redact_tftp(&pieces[i], NTA_URL_FULL);
    assert_int_equal(pieces[0].redacted, 0);
    assert_int_equal(pieces[1].redacted, sizeof(data) - 4);
    assert_memory_equal(data + 4, "xxxxxxxxxxxxx", 13);
    assert_int_equal(pieces[2].redacted, sizeof(other));
}

static void options_of_tftp_and_at_the_site_names_are_redacted(void **state)
{
    uint8_t options[] = "\0\1boot.cfg\0octet\0secret\0word", site[] = "\0\1boot.cfg\0octet";
    struct nta_redact_piece pieces[] = {{.bytes = options, .len = sizeof(options)},
                                        {.bytes = site, .len = sizeof(site)}};

    (void)state;
    nta_redact_tftp(&pieces[0], NTA_URL_FULL);
    nta_redact_tftp(&pieces[1], NTA_URL_SITE);
    assert_memory_equal(options, "\0\1boot.cfg\0octet\0xxxxxxxxxxxx", sizeof(options));
    assert_memory_equal(site, "\0\1xxxxxxxxxxxxxxx", sizeof(site));
}

static void names_for_an_old_proxy_are_redacted(void **state)
{
    static const char asked[] = "\x04\x01\x00\x50\x01\x02\x03\x04"
                                "ann\0GET / HTTP/1.1\r\n\r\n";
    static const char answered[] = "\x05\x02\x01\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
                                   "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\n\r\n";

    (void)state;
    play.n = 0;
    put_at(0, asked, sizeof(asked) - 1);
    assert_int_equal(run(true, true, NTA_URL_FULL), 4);
    assert_memory_equal(play.bufs[0] + 8, "xxxxGET / HTTP/1.1\r\n\r\n", sizeof(asked) - 9);
    play.n = 0;
    put_at(0, answered, sizeof(answered) - 1);
    assert_int_equal(run(false, true, NTA_URL_FULL), 1);
    assert_memory_equal(play.bufs[0], answered, 14);
}

static void order_and_repeats_do_not_matter(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nCookie: sid=hunter2\r\nHost: h\r\n\r\n";

    (void)state;
    play.n = 0;
    put_at(30, text + 30, sizeof(text) - 1 - 30);
    put_at(10, text + 10, 25);
    put_at(0, text, 12);
    put_at(26, text + 26, 9); /* again */
    assert_int_equal(run(true, true, NTA_URL_FULL), 11 + 5 + 9);
    assert_string_equal(play.text, "GET / HTTP/1.1\r\nCookie: xxxxxxxxxxx\r\nHost: h\r\n\r\n");
}

static void a_piece_that_says_something_else_is_redacted_whole(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    (void)state;
    play.n = 0;
    put_at(0, text, sizeof(text) - 1);
    put_at(14, "\r\nCookie: hunter2\r\n\r\n", 21);
    run(true, true, NTA_URL_FULL);
    assert_null(memmem(play.bufs[1], 21, "hunter2", 7));
    assert_memory_equal(play.bufs[0], text, sizeof(text) - 1);
}

static void behind_a_hole_the_rest_of_a_line_is_redacted(void **state)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nSet-Coo",
                      tail[] = "hunter2\r\nServer: gws\r\n\r\n";

    (void)state;
    play.n = 0;
    put_at(0, head, sizeof(head) - 1);
    put_at(40, tail, sizeof(tail) - 1);
    run(false, true, NTA_URL_FULL);
    assert_memory_equal(play.bufs[0], "HTTP/1.1 200 OK\r\nxxxxxxx", sizeof(head) - 1);
    assert_memory_equal(play.bufs[1], "xxxxxxxxxServer: gws\r\n\r\n", sizeof(tail) - 1);
    /* a request of which the beginning is missing shows nothing */
    cut("=hunter2\r\nCookie: a\r\n\r\n", BUF_SIZE);
    run(true, false, NTA_URL_FULL);
    assert_null(strstr(play.text, "hunter2"));
    assert_null(strstr(play.text, "Cookie"));
}

static void more_than_there_is_space_for_is_redacted(void **state)
{
    static uint8_t many[NTA_REDACT_PIECES + 1][8];
    static struct nta_redact_piece pieces[NTA_REDACT_PIECES + 1];
    const struct nta_redact_options options = {.talk = NTA_REDACT_CODES, .from_start = true};

    (void)state;
    for (size_t i = 0; i < NTA_REDACT_PIECES + 1; i++) {
        memcpy(many[i], i ? "220\n220\n" : "220 abc\n", 8);
        pieces[i] = (struct nta_redact_piece){.bytes = many[i], .len = 8, .seq = (uint32_t)i * 8};
    }
    assert_int_equal(nta_redact_stream(&redact, &options, pieces, NTA_REDACT_PIECES + 1), 8 + 3);
    assert_memory_equal(many[0], "220 xxx\n", 8);
    assert_memory_equal(many[NTA_REDACT_PIECES], "xxxxxxxx", 8);
}

/** However a login is cut in two, the secret is not in what is kept. */
static void no_cut_shows_a_secret(void **state)
{
    static const char *const texts[] = {
        "GET / HTTP/1.1\r\nCookie: s=hunter2\r\nAuthorization: Basic hunter2\r\n\r\n",
        "USER a\r\nPASS hunter2\r\nRETR f\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\np=hunter2GET / HTTP/1.1\r\n\r\n",
        "GET http://a:hunter2@h/ HTTP/1.1\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t len = strlen(texts[i]);

        for (size_t at = 0; at <= len; at++) {
            for (int order = 0; order < 2; order++) {
                play.n = 0;
                put_at(order ? at : 0, texts[i] + (order ? at : 0), order ? len - at : at);
                put_at(order ? 0 : at, texts[i] + (order ? 0 : at), order ? at : len - at);
                run(true, true, NTA_URL_FULL);
                assert_null(strstr(play.text, "hunter2"));
                assert_true(strstr(play.text, "HTTP/1.1") || strstr(play.text, "RETR f"));
            }
            /* and when the first part was never seen */
            play.n = 0;
            put_at(at, texts[i] + at, len - at);
            run(true, false, NTA_URL_FULL);
            assert_null(memmem(play.bufs[0], len - at, "hunter2", 7));
        }
    }
}

/** No byte of any input makes the reader stumble; what is redacted is said right. */
static void flipped_bytes_do_no_harm(void **state)
{
    static const char text[] = "\x05\x01\x02\x01\x03"
                               "ann\x02"
                               "pwGET http://a:b@h/?q HTTP/1.1\r\n"
                               "Content-Length: 3\r\nCookie: a\r\n b\r\n\r\nabcUSER a\r\n";
    char flipped[sizeof(text)];

    (void)state;
    for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
        size_t n = 0, counted = 0;

        memcpy(flipped, text, sizeof(text));
        flipped[bit / 8] = (char)(flipped[bit / 8] ^ (1 << bit % 8));
        play.n = 0;
        put_at(0, flipped, 20);
        put_at(20, flipped + 20, sizeof(text) - 1 - 20);
        counted = run(bit % 2, true, NTA_URL_PATH);
        for (size_t i = 0; i < play.n; i++)
            n += play.pieces[i].redacted;
        assert_int_equal(n, counted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_fields_with_credentials_lose_their_values),
        cmocka_unit_test(a_field_that_nobody_knows_loses_name_and_value),
        cmocka_unit_test(names_that_may_let_somebody_in_are_no_path),
        cmocka_unit_test(a_field_that_is_folded_is_redacted_to_its_end),
        cmocka_unit_test(lines_that_go_on_are_redacted),
        cmocka_unit_test(a_line_behind_a_hole_does_not_go_on_with_the_field_before_it),
        cmocka_unit_test(trailers_are_fields),
        cmocka_unit_test(of_a_query_the_names_are_shown),
        cmocka_unit_test(values_are_shown_as_far_as_they_are_harmless),
        cmocka_unit_test(replies_do_not_repeat_what_was_said),
        cmocka_unit_test(mail_that_is_fetched_is_redacted),
        cmocka_unit_test(behind_a_hole_a_client_may_be_in_a_mail),
        cmocka_unit_test(what_answers_a_login_is_no_command),
        cmocka_unit_test(files_end_where_the_next_answer_begins),
        cmocka_unit_test(what_begins_like_a_proxy_and_is_none_is_redacted),
        cmocka_unit_test(data_of_ftp_is_shown_if_it_is_a_file),
        cmocka_unit_test(of_tftp_requests_are_shown),
        cmocka_unit_test(options_of_tftp_and_at_the_site_names_are_redacted),
        cmocka_unit_test(mail_and_literals_are_no_commands),
        cmocka_unit_test(bodies_of_requests_are_redacted_and_the_next_request_is_not),
        cmocka_unit_test(answers_are_redacted_unless_they_are_files),
        cmocka_unit_test(lengths_that_lie_show_nothing),
        cmocka_unit_test(with_two_lengths_nothing_of_what_follows_is_shown),
        cmocka_unit_test(behind_a_files_name_nothing_is_shown),
        cmocka_unit_test(lines_that_look_like_ciphertext_are_redacted),
        cmocka_unit_test(bodies_behind_a_hole_are_redacted),
        cmocka_unit_test(what_follows_an_upgrade_is_redacted),
        cmocka_unit_test(user_info_in_urls_is_redacted),
        cmocka_unit_test(urls_are_kept_as_far_as_records_keep_them),
        cmocka_unit_test(logins_of_file_and_mail_protocols_are_redacted),
        cmocka_unit_test(commands_are_known_only_where_a_server_greets_so),
        cmocka_unit_test(what_nobody_knows_is_redacted),
        cmocka_unit_test(tls_is_shown_also_behind_what_led_to_it),
        cmocka_unit_test(passwords_for_a_proxy_are_redacted),
        cmocka_unit_test(names_for_an_old_proxy_are_redacted),
        cmocka_unit_test(order_and_repeats_do_not_matter),
        cmocka_unit_test(a_piece_that_says_something_else_is_redacted_whole),
        cmocka_unit_test(behind_a_hole_the_rest_of_a_line_is_redacted),
        cmocka_unit_test(more_than_there_is_space_for_is_redacted),
        cmocka_unit_test(no_cut_shows_a_secret),
        cmocka_unit_test(flipped_bytes_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
