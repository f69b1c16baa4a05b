/* SPDX-License-Identifier: Apache-2.0 */
/* What the fallback tells of talk in clear, while it waits for TLS behind it. */
#include "play.h"
#include "proto/recognised/authority.h"
#include "proto/recognised/talk.h"
#include "proto/tls/fallback.h"
#include "unit.h"

static struct nta_play play;

/** `text` is what the side says first on this port; `said` is what is told. */
static void assert_says(enum nta_side side, uint16_t port, const char *text, const char *said)
{
    play_begin(&play, &nta_proto_fallback, true, port);
    play_data(&play, side, text, strlen(text));
    assert_string_equal(play_said(&play), said);
    assert_false(play.io.handover);
    play_done(&play);
}

static void a_servers_greeting_says_what_and_who_it_is(void **state)
{
    (void)state;
    assert_says(1, 2525, "220 mail.bad.example ESMTP Postfix\r\n",
                "smtp realm name=mail.bad.example\n");
    assert_says(1, 25, "220-mx.bad.example ESMTP\r\n220 ready\r\n",
                "smtp realm name=mx.bad.example\n");
    assert_says(1, 143, "* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n", "imap realm\n");
    assert_says(1, 110, "+OK Dovecot ready.\r\n", "pop3 realm\n");
    assert_says(1, 119, "200 news.bad.example InterNetNews NNRP server ready (posting ok)\r\n",
                "nntp realm name=news.bad.example\n");
    assert_says(1, 6667, ":irc.bad.example NOTICE * :*** Looking up your hostname\r\n",
                "irc realm name=irc.bad.example\n");
    assert_says(1, 6667, ":irc.bad.example 001 ann :Welcome\r\n",
                "irc realm name=irc.bad.example\n");
    assert_says(1, 5900, "RFB 003.008\n", "vnc realm\n");
}

static void a_client_says_it_too(void **state)
{
    (void)state;
    assert_says(0, 6667, "NICK ann\r\nUSER ann 0 * :Ann\r\n", "irc realm\n");
    assert_says(0, 119, "MODE READER\r\n", "nntp realm\n");
    assert_says(0, 5222,
                "<?xml version='1.0'?><stream:stream xmlns='jabber:client' to='chat.bad.example'>",
                "xmpp realm name=chat.bad.example\n");
    assert_says(0, 5222,
                "<stream:stream xmlns='jabber:client' id=\"x to='bad.example'\" to='ok.example'>",
                "xmpp realm name=ok.example\n");
    assert_says(0, 5222, "<stream:stream xmlns='jabber:client'><message to='bad.example'>",
                "xmpp realm\n");
}

static void a_name_that_is_no_host_is_left_out(void **state)
{
    (void)state;
    assert_says(1, 25, "220 <script>.x ESMTP\r\n", "smtp realm\n");
    assert_says(1, 25, "220 mail ESMTP\r\n", "smtp realm\n");
    assert_says(0, 5222, "<?xml?><stream:stream xmlns='jabber:client' to=", "xmpp realm\n");
}

static void what_only_begins_so_is_nothing(void **state)
{
    (void)state;
    assert_says(1, 9000, "200 fine, thank you\r\n", "");
    assert_says(1, 9000, ": nothing\r\n", "");
    assert_says(1, 9000, "NICK ann\r\n", "");
    assert_says(0, 9000, "RTSP/1.0 200 OK\r\n", "");
    assert_says(0, 9000, "PLAY http://a.example/ RTSP/1.0\r\n", "");
    assert_says(0, 9000, "( 2 ( edit-pipeline ) 5:hello )", "");
}

/** The server speaks first. */
static void assert_svn(const char *greeting, const char *text, const char *said)
{
    play_begin(&play, &nta_proto_fallback, true, 3690);
    play_data(&play, 1, greeting, strlen(greeting));
    play_data(&play, 0, text, strlen(text));
    assert_string_equal(play_said(&play), said);
    play_done(&play);
}

static void what_a_server_quotes_is_no_greeting(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_fallback, true, 9000);
    play_data(&play, 0, "send mail.log\n", 14);
    play_data(&play, 1, "220 bad.example ESMTP\r\n", 23);
    assert_string_equal(play_said(&play), "");
    play_done(&play);
    play_begin(&play, &nta_proto_fallback, true, 6667); /* of IRC the client may be first */
    play_data(&play, 0, "NICK ann\r\n", 10);
    play_data(&play, 1, ":irc.bad.example 001 ann :Welcome\r\n", 35);
    assert_string_equal(play_said(&play), "irc realm\nirc realm name=irc.bad.example\n");
    play_done(&play);
    assert_says(1, 9000, "220x bad.example ESMTP\r\n", "");
}

static void a_url_that_is_asked_for_is_told(void **state)
{
    (void)state;
    assert_says(0, 554, "DESCRIBE rtsp://cam.bad.example/live?x=1 RTSP/1.0\r\nCSeq: 2\r\n\r\n",
                "rtsp begin method=DESCRIBE host=cam.bad.example path=/live?x=1\n"
                "rtsp end method=DESCRIBE host=cam.bad.example path=/live?x=1\n");
    assert_svn("( success ( 2 2 ( ) ( ) ) ) ",
               "( 2 ( edit-pipeline ) 29:svn://ann@svn.bad.example/a/b 3:SVN ( ) ) ",
               "svn begin host=svn.bad.example path=/a/b\n"
               "svn end host=svn.bad.example path=/a/b\n");
    assert_svn("( success ( 2 2 ( ) ( ) ) ) ",
               "( 2 ( edit-pipeline ) 28:svn://ann@svn.bad.example/a/b 3:SVN ( ) ) ", "");
    assert_svn("hello", "( 2 ( edit-pipeline ) 29:svn://ann@svn.bad.example/a/b 3:SVN ( ) ) ", "");
}

/* Behind the handshake a command in two chunks; the second begins in the middle of the URL. */
static void the_url_of_a_film_is_read_across_chunks(void **state)
{
    static const char handshake[1537] = "\3",
                      command[] = "\3\0\0\0\0\0\x60\x14\0\0\0\0\2\0\7connect\0?\xf0\0\0\0\0\0\0\3"
                                  "\0\5tcUrl\2\0\x1crtmp://live.bad.ex\xc3"
                                  "ample/film\0\0\x09";

    (void)state;
    play_begin(&play, &nta_proto_fallback, true, 1935);
    play_data(&play, 0, handshake, sizeof(handshake));
    play_data(&play, 1, handshake, sizeof(handshake));
    play_data(&play, 0, handshake, sizeof(handshake) - 1);
    play_data(&play, 0, command, sizeof(command) - 1);
    assert_string_equal(play_said(&play), "rtmp begin host=live.bad.example path=/film\n"
                                          "rtmp end host=live.bad.example path=/film\n");
    play_done(&play);
}

static void a_url_elsewhere_in_a_film_is_none(void **state)
{
    static const uint8_t handshake[1537] = {3};
    static const char url[] = "\0\5tcUrl\2\0\x17rtmp://bad.example/live",
                      command[] = "\3\0\0\0\0\0\x20\x14\0\0\0\0\2\0\7connect";

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        play_begin(&play, &nta_proto_fallback, true, 1935);
        play_data(&play, 0, i ? (const void *)handshake : "PUT", i ? sizeof(handshake) : 3);
        play_data(&play, 1, handshake, sizeof(handshake));
        play_data(&play, 0, handshake + 1, sizeof(handshake) - 1);
        if (i != 1) /* it has no URL */
            play_data(&play, 0, command, sizeof(command) - 1);
        play_data(&play, 0, url, sizeof(url) - 1);
        assert_string_equal(play_said(&play), "");
        play_done(&play);
    }
}

static void tls_behind_talk_is_still_handed_over(void **state)
{
    static const char hello[] = "\x16\3\1\0\x2f\1\0\0\x2b\3\3";

    (void)state;
    play_begin(&play, &nta_proto_fallback, true, 143);
    play_data(&play, 1, "* OK IMAP4rev1\r\n", 16);
    play_data(&play, 0, hello, sizeof(hello) - 1);
    assert_true(play.io.handover);
    play_done(&play);
}

static void what_looks_random_on_both_sides_is_told(void **state)
{
    uint8_t noise[64];
    uint32_t seed = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (uint8_t)((seed = seed * 1103515245U + 12345U) >> 16);
    assert_true(nta_talk_is_noise((struct nta_span){noise, sizeof(noise)}));
    assert_false(nta_talk_is_noise((struct nta_span){noise, 31}));
    play_begin(&play, &nta_proto_fallback, true, 8388);
    play.io.saw_syn = true;
    play_data(&play, 0, noise, sizeof(noise));
    assert_string_equal(play_said(&play), "");
    play_data(&play, 1, noise, sizeof(noise));
    assert_string_equal(play_said(&play), "unknown realm\n");
    play_done(&play);
    /* begins with letters; has a line of text in it; has half zeros; is text */
    memcpy(noise, "HELLO ", 6);
    assert_false(nta_talk_is_noise((struct nta_span){noise, sizeof(noise)}));
    noise[0] = 0x8f;
    assert_true(nta_talk_is_noise((struct nta_span){noise, sizeof(noise)}));
    memcpy(noise + 10, "a text of some words", 20);
    assert_false(nta_talk_is_noise((struct nta_span){noise, sizeof(noise)}));
    memset(noise + 10, 0, 30);
    assert_false(nta_talk_is_noise((struct nta_span){noise, sizeof(noise)}));
}

static void authorities_are_read_or_refused(void **state)
{
    static const struct
    {
        const char *url, *host, *path;
        uint16_t port;
    } cases[] = {
        {"svn://h.example:1234/a", "h.example", "/a", 1234},
        {"svn://[2001:db8::1]:9/", "[2001:db8::1]", "/", 9},
        {"svn://a:b@h.example", "h.example", "", 0},
        {"svn://h.example:99999/", "", "/", 0},
        {"svn://h.example:x/", "", "/", 0},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        struct nta_transfer transfer = {.port = 0};
        const bool is_url = nta_authority_of_url(nta_span_of(cases[i].url), &transfer);

        assert_int_equal(is_url, cases[i].host[0] != 0);
        assert_true(nta_span_is(transfer.host, cases[i].host));
        assert_true(nta_span_is(transfer.path, cases[i].path));
        assert_int_equal(transfer.port, cases[i].port);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_servers_greeting_says_what_and_who_it_is),
        cmocka_unit_test(a_client_says_it_too),
        cmocka_unit_test(a_name_that_is_no_host_is_left_out),
        cmocka_unit_test(what_only_begins_so_is_nothing),
        cmocka_unit_test(what_a_server_quotes_is_no_greeting),
        cmocka_unit_test(a_url_that_is_asked_for_is_told),
        cmocka_unit_test(the_url_of_a_film_is_read_across_chunks),
        cmocka_unit_test(a_url_elsewhere_in_a_film_is_none),
        cmocka_unit_test(tls_behind_talk_is_still_handed_over),
        cmocka_unit_test(what_looks_random_on_both_sides_is_told),
        cmocka_unit_test(authorities_are_read_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
