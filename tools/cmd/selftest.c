/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta selftest: has the running ntad make up visits to a name that it must find, and waits for what
 * becomes of them (the canary, at once).
 */
#include "base/prose.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "output/control.h"
#include "output/fail.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: nta selftest\n\n"
    "Have the running ntad make up a lookup and a TLS connection to a forbidden name\n"
    "for each worker and interface, and wait until they have come the whole way:\n"
    "decoding, worker, blacklist, record, store, alert.  They go in behind the\n"
    "interface; nothing is sent, and no user is blamed.\n\n"
    "  -s, --socket PATH   control socket; default: what ntad.conf names\n"
    "  -c, --config FILE   another configuration than /etc/nta/ntad.conf\n"
    "  -h, --help          this text\n\n"
    "Exit status: 0 all were found, 1 some were not, 2 wrong usage, 3 ntad does not\n"
    "answer, or not in time, or its canary is off.\n";

static const struct option options[] = {
    {"socket", required_argument, NULL, 's'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int await_round(const char *path, uint64_t round)
{
    char words[512], shown[512];
    int r = nta_control_await(path, "round\n", round, words, sizeof(words));

    if (r == -ETIMEDOUT) /* longer than ntad waits (blacklist.canary_wait) */
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: ntad does not end its round", path);
    if (r < 0)
        return NTA_EXIT_FAILURE;
    if (strcmp(words, "found") == 0) {
        (void)puts("found: what must be found is found, the whole way");
        return NTA_EXIT_OK;
    }
    nta_prose_print(stdout, "NOT FOUND: %s\n",
                    nta_text_guard_to(shown, sizeof(shown), nta_span_of(words)));
    return NTA_EXIT_INPUT;
}

int nta_cmd_selftest(int argc, char **argv)
{
    char path[NTA_CONTROL_PATH_SIZE] = "", line[512];
    const char *config = NULL;
    uint64_t round;
    int c;

    while ((c = getopt_long(argc, argv, "s:c:h", options, NULL)) != -1) {
        switch (c) {
        case 's': (void)snprintf(path, sizeof(path), "%s", optarg); break;
        case 'c': config = optarg; break;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        default: return nta_cmd_usage("selftest");
        }
    }
    if (optind < argc)
        return nta_cmd_usage("selftest");
    if (!path[0] && !nta_control_find(config, path))
        return NTA_EXIT_FAILURE;
    if (!nta_control_line(path, "selftest\n", line, sizeof(line)))
        return NTA_EXIT_FAILURE;
    if (sscanf(line, "round %" SCNu64, &round) != 1) // NOLINT(cert-err34-c): any number will do
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: not an answer of ntad", path);
    return await_round(path, round);
}
