/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls_cert.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

static struct nta_span load(const char *name)
{
    static uint8_t bytes[4096];
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/tls_cert/%s", NTA_TEST_SOURCE_DIR,
                   name);

    FILE *file = fopen(path, "rb");

    assert_non_null(file);

    size_t len = fread(bytes, 1, sizeof(bytes), file);

    (void)fclose(file);
    return (struct nta_span){.ptr = bytes, .len = len};
}

static void assert_text(struct nta_span span, const char *text)
{
    assert_int_equal(span.len, strlen(text));
    assert_memory_equal(span.ptr, text, span.len);
}

static void names_and_issuer_are_read(void **state)
{
    struct nta_tls_certificate cert;

    (void)state;
    assert_int_equal(nta_tls_cert_read(load("san.der"), &cert), NTA_PARSE_OK);
    assert_text(cert.common_name, "www.example.com");
    assert_text(cert.issuer, "www.example.com");
    assert_int_equal(cert.n_names, 2);
    assert_text(cert.names[0], "www.example.com");
    assert_text(cert.names[1], "*.example.net");
}

static void an_issuer_without_common_name_is_its_organisation(void **state)
{
    struct nta_tls_certificate cert;

    (void)state;
    assert_int_equal(nta_tls_cert_read(load("organisation.der"), &cert), NTA_PARSE_OK);
    assert_int_equal(cert.common_name.len, 0);
    assert_text(cert.issuer, "Example Users");
    assert_int_equal(cert.n_names, 0);
}

/* Reads `len` bytes from a block of exactly that size. */
static enum nta_parse read_copy(const uint8_t *bytes, size_t len)
{
    struct nta_tls_certificate cert;
    uint8_t *copy = malloc(len ? len : 1);

    assert_non_null(copy);
    memcpy(copy, bytes, len);

    enum nta_parse verdict = nta_tls_cert_read((struct nta_span){.ptr = copy, .len = len}, &cert);

    free(copy);
    return verdict;
}

static void every_prefix_is_cut_or_bad(void **state)
{
    struct nta_span der = load("san.der");
    enum nta_parse before = NTA_PARSE_BAD;

    (void)state;
    for (size_t len = 0; len < der.len; len++) {
        enum nta_parse verdict = read_copy(der.ptr, len);

        assert_true(verdict == NTA_PARSE_MORE || (verdict == NTA_PARSE_BAD && before == verdict));
        before = verdict;
    }
}

static void whole_names_in_front_of_a_cut_are_given(void **state)
{
    struct nta_tls_certificate cert;
    struct nta_span der = load("san.der");
    const uint8_t *second = memmem(der.ptr, der.len, "*.example.net", 13);

    (void)state;
    assert_non_null(second);
    der.len = (size_t)(second - der.ptr) + 5;
    assert_int_equal(nta_tls_cert_read(der, &cert), NTA_PARSE_MORE);
    assert_text(cert.common_name, "www.example.com");
    assert_int_equal(cert.n_names, 1);
    assert_text(cert.names[0], "www.example.com");
}

static void flipped_bytes_do_no_harm(void **state)
{
    struct nta_span der = load("san.der");
    uint8_t bytes[4096];

    (void)state;
    memcpy(bytes, der.ptr, der.len);
    for (size_t at = 0; at < der.len; at++) {
        for (unsigned flip = 1; flip < 256; flip++) {
            bytes[at] ^= (uint8_t)flip;
            (void)read_copy(bytes, der.len);
            bytes[at] ^= (uint8_t)flip;
        }
    }
}

static void lengths_that_are_not_der_are_bad(void **state)
{
    (void)state;
    assert_int_equal(read_copy((const uint8_t *)"\x30\x80\x30\x00\x00\x00", 6), NTA_PARSE_BAD);
    assert_int_equal(read_copy((const uint8_t *)"\x30\x85\x00\x00\x00\x00\x02\x30\x00", 9),
                     NTA_PARSE_BAD);
    assert_int_equal(read_copy((const uint8_t *)"\x30\x84\xff\xff\xff\xff", 6), NTA_PARSE_BAD);
    assert_int_equal(read_copy((const uint8_t *)"\x3f\x30\x02\x30\x00", 5), NTA_PARSE_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_issuer_are_read),
        cmocka_unit_test(an_issuer_without_common_name_is_its_organisation),
        cmocka_unit_test(every_prefix_is_cut_or_bad),
        cmocka_unit_test(whole_names_in_front_of_a_cut_are_given),
        cmocka_unit_test(flipped_bytes_do_no_harm),
        cmocka_unit_test(lengths_that_are_not_der_are_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
