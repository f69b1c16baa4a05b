/* SPDX-License-Identifier: Apache-2.0 */
/* Which key signs after a start, whatever of store and state file is there. */
#include "vault/vault_kit.h"

/** The store: what the sealer committed last. */
struct store
{
    struct kept head;
    struct nta_sealer_at at;
    uint8_t signing[NTA_KEY_LEN]; ///< As the state file has it.
};

static void store_done(struct store *store)
{
    kept_done(&store->head);
}

/** Seal, put into the store, and commit unless the process is killed before. */
static void put(struct vault_kit *kit, struct store *store, bool changes_key, bool is_killed)
{
    const struct nta_seal_options options = {
        .class = NTA_CLASS_TRAFFIC,
        .wall_ns = KIT_NS,
        .changes_key = changes_key,
    };
    struct nta_sealed sealed;
    struct nta_header header;

    kit_fill(kit, 1, 1);
    assert_int_equal(
        nta_sealer_seal(kit->sealer, &kit->batch, &options, &sealed, &header, &kit->err), 0);
    kept_done(&store->head);
    store->head = keep(&sealed);
    store->at = *nta_sealer_get_at(kit->sealer);
    store->at.number++;
    nta_header_hash(&sealed, store->at.previous);
    nta_log_add(&store->at.log, store->at.previous);
    if (is_killed)
        return;
    assert_int_equal(nta_sealer_commit(kit->sealer, &kit->err), 0);
    assert_memory_equal(nta_sealer_get_at(kit->sealer), &store->at, sizeof(store->at));
    nta_sealer_get_signing(kit->sealer, store->signing);
}

/** A new process with what is known; the key that signs then is in kit.signing. */
static enum nta_signing_state start(struct vault_kit *kit, const struct nta_sealed *head,
                                    const uint8_t *signing, const struct store *store)
{
    const struct nta_sealer_known known = {.head = head, .signing = signing};
    enum nta_signing_state state = NTA_SIGNING_LOST;

    nta_sealer_free(&kit->sealer);
    assert_int_equal(kit_sealer(kit, &kit->sealer), 0);
    assert_int_equal(nta_sealer_resume(kit->sealer, &known, &state, &kit->err), 0);
    nta_sealer_get_signing(kit->sealer, kit->signing);
    nta_sealer_continue(kit->sealer, &store->at);
    kit_key(kit, kit->sealer, NTA_CLASS_TRAFFIC, KIT_NS, NULL);
    return state;
}

/** The next header is signed by this key. */
static void assert_signs_as(struct vault_kit *kit, const uint8_t key[NTA_KEY_LEN])
{
    kit_fill(kit, 1, 1);
    struct nta_sealed sealed = kit_seal(kit, NULL);

    assert_int_equal(nta_sealed_check(&sealed, key, NULL), NTA_CHECK_OK);
}

static void the_heads_next_goes_on_wherever_the_change_was_cut_off(void **state)
{
    (void)state;
    for (int is_killed = 0; is_killed < 2; is_killed++) {
        NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
        NTA_AUTO(store_done) struct store store = {.at = {.number = 0}};
        struct nta_header header;

        put(&kit, &store, true, is_killed);
        struct nta_sealed head = kept_sealed(&store.head);

        assert_true(nta_header_decode(head.header, &header) && header.has_next);
        assert_int_equal(start(&kit, &head, NULL, &store),
                         is_killed ? NTA_SIGNING_FINISHED : NTA_SIGNING_SAME);
        assert_signs_as(&kit, header.next);
    }
}

static void without_a_next_the_key_that_signed_the_head_goes_on(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(store_done) struct store store = {.at = {.number = 0}};
    NTA_AUTO(store_done) struct store lost = {.at = {.number = 0}};
    uint8_t key[NTA_KEY_LEN];

    (void)state;
    put(&kit, &store, true, false);
    put(&kit, &store, false, false);
    memcpy(key, store.signing, sizeof(key));
    /* and one that changes the key, which the store never had */
    put(&kit, &lost, true, true);
    struct nta_sealed head = kept_sealed(&store.head);

    assert_int_equal(start(&kit, &head, NULL, &store), NTA_SIGNING_SAME);
    assert_memory_equal(kit.signing, key, sizeof(key));
    assert_signs_as(&kit, key);
}

static void without_a_head_the_state_file_says_it(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(store_done) struct store store = {.at = {.number = 0}};

    (void)state;
    put(&kit, &store, true, false);
    assert_int_equal(start(&kit, NULL, store.signing, &store), NTA_SIGNING_SAME);
    assert_signs_as(&kit, store.signing);
}

/** The store was put back, or has a head of anybody's making: what is known is not given up. */
static void a_head_of_other_keys_does_not_make_the_state_files_key_lost(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new(), other = kit_new();
    NTA_AUTO(store_done) struct store old = {.at = {.number = 0}};
    NTA_AUTO(store_done) struct store store = {.at = {.number = 0}};
    NTA_AUTO(store_done) struct store foreign = {.at = {.number = 0}};

    (void)state;
    put(&kit, &old, true, false);
    put(&kit, &store, true, false);
    put(&other, &foreign, true, false);
    struct nta_sealed heads[] = {kept_sealed(&old.head), kept_sealed(&foreign.head)};

    for (size_t i = 0; i < NTA_N_ELEMENTS(heads); i++) {
        assert_int_equal(start(&kit, &heads[i], store.signing, &store), NTA_SIGNING_SAME);
        assert_signs_as(&kit, store.signing);
    }
}

static void a_key_that_is_nowhere_is_lost_and_one_made_now_signs(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(store_done) struct store store = {.at = {.number = 0}};
    char backup[256];

    (void)state;
    kit_read(&kit, "state/signing.key", backup, sizeof(backup));
    put(&kit, &store, true, false);
    put(&kit, &store, false, false);
    struct nta_sealed head = kept_sealed(&store.head);

    nta_sealer_free(&kit.sealer);
    kit_write(&kit, "state/signing.key", backup, 0600);
    assert_int_equal(start(&kit, &head, store.signing, &store), NTA_SIGNING_LOST);
    assert_memory_not_equal(kit.signing, store.signing, sizeof(kit.signing));
    assert_signs_as(&kit, kit.signing);
    /* at the next start the key made now is found: by the head that it signed */
    put(&kit, &store, false, false);
    head = kept_sealed(&store.head);
    assert_int_equal(start(&kit, &head, NULL, &store), NTA_SIGNING_SAME);
    assert_memory_equal(kit.signing, store.signing, sizeof(kit.signing));
}

static void a_head_that_is_no_header_makes_nothing_lost(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    const struct nta_sealed head = {.header = nta_span_of("nonsense")};
    const struct nta_sealer_known known = {.head = &head};
    enum nta_signing_state found;
    uint8_t now[NTA_KEY_LEN];

    (void)state;
    assert_int_equal(nta_sealer_resume(kit.sealer, &known, &found, &kit.err), -EBADMSG);
    kit_go_on(&kit, kit.sealer);
    nta_sealer_get_signing(kit.sealer, now);
    assert_memory_equal(now, kit.signing, sizeof(now));
}

static void one_that_cannot_be_read_is_not_lost(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(store_done) struct store store = {.at = {.number = 0}};
    enum nta_signing_state found;
    char path[128];

    (void)state;
    put(&kit, &store, true, false);
    put(&kit, &store, false, false);
    struct nta_sealed head = kept_sealed(&store.head);
    const struct nta_sealer_known known = {.head = &head, .signing = store.signing};

    (void)snprintf(path, sizeof(path), "%s/signing.key", kit.state_dir);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(nta_sealer_resume(kit.sealer, &known, &found, &kit.err), -EPERM);
    assert_non_null(strstr(kit.err.text, "signing.key"));
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(nta_sealer_resume(kit.sealer, &known, &found, &kit.err), 0);
    assert_int_equal(found, NTA_SIGNING_SAME);
}

static void with_nothing_known_the_first_batch_says_it(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    const struct nta_sealer_known known = {.head = NULL};
    enum nta_signing_state found = NTA_SIGNING_LOST;

    (void)state;
    assert_int_equal(nta_sealer_resume(kit.sealer, &known, &found, &kit.err), 0);
    assert_int_equal(found, NTA_SIGNING_SAME);
    assert_signs_as(&kit, kit.signing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_heads_next_goes_on_wherever_the_change_was_cut_off),
        cmocka_unit_test(without_a_next_the_key_that_signed_the_head_goes_on),
        cmocka_unit_test(without_a_head_the_state_file_says_it),
        cmocka_unit_test(a_head_of_other_keys_does_not_make_the_state_files_key_lost),
        cmocka_unit_test(a_key_that_is_nowhere_is_lost_and_one_made_now_signs),
        cmocka_unit_test(a_head_that_is_no_header_makes_nothing_lost),
        cmocka_unit_test(one_that_cannot_be_read_is_not_lost),
        cmocka_unit_test(with_nothing_known_the_first_batch_says_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
