/* SPDX-License-Identifier: Apache-2.0 */
/* nta lists: what the loader makes of list files, and why a name is or is not forbidden, with the workers' own code. */
#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"
#include "blacklist/blacklist.h"
#include "cmd.h"
#include "config/config.h"
#include "search/stores.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: nta lists check [FILE...]\n"
    "       nta lists explain NAME|ADDRESS|URL... [--list FILE]... [--allow FILE]...\n\n"
    "check loads list files as ntad does and says what it made of each: entries, duplicates, lines\n"
    "skipped, lines not understood (the first ten with their reason).\n"
    "explain says which list, line and entry decides for a name, an address or a URL, and what else\n"
    "covers it.\n\n"
    "  -l, --list FILE     a blacklist (may be repeated); default: those of ntad.conf\n"
    "  -a, --allow FILE    a list of exceptions (may be repeated)\n"
    "  -c, --config FILE   another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help          this text\n\n"
    "Exit status: 0 fine (explain: also when nothing is found), 1 a list has lines that are not\n"
    "understood or would be refused, 2 wrong usage, 3 could not run.\n";

static const struct option options[] = {
    {"list", required_argument, NULL, 'l'},
    {"allow", required_argument, NULL, 'a'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct lists
{
    struct nta_list_source sources[2 * NTA_CONFIG_MAX];
    size_t n;
    const char *config_path;
    struct nta_config *config;
};

static int add(struct lists *lists, const char *path, bool allow)
{
    if (lists->n == NTA_N_ELEMENTS(lists->sources))
        return nta_cmd_fail(NTA_EXIT_USAGE, "too many lists");
    lists->sources[lists->n++] =
        (struct nta_list_source){.path = path, .allow = allow, .any_owner = true};
    return 0;
}

static int take_options(struct lists *lists, int argc, char **argv)
{
    int c, status = 0;

    while ((c = getopt_long(argc, argv, "l:a:c:h", options, NULL)) != -1 && status == 0) {
        switch (c) {
        case 'l': status = add(lists, optarg, false); break;
        case 'a': status = add(lists, optarg, true); break;
        case 'c': lists->config_path = optarg; break;
        case 'h': (void)fputs(help, stdout); exit(NTA_EXIT_OK); // NOLINT(concurrency-mt-unsafe)
        default: return nta_cmd_usage("lists");
        }
    }
    return status;
}

/** No list named: those of the configuration. */
static int take_config(struct lists *lists)
{
    struct nta_err err;

    if (lists->n)
        return 0;
    if (nta_config_load(lists->config_path ? lists->config_path : NTA_DEFAULT_CONFIG,
                        &lists->config, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    for (size_t i = 0; i < lists->config->blacklist.n_files; i++) {
        const struct nta_config_list *file = &lists->config->blacklist.files[i];

        lists->sources[lists->n++] = (struct nta_list_source){
            .path = file->path,
            .name = file->name,
            .category = file->category,
            .allow = file->allow,
        };
    }
    return lists->n ? 0 : nta_cmd_fail(NTA_EXIT_FAILURE, "the configuration names no list");
}

/** Load all; each refused list is said, the others go on.  `ret_status` gets NTA_EXIT_INPUT then. */
static int load(const struct lists *lists, struct nta_blacklist **ret_set, int *ret_status)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_err err;

    if (nta_blacklist_builder_new(&builder, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    for (size_t i = 0; i < lists->n; i++) {
        if (nta_blacklist_builder_add(builder, &lists->sources[i], &complaints, &err) < 0) {
            if (complaints.len)
                (void)fwrite(complaints.ptr, 1, complaints.len, stderr);
            return nta_cmd_fail(NTA_EXIT_INPUT, "refused: %s", err.text);
        }
    }
    if (complaints.len) {
        (void)fwrite(complaints.ptr, 1, complaints.len, stderr);
        *ret_status = NTA_EXIT_INPUT;
    }
    if (nta_blacklist_builder_build(builder, ret_set, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_INPUT, "refused: %s", err.text);
    return 0;
}

static void print_report(const struct nta_list_report *list)
{
    char shown[256];

    (void)printf("%-28s %-5s %9" PRIu64 " %9" PRIu64 " %7" PRIu64 " %7" PRIu64 " %9" PRIu64
                 " %8" PRIu64 " %6" PRIu64 "  ",
                 nta_text_escape_to(shown, sizeof(shown), nta_span_of(list->name)),
                 list->allow ? "allow" : "deny", list->n_domains, list->n_addresses, list->n_cidrs,
                 list->n_urls, list->n_duplicates, list->n_skipped, list->n_bad);
    for (size_t i = 0; i < 8; i++)
        (void)printf("%02x", list->sha256[i]);
    (void)putchar('\n');
}

static int check(struct lists *lists, int argc, char **argv)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    int64_t began_ns = nta_clock_mono_ns();
    int status = 0;

    for (int i = optind; i < argc; i++) {
        status = add(lists, argv[i], false);
        if (status)
            return status;
    }
    status = take_config(lists);
    if (status)
        return status;
    int r = load(lists, &set, &status);

    if (r)
        return r;
    (void)printf("%-28s %-5s %9s %9s %7s %7s %9s %8s %6s  %s\n", "LIST", "KIND", "DOMAINS",
                 "ADDRESSES", "CIDRS", "URLS", "DUPLICATE", "SKIPPED", "BAD", "SHA-256");
    for (size_t i = 0; i < nta_blacklist_n_lists(set); i++)
        print_report(nta_blacklist_get_list(set, i));
    (void)printf("%.1f MiB of memory, ready in %.2f s\n",
                 (double)nta_blacklist_memory(set) / (1024.0 * 1024.0),
                 (double)(nta_clock_mono_ns() - began_ns) / (double)NTA_NS_PER_S);
    return status;
}

static void print_hit(const struct nta_hit *hit, const char *word)
{
    char list[128], entry[512];

    (void)printf("  %-8s list \"%s\", line %u: %s\n", word,
                 nta_text_escape_to(list, sizeof(list), nta_span_of(hit->list->name)), hit->line,
                 nta_text_escape_to(entry, sizeof(entry), hit->entry));
}

static bool on_covering(void *owner, const struct nta_hit *hit, bool allow)
{
    (void)owner;
    print_hit(hit, allow ? "allow" : "deny");
    return true;
}

/** The path and query of a URL, from its slash on; empty if there is none. */
static struct nta_span target_of(const char *text, struct nta_span host)
{
    const char *slash = strstr(text, "://") || strchr(text, '/')
                            ? strchr((const char *)host.ptr + host.len, '/')
                            : NULL;

    return nta_span_of(slash ? slash : "");
}

/** True if a URL entry decides. */
static bool explain_url(const struct nta_blacklist *set, struct nta_span host,
                        struct nta_span target)
{
    char name[NTA_NAME_SIZE];
    size_t len = nta_blacklist_name(host, name);
    const struct nta_span site = {(const uint8_t *)name, len};
    struct nta_hit hit;

    if (len == 0 || target.len == 0 || !nta_blacklist_match_url(set, site, target, &hit))
        return false;
    (void)puts("forbidden as a URL");
    print_hit(&hit, "by");
    return true;
}

static void explain_addr(const struct nta_blacklist *set, const struct nta_addr *addr)
{
    char room[NTA_NAME_SIZE];
    struct nta_hit hit;

    if (nta_blacklist_match_addr(set, addr, room, &hit)) {
        (void)puts("forbidden (weak where only the address is known)");
        print_hit(&hit, "by");
    } else if (nta_blacklist_allows_addr(set, addr, room, &hit)) {
        (void)puts("allowed");
        print_hit(&hit, "by");
    } else {
        (void)puts("in no list");
    }
}

static void explain_name(const struct nta_blacklist *set, struct nta_span wire)
{
    char name[NTA_NAME_SIZE], room[NTA_NAME_SIZE];
    size_t len = nta_blacklist_name(wire, name);
    struct nta_hit hit;

    if (len == 0) {
        (void)puts("not a host name");
        return;
    }
    if (nta_blacklist_match_name(set, name, len, room, &hit)) {
        (void)puts("forbidden");
        print_hit(&hit, "by");
    } else if (nta_blacklist_allows_name(set, name, len, room, &hit)) {
        (void)puts("allowed");
        print_hit(&hit, "by");
    } else {
        (void)puts("in no list");
        return;
    }
    (void)puts("  all that cover it, most specific first:");
    nta_blacklist_each_name(set, name, len, on_covering, NULL);
}

/** The host of a URL, or the text itself. */
static struct nta_span host_of(const char *text)
{
    const char *host = strstr(text, "://");
    const char *at;

    host = host ? host + 3 : text;
    size_t len = strcspn(host, "/?#");

    at = memchr(host, '@', len);
    if (at) {
        len -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    if (len && host[0] == '[') {
        host++;
        len = strcspn(host, "]");
    } else if (memchr(host, ':', len) && !strchr(strchr(host, ':') + 1, ':')) {
        len = strcspn(host, ":");
    }
    return (struct nta_span){(const uint8_t *)host, len};
}

static int explain(struct lists *lists, int argc, char **argv)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    int status = take_config(lists), ignored = 0;

    if (status)
        return status;
    if (optind == argc) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "which name, address or URL?");
        return nta_cmd_usage("lists");
    }
    status = load(lists, &set, &ignored);
    for (int i = optind; i < argc && status == 0; i++) {
        struct nta_span host = host_of(argv[i]);
        struct nta_addr addr;
        char shown[300];

        (void)printf("%s: ", nta_text_escape_to(shown, sizeof(shown), host));
        if (explain_url(set, host, target_of(argv[i], host)))
            continue;
        if (nta_addr_parse((const char *)host.ptr, host.len, &addr) == 0)
            explain_addr(set, &addr);
        else
            explain_name(set, host);
    }
    return status;
}

int nta_cmd_lists(int argc, char **argv)
{
    struct lists lists = {0};
    int status;

    if (argc > 1 && strcmp(argv[1], "check") == 0) {
        status = take_options(&lists, argc - 1, argv + 1);
        if (status == 0)
            status = check(&lists, argc - 1, argv + 1);
    } else if (argc > 1 && strcmp(argv[1], "explain") == 0) {
        status = take_options(&lists, argc - 1, argv + 1);
        if (status == 0)
            status = explain(&lists, argc - 1, argv + 1);
    } else {
        status = take_options(&lists, argc, argv);
        if (status == 0) {
            (void)nta_cmd_fail(NTA_EXIT_USAGE, "check or explain?");
            status = nta_cmd_usage("lists");
        }
    }
    nta_config_free(&lists.config);
    return status;
}
