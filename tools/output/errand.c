/* SPDX-License-Identifier: Apache-2.0 */
#include "output/errand.h"

#include "base/own.h"
#include "output/control.h"
#include "output/fail.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum
{
    LOOKS = 1200,
    LOOK_MS = 250
};

static const struct option options[] = {
    {"socket", required_argument, NULL, 's'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/** One question, and its answer's one line, without its end.  0, or negative errno with `err`. */
static int ask(const char *path, const char *question, char *line, size_t size, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    int r = nta_control_ask(path, question, &answer, err);

    if (r < 0)
        return r;
    const struct nta_span said = nta_buf_span(&answer);

    (void)snprintf(line, size, "%.*s", (int)said.len, said.len ? (const char *)said.ptr : "");
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "error: ", 7) == 0)
        return nta_err_set(err, -EPROTO, "ntad says: %s", line + 7);
    return 0;
}

/** "12 found", "7 refused: ...": is it of number `wanted`, or a later one? */
static bool is_over(const char *line, uint64_t wanted, char *words, size_t size)
{
    uint64_t number;
    int len = 0;

    if (sscanf(line, "%" SCNu64 " %n", &number, &len) != 1 || !len || number < wanted) // NOLINT
        return false;
    (void)snprintf(words, size, "%s", line + len);
    return true;
}

/**
 * Ask again and again until the answer, "NUMBER WORDS", has at least the number `wanted`; its
 * words; who is too busy to answer is asked again.  0, -ETIMEDOUT, or negative errno with `err`.
 */
static int await(const char *path, const char *question, uint64_t wanted, char *words, size_t size,
                 struct nta_err *err)
{
    const struct timespec pause = {.tv_nsec = LOOK_MS * INT64_C(1000000)};
    char line[1024];

    for (int i = 0; i < LOOKS; i++) {
        (void)nanosleep(&pause, NULL);
        int r = ask(path, question, line, sizeof(line), err);

        if (r < 0 && r != -EAGAIN)
            return r;
        if (r == 0 && is_over(line, wanted, words, size))
            return 0;
    }
    return -ETIMEDOUT;
}

static int run(const struct nta_errand *errand, const char *path)
{
    struct nta_err err = {0};
    char line[1024];
    uint64_t number;
    int r = ask(path, errand->begin, line, sizeof(line), &err);

    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    if (sscanf(line, "%*[a-z] %" SCNu64, &number) != 1) // NOLINT(cert-err34-c): any will do
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: not an answer of ntad", path);
    r = await(path, errand->look, number, line, sizeof(line), &err);

    if (r == -ETIMEDOUT)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: %s", path, errand->late);
    return r < 0 ? nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text) : errand->show(line);
}

int nta_errand_run(const struct nta_errand *errand, int argc, char **argv)
{
    char path[NTA_CONTROL_PATH_SIZE] = "";
    const char *config = NULL;
    int c;

    while ((c = getopt_long(argc, argv, "s:c:h", options, NULL)) != -1) {
        switch (c) {
        case 's': (void)snprintf(path, sizeof(path), "%s", optarg); break;
        case 'c': config = optarg; break;
        case 'h': (void)fputs(errand->help, stdout); return NTA_EXIT_OK;
        default: return nta_cmd_usage(errand->name);
        }
    }
    if (optind < argc)
        return nta_cmd_usage(errand->name);
    if (!path[0] && !nta_control_find(config, path))
        return NTA_EXIT_FAILURE;
    return run(errand, path);
}
