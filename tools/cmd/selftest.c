/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta selftest: has the running ntad make up visits to a name that it must find, and waits for what
 * becomes of them (the canary, at once).
 */
#include "base/prose.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "output/errand.h"
#include "output/fail.h"

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

/** Waits longer than ntad does (blacklist.canary_wait). */
static int show(const char *words)
{
    char shown[512];

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
    static const struct nta_errand errand = {
        .name = "selftest",
        .help = help,
        .begin = "selftest\n",
        .look = "round\n",
        .late = "ntad does not end its round",
        .show = show,
    };

    return nta_errand_run(&errand, argc, argv);
}
