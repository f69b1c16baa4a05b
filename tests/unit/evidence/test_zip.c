/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "evidence/zip.h"
#include "unit.h"

#include <errno.h>

static const struct nta_zip_member three[] = {
    {{(const uint8_t *)"README.txt", 10}, {(const uint8_t *)"Read this.\n", 11}},
    {{(const uint8_t *)"case.cbor", 9}, {(const uint8_t *)"PK\3\4 is no header here", 22}},
    {{(const uint8_t *)"empty", 5}, {NULL, 0}},
};

static struct nta_buf made(void)
{
    struct nta_buf archive = {0};

    assert_int_equal(nta_zip_write(&archive, three, 3), 0);
    return archive;
}

static bool reads(struct nta_span archive)
{
    struct nta_zip_member members[NTA_ZIP_MEMBERS];
    struct nta_err err = {0};
    size_t n;
    const int r = nta_zip_read(archive, members, &n, &err);

    assert_true(r == 0 || (r == -EBADMSG && err.text[0]));
    return r == 0;
}

static void what_is_written_is_read(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf archive = made();
    struct nta_zip_member members[NTA_ZIP_MEMBERS];
    struct nta_err err;
    size_t n;

    (void)state;
    assert_int_equal(nta_zip_read(nta_buf_span(&archive), members, &n, &err), 0);
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++) {
        assert_true(nta_span_equal(members[i].name, three[i].name));
        assert_true(nta_span_equal(members[i].data, three[i].data));
    }
}

/** CRC-32 of "123456789" is the check value of every catalogue of CRCs. */
static void the_checksum_is_that_of_zip(void **state)
{
    const struct nta_zip_member member = {nta_span_of("x"), nta_span_of("123456789")};
    NTA_AUTO(nta_buf_done) struct nta_buf archive = {0};

    (void)state;
    assert_int_equal(nta_zip_write(&archive, &member, 1), 0);
    assert_memory_equal(archive.ptr + 14, "\x26\x39\xf4\xcb", 4);
}

static void no_other_bytes_are_an_archive(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf archive = made();

    (void)state;
    for (size_t i = 0; i < archive.len; i++) {
        NTA_AUTO_FREE uint8_t *exact = malloc(i ? i : 1); /* so that a byte behind it shows */

        memcpy(exact, archive.ptr, i);
        assert_false(reads((struct nta_span){exact, i}));
        for (unsigned bit = 0; bit < 8; bit++) {
            archive.ptr[i] ^= (uint8_t)(1U << bit);
            if (reads(nta_buf_span(&archive)))
                fail_msg("bit %u of byte %zu", bit, i);
            archive.ptr[i] ^= (uint8_t)(1U << bit);
        }
    }
    nta_buf_put_u8(&archive, 0);
    assert_false(reads(nta_buf_span(&archive)));
}

static void names_are_in_order_and_harmless(void **state)
{
    static const char *const bad[] = {"", "../x", "a/b", "a b", ".x", "-x", "a\\b", "x\n"};
    const struct nta_zip_member turned[] = {three[1], three[0]}, twice[] = {three[0], three[0]};
    struct nta_zip_member many[NTA_ZIP_MEMBERS + 1];
    NTA_AUTO(nta_buf_done) struct nta_buf archive = {0};
    char names[NTA_ZIP_MEMBERS + 1][8];

    (void)state;
    assert_int_equal(nta_zip_write(&archive, turned, 2), -EINVAL);
    assert_int_equal(nta_zip_write(&archive, twice, 2), -EINVAL);
    for (size_t i = 0; i < NTA_N_ELEMENTS(bad); i++) {
        const struct nta_zip_member member = {nta_span_of(bad[i]), {NULL, 0}};

        assert_int_equal(nta_zip_write(&archive, &member, 1), -EINVAL);
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(many); i++) {
        (void)snprintf(names[i], sizeof(names[i]), "f%03zu", i);
        many[i] = (struct nta_zip_member){nta_span_of(names[i]), {NULL, 0}};
    }
    assert_int_equal(nta_zip_write(&archive, many, NTA_ZIP_MEMBERS + 1), -EINVAL);
    assert_int_equal(archive.len, 0);
    assert_int_equal(nta_zip_write(&archive, many, NTA_ZIP_MEMBERS), 0);
    assert_true(reads(nta_buf_span(&archive)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(the_checksum_is_that_of_zip),
        cmocka_unit_test(no_other_bytes_are_an_archive),
        cmocka_unit_test(names_are_in_order_and_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
