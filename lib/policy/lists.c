/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/lists.h"

#include "base/file/path.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "blacklist/file/keep.h"
#include "blacklist/marks.h"
#include "policy/builtin.h"
#include "policy/scope.h"
#include "record/names.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

enum
{
    SHRINK_LEAST = 100, ///< Lists shorter than this may shrink as they like.
    SHARED_FILES = 256, ///< In one folder, at most.
    SHOWN_SIZE = 256,
};

/** One try to load the lists. */
struct attempt
{
    const struct nta_policy_inputs *inputs;
    struct nta_blacklist_builder *builder;
    struct nta_buf *complaints;
    struct nta_list_kept *kept;    ///< Of each file; `copy` empty: nothing is kept.
    bool replaced[NTA_CONFIG_MAX]; ///< The kept copy is read in its place.
    struct nta_err *err;
};

static const char *shown_path(const char *path, char buf[SHOWN_SIZE])
{
    return nta_text_escape_to(buf, SHOWN_SIZE, nta_span_of(path));
}

static const struct nta_list_report *find_list(const struct nta_blacklist *set, const char *path)
{
    for (size_t i = 0; i < nta_blacklist_n_lists(set); i++) {
        const struct nta_list_report *list = nta_blacklist_get_list(set, i);

        if (strcmp(list->path, path) == 0)
            return list;
    }
    return NULL;
}

/**
 * What the list was before: in the policy that is in force, else as it was kept.  0 entries:
 * nothing is known.
 */
static uint64_t entries_before(const struct attempt *attempt, size_t i, uint8_t sha256[32])
{
    const struct nta_policy *old = attempt->inputs->old;
    const char *path = attempt->inputs->config->blacklist.files[i].path;
    const struct nta_list_report *then = old ? find_list(old->lists, path) : NULL;

    memcpy(sha256, then ? then->sha256 : attempt->kept[i].sha256, 32);
    return then ? nta_list_report_entries(then) : attempt->kept[i].n_entries;
}

int nta_policy_check_shrinking(const struct nta_list_report *now, uint64_t n_then,
                               const uint8_t sha256_then[32], double limit, struct nta_err *err)
{
    char shown[SHOWN_SIZE], hash_then[NTA_HEX_SIZE(32)], hash_now[NTA_HEX_SIZE(32)];
    uint64_t n_now = nta_list_report_entries(now);

    if (n_then < SHRINK_LEAST || (double)n_now >= (double)n_then * (1.0 - limit))
        return 0;
    (void)nta_hex_text(sha256_then, 32, hash_then);
    (void)nta_hex_text(now->sha256, 32, hash_now);
    return nta_err_set(err, -EINVAL,
                       "%s: shrank from %llu to %llu entries (blacklist.shrink_limit is %g), "
                       "sha256 before %s, now %s",
                       shown_path(now->path, shown), (unsigned long long)n_then,
                       (unsigned long long)n_now, limit, hash_then, hash_now);
}

/**
 * A list that lost more than the configured share of its entries is a broken download, not an
 * update.
 */
static int check_shrinking(const struct attempt *attempt, size_t i)
{
    uint8_t sha256[32];
    uint64_t n_then = entries_before(attempt, i, sha256);

    return nta_policy_check_shrinking(nta_blacklist_builder_last(attempt->builder), n_then, sha256,
                                      attempt->inputs->config->blacklist.shrink_limit,
                                      attempt->err);
}

static enum nta_severity severity_of(const char *word)
{
    for (uint8_t i = NTA_SEVERITY_LOW; word && i <= NTA_SEVERITY_CRITICAL; i++) {
        if (strcmp(word, nta_record_severity(i)) == 0)
            return (enum nta_severity)i;
    }
    return NTA_SEVERITY_NONE;
}

/** The user whose files are trusted where a list is fetched; 0: there is none. */
static uint32_t fetcher_uid(void)
{
    struct passwd user, *found = NULL;
    char buf[4096];

    return getpwnam_r(NTA_FETCH_USER, &user, buf, sizeof(buf), &found) == 0 && found
               ? (uint32_t)found->pw_uid
               : 0;
}

struct nta_list_source nta_policy_list_source(const struct nta_config *config, size_t i)
{
    const struct nta_config_list *file = &config->blacklist.files[i];

    return (struct nta_list_source){
        .path = file->path,
        .name = file->name,
        .category = file->category,
        .column = file->column && file->column[0] ? file->column : NULL,
        .severity = severity_of(file->severity),
        .unpack_limit = config->blacklist.unpack_limit,
        .allow = file->allow,
        .force = file->force,
        .any_owner = file->any_owner,
        .owner_uid = file->url ? fetcher_uid() : 0,
        .narrowed = nta_scope_is_narrow(file),
    };
}

size_t nta_policy_first_of_file(const struct nta_config *config, size_t i)
{
    size_t first = 0;

    while (strcmp(config->blacklist.files[first].path, config->blacklist.files[i].path) != 0)
        first++;
    return first;
}

static int add_file(const struct attempt *attempt, size_t i)
{
    struct nta_list_source source = nta_policy_list_source(attempt->inputs->config, i);
    char name[SHOWN_SIZE];

    if (attempt->replaced[i]) {
        if (!source.name)
            source.name = nta_blacklist_list_name(source.path, name, sizeof(name));
        source.path = attempt->kept[i].copy;
    }
    int r = nta_blacklist_builder_add(attempt->builder, &source, attempt->complaints, attempt->err);

    if (r < 0 || attempt->replaced[i] || nta_policy_first_of_file(attempt->inputs->config, i) != i)
        return r;
    return check_shrinking(attempt, i);
}

/**
 * A refused list at a start: its kept copy takes its place, in each list that is read from the
 * file, and that is said.
 */
static bool replace(struct attempt *attempt, size_t i, struct nta_policy *policy)
{
    const struct nta_config *config = attempt->inputs->config;
    const char *path = config->blacklist.files[i].path;
    char when[NTA_TIME_TEXT_SIZE];

    if (attempt->inputs->old || attempt->replaced[i] || !attempt->kept[i].copy[0])
        return false;
    for (size_t k = 0; k < config->blacklist.n_files; k++)
        attempt->replaced[k] |= strcmp(config->blacklist.files[k].path, path) == 0;
    (void)nta_err_set(&policy->trouble, 0,
                      "refused: %.300s; its copy of %.19s (%llu entries) is in force",
                      attempt->err->text, nta_clock_text(attempt->kept[i].wall_ns, when),
                      (unsigned long long)attempt->kept[i].n_entries);
    nta_buf_printf(attempt->complaints, "%s\n", policy->trouble.text);
    return true;
}

/** Read all files into a fresh builder.  1: one was replaced, all must be read again. */
static int try_files(struct attempt *attempt, struct nta_policy *policy)
{
    nta_blacklist_builder_free(&attempt->builder);
    int r = nta_blacklist_builder_new(&attempt->builder, attempt->err);

    for (size_t i = 0; r == 0 && i < attempt->inputs->config->blacklist.n_files; i++) {
        r = add_file(attempt, i);
        if (r < 0 && replace(attempt, i, policy))
            return 1;
    }
    return r;
}

bool nta_policy_compiled_path(const struct nta_config *config, const char *keep_dir,
                              char buf[NTA_KEPT_PATH_SIZE])
{
    int n = keep_dir && config->blacklist.compiled
                ? snprintf(buf, NTA_KEPT_PATH_SIZE, "%s/compiled.ntaset", keep_dir)
                : 0;

    return n > 0 && n < NTA_KEPT_PATH_SIZE;
}

/**
 * Take the compiled lists, if they are what reading would give.  Silent where they are only old.
 */
static int take_compiled(const struct attempt *wanted, struct nta_policy *policy)
{
    const struct nta_policy_inputs *inputs = wanted->inputs;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct attempt attempt = *wanted;
    char path[NTA_KEPT_PATH_SIZE];
    struct nta_err err = {0};

    if (!nta_policy_compiled_path(inputs->config, inputs->keep_dir, path))
        return -ENOENT;
    attempt.builder = NULL;
    attempt.complaints = &complaints;
    attempt.err = &err;
    int r = nta_blacklist_builder_open(path, &attempt.builder, &err);

    if (r < 0 && r != -ENOENT && r != -ESTALE)
        nta_buf_printf(wanted->complaints, "%s; the lists are read instead\n", err.text);
    for (size_t i = 0; r == 0 && i < inputs->config->blacklist.n_files; i++)
        r = add_file(&attempt, i);
    if (r == 0)
        r = nta_builtin_add(attempt.builder, inputs, &err);
    if (r == 0)
        r = nta_blacklist_builder_build(attempt.builder, &policy->lists, &err);
    nta_blacklist_builder_free(&attempt.builder);
    if (r == 0)
        nta_buf_put(wanted->complaints, complaints.ptr, complaints.len);
    policy->compiled = r == 0;
    return r;
}

static int read_lists(struct attempt *attempt, struct nta_policy *policy)
{
    int r;

    do
        r = try_files(attempt, policy);
    while (r == 1);
    if (r == 0)
        r = nta_builtin_add(attempt->builder, attempt->inputs, attempt->err);
    if (r == 0)
        r = nta_blacklist_builder_build(attempt->builder, &policy->lists, attempt->err);
    return r;
}

/** A copy that may not be read is not taken for none: then nothing says how much a list shrank. */
static void find_kept(struct attempt *attempt, size_t i)
{
    const struct nta_policy_inputs *inputs = attempt->inputs;
    const char *path = inputs->config->blacklist.files[i].path;
    int r = nta_list_find_kept(inputs->keep_dir, path, &attempt->kept[i]);
    char list[SHOWN_SIZE], dir[SHOWN_SIZE];

    if (r == -EACCES)
        nta_buf_printf(attempt->complaints,
                       "%s: its copy in %s may not be read: whether it shrank cannot be told\n",
                       shown_path(path, list), shown_path(inputs->keep_dir, dir));
}

/** What records call a list, which has so much room there. */
static const char *recorded_name(const struct nta_config_list *file, char buf[NTA_LIST_NAME_SIZE])
{
    char name[SHOWN_SIZE];

    nta_text_copy(buf, NTA_LIST_NAME_SIZE,
                  nta_span_of(file->name
                                  ? file->name
                                  : nta_blacklist_list_name(file->path, name, sizeof(name))));
    return buf;
}

/** Who reads an alert knows of two lists of one name only by its hash which of them it was. */
static void note_same_names(const struct attempt *attempt)
{
    const struct nta_config *config = attempt->inputs->config;
    const struct nta_config_list *files = config->blacklist.files;
    char one[NTA_LIST_NAME_SIZE], other[NTA_LIST_NAME_SIZE];
    char path[SHOWN_SIZE], other_path[SHOWN_SIZE], name[SHOWN_SIZE];

    for (size_t i = 1; i < config->blacklist.n_files; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(files[i].path, files[k].path) == 0 ||
                strcmp(recorded_name(&files[i], one), recorded_name(&files[k], other)) != 0)
                continue;
            nta_buf_printf(attempt->complaints,
                           "%s: records call it \"%s\", as they call %s: name one of them "
                           "otherwise\n",
                           shown_path(files[i].path, path),
                           nta_text_escape_to(name, sizeof(name), nta_span_of(one)),
                           shown_path(files[k].path, other_path));
            break;
        }
    }
}

static int load_files(struct attempt *attempt, struct nta_policy *policy)
{
    const struct nta_policy_inputs *inputs = attempt->inputs;

    for (size_t i = 0; inputs->keep_dir && i < inputs->config->blacklist.n_files; i++)
        find_kept(attempt, i);
    int r = take_compiled(attempt, policy) == 0 ? 0 : read_lists(attempt, policy);

    if (r < 0)
        return r;
    note_same_names(attempt);
    policy->hashes = nta_blacklist_has(policy->lists, NTA_HIT_HASH);
    nta_builtin_get_canary(policy->lists, policy->canary);
    if (inputs->config->blacklist.allow_resolvers)
        nta_builtin_note_resolvers(policy->lists, attempt->complaints);
    return 0;
}

static int is_list(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return entry->d_name[0] != '.' && dot && strcmp(dot, ".txt") == 0;
}

static void free_entries(struct dirent **entries, int n)
{
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free((void *)entries);
}

static int add_shared(struct nta_blacklist_builder *builder, const char *dir, const char *name,
                      struct nta_buf *complaints, struct nta_err *err)
{
    char path[NTA_KEPT_PATH_SIZE];
    const struct nta_list_source source = {.path = path, .force = true};

    if (!nta_path_join(dir, name, path, sizeof(path)))
        return nta_err_set(err, -ENAMETOOLONG, "blacklist.shared: too long a name");
    return nta_blacklist_builder_add(builder, &source, complaints, err);
}

/** All *.txt of the folder, in the order of their names.  No folder: no ranges. */
static int load_shared(const char *dir, struct nta_policy *policy, struct nta_buf *complaints,
                       struct nta_err *err)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct dirent **entries = NULL;
    char shown[SHOWN_SIZE];
    int n = dir && dir[0] ? scandir(dir, &entries, is_list, alphasort) : 0, r = 0;

    if (n < 0 && errno != ENOENT)
        return nta_err_sys(err, -errno, "blacklist.shared: %s", shown_path(dir, shown));
    if (n <= 0) {
        free((void *)entries);
        return 0;
    }
    r = n > SHARED_FILES
            ? nta_err_set(err, -E2BIG, "blacklist.shared: more than %d files", (int)SHARED_FILES)
            : nta_blacklist_builder_new(&builder, err);
    for (int i = 0; r == 0 && i < n; i++)
        r = add_shared(builder, dir, entries[i]->d_name, complaints, err);
    free_entries(entries, n);
    return r < 0 ? r : nta_blacklist_builder_build(builder, &policy->shared, err);
}

int nta_policy_load_lists(const struct nta_policy_inputs *inputs, struct nta_policy *policy,
                          struct nta_buf *complaints, struct nta_err *err)
{
    NTA_AUTO_FREE struct nta_list_kept *kept = calloc(NTA_CONFIG_MAX, sizeof(*kept));
    struct attempt attempt = {.inputs = inputs, .complaints = complaints, .kept = kept, .err = err};

    if (!kept)
        return nta_err_sys(err, -ENOMEM, "lists");
    if (nta_scopes_make(inputs->config, policy) < 0)
        return nta_err_sys(err, -ENOMEM, "lists");
    int r = load_files(&attempt, policy);

    nta_blacklist_builder_free(&attempt.builder);
    return r < 0 ? r : load_shared(inputs->config->blacklist.shared, policy, complaints, err);
}

static bool has_files(const struct nta_blacklist *set)
{
    for (size_t i = 0; i < nta_blacklist_n_lists(set); i++) {
        if (!nta_blacklist_get_list(set, i)->internal)
            return true;
    }
    return false;
}

int nta_policy_compile_lists(const struct nta_policy *policy, const struct nta_config *config,
                             const char *keep_dir, struct nta_buf *complaints)
{
    char path[NTA_KEPT_PATH_SIZE];
    struct nta_err err = {0};

    if (policy->compiled || policy->trouble.text[0] || !has_files(policy->lists) ||
        !nta_policy_compiled_path(config, keep_dir, path))
        return 0;
    int r = nta_blacklist_save(policy->lists, path, &err);

    if (r < 0 && r != -EAGAIN)
        nta_buf_printf(complaints, "%s\n", err.text);
    return r;
}

void nta_policy_keep_lists(const struct nta_policy *policy, const char *keep_dir,
                           struct nta_buf *complaints)
{
    const size_t len = strlen(keep_dir), n_lists = nta_blacklist_n_lists(policy->lists);
    const size_t each = sizeof(struct nta_list_report *); // NOLINT(bugprone-sizeof-expression)
    NTA_AUTO_FREE const struct nta_list_report **kept = calloc(n_lists + 1, each);
    size_t n = 0;

    if (!kept) {
        nta_buf_puts(complaints, "no memory to keep copies of lists\n");
        return;
    }
    for (size_t i = 0; i < n_lists; i++) {
        const struct nta_list_report *list = nta_blacklist_get_list(policy->lists, i);

        /* but for those of our own making, and such copies themselves */
        if (!list->internal && strncmp(list->path, keep_dir, len) != 0)
            kept[n++] = list;
    }
    nta_list_keep_all(keep_dir, kept, n, nta_clock_wall_ns(), complaints);
}
