/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta lists compile: the lists of the configuration as tables, ready for the daemon's next start or
 * reload.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "blacklist/file/keep.h"
#include "lists/subcommands.h"
#include "output/fail.h"
#include "policy/lists.h"
#include "policy/policy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
    SHOWN_SIZE = 256,
    CANARY_SIZE = 64,
    N_TURNS = 12, ///< A file is young for two seconds at most.
    WAIT_US = 200000,
};

/** A name as the daemon makes up for its canary; it takes the one that compiled lists bring. */
static const char *make_canary(const struct nta_config *config, char buf[CANARY_SIZE])
{
    uint64_t random[2];

    if (config->blacklist.canary_ns == 0 ||
        getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return NULL;
    (void)snprintf(buf, CANARY_SIZE, "%016" PRIx64 "%016" PRIx64 ".canary.nta.invalid", random[0],
                   random[1]);
    return buf;
}

static void report(const struct nta_policy *policy, const char *path, int64_t took_ns)
{
    char shown[SHOWN_SIZE];
    uint64_t n_entries = 0;

    for (size_t i = 0; i < nta_blacklist_n_lists(policy->lists); i++)
        n_entries += nta_list_report_entries(nta_blacklist_get_list(policy->lists, i));
    printf("%s: %zu lists, %" PRIu64 " entries, %.1f MiB, %s in %.2f s\n",
           nta_text_escape_to(shown, sizeof(shown), nta_span_of(path)),
           nta_blacklist_n_lists(policy->lists), n_entries,
           (double)nta_blacklist_memory(policy->lists) / (1 << 20),
           policy->compiled ? "unchanged, taken" : "read and compiled",
           (double)took_ns / (double)NTA_NS_PER_S);
}

/** The folder, should ntad never have run: root makes it for whoever owns the one it is in. */
static void make_folder(const char *above, const char *dir)
{
    struct stat stat;

    if (mkdir(dir, 0700) == 0 && geteuid() == 0 && lstat(above, &stat) == 0)
        (void)!lchown(dir, stat.st_uid, stat.st_gid); /* if not, writing into it says so */
}

/**
 * Make what a start of the daemon would make, and compile it.  -EAGAIN: a list was changed a moment
 * ago.
 */
static int compile(const struct nta_config *config, const char *dir, struct nta_policy *policy,
                   struct nta_buf *complaints, struct nta_err *err)
{
    char canary[CANARY_SIZE];
    const struct nta_policy_inputs inputs = {
        .config = config, .keep_dir = dir, .canary = make_canary(config, canary), .adopts = true};
    int r = nta_policy_load_lists(&inputs, policy, complaints, err);

    if (r < 0)
        return r;
    if (policy->trouble.text[0])
        return nta_err_set(err, -EINVAL, "%s", policy->trouble.text);
    make_folder(config->store.dir, dir);
    r = nta_policy_compile_lists(policy, config, dir, complaints);
    return r < 0 ? nta_err_set(err, r, "the lists cannot be compiled") : 0;
}

/** Until no list is younger than the clock of its file system can tell. */
static int compile_patiently(const struct nta_config *config, const char *dir,
                             struct nta_policy **ret_policy, struct nta_buf *complaints,
                             struct nta_err *err)
{
    for (int turn = 1;; turn++) {
        NTA_AUTO(nta_policy_free) struct nta_policy *policy = calloc(1, sizeof(*policy));

        if (!policy)
            return nta_err_set(err, -ENOMEM, "out of memory");
        nta_buf_clear(complaints);
        int r = compile(config, dir, policy, complaints, err);

        if (r == 0)
            *ret_policy = NTA_TAKE(policy);
        if (r != -EAGAIN || turn == N_TURNS)
            return r;
        (void)usleep(WAIT_US);
    }
}

int nta_lists_compile(const struct nta_lists *lists)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *policy = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    char dir[NTA_KEPT_PATH_SIZE], path[NTA_KEPT_PATH_SIZE];
    int64_t start_ns = nta_clock_mono_ns(), took_ns;
    struct nta_err err = {0};
    size_t n_lists;
    int n = snprintf(dir, sizeof(dir), "%s/lists", lists->config->store.dir);

    if (n < 0 || (size_t)n >= sizeof(dir))
        return nta_cmd_fail(NTA_EXIT_FAILURE, "store.directory is too long");
    if (!nta_policy_compiled_path(lists->config, dir, path))
        return nta_cmd_fail(NTA_EXIT_FAILURE, "the configuration says blacklist.compiled = false");
    int r = compile_patiently(lists->config, dir, &policy, &complaints, &err);

    took_ns = nta_clock_mono_ns() - start_ns;
    if (complaints.len)
        (void)fwrite(complaints.ptr, 1, complaints.len, stderr);
    if (r == 0)
        r = nta_blacklist_check_saved(path, &n_lists, &err);
    if (r < 0 || !policy)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    report(policy, path, took_ns);
    return complaints.len ? NTA_EXIT_INPUT : NTA_EXIT_OK;
}

bool nta_lists_is_compiled(const char *path)
{
    size_t len = strlen(path);

    return len > 7 && strcmp(path + len - 7, ".ntaset") == 0;
}

static void print_compiled_json(const char *path, size_t n_lists, const char *why)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    nta_buf_puts(&out, "{\"compiled\":");
    nta_text_json(&out, nta_span_of(path));
    nta_buf_printf(&out, ",\"holds\":%s", why ? "false" : "true");
    if (why) {
        nta_buf_puts(&out, ",\"why\":");
        nta_text_json(&out, nta_span_of(why));
    } else {
        nta_buf_printf(&out, ",\"lists\":%zu", n_lists);
    }
    nta_buf_puts(&out, "}\n");
    if (!out.failed)
        (void)fwrite(out.ptr, 1, out.len, stdout);
}

int nta_lists_check_compiled(const char *path, bool json)
{
    char shown[SHOWN_SIZE];
    struct nta_err err = {0};
    size_t n_lists = 0;
    const bool holds = nta_blacklist_check_saved(path, &n_lists, &err) >= 0;

    if (json)
        print_compiled_json(path, n_lists, holds ? NULL : err.text);
    if (!holds)
        return nta_cmd_fail(NTA_EXIT_INPUT, "%s", err.text);
    if (json)
        return NTA_EXIT_OK;
    printf("%s: compiled, %zu lists, all of it as it was written\n",
           nta_text_escape_to(shown, sizeof(shown), nta_span_of(path)), n_lists);
    return NTA_EXIT_OK;
}
