/* SPDX-License-Identifier: Apache-2.0 */
/* No memory, at each place where the judge wants some: it fails, or says what it says with it. */
#include "scene.h"

#include <errno.h>

static size_t n_allocated, fails_at; ///< 0: none fails.

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_reallocarray(void *old, size_t n, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
    return fails_at && ++n_allocated == fails_at ? NULL : __real_calloc(n, size);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
    return fails_at && ++n_allocated == fails_at ? NULL : __real_reallocarray(old, n, size);
}

// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

enum
{
    BATCHES = 30,
    ABSENT = 5,   ///< Contents that no note names.
    UNSIGNED = 7, ///< Somebody changed it.
    DELETED = 9,  ///< A class and day of their own, as a note says.
    LOST = 12     ///< Up to here.
};

/** All that a judge keeps anything of. */
static struct scene *make_scene(void)
{
    struct scene *scene = scene_new(8);
    const struct nta_note deleted = {.kind = NTA_HEADER_NOTE_DELETED,
                                     .class = NTA_CLASS_WHO,
                                     .day = 0,
                                     .n_batches = 1,
                                     .reason = NTA_DELETE_COMMAND};
    const struct nta_note lost = {
        .kind = NTA_HEADER_NOTE_LOST, .from = LOST, .to = LOST, .reason = NTA_LOST_FILE_REMOVED};

    (void)scene_seal(scene, &(struct sealing){.second = 90, .class = NTA_CLASS_WHO}); /* 9 */
    (void)scene_note(scene, &deleted);
    scene_seal_many(scene, 1);
    scene->number++; /* 12 is lost */
    assert_true(nta_log_add_lost(&scene->log, 1));
    (void)scene_note(scene, &lost);
    for (size_t i = 0; i < 8; i++)
        (void)scene_change_key(scene);
    scene_seal_many(scene, BATCHES + 1 - scene->number);
    scene->pieces[UNSIGNED].signature.ptr[3] ^= 1;
    return scene;
}

static struct nta_stored row_with_faults(const struct scene *scene, size_t number)
{
    struct nta_stored row = row_at(scene, number);

    if (number == ABSENT || number == DELETED) {
        row.faults |= NTA_ROW_ABSENT;
        row.sealed.tokens = row.sealed.body = (struct nta_span){0};
        row.is_whole = false;
    }
    return row;
}

static int learn_all(const struct scene *scene, struct nta_chain *chain)
{
    int r = 0;

    for (size_t i = 0; i < scene->n_keys; i++)
        (void)nta_chain_key(chain, &scene->keys[i].key);
    for (size_t i = 1; i <= BATCHES && r == 0; i++) {
        const struct nta_stored row = row_at(scene, i);

        r = i == LOST ? 0 : nta_chain_learn(chain, &row);
    }
    return r;
}

/** The first time what is behind comes before, so that one stretch is put in front of another. */
static int bring_rows(const struct scene *scene, struct nta_chain *chain, bool is_turned)
{
    struct nta_verdict verdict;
    int r = 0;

    for (size_t i = 1; i <= BATCHES && r == 0; i++) {
        const size_t number = is_turned && i <= BATCHES / 2 ? i + BATCHES / 2 : i;
        const struct nta_stored row = row_with_faults(scene, number);

        if (number == LOST)
            continue;
        nta_chain_look(chain, &row, false, &verdict);
        r = nta_chain_prove(chain, &row, NTA_CHAIN_NOW, &verdict);
        if (r == 0)
            nta_chain_complete(chain, &row, &verdict);
    }
    nta_chain_turn(chain);
    return r;
}

static int judge_rows(struct scene *scene, struct nta_chain *chain)
{
    const struct nta_chain_end all = {.wants_given = true};
    const uint8_t link[NTA_HASH_LEN] = {7};
    int r = nta_chain_expect(chain, NTA_FINDING_NOTED, scene->sensor,
                             &(struct nta_expected){.number = 20, .link = link});

    if (r == 0)
        r = learn_all(scene, chain);
    if (r == 0)
        r = bring_rows(scene, chain, true);
    if (r == 0)
        r = bring_rows(scene, chain, false);
    return r == 0 ? nta_chain_end(chain, &all) : r;
}

/** What it found, as a text; NULL: it failed. */
static struct nta_buf judge(struct scene *scene, bool *ret_failed)
{
    NTA_AUTO(nta_findings_free) struct nta_findings *findings = nta_findings_new();
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;
    struct nta_chain_sensor sensor;
    struct nta_buf text = {0};

    if (findings)
        chain = nta_chain_new(&scene->trust, findings);
    *ret_failed = !chain || judge_rows(scene, chain) == -ENOMEM;
    n_allocated = n_allocated < fails_at ? 0 : n_allocated; /* 0: all of them were given */
    fails_at = 0;
    if (*ret_failed)
        return text;
    for (unsigned kind = 0; kind < NTA_FINDING_N_KINDS; kind++)
        nta_buf_printf(&text, "%u ", (unsigned)nta_findings_of_kind(findings, kind));
    assert_true(nta_chain_get(chain, 0, &sensor));
    nta_buf_printf(&text, "%u %u %u %u %u", (unsigned)sensor.n_batches, (unsigned)sensor.n_deleted,
                   (unsigned)sensor.n_lost, (unsigned)sensor.whole_to, (unsigned)sensor.n_noted);
    return text;
}

static void without_memory_it_never_says_less(void **state)
{
    NTA_AUTO(scene_done) struct scene *scene = make_scene();
    bool failed;
    NTA_AUTO(nta_buf_done) struct nta_buf whole = judge(scene, &failed);
    size_t n_failed = 0, at = 0;

    (void)state;
    assert_false(failed);
    do {
        fails_at = ++at;
        n_allocated = 0;
        NTA_AUTO(nta_buf_done) struct nta_buf text = judge(scene, &failed);

        n_failed += failed;
        if (!failed && !nta_span_equal(nta_buf_span(&text), nta_buf_span(&whole)))
            fail_msg("allocation %zu: %.*s, not %.*s", at, (int)text.len, (const char *)text.ptr,
                     (int)whole.len, (const char *)whole.ptr);
    } while (n_allocated);
    assert_true(n_failed > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(without_memory_it_never_says_less)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
