/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one line of the log says: an alert, repeats of one, that some were not logged, or that ntad
 * is not well.
 *
 * It comes as fields of the journal ("NTA_SITE=bad.example") or as one line of alert.json, in
 * either of its forms.  A text is kept in the shown form of base/text.h, in which it comes: what is
 * not printable in it is escaped once more, what is too long is cut and ends with "...".  Nothing
 * in here is allocated but by nta_notify_event_json().
 */

#include "base/bytes.h"
#include "base/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** MESSAGE_ID of what is asked of the journal (systemd/nta.catalog). */
#define NTA_NOTIFY_ID_ALERT   "5914e996ccd8463d9b08af1445efd3f2"
#define NTA_NOTIFY_ID_REPEATS "5855ff6b3cc040d7ac6f5f1686d72508"
#define NTA_NOTIFY_ID_CAPPED  "8d2f6f0a3b7e4c19a5d04e6b9c7f1a52"
#define NTA_NOTIFY_ID_LOST    "cf1d3859930348d7b8e28678e8bac483"
#define NTA_NOTIFY_ID_FOUND   "9c6eae0e8f624f5b89b9893191889773"
#define NTA_NOTIFY_ID_BAD     "b1d2a8c65d0f4f0e9a7c3e5d41f6287b"
#define NTA_NOTIFY_ID_WELL    "4e7f30c9a2b64d6d8c15f0a93bd7e261"

enum nta_notify_kind
{
    NTA_NOTIFY_OTHER, ///< Of no concern.
    NTA_NOTIFY_ALERT,
    NTA_NOTIFY_REPEATS, ///< `n` more of what was told.
    NTA_NOTIFY_CAPPED,  ///< Alerts that the log has not one by one.
    NTA_NOTIFY_BAD,     ///< Something is wrong with ntad,
    NTA_NOTIFY_WELL     ///< is well again.
};

/** Texts of an event. */
enum nta_notify_word
{
    NTA_NOTIFY_USER, ///< Address, or what stands for it.
    NTA_NOTIFY_LOGIN,
    NTA_NOTIFY_PERSON,
    NTA_NOTIFY_DEPARTMENT,
    NTA_NOTIFY_HOST, ///< Name of the user's device.
    NTA_NOTIFY_SITE,
    NTA_NOTIFY_LIST,
    NTA_NOTIFY_CATEGORY,
    NTA_NOTIFY_ENTRY,
    NTA_NOTIFY_FILE,
    NTA_NOTIFY_ACT,
    NTA_NOTIFY_RECORD, ///< Its id.
    NTA_NOTIFY_CAUSE,  ///< Of what is wrong: its name,
    NTA_NOTIFY_SAID,   ///< and its sentence.
    NTA_NOTIFY_WORDS
};

enum
{
    NTA_NOTIFY_WORD_SIZE = 512,
    NTA_NOTIFY_LINE_MAX = 256 * 1024 ///< A longer line of alert.json is of no concern.
};

enum nta_notify_severity
{
    NTA_NOTIFY_UNKNOWN,
    NTA_NOTIFY_LOW,
    NTA_NOTIFY_MEDIUM,
    NTA_NOTIFY_HIGH,
    NTA_NOTIFY_CRITICAL
};

struct nta_notify_event
{
    enum nta_notify_kind kind;
    enum nta_notify_severity severity;
    bool weak, download;
    uint64_t n;     ///< Alerts that it stands for.
    uint64_t bytes; ///< Of the file.
    char word[NTA_NOTIFY_WORDS][NTA_NOTIFY_WORD_SIZE];
};

/** Begin one: of no kind, all empty. */
void nta_notify_event_init(struct nta_notify_event *event);

/** Take one field of the journal, "NAME=value"; one of no concern does nothing. */
void nta_notify_event_field(struct nta_notify_event *event, struct nta_span field);

/** Take a line of alert.json: OK; OTHER: of no concern; BAD: no JSON.  Memory ran out: OTHER. */
enum nta_parse nta_notify_event_json(struct nta_notify_event *event, struct nta_span line);

/** Set a text, in shown form. */
void nta_notify_event_set(struct nta_notify_event *event, enum nta_notify_word word,
                          struct nta_span shown);

/** "low" and so on; "unknown". */
const char *nta_notify_severity_name(enum nta_notify_severity severity);

/** What an event of unknown severity is taken for, as well. */
enum nta_notify_severity nta_notify_severity_taken(const struct nta_notify_event *event);

/** By its name; false: it is none. */
bool nta_notify_severity_of(struct nta_span name, enum nta_notify_severity *ret_severity);

/**
 * How much it proves: what is higher is told although something of the same incident was told.  By
 * severity, then by what was done, then strong before weak.
 */
unsigned nta_notify_event_rank(const struct nta_notify_event *event);
