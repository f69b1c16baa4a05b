/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Configuration: one table row an option (config/options.inc), libconfig file -> struct nta_config.
 *
 * The loader, `ntad --check`, the notices "needs a restart", conf/ntad.conf and the manual's table
 * all come from the rows.  A default is text that goes through the same parser.  An unknown key is
 * an error that names file, line and the nearest known key, and all errors of a file are found in
 * one run.  Sizes take K, M, G (powers of 1024), times take ms, s, m, h, d.
 */

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "config/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum
{
    NTA_CONFIG_MAX = 64
};

/** All texts are owned by the config; NULL or "": not set. */
struct nta_config
{
    struct
    {
        char *interfaces[NTA_CONFIG_MAX]; ///< As written: nta_config_get_interface().
        size_t n_interfaces;
        uint64_t threads; ///< Of each interface.
        char *cpus;       ///< nta_config_get_cpus(); "": any.
        char *filter;
        uint64_t snap_len, buffer_bytes;
        bool promiscuous;
        uint64_t workers; ///< 0: one for each core but one.
        uint64_t blocks;  ///< Per worker.
    } capture;

    struct
    {
        struct nta_prefix home[NTA_CONFIG_MAX]; ///< network.home
        size_t n_home;
        char *sites; ///< Site table file.
    } network;

    struct
    {
        char *users;                 ///< users.conf.
        char *files[NTA_CONFIG_MAX]; ///< who.files
        size_t n_files;
        uint64_t bindings; ///< Of each worker.
    } who;

    struct
    {
        uint64_t flows, stream_flow_bytes, stream_all_bytes, state_bytes;
        int64_t tcp_idle_ns, udp_idle_ns, long_flow_ns;
    } flow;

    struct
    {
        uint64_t limit_bytes; ///< Of all bounds together (pipeline/limits/bounds.h).
        uint64_t warm_bytes;  ///< Of it, before the first packet.
    } memory;

    struct
    {
        struct nta_config_list files[NTA_CONFIG_MAX]; ///< Groups or paths.
        size_t n_files;
        double shrink_limit; ///< Refuse a list that lost more than this share of its entries; 0.5.
        uint64_t unpack_limit;  ///< Bytes of text of a packed list.
        uint64_t history_bytes; ///< Of packed texts of lists that are or were in force.
        char *own[NTA_CONFIG_MAX];
        size_t n_own; ///< Names and addresses that are never forbidden.
        bool allow_resolvers, evasion, compiled;
        char *shared;       ///< Folder with ranges of CDNs and clouds.
        int64_t max_age_ns; ///< 0: lists may be as old as they like.
        bool watch;
        int64_t settle_ns;
        int64_t canary_ns, canary_wait_ns; ///< Every; 0: no canary.
        bool canary_restart;
    } blacklist;

    struct
    {
        char *databases[NTA_CONFIG_MAX];
        size_t n_databases;
        struct nta_config_list fetch[NTA_CONFIG_MAX]; ///< geo.fetch: path, url and what is of it.
        size_t n_fetch;
    } geo;

    struct
    {
        char *never[NTA_CONFIG_MAX]; ///< record.never
        size_t n_never;
        char *who, *url; ///< Words: how users are named, and how much of a URL is kept.
        bool lookups, flows, requests, downloads, carriers;
        uint64_t user_rate; ///< Records a second of one user; 0: as many as there are.
        int64_t batch_ns, alert_batch_ns;
        char *hash;             ///< "matches", "all" or "none": which files are hashed.
        uint64_t hash_memory;   ///< For parts that come out of order.
        uint64_t packets_bytes; ///< Of the log of packets; 0: none are kept.
    } record;

    struct
    {
        char *dir;           ///< Journal store and state; default /var/lib/nta.
        char *keys;          ///< Key folder; default the credentials folder, else dir/keys.
        uint64_t disk_low;   ///< Less than that left is not well; 0: nobody looks.
        uint64_t size_bytes; ///< Bound of the store's files.
        double free_share;   ///< Of the disk, left free; 0: nobody looks.
        char *full;          ///< At these bounds: "oldest", "stop".
    } store;

    /** How long records of each class are kept; 0: for ever. */
    struct
    {
        int64_t evidence_ns, traffic_ns, who_ns, log_ns;
    } retention;

    struct
    {
        bool enabled; ///< A mysql section is there.
        char *hosts, *user, *password, *password_file, *database;
        char *retention_user, *retention_password_file;
        char *tls, *tls_ca; ///< "verify", "off".
    } mysql;

    struct
    {
        char *json, *format, *syslog_form; ///< The forms: "nta" or "eve"; "rfc5424" or "rfc3164".
        int64_t window_ns;
        uint64_t per_minute;
        uint64_t download_bytes; ///< So much content of any kind is a download.
        char *who;               ///< As record.who.
        bool syslog;
        char *weak; ///< "all", "unshared" or "none": which matches by address alone are alerts.
    } alert;

    struct
    {
        char *socket; ///< Control socket; default /run/nta/control.
    } control;
};

/** Defaults only. */
int nta_config_new(struct nta_config **ret_config, struct nta_err *err);
/** Takes NULL too. */
void nta_config_free(struct nta_config **config);

/**
 * Read a file over the defaults and check ranges and what belongs together.  0, or negative errno
 * with a sentence: the first fault, and how many more there are.  What is no file, or one of more
 * than a megabyte, is refused before it is read.
 */
int nta_config_load(const char *path, struct nta_config **ret_config, struct nta_err *err);

/**
 * The same for who wants all faults: each is a line of `faults`, which names file and line, and
 * `ret_config` has what can be used of the rest.  How many faults there are, or negative errno with
 * a sentence: the file cannot be read or taken apart.
 */
int nta_config_load_all(const char *path, struct nta_config **ret_config, struct nta_buf *faults,
                        struct nta_err *err);

/**
 * Names of options that differ and are not LIVE: "capture.workers needs a restart"; one callback
 * each.
 */
void nta_config_diff(const struct nta_config *old_config, const struct nta_config *new_config,
                     void (*each)(void *owner, const char *name, bool live), void *owner);

/** Append what narrows a list, as its group says it: "hours = …; action = …"; nothing: nothing. */
void nta_config_show_scope(const struct nta_config_list *list, struct nta_buf *out);

/** Write the commented default file (conf/ntad.conf), and the manual's table in Markdown. */
void nta_config_print_default(FILE *out);
/** Write the table of all options for the manual, in Markdown. */
void nta_config_print_table(FILE *out);

/** Effective values, one "name = value" a line; SECRET ones masked. */
void nta_config_print(const struct nta_config *config, FILE *out);
