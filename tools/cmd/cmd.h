/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The admin's command line: one row of nta_cmds[] and one file a subcommand.
 *
 * A subcommand gets argv from its own name on, parses it with getopt_long, and gives an exit status.
 */

struct nta_cmd
{
    const char *name;
    const char *help; ///< One line.
    int (*run)(int argc, char **argv);
};

int nta_cmd_read(int argc, char **argv);
int nta_cmd_records(int argc, char **argv);
int nta_cmd_alerts(int argc, char **argv);
int nta_cmd_stats(int argc, char **argv);
int nta_cmd_map(int argc, char **argv);
int nta_cmd_report(int argc, char **argv);
int nta_cmd_console(int argc, char **argv);
int nta_cmd_packets(int argc, char **argv);
int nta_cmd_verify(int argc, char **argv);
int nta_cmd_keys(int argc, char **argv);
int nta_cmd_lists(int argc, char **argv);
int nta_cmd_status(int argc, char **argv);
