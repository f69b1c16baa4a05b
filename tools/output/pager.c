/* SPDX-License-Identifier: Apache-2.0 */
#include "output/pager.h"

#include "base/own.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t pager;    ///< 0: none runs.
static bool was_there; ///< One ran.

bool nta_pager_runs(void)
{
    return pager > 0;
}

bool nta_pager_was_there(void)
{
    return was_there;
}

/** The command, or NULL for none. */
static const char *choose(void)
{
    /* NOLINTBEGIN(concurrency-mt-unsafe): one thread that reads the environment */
    const char *command = getenv("NTA_PAGER");
    const char *term = getenv("TERM");

    if (!command)
        command = getenv("PAGER");
    /* NOLINTEND(concurrency-mt-unsafe) */
    if (!command)
        command = "command -v less > /dev/null && exec less || exec cat";
    if (!command[0] || strcmp(command, "cat") == 0 || (term && strcmp(term, "dumb") == 0))
        return NULL;
    return command;
}

/** One that is not there has read nothing yet: then all goes to the terminal as it is. */
_Noreturn static void run(const char *command, int in)
{
    char script[4096];
    const int n = snprintf(
        script, sizeof(script),
        "%s\ns=$?; if [ $s -eq 127 ] || [ $s -eq 126 ]; then exec cat; fi; exit $s", command);

    if (n < 0 || (size_t)n >= sizeof(script))
        command = "exec cat";
    else
        command = script;
    /* as git: quit if one screen is enough, pass colours on, leave the screen as it is */
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the child of a fork
    (void)setenv("LESS", "FRX", 0);
    (void)dup2(in, STDIN_FILENO);
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGHUP, SIG_DFL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

void nta_pager_start(void)
{
    const char *command = isatty(STDOUT_FILENO) ? choose() : NULL;
    int ends[2];

    if (!command || pager || pipe2(ends, O_CLOEXEC) < 0)
        return;
    (void)fflush(stdout);
    pid_t child = fork();

    if (child == 0) {
        (void)close(ends[1]);
        run(command, ends[0]);
    }
    (void)close(ends[0]);
    if (child > 0) {
        pager = child;
        was_there = true;
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)signal(SIGPIPE, SIG_IGN); /* it was left: writing fails, which is how we learn it */
    }
    (void)close(ends[1]);
}

void nta_pager_end(void)
{
    pid_t child = pager;

    pager = 0;
    if (child <= 0)
        return;
    (void)fflush(stdout);
    (void)close(STDOUT_FILENO);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
}
