/* SPDX-License-Identifier: Apache-2.0 */
/* Two who verify a store at the same time. */
#include "search/resume.h"
#include "shelf.h"

struct verifying
{
    struct nta_stores stores;
    struct nta_chain *chain;
    struct nta_made made;
    struct nta_resume *resume;
};

static void verifying_done(struct verifying *verifying)
{
    nta_resume_free(&verifying->resume);
    nta_made_done(&verifying->made);
    nta_chain_free(&verifying->chain); /* it borrows of the stores */
    nta_stores_close(&verifying->stores);
}

static bool narrows(void *owner, const struct nta_header *header)
{
    return !nta_resume_passes(owner, header);
}

/** All of it is read into what is empty, and stays there; but nothing is remembered yet. */
static void verify_from(struct shelf *shelf, bool resumes, struct verifying *verifying)
{
    const struct nta_stores_options options = {.dir = shelf->dir};

    if (nta_stores_open(&options, &verifying->stores, &shelf->err) < 0 ||
        nta_stores_judge(&verifying->stores, false, &verifying->chain, &shelf->err) < 0 ||
        nta_made_init(&verifying->made, &verifying->stores.trust) < 0)
        fail_msg("%s", shelf->err.text);
    verifying->resume = nta_resume_new();
    assert_non_null(verifying->resume);
    if (resumes && nta_resume_begin(&verifying->stores, verifying->chain, NTA_RESUME_CLOSED,
                                    &verifying->made, verifying->resume, &shelf->err) < 0)
        fail_msg("%s", shelf->err.text);
    const struct nta_stores_walk walk = {.chain = verifying->chain,
                                         .made = &verifying->made,
                                         .narrows = narrows,
                                         .wants_owner = verifying->chain};

    if (nta_stores_each(&verifying->stores, &walk, &shelf->err) < 0 ||
        nta_stores_end(&verifying->stores, verifying->chain, false, &shelf->err) < 0)
        fail_msg("%s", shelf->err.text);
}

static void verify(struct shelf *shelf, struct verifying *verifying)
{
    verify_from(shelf, true, verifying);
}

static void keep(const struct verifying *verifying)
{
    nta_resume_keep(&verifying->stores, verifying->chain, verifying->resume, NTA_RESUME_CLOSED,
                    &verifying->made, SHELF_START_NS);
}

static bool is_resumed(const struct verifying *verifying)
{
    struct nta_resumed resumed;

    return nta_resume_get(verifying->resume, verifying->chain,
                          verifying->stores.trust.all[0].sensor, &resumed);
}

static struct shelf shelf_remembered(void)
{
    struct shelf shelf = shelf_new();

    assert_int_equal(setenv("XDG_STATE_HOME", shelf.dir, 1), 0);
    shelf_fill(&shelf, 0, 10, 5);
    NTA_AUTO(verifying_done) struct verifying first = {.resume = NULL};

    verify(&shelf, &first);
    assert_false(is_resumed(&first));
    keep(&first);
    return shelf;
}

static void who_comes_later_begins_behind_both(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_remembered();
    NTA_AUTO(verifying_done) struct verifying one = {.resume = NULL}, other = one, later = one;

    (void)state;
    verify(&shelf, &one);
    verify(&shelf, &other);
    assert_true(is_resumed(&one) && is_resumed(&other));
    keep(&one);
    keep(&other);
    verify(&shelf, &later);
    assert_true(is_resumed(&later));
}

static void what_one_forgets_is_not_remembered_by_another_who_passed_over_it(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_remembered();
    NTA_AUTO(verifying_done) struct verifying passing = {.resume = NULL};
    NTA_AUTO(verifying_done) struct verifying later = passing;
    NTA_AUTO(verifying_done) struct verifying last = passing;

    (void)state;
    verify(&shelf, &passing);
    assert_true(is_resumed(&passing));
    nta_resume_forget(&passing.stores);
    keep(&passing);
    verify(&shelf, &later);
    assert_false(is_resumed(&later));
    keep(&later); /* who read it all */
    verify(&shelf, &last);
    assert_true(is_resumed(&last));
}

/** One reads all of it, and remembers that after another one has forgotten it. */
static void forget_under_way(struct shelf *shelf, bool resumes)
{
    NTA_AUTO(verifying_done) struct verifying reading = {.resume = NULL};
    NTA_AUTO(verifying_done) struct verifying later = reading;

    verify_from(shelf, resumes, &reading);
    assert_false(is_resumed(&reading));
    nta_resume_forget(&reading.stores);
    keep(&reading);
    verify(shelf, &later);
    assert_false(is_resumed(&later));
}

static void what_one_forgets_is_not_remembered_by_another_who_read_it_before(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_remembered();

    (void)state;
    forget_under_way(&shelf, false); /* it was remembered */
    forget_under_way(&shelf, false); /* it was not */
    forget_under_way(&shelf, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_later_begins_behind_both),
        cmocka_unit_test(what_one_forgets_is_not_remembered_by_another_who_passed_over_it),
        cmocka_unit_test(what_one_forgets_is_not_remembered_by_another_who_read_it_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
