/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/sheet_rows.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "evidence/words.h"
#include "record/grade.h"
#include "record/record.h"
#include "vault/cosign.h"
#include "vault/signed_note.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct rows
{
    enum nta_language language;
    nta_sheet_row_fn *row;
    void *owner;
};

static const char *word(const struct rows *rows, enum nta_case_word which)
{
    return nta_case_word(rows->language, which);
}

static void put_row(struct rows *rows, enum nta_case_word which, struct nta_span text)
{
    if (text.len)
        rows->row(rows->owner, word(rows, which), text);
}

/** Word `number` of these. */
static void put_word(struct rows *rows, enum nta_case_word which, enum nta_case_word first,
                     enum nta_case_word last, unsigned number)
{
    put_row(rows, which, nta_span_of(nta_case_word_of(rows->language, first, last, number)));
}

/** A text of any origin. */
static void put_any(struct rows *rows, enum nta_case_word which, struct nta_span text)
{
    NTA_AUTO(nta_buf_done) struct nta_buf shown = {0};

    nta_text_escape(&shown, text);
    put_row(rows, which, nta_buf_span(&shown));
}

static void put_address(struct rows *rows, enum nta_case_word which, const struct nta_addr *addr)
{
    char address[NTA_ADDR_TEXT_SIZE];

    put_row(rows, which, nta_span_of(nta_addr_text(addr, address)));
}

static void put_time(struct rows *rows, enum nta_case_word which, int64_t wall_ns)
{
    char time[NTA_TIME_TEXT_SIZE], text[32];

    (void)snprintf(text, sizeof(text), "%.19s UTC", nta_clock_text(wall_ns, time));
    if (text[10] == 'T')
        text[10] = ' ';
    put_row(rows, which, nta_span_of(text));
}

/* ---- what the record says ---- */

static void put_who(struct rows *rows, const struct nta_record_side *user)
{
    put_any(rows, NTA_WORD_PERSON, user->person);
    put_any(rows, NTA_WORD_DEPARTMENT, user->department);
    put_any(rows, NTA_WORD_LOGIN, user->login);
    put_any(rows, NTA_WORD_NAME, user->name);
    put_address(rows, NTA_WORD_ADDRESS, &user->addr);
    put_any(rows, NTA_WORD_DEVICE, user->device);
    put_word(rows, NTA_WORD_KNOWN_BY, NTA_WORD_STRENGTH_UNKNOWN, NTA_WORD_STRENGTH_LOGIN,
             user->strength);
}

static void put_file(struct rows *rows, const struct nta_record_file *file)
{
    NTA_AUTO(nta_buf_done) struct nta_buf hash = {0}, bytes = {0};

    put_any(rows, NTA_WORD_FILE, file->name);
    put_any(rows, NTA_WORD_FILE_TYPE, file->type);
    if (file->bytes) {
        nta_buf_printf(&bytes, "%" PRIu64, file->bytes);
        put_row(rows, NTA_WORD_BYTES, nta_buf_span(&bytes));
        put_row(rows, NTA_WORD_COMPLETE,
                nta_span_of(word(rows, file->complete ? NTA_WORD_YES : NTA_WORD_NO)));
    }
    nta_buf_put_hex(&hash, file->sha256.ptr, file->sha256.len);
    if (hash.len)
        rows->row(rows->owner, "SHA-256", nta_buf_span(&hash));
}

static void put_match(struct rows *rows, const struct nta_record_match *match)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    nta_text_escape(&text, match->entry);
    nta_buf_printf(&text, " (%s ", word(rows, NTA_WORD_LIST));
    nta_text_escape(&text, match->list);
    nta_buf_printf(&text, ", %s %" PRIu32 ")", word(rows, NTA_WORD_LINE), match->line);
    put_row(rows, NTA_WORD_FORBIDDEN_BY, nta_buf_span(&text));
}

static void put_doubts(struct rows *rows, unsigned doubts)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    for (unsigned doubt = 1; doubt < NTA_DOUBT_END; doubt++)
        if (doubts >> doubt & 1)
            nta_buf_printf(&text, "%s%s", text.len ? "; " : "",
                           nta_case_word_of(rows->language, NTA_WORD_DOUBT_FORGED,
                                            NTA_WORD_DOUBT_LIMITED, doubt - 1));
    if (text.len == 0)
        nta_buf_puts(&text, word(rows, doubts ? NTA_WORD_DOUBTS_NONE : NTA_WORD_DOUBTS_UNKNOWN));
    put_row(rows, NTA_WORD_DOUBTS, nta_buf_span(&text));
}

static void put_record(struct rows *rows, const struct nta_record *record)
{
    put_who(rows, &record->user);
    put_any(rows, NTA_WORD_SITE, record->site);
    put_address(rows, NTA_WORD_SERVER, &record->peer.addr);
    put_any(rows, NTA_WORD_NAMES, record->url);
    put_word(rows, NTA_WORD_DID, NTA_WORD_ACT_UNKNOWN, NTA_WORD_ACT_UPLOADED, record->act);
    put_word(rows, NTA_WORD_ANSWERED, NTA_WORD_SEEN_UNKNOWN, NTA_WORD_SEEN_DELIVERED, record->seen);
    put_file(rows, &record->file);
    put_time(rows, NTA_WORD_BEGAN, record->time_ns);
    put_time(rows, NTA_WORD_ENDED, record->end_ns);
    put_match(rows, &record->match);
    put_word(rows, NTA_WORD_HOW_SURE, NTA_WORD_GRADE_WEAK, NTA_WORD_GRADE_STRONG,
             nta_record_grade(record));
    put_doubts(rows, record->doubts);
}

/* ---- whose it is ---- */

static void put_sensor(struct rows *rows, const struct nta_sheet *sheet)
{
    char id[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)], grouped[64] = "", text[128];
    size_t n = 0;

    (void)nta_hex_text(sheet->header.sensor, NTA_SENSOR_ID_LEN, id);
    for (size_t i = 0; i + 1 < sizeof(id); i += 4)
        n += (size_t)snprintf(grouped + n, sizeof(grouped) - n, "%s%.4s", i ? " " : "", id + i);
    put_row(rows, NTA_WORD_FINGERPRINT, nta_span_of(grouped));
    (void)snprintf(text, sizeof(text), "%s-%" PRIu64 "-%" PRIu64, id, sheet->header.number,
                   sheet->record.index);
    put_row(rows, NTA_WORD_RECORD, nta_span_of(text));
    put_time(rows, NTA_WORD_SEALED, sheet->header.sealed_ns);
}

/** When they say so. */
static void put_witnesses(struct rows *rows, const struct nta_sheet *sheet)
{
    NTA_AUTO(nta_buf_done) struct nta_buf names = {0};
    struct nta_span text, lines;
    struct nta_note_line line;
    char time[NTA_TIME_TEXT_SIZE];
    int64_t wall_ns;

    if (!nta_note_split(sheet->note, &text, &lines))
        return;
    while (nta_note_next(&lines, &line))
        if (nta_cosign_claim(&line, &wall_ns)) {
            nta_buf_puts(&names, names.len ? ", " : "");
            nta_text_escape(&names, line.name);
            nta_buf_printf(&names, " (%.19sZ)", nta_clock_text(wall_ns, time));
        }
    put_row(rows, NTA_WORD_NOTED_BY, nta_buf_span(&names));
}

int nta_sheet_each_row(const struct nta_sheet *sheet, enum nta_language language,
                       nta_sheet_row_fn *row, void *owner)
{
    NTA_AUTO_FREE struct nta_record_buf *buf = malloc(sizeof(*buf));
    struct rows rows = {language, row, owner};
    struct nta_record record;

    if (!buf)
        return -ENOMEM;
    if (!nta_record_decode(sheet->record.bytes, buf, &record))
        return -EBADMSG;
    put_record(&rows, &record);
    put_sensor(&rows, sheet);
    put_witnesses(&rows, sheet);
    return 0;
}
