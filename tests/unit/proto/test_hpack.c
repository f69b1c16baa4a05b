/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "proto/http/hpack.h"
#include "unit.h"

#include <stdlib.h>

#define SPAN(literal)                                                                              \
    (struct nta_span)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

/* :method GET, :scheme http, :path /, :authority www.example.com (RFC 7541 appendix C.4.1) */
#define PACKED "\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"

static struct nta_hpack_fields request;
static struct nta_hpack_table table;

static void check(struct nta_span block, const char *method, const char *authority,
                  const char *path, const char *host)
{
    (void)nta_hpack_read(&table, block, false, &request);
    assert_true(nta_span_is(request.method, method));
    assert_true(nta_span_is(request.authority, authority));
    assert_true(nta_span_is(request.path, path));
    assert_true(nta_span_is(request.host, host));
}

static void the_examples_of_the_rfc_are_read(void **state)
{
    (void)state;
    check(SPAN("\x82\x86\x84\x41\x0fwww.example.com"), "GET", "www.example.com", "/", "");
    check(SPAN(PACKED), "GET", "www.example.com", "/", "");
    /* appendix C.2: names in the block, fields that no table is to keep */
    check(SPAN("\x40\x0a"
               "custom-key\x0d"
               "custom-header"),
          "", "", "", "");
    check(SPAN("\x04\x0c/sample/path\x83"), "POST", "", "/sample/path", "");
}

static void each_form_of_a_field_is_read(void **state)
{
    (void)state;
    check(SPAN("\x3f\xe1\x1f\x10\x07:method\x03PUT\x00\x04host\x03y.z\x00\x84\xb9\x58\xd3\x3f"
               "\x02/x"),
          "PUT", "", "/x", "y.z");
    check(SPAN("\x85\x83\x0f\x17\x04host\x66\x02hi"), "POST", "", "/index.html", "host");
}

/** A character of more than 15 bits, or NUL, ends a text: a part of a host is another host's. */
static void what_is_no_text_of_a_url_ends_it(void **state)
{
    (void)state;
    check(SPAN("\x41\x83\x1f\xfe\x3f"), "", "", "", ""); /* host: a, NUL */
    assert_true(request.is_cut);
    check(SPAN("\x41\x84\x1f\xff\xff\xff"), "", "", "", ""); /* host: a, EOS */
    assert_true(request.is_cut);
    check(SPAN("\x44\x83\x1f\xfe\x3f"), "", "", "a", ""); /* path: a, NUL */
    assert_true(request.is_cut);
}

/** However long a path is, and whatever names fields have, the host is read. */
static void a_long_path_takes_no_space_of_the_host(void **state)
{
    static uint8_t block[4 + NTA_HPACK_BUF_SIZE + 16];
    static const uint8_t host[] = "\x41\x82\x9c\xff"; /* "hi" */

    (void)state;
    memset(block, 0x18, sizeof(block));   /* 'a' and others, 5 bits each */
    memcpy(block, "\x44\xff\x81\x1f", 4); /* 127 + 1 + 31 * 128 = 4096 */
    memcpy(block + 4 + 4096, host, sizeof(host) - 1);
    (void)nta_hpack_read(&table, (struct nta_span){block, 4 + 4096 + sizeof(host) - 1}, false,
                         &request);
    assert_true(request.is_cut);
    assert_int_equal(request.path.len, NTA_HPACK_BUF_SIZE);
    assert_int_equal(request.authority.len, 2);
}

/** From a copy of just as many bytes, so that one too many is noticed. */
static void any_prefix_gives_what_came_before(void **state)
{
    const struct nta_span whole = SPAN(PACKED);

    (void)state;
    for (size_t n = 0; n < whole.len; n++) {
        uint8_t *copy = malloc(n + (n == 0));

        assert_non_null(copy);
        memcpy(copy, whole.ptr, n);
        check((struct nta_span){copy, n}, n > 0 ? "GET" : "", "", n > 2 ? "/" : "", "");
        free(copy);
    }
}

static void flipped_bytes_do_no_harm(void **state)
{
    uint8_t block[sizeof(PACKED) - 1];

    (void)state;
    memcpy(block, PACKED, sizeof(block));
    for (size_t at = 0; at < sizeof(block) * 8; at++) {
        block[at / 8] ^= (uint8_t)(1U << at % 8);
        (void)nta_hpack_read(&table, (struct nta_span){block, sizeof(block)}, false, &request);
        assert_true(request.authority.len <= 19); /* 12 bytes of codes of 5 bits */
        block[at / 8] ^= (uint8_t)(1U << at % 8);
    }
}

static void expect(struct nta_span block, const char *authority, const char *path)
{
    assert_true(nta_hpack_read(&table, block, false, &request));
    assert_true(nta_span_is(request.authority, authority));
    assert_true(nta_span_is(request.path, path));
}

/** Appendices C.3 and C.4: three requests, in clear and packed. */
static void later_blocks_refer_to_earlier_ones(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        table = (struct nta_hpack_table){0};
        expect(i ? SPAN(PACKED) : SPAN("\x82\x86\x84\x41\x0fwww.example.com"), "www.example.com",
               "/");
        assert_int_equal(table.used, 57);
        expect(i ? SPAN("\x82\x86\x84\xbe\x58\x86\xa8\xeb\x10\x64\x9c\xbf")
                 : SPAN("\x82\x86\x84\xbe\x58\x08no-cache"),
               "www.example.com", "/");
        assert_int_equal(table.used, 110);
        expect(i ? SPAN("\x82\x87\x85\xbf\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x89\x25"
                        "\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf")
                 : SPAN("\x82\x87\x85\xbf\x40\x0a"
                        "custom-key\x0c"
                        "custom-value"),
               "www.example.com", "/index.html");
        assert_int_equal(table.used, 164);
        assert_int_equal(table.n, 3);
    }
}

/** The oldest goes, wherever in the ring its text lies. */
static void the_table_turns_over(void **state)
{
    uint8_t block[] = "\x44\x7e/" /* :path, 126 bytes */
                      "____________________________________________________________"
                      "____________________________________________________________"
                      "_____";

    (void)state;
    table = (struct nta_hpack_table){0};
    for (unsigned i = 0; i < 1000; i++) {
        block[3] = (uint8_t)('a' + i % 26);
        assert_true(
            nta_hpack_read(&table, (struct nta_span){block, sizeof(block) - 1}, false, &request));
        assert_true(table.used <= 4096 && table.n <= 25);
        assert_int_equal(request.path.ptr[1], 'a' + i % 26);
        if (i < 24)
            continue;
        assert_int_equal(table.n, 25 - (4096 / 163 < 25));
        assert_true(nta_hpack_read(&table, SPAN("\xd4"), false, &request)); /* the 23rd newest */
        assert_int_equal(request.path.len, 126);
        assert_int_equal(request.path.ptr[1], 'a' + (i - 22) % 26);
    }
    assert_false(nta_hpack_read(&table, SPAN("\xff\x20"), false, &request));
    assert_true(nta_hpack_read(&table, SPAN("\x20"), false, &request)); /* nothing is to be kept */
    assert_int_equal(table.n, 0);
    assert_false(nta_hpack_read(&table, SPAN("\xbe"), false, &request));
    assert_true(nta_hpack_read(&table, SPAN("\x3f\xe1\x7f"), false, &request)); /* 16 KiB */
    assert_true(nta_hpack_read(&table, SPAN("\xbe"), false, &request) && request.is_cut);
}

/** RFC 7541 appendix C.5.1, and what it refers to then. */
static void answers_are_read(void **state)
{
    (void)state;
    table = (struct nta_hpack_table){0};
    assert_true(nta_hpack_read(&table,
                               SPAN("\x48\x03"
                                    "302\x58\x07private\x5c\x01"
                                    "5\x5f\x0atext/plain\x76\x03one"),
                               true, &request));
    assert_true(nta_span_is(request.status, "302") && nta_span_is(request.length, "5"));
    assert_true(nta_span_is(request.type, "text/plain") && nta_span_is(request.server, "one"));
    assert_true(request.method.len == 0 && request.path.len == 0);
    assert_true(nta_hpack_read(&table, SPAN("\x8c\xc0\xbf"), true, &request));
    assert_true(nta_span_is(request.status, "400") && nta_span_is(request.type, "text/plain") &&
                nta_span_is(request.length, "5"));
}

/** However often it is said: as where a field stands several times in clear. */
static void the_first_of_a_field_counts(void **state)
{
    (void)state;
    table = (struct nta_hpack_table){0};
    assert_true(nta_hpack_read(&table, SPAN("\x04\x02/a\x84\x83\x82\x85\x41\x01x\x41\x01y"), false,
                               &request));
    assert_true(nta_span_is(request.path, "/a") && nta_span_is(request.method, "POST"));
    assert_true(nta_span_is(request.authority, "x"));
    assert_true(nta_hpack_read(&table, SPAN("\xbe\xbf\xbe"), false, &request));
    assert_true(nta_span_is(request.authority, "y"));
    assert_true(nta_hpack_read(&table, SPAN("\x89\x88"), true, &request));
    assert_true(nta_span_is(request.status, "204"));
}

/** Where a request came from is asked of each field once a block, and anew of the next one. */
static void a_block_asks_a_field_once(void **state)
{
    (void)state;
    table = (struct nta_hpack_table){0};
    assert_true(nta_hpack_read(&table, SPAN("\x40\x07purpose\x08prefetch"), false, &request));
    assert_true(request.origin.is_prefetch && request.n_origins == 1);
    assert_true(nta_hpack_read(&table, SPAN("\xbe\xbe\xbe"), false, &request));
    assert_true(request.origin.is_prefetch && request.n_origins == 1);
    assert_true(nta_hpack_read(&table, SPAN("\xbe\x7e\x05other\xbe\xbf"), false, &request));
    assert_int_equal(request.n_origins, 3); /* what comes into its place is another one */
}

/** What was kept before is not known; what comes then is, whatever its place was. */
static void a_lost_table_begins_anew(void **state)
{
    (void)state;
    table = (struct nta_hpack_table){0};
    assert_true(nta_hpack_read(&table, SPAN("\x41\x03old"), false, &request));
    nta_hpack_lose(&table);
    assert_true(nta_hpack_read(&table, SPAN("\x82\xbe"), false, &request));
    assert_true(request.is_cut && request.authority.len == 0 && request.method.len == 3);
    assert_true(nta_hpack_read(&table, SPAN("\x41\x03new\x7e\x01x"), false, &request));
    assert_true(nta_hpack_read(&table, SPAN("\xbf\xc0"), false, &request));
    assert_true(nta_span_is(request.authority, "new") && request.is_cut);
}

static void secrets_are_not_kept(void **state)
{
    (void)state;
    table = (struct nta_hpack_table){0};
    assert_true(nta_hpack_read(&table,
                               SPAN("\x60\x06"
                                    "secret\x57\x05"
                                    "basic\x40\x06"
                                    "cookie\x06"
                                    "secret"),
                               false, &request));
    assert_int_equal(table.n, 3);
    assert_int_equal(table.used, 3 * 32 + 12 + 13 + 5 + 12);
    for (size_t i = 0; i + 6 <= sizeof(table.texts); i++)
        assert_true(memcmp(table.texts + i, "secret", 6) != 0);
    assert_true(
        nta_hpack_read(&table, SPAN("\x7e\x01x"), false, &request)); /* by its name, cookie */
    assert_int_equal(table.used, 4 * 32 + 12 + 13 + 5 + 12 + 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc_are_read),
        cmocka_unit_test(each_form_of_a_field_is_read),
        cmocka_unit_test(what_is_no_text_of_a_url_ends_it),
        cmocka_unit_test(a_long_path_takes_no_space_of_the_host),
        cmocka_unit_test(any_prefix_gives_what_came_before),
        cmocka_unit_test(later_blocks_refer_to_earlier_ones),
        cmocka_unit_test(the_table_turns_over),
        cmocka_unit_test(answers_are_read),
        cmocka_unit_test(the_first_of_a_field_counts),
        cmocka_unit_test(a_block_asks_a_field_once),
        cmocka_unit_test(a_lost_table_begins_anew),
        cmocka_unit_test(secrets_are_not_kept),
        cmocka_unit_test(flipped_bytes_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
