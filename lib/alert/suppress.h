/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the alert module: which alerts are logged at once, and how many were not.
 *
 * The first alert of a (user, list, entry) opens a window; those that follow in it are counted.
 * When the window is over (or the table is full and this is the oldest) the count comes out as a
 * summary, and the next one is a first again.  By the entry and not by the site, since whoever is
 * looked up chooses the site: a tunnel through DNS makes a new one each time.
 *
 * Beside that, at most so many lines a minute, which are shared out so that no user and no list
 * mutes the others: of a limit of 16 and more, a quarter is kept for alerts of severity high and
 * critical, a user has a quarter for all others and half in all, and a list has half for all
 * others.  Nothing is lost silently: each alert is logged, or is in a summary, or in the minute's
 * count.
 *
 * Bound: NTA_SUPPRESS_KEYS windows.  Time is a parameter, monotonic.  One thread.
 */

#include "base/addr.h"
#include "record/record.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_SUPPRESS_KEYS = 4096
};

/** Whose line it is: with whom it shares the lines of a minute. */
struct nta_alert_party
{
    uint64_t user, list; ///< Keyed hashes.
    bool is_severe;      ///< High or critical.
};

/** What an alert says of its user: one must not hide another. */
enum nta_alert_deed
{
    NTA_ALERT_VISITED,
    NTA_ALERT_ASKED_FOR,
    NTA_ALERT_WAS_CONTACTED_BY
};

/** Of an alert's record: who opened the connection, and whether it only asked for a name. */
enum nta_alert_deed nta_alert_deed(const struct nta_record *record);

/** What a summary says.  Texts are in shown form. */
struct nta_alert_repeat
{
    struct nta_alert_party party;
    struct nta_addr user;
    char who[200];   ///< "10.0.0.5 (ann, laptop-7)".
    char site[272];  ///< Of the first.
    char entry[272]; ///< What the list says; "": nothing but the site.
    char list[80];
    bool has_others; ///< Sites that are not the first's.
    enum nta_alert_deed deed;
    uint64_t n;      ///< Alerts since the first.
    int64_t last_ns; ///< UTC, of the last of them.
};

struct nta_suppress;

/** `window_ns` 0: everything passes; `per_minute` 0: no limit.  0, or negative errno. */
int nta_suppress_new(int64_t window_ns, unsigned per_minute, struct nta_suppress **ret_suppress);
/** Takes NULL too.  Summaries that are due are lost: ask for them before. */
void nta_suppress_free(struct nta_suppress **suppress);

/**
 * True: log it.  False: it has been counted for a summary.  Call nta_suppress_due() until false
 * before.
 */
bool nta_suppress_pass(struct nta_suppress *suppress, const struct nta_record *record,
                       int64_t mono_ns);

/** Give the next summary whose time has come (`all`: any), oldest first; false: none. */
bool nta_suppress_due(struct nta_suppress *suppress, int64_t mono_ns, bool all,
                      struct nta_alert_repeat *ret_repeat);

/** Whose line an alert is. */
struct nta_alert_party nta_suppress_party(const struct nta_suppress *suppress,
                                          const struct nta_record *record);

/**
 * May a line that stands for `n` alerts be written in this minute?  False: they have been counted.
 */
bool nta_suppress_line(struct nta_suppress *suppress, const struct nta_alert_party *party,
                       uint64_t n, int64_t mono_ns);

/** Count `n` alerts that nobody could log, with those that the minute's limit kept back. */
void nta_suppress_count(struct nta_suppress *suppress, uint64_t n);

/** Alerts that the minute's limit kept back, once the minute is over (`all`: at once); 0: none. */
uint64_t nta_suppress_capped(struct nta_suppress *suppress, int64_t mono_ns, bool all);

/** When nta_suppress_due() or _capped() next has something; INT64_MAX: never. */
int64_t nta_suppress_next_ns(const struct nta_suppress *suppress);
