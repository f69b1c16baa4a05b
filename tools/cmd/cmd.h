/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The admin's command line: one row of main.c's cmds[] and one file a subcommand.
 *
 * A subcommand gets argv from its own name on, parses it with getopt_long, and gives an exit
 * status.
 */

struct nta_cmd
{
    const char *name;
    const char *help;                  ///< One line.
    int (*run)(int argc, char **argv); ///< NULL: a heading, in `help`.
};

/** `nta read`: all subcommands take the arguments from their name on, and give an exit status. */
int nta_cmd_read(int argc, char **argv);
/** `nta records`. */
int nta_cmd_records(int argc, char **argv);
/** `nta downloads`. */
int nta_cmd_downloads(int argc, char **argv);

/** `nta alerts`. */
int nta_cmd_alerts(int argc, char **argv);
/** `nta incidents`. */
int nta_cmd_incidents(int argc, char **argv);
/** `nta coverage`. */
int nta_cmd_coverage(int argc, char **argv);
/** `nta stats`. */
int nta_cmd_stats(int argc, char **argv);
/** `nta map`. */
int nta_cmd_map(int argc, char **argv);
/** `nta report`. */
int nta_cmd_report(int argc, char **argv);
/** `nta console`. */
int nta_cmd_console(int argc, char **argv);
/** `nta packets`. */
int nta_cmd_packets(int argc, char **argv);
/** `nta evidence`. */
int nta_cmd_evidence(int argc, char **argv);
/** `nta who`. */
int nta_cmd_who(int argc, char **argv);
/** `nta verify`. */
int nta_cmd_verify(int argc, char **argv);
/** `nta audit`. */
int nta_cmd_audit(int argc, char **argv);
/** `nta witness`. */
int nta_cmd_witness(int argc, char **argv);
/** `nta keys`. */
int nta_cmd_keys(int argc, char **argv);
/** `nta prune`. */
int nta_cmd_prune(int argc, char **argv);
/** `nta hold`. */
int nta_cmd_hold(int argc, char **argv);
/** `nta sensors`. */
int nta_cmd_sensors(int argc, char **argv);
/** `nta export`. */
int nta_cmd_export(int argc, char **argv);
/** `nta import`. */
int nta_cmd_import(int argc, char **argv);
/** `nta store`. */
int nta_cmd_store(int argc, char **argv);
/** `nta lists`. */
int nta_cmd_lists(int argc, char **argv);
/** `nta status`. */
int nta_cmd_status(int argc, char **argv);
/** `nta reload`. */
int nta_cmd_reload(int argc, char **argv);
/** `nta selftest`. */
int nta_cmd_selftest(int argc, char **argv);
