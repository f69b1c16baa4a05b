/* SPDX-License-Identifier: Apache-2.0 */
#include "note.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"

#include <openssl/sha.h>
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

/** Two hexadecimal digits a byte, `len` digits in all; false: they are not, or too many. */
static bool take_hex(const char *text, size_t len, uint8_t ret_bytes[NTAD_NOTE_MAX],
                     size_t *ret_len)
{
    *ret_len = len / 2;
    return *ret_len <= NTAD_NOTE_MAX && len % 2 == 0 && nta_hex_parse(text, *ret_len, ret_bytes);
}

/** The word at `pos`, and what follows the blank behind it. */
static struct nta_span next_word(const char **pos)
{
    const struct nta_span word = {(const uint8_t *)*pos, strcspn(*pos, " ")};

    *pos += word.len + ((*pos)[word.len] == ' ');
    return word;
}

/** A number, or "-" for none (`ret_is_there` false).  False: neither, or more than `max`. */
static bool take_number(struct nta_span word, uint64_t max, uint64_t *ret_number,
                        bool *ret_is_there)
{
    uint64_t number = 0;

    *ret_number = 0;
    *ret_is_there = !nta_span_is(word, "-");
    for (size_t i = 0; *ret_is_there && i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9' ||
            __builtin_mul_overflow(number, 10U, &number) ||
            __builtin_add_overflow(number, (uint64_t)word.ptr[i] - '0', &number) || number > max)
            return false;
    }
    *ret_number = number;
    return word.len > 0;
}

static bool take_words(struct nta_span word, uint8_t ret_bytes[NTAD_NOTE_MAX], size_t *ret_len)
{
    *ret_len = 0;
    return nta_span_is(word, "-") ||
           (word.len > 0 && take_hex((const char *)word.ptr, word.len, ret_bytes, ret_len));
}

const char *nta_audit_read(const char *rest, struct nta_told_audit *ret_audit)
{
    struct nta_told_audit audit = {.n_records = 0};
    struct nta_span words[4];
    const char *pos = rest;
    uint64_t began_ns;
    bool has_begun;

    for (size_t i = 0; i < 3; i++)
        words[i] = next_word(&pos);
    words[3] = nta_span_of(pos);
    if (words[3].len == 0)
        return "not a trace: audit BEGAN RECORDS QUESTION PERSON";
    if (!take_number(words[0], INT64_MAX, &began_ns, &has_begun))
        return "the begin is not a time, or \"-\"";
    if (!take_number(words[1], UINT64_MAX, &audit.n_records, &audit.is_over))
        return "so many records there are not";
    if (!take_words(words[2], audit.question, &audit.question_len) || audit.question_len == 0)
        return "the question is too long, empty, or not in hexadecimal digits";
    if (!take_words(words[3], audit.person, &audit.person_len))
        return "the person is too long, or not in hexadecimal digits";
    if (has_begun && (!audit.is_over || began_ns == 0))
        return "what has begun is told again when it is over";
    audit.began_ns = (int64_t)began_ns;
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
    if (!take_hex(text + 1, strlen(text + 1), note.text, &note.text_len))
        return "the text is too long, or not in hexadecimal digits";
    if (strncmp(note.incident + 2, sensor, strlen(sensor)) != 0 ||
        note.incident[2 + strlen(sensor)] != '-')
        return "the incident was seen by another sensor: say it on its machine";
    *ret_note = note;
    return NULL;
}

/* ---- who told of what ---- */

bool nta_readings_may(struct nta_readings *readings, uid_t user, int64_t mono_ns)
{
    const int64_t each_ns = NTA_NS_PER_S / NTA_READER_SECOND;
    size_t at = 0;

    for (size_t i = 0; i < NTA_READERS; i++) {
        if (readings->readers[i].full_mono_ns && readings->readers[i].user == user) {
            at = i;
            break;
        }
        if (readings->readers[i].full_mono_ns < readings->readers[at].full_mono_ns)
            at = i;
    }
    int64_t full_ns = readings->readers[at].user == user ? readings->readers[at].full_mono_ns : 0;

    full_ns = (full_ns > mono_ns ? full_ns : mono_ns) + each_ns;
    if (full_ns - mono_ns > NTA_READER_BURST * each_ns)
        return false;
    readings->readers[at].user = user;
    readings->readers[at].full_mono_ns = full_ns;
    return true;
}

/** Whoever tells it chooses both texts, so no shorter hash would do. */
static void hash_asked(const struct nta_told_audit *audit, uint8_t ret_hash[NTA_READING_HASH])
{
    uint8_t hashes[2][NTA_READING_HASH];

    (void)SHA256(audit->question, audit->question_len, hashes[0]);
    (void)SHA256(audit->person, audit->person_len, hashes[1]);
    (void)SHA256(hashes[0], sizeof(hashes), ret_hash);
}

void nta_readings_begin(struct nta_readings *readings, uid_t user,
                        const struct nta_told_audit *audit, int64_t time_ns)
{
    const size_t at = readings->next++ % NTA_READINGS;

    readings->begun[at].began_ns = time_ns;
    readings->begun[at].user = user;
    hash_asked(audit, readings->begun[at].asked);
}

bool nta_readings_end(struct nta_readings *readings, uid_t user, const struct nta_told_audit *audit)
{
    uint8_t asked[NTA_READING_HASH];

    hash_asked(audit, asked);
    for (size_t i = 0; i < NTA_READINGS && audit->began_ns != 0; i++) {
        if (readings->begun[i].began_ns != audit->began_ns || readings->begun[i].user != user ||
            memcmp(readings->begun[i].asked, asked, sizeof(asked)) != 0)
            continue;
        readings->begun[i].began_ns = 0;
        return true;
    }
    return false;
}
