/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"
#include "base/own.h"
#include "base/text.h"
#include "base/version.h"
#include "cmd/cmd.h"
#include "cmd/run.h"
#include "keys/passphrase.h"
#include "output/fail.h"
#include "output/pager.h"
#include "trace/reading.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** By task; a row without a function is the heading of those below it. */
static const struct nta_cmd cmds[] = {
    {NULL, "look into capture files", NULL},
    {"read", "analyse capture files: who went where, and was it forbidden", nta_cmd_read},
    {NULL, "what happened", NULL},
    {"incidents", "who did what with which forbidden site: files, evidence, status",
     nta_cmd_incidents},
    {"alerts", "show alerts that are kept", nta_cmd_alerts},
    {"downloads", "show which files were downloaded", nta_cmd_downloads},
    {"records", "show records that are kept", nta_cmd_records},
    {"stats", "count users, sites, bytes, countries, hours", nta_cmd_stats},
    {"coverage", "when the sensors watched, and when not", nta_cmd_coverage},
    {NULL, "to look at and to hand on", NULL},
    {"report", "one page to look at: map, timeline, who, where, every incident", nta_cmd_report},
    {"map", "a map for Google Earth: users, servers, lines, time, a tour", nta_cmd_map},
    {"console", "the report's page live in your browser, on this machine", nta_cmd_console},
    {NULL, "who it was, and the proof", NULL},
    {"who", "who had an address, and which addresses somebody had", nta_cmd_who},
    {"packets", "write the packets that prove an alert into a capture file", nta_cmd_packets},
    {"evidence", "one incident as a file that proves itself to a stranger", nta_cmd_evidence},
    {"verify", "prove that no record was changed, removed, added or moved", nta_cmd_verify},
    {"audit", "who read, handed out, held or deleted what", nta_cmd_audit},
    {"witness", "keep and cosign heads of a chain, or have that done", nta_cmd_witness},
    {NULL, "what is forbidden", NULL},
    {"lists", "check, explain, allow, fetch, compile, line: what lists forbid", nta_cmd_lists},
    {NULL, "how long records are kept", NULL},
    {"hold", "keep the days of an incident from being deleted", nta_cmd_hold},
    {"prune", "delete what is too old, so that the chain still holds", nta_cmd_prune},
    {"export", "sealed batches into a file, to move or back up a store", nta_cmd_export},
    {"import", "such a file into a store, each batch verified", nta_cmd_import},
    {"store", "the tables in MySQL: what do they lack; make them, bring them up", nta_cmd_store},
    {NULL, "keys, and the running ntad", NULL},
    {"keys", "init, show, trust, adopt, rotate, revoke: keys and who is trusted", nta_cmd_keys},
    {"sensors", "one page of how all sensors are", nta_cmd_sensors},
    {"status", "ask the running ntad how it is", nta_cmd_status},
    {"reload", "have the running ntad load its lists anew, and wait for it", nta_cmd_reload},
    {"selftest", "does the running ntad find what it must find?", nta_cmd_selftest},
};

static void print_help(FILE *out)
{
    (void)fputs("nta: which user of this network downloaded what from a forbidden place\n\n"
                "usage: nta COMMAND [ARGUMENTS]\n",
                out);
    for (size_t i = 0; i < NTA_N_ELEMENTS(cmds); i++) {
        if (cmds[i].run)
            (void)fprintf(out, "  %-9s  %s\n", cmds[i].name, cmds[i].help);
        else
            (void)fprintf(out, "\n%s:\n", cmds[i].help);
    }
    (void)fputs("\nfirst steps:\n"
                "  nta read FILE.pcap --list LIST   look into a capture file\n"
                "  nta keys init                    make the keys that ntad needs\n"
                "  nta alerts --since today         what ntad has found\n",
                out);
    (void)fputs("\n'nta COMMAND --help' tells more; 'nta --version' says which build this is.\n"
                "'nta --passphrase-file FILE COMMAND' opens a protected auditor's key by the\n"
                "first line of FILE instead of asking for it.\n"
                "Exit status: 0 done, 1 done but something was wrong with the input or does not\n"
                "hold, 2 wrong usage, 3 could not run.\n",
                out);
}

/**
 * What was mapped is no longer there: somebody cut a file (a store's -shm file, a compiled list)
 * while it was read.  Nothing that was found until then may look like a result.
 */
static void on_cut_file(int signal_number, siginfo_t *info, void *context)
{
    static const char text[] = "nta: a file was cut short while it was read\n";

    (void)context;
    if (info->si_code == BUS_ADRERR) {
        ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

        (void)ignored;
        _exit(NTA_EXIT_FAILURE);
    }
    (void)signal(signal_number, SIG_DFL);
}

static void watch_cut_files(void)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO};

    action.sa_sigaction = on_cut_file;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGBUS, &action, NULL);
}

static int run_main(int argc, char **argv)
{
    static char option[] = "--help";
    const char *passphrase_file = NULL;

    nta_cmd_begin();
    watch_cut_files();
    if (argc < 2) {
        print_help(stderr);
        return NTA_EXIT_USAGE;
    }
    if (argc > 3 && strcmp(argv[1], "--passphrase-file") == 0) {
        passphrase_file = argv[2];
        argv += 2;
        argc -= 2;
    }
    nta_passphrase_init(passphrase_file);
    if (argc > 2 && strcmp(argv[1], "help") == 0) { /* as git: "help verify" is "verify --help" */
        argv[1] = argv[2];
        argv[2] = option;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return NTA_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        nta_version_print("nta");
        return NTA_EXIT_OK;
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(cmds); i++) {
        if (cmds[i].run && strcmp(argv[1], cmds[i].name) == 0) {
            nta_trace_question(argc - 1, argv + 1);
            const int status = nta_cmd_run(&cmds[i], argc - 1, argv + 1);

            nta_trace_end();
            nta_passphrase_done();
            return status;
        }
    }
    struct nta_nearest nearest = {.word = argv[1]};
    char shown[64];

    for (size_t i = 0; i < NTA_N_ELEMENTS(cmds); i++)
        if (cmds[i].run)
            nta_nearest_try(&nearest, cmds[i].name, strlen(cmds[i].name));
    return nta_cmd_fail(NTA_EXIT_USAGE,
                        "unknown command \"%s\"; the nearest is %.*s; 'nta help' lists them",
                        nta_text_escape_to(shown, sizeof(shown), nta_span_of(argv[1])),
                        (int)nearest.best_len, nearest.best);
}

int main(int argc, char **argv)
{
    const int status = run_main(argc, argv);

    return nta_pager_was_there() ? status
                                 : nta_cmd_end(status); /* who leaves one has read enough */
}
