/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta lists: what the loader makes of list files, and why a name is or is not forbidden, with the
 * workers' own code.
 */
#include "cmd/cmd.h"
#include "lists/subcommands.h"
#include "output/fail.h"
#include "search/stores.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: nta lists check [OPTIONS] [FILE...]\n"
    "       nta lists explain [OPTIONS] NAME|ADDRESS|URL...\n"
    "       nta lists compile [-c FILE]\n"
    "       nta lists line [OPTIONS] LIST NUMBER\n\n"
    "check loads list files as ntad does and says what it made of each: the share of\n"
    "lines that were taken, entries, duplicates, lines skipped or not understood by\n"
    "reason (the first ten with file and line), entries that other lists have too,\n"
    "and which list would be refused and why.\n"
    "explain says whether a name, an address or a URL is forbidden: which list,\n"
    "line, entry and rule decided, what else would have matched, what exceptions\n"
    "did, and whether the address is shared.\n"
    "compile reads the lists of ntad.conf and keeps them as ntad does\n"
    "(blacklist.compiled), so that its next start or reload finds them ready; check\n"
    "FILE.ntaset holds such a file against its SHA-256.\n\n"
    "line shows a line of a list as it was at a time: the records of the policy say\n"
    "which list was in force, and its text is kept beside the store and held against\n"
    "their tree hash.  LIST is a name as in match.list.\n\n"
    "  -l, --list FILE     a blacklist (may be repeated); default: those of\n"
    "                      ntad.conf\n"
    "  -a, --allow FILE    a list of exceptions (may be repeated)\n"
    "      --column NAME   the column of a table that holds the entries\n"
    "      --force         take public suffixes and names without a dot, too\n"
    "  -j, --json          JSON; of explain, an object a line\n"
    "      --at TIME       of line: when (times as in nta records); default: now\n"
    "  -d, --store DIR     of line: the folder of `nta read --store`; default: what\n"
    "                      ntad.conf names\n"
    "  -k, --key KEY       of line: trust this sensor (nta-sensor-...) and no other\n"
    "  -c, --config FILE   another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help          this text\n\n"
    "Exit status: 0 fine (also with lines that mean nothing for names, addresses\n"
    "and URLs, or a kind of rule that is not taken; explain: also when nothing is\n"
    "found), 1 something is wrong: a line that is not understood or would cover\n"
    "everything, or a list that would be refused; line: it is not kept, or is not\n"
    "what was in force, 2 wrong usage, 3 could not run.\n\n"
    "examples:\n"
    "  nta lists check                                  the lists of ntad.conf\n"
    "  nta lists check new-feed.csv --column ioc_value  a list that is to be added\n"
    "  nta lists explain files.bad.example 192.0.2.66 http://bad.example/x\n";

enum
{
    OPT_COLUMN = 256,
    OPT_FORCE,
    OPT_AT
};

static const struct option options[] = {
    {"list", required_argument, NULL, 'l'},
    {"allow", required_argument, NULL, 'a'},
    {"column", required_argument, NULL, OPT_COLUMN},
    {"force", no_argument, NULL, OPT_FORCE},
    {"json", no_argument, NULL, 'j'},
    {"at", required_argument, NULL, OPT_AT},
    {"store", required_argument, NULL, 'd'},
    {"key", required_argument, NULL, 'k'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/** A list named on the command line: whoever owns it is trusted. */
static int add(struct nta_lists *lists, const char *path, bool allow)
{
    struct nta_config *config = lists->config;

    if (config->blacklist.n_files == NTA_CONFIG_MAX)
        return nta_cmd_fail(NTA_EXIT_USAGE, "more than %d lists", NTA_CONFIG_MAX);
    struct nta_config_list *list = &config->blacklist.files[config->blacklist.n_files++];

    *list = (struct nta_config_list){.path = strdup(path), .allow = allow, .any_owner = true};
    lists->named = true;
    return list->path ? 0 : nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
}

static int take_options(struct nta_lists *lists, int argc, char **argv)
{
    int c, status = 0;

    while (status == 0 && (c = getopt_long(argc, argv, "l:a:jc:d:k:h", options, NULL)) != -1) {
        switch (c) {
        case 'l': status = add(lists, optarg, false); break;
        case 'a': status = add(lists, optarg, true); break;
        case 'j': lists->json = true; break;
        case 'c': lists->config_path = optarg; break;
        case OPT_COLUMN: lists->column = optarg; break;
        case OPT_FORCE: lists->force = true; break;
        case OPT_AT: lists->at = optarg; break;
        case 'd': lists->store = optarg; break;
        case 'k': lists->key = optarg; break;
        case 'h': (void)fputs(help, stdout); exit(NTA_EXIT_OK); // NOLINT(concurrency-mt-unsafe)
        default: return nta_cmd_usage("lists");
        }
    }
    return status;
}

/** No list named: those of the configuration; else what the options say of them. */
static int complete(struct nta_lists *lists)
{
    struct nta_err err;

    if (!lists->named) {
        nta_config_free(&lists->config);
        if (nta_config_load(lists->config_path ? lists->config_path : NTA_DEFAULT_CONFIG,
                            &lists->config, &err) < 0)
            return nta_cmd_fail(NTA_EXIT_FAILURE, "%s%s", err.text,
                                lists->config_path ? "" : "; --list FILE names a list");
        return lists->config->blacklist.n_files
                   ? 0
                   : nta_cmd_fail(NTA_EXIT_FAILURE, "the configuration names no list");
    }
    for (size_t i = 0; i < lists->config->blacklist.n_files; i++) {
        struct nta_config_list *list = &lists->config->blacklist.files[i];

        list->force = lists->force;
        list->column = lists->column ? strdup(lists->column) : NULL;
    }
    return 0;
}

static int check(struct nta_lists *lists, int argc, char **argv)
{
    int status = 0;

    if (optind + 1 == argc && nta_lists_is_compiled(argv[optind]))
        return nta_lists_check_compiled(argv[optind]);
    for (int i = optind; i < argc && status == 0; i++)
        status = add(lists, argv[i], false);
    if (status == 0)
        status = complete(lists);
    return status ? status : nta_lists_check(lists);
}

/** The lists of the configuration, whatever is named. */
static int compile(struct nta_lists *lists, int argc)
{
    if (optind < argc || lists->named) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "compile takes the lists of the configuration");
        return nta_cmd_usage("lists");
    }
    int status = complete(lists);

    return status ? status : nta_lists_compile(lists);
}

static int explain(struct nta_lists *lists, int argc, char **argv)
{
    if (optind == argc) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "which name, address or URL?");
        return nta_cmd_usage("lists");
    }
    int status = complete(lists);

    return status ? status : nta_lists_explain(lists, argc - optind, argv + optind);
}

static int line(const struct nta_lists *lists, int argc, char **argv)
{
    if (optind + 2 == argc)
        return nta_lists_line(lists, argv[optind], argv[optind + 1]);
    (void)nta_cmd_fail(NTA_EXIT_USAGE, "line LIST NUMBER: which line of which list?");
    return nta_cmd_usage("lists");
}

int nta_cmd_lists(int argc, char **argv)
{
    struct nta_lists lists = {0};
    struct nta_err err;
    bool checks = argc > 1 && strcmp(argv[1], "check") == 0;
    bool explains = argc > 1 && strcmp(argv[1], "explain") == 0;
    bool compiles = argc > 1 && strcmp(argv[1], "compile") == 0;
    bool lines = argc > 1 && strcmp(argv[1], "line") == 0;
    int skip = checks || explains || compiles || lines;

    if (nta_config_new(&lists.config, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    int status = take_options(&lists, argc - skip, argv + skip);

    if (status == 0 && checks)
        status = check(&lists, argc - skip, argv + skip);
    else if (status == 0 && explains)
        status = explain(&lists, argc - skip, argv + skip);
    else if (status == 0 && compiles)
        status = compile(&lists, argc - skip);
    else if (status == 0 && lines)
        status = line(&lists, argc - skip, argv + skip);
    else if (status == 0) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "check, explain, compile or line?");
        status = nta_cmd_usage("lists");
    }
    nta_config_free(&lists.config);
    return status;
}
