/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/ja4.h"
#include "unit.h"

/* The worked example of the published description. */
static const uint16_t ciphers[] = {0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                                   0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
static const uint16_t extensions[] = {0x6a6a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469,
                                      0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012,
                                      0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0xdada};
static const uint16_t signatures[] = {0x0403, 0x0804, 0x0401, 0x0503,
                                      0x0805, 0x0501, 0x0806, 0x0601};

static void add_all(struct nta_ja4_list *list, const uint16_t *codes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        nta_ja4_add(list, codes[i]);
}

static struct nta_ja4 example(void)
{
    struct nta_ja4 ja4 = {.transport = 't',
                          .version = 0x0304,
                          .has_name = true,
                          .alpn = {.ptr = (const uint8_t *)"h2", .len = 2}};

    add_all(&ja4.ciphers, ciphers, sizeof(ciphers) / sizeof(ciphers[0]));
    add_all(&ja4.extensions, extensions, sizeof(extensions) / sizeof(extensions[0]));
    add_all(&ja4.signatures, signatures, sizeof(signatures) / sizeof(signatures[0]));
    return ja4;
}

static void the_published_example_comes_out(void **state)
{
    struct nta_ja4 ja4 = example();
    char text[NTA_JA4_TEXT_SIZE];

    (void)state;
    nta_ja4_text(&ja4, text);
    assert_string_equal(text, "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

static void nothing_offered_gives_zeros(void **state)
{
    struct nta_ja4 ja4 = {.transport = 'q', .version = 0x7777};
    char text[NTA_JA4_TEXT_SIZE];

    (void)state;
    nta_ja4_text(&ja4, text);
    assert_string_equal(text, "q00i000000_000000000000_000000000000");
}

static void an_alpn_of_odd_bytes_is_shown_by_its_hex_digits(void **state)
{
    struct nta_ja4 ja4 = {
        .transport = 'd', .version = 0xfefd, .alpn = {(const uint8_t *)"\xab", 1}};
    char text[NTA_JA4_TEXT_SIZE];

    (void)state;
    nta_ja4_text(&ja4, text);
    assert_memory_equal(text, "dd2i0000ab_", 11);
    ja4.alpn = (struct nta_span){(const uint8_t *)"0\xab", 2};
    nta_ja4_text(&ja4, text);
    assert_memory_equal(text, "dd2i00003b_", 11);
    ja4.alpn = (struct nta_span){(const uint8_t *)"x", 1};
    nta_ja4_text(&ja4, text);
    assert_memory_equal(text, "dd2i0000xx_", 11);
}

static void counts_stop_at_99_and_too_long_lists_give_none(void **state)
{
    struct nta_ja4 ja4 = example();
    char text[NTA_JA4_TEXT_SIZE];

    (void)state;
    for (uint16_t i = 0; i < 100; i++)
        nta_ja4_add(&ja4.ciphers, i);
    nta_ja4_text(&ja4, text);
    assert_memory_equal(text, "t13d9916h2_", 11);
    for (uint16_t i = 0; i < 200; i++)
        nta_ja4_add(&ja4.ciphers, i);
    nta_ja4_text(&ja4, text);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_example_comes_out),
        cmocka_unit_test(nothing_offered_gives_zeros),
        cmocka_unit_test(an_alpn_of_odd_bytes_is_shown_by_its_hex_digits),
        cmocka_unit_test(counts_stop_at_99_and_too_long_lists_give_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
