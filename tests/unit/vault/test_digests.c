/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "vault/crypto/digest.h"
#include "vault/crypto/digests.h"
#include "vault/hex.h"

enum
{
    N = 2 * NTA_DIGESTS_LANE_BYTES ///< Messages of 0 bytes, 1, … beyond what a lane holds.
};

static uint8_t text[N], hashes[N][32], expected[N][32];
static struct nta_digests digests;

static int fill(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (uint8_t)(i * 131 >> 3);
    for (size_t len = 0; len < N; len++)
        nta_digest_of((struct nta_span){.ptr = text, .len = len}, expected[len]);
    nta_digests_init(&digests);
    return 0;
}

/** The i-th is of `step` i bytes modulo N, in up to three parts. */
static void assert_all(size_t step)
{
    memset(hashes, 0, sizeof(hashes));
    for (size_t i = 0; i < N; i++) {
        const size_t len = i * step % N, cut = len / 3;
        const struct nta_span parts[] = {
            {.ptr = text, .len = cut}, {.ptr = NULL}, {.ptr = text + cut, .len = len - cut}};

        nta_digests_put(&digests, parts, NTA_N_ELEMENTS(parts), hashes[len]);
    }
    nta_digests_end(&digests);
    for (size_t len = 0; len < N; len++)
        assert_memory_equal(hashes[len], expected[len], 32);
}

static void each_length_beside_any_other_is_hashed_as_alone(void **state)
{
    (void)state;
    assert_all(1);
    assert_all(N - 1);
    assert_all(37);
    assert_all(1021);
}

static void a_processor_without_instructions_gives_the_same(void **state)
{
    const bool in_pairs = digests.in_pairs;

    (void)state;
    digests.in_pairs = false;
    assert_all(37);
    digests.in_pairs = in_pairs;
}

static void one_alone_and_none_end(void **state)
{
    const struct nta_span abc = nta_span_of("abc");

    (void)state;
    nta_digests_put(&digests, &abc, 1, hashes[0]);
    nta_digests_end(&digests);
    nta_digests_end(&digests);
    assert_hex(hashes[0], 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void nothing_of_a_message_stays_once_wiped(void **state)
{
    (void)state;
    assert_all(37);
    nta_digests_wipe(&digests);
    for (size_t i = 0; i < NTA_N_ELEMENTS(digests.lanes); i++)
        for (size_t k = 0; k < NTA_DIGESTS_LANE_BYTES; k++)
            assert_int_equal(digests.lanes[i].bytes[k], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_length_beside_any_other_is_hashed_as_alone),
        cmocka_unit_test(a_processor_without_instructions_gives_the_same),
        cmocka_unit_test(one_alone_and_none_end),
        cmocka_unit_test(nothing_of_a_message_stays_once_wiped),
    };

    return cmocka_run_group_tests(tests, fill, NULL);
}
