/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are asked for on one connection and moved over another. */
#include "pipeline/kit.h"
#include "session/state/transfer_table.h"
#include "session/state/transfer_url.h"

#define ANN  "10.0.0.5"
#define SITE "198.51.100.7"
/* SHA-256 of "abc" (FIPS 180-4) */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct kit kit;
static char line[4096];
static const struct nta_span none;

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

static void assert_one(const char *one, const char *two, const char *expected)
{
    kit_says(&kit, one, two, expected, line, sizeof(line));
}

static void open_tcp(struct wire_tcp *tcp)
{
    wire_segment(&kit.wire, tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, tcp, 1, WIRE_SYN | WIRE_ACK, none);
    wire_segment(&kit.wire, tcp, 0, WIRE_ACK, none);
}

static void say(struct wire_tcp *tcp, unsigned side, const char *text)
{
    wire_segment(&kit.wire, tcp, side, WIRE_ACK, nta_span_of(text));
}

static void close_tcp(struct wire_tcp *tcp)
{
    wire_segment(&kit.wire, tcp, 1, WIRE_FIN | WIRE_ACK, none);
    wire_segment(&kit.wire, tcp, 0, WIRE_FIN | WIRE_ACK, none);
    wire_segment(&kit.wire, tcp, 1, WIRE_ACK, none);
}

/** A whole connection on which `opener` or the other one (`side` 1) says `text`. */
static void content(const char *opener, uint16_t port, const char *listener, uint16_t listener_port,
                    unsigned side, const char *text)
{
    struct wire_tcp tcp = {{opener, port}, {listener, listener_port}, {1, 1}};

    open_tcp(&tcp);
    say(&tcp, side, text);
    close_tcp(&tcp);
}

static struct wire_tcp control_of(const char *client)
{
    struct wire_tcp control = {{client, 40001}, {SITE, 21}, {1000, 2000}};

    open_tcp(&control);
    say(&control, 1, "220 ready\r\n");
    return control;
}

static void finish(struct wire_tcp *control)
{
    say(control, 1, "226 done\r\n");
    close_tcp(control);
    kit_run(&kit);
}

static void content_is_what_was_said_and_nothing_else(void **state)
{
    struct wire_tcp control = control_of(ANN);

    (void)state;
    say(&control, 0, "PASV\r\n");
    say(&control, 1, "227 (198,51,100,7,200,0)\r\n");
    say(&control, 0, "RETR /x.txt\r\n");
    say(&control, 1, "150 here\r\n");
    content(ANN, 41000, SITE, 51200, 1, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    finish(&control);
    assert_one("\"event\":\"request\"", "x.txt", "\"bytes\":38");
    assert_int_equal(kit_find(&kit, "\"app\":\"http\"", "", NULL, 0), 0);
}

/** A reply may name any port: what is said there is something else, and the file is waited for. */
static void an_announcement_blinds_nobody(void **state)
{
    struct wire_tcp control = control_of(ANN);

    (void)state;
    say(&control, 0, "PASV\r\n");
    say(&control, 1, "227 (198,51,100,7,0,80)\r\n");
    say(&control, 0, "RETR /x.txt\r\n");
    say(&control, 1, "150 here\r\n");
    content(ANN, 41000, SITE, 80, 0, "GET /tool.exe HTTP/1.1\r\nHost: www.bad.example\r\n\r\n");
    content(ANN, 41001, SITE, 80, 1, "what was announced");
    finish(&control);
    assert_one("\"event\":\"request\"", "tool.exe", "\"site\":\"www.bad.example\"");
    assert_one("\"event\":\"request\"", "x.txt", "\"bytes\":18");
}

static void passive_port_may_come_after_the_file_is_asked_for(void **state)
{
    struct wire_tcp control = control_of(ANN);

    (void)state;
    say(&control, 0, "PASV\r\nRETR /x.exe\r\n");
    say(&control, 1, "227 (198,51,100,7,200,0)\r\n");
    say(&control, 1, "150 here\r\n");
    content(ANN, 41000, SITE, 51200, 1, "MZ and so on");
    finish(&control);
    assert_one("\"event\":\"request\"", "x.exe", "\"down\":{\"bytes\":12");
    assert_one("\"event\":\"request\"", "x.exe", "\"status\":226");
    assert_one("\"event\":\"flow\"", "51200", "x.exe");
}

/** What two of them say of one control connection must not mix. */
static void files_asked_for_at_once_keep_apart(void **state)
{
    struct wire_tcp control = control_of(ANN);

    (void)state;
    say(&control, 0, "PASV\r\nRETR /one\r\nPASV\r\nRETR /two\r\n");
    say(&control, 1, "227 (198,51,100,7,200,0)\r\n550 no\r\n");
    say(&control, 1, "227 (198,51,100,7,200,1)\r\n150 here\r\n");
    content(ANN, 41000, SITE, 51201, 1, "content");
    finish(&control);
    assert_one("\"event\":\"request\"", "/two", "\"down\":{\"bytes\":7");
    assert_one("\"event\":\"request\"", "/one", "\"file\":{\"name\":\"one\"},\"opened_by\"");
}

static void client_of_an_active_transfer_stays_the_user(void **state)
{
    struct wire_tcp control = control_of("203.0.113.5"); /* neither is at home */

    (void)state;
    say(&control, 0, "PORT 203,0,113,5,200,0\r\nRETR /x.exe\r\n");
    say(&control, 1, "200 ok\r\n150 here\r\n");
    content(SITE, 20, "203.0.113.5", 51200, 0, "MZ and so on");
    finish(&control);
    assert_one("\"event\":\"flow\"", "x.exe", "\"user\":{\"ip\":\"203.0.113.5\",\"port\":51200");
    assert_one("\"event\":\"request\"", "x.exe", "\"down\":{\"bytes\":12");
    assert_one("\"event\":\"request\"", "x.exe", "application/x-dosexec");
}

static void third_host_is_counted_and_not_waited_for(void **state)
{
    struct wire_tcp control = control_of(ANN);

    (void)state;
    say(&control, 0, "PORT 10,0,0,99,200,0\r\nRETR /x.exe\r\n");
    say(&control, 1, "200 ok\r\n150 here\r\n");
    content(SITE, 20, ANN, 51200, 0, "not it");
    finish(&control);
    assert_int_equal(kit.counters[NTA_COUNTER_TRANSFER_FOREIGN], 1);
    assert_one("\"event\":\"request\"", "x.exe", "\"status\":226");
    assert_int_equal(kit_find(&kit, "\"event\":\"flow\"", "x.exe", NULL, 0), 0);
}

static void announcement_grows_old(void **state)
{
    struct wire_tcp control = control_of(ANN);

    (void)state;
    say(&control, 0, "PASV\r\n");
    say(&control, 1, "227 (198,51,100,7,200,0)\r\n");
    say(&control, 0, "RETR /x.exe\r\n");
    say(&control, 1, "150 here\r\n");
    kit.wire.second += 150;
    content(ANN, 41000, SITE, 51200, 1, "something else");
    finish(&control);
    assert_int_equal(kit_find(&kit, "\"event\":\"flow\"", "x.exe", NULL, 0), 0);
}

static void refused_file_is_reported_with_its_code(void **state)
{
    struct wire_tcp control = control_of(ANN);

    (void)state;
    say(&control, 0, "PASV\r\n");
    say(&control, 1, "227 (198,51,100,7,200,0)\r\n");
    say(&control, 0, "RETR /no.exe\r\n");
    say(&control, 1, "550 no\r\n");
    say(&control, 0, "RETR /yes.exe\r\n");
    finish(&control);
    assert_one("\"event\":\"request\"", "no.exe", "\"status\":550");
    assert_one("\"event\":\"request\"", "yes.exe", "\"status\":226");
}

/** The server waits, and the client fetches /d/x.exe from there. */
static void fetch(struct wire_tcp *control)
{
    say(control, 0, "PASV\r\n");
    say(control, 1, "227 (198,51,100,7,200,0)\r\n");
    say(control, 0, "RETR /d/x.exe\r\n");
    say(control, 1, "150 here\r\n");
    content(ANN, 41000, SITE, 51200, 1, "MZ and so on");
}

static void listed_site_forbids_the_file_and_says_so_once(void **state)
{
    struct wire_tcp control;

    (void)state;
    kit_list(&kit, "bad.example\n", false);
    wire_lookup(&kit.wire, ANN, "ftp.bad.example", SITE);
    control = control_of(ANN);
    fetch(&control);
    finish(&control);
    /* beside the one of the connection, which was told before */
    assert_one("\"event\":\"alert\"", "ftp://ftp.bad.example/d/x.exe", "\"app\":\"ftp\"");
    assert_one("\"event\":\"request\"", "x.exe", "\"download\":true");
    assert_one("\"event\":\"flow\"", "x.exe", "\"entry\":\"bad.example\"");
    assert_one("\"event\":\"flow\"", "x.exe", "\"download\":false");
}

/* FTP has no virtual hosts: whatever its name, what was fetched came from the listed server. */
static void listed_address_forbids_the_file_without_a_doubt(void **state)
{
    struct wire_tcp control;

    (void)state;
    kit_list(&kit, SITE "\n", false);
    control = control_of(ANN);
    fetch(&control);
    finish(&control);
    assert_one("\"event\":\"request\"", "x.exe", "\"weak\":false");
    assert_one("\"event\":\"request\"", "x.exe", "\"download\":true");
    assert_one("\"event\":\"alert\"", "x.exe", "\"weak\":false");
}

/** Whether the control connection is forbidden, too, by what else was asked for over it. */
static bool is_control_forbidden(const char *also)
{
    struct wire_tcp control;

    kit_list(&kit, "bad.example\n", false);
    kit_list(&kit, "ftp://ftp.bad.example/d/x.exe\n", true);
    wire_lookup(&kit.wire, ANN, "ftp.bad.example", SITE);
    control = control_of(ANN);
    say(&control, 0, also);
    say(&control, 0, "RETR /d/x.exe\r\n");
    finish(&control);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "x.exe", NULL, 0), 0);
    return kit_find(&kit, "\"event\":\"flow\"", "\"entry\"", NULL, 0) == 1;
}

static void a_spared_file_spares_its_connection(void **state)
{
    (void)state;
    assert_false(is_control_forbidden("TYPE I\r\n"));
}

static void another_file_of_the_site_does_not(void **state)
{
    (void)state;
    assert_true(is_control_forbidden("RETR /y.exe\r\n"));
}

static void a_listing_of_the_site_does_not_either(void **state)
{
    (void)state;
    assert_true(is_control_forbidden("LIST\r\n"));
}

static void listed_url_forbids_one_file_only(void **state)
{
    struct wire_tcp control;

    (void)state;
    kit_list(&kit, "http://ftp.ok.example/d/x.exe\n", false);
    wire_lookup(&kit.wire, ANN, "ftp.ok.example", SITE);
    control = control_of(ANN);
    fetch(&control);
    say(&control, 1, "226 done\r\n");
    say(&control, 0, "EPSV\r\n");
    say(&control, 1, "229 (|||51201|)\r\n");
    say(&control, 0, "RETR /d/y.exe\r\n");
    say(&control, 1, "150 here\r\n");
    content(ANN, 41001, SITE, 51201, 1, "MZ and so on");
    finish(&control);
    assert_one("\"event\":\"request\"", "x.exe", "\"kind\":\"url\"");
    assert_one("\"event\":\"flow\"", "x.exe", "\"kind\":\"url\"");
    assert_one("\"event\":\"request\"", "y.exe", "\"bytes\":12");
    assert_int_equal(kit_find(&kit, "y.exe", "\"match\"", NULL, 0), 0);
}

static void too_many_at_a_time_are_reported_early(void **state)
{
    static const uint8_t request[] = "\0\1boot.img\0octet";

    enum
    {
        N = NTA_TRANSFERS_MAX + 50
    };

    (void)state;
    for (unsigned i = 0; i < N; i++) {
        const struct wire_end client = {ANN, (uint16_t)(2000 + i)}, server = {SITE, 69};

        if (i % 50 != 0)
            kit.wire.second--; /* within a minute */
        wire_udp(&kit.wire, &client, &server, (struct nta_span){request, sizeof(request)});
    }
    kit_run(&kit);
    assert_int_equal(kit.counters[NTA_COUNTER_TRANSFER_LIMIT], 50);
    assert_int_equal(kit_find(&kit, "\"event\":\"request\"", "tftp://" SITE "/boot.img", NULL, 0),
                     N);
}

static void tftp_answer_comes_from_another_port(void **state)
{
    static const uint8_t request[] = "\0\1boot.img\0octet", block[] = "\0\3\0\1MZ";
    const struct wire_end client = {ANN, 2000}, server = {SITE, 69}, other = {SITE, 3000};

    (void)state;
    wire_udp(&kit.wire, &client, &server, (struct nta_span){request, sizeof(request)});
    wire_udp(&kit.wire, &other, &client, (struct nta_span){block, sizeof(block) - 1});
    kit_run(&kit);
    assert_one("\"event\":\"request\"", "boot.img",
               "\"file\":{\"name\":\"boot.img\","
               "\"type\":\"application/x-dosexec\",\"bytes\":2,\"kind\":\"program\","
               "\"seen\":2,\"complete\":true,\"said\":\"application/x-raw-disk-image\"}");
    assert_one("\"event\":\"flow\"", "boot.img", "\"user\":{\"ip\":\"" ANN "\",\"port\":2000");
}

static void answer(uint16_t port, const char *request, const char *response)
{
    struct wire_tcp tcp = {{ANN, port}, {SITE, 80}, {1, 1}};

    open_tcp(&tcp);
    say(&tcp, 0, request);
    say(&tcp, 1, response);
    close_tcp(&tcp);
}

static void content_tells_the_type_better_than_the_server(void **state)
{
    (void)state;
    answer(41000, "GET /a.png HTTP/1.1\r\nHost: x.example\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 4\r\n\r\nMZab");
    answer(41001, "GET /b.html HTTP/1.1\r\nHost: x.example\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
           "Content-Length: 4\r\n\r\n\x1f\x8b\x08z");
    answer(41002, "GET /c.jpg HTTP/1.1\r\nHost: x.example\r\n\r\n",
           "HTTP/1.1 206 Part\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\nMZab");
    kit_run(&kit);
    assert_one("\"event\":\"request\"", "a.png", "application/x-dosexec");
    assert_one("\"event\":\"request\"", "b.html", "text/html");
    assert_one("\"event\":\"request\"", "c.jpg", "image/jpeg");
}

/** A file of three bytes is fetched after these commands; is that file's hash told? */
static bool is_hashed(const char *before)
{
    struct wire_tcp control = control_of(ANN);

    kit_list(&kit, ABC "\n", false);
    say(&control, 0, before);
    say(&control, 1, "200 good\r\n");
    say(&control, 0, "PASV\r\n");
    say(&control, 1, "227 (198,51,100,7,200,0)\r\n");
    say(&control, 0, "RETR /x.exe\r\n");
    say(&control, 1, "150 here\r\n");
    content(ANN, 41000, SITE, 51200, 1, "abc");
    finish(&control);
    assert_one("\"event\":\"request\"", "x.exe", "\"bytes\":3");
    return kit_find(&kit, "\"event\":\"request\"", "\"sha256\":\"" ABC "\"", NULL, 0) > 0;
}

static void a_whole_file_over_ftp_is_hashed(void **state)
{
    (void)state;
    assert_true(is_hashed("TYPE I\r\n"));
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "\"kind\":\"hash\"", NULL, 0), 1);
}

static void a_file_that_is_resumed_from_its_begin_is_whole(void **state)
{
    (void)state;
    assert_true(is_hashed("REST 0\r\n"));
}

/** All of it lay in the server's machine, which so said 226, when the client reset. */
static void a_file_that_is_reset_is_not_whole_whatever_the_server_says(void **state)
{
    struct wire_tcp control = control_of(ANN);
    struct wire_tcp data = {{ANN, 41000}, {SITE, 51200}, {1, 1}};

    (void)state;
    kit_list(&kit, ABC "\n", false);
    say(&control, 0, "PASV\r\n");
    say(&control, 1, "227 (198,51,100,7,200,0)\r\n");
    say(&control, 0, "RETR /x.exe\r\n");
    say(&control, 1, "150 here\r\n");
    open_tcp(&data);
    say(&data, 1, "abc");
    wire_segment(&kit.wire, &data, 0, 4 | WIRE_ACK, none);
    say(&control, 1, "226 done\r\n");
    finish(&control);
    assert_one("\"event\":\"request\"", "x.exe", "\"bytes\":3");
    assert_int_equal(kit_find(&kit, "\"event\":\"request\"", "\"complete\":true", NULL, 0), 0);
    assert_int_equal(kit_find(&kit, "\"event\":\"request\"", "sha256", NULL, 0), 0);
}

/** Less came than the server had announced, and it did not say that this was all. */
static void a_file_that_breaks_off_has_no_hash(void **state)
{
    struct wire_tcp control = control_of(ANN);

    (void)state;
    kit_list(&kit, ABC "\n", false);
    say(&control, 0, "PASV\r\n");
    say(&control, 1, "227 (198,51,100,7,200,0)\r\n");
    say(&control, 0, "RETR /x.exe\r\n");
    say(&control, 1, "150 here (9 bytes)\r\n");
    content(ANN, 41000, SITE, 51200, 1, "abc");
    say(&control, 1, "426 broken off\r\n");
    finish(&control);
    assert_one("\"event\":\"request\"", "x.exe", "\"bytes\":3");
    assert_int_equal(kit_find(&kit, "\"event\":\"request\"", "\"sha256\"", NULL, 0), 0);
}

/** What comes is the rest of the file, and its hash not the file's. */
static void the_rest_of_a_file_is_not_taken_for_it(void **state)
{
    (void)state;
    assert_false(is_hashed("REST 1000\r\n"));
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "\"kind\":\"hash\"", NULL, 0), 0);
}

static void a_file_that_is_converted_is_not_hashed(void **state)
{
    (void)state;
    assert_false(is_hashed("TYPE A N\r\n"));
}

/** Three bytes by TFTP in blocks of 512: the second block, if any, is empty. */
static bool is_hashed_by_tftp(const char *request, size_t len, const char *blocks)
{
    const struct wire_end client = {ANN, 2000}, server = {SITE, 69}, other = {SITE, 3000};
    uint8_t block[4] = {0, 3, 0, 0};

    kit_list(&kit, ABC "\n", false);
    wire_udp(&kit.wire, &client, &server, (struct nta_span){(const uint8_t *)request, len});
    for (; *blocks; blocks++) {
        uint8_t whole[sizeof(block) + 3];

        block[3] = (uint8_t)(*blocks - '0');
        memcpy(whole, block, sizeof(block));
        memcpy(whole + sizeof(block), "abc", 3);
        wire_udp(&kit.wire, &other, &client, (struct nta_span){whole, sizeof(whole)});
    }
    kit_run(&kit);
    assert_one("\"event\":\"request\"", "boot.img", "\"bytes\":3");
    return kit_find(&kit, "\"event\":\"request\"", "\"sha256\":\"" ABC "\"", NULL, 0) > 0;
}

static void a_whole_file_over_tftp_is_hashed(void **state)
{
    static const char request[] = "\0\1boot.img\0octet";

    (void)state;
    assert_true(is_hashed_by_tftp(request, sizeof(request), "11")); /* one is sent again */
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "\"kind\":\"hash\"", NULL, 0), 1);
}

static void text_over_tftp_is_converted(void **state)
{
    static const char request[] = "\0\1boot.img\0netascii";

    (void)state;
    assert_false(is_hashed_by_tftp(request, sizeof(request), "1"));
}

static void a_file_over_tftp_without_its_begin_is_not_hashed(void **state)
{
    static const char request[] = "\0\1boot.img\0octet";

    (void)state;
    assert_false(is_hashed_by_tftp(request, sizeof(request), "2"));
}

static void path_of_a_url_is_coded(void **state)
{
    const char *path = "/a b/#?%\xc3\xa9\"<\n";
    const struct nta_transfer transfer = {.path = nta_span_of(path), .port = 2121};
    char buf[NTA_TRANSFER_URL_SIZE];
    struct nta_span url;

    (void)state;
    url = nta_transfer_url(NTA_APP_FTP, nta_span_of("2001:db8::1"), &transfer, buf);
    assert_int_equal(url.len, strlen("ftp://[2001:db8::1]:2121/a%20b/%23%3F%25\xc3\xa9%22%3C%0A"));
    assert_memory_equal(url.ptr, "ftp://[2001:db8::1]:2121/a%20b/%23%3F%25\xc3\xa9%22%3C%0A",
                        url.len);
    assert_int_equal(nta_transfer_url(NTA_APP_FTP, none, &transfer, buf).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(content_is_what_was_said_and_nothing_else, setup, teardown),
        cmocka_unit_test_setup_teardown(an_announcement_blinds_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(passive_port_may_come_after_the_file_is_asked_for, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(files_asked_for_at_once_keep_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(client_of_an_active_transfer_stays_the_user, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(third_host_is_counted_and_not_waited_for, setup, teardown),
        cmocka_unit_test_setup_teardown(announcement_grows_old, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_file_is_reported_with_its_code, setup, teardown),
        cmocka_unit_test_setup_teardown(listed_address_forbids_the_file_without_a_doubt, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(listed_site_forbids_the_file_and_says_so_once, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_spared_file_spares_its_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(another_file_of_the_site_does_not, setup, teardown),
        cmocka_unit_test_setup_teardown(a_listing_of_the_site_does_not_either, setup, teardown),
        cmocka_unit_test_setup_teardown(listed_url_forbids_one_file_only, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_at_a_time_are_reported_early, setup, teardown),
        cmocka_unit_test_setup_teardown(tftp_answer_comes_from_another_port, setup, teardown),
        cmocka_unit_test_setup_teardown(content_tells_the_type_better_than_the_server, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_whole_file_over_ftp_is_hashed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_resumed_from_its_begin_is_whole, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_reset_is_not_whole_whatever_the_server_says,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_breaks_off_has_no_hash, setup, teardown),
        cmocka_unit_test_setup_teardown(the_rest_of_a_file_is_not_taken_for_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_converted_is_not_hashed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_whole_file_over_tftp_is_hashed, setup, teardown),
        cmocka_unit_test_setup_teardown(text_over_tftp_is_converted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_over_tftp_without_its_begin_is_not_hashed, setup,
                                        teardown),
        cmocka_unit_test(path_of_a_url_is_coded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
