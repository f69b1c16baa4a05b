/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For benchmarks: what threads and processes have used of the processors, as the kernel counts it.
 * A machine that has other work changes a rate, but not these.
 */

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** Processor seconds of this process's threads of this name so far. */
static inline double costs_of_threads(const char *name)
{
    DIR *tasks = opendir("/proc/self/task");
    const struct dirent *task;
    double seconds = 0;

    while (tasks && (task = readdir(tasks))) {
        char path[300], text[64] = "";
        FILE *file;
        uint64_t ns = 0;

        (void)snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task->d_name);
        if (task->d_name[0] == '.' || !(file = fopen(path, "re")))
            continue;
        (void)!fgets(text, sizeof(text), file);
        (void)fclose(file);
        text[strcspn(text, "\n")] = '\0';
        (void)snprintf(path, sizeof(path), "/proc/self/task/%s/schedstat", task->d_name);
        if (strcmp(text, name) != 0 || !(file = fopen(path, "re")))
            continue;
        if (fscanf(file, "%" SCNu64, &ns) == 1)
            seconds += (double)ns / 1e9;
        (void)fclose(file);
    }
    if (tasks)
        (void)closedir(tasks);
    return seconds;
}

/** Processor seconds of a process so far, its threads that ended included. */
static inline double costs_of_process(long pid)
{
    char path[64], text[1024] = "";
    uint64_t user = 0, kernel = 0;

    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "re");

    if (!file)
        return 0;
    (void)!fgets(text, sizeof(text), file);
    (void)fclose(file);
    const char *rest = strrchr(text, ')'); /* proc(5): fields 14 and 15 */

    if (!rest || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64,
                        &user, &kernel) != 2)
        return 0;
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}
