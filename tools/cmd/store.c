/* SPDX-License-Identifier: Apache-2.0 */
/* nta store: the tables in MySQL, held against what this version makes, and brought up to that. */
#include "base/own.h"
#include "base/prose.h"
#include "cmd/cmd.h"
#include "config/config.h"
#include "config/secret.h"
#include "output/fail.h"
#include "search/stores.h"
#include "store/tables.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: nta store [--migrate] [--user NAME] [--password-file FILE] [OPTIONS]\n"
    "       nta store --schema\n\n"
    "Shows what the tables in MySQL lack of what this version makes: tables,\n"
    "indexes, partitions, each with the statement that puts it right.  With\n"
    "--migrate these statements are run, once each; one that copies a table takes\n"
    "its time, in which batches wait in the journal.  So ntad itself needs no right\n"
    "to make tables.\n\n"
    "  -m, --migrate         run what is shown\n"
    "  -S, --schema          print the statements that make all of it, for another\n"
    "                        program (conf/schema.sql), and do nothing\n"
    "  -u, --user NAME       log in as NAME, who may CREATE and ALTER; default: what\n"
    "                        ntad.conf names\n"
    "  -p, --password-file FILE  whose first line is that user's password\n"
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 nothing is lacking any more, 1 something is, 2 wrong usage,\n"
    "3 could not run.\n\n"
    "examples:\n"
    "  nta store\n"
    "  nta store --migrate --user root --password-file /root/mysql-password\n";

static const struct option known_options[] = {
    {"migrate", no_argument, NULL, 'm'},
    {"schema", no_argument, NULL, 'S'},
    {"user", required_argument, NULL, 'u'},
    {"password-file", required_argument, NULL, 'p'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct looking
{
    const char *config_path; ///< NULL: the default one.
    const char *user, *password_file;
    bool migrates, prints;
    size_t n;
};

static int take_options(struct looking *looking, int argc, char **argv)
{
    int c;

    while ((c = getopt_long(argc, argv, "mSu:p:c:h", known_options, NULL)) != -1) {
        switch (c) {
        case 'm': looking->migrates = true; break;
        case 'S': looking->prints = true; break;
        case 'u': looking->user = optarg; break;
        case 'p': looking->password_file = optarg; break;
        case 'c': looking->config_path = optarg; break;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        default: return nta_cmd_usage("store");
        }
    }
    if (optind < argc)
        return nta_cmd_fail(NTA_EXIT_USAGE, "store takes no argument \"%s\"", argv[optind]);
    if (looking->prints && looking->migrates)
        return nta_cmd_fail(NTA_EXIT_USAGE, "store: --schema or --migrate?");
    return -1;
}

static int print_schema(void)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    nta_buf_puts(&out, "-- The tables of NTA in MySQL and MariaDB, form 2: printed by nta store "
                       "--schema.\n"
                       "-- Where tables are there already: nta store --migrate\n");
    nta_store_put_schema(&out);
    return nta_cmd_answer(&out, false, NTA_EXIT_OK);
}

/** A statement may be of any length, and is to be copied: it is not broken into lines. */
static int show(void *owner, const char *what, const char *sql, struct nta_err *err)
{
    struct looking *looking = owner;

    looking->n++;
    (void)printf("%s: %s\n  %s;\n", looking->migrates ? "put right" : "lacking", what, sql);
    return fflush(stdout) == 0 ? 0 : nta_err_sys(err, -EIO, "standard output");
}

static int look(struct looking *looking, const struct nta_config *config, struct nta_err *err)
{
    char password[NTA_SECRET_SIZE];
    struct nta_mysql_options mysql;
    int r = nta_stores_mysql(config, password, &mysql, err);

    if (looking->user)
        mysql.user = looking->user;
    if (r == 0 && looking->password_file)
        r = nta_config_read_secret(looking->password_file, password, err);
    if (r == 0)
        r = nta_store_each_lack(&mysql, looking->migrates, show, looking, err);
    explicit_bzero(password, sizeof(password));
    return r;
}

static int run(struct looking *looking)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    struct nta_err err = {0};
    int r = nta_config_load(looking->config_path ? looking->config_path : NTA_DEFAULT_CONFIG,
                            &config, &err);

    if (r == 0 && !config->mysql.enabled)
        r = nta_err_set(&err, -ENOTSUP,
                        "ntad.conf has no section mysql: the journal is the store, and its tables "
                        "are made with it");
    if (r == 0)
        r = look(looking, config, &err);
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s%s", err.text,
                            r == -EACCES ? "; --user names somebody who may" : "");
    if (looking->n == 0)
        (void)puts("nothing is lacking");
    return looking->n > 0 && !looking->migrates ? NTA_EXIT_INPUT : NTA_EXIT_OK;
}

int nta_cmd_store(int argc, char **argv)
{
    struct looking looking = {.n = 0};
    int status = take_options(&looking, argc, argv);

    if (status >= 0)
        return status;
    return looking.prints ? print_schema() : run(&looking);
}
