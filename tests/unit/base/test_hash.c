/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "unit.h"

#include <endian.h>
#include <stdlib.h>

enum
{
    LONGEST = 64
};

/* ---- SipHash-c-d in the words of its paper (section 2), one message, padded first ---- */

static uint64_t turn(uint64_t word, unsigned bits)
{
    return (word << bits) | (word >> (64 - bits));
}

static void half(uint64_t v[4], unsigned a, unsigned b, unsigned bits)
{
    v[a] += v[b];
    v[b] = turn(v[b], bits) ^ v[a];
}

static void rounds(uint64_t v[4], unsigned n)
{
    while (n-- > 0) {
        half(v, 0, 1, 13);
        half(v, 2, 3, 16);
        v[0] = turn(v[0], 32);
        half(v, 2, 1, 17);
        half(v, 0, 3, 21);
        v[2] = turn(v[2], 32);
    }
}

static uint64_t model(unsigned c, unsigned d, const struct nta_hash_key *key, const uint8_t *bytes,
                      size_t len)
{
    uint64_t v[4] = {key->k0 ^ 0x736f6d6570736575, key->k1 ^ 0x646f72616e646f6d,
                     key->k0 ^ 0x6c7967656e657261, key->k1 ^ 0x7465646279746573};
    uint8_t padded[LONGEST + 8] = {0};
    size_t n = len / 8 * 8 + 8;

    memcpy(padded, bytes, len);
    padded[n - 1] = (uint8_t)len;
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word = 0;

        for (unsigned k = 0; k < 8; k++)
            word |= (uint64_t)padded[i + k] << 8 * k;
        v[3] ^= word;
        rounds(v, c);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    rounds(v, d);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void count_up(uint8_t bytes[LONGEST])
{
    for (size_t i = 0; i < LONGEST; i++)
        bytes[i] = (uint8_t)i;
}

static const struct nta_hash_key paper_key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

/** Appendix A of the paper: 15 bytes, SipHash-2-4. */
static void the_model_gives_the_papers_vector(void **state)
{
    uint8_t bytes[LONGEST];

    (void)state;
    count_up(bytes);
    assert_int_equal(model(2, 4, &paper_key, bytes, 15), 0xa129ca6149be45e5);
}

static void each_length_agrees_with_the_model(void **state)
{
    uint8_t bytes[LONGEST];

    (void)state;
    count_up(bytes);
    for (size_t len = 0; len <= LONGEST; len++) {
        uint8_t *exact = malloc(len ? len : 1);

        assert_non_null(exact);
        memcpy(exact, bytes, len);
        assert_int_equal(nta_hash_bytes(&paper_key, exact, len),
                         model(1, 3, &paper_key, bytes, len));
        free(exact);
    }
}

/** CPython from 3.11 on hashes bytes with SipHash-1-3; with PYTHONHASHSEED=0 its key is zero. */
static void a_zero_key_agrees_with_cpython(void **state)
{
    static const struct
    {
        size_t len;
        uint64_t hash;
    } vectors[] = {
        {1, 0x68a914128e01e473},  {3, 0x4d4c9a4a8ef6e0ad},  {7, 0x2f098ab0c751325a},
        {8, 0xead411e67ebe2eea},  {9, 0x75927f9d95124362},  {15, 0xf30eb725bb91c9ea},
        {16, 0x8972188433a5c5b7}, {17, 0x4883c49a2c009c1d}, {63, 0x385d3e39e5f37359},
        {64, 0x75e05fd5bbc870c6},
    };
    const struct nta_hash_key zero = {0};
    uint8_t bytes[LONGEST];

    (void)state;
    count_up(bytes);
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
        assert_int_equal(nta_hash_bytes(&zero, bytes, vectors[i].len), vectors[i].hash);
}

static void two_words_hash_as_their_sixteen_bytes(void **state)
{
    uint64_t words[2] = {htole64(0x1122334455667788), htole64(0x99aabbccddeeff00)};

    (void)state;
    assert_int_equal(nta_hash_words(&paper_key, 0x1122334455667788, 0x99aabbccddeeff00),
                     nta_hash_bytes(&paper_key, words, sizeof(words)));
}

static void random_keys_differ(void **state)
{
    struct nta_hash_key a = {0}, b = {0};

    (void)state;
    assert_int_equal(nta_hash_key_random(&a), 0);
    assert_int_equal(nta_hash_key_random(&b), 0);
    assert_memory_not_equal(&a, &b, sizeof(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_model_gives_the_papers_vector),
        cmocka_unit_test(each_length_agrees_with_the_model),
        cmocka_unit_test(a_zero_key_agrees_with_cpython),
        cmocka_unit_test(two_words_hash_as_their_sixteen_bytes),
        cmocka_unit_test(random_keys_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
