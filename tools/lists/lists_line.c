/* SPDX-License-Identifier: Apache-2.0 */
/* nta lists line: what a line of a list said when it was in force. */
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "blacklist/file/history.h"
#include "chain/proof.h"
#include "lists/subcommands.h"
#include "options/filters.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/term.h"
#include "search/when.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/** The list as the newest policy until then names it. */
struct wanted
{
    struct nta_span name;
    int64_t policy_ns; ///< 0: none named it.
    uint8_t sha256[32], tree[32];
    bool has_tree;
    bool is_later;    ///< No policy of that time is known; this is the first one.
    bool is_twice;    ///< Two lists of that policy have the name.
    int64_t until_ns; ///< Asked for; 0: the newest one.
};

/** Is it nearer to what was asked for than the one that is known? */
static bool is_better(const struct wanted *wanted, int64_t time_ns)
{
    const bool is_later = wanted->until_ns && time_ns >= wanted->until_ns;

    if (!wanted->policy_ns || is_later != wanted->is_later)
        return !wanted->policy_ns || !is_later;
    return is_later ? time_ns <= wanted->policy_ns : time_ns >= wanted->policy_ns;
}

static int on_policy(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct wanted *wanted = owner;
    const struct nta_record_log *log = found->record->log;
    bool has_one = false;

    (void)err;
    for (size_t i = 0; log && i < log->n_lists; i++) {
        const struct nta_log_list *list = &log->lists[i];

        if (list->sha256.len != 32 || !nta_span_equal(list->name, wanted->name) ||
            !is_better(wanted, found->record->time_ns))
            continue;
        wanted->is_twice = has_one && memcmp(wanted->sha256, list->sha256.ptr, 32) != 0;
        has_one = true;
        wanted->policy_ns = found->record->time_ns;
        wanted->is_later = wanted->until_ns && wanted->policy_ns >= wanted->until_ns;
        memcpy(wanted->sha256, list->sha256.ptr, sizeof(wanted->sha256));
        wanted->has_tree = list->tree.len == sizeof(wanted->tree);
        if (wanted->has_tree)
            memcpy(wanted->tree, list->tree.ptr, sizeof(wanted->tree));
    }
    return 0;
}

/** The folder beside the store. */
static int history_dir(const struct nta_lists *lists, char *dir, size_t size)
{
    struct nta_config *config = NULL;
    struct nta_err err;
    const char *store = lists->store;

    if (!store) {
        if (nta_config_load(lists->config_path ? lists->config_path : NTA_DEFAULT_CONFIG, &config,
                            &err) < 0)
            return nta_cmd_fail(NTA_EXIT_FAILURE, "%s; --store DIR names a store", err.text);
        store = config->store.dir;
    }
    int n = snprintf(dir, size, "%s/lists/history", store);

    nta_config_free(&config);
    return n > 0 && n < (int)size ? 0 : nta_cmd_fail(NTA_EXIT_FAILURE, "the store's path");
}

static int show_line(const struct nta_lists *lists, const struct wanted *wanted, uint64_t number)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0}, shown = {0};
    char dir[4096];
    struct nta_err err;
    int status = history_dir(lists, dir, sizeof(dir));

    if (status)
        return status;
    const struct nta_list_line_at at = {
        .sha256 = wanted->sha256, .tree = wanted->has_tree ? wanted->tree : NULL, .number = number};

    if (nta_list_history_line(dir, &at, &line, NULL, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_INPUT, "%s", err.text);
    nta_text_escape(&shown, nta_buf_span(&line));
    if (shown.failed)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    (void)printf("%.*s\n", (int)shown.len, shown.len ? (const char *)shown.ptr : "");
    return fflush(stdout) == 0 ? 0 : nta_cmd_fail(NTA_EXIT_FAILURE, "standard output");
}

/** Look through the policies.  An exit status. */
static int find_list(struct nta_filters *filters, struct wanted *wanted)
{
    struct nta_search *search = NULL;
    struct nta_search_state state;
    struct nta_err err = {0};
    const struct nta_search_options options = {
        .each = on_policy, .owner = wanted, .parts = NTA_PART_MORE, .stop = nta_catch_stop()};
    int r = nta_filters_open(filters, &search, &err);

    filters->query.events = 1U << NTA_RECORD_POLICY;
    if (r == 0)
        r = nta_search_each(search, &filters->query, &options, &state, &err);
    int status = r < 0 ? nta_cmd_fail(nta_proof_failed(r), "%s", err.text)
                       : nta_filters_conclude(filters, search, &state, false);

    nta_search_close(&search);
    return status;
}

/** Policies until then, with the one that came into force at that moment. */
static int set_time(const struct nta_lists *lists, struct wanted *wanted, struct nta_err *err)
{
    struct nta_moment moment = {.later_ns = 0};
    int r = nta_options_time("--at", lists->at, nta_clock_wall_ns(), &moment, err);

    if (r < 0)
        return r;
    wanted->until_ns = lists->at ? moment.later_ns + 1 : 0;
    return 0;
}

int nta_lists_line(const struct nta_lists *lists, const char *name, const char *number)
{
    struct nta_filters filters = {.dir = lists->store, .config = lists->config_path, .quiet = true};
    struct wanted wanted = {.name = nta_span_of(name)};
    char shown[128];
    struct nta_err err;
    uint64_t n;

    if (nta_options_number("NUMBER", number, 1, INT64_MAX, &n, &err) < 0 ||
        set_time(lists, &wanted, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text);
    if (lists->key)
        filters.keys[filters.n_keys++] = lists->key;
    int status = find_list(&filters, &wanted);

    nta_filters_done(&filters);
    if (status)
        return status;
    if (!wanted.policy_ns)
        return nta_cmd_fail(NTA_EXIT_INPUT, "no policy of that time names a list \"%s\"",
                            nta_text_escape_to(shown, sizeof(shown), wanted.name));
    if (wanted.is_twice)
        return nta_cmd_fail(
            NTA_EXIT_INPUT,
            "two lists of that policy are named \"%s\": give each a name of its own",
            nta_text_escape_to(shown, sizeof(shown), wanted.name));
    if (wanted.is_later)
        nta_prose_print(stderr,
                        "nta: no policy was recorded before that time (of files that are read "
                        "it is recorded at the reading): shown as of the first one\n");
    return show_line(lists, &wanted, n);
}
