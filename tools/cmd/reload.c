/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta reload: has the running ntad load its configuration and its lists anew, and waits for what
 * becomes of that.  systemctl reload runs it, so that a refused one fails.
 */
#include "base/prose.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "output/errand.h"
#include "output/fail.h"

#include <stdbool.h>
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

static int show(const char *words)
{
    const bool is_taken = strncmp(words, "policy ", 7) == 0;
    char shown[1024];

    nta_prose_print(is_taken ? stdout : stderr, "%s%s\n", is_taken ? "" : "nta: ",
                    nta_text_guard_to(shown, sizeof(shown), nta_span_of(words)));
    return is_taken ? NTA_EXIT_OK : NTA_EXIT_INPUT;
}

int nta_cmd_reload(int argc, char **argv)
{
    static const struct nta_errand errand = {
        .name = "reload",
        .help = help,
        .begin = "reload\n",
        .look = "load\n",
        .late = "ntad is still loading",
        .show = show,
    };

    return nta_errand_run(&errand, argc, argv);
}
