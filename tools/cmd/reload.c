/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta reload: has the running ntad load its configuration and its lists anew, and waits for what
 * becomes of that.  systemctl reload runs it, so that a refused one fails.
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
    "usage: nta reload\n\n"
    "Have the running ntad load its configuration and its lists anew, and wait until\n"
    "they are in force.  One that cannot be read is refused as a whole: what was in\n"
    "force stays.  (kill -HUP does the same without an answer.)\n\n"
    "  -s, --socket PATH   control socket; default: what ntad.conf names\n"
    "  -c, --config FILE   another configuration than /etc/nta/ntad.conf\n"
    "  -h, --help          this text\n\n"
    "Exit status: 0 they are in force, 1 they were refused, 2 wrong usage, 3 ntad\n"
    "does not answer, or not in time.\n";

static const struct option options[] = {
    {"socket", required_argument, NULL, 's'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int await_load(const char *path, uint64_t load)
{
    char words[1024], shown[1024];
    int r = nta_control_await(path, "load\n", load, words, sizeof(words));

    if (r == -ETIMEDOUT)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: ntad is still loading", path);
    if (r < 0)
        return NTA_EXIT_FAILURE;
    const bool is_taken = strncmp(words, "policy ", 7) == 0;

    nta_prose_print(is_taken ? stdout : stderr, "%s%s\n", is_taken ? "" : "nta: ",
                    nta_text_guard_to(shown, sizeof(shown), nta_span_of(words)));
    return is_taken ? NTA_EXIT_OK : NTA_EXIT_INPUT;
}

int nta_cmd_reload(int argc, char **argv)
{
    char path[NTA_CONTROL_PATH_SIZE] = "", line[512];
    const char *config = NULL;
    uint64_t load;
    int c;

    while ((c = getopt_long(argc, argv, "s:c:h", options, NULL)) != -1) {
        switch (c) {
        case 's': (void)snprintf(path, sizeof(path), "%s", optarg); break;
        case 'c': config = optarg; break;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        default: return nta_cmd_usage("reload");
        }
    }
    if (optind < argc)
        return nta_cmd_usage("reload");
    if (!path[0] && !nta_control_find(config, path))
        return NTA_EXIT_FAILURE;
    if (!nta_control_line(path, "reload\n", line, sizeof(line)))
        return NTA_EXIT_FAILURE;
    if (sscanf(line, "reloading %" SCNu64, &load) != 1) // NOLINT(cert-err34-c): any number will do
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: not an answer of ntad", path);
    return await_load(path, load);
}
