/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing of what was sealed, and no key that is done with, stays in the process's memory. */
#include "base/hex.h"
#include "vault/data_key.h"
#include "vault/seal/sealer.h"
#include "vault/state_secret.h"

#include <inttypes.h>
#include <sys/random.h>

enum
{
    MARK_LEN = 32,
    PIECE = 1 << 16
};

/** Bytes that are looked for, kept so that the one who looks does not find himself. */
struct mark
{
    uint8_t inverted[MARK_LEN];
};

static struct mark mark_of(const uint8_t bytes[MARK_LEN])
{
    struct mark mark = {.inverted = {0}};

    for (size_t i = 0; i < MARK_LEN; i++)
        mark.inverted[i] = (uint8_t)~bytes[i];
    return mark;
}

static bool is_mark(const uint8_t *at, const struct mark *mark)
{
    for (size_t i = 0; i < MARK_LEN; i++) {
        if ((at[i] ^ mark->inverted[i]) != 0xff)
            return false;
    }
    return true;
}

/** How often it stands in a piece of memory, read through the file so that no page is touched. */
static size_t count_in(int mem, uint64_t from, uint64_t to, const struct mark *mark)
{
    static uint8_t piece[PIECE];
    size_t n_found = 0;

    while (from < to) {
        const size_t want = to - from < PIECE ? (size_t)(to - from) : PIECE;
        const ssize_t n = pread(mem, piece, want, (off_t)from);

        for (ssize_t i = 0; i + MARK_LEN <= n; i++)
            n_found += is_mark(piece + i, mark);
        if (n <= 0 || from + (uint64_t)n >= to)
            break;
        from += n > MARK_LEN ? (uint64_t)n - MARK_LEN + 1 : (uint64_t)n;
    }
    explicit_bzero(piece, sizeof(piece));
    return n_found;
}

/** How often the bytes stand in what this process may write. */
static size_t count_everywhere(const struct mark *mark)
{
    NTA_AUTO_FILE FILE *maps = fopen("/proc/self/maps", "re");
    NTA_AUTO_FD int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    char line[512], mode[8];
    uint64_t from, to;
    size_t n_found = 0;

    assert_true(maps && mem >= 0);
    while (fgets(line, sizeof(line), maps)) {
        assert_int_equal(sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, mode), 3);
        if (mode[1] == 'w')
            n_found += count_in(mem, from, to, mark);
    }
    return n_found;
}

/** And in what the sealer hides between its calls. */
static size_t count_all(const struct nta_sealer *sealer, const struct mark *mark)
{
    NTA_SEALER_SHOW(sealer);

    return count_everywhere(mark);
}

/** A batch of one record with random bytes in it, which are told in `ret_mark`. */
static void fill_with_mark(struct nta_batch *batch, struct mark *ret_mark)
{
    uint8_t bytes[MARK_LEN];
    const struct nta_record record = {
        .event = NTA_RECORD_FLOW,
        .time_ns = 1,
        .url = {.ptr = bytes, .len = sizeof(bytes)},
    };

    assert_int_equal(getrandom(bytes, sizeof(bytes), 0), sizeof(bytes));
    *ret_mark = mark_of(bytes);
    assert_int_equal(nta_batch_add(batch, &record), 0);
    explicit_bzero(bytes, sizeof(bytes));
}

static void of_a_record_that_was_sealed_nothing_stays(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct mark mark;

    (void)state;
    fill_with_mark(&kit.batch, &mark);
    assert_true(count_everywhere(&mark) > 0); /* or looking finds nothing */
    (void)kit_seal(&kit, NULL);
    explicit_bzero(kit.batch.records.ptr, kit.batch.records.len); /* the caller's own */
    assert_int_equal(count_everywhere(&mark), 0);
}

static void of_a_signing_key_that_was_changed_nothing_stays(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    const struct nta_seal_options changes = {
        .class = NTA_CLASS_TRAFFIC,
        .wall_ns = KIT_NS,
        .changes_key = true,
    };
    uint8_t secret[NTA_KEY_LEN];
    struct nta_sealed sealed;

    (void)state;
    kit_state_secret(&kit, "signing.key", secret);
    const struct mark mark = mark_of(secret);

    explicit_bzero(secret, sizeof(secret));
    assert_int_equal(count_everywhere(&mark), 0);
    assert_int_equal(count_all(kit.sealer, &mark), 1); /* it signs */
    kit_fill(&kit, 3, 3);
    assert_int_equal(nta_sealer_seal(kit.sealer, &kit.batch, &changes, &sealed, NULL, &kit.err), 0);
    assert_int_equal(count_all(kit.sealer, &mark), 1);
    assert_int_equal(nta_sealer_commit(kit.sealer, &kit.err), 0);
    assert_int_equal(count_all(kit.sealer, &mark), 0);
    (void)kit_seal(&kit, NULL);
    assert_int_equal(count_all(kit.sealer, &mark), 0);
}

/** Of the identity and the auditors nothing is ever there, of the sealer's own keys no more. */
static void a_sealer_has_no_other_secrets(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    static const char *const names[] = {"sensor.key", "auditor.key"};
    struct mark marks[NTA_N_ELEMENTS(names)];

    (void)state;
    nta_opener_free(&kit.opener);
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        char text[256];
        uint8_t secret[NTA_KEY_LEN];

        kit_read(&kit, names[i], text, sizeof(text));
        assert_true(nta_hex_parse(strrchr(text, '-') + 1, sizeof(secret), secret));
        marks[i] = mark_of(secret);
        explicit_bzero(secret, sizeof(secret));
        explicit_bzero(text, sizeof(text));
    }
    kit_fill(&kit, 3, 3);
    (void)kit_seal(&kit, NULL);
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++)
        assert_int_equal(count_all(kit.sealer, &marks[i]), 0);
}

static void of_a_data_key_whose_day_is_over_nothing_stays(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
    struct nta_wrapped_key key;
    struct nta_key_blob taken;
    struct nta_data_key derived;
    uint8_t auditor[NTA_KEY_LEN], secret[NTA_KEY_LEN];
    char text[256];

    (void)state;
    nta_opener_free(&kit.opener);
    assert_int_equal(nta_sealer_make_key(kit.sealer, NTA_CLASS_WHO, KIT_NS, &key, &kit.err), 0);
    nta_buf_put(&blob, key.blob.ptr, key.blob.len);
    nta_sealer_use_key(kit.sealer, NTA_CLASS_WHO);
    kit_read(&kit, "auditor.key", text, sizeof(text));
    assert_true(nta_hex_parse(strrchr(text, '-') + 1, sizeof(auditor), auditor));
    assert_true(nta_key_blob_read(nta_buf_span(&blob), &taken));
    assert_int_equal(nta_key_blob_open(nta_buf_span(&blob), key.id, &taken.use, auditor, secret),
                     0);
    nta_data_key_expand(secret, &derived);
    const struct mark of_secret = mark_of(secret), of_body = mark_of(derived.body);
    const struct mark of_tokens = mark_of((const uint8_t *)&derived.tokens[NTA_VALUE_SITE]);

    explicit_bzero(&derived, sizeof(derived));
    explicit_bzero(secret, sizeof(secret));
    explicit_bzero(auditor, sizeof(auditor));
    assert_int_equal(count_all(kit.sealer, &of_secret), 0); /* expanded, and done with */
    assert_int_equal(count_everywhere(&of_body), 0);
    assert_int_equal(count_all(kit.sealer, &of_body), 1);
    kit_key(&kit, kit.sealer, NTA_CLASS_TRAFFIC, KIT_NS + DAY_NS, NULL);
    assert_int_equal(count_all(kit.sealer, &of_body), 0);
    assert_int_equal(count_all(kit.sealer, &of_tokens), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_record_that_was_sealed_nothing_stays),
        cmocka_unit_test(of_a_signing_key_that_was_changed_nothing_stays),
        cmocka_unit_test(a_sealer_has_no_other_secrets),
        cmocka_unit_test(of_a_data_key_whose_day_is_over_nothing_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
