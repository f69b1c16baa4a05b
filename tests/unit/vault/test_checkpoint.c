/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "vault/checkpoint.h"
#include "vault/crypto/curve.h"
#include "vault/hex.h"

#include <errno.h>

/* Made with another program (Python's cryptography): secret key 00 01 … 1f, sensor 00 01 … 0f. */
#define NAME "nta/000102030405060708090a0b0c0d0e0f"
#define TEXT NAME "\n20852163\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n"
#define LINE                                                                                       \
    "\xe2\x80\x94 " NAME                                                                           \
    " CVL9nVnZg/+la82BcmcxtLfbtMUcueCFrJuvmGtSBd2MEHoqo4Kabk0zksFlO+chabT08Dhy3THmd+mJqDR/h3RBYQI="
#define OTHER                                                                                      \
    "\xe2\x80\x94 witness.example/w1 "                                                             \
    "CVL9nVnZg/+la82BcmcxtLfbtMUcueCFrJuvmGtSBd2MEHoqo4Kabk0zksFlO+chabT08Dhy3THmd+mJqDR/h3RBYQI="
/* The key's id, and not its signature. */
#define FALSE_LINE                                                                                 \
    "\xe2\x80\x94 " NAME                                                                           \
    " CVL9nVnZg/+la82BcmcxtLfbtMUcueCFrJuvmGtSBd2MEHoqo4Kabk0zksFlO+chabT08Dhy3THmd+mJqDR/h3RBYQM="
#define KEY NAME "+0952fd9d+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"

static void put_count(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)i;
}

static struct nta_checkpoint made(void)
{
    struct nta_checkpoint checkpoint = {.n = 20852163};
    struct hex root = hex_of("4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2");

    put_count(checkpoint.sensor, sizeof(checkpoint.sensor));
    memcpy(checkpoint.root, root.bytes, sizeof(checkpoint.root));
    return checkpoint;
}

static void get_keys(uint8_t ret_secret[32], uint8_t ret_public[32])
{
    put_count(ret_secret, 32);
    assert_int_equal(nta_ed25519_public(ret_secret, ret_public), 0);
}

static void what_we_write_is_what_another_program_wrote(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0};
    const struct nta_checkpoint checkpoint = made();
    uint8_t secret[32], public_key[32];

    (void)state;
    get_keys(secret, public_key);
    assert_int_equal(nta_checkpoint_put(&note, &checkpoint, secret), 0);
    assert_true(nta_span_is(nta_buf_span(&note), TEXT "\n" LINE "\n"));
    nta_buf_clear(&note);
    nta_checkpoint_put_key(&note, checkpoint.sensor, public_key);
    assert_true(nta_span_is(nta_buf_span(&note), KEY));
}

static bool reads(const char *text, size_t len)
{
    uint8_t secret[32], public_key[32];
    struct nta_checkpoint back, expected = made();

    get_keys(secret, public_key);
    if (!nta_checkpoint_read((struct nta_span){(const uint8_t *)text, len}, public_key, &back))
        return false;
    assert_int_equal(back.n, expected.n);
    assert_memory_equal(back.sensor, expected.sensor, sizeof(back.sensor));
    assert_memory_equal(back.root, expected.root, sizeof(back.root));
    return true;
}

static void notes_of_one_form_are_read(void **state)
{
    static const struct
    {
        const char *note;
        bool holds;
    } rows[] = {
        {TEXT "\n" LINE "\n", true},
        {TEXT "\n" OTHER "\n" LINE "\n", true},
        {TEXT "\n" LINE "\n" OTHER "\n", true},
        {TEXT "\n" OTHER "\n", false},
        {TEXT "\n", false},
        {TEXT "\n" LINE, false},
        {TEXT LINE "\n", false},
        {"\n\n", false},
        {"\n", false},
        {NAME "\n020852163\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n\n" LINE "\n", false},
        {NAME "\n20852164\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n\n" LINE "\n", false},
        {NAME "\n20852163\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7J=\n\n" LINE "\n", false},
        {NAME "\n20852163\n\n\n" LINE "\n", false},
        {NAME "\n\n" LINE "\n", false},
        {NAME "\n99999999999999999999\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n\n" LINE "\n",
         false},
        {NAME "\nx0852163\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n\n" LINE "\n", false},
        {TEXT "extension\n\n" LINE "\n", false},
        /* what is no signature line spoils the note, before and behind ours */
        {TEXT "\n" LINE "\n\n", false},
        {TEXT "\n" LINE "\n\n" OTHER "\n", false},
        {TEXT "\n\n" LINE "\n", false},
        {TEXT "\n" LINE "\nanything\n", false},
        {TEXT "\nanything\n" LINE "\n", false},
        {TEXT "\n" LINE " \n", false},
        {TEXT "\n" LINE "\n- witness AAAAAAA=\n", false},
        {TEXT "\n" LINE "\n\xe2\x80\x94  AAAAAAA=\n", false},
        {TEXT "\n" LINE "\n\xe2\x80\x94 witness\n", false},
        {TEXT "\n" LINE "\n\xe2\x80\x94 w+1 AAAAAAA=\n", false},
        {TEXT "\n" LINE "\n\xe2\x80\x94 w\t1 AAAAAAA=\n", false},
        {TEXT "\n" LINE "\n\xe2\x80\x94 w\xff AAAAAAA=\n", false},
        {TEXT "\n" LINE "\n\xe2\x80\x94 witness AAAAAA==\n", false},
        {TEXT "\n" LINE "\n\xe2\x80\x94 witness AAAA!AA=\n", false},
        {TEXT "\n" LINE "\n\xe2\x80\x94 witness AAAAAAA=\n", true},
        /* of two of one key the first decides */
        {TEXT "\n" FALSE_LINE "\n" LINE "\n", false},
        {TEXT "\n" LINE "\n" FALSE_LINE "\n", true},
        {"nta/000102030405060708090a0b0c0d0e0F\n20852163\n"
         "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n\n" LINE "\n",
         false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (reads(rows[i].note, strlen(rows[i].note)) != rows[i].holds)
            fail_msg("row %zu", i);
    }
}

static void a_changed_byte_or_a_cut_end_is_refused(void **state)
{
    static const char note[] = TEXT "\n" LINE "\n";
    char changed[sizeof(note)];

    (void)state;
    for (size_t i = 0; i < sizeof(note) - 1; i++) {
        memcpy(changed, note, sizeof(note));
        changed[i] ^= 1;
        assert_false(reads(changed, sizeof(note) - 1));
        assert_false(reads(note, i));
    }
}

static void another_key_or_a_huge_note_is_refused(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0};
    uint8_t secret[32], public_key[32];
    struct nta_checkpoint back;

    (void)state;
    put_count(secret, 32);
    secret[0] = 9;
    assert_int_equal(nta_ed25519_public(secret, public_key), 0);
    nta_buf_puts(&note, TEXT "\n" LINE "\n");
    assert_false(nta_checkpoint_read(nta_buf_span(&note), public_key, &back));
    while (note.len <= NTA_CHECKPOINT_MAX)
        nta_buf_puts(&note, OTHER "\n");
    assert_false(reads((const char *)note.ptr, note.len));
}

static void a_note_of_more_signatures_than_are_borne_is_refused(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0};

    (void)state;
    nta_buf_puts(&note, TEXT "\n" LINE "\n");
    for (int i = 1; i < 100; i++)
        nta_buf_puts(&note, OTHER "\n");
    assert_true(reads((const char *)note.ptr, note.len));
    nta_buf_puts(&note, OTHER "\n");
    assert_false(reads((const char *)note.ptr, note.len));
}

static void lines_of_its_own_are_signed_and_given(void **state)
{
    static const struct
    {
        const char *extra;
        bool is_good;
    } rows[] = {
        {"", true},        {"link 00\n", true}, {"a\nb c\n\xc3\xa9\n", true},
        {"no end", false}, {"\n", false},       {"a\n\nb\n", false},
        {"\na\n", false},  {"tab\t\n", false},  {"\xff\n", false},
        {"\x7f\n", false},
    };

    uint8_t secret[32], public_key[32];

    (void)state;
    get_keys(secret, public_key);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf note = {0};
        struct nta_checkpoint checkpoint = made(), back;

        checkpoint.extra = nta_span_of(rows[i].extra);
        assert_int_equal(nta_checkpoint_put(&note, &checkpoint, secret),
                         rows[i].is_good ? 0 : -EINVAL);
        if (!rows[i].is_good) {
            assert_int_equal(note.len, 0);
            continue;
        }
        assert_true(nta_checkpoint_read(nta_buf_span(&note), public_key, &back));
        assert_true(nta_span_equal(back.extra, checkpoint.extra));
        assert_int_equal(back.n, checkpoint.n);
        if (checkpoint.extra.len) { /* they are signed */
            note.ptr[nta_span_find(nta_buf_span(&note), rows[i].extra)] ^= 1;
            assert_false(nta_checkpoint_read(nta_buf_span(&note), public_key, &back));
        }
    }
}

static void numbers_of_one_form_are_read(void **state)
{
    static const struct
    {
        const char *text;
        uint64_t number; ///< UINT64_MAX - 1: none.
    } rows[] = {
        {"0", 0},
        {"7", 7},
        {"18446744073709551615", UINT64_MAX},
        {"", UINT64_MAX - 1},
        {"07", UINT64_MAX - 1},
        {"00", UINT64_MAX - 1},
        {" 7", UINT64_MAX - 1},
        {"7 ", UINT64_MAX - 1},
        {"+7", UINT64_MAX - 1},
        {"-7", UINT64_MAX - 1},
        {"0x7", UINT64_MAX - 1},
        {"7:", UINT64_MAX - 1},
        {"18446744073709551616", UINT64_MAX - 1},
        {"184467440737095516150", UINT64_MAX - 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t number = 99;
        bool is_one = rows[i].number != UINT64_MAX - 1;

        if (nta_checkpoint_number(nta_span_of(rows[i].text), &number) != is_one ||
            number != (is_one ? rows[i].number : 99))
            fail_msg("%s", rows[i].text);
    }
}

static void lines_and_digits_of_one_form_are_taken(void **state)
{
    struct nta_span text = nta_span_of("link 0aff\nkept 3\nend"), value;
    uint8_t bytes[2] = {0};
    size_t len = 9;

    (void)state;
    assert_false(nta_checkpoint_take_line(&text, "kept ", &value));
    assert_true(nta_checkpoint_take_line(&text, "link ", &value));
    assert_true(nta_checkpoint_hex(value, bytes, sizeof(bytes), &len));
    assert_true(len == 2 && bytes[0] == 0x0a && bytes[1] == 0xff);
    assert_false(nta_checkpoint_hex(value, bytes, 1, &len));
    assert_false(nta_checkpoint_hex(nta_span_of("0AFF"), bytes, sizeof(bytes), &len));
    assert_false(nta_checkpoint_hex(nta_span_of("0af"), bytes, sizeof(bytes), &len));
    assert_false(nta_checkpoint_hex(nta_span_of("0ag0"), bytes, sizeof(bytes), &len));
    assert_true(nta_checkpoint_hex(nta_span_of(""), bytes, sizeof(bytes), &len) && len == 0);
    assert_true(nta_checkpoint_take_line(&text, "kept ", &value));
    assert_true(nta_span_is(value, "3"));
    assert_false(nta_checkpoint_take_line(&text, "end", &value)); /* which has no end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_one_form_are_read),
        cmocka_unit_test(lines_and_digits_of_one_form_are_taken),
        cmocka_unit_test(what_we_write_is_what_another_program_wrote),
        cmocka_unit_test(notes_of_one_form_are_read),
        cmocka_unit_test(a_changed_byte_or_a_cut_end_is_refused),
        cmocka_unit_test(a_note_of_more_signatures_than_are_borne_is_refused),
        cmocka_unit_test(another_key_or_a_huge_note_is_refused),
        cmocka_unit_test(lines_of_its_own_are_signed_and_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
