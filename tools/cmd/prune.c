/* SPDX-License-Identifier: Apache-2.0 */
/* nta prune: records are deleted for good, a class and a UTC day at a time, and the chain holds. */
#include "base/file/path.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "cmd/cmd.h"
#include "config/config.h"
#include "config/secret.h"
#include "output/control.h"
#include "output/fail.h"
#include "output/term.h"
#include "pipeline/retain.h"
#include "search/stores.h"
#include "search/when.h"
#include "store/lock.h"
#include "vault/vault.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: nta prune [--class CLASS]... [--before TIME] [--dry-run] [OPTIONS]\n\n"
    "Deletes records for good: a signed note in the chain says so, the keys that\n"
    "open them are overwritten, and they leave the store.  nta verify tells that\n"
    "from tampering.  What goes is all of a UTC day of one class:\n"
    "  evidence  alerts, packets, and all that a list matched\n"
    "  traffic   connections, lookups, requests that no list matched\n"
    "  who       who had which address\n"
    "  log       what the sensor says of itself\n"
    "Today's day never goes.  A running ntad is asked to do it (as root); without\n"
    "one it is done here.\n\n"
    "  -C, --class CLASS     one of these; can be said again.  Default: all, or\n"
    "                        with --before traffic and who: evidence and log must\n"
    "                        be named\n"
    "  -B, --before TIME     days that were over then; default: what is older than\n"
    "                        ntad.conf keeps it (section retention)\n"
    "  -n, --dry-run         only show what would go\n"
    "  -d, --store DIR       the folder of `nta read --store`; default: what\n"
    "                        ntad.conf names\n"
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 done, 2 wrong usage, 3 could not run.\n\n"
    "examples:\n"
    "  nta prune --dry-run\n"
    "  nta prune --class traffic --before \"2 weeks ago\"\n";

static const struct option known_options[] = {
    {"class", required_argument, NULL, 'C'},
    {"before", required_argument, NULL, 'B'},
    {"dry-run", no_argument, NULL, 'n'},
    {"store", required_argument, NULL, 'd'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

#define DAY_NS   (86400 * NTA_NS_PER_S)
#define PAUSE_NS (NTA_NS_PER_S / 10)

struct pruning
{
    const char *store, *config_path;
    struct nta_config *config; ///< Owned; with --store: all defaults.
    bool dry_run;
    struct nta_retain_request request;
    struct nta_retain_policy policy;
    char store_path[NTA_PATH_SIZE], keys_dir[NTA_PATH_SIZE], state_dir[NTA_PATH_SIZE];
};

/* ---- the question ---- */

static int take_class(struct pruning *pruning, const char *name)
{
    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES; class ++) {
        if (strcmp(name, nta_class_name((enum nta_class) class)) != 0)
            continue;
        pruning->request.classes |= 1U << class;
        return -1;
    }
    return nta_cmd_fail(NTA_EXIT_USAGE, "--class: evidence, traffic, who or log?");
}

/** Days end at midnight UTC: one that was not over then stays. */
static int take_before(struct pruning *pruning, const char *text)
{
    struct nta_moment moment;
    struct nta_err err = {0};

    if (nta_when(text, nta_clock_wall_ns(), &moment, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_USAGE, "--before: %s", err.text);
    pruning->request.by_age = false;
    pruning->request.before_day = nta_day_of(moment.earlier_ns);
    return -1;
}

static int take_options(struct pruning *pruning, int argc, char **argv)
{
    int c, status = -1;

    pruning->request.by_age = true;
    while (status < 0 && (c = getopt_long(argc, argv, "C:B:nd:c:h", known_options, NULL)) != -1) {
        switch (c) {
        case 'C': status = take_class(pruning, optarg); break;
        case 'B': status = take_before(pruning, optarg); break;
        case 'n': pruning->dry_run = true; break;
        case 'd': pruning->store = optarg; break;
        case 'c': pruning->config_path = optarg; break;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        default: return nta_cmd_usage("prune");
        }
    }
    if (status < 0 && optind < argc)
        return nta_cmd_fail(NTA_EXIT_USAGE, "prune takes no argument \"%s\"", argv[optind]);
    if (!pruning->request.classes)
        pruning->request.classes = pruning->request.by_age
                                       ? (1U << NTA_N_CLASSES) - 2
                                       : 1U << NTA_CLASS_TRAFFIC | 1U << NTA_CLASS_WHO;
    return status;
}

/* ---- where ---- */

static int find_places(struct pruning *pruning, struct nta_err *err)
{
    const char *dir = pruning->store;
    int r = dir ? nta_config_new(&pruning->config, err)
                : nta_config_load(pruning->config_path ? pruning->config_path : NTA_DEFAULT_CONFIG,
                                  &pruning->config, err);

    if (r < 0)
        return r;
    pruning->policy = nta_retain_policy_of(pruning->config);
    if (!dir)
        dir = pruning->config->store.dir;
    r = nta_stores_paths(dir, pruning->store_path, pruning->keys_dir, err);
    if (r == 0 && !pruning->store)
        r = nta_config_keys_dir(pruning->config, pruning->keys_dir, sizeof(pruning->keys_dir), err);
    if (r == 0 && !nta_path_join(dir, "state", pruning->state_dir, sizeof(pruning->state_dir)))
        r = nta_err_set(err, -ENAMETOOLONG, "%.300s: too long", dir);
    if (r == 0 && !pruning->store && pruning->config->mysql.enabled)
        r = nta_err_set(err, -ENOTSUP,
                        "records are in MySQL: none are deleted from here (docs/operations.md says "
                        "how to)");
    if (r == 0 && access(pruning->store_path, F_OK) < 0)
        r = nta_err_sys(err, -errno, "%.300s", pruning->store_path);
    return r;
}

/* ---- only shown ---- */

static bool would_go(const struct pruning *pruning, const struct nta_store_day *day)
{
    const int64_t now_ns = nta_clock_wall_ns();

    if (day->day == nta_day_of(now_ns))
        return false;
    return pruning->request.by_age
               ? nta_retain_is_old(&pruning->policy, day->class, day->day, now_ns)
               : day->day < pruning->request.before_day;
}

static void show_day(const struct nta_store_day *day)
{
    char date[NTA_DAY_TEXT_SIZE];

    (void)printf("%-8s  %-10s  %8" PRIu64 "\n", nta_class_name(day->class),
                 nta_day_text(day->day, date), day->n_batches);
}

static int show_class(const struct pruning *pruning, struct nta_store *store, const uint8_t *sensor,
                      enum nta_class class, uint64_t *n_days, struct nta_err *err)
{
    struct nta_store_day day = {.day = INT64_MIN};
    int r;

    while ((r = nta_store_next_day(store, sensor, class, day.day, &day, err)) == 1) {
        if (!would_go(pruning, &day))
            continue;
        if (!*n_days)
            (void)puts("CLASS     DAY (UTC)    BATCHES");
        show_day(&day);
        ++*n_days;
    }
    return r;
}

static int show(const struct pruning *pruning, struct nta_err *err)
{
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    uint8_t identity[NTA_KEY_LEN], sensor[NTA_SENSOR_ID_LEN];
    uint64_t n_days = 0;
    int r = nta_keys_sensor_public(pruning->keys_dir, identity, err);

    if (r == 0)
        r = nta_store_open_sqlite(pruning->store_path, false, &store, err);
    if (r < 0)
        return r;
    nta_sensor_id(identity, sensor);
    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES && r == 0; class ++)
        if (pruning->request.classes & 1U << class)
            r = show_class(pruning, store, sensor, (enum nta_class) class, &n_days, err);
    if (r == 0)
        (void)puts(n_days ? "Nothing was deleted." : "Nothing would be deleted.");
    return r;
}

/* ---- done here ---- */

static void name_actor(struct pruning *pruning)
{
    const struct passwd *user = getpwuid(getuid());

    (void)snprintf(pruning->request.actor, sizeof(pruning->request.actor), "%s",
                   user ? user->pw_name : "?");
}

static int prune_here(struct pruning *pruning, struct nta_retain_told *ret_told,
                      struct nta_err *err)
{
    NTA_AUTO(nta_store_lock_free) struct nta_store_lock *lock = NULL;
    NTA_AUTO(nta_commit_close) struct nta_commit *commit = NULL;
    NTA_AUTO(nta_retain_free) struct nta_retain *retain = NULL;
    int r = nta_store_lock_take(pruning->store_path, false, &lock, err);
    const struct nta_outlet outlet = {
        .store_path = pruning->store_path,
        .keys_dir = pruning->keys_dir,
        .state_dir = pruning->state_dir,
        .lock = lock,
    };
    const struct nta_commit_options options = {.outlet = &outlet};
    struct nta_retain_policy policy = {.size_bytes = 0}; /* nothing goes but what was asked for */
    const struct nta_retain_options retaining = {.policy = &policy,
                                                 .store_path = pruning->store_path};

    memcpy(policy.keep_ns, pruning->policy.keep_ns, sizeof(policy.keep_ns));
    if (r == 0)
        r = nta_commit_open(&options, &commit, err);
    if (r == 0)
        r = nta_retain_new(&retaining, &retain, err);
    if (r < 0)
        return r;
    name_actor(pruning);
    (void)nta_retain_ask(retain, &pruning->request);
    for (;;) {
        const int64_t pause_ns = nta_retain_tend(retain, commit);

        nta_retain_tell(retain, ret_told);
        if (ret_told->is_done)
            break;
        if (pause_ns > 0)
            (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    nta_commit_end(commit);
    return ret_told->result < 0 ? nta_err_set(err, ret_told->result, "%s", ret_told->err.text) : 0;
}

/* ---- asked of ntad ---- */

/** One line, and what is said to it; an answer that is an error is its own sentence. */
static int ask(const struct pruning *pruning, const char *line, char *answer, size_t size,
               struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    int r = nta_control_ask(pruning->config->control.socket, line, &bytes, err);
    const struct nta_span said = nta_buf_span(&bytes);

    if (r < 0)
        return r;
    (void)snprintf(answer, size, "%.*s", (int)(said.len < 512 ? said.len : 512),
                   said.ptr ? (const char *)said.ptr : "");
    answer[strcspn(answer, "\n")] = '\0';
    if (strncmp(answer, "error: ", 7) == 0)
        return nta_err_set(err, -EPERM, "%s", answer + 7);
    return *answer ? 0 : nta_err_set(err, -EPROTO, "ntad ended before it answered");
}

/** "done DAYS BATCHES" or "going DAYS BATCHES". */
static bool take_told(const char *answer, struct nta_retain_told *ret_told)
{
    const char *numbers = strchr(answer, ' ');
    char *end = NULL;

    ret_told->is_done = strncmp(answer, "done ", 5) == 0;
    if (!numbers || (!ret_told->is_done && strncmp(answer, "going ", 6) != 0))
        return false;
    ret_told->n_days = strtoull(numbers, &end, 10);
    if (*end != ' ')
        return false;
    ret_told->n_batches = strtoull(end, &end, 10);
    return !*end;
}

static int prune_there(const struct pruning *pruning, struct nta_retain_told *ret_told,
                       struct nta_err *err)
{
    char line[64], answer[1024];
    int r;

    if (pruning->request.by_age)
        (void)snprintf(line, sizeof(line), "prune %u age\n", pruning->request.classes);
    else
        (void)snprintf(line, sizeof(line), "prune %u %" PRId64 "\n", pruning->request.classes,
                       pruning->request.before_day);
    r = ask(pruning, line, answer, sizeof(answer), err);
    while (r == 0 && !ret_told->is_done) {
        (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        r = ask(pruning, "pruned\n", answer, sizeof(answer), err);
        if (r == 0 && !take_told(answer, ret_told))
            r = nta_err_set(err, -EPROTO, "ntad answers something else: is it an older one?");
    }
    return r;
}

static int prune(struct pruning *pruning, struct nta_err *err)
{
    struct nta_retain_told told = {.is_done = false};
    int r = pruning->store ? -ENOENT : prune_there(pruning, &told, err);

    if (r == -ENOENT || r == -ECONNREFUSED)
        r = prune_here(pruning, &told, err);
    if (r < 0)
        return r;
    if (told.n_days == 0)
        (void)puts("nothing is to be deleted");
    else
        (void)printf("deleted: %" PRIu64 " batch%s of %" PRIu64 " day%s; nta verify says that "
                     "they were\n",
                     told.n_batches, told.n_batches == 1 ? "" : "es", told.n_days,
                     told.n_days == 1 ? " and class" : "s and classes");
    return 0;
}

int nta_cmd_prune(int argc, char **argv)
{
    struct pruning pruning = {.dry_run = false};
    struct nta_err err = {0};
    int status = take_options(&pruning, argc, argv);

    if (status < 0) {
        int r = find_places(&pruning, &err);

        if (r == 0)
            r = pruning.dry_run ? show(&pruning, &err) : prune(&pruning, &err);
        status = r < 0 ? nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text) : NTA_EXIT_OK;
    }
    nta_config_free(&pruning.config);
    return status;
}
