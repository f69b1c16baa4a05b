/* SPDX-License-Identifier: Apache-2.0 */
#include "note.h"

#include "base/hex.h"
#include "base/own.h"

#include <string.h>

/** "I-SENSOR-NUMBER-INDEX": numbers of digits, so that it is one of those that are looked up. */
static bool is_incident(const char *id)
{
    const size_t digits = strspn(id, "0123456789abcdef");
    const char *pos = id + digits;

    for (int i = 0; i < 2; i++) {
        if (*pos != '-' || !strspn(pos + 1, "0123456789"))
            return false;
        pos += 1 + strspn(pos + 1, "0123456789");
    }
    return digits > 0 && *pos == '\0';
}

/** What is in hexadecimal digits; false: it is not, or is too long. */
static bool take_hex(const char *text, uint8_t ret_bytes[NTAD_NOTE_MAX], size_t *ret_len)
{
    *ret_len = strlen(text) / 2;
    return *ret_len <= NTAD_NOTE_MAX && strlen(text) % 2 == 0 &&
           nta_hex_parse(text, *ret_len, ret_bytes);
}

const char *nta_audit_read(const char *rest, struct nta_told_audit *ret_audit)
{
    struct nta_told_audit audit = {.n_records = 0};
    const char *pos = rest;

    for (; *pos >= '0' && *pos <= '9'; pos++) {
        if (__builtin_mul_overflow(audit.n_records, 10U, &audit.n_records) ||
            __builtin_add_overflow(audit.n_records, (uint64_t)(*pos - '0'), &audit.n_records))
            return "so many records there are not";
    }
    if (pos == rest || *pos != ' ')
        return "not a trace: audit RECORDS QUESTION";
    if (!take_hex(pos + 1, audit.question, &audit.question_len) || audit.question_len == 0)
        return "the question is too long, empty, or not in hexadecimal digits";
    *ret_audit = audit;
    return NULL;
}

const char *nta_note_read(const char *rest, const char *sensor, struct nta_told_note *ret_note)
{
    struct nta_told_note note = {.status = 0};
    const char *status = strchr(rest, ' ');
    const char *text = status ? strchr(status + 1, ' ') : NULL;
    char word[16];

    if (!text || (size_t)(status - rest) >= sizeof(note.incident) ||
        (size_t)(text - status) > sizeof(word))
        return "not a note: note I-SENSOR-NUMBER-INDEX STATUS TEXT";
    memcpy(note.incident, rest, (size_t)(status - rest));
    memcpy(word, status + 1, (size_t)(text - status) - 1);
    word[text - status - 1] = '\0';
    note.status = nta_status_number(word);
    if (strncmp(note.incident, "I-", 2) != 0 || !is_incident(note.incident + 2))
        return "not the id of an incident";
    if (!note.status)
        return "the status is new, open, closed or false";
    if (!take_hex(text + 1, note.text, &note.text_len))
        return "the text is too long, or not in hexadecimal digits";
    if (strncmp(note.incident + 2, sensor, strlen(sensor)) != 0 ||
        note.incident[2 + strlen(sensor)] != '-')
        return "the incident was seen by another sensor: say it on its machine";
    *ret_note = note;
    return NULL;
}
