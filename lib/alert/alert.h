/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Alerts for people: one thread (the alerter) with a bounded ring, and sinks.
 *
 * Whoever decides that a record is an alert (a recorder) hands over its encoded form with
 * nta_alert_post(), which never waits: if the ring is full the alert is counted as not logged (it
 * is in the store all the same).  The alerter logs the first of each (user, list, entry) at once
 * and, of repeats within the window, a counted summary; what is not logged at all is counted in a
 * line, too.
 *
 * Sinks: journal (native fields, counted lengths, MESSAGE_ID; sd_journal_sendv), syslog, JSON lines
 * into a file (reopened on SIGHUP), readable lines on a terminal.  All text is escaped.  A summary
 * is a line of its own, in the JSON file an object with "event":"alert-summary" and "repeats" (per
 * user, list and entry) or "not_logged" (over the limit a minute).  A pipe as the file loses lines
 * rather than hold anything up.
 */

#include "base/err.h"
#include "base/runtime/counters.h"
#include "base/runtime/health.h"
#include "base/runtime/log.h"
#include "record/record.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct nta_alerter;

struct nta_alert_options
{
    bool journal; ///< When stderr is the journal's stream (see nta_alert_under_systemd()).
    bool syslog;
    const char *json_path; ///< NULL: none.  Borrows until stop.
    bool eve;              ///< The JSON file's lines are Suricata's EVE.
    FILE *terminal;        ///< Readable lines; NULL: none.  Borrows until stop.
    bool colour;           ///< On the terminal.
    int64_t window_ns;     ///< Repeats within are summed up; 0: every alert is logged.
    unsigned per_minute;   ///< At most this many lines a minute; 0: no limit.
    /** The thread's: a canary came through, with its site's name.  NULL: nobody asks. */
    void (*canary)(void *owner, struct nta_span site);
    void *owner;
    struct nta_health *health; ///< Borrows until stop; NULL: nobody asks.
};

/** Is standard error a stream to the journal (JOURNAL_STREAM)?  Before other threads start. */
bool nta_alert_under_systemd(void);

/**
 * Start the thread; `options` is copied, what it points to is borrowed until stop.  0, or negative
 * errno with `err`.
 */
int nta_alerter_start(const struct nta_alert_options *options, struct nta_alerter **ret_alerter,
                      struct nta_err *err);

/**
 * Logs what waits and the summaries, then ends.  Frees; read the counters before.  May wait for the
 * journal.  What alert.json does not take is said.
 */
void nta_alerter_stop(struct nta_alerter **alerter);

/**
 * One thread posts; never waits.  Larger than 16 KiB: dropped and counted.  `id` is the record's id
 * text, `cbor` its encoded form; both are copied.
 */
void nta_alert_post(struct nta_alerter *alerter, const char *id, struct nta_span cbor);

/**
 * The same for an alert whose record is not stored (yet): `about`, not 0, is the number by which it
 * is found again.
 */
void nta_alert_post_unstored(struct nta_alerter *alerter, uint64_t about, struct nta_span cbor);

enum
{
    NTA_ALERT_FATES = 1024
};

/**
 * What became of alerts that were posted unstored: record `index` of batch `number`, or, number 0,
 * lost.
 */
struct nta_alert_fates
{
    const char *sensor; ///< Borrows.
    uint64_t number;
    size_t n;
    uint64_t about[NTA_ALERT_FATES];
    uint32_t index[NTA_ALERT_FATES];
};

/** Each that was logged gets one line more. */
void nta_alert_post_fates(struct nta_alerter *alerter, const struct nta_alert_fates *fates);

/** Who posts, about once a second: do alerts wait for a sink that takes none?  Tells the health. */
void nta_alerter_watch(struct nta_alerter *alerter, int64_t mono_ns);

/** SIGHUP: open the JSON file anew.  Any thread. */
void nta_alerter_reopen(struct nta_alerter *alerter);

/** What was logged, summed up and dropped.  Borrows until stop; any thread may read. */
const struct nta_counters *nta_alerter_counters(const struct nta_alerter *alerter);

enum
{
    /** Bytes of a line beside its colours: with a head, syslog's 1,024 hold it. */
    NTA_ALERT_LINE_MAX = 900
};

/**
 * One readable line for a record, without newline: "ALERT ann 10.0.0.5 -> bad.example (192.0.2.80,
 * …) …".  If it would be too long, its longest parts are shortened, most often the URL: who chooses
 * that does not choose what else is there.
 */
void nta_alert_line(struct nta_buf *out, const struct nta_record *record, bool colour);

/** What the program says about itself and gives a MESSAGE_ID of its own (systemd/nta.catalog). */
enum nta_notice
{
    NTA_NOTICE_CANARY_LOST,
    NTA_NOTICE_CANARY_FOUND,
    NTA_NOTICE_BAD,  ///< A cause (base/runtime/health.h) is on,
    NTA_NOTICE_WARN, ///< that is a warning,
    NTA_NOTICE_WELL  ///< is off again.
};

/** Into the journal, with the cause's name as NTA_CAUSE. */
void nta_alert_notice(enum nta_notice notice, const char *cause, const char *text);

/** How messages to syslog are written (alert/syslog.h). */
enum nta_syslog_form
{
    NTA_SYSLOG_RFC5424, ///< Unless another one is chosen.
    NTA_SYSLOG_RFC3164
};

/** Choose it; any thread. */
void nta_alert_syslog_use(enum nta_syslog_form form);

/** A log sink (base/runtime/log.h) that writes to the journal with its priority, or syslog. */
void nta_alert_log_journal(enum nta_log_level level, const char *text);
/** A log sink that writes to syslog with its priority. */
void nta_alert_log_syslog(enum nta_log_level level, const char *text);
