/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "base/own.h"
#include "unit.h"
#include "vault/crypto/curve.h"
#include "vault/keyfile.h"
#include "vault/open/shares.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"

struct place
{
    char dir[64], made[96];
    struct nta_share shares[NTA_SHARES_MAX];
};

static const char *const names[NTA_SHARES_MAX] = {"a", "b", "c", "d", "e", "f", "g", "h",
                                                  "i", "j", "k", "l", "m", "n", "o", "p"};

static struct place make_place(unsigned needs, unsigned of)
{
    struct place place = {.dir = "/tmp/nta-shares-XXXXXX"};
    struct nta_err err = {0};
    char path[96];

    assert_non_null(mkdtemp(place.dir));
    (void)snprintf(place.made, sizeof(place.made), "%s/made.key", place.dir);
    (void)snprintf(path, sizeof(path), "%s/auditor.key", place.dir);
    NTA_AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const char text[] = NTA_KEY_AUDITOR_SECRET SECRET "\n";

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(nta_auditor_key_split(place.dir, needs, of, place.shares, &err), 0);
    return place;
}

static void drop_place(const struct place *place)
{
    char path[96];

    (void)unlink(place->made);
    (void)snprintf(path, sizeof(path), "%s/auditor.key", place->dir);
    (void)unlink(path);
    assert_int_equal(rmdir(place->dir), 0);
}

static int check(const struct place *place, const unsigned *chosen, size_t n, struct nta_err *err)
{
    struct nta_share shares[NTA_SHARES_MAX];

    for (size_t i = 0; i < n; i++)
        shares[i] = place->shares[chosen[i]];
    *err = (struct nta_err){0};
    return nta_auditor_key_check(&(struct nta_shares){shares, names, n}, err);
}

static void any_two_of_three_make_the_key(void **state)
{
    static const unsigned pairs[][3] = {{0, 1}, {1, 0}, {0, 2}, {2, 1}, {2, 0, 1}};
    const struct place place = make_place(2, 3);
    struct nta_err err;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(pairs); i++)
        assert_int_equal(check(&place, pairs[i], i < 4 ? 2 : 3, &err), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(check(&place, &i, 1, &err), -EKEYREJECTED);
        assert_string_equal(err.text, "2 of the 3 shares are needed, and here are 1");
    }
    drop_place(&place);
}

static void sixteen_of_sixteen_need_all(void **state)
{
    const struct place place = make_place(16, 16);
    unsigned all[16];
    struct nta_err err;

    (void)state;
    for (unsigned i = 0; i < 16; i++)
        all[i] = 15 - i;
    assert_int_equal(check(&place, all, 16, &err), 0);
    assert_int_equal(check(&place, all, 15, &err), -EKEYREJECTED);
    drop_place(&place);
}

/** Fewer than are needed, claimed to be enough, make another key, which is seen. */
static void one_that_claims_to_be_enough_is_not(void **state)
{
    struct place place = make_place(3, 3);
    const unsigned two[] = {0, 1};
    struct nta_err err;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        place.shares[i].needs = 2;
    assert_int_equal(check(&place, two, 2, &err), -EKEYREJECTED);
    assert_non_null(strstr(err.text, "do not make the key"));
    drop_place(&place);
}

static void what_does_not_belong_together_is_said(void **state)
{
    struct place place = make_place(2, 3), other = make_place(2, 3);
    const unsigned twice[] = {1, 1}, two[] = {0, 1};
    struct nta_err err;

    (void)state;
    assert_int_equal(check(&place, twice, 2, &err), -EKEYREJECTED);
    assert_string_equal(err.text, "a and b are the same share, 2");
    const struct nta_share own = place.shares[1];

    place.shares[1] = other.shares[1];
    assert_int_equal(check(&place, two, 2, &err), -EKEYREJECTED);
    assert_non_null(strstr(err.text, "split twice"));
    place.shares[1] = own;
    place.shares[1].key[0] ^= 1;
    assert_int_equal(check(&place, two, 2, &err), -EKEYREJECTED);
    assert_non_null(strstr(err.text, "two auditors' keys"));
    place.shares[1] = own;
    place.shares[1].value[31] ^= 1;
    assert_int_equal(check(&place, two, 2, &err), -EKEYREJECTED);
    assert_non_null(strstr(err.text, "do not make the key"));
    assert_int_equal(nta_auditor_key_check(&(struct nta_shares){place.shares, names, 0}, &err),
                     -EKEYREJECTED);
    drop_place(&place);
    drop_place(&other);
}

static void numbers_that_make_no_sense_are_refused(void **state)
{
    static const unsigned wrong[][2] = {{0, 3}, {1, 3}, {4, 3}, {2, 17}, {0, 0}, {258, 300}};
    struct place place = make_place(2, 2);
    struct nta_err err;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(wrong); i++)
        assert_int_equal(
            nta_auditor_key_split(place.dir, wrong[i][0], wrong[i][1], place.shares, &err),
            -EINVAL);
    drop_place(&place);
}

static void the_joined_key_is_the_one_that_was_split(void **state)
{
    const struct place place = make_place(2, 3);
    char public_key[NTA_KEY_TEXT_SIZE], expected[NTA_KEY_TEXT_SIZE], text[512] = "";
    uint8_t secret[NTA_KEY_LEN], key[NTA_KEY_LEN];
    const struct nta_shares two = {place.shares, names, 2};
    struct nta_err err = {0};
    struct stat st;

    (void)state;
    assert_true(nta_hex_parse(SECRET, NTA_KEY_LEN, secret));
    assert_int_equal(nta_x25519_public(secret, key), 0);
    nta_key_text(NTA_KEY_AUDITOR, key, expected, sizeof(expected));
    assert_int_equal(nta_auditor_key_join(&two, place.made, "short", public_key, &err), -EINVAL);
    assert_int_equal(nta_auditor_key_join(&two, place.made, "long enough", public_key, &err), 0);
    assert_string_equal(public_key, expected);
    assert_int_equal(nta_auditor_key_join(&two, place.made, "long enough", public_key, &err),
                     -EEXIST);
    NTA_AUTO_FD int fd = open(place.made, O_RDONLY | O_CLOEXEC);

    assert_true(read(fd, text, sizeof(text) - 1) > 0);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_non_null(strstr(text, "ENCRYPTED PRIVATE KEY"));
    drop_place(&place);
}

/** Two splittings of one key have nothing in common, and no share is the key. */
static void shares_are_made_anew_each_time(void **state)
{
    const struct place place = make_place(2, 2), other = make_place(2, 2);
    uint8_t secret[NTA_KEY_LEN];

    (void)state;
    assert_true(nta_hex_parse(SECRET, NTA_KEY_LEN, secret));
    for (size_t i = 0; i < 2; i++) {
        assert_memory_not_equal(place.shares[i].value, other.shares[i].value, NTA_KEY_LEN);
        assert_memory_not_equal(place.shares[i].value, secret, NTA_KEY_LEN);
    }
    assert_memory_not_equal(place.shares[0].split, other.shares[0].split, NTA_SHARE_SPLIT_LEN);
    drop_place(&place);
    drop_place(&other);
}

/* ---- its text ---- */

static void each_flipped_bit_and_each_cut_is_found(void **state)
{
    const struct place place = make_place(2, 16);
    NTA_AUTO(nta_buf_done) struct nta_buf text = {.secret = true};
    struct nta_share share = {.needs = 0};

    (void)state;
    nta_share_put(&place.shares[15], &text);
    assert_true(text.len <= NTA_SHARE_TEXT_MAX);
    assert_int_equal(nta_share_parse(nta_buf_span(&text), &share), 0);
    assert_memory_equal(&share, &place.shares[15], sizeof(share));
    for (size_t i = 0; i < text.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            text.ptr[i] ^= (uint8_t)(1U << bit);
            assert_true(nta_share_parse(nta_buf_span(&text), &share) < 0);
            text.ptr[i] ^= (uint8_t)(1U << bit);
        }
        uint8_t *exact = malloc(i ? i : 1);

        memcpy(exact, text.ptr, i);
        assert_true(nta_share_parse((struct nta_span){exact, i}, &share) < 0);
        free(exact);
    }
    nta_buf_puts(&text, "\n");
    assert_int_equal(nta_share_parse(nta_buf_span(&text), &share), -EINVAL);
    drop_place(&place);
}

static void what_people_type_is_the_same(void **state)
{
    const struct place place = make_place(2, 3);
    NTA_AUTO(nta_buf_done) struct nta_buf text = {.secret = true}, typed = {.secret = true};
    NTA_AUTO(nta_buf_done) struct nta_buf other = {.secret = true};
    struct nta_share share;

    (void)state;
    nta_share_put(&place.shares[1], &text);
    nta_share_typed(nta_buf_span(&text), &typed);
    assert_true(nta_span_equal(nta_buf_span(&typed), nta_buf_span(&text)));
    nta_buf_clear(&typed);
    nta_buf_puts(&other, "\xef\xbb\xbf\n  ");
    for (size_t i = 0; i < text.len; i++) { /* groups, capitals, CRLF and empty lines */
        const uint8_t c = text.ptr[i];

        nta_buf_puts(&other, c == '\n' ? " \r\n\n" : c == ' ' ? "\t " : "");
        nta_buf_put_u8(&other, c >= 'a' && c <= 'f' ? (uint8_t)(c - 'a' + 'A') : c);
        if (i > text.len - 8 && c != '\n')
            nta_buf_puts(&other, " ");
    }
    assert_true(nta_share_parse(nta_buf_span(&other), &share) < 0);
    nta_share_typed((struct nta_span){other.ptr, other.len - 3}, &typed);
    assert_true(nta_span_equal(nta_buf_span(&typed), nta_buf_span(&text)));
    assert_int_equal(nta_share_parse(nta_buf_span(&typed), &share), 0);
    nta_buf_clear(&typed);
    nta_share_typed((struct nta_span){text.ptr, text.len - 10}, &typed);
    assert_true(nta_share_parse(nta_buf_span(&typed), &share) < 0);
    drop_place(&place);
}

static void a_slip_is_told_from_what_is_no_share(void **state)
{
    const struct place place = make_place(2, 3);
    NTA_AUTO(nta_buf_done) struct nta_buf text = {.secret = true};
    struct nta_share share;

    (void)state;
    nta_share_put(&place.shares[0], &text);
    const size_t digit = nta_span_find_span(nta_buf_span(&text), nta_span_of("\nshare ")) + 7;

    text.ptr[digit] = text.ptr[digit] == '0' ? '1' : '0';
    assert_int_equal(nta_share_parse(nta_buf_span(&text), &share), -EBADMSG);
    assert_int_equal(nta_share_parse(nta_span_of("nta-share 2\n"), &share), -EINVAL);
    assert_int_equal(nta_share_parse((struct nta_span){NULL, 0}, &share), -EINVAL);
    drop_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_two_of_three_make_the_key),
        cmocka_unit_test(sixteen_of_sixteen_need_all),
        cmocka_unit_test(one_that_claims_to_be_enough_is_not),
        cmocka_unit_test(what_does_not_belong_together_is_said),
        cmocka_unit_test(numbers_that_make_no_sense_are_refused),
        cmocka_unit_test(the_joined_key_is_the_one_that_was_split),
        cmocka_unit_test(shares_are_made_anew_each_time),
        cmocka_unit_test(each_flipped_bit_and_each_cut_is_found),
        cmocka_unit_test(what_people_type_is_the_same),
        cmocka_unit_test(a_slip_is_told_from_what_is_no_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
