/* SPDX-License-Identifier: Apache-2.0 */
#include "retention/ask.h"

#include "base/file/path.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/user.h"
#include "config/config.h"
#include "config/secret.h"
#include "output/control.h"
#include "store/lock.h"
#include "store/ship/ship.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_NS (NTA_NS_PER_S / 10)
#define DRAIN_NS (10 * NTA_NS_PER_S)

/** Not -ENOENT, which is what an incident that is not there gives. */
static int find_journal(const char *path, struct nta_err *err)
{
    if (access(path, F_OK) == 0)
        return 0;
    if (errno != ENOENT)
        return nta_err_sys(err, -errno, "%.300s", path);
    return nta_err_set(err, -ENODATA, "%.300s: no journal is there; another folder? (--store DIR)",
                       path);
}

int nta_asking_find(struct nta_asking *asking, struct nta_err *err)
{
    const char *dir = asking->store;
    int r = dir ? nta_config_new(&asking->config, err)
                : nta_config_load(asking->config_path ? asking->config_path : NTA_DEFAULT_CONFIG,
                                  &asking->config, err);

    if (r < 0)
        return r;
    asking->policy = nta_retain_policy_of(asking->config);
    if (!dir)
        dir = asking->config->store.dir;
    r = nta_stores_paths(dir, asking->store_path, asking->keys_dir, err);
    if (r == 0 && !asking->store)
        r = nta_config_keys_dir(asking->config, asking->keys_dir, sizeof(asking->keys_dir), err);
    if (r == 0 && !nta_path_join(dir, "state", asking->state_dir, sizeof(asking->state_dir)))
        r = nta_err_set(err, -ENAMETOOLONG, "%.300s: too long", dir);
    if (r < 0 || (asking->only_reads && !asking->store && asking->config->mysql.enabled))
        return r;
    return find_journal(asking->store_path, err);
}

void nta_asking_done(struct nta_asking *asking)
{
    nta_config_free(&asking->config);
}

int nta_retention_holds(const struct nta_asking *asking, const struct nta_stores *stores,
                        struct nta_holds *ret_holds, struct nta_err *err)
{
    const struct nta_keys_place place = {asking->keys_dir, asking->state_dir};
    struct nta_day_trust trust;
    NTA_AUTO(nta_day_notes_done) struct nta_day_notes notes = {.n = 0};
    NTA_AUTO(nta_day_reader_free) struct nta_day_reader *reader = NULL;
    struct nta_store *const all[] = {stores->mysql, stores->journal};
    int r = nta_day_trust_look(&trust, &place, err);

    if (r == 0)
        r = nta_day_reader_new(&trust, &reader, err);
    for (size_t i = 0; i < NTA_N_ELEMENTS(all) && r == 0; i++)
        if (all[i] && nta_store_format(all[i]) != 1)
            r = nta_day_reader_look(reader, all[i], all[i] == stores->journal, 0, err);
    if (r == 0)
        r = nta_day_reader_give(reader, &notes, err);
    return r < 0 ? r : nta_holds_take(ret_holds, &notes, err);
}

/* ---- done here ---- */

/** What ntad would have; each is opened by the one below. */
struct here
{
    struct nta_store_lock *lock;
    struct nta_commit *commit;
    struct nta_ship *ship; ///< NULL: no records are in MySQL.
    struct nta_retain *retain;
    struct nta_ship_options shipping;
    struct nta_outlet outlet;
    struct nta_mysql_options retention;
    char password[NTA_SECRET_SIZE], retention_password[NTA_SECRET_SIZE];
};

static void here_done(struct here *here)
{
    nta_retain_free(&here->retain);
    nta_ship_stop(&here->ship, DRAIN_NS); /* what was noted is there, too */
    if (here->commit)
        nta_commit_end(here->commit);
    nta_commit_close(&here->commit);
    nta_store_lock_free(&here->lock);
    explicit_bzero(here->password, sizeof(here->password));
    explicit_bzero(here->retention_password, sizeof(here->retention_password));
}

static int start_shipping(struct here *here, struct nta_err *err)
{
    struct nta_ship_options *shipping = &here->shipping;

    nta_commit_get_sensor(here->commit, shipping->sensor);
    shipping->journal_path = here->outlet.store_path;
    shipping->acknowledged = nta_commit_acknowledged;
    shipping->owner = here->commit;
    shipping->kept = nta_commit_kept(here->commit);
    shipping->acked = nta_commit_acked(here->commit);
    return nta_ship_start(shipping, &here->ship, err);
}

static int open_here(const struct nta_asking *asking, struct here *here, struct nta_err *err)
{
    const bool has_mysql = !asking->store && asking->config->mysql.enabled;
    struct nta_retain_policy policy = {.size_bytes = 0}; /* nothing goes but what was asked for */
    const struct nta_retain_options retaining = {.policy = &policy,
                                                 .store_path = asking->store_path};
    const struct nta_commit_options options = {.outlet = &here->outlet};
    int r = nta_store_lock_take(asking->store_path, false, &here->lock, err);

    here->outlet = (struct nta_outlet){
        .store_path = asking->store_path,
        .keys_dir = asking->keys_dir,
        .state_dir = asking->state_dir,
        .lock = here->lock,
        .mysql = has_mysql ? &here->shipping : NULL,
        .retention = has_mysql ? &here->retention : NULL,
    };
    memcpy(policy.keep_ns, asking->policy.keep_ns, sizeof(policy.keep_ns));
    if (r == 0 && has_mysql)
        r = nta_stores_mysql(asking->config, here->password, &here->shipping.mysql, err);
    if (r == 0 && has_mysql)
        r = nta_stores_retention(asking->config, &here->shipping.mysql, here->retention_password,
                                 &here->retention, err);
    if (r == 0)
        r = nta_commit_open(&options, &here->commit, err);
    if (r == 0 && has_mysql)
        r = start_shipping(here, err);
    return r < 0 ? r : nta_retain_new(&retaining, &here->retain, err);
}

static int do_here(struct nta_asking *asking, struct nta_retain_told *ret_told, struct nta_err *err)
{
    NTA_AUTO(here_done) struct here here = {.lock = NULL};
    uint64_t last = 0;
    int r = open_here(asking, &here, err);

    if (r < 0)
        return r;
    (void)nta_user_name(getuid(), asking->request.actor);
    (void)nta_retain_ask(here.retain, &asking->request);
    for (;;) {
        const int64_t pause_ns = nta_retain_tend(here.retain, here.commit);

        nta_retain_tell(here.retain, ret_told);
        if (ret_told->is_done)
            break;
        if (here.ship && nta_commit_last(here.commit) != last)
            nta_ship_wake(here.ship);
        last = nta_commit_last(here.commit);
        if (pause_ns > 0)
            (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    return ret_told->result < 0 ? nta_err_set(err, ret_told->result, "%s", ret_told->err.text) : 0;
}

/* ---- asked of ntad ---- */

/** One line, and what is said to it; an answer that is an error is its own sentence. */
static int ask(const struct nta_asking *asking, const char *line, char *answer, size_t size,
               struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    int r = nta_control_ask(asking->config->control.socket, line, &bytes, err);
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

static void put_line(const struct nta_retain_request *request, struct nta_buf *line)
{
    const struct nta_hold *hold = &request->hold;

    switch (request->deed) {
    case NTA_RETAIN_PRUNE:
        if (request->by_age)
            nta_buf_printf(line, "prune %u age", request->classes);
        else
            nta_buf_printf(line, "prune %u %" PRId64, request->classes, request->before_day);
        break;
    case NTA_RETAIN_HOLD:
        nta_buf_printf(line, "%s %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 " ",
                       hold->of_who ? "hold-who" : "hold", hold->batch, hold->record,
                       hold->first_day, hold->last_day);
        nta_buf_put_hex(line, request->text, strlen(request->text));
        break;
    case NTA_RETAIN_RELEASE:
        nta_buf_printf(line, "release %" PRIu64 " %" PRIu64 " ", hold->batch, hold->record);
        nta_buf_put_hex(line, request->text, strlen(request->text));
        break;
    }
    nta_buf_put(line, "\n", 2);
}

static int do_there(const struct nta_asking *asking, struct nta_retain_told *ret_told,
                    struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    char answer[1024];

    put_line(&asking->request, &line);
    if (line.failed)
        return nta_err_sys(err, -ENOMEM, "ntad is not asked");
    int r = ask(asking, (const char *)line.ptr, answer, sizeof(answer), err);

    while (r == 0 && !ret_told->is_done) {
        (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        r = ask(asking, "pruned\n", answer, sizeof(answer), err);
        if (r == -ENOENT || r == -ECONNREFUSED) /* and the store is not ours to go on with */
            return nta_err_set(err, -EPROTO,
                               "ntad ended before it was done: its next start ends what was begun");
        if (r == 0 && !take_told(answer, ret_told))
            r = nta_err_set(err, -EPROTO, "ntad answers something else: is it an older one?");
    }
    return r;
}

int nta_asking_do(struct nta_asking *asking, struct nta_retain_told *ret_told, struct nta_err *err)
{
    int r = -ENOENT;

    *ret_told = (struct nta_retain_told){.is_done = false};
    if (!asking->store)
        r = do_there(asking, ret_told, err);
    return r == -ENOENT || r == -ECONNREFUSED ? do_here(asking, ret_told, err) : r;
}
