/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hold one thread of a process still until this program is ended: usage: freeze PID THREAD_NAME
 * (ptrace(2), as root).
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/** True if this thread of the process has the name. */
static int is_named(const char *pid, const char *tid, const char *name)
{
    char path[300], line[64] = "";
    FILE *file;

    (void)snprintf(path, sizeof(path), "/proc/%s/task/%s/comm", pid, tid);
    file = fopen(path, "re");
    if (!file)
        return 0;
    if (!fgets(line, sizeof(line), file))
        line[0] = '\0';
    (void)fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return strcmp(line, name) == 0;
}

static pid_t find(const char *pid, const char *name)
{
    char path[64];
    pid_t found = -1;
    struct dirent *entry;
    DIR *dir;

    (void)snprintf(path, sizeof(path), "/proc/%.20s/task", pid);
    dir = opendir(path);
    while (dir && found < 0 && (entry = readdir(dir))) { // NOLINT(concurrency-mt-unsafe)
        if (entry->d_name[0] != '.' && is_named(pid, entry->d_name, name))
            found = (pid_t)strtol(entry->d_name, NULL, 10);
    }
    if (dir)
        (void)closedir(dir);
    return found;
}

int main(int argc, char **argv)
{
    pid_t tid = argc == 3 ? find(argv[1], argv[2]) : -1;
    int status;

    if (tid < 0 || ptrace(PTRACE_SEIZE, tid, NULL, NULL) < 0 ||
        ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0 || waitpid(tid, &status, __WALL) != tid) {
        perror("freeze");
        return 77;
    }
    (void)puts("frozen");
    (void)fflush(stdout);
    (void)pause(); /* the kernel lets the thread go when we end */
    return 0;
}
