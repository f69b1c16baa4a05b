/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the alert module: where lines go, but for syslog.h.  Called by the alerter's thread only,
 * but for nta_alert_file_open().
 */

#include "alert/suppress.h"
#include "base/buf.h"
#include "base/err.h"
#include "record/field_table.h"

#include <stdbool.h>
#include <sys/uio.h>

/**
 * A file of JSON lines, which are whole lines whatever happens.  What the file does not take (a
 * full disk, a pipe nobody reads) waits in memory, up to a bound, and is tried again; a line that
 * was taken in part is completed first.  At the end, and where the file is opened anew, the part is
 * taken back.  A line that a killed program left unfinished is ended.  A file that was removed is
 * made anew before the next line.
 */
struct nta_alert_file
{
    const char *path; ///< Borrows.
    int fd;           ///< -1: none.
    bool is_regular;
    bool stuck;             ///< The last line was not taken: do not wait for the next.
    struct nta_buf waiting; ///< Lines that are not written;
    size_t n_written;       ///< but for the first so many bytes.
    int failure;            ///< Negative errno of the last attempt; 0: it takes all.
};

/** Open (append, no symbolic link, mode 0640) in place of what was open; on failure that stays. */
int nta_alert_file_open(struct nta_alert_file *file, struct nta_err *err);

/** The end: tries once more.  Gives how many lines are lost. */
uint64_t nta_alert_file_close(struct nta_alert_file *file);

/**
 * One line with its newline, written or waiting; see `failure`.  False: there is no space for it,
 * it is lost.
 */
bool nta_alert_file_write(struct nta_alert_file *file, struct nta_span line);

/** Try again what waits. */
void nta_alert_file_flush(struct nta_alert_file *file);

/** Lines that wait. */
uint64_t nta_alert_file_n_waiting(const struct nta_alert_file *file);

enum
{
    NTA_ALERT_FIELDS = 2 * NTA_N_RECORD_ROWS + 8 ///< Both sides of every row, and what is no row's.
};

/** The journal's fields "NAME=value" of one entry; values in shown form. */
struct nta_alert_fields
{
    const char *kind; ///< Static: "alert", "repeats", "not-logged", "fate".
    int level;        ///< Syslog's severity, 0 to 7.
    struct nta_buf text;
    size_t starts[NTA_ALERT_FIELDS + 1];
    size_t n;
    struct iovec iov[NTA_ALERT_FIELDS];
};

/**
 * Fill from a record; `line` is the MESSAGE.  `about`: the number of one that is not stored; 0: it
 * is, as `id`.
 */
void nta_alert_fields_of(struct nta_alert_fields *fields, const struct nta_record *record,
                         const char *id, uint64_t about, struct nta_span line);
/** What became of such a one; `id` empty: it is lost. */
void nta_alert_fields_of_fate(struct nta_alert_fields *fields, uint64_t about, const char *id,
                              struct nta_span line);
/** And of a summary (`repeat` NULL: of the minute's limit). */
void nta_alert_fields_of_repeat(struct nta_alert_fields *fields,
                                const struct nta_alert_repeat *repeat, struct nta_span line);
/** Free what the fields own; they are empty afterwards. */
void nta_alert_fields_done(struct nta_alert_fields *fields);
/** False: the journal did not take it. */
bool nta_alert_journal_send(const struct nta_alert_fields *fields);
