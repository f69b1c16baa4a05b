/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A list on its way into a set: what is to be read, and what reading it gave (part of blacklist.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How bad a hit is, as the admin says for each list; numbers are stored in records. */
enum nta_severity
{
    NTA_SEVERITY_NONE, ///< Not said.
    NTA_SEVERITY_LOW,
    NTA_SEVERITY_MEDIUM,
    NTA_SEVERITY_HIGH,
    NTA_SEVERITY_CRITICAL
};

/** One file to load. */
struct nta_list_source
{
    const char *path;     ///< Opened without following a link; a regular file of the owner or root.
    const char *name;     ///< Shown; NULL: the file's name without folder and ending.
    const char *category; ///< Shown; NULL: none.
    /** Column of a CSV file that holds the entries; NULL: found by usual names. */
    const char *column;
    const char *text; ///< The list itself; NULL: it is in the file (else `path` is only shown).
    uint64_t unpack_limit; ///< Bytes of text that a packed file may hold; 0: 4 GiB.
    enum nta_severity severity;
    bool allow;         ///< An allow list.
    bool force;         ///< Take public suffixes ("com") and names without a dot too.
    bool any_owner;     ///< Whoever owns the file is trusted (a file named on a command line).
    uint32_t owner_uid; ///< Besides root and this user, this one may own it; 0: nobody more.
    bool internal;      ///< Of the program's own making: not counted among the admin's lists.
    bool varies;        ///< A compiled set may have another `text` in its place.
    bool narrowed; ///< It may not count, or yield: see nta_list_filter.  Others say the same, too.
};

enum
{
    NTA_LIST_REASONS = 64
};

/** Lines passed over for one reason. */
struct nta_list_reason
{
    const char *text; ///< Static.
    uint64_t n;
};

/** What loading a file gave. */
struct nta_list_report
{
    const char *path, *name, *category; ///< Borrow from the set or builder.
    const char *text;                   ///< The same; of a list that was given as text, else NULL.
    uint8_t sha256[32];
    uint64_t bytes, lines;
    uint64_t n_domains, n_addresses, n_cidrs, n_urls; ///< Entries kept.
    uint64_t n_hashes, n_ja4, n_certificates;         ///< The same.
    uint64_t n_programs;                              ///< The same.
    uint64_t n_duplicates;                            ///< Said by this or an earlier file already.
    uint64_t n_taken;                                 ///< Lines that gave entries.
    uint64_t n_skipped;                               ///< Lines with a meaning that is not for us.
    uint64_t n_bad;                                   ///< Lines that nobody understands.
    struct nta_list_reason reasons[NTA_LIST_REASONS]; ///< Of skipped and bad lines, as they came.
    size_t n_reasons;
    enum nta_severity severity;
    bool allow, internal;
    bool narrowed;   ///< As its source says.
    uint32_t number; ///< From 0, in the order in which lists were added.
};

/** All entries of a list's report, with those said twice. */
uint64_t nta_list_report_entries(const struct nta_list_report *report);
