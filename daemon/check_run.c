/* SPDX-License-Identifier: Apache-2.0 */
/* The run of all checks, those of the service's files as its user. */
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/user.h"
#include "check.h"
#include "pipeline/limits/threads.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    EXIT_FINE = 0,
    EXIT_WRONG = 1,
    EXIT_NOT_RUN = 3,
    WRONG_MAX = 100 ///< Of a process's exit status.
};

/* ---- the user of the service ---- */

static void find_service(struct nta_checking *checking)
{
    struct stat status;

    checking->service_uid = geteuid();
    checking->service_gid = getegid();
    if (stat(checking->daemon->config->store.dir, &status) < 0)
        return;
    checking->service_uid = status.st_uid;
    checking->service_gid = status.st_gid;
}

/** For good: real, effective and saved. */
static bool become_service(const struct nta_checking *checking)
{
    char name[NTA_USER_NAME_SIZE];

    return initgroups(nta_user_name(checking->service_uid, name), checking->service_gid) == 0 &&
           setgid(checking->service_gid) == 0 && setuid(checking->service_uid) == 0;
}

/** The check in a process of its own, which may give up its rights.  How many faults it found. */
static unsigned check_as_service(struct nta_checking *checking,
                                 void (*check)(struct nta_checking *checking))
{
    int status = 0;

    (void)fflush(stdout);
    pid_t child = fork();

    if (child == 0) {
        checking->n_wrong = 0;
        if (become_service(checking))
            check(checking);
        else
            nta_check_fault(checking, "user", -errno, "cannot become the service's user");
        (void)fflush(stdout);
        _exit((int)(checking->n_wrong < WRONG_MAX ? checking->n_wrong : WRONG_MAX));
    }
    if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status))
        return (unsigned)WEXITSTATUS(status);
    nta_prose_print(stdout, "%-14s WRONG: a check ended unexpectedly\n", "check");
    return 1;
}

/* ---- the checks, a row each ---- */

static const struct
{
    void (*check)(struct nta_checking *checking);
    bool by_service; ///< What it looks at is opened by the service's user.
} checks[] = {
    {nta_check_interfaces, false}, /* the right to capture comes from the unit, not from the user */
    {nta_check_memory, false},     {nta_check_lists, true},
    {nta_check_geo, true},         {nta_check_keys, false}, /* handed over by systemd */
    {nta_check_store, true},       {nta_check_mysql, true},
    {nta_check_alerts, true},      {nta_check_control, false}, /* systemd makes its folder */
};

/** A password in a file that others can read is none. */
static void check_exposure(struct nta_checking *checking)
{
    const struct nta_config *config = checking->daemon->config;
    struct nta_err err = {0};
    struct stat status;

    if (!config->mysql.password || !config->mysql.password[0] ||
        stat(checking->daemon->config_path, &status) < 0 || !(status.st_mode & S_IROTH))
        return;
    (void)nta_err_set(
        &err, -EINVAL,
        "%.300s: mysql.password stands in it, and everybody may read it: chmod o=, or "
        "use mysql.password_file",
        checking->daemon->config_path);
    nta_check_fault(checking, "configuration", -EINVAL, err.text);
}

/** Those that ntad would start its threads on; what is no list was found on loading. */
static void check_cpus(struct nta_checking *checking)
{
    const struct nta_config *config = checking->daemon->config;
    unsigned cpus[NTA_CPUS_MAX];
    struct nta_err err = {0};
    size_t n;

    if (nta_config_get_cpus(config->capture.cpus, cpus, &n, &err) == 0 &&
        nta_threads_choose_cpus(config, cpus, &n, &err) < 0)
        nta_check_fault(checking, "configuration", -EINVAL, err.text);
}

/** False: there is nothing that the rest could be checked with. */
static bool check_configuration(struct nta_checking *checking)
{
    NTA_AUTO(nta_buf_done) struct nta_buf faults = {0};
    struct nta_daemon *daemon = checking->daemon;
    struct nta_err err = {0};
    int n = nta_config_load_all(daemon->config_path, &daemon->config, &faults, &err);
    char *rest = NULL;

    nta_buf_put_u8(&faults, 0);
    if (n < 0 || faults.failed) {
        nta_prose_print(stdout, "%-14s WRONG: %s\n", "configuration",
                        n < 0 ? err.text : "no memory");
        return false;
    }
    for (char *line = strtok_r((char *)faults.ptr, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest))
        nta_check_fault(checking, "configuration", -EINVAL, line);
    check_exposure(checking);
    check_cpus(checking);
    if (checking->n_wrong == 0)
        nta_check_fine("configuration", "%s", daemon->config_path);
    int r = nta_daemon_prepare_paths(daemon, &err);

    if (r < 0)
        nta_check_fault(checking, "configuration", r, err.text);
    return true;
}

int nta_daemon_check(struct nta_daemon *daemon)
{
    struct nta_checking checking = {.daemon = daemon};

    if (!check_configuration(&checking)) {
        nta_config_free(&daemon->config);
        return EXIT_NOT_RUN;
    }
    find_service(&checking);
    bool has_folder = daemon->config->store.keys && daemon->config->store.keys[0];

    for (size_t i = 0; i < NTA_N_ELEMENTS(checks); i++) {
        /* keys that systemd does not hand over are read by the service itself */
        bool by_service = checks[i].by_service || (checks[i].check == nta_check_keys && has_folder);

        if (by_service && geteuid() == 0 && checking.service_uid != 0)
            checking.n_wrong += check_as_service(&checking, checks[i].check);
        else
            checks[i].check(&checking);
    }
    explicit_bzero(daemon->password, sizeof(daemon->password));
    explicit_bzero(daemon->retention_password, sizeof(daemon->retention_password));
    nta_config_free(&daemon->config);
    return checking.n_wrong ? EXIT_WRONG : EXIT_FINE;
}
