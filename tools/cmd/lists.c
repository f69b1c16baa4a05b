/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta lists: what the loader makes of list files, and why a name is or is not forbidden, with the
 * workers' own code.
 */
#include "base/own.h"
#include "cmd/cmd.h"
#include "lists/subcommands.h"
#include "options/options.h"
#include "output/fail.h"
#include "search/stores.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: nta lists check [OPTIONS] [FILE...]\n"
    "       nta lists explain [OPTIONS] NAME|ADDRESS|URL|HASH|JA4...\n"
    "       nta lists allow NAME|ADDRESS|URL --reason TEXT [-c FILE]\n"
    "       nta lists fetch [OPTIONS]\n"
    "       nta lists compile [-c FILE]\n"
    "       nta lists line [OPTIONS] LIST NUMBER\n\n"
    "check loads list files as ntad does and says what it made of each: the share of\n"
    "lines that were taken, entries, duplicates, lines skipped or not understood by\n"
    "reason (the first ten with file and line), entries that other lists have too,\n"
    "and which list would be refused and why.\n"
    "explain says whether a name, an address, a URL, the SHA-256 of a file, a JA4\n"
    "or a certificate (cert:SHA-1, cert:SHA-256) is forbidden: which list, line,\n"
    "entry and rule decided, what else would have matched, what exceptions did, and\n"
    "whether the address is shared.  With --user or --at it says so for this user at\n"
    "this time, and of each list why it does not apply.\n"
    "allow adds an exception to the first list of exceptions of ntad.conf that is\n"
    "not fetched, with who, when and why in a comment, and has ntad reload.\n"
    "fetch gets the lists and geo databases that have a url in ntad.conf.  A file\n"
    "that is fetched must be good as check says it before it replaces the old one;\n"
    "then ntad reloads.  nta-lists.timer does that each day.\n"
    "compile reads the lists of ntad.conf and keeps them as ntad does\n"
    "(blacklist.compiled), so that its next start or reload finds them ready; check\n"
    "FILE.ntaset holds such a file against its SHA-256.\n\n"
    "line shows a line of a list as it was at a time: the records of the policy say\n"
    "which list was in force, and its text is kept beside the store and held against\n"
    "their tree hash.  LIST is a name as in match.list.\n\n"
    "  -l, --list FILE     a blacklist (may be repeated); default: those of\n"
    "                      ntad.conf.  Of allow and fetch: the NAME of a list\n"
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
    "explain:\n"
    "  -u, --user WHO      an address, vlan:N, login:NAME, department:NAME or\n"
    "                      person:NAME (repeated: all of the same user)\n"
    "      --at TIME       as --since of nta records; default: now\n\n"
    "allow:\n"
    "      --reason TEXT   why, for whoever reads the list later\n\n"
    "fetch:\n"
    "      --dry-run       fetch and check, but change nothing\n"
    "      --timeout N     seconds for one file; default 300\n"
    "      --ca FILE       who signs the servers' certificates, in place of the\n"
    "                      system's authorities (PEM)\n"
    "      --note FILE     make FILE if something was changed, in place of a reload\n\n"
    "Exit status: 0 fine (also with lines that mean nothing for names, addresses\n"
    "and URLs, or a kind of rule that is not taken; explain: also when nothing is\n"
    "found), 1 something is wrong: a line that is not understood or would cover\n"
    "everything, a list that would be refused, an exception that is there already,\n"
    "a file that was not fetched, a line that is not kept or was not in force, 2\n"
    "wrong usage, 3 could not run.\n\n"
    "examples:\n"
    "  nta lists check                                  the lists of ntad.conf\n"
    "  nta lists check new-feed.csv --column ioc_value  a list that is to be added\n"
    "  nta lists explain files.bad.example 192.0.2.66 http://bad.example/x\n"
    "  nta lists explain video.example --user 10.1.0.5 --at 'monday 09:30'\n"
    "  nta lists allow cdn.example --reason 'needed by the library, ticket 12'\n";

enum
{
    OPT_COLUMN = 'C', /* letters that only the table of subcommands uses */
    OPT_FORCE = 'F',
    OPT_AT = 'A',
    OPT_REASON = 'R',
    OPT_DRY_RUN = 'D',
    OPT_TIMEOUT = 'T',
    OPT_CA = 'S',
    OPT_NOTE = 'N',
};

enum
{
    TIMEOUT_S = 300,
    TIMEOUT_MAX_S = 24 * 3600,
};

static const struct option options[] = {
    {"list", required_argument, NULL, 'l'},
    {"allow", required_argument, NULL, 'a'},
    {"column", required_argument, NULL, OPT_COLUMN},
    {"force", no_argument, NULL, OPT_FORCE},
    {"json", no_argument, NULL, 'j'},
    {"store", required_argument, NULL, 'd'},
    {"key", required_argument, NULL, 'k'},
    {"config", required_argument, NULL, 'c'},
    {"user", required_argument, NULL, 'u'},
    {"at", required_argument, NULL, OPT_AT},
    {"reason", required_argument, NULL, OPT_REASON},
    {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"ca", required_argument, NULL, OPT_CA},
    {"note", required_argument, NULL, OPT_NOTE},
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

/** --list is a file's path where lists are read, and a list's name where one is meant. */
static int take_list(struct nta_lists *lists, bool by_name, const char *text)
{
    if (!by_name)
        return add(lists, text, false);
    lists->list_name = text;
    return 0;
}

static int take_user(struct nta_lists *lists, const char *text)
{
    struct nta_err err = {0};

    if (lists->n_users == NTA_N_ELEMENTS(lists->users))
        return nta_cmd_fail(NTA_EXIT_USAGE, "too many --user: it is one user");
    if (nta_whom_parse(text, &lists->users[lists->n_users], &err) < 0)
        return nta_cmd_fail(NTA_EXIT_USAGE, "--user: %s", err.text);
    lists->n_users++;
    return 0;
}

static int take_timeout(struct nta_lists *lists, const char *text)
{
    struct nta_err err = {0};

    return nta_options_number("--timeout", text, 1, TIMEOUT_MAX_S, &lists->seconds, &err) < 0
               ? nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text)
               : 0;
}

static int take_option(struct nta_lists *lists, bool by_name, int c)
{
    switch (c) {
    case 'l': return take_list(lists, by_name, optarg);
    case 'a': return add(lists, optarg, true);
    case 'j': lists->json = true; break;
    case 'c': lists->config_path = optarg; break;
    case 'u': return take_user(lists, optarg);
    case OPT_COLUMN: lists->column = optarg; break;
    case OPT_FORCE: lists->force = true; break;
    case OPT_AT: lists->at = optarg; break;
    case 'd': lists->store = optarg; break;
    case 'k': lists->key = optarg; break;
    case OPT_REASON: lists->reason = optarg; break;
    case OPT_DRY_RUN: lists->dry_run = true; break;
    case OPT_TIMEOUT: return take_timeout(lists, optarg);
    case OPT_CA: lists->ca_path = optarg; break;
    case OPT_NOTE: lists->note_path = optarg; break;
    case 'h': (void)fputs(help, stdout); exit(NTA_EXIT_OK); // NOLINT(concurrency-mt-unsafe)
    default: return nta_cmd_usage("lists");
    }
    return 0;
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
        return nta_lists_check_compiled(argv[optind], lists->json);
    for (int i = optind; i < argc && status == 0; i++)
        status = nta_lists_is_compiled(argv[i])
                     ? nta_cmd_fail(NTA_EXIT_USAGE, "a compiled set is checked alone")
                     : add(lists, argv[i], false);
    if (status == 0)
        status = complete(lists);
    return status ? status : nta_lists_check(lists);
}

/** The lists of the configuration, whatever is named. */
static int compile(struct nta_lists *lists, int argc, char **argv)
{
    (void)argv;
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
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "which name, address, URL, hash or JA4?");
        return nta_cmd_usage("lists");
    }
    int status = complete(lists);

    return status ? status : nta_lists_explain(lists, argc - optind, argv + optind);
}

static int line(struct nta_lists *lists, int argc, char **argv)
{
    if (optind + 2 == argc)
        return nta_lists_line(lists, argv[optind], argv[optind + 1]);
    (void)nta_cmd_fail(NTA_EXIT_USAGE, "line LIST NUMBER: which line of which list?");
    return nta_cmd_usage("lists");
}

static int allow(struct nta_lists *lists, int argc, char **argv)
{
    if (optind + 1 != argc || lists->named) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "which one name, address or URL is to be allowed?");
        return nta_cmd_usage("lists");
    }
    int status = complete(lists);

    return status ? status : nta_lists_allow(lists, argv[optind]);
}

/** A configuration without lists may have databases. */
static int fetch(struct nta_lists *lists, int argc, char **argv)
{
    struct nta_err err;

    (void)argv;
    if (optind < argc || lists->named) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "fetch takes what has a url in the configuration");
        return nta_cmd_usage("lists");
    }
    nta_config_free(&lists->config);
    if (nta_config_load(lists->config_path ? lists->config_path : NTA_DEFAULT_CONFIG,
                        &lists->config, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    return nta_lists_fetch(lists);
}

static const struct subcommand
{
    const char *name;
    int (*run)(struct nta_lists *lists, int argc, char **argv);
    bool by_name;      ///< Its --list is a list's name.
    const char *takes; ///< The options' letters.
} subcommands[] = {
    {"check", check, false, "lajcCF"},  {"explain", explain, false, "lajcCFuA"},
    {"allow", allow, true, "lacR"},     {"fetch", fetch, true, "lacDTSN"},
    {"compile", compile, false, "lac"}, {"line", line, false, "cdkA"},
};

static int refuse_option(const struct subcommand *which, int c)
{
    const struct option *option = options;

    while (option->name && option->val != c)
        option++;
    (void)nta_cmd_fail(NTA_EXIT_USAGE, "%s has no --%s", which->name, option->name);
    return nta_cmd_usage("lists");
}

/** An option of another subcommand would be ignored in silence; `which` may be NULL. */
static int take_options(struct nta_lists *lists, const struct subcommand *which, int argc,
                        char **argv)
{
    int c, status = 0;

    while (status == 0 && (c = getopt_long(argc, argv, "l:a:jc:u:d:k:h", options, NULL)) != -1) {
        if (which && c != 'h' && c != '?' && !strchr(which->takes, c))
            return refuse_option(which, c);
        status = take_option(lists, which && which->by_name, c);
    }
    return status;
}

int nta_cmd_lists(int argc, char **argv)
{
    struct nta_lists lists = {.seconds = TIMEOUT_S};
    struct nta_err err;
    size_t i = 0;

    while (i < NTA_N_ELEMENTS(subcommands) &&
           (argc < 2 || strcmp(argv[1], subcommands[i].name) != 0))
        i++;
    const bool known = i < NTA_N_ELEMENTS(subcommands);

    if (nta_config_new(&lists.config, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    int status = take_options(&lists, known ? &subcommands[i] : NULL, argc - known, argv + known);

    if (status == 0 && known)
        status = subcommands[i].run(&lists, argc - known, argv + known);
    else if (status == 0) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "check, explain, allow, fetch, compile or line?");
        status = nta_cmd_usage("lists");
    }
    nta_config_free(&lists.config);
    return status;
}
