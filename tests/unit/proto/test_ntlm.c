/* SPDX-License-Identifier: Apache-2.0 */
/* Logins by NTLM in the setup of an SMB session. */
#include "play.h"
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

static void what_is_refused_or_a_guests_is_not(void **state)
{
    const struct token login = make(3, "ann"), nobody = make(3, "");

    (void)state;
    begin();
    ask(1, &login);
    answer(1, 0xc000006d, 0);
    ask(2, &login);
    answer(2, 0, GUEST);
    ask(3, &login);
    answer(4, 0, 0);
    ask(5, &nobody);
    answer(5, 0, 0);
    expect("");
}

static void a_computers_account_is_its_name(void **state)
{
    const struct token login = make(3, "PC-9$");

    (void)state;
    begin();
    ask(1, &login);
    answer(1, 0, 0);
    expect(TOLD("name=PC-9"));
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
        cmocka_unit_test(a_computers_account_is_its_name),
        cmocka_unit_test(names_that_lie_outside_or_are_too_long_are_left_out),
        cmocka_unit_test(every_byte_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
