/* SPDX-License-Identifier: Apache-2.0 */
/* nta witness: heads of chains, kept and cosigned by somebody else. */
#include "base/own.h"
#include "cmd/cmd.h"
#include "output/fail.h"
#include "search/stores.h"
#include "witness/subcommands.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: nta witness serve --dir DIR --name NAME [OPTIONS] LOG...\n"
    "       nta witness post URL --witness KEY [OPTIONS]\n"
    "       nta witness post --list FILE [OPTIONS]\n\n"
    "A witness keeps the newest head of a sensor's chain, and nothing else, and\n"
    "signs a newer one with the time when it is shown that this one continues it.\n"
    "So whoever cuts the chain's end off, or makes another past, is found by anybody\n"
    "who has what it signed: nta verify --heads FILE --witness KEY.  What they speak\n"
    "is c2sp.org/tlog-witness.\n\n"
    "serve is such a witness, for a machine of somebody who has no interest in the\n"
    "sensor's; nothing but hashes ever gets there.  LOG is a sensor's key as `nta\n"
    "keys show` prints it behind `witness`.  Its own key is printed at its start.\n"
    "post shows the newest head of this sensor's chain to a witness, or to all of a\n"
    "list; nta-witness.timer runs it each hour.  It needs no secret: what is posted\n"
    "is journal.state beside the journal, which ntad signs, and hashes.\n\n"
    "of serve:\n"
    "      --dir DIR       where its key and the heads are; made the first time;\n"
    "                      keep it: one that forgets would sign another past\n"
    "  -n, --name NAME     by which others know it, as witness.example.org/one\n"
    "  -l, --listen ADDR   where to listen; default: 127.0.0.1; TLS is a proxy's\n"
    "  -p, --port N        default: 8473\n\n"
    "of post:\n"
    "  -o, --output FILE   append the cosigned checkpoint to FILE\n"
    "  -w, --witness KEY   the witness's key: what it answers has to be signed by it\n"
    "      --list FILE     witnesses, a line each: KEY URL; and authorities for time\n"
    "                      stamps (RFC 3161), a line each: tsa NAME URL.  One that\n"
    "                      is away keeps no other from being asked; -o gets the head\n"
    "                      in any case, and verify --witness reads FILE, too\n"
    "  -d, --store DIR     the folder of `nta read --store`; default: what ntad.conf\n"
    "                      names\n"
    "  -c, --config FILE   another configuration than " NTA_DEFAULT_CONFIG "\n\n"
    "  -h, --help          this text\n\n"
    "Exit status:\n"
    "  0  cosigned; of serve: it was ended\n"
    "  1  refused: the witness has seen another past of this chain, or does not know\n"
    "     it\n"
    "  2  wrong usage\n"
    "  3  it was not reached, or could not run\n";

static const struct
{
    const char *name;
    int (*run)(int argc, char **argv);
} subcommands[] = {
    {"serve", nta_witness_serve},
    {"post", nta_witness_post},
};

static int say_help(void)
{
    return fputs(help, stdout) < 0 ? NTA_EXIT_FAILURE : NTA_EXIT_OK;
}

int nta_cmd_witness(int argc, char **argv)
{
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return say_help();
    for (size_t i = 0; i < NTA_N_ELEMENTS(subcommands) && argc > 1; i++)
        if (strcmp(argv[1], subcommands[i].name) == 0) {
            argv[1] = argv[0];
            const int status = subcommands[i].run(argc - 1, argv + 1);

            return status < 0 ? say_help() : status;
        }
    (void)nta_cmd_fail(NTA_EXIT_USAGE, "serve, or post?");
    return nta_cmd_usage("witness");
}
