/* SPDX-License-Identifier: Apache-2.0 */
/* Logins by NTLM in the setup of an SMB session, of SMB 1's, and in HTTP's credentials. */
#include "play.h"
#include "proto/http/http.h"
#include "proto/smb/ntlm.h"
#include "proto/smb/smb.h"
#include "smb_wire.h"
#include "unit.h"

enum
{
    TOKEN_SIZE = 256,
    HEAD_LEN = 64,
    GUEST = 1,
};

struct token
{
    uint8_t bytes[TOKEN_SIZE];
    size_t len;
};

static struct nta_play play;
static struct smb_wire wire;

static void put_name(struct token *token, size_t at, const char *name)
{
    const size_t len = 2 * strlen(name);

    token->bytes[at] = token->bytes[at + 2] = (uint8_t)len;
    token->bytes[at + 4] = (uint8_t)(token->len - 4);
    for (; *name; name++, token->len += 2)
        token->bytes[token->len] = (uint8_t)*name;
}

/** A message of this type, four bytes of something else around it before. */
static struct token make(uint8_t type, const char *user)
{
    struct token token = {.len = 4 + HEAD_LEN};

    memcpy(token.bytes + 4, "NTLMSSP", 8);
    token.bytes[12] = type;
    token.bytes[4 + 60] = 1; /* Unicode */
    put_name(&token, 4 + 28, "EXAMPLE");
    put_name(&token, 4 + 36, user);
    put_name(&token, 4 + 44, "PC-7");
    return token;
}

static void send(unsigned side)
{
    smb_close(&wire);
    play_data(&play, side, wire.bytes, wire.len);
}

static void ask(uint64_t number, const struct token *token)
{
    smb_frame(&wire);
    smb_header(&wire, NTA_SMB_SESSION_SETUP, 0, number, 0);
    smb_le(&wire, 25, 2);
    smb_zeros(&wire, 10);
    smb_le(&wire, NTA_SMB_HEADER_LEN + 24, 2);
    smb_le(&wire, token->len, 2);
    smb_zeros(&wire, 8);
    memcpy(wire.bytes + wire.len, token->bytes, token->len);
    wire.len += token->len;
    send(0);
}

static void answer(uint64_t number, uint32_t status, unsigned flags)
{
    smb_frame(&wire);
    smb_header(&wire, NTA_SMB_SESSION_SETUP, 1, number, status);
    smb_le(&wire, 9, 2);
    smb_le(&wire, flags, 2);
    smb_zeros(&wire, 4);
    send(1);
}

static void begin(void)
{
    play_begin(&play, &nta_proto_smb, true, 445);
}

static void expect(const char *log)
{
    assert_string_equal(play_end(&play), log);
    play_done(&play);
}

#define TOLD(names) "smb binding ntlm begin addr=10.0.0.5 " names " domain=EXAMPLE\n"

static void a_login_that_the_server_accepts_is_told(void **state)
{
    const struct token first = make(1, "ann"), last = make(3, "ann");

    (void)state;
    begin();
    ask(1, &first);
    answer(1, 0xc0000016, 0);
    ask(2, &last);
    assert_string_equal(play_said(&play), "");
    answer(2, 0, 0);
    expect(TOLD("name=PC-7 login=ann"));
}

/** The server wants a login to go on. */
static void challenge(void)
{
    const struct token first = make(1, "ann");

    ask(90, &first);
    answer(90, 0xc0000016, 0);
}

static void what_is_refused_or_a_guests_is_not(void **state)
{
    const struct token login = make(3, "ann"), nobody = make(3, "");

    (void)state;
    begin();
    challenge();
    ask(1, &login);
    answer(1, 0xc000006d, 0);
    challenge();
    ask(2, &login);
    answer(2, 0, GUEST);
    challenge();
    ask(3, &login);
    answer(4, 0, 0);
    challenge();
    ask(5, &nobody);
    answer(5, 0, 0);
    expect("");
}

/* Anybody can write a name; what proves it is the answer to a challenge. */
static void without_a_challenge_none_is(void **state)
{
    const struct token login = make(3, "ann");

    (void)state;
    begin();
    ask(1, &login);
    answer(1, 0, 0);
    challenge();
    ask(2, &login);
    answer(2, 0, 0);
    assert_string_equal(play_said(&play), TOLD("name=PC-7 login=ann"));
    ask(3, &login);
    answer(3, 0, 0);
    expect(TOLD("name=PC-7 login=ann"));
}

static void a_computers_account_is_its_name(void **state)
{
    const struct token login = make(3, "PC-9$");

    (void)state;
    begin();
    challenge();
    ask(1, &login);
    answer(1, 0, 0);
    expect(TOLD("name=PC-9"));
}

/* ---- SMB 1 ---- */

/** Command, status, reply or not, number; then words and content. */
static void old_command(uint8_t command, unsigned side, uint32_t status, uint16_t number,
                        struct nta_span words, struct nta_span content)
{
    smb_frame(&wire);
    memcpy(wire.bytes + wire.len, "\xffSMB", 4);
    wire.len += 4;
    smb_le(&wire, command, 1);
    smb_le(&wire, status, 4);
    smb_le(&wire, side ? 0x80 : 0, 1);
    smb_le(&wire, 0x8001, 2); /* Unicode */
    smb_zeros(&wire, 18);
    smb_le(&wire, number, 2);
    smb_le(&wire, words.len / 2, 1);
    memcpy(wire.bytes + wire.len, words.ptr, words.len);
    wire.len += words.len;
    smb_le(&wire, content.len, 2);
    memcpy(wire.bytes + wire.len, content.ptr, content.len);
    wire.len += content.len;
    send(side);
}

static void old(unsigned side, uint32_t status, uint16_t number, struct nta_span words,
                struct nta_span content)
{
    old_command(0x73, side, status, number, words, content);
}

/** NEGOTIATE: what logins without NTLM messages are to answer. */
static void old_key(uint8_t len)
{
    uint8_t words[34] = {[2] = 3, [33] = len};

    old_command(0x72, 0, 0, 7, (struct nta_span){words, 0}, nta_span_of("\2NT LM 0.12"));
    old_command(0x72, 1, 0, 7, (struct nta_span){words, sizeof(words)}, nta_span_of("12345678"));
}

static void old_ask(uint16_t number, const struct token *token)
{
    static const uint8_t words[24];

    old(0, 0, number, (struct nta_span){words, sizeof(words)},
        (struct nta_span){token->bytes, token->len});
}

static void old_answer(uint16_t number, uint32_t status, uint8_t action)
{
    const uint8_t words[] = {0xff, 0, 0, 0, action, 0};

    old(1, status, number, (struct nta_span){words, sizeof(words)}, nta_span_of("x"));
}

/** Answers of 24 bytes each to a challenge, then the account and its domain. */
static void old_ask_plain(uint16_t number, const char *user, uint8_t proof_len)
{
    uint8_t words[26] = {[14] = proof_len, [16] = proof_len}, content[256] = {0};
    size_t len = 2 * (size_t)proof_len + 1; /* names begin at even places */

    for (; *user; len += 2)
        content[len] = (uint8_t)*user++;
    len += 2;
    for (const char *domain = "EXAMPLE"; *domain; len += 2)
        content[len] = (uint8_t)*domain++;
    len += 2;
    old(0, 0, number, (struct nta_span){words, sizeof(words)}, (struct nta_span){content, len});
}

static void old_challenge(void)
{
    const struct token first = make(1, "ann");

    old_ask(90, &first);
    old_answer(90, 0xc0000016, 0);
}

static void a_login_over_smb_1_is_told(void **state)
{
    const struct token login = make(3, "ann");

    (void)state;
    begin();
    old_key(8);
    old_challenge();
    old_ask(1, &login);
    old_answer(1, 0, 0);
    old_ask_plain(2, "bob", 24);
    old_answer(2, 0, 0);
    expect(TOLD("name=PC-7 login=ann") TOLD("login=bob"));
}

static void over_smb_1_no_guest_nor_anonymous_is(void **state)
{
    const struct token login = make(3, "ann");

    (void)state;
    begin();
    old_key(8);
    old_challenge();
    old_ask(1, &login);
    old_answer(1, 0, GUEST);
    old_challenge();
    old_ask(2, &login);
    old_answer(2, 0xc000006d, 0);
    old_ask_plain(3, "eve", 0); /* proves nothing */
    old_answer(3, 0, 0);
    old_ask_plain(4, "bob", 24);
    old_answer(5, 0, 0);
    expect("");
}

static void over_smb_1_without_a_challenge_none_is(void **state)
{
    const struct token login = make(3, "ann");

    (void)state;
    begin();
    old_ask(1, &login);
    old_answer(1, 0, 0);
    old_ask_plain(2, "bob", 24);
    old_answer(2, 0, 0);
    old_key(0);
    old_ask_plain(3, "bob", 24);
    old_answer(3, 0, 0);
    expect("");
}

static void setups_of_any_bytes_do_no_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < 100; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            begin();
            old_ask_plain(1, "bob", 24);
            play_done(&play);
            begin();
            wire.bytes[4 + i] ^= (uint8_t)(1U << bit);
            play_data(&play, 0, wire.bytes, wire.len);
            old_answer(1, 0, 0);
            (void)play_end(&play);
            play_done(&play);
        }
    }
}

/* ---- HTTP ---- */

static void put_base64(char *text, const struct token *token)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;

    for (size_t i = 0; i < (token->len + 2) / 3 * 3; i++) {
        bits = bits << 8 | (i < token->len ? token->bytes[i] : 0);
        for (int k = 18; i % 3 == 2 && k >= 0; k -= 6)
            *text++ = digits[bits >> k & 63];
    }
    *text = '\0';
}

static void http_get(const char *field, const char *credentials)
{
    char text[1024];
    const int len =
        snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a.example\r\n%s: %s\r\n\r\n", field,
                 credentials);

    play_data(&play, 0, text, (size_t)len);
}

static void http_answer(unsigned status)
{
    char text[128];
    const int len =
        snprintf(text, sizeof(text), "HTTP/1.1 %u X\r\nContent-Length: 0\r\n\r\n", status);

    play_data(&play, 1, text, (size_t)len);
}

/** CHALLENGE, of which nothing but its type is looked at. */
static void http_challenge(const char *field)
{
    char text[160];
    const int len = snprintf(text, sizeof(text),
                             "HTTP/1.1 401 X\r\n%s: NTLM TlRMTVNTUAACAAAA\r\n"
                             "Content-Length: 0\r\n\r\n",
                             field);

    http_get("Accept", "x");
    play_data(&play, 1, text, (size_t)len);
}

/** How many logins are told after a challenge, a request with these credentials and an answer. */
static unsigned n_logins(const char *field, const char *credentials, unsigned status)
{
    unsigned n = 0;

    play_begin(&play, &nta_proto_http, true, 80);
    http_challenge(status == 304 ? "Proxy-Authenticate" : "WWW-Authenticate");
    http_get(field, credentials);
    http_answer(status);
    for (const char *at = play_end(&play); (at = strstr(at, "binding ntlm begin")) != NULL; at++) {
        assert_non_null(strstr(at, "login=ann"));
        n++;
    }
    play_done(&play);
    return n;
}

static void a_login_over_http_is_told_once_it_is_accepted(void **state)
{
    const struct token login = make(3, "ann"), first = make(1, "ann");
    char text[600] = "NTLM ", negotiate[620] = "negotiate  ";

    (void)state;
    put_base64(text + 5, &login);
    put_base64(negotiate + 11, &login);
    assert_int_equal(n_logins("Authorization", text, 200), 1);
    assert_int_equal(n_logins("Proxy-Authorization", negotiate, 304), 1);
    assert_int_equal(n_logins("Authorization", text, 401), 0);
    assert_int_equal(n_logins("Proxy-Authorization", text, 407), 0);
    assert_int_equal(n_logins("Authorization", text, 404), 0);
    assert_int_equal(n_logins("Authorization", text, 503), 0);
    assert_int_equal(n_logins("X-Credentials", text, 200), 0);
    put_base64(text + 5, &first);
    assert_int_equal(n_logins("Authorization", text, 200), 0);
    memcpy(text, "Basi ", 5);
    assert_int_equal(n_logins("Authorization", text, 200), 0);
}

/* Its address is that of all who sit behind it. */
static void a_login_through_a_proxy_is_not_the_proxys(void **state)
{
    static const char *const fields[] = {"Via: 1.1 proxy.example", "X-Forwarded-For: 10.0.0.77",
                                         "Forwarded: for=10.0.0.77"};
    const struct token login = make(3, "ann");
    char text[700] = "NTLM ", credentials[900];

    (void)state;
    put_base64(text + 5, &login);
    for (size_t i = 0; i < NTA_N_ELEMENTS(fields); i++) {
        (void)snprintf(credentials, sizeof(credentials), "%s\r\n%s", text, fields[i]);
        assert_int_equal(n_logins("Authorization", credentials, 200), 0);
    }
    assert_int_equal(n_logins("Authorization", text, 200), 1);
}

static void nobody_knows_whose_answer_it_is(void **state)
{
    const struct token login = make(3, "ann");
    char text[600] = "NTLM ";

    (void)state;
    put_base64(text + 5, &login);
    for (unsigned order = 0; order < 2; order++) {
        play_begin(&play, &nta_proto_http, true, 80);
        http_challenge("WWW-Authenticate");
        http_get(order ? "Authorization" : "Accept", order ? text : "x");
        http_get(order ? "Accept" : "Authorization", order ? "x" : text);
        http_answer(order ? 401 : 200);
        http_answer(order ? 200 : 401);
        assert_null(strstr(play_end(&play), "binding"));
        play_done(&play);
    }
}

static void a_login_that_nobody_asked_for_proves_nothing(void **state)
{
    const struct token login = make(3, "ann");
    char text[600] = "NTLM ";

    (void)state;
    put_base64(text + 5, &login);
    play_begin(&play, &nta_proto_http, true, 80);
    http_get("Authorization", text);
    http_answer(200);
    http_get("Accept", "x");
    http_answer(401); /* without a challenge */
    http_get("Authorization", text);
    http_answer(200);
    assert_null(strstr(play_end(&play), "binding"));
    play_done(&play);
}

static void credentials_of_any_length_do_no_harm(void **state)
{
    const struct token login = make(3, "ann");
    char text[600] = "NTLM ";

    (void)state;
    put_base64(text + 5, &login);
    for (size_t len = strlen(text); len > 0; len--) {
        char *cut = strndup(text, len);

        assert_non_null(cut);
        assert_true(n_logins("Authorization", cut, 200) <= 1);
        free(cut);
    }
}

static void names_that_lie_outside_or_are_too_long_are_left_out(void **state)
{
    struct token login = make(3, "ann");
    struct nta_ntlm ntlm = {0};

    (void)state;
    login.bytes[4 + 36 + 4] = 250;
    assert_false(nta_ntlm_read((struct nta_span){login.bytes, login.len}, &ntlm));
    login = make(3, "ann");
    login.bytes[4 + 28] = 255;
    assert_true(nta_ntlm_read((struct nta_span){login.bytes, login.len}, &ntlm));
    assert_int_equal(ntlm.domain_len, 0);
    assert_int_equal(ntlm.user_len, 3);
    for (size_t len = 0; len < HEAD_LEN; len++)
        assert_false(nta_ntlm_read((struct nta_span){login.bytes, len}, &ntlm));
}

static void every_byte_may_be_anything(void **state)
{
    const struct token whole = make(3, "ann");

    (void)state;
    for (size_t i = 0; i < whole.len; i++) {
        for (unsigned value = 0; value < 256; value++) {
            struct token login = whole;
            uint8_t *copy = malloc(whole.len);
            struct nta_ntlm ntlm;

            assert_non_null(copy);
            login.bytes[i] = (uint8_t)value;
            memcpy(copy, login.bytes, whole.len);
            (void)nta_ntlm_read((struct nta_span){copy, whole.len}, &ntlm);
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_that_the_server_accepts_is_told),
        cmocka_unit_test(what_is_refused_or_a_guests_is_not),
        cmocka_unit_test(without_a_challenge_none_is),
        cmocka_unit_test(a_computers_account_is_its_name),
        cmocka_unit_test(a_login_over_smb_1_is_told),
        cmocka_unit_test(over_smb_1_no_guest_nor_anonymous_is),
        cmocka_unit_test(over_smb_1_without_a_challenge_none_is),
        cmocka_unit_test(setups_of_any_bytes_do_no_harm),
        cmocka_unit_test(a_login_over_http_is_told_once_it_is_accepted),
        cmocka_unit_test(nobody_knows_whose_answer_it_is),
        cmocka_unit_test(a_login_through_a_proxy_is_not_the_proxys),
        cmocka_unit_test(a_login_that_nobody_asked_for_proves_nothing),
        cmocka_unit_test(credentials_of_any_length_do_no_harm),
        cmocka_unit_test(names_that_lie_outside_or_are_too_long_are_left_out),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
