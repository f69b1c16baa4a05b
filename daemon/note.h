/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What somebody says of an incident, over the control socket:
 *
 *     note I-SENSOR-NUMBER-INDEX STATUS TEXT
 *
 * TEXT is in hexadecimal digits, at most NTAD_NOTE_MAX bytes, and may be empty.  The sensor must be
 * this one: a note belongs into the chain that has the incident's first record.  And what somebody
 * reads or hands out (ask/reading.h):
 *
 *     audit BEGAN RECORDS QUESTION PERSON
 *
 * with QUESTION and PERSON in hexadecimal digits, too, PERSON of whom a service asks for; RECORDS,
 * how many there were; and BEGAN, the time of the record that said the begin of it.  "-": none of
 * the last, not known yet, and now.  What became a record is answered by "taken RUN NUMBER TIME",
 * and "stored RUN NUMBER" is answered by "yes" or "no".
 *
 * A begin is believed of whom it was told by, with that question and person, once, as long as it is
 * among the last ones; else that
 * reading counts as one of now, so that nobody dates a trace back.  Who tells too many is answered
 * "later": each makes a batch, whose head is kept for good.
 */

#include "base/buf.h"
#include "record/record.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum
{
    NTAD_NOTE_MAX = 1000,
    NTAD_NOTE_LINE = 2 * NTAD_NOTE_MAX + 160 ///< The longest line there can be, of any of them.
};

/** A line that was read; its texts are in it. */
struct nta_told_note
{
    char incident[96];
    uint8_t status;
    uint8_t text[NTAD_NOTE_MAX];
    size_t text_len;
};

/** Who opened what, as far as a line says it. */
struct nta_told_audit
{
    int64_t began_ns; ///< 0: now.
    uint64_t n_records;
    bool is_over; ///< So many it were, and no more.
    uint8_t question[NTAD_NOTE_MAX];
    size_t question_len;
    uint8_t person[NTAD_NOTE_MAX];
    size_t person_len; ///< 0: nobody.
};

enum
{
    NTA_READING_HASH = 32,  ///< SHA-256.
    NTA_READINGS = 1024,    ///< Begins that are remembered; the oldest goes first.
    NTA_READERS = 64,       ///< Users that are told apart; who was there longest ago goes first.
    NTA_READER_BURST = 600, ///< Traces of a user at once,
    NTA_READER_SECOND = 1   ///< and a second from then on.
};

/** Who has told of what; zeros at the start.  One thread's. */
struct nta_readings
{
    struct
    {
        int64_t began_ns; ///< 0: none.
        uid_t user;
        uint8_t asked[NTA_READING_HASH]; ///< Of question and person.
    } begun[NTA_READINGS];

    size_t next;

    struct
    {
        uid_t user;
        int64_t full_mono_ns; ///< When his burst is whole again; 0: nobody.
    } readers[NTA_READERS];
};

/** May he tell of one more?  Counted if so. */
bool nta_readings_may(struct nta_readings *readings, uid_t user, int64_t mono_ns);

/** A begin that became a record of this time. */
void nta_readings_begin(struct nta_readings *readings, uid_t user,
                        const struct nta_told_audit *audit, int64_t time_ns);

/** Has he told of that begin, and not of its end?  He has now. */
bool nta_readings_end(struct nta_readings *readings, uid_t user,
                      const struct nta_told_audit *audit);

/** The same of what follows "audit ". */
const char *nta_audit_read(const char *rest, struct nta_told_audit *ret_audit);

/**
 * Read what follows "note ".  NULL: `ret_note` is filled; else a sentence that says what is wrong.
 */
const char *nta_note_read(const char *rest, const char *sensor, struct nta_told_note *ret_note);
