/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/seal/packer.h"
#include "vault/vault_kit.h"

/** Seal the kit's batch as it was packed. */
static int seal(struct vault_kit *kit, const struct nta_packed *packed,
                struct nta_sealed *ret_sealed, struct nta_header *ret_header)
{
    const struct nta_seal_options options = {
        .class = NTA_CLASS_TRAFFIC, .wall_ns = KIT_NS, .packed = packed};

    return nta_sealer_seal(kit->sealer, &kit->batch, &options, ret_sealed, ret_header, &kit->err);
}

static void what_was_packed_before_is_sealed_again_and_again(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_packer_free) struct nta_packer *packer = NULL;
    NTA_AUTO(nta_packed_done) struct nta_packed packed = {.bytes.len = 0};
    struct nta_sealed sealed;
    struct nta_header first, second;

    (void)state;
    kit_fill(&kit, 3, 500);
    assert_int_equal(nta_packer_new(&packer), 0);
    assert_int_equal(nta_packer_pack(packer, &kit.batch, &packed), 0);
    assert_int_equal(seal(&kit, &packed, &sealed, &first), 0);
    assert_int_equal(seal(&kit, &packed, &sealed, &second), 0);
    assert_memory_equal(first.root, packed.root, sizeof(first.root));
    assert_memory_equal(second.root, packed.root, sizeof(second.root));
    assert_memory_not_equal(second.nonce, first.nonce, sizeof(first.nonce));
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
    assert_int_equal(kit.back.n_records, kit.batch.n_records);
    assert_int_equal(kit.back.records.len, kit.batch.records.len);
    assert_memory_equal(kit.back.records.ptr, kit.batch.records.ptr, kit.batch.records.len);
}

static void each_time_has_salts_of_its_own(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_packer_free) struct nta_packer *packer = NULL;
    NTA_AUTO(nta_packed_done) struct nta_packed packed = {.bytes.len = 0};
    uint8_t root[NTA_HASH_LEN];

    (void)state;
    kit_fill(&kit, 3, 5);
    assert_int_equal(nta_packer_new(&packer), 0);
    assert_int_equal(nta_packer_pack(packer, &kit.batch, &packed), 0);
    memcpy(root, packed.root, sizeof(root));
    assert_int_equal(nta_packer_pack(packer, &kit.batch, &packed), 0);
    assert_memory_not_equal(packed.root, root, sizeof(root));
}

static void what_is_empty_is_packed_when_it_is_sealed(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_packer_free) struct nta_packer *packer = NULL;
    NTA_AUTO(nta_packed_done) struct nta_packed packed = {.bytes.len = 0};
    struct nta_sealed sealed;
    struct nta_header header;

    (void)state;
    kit_fill(&kit, 3, 5);
    assert_int_equal(nta_packer_new(&packer), 0);
    assert_int_equal(nta_packer_pack(packer, &kit.batch, &packed), 0);
    nta_packed_clear(&packed);
    assert_int_equal(packed.bytes.len, 0);
    for (size_t i = 0; i < packed.bytes.size && i < 64; i++)
        assert_int_equal(packed.bytes.ptr[i], 0);
    assert_int_equal(seal(&kit, &packed, &sealed, &header), 0);
    assert_memory_not_equal(header.root, packed.root, sizeof(header.root));
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_packed_before_is_sealed_again_and_again),
        cmocka_unit_test(each_time_has_salts_of_its_own),
        cmocka_unit_test(what_is_empty_is_packed_when_it_is_sealed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
