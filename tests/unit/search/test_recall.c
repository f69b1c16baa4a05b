/* SPDX-License-Identifier: Apache-2.0 */
/* What this user's nta saw of a store before, and what that spares a search. */
#include "base/hex.h"
#include "shelf.h"

#include <inttypes.h>

enum
{
    UNSIGNED = 3 ///< Whose signature is none, and from which those behind it go on.
};

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    (void)found;
    (void)err;
    ++*(size_t *)owner;
    return 0;
}

/** Seal what is in the batch, sign it with nothing, and go on from that. */
static void commit_unsigned(struct shelf *shelf)
{
    const struct nta_seal_options options = {
        .class = NTA_CLASS_TRAFFIC, .wall_ns = shelf->batch.last_ns, .clock = 1};
    struct nta_sealer_at at = *nta_sealer_get_at(shelf->sealer);
    uint8_t signature[NTA_SIGNATURE_LEN] = {1};
    struct nta_stored stored = {.faults = 0};

    assert_int_equal(nta_sealer_seal(shelf->sealer, &shelf->batch, &options, &stored.sealed,
                                     &stored.header, &shelf->err),
                     0);
    assert_int_equal(stored.header.number, UNSIGNED);
    stored.sealed.signature = (struct nta_span){signature, sizeof(signature)};
    assert_int_equal(nta_store_put_batches(shelf->store, &stored, 1, &shelf->err), 0);
    nta_header_hash(&stored.sealed, at.previous);
    nta_log_add(&at.log, at.previous);
    at.number++;
    assert_int_equal(nta_sealer_commit(shelf->sealer, &shelf->err), 0);
    nta_sealer_continue(shelf->sealer, &at);
    nta_batch_clear(&shelf->batch);
}

/** The heads file of who saw it all, in a state folder that is the folder itself. */
static void put_heads(const struct shelf *shelf)
{
    const struct nta_sealer_at *at = nta_sealer_get_at(shelf->sealer);
    uint8_t root[NTA_HASH_LEN];
    char path[128], sensor[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)] = {0};
    char link[NTA_HEX_SIZE(NTA_HASH_LEN)] = {0}, tree[NTA_HEX_SIZE(NTA_HASH_LEN)] = {0};
    struct nta_trusted trusted = {.name = ""};
    struct nta_err err;

    nta_log_root(&at->log, root);
    assert_int_equal(nta_keys_sensor_public(shelf->keys, trusted.public_key, &err), 0);
    nta_sensor_id(trusted.public_key, trusted.sensor);
    (void)nta_hex_put(trusted.sensor, NTA_SENSOR_ID_LEN, sensor);
    (void)nta_hex_put(at->previous, NTA_HASH_LEN, link);
    (void)nta_hex_put(root, NTA_HASH_LEN, tree);
    (void)snprintf(path, sizeof(path), "%s/nta", shelf->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/nta/heads", shelf->dir);
    NTA_AUTO_FILE FILE *file = fopen(path, "we");

    assert_non_null(file);
    (void)fprintf(file, "chain head of sensor %s: batch %" PRIu64 ", %s, tree %s\n", sensor,
                  at->number, link, tree);
}

/** How many things do not hold; how many records were found. */
static uint64_t look(const struct shelf *shelf, const char *site, size_t *ret_n_found)
{
    const struct nta_stores_options options = {.dir = shelf->dir};
    const struct nta_search_options take = {.each = on_found, .owner = ret_n_found};
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    NTA_AUTO(nta_query_done) struct nta_query query = {.begun = false};
    struct nta_search_proof proof;
    struct nta_err err = {0};

    *ret_n_found = 0;
    assert_int_equal(setenv("XDG_STATE_HOME", shelf->dir, 1), 0);
    assert_int_equal(nta_query_site(&query, site, &err), 0);
    if (nta_search_open(&options, &search, &err) < 0 ||
        nta_search_each(search, &query, &take, NULL, &err) < 0)
        fail_msg("%s", err.text);
    nta_search_get_proof(search, &proof);
    assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
    return proof.n_wrong;
}

/** Batches 2 to 5, of which one is not signed. */
static struct shelf shelf_unsigned(void)
{
    struct shelf shelf = shelf_new();

    shelf_fill(&shelf, 0, 10, 10);
    for (unsigned i = 10; i < 20; i++)
        shelf_add(&shelf, i);
    commit_unsigned(&shelf);
    shelf_fill(&shelf, 20, 40, 10);
    return shelf;
}

static void a_search_looks_at_the_signatures_of_what_it_has_not_seen(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_unsigned();
    size_t n_found;

    (void)state;
    assert_int_equal(look(&shelf, "nowhere.example", &n_found), 1);
    assert_int_equal(look(&shelf, "host-1.example", &n_found), 1);
    assert_true(n_found > 0);
}

static void and_not_again_at_those_of_what_it_has_seen_and_passes_over(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_unsigned();
    size_t n_found;

    (void)state;
    put_heads(&shelf);
    assert_int_equal(look(&shelf, "nowhere.example", &n_found), 0);
    /* what it looks into is signed, or it is said, whatever that file says */
    assert_int_equal(look(&shelf, "host-1.example", &n_found), 1);
    assert_true(n_found > 0 && n_found < 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_looks_at_the_signatures_of_what_it_has_not_seen),
        cmocka_unit_test(and_not_again_at_those_of_what_it_has_seen_and_passes_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
