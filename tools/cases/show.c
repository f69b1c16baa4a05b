/* SPDX-License-Identifier: Apache-2.0 */
#include "cases/show.h"

#include "base/file/plainfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "evidence/proof/each.h"
#include "evidence/proof/sheet.h"
#include "evidence/seal.h"
#include "evidence/sheet_rows.h"
#include "evidence/zip.h"
#include "output/fail.h"
#include "record/json.h"
#include "record/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the file ---- */

static int read_file(const char *path, struct nta_buf *out, struct nta_err *err)
{
    NTA_AUTO_FD int fd = nta_plainfile_open(path, NTA_ZIP_MAX, 0, err);
    ssize_t n = 1;

    if (fd < 0)
        return fd;
    while (n > 0) {
        uint8_t *space = nta_buf_reserve(out, 65536);

        if (!space || out->len > NTA_ZIP_MAX)
            return nta_err_sys(err, space ? -EFBIG : -ENOMEM, "%s", path);
        n = read(fd, space, 65536);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n < 0)
            return nta_err_sys(err, -errno, "%s", path);
        else
            out->len += (size_t)n;
    }
    return 0;
}

/** What people give in place of a case or of a sheet's codes, by how it begins. */
static const struct
{
    const char *begins, *what;
} others[] = {
    {"\x89PNG", "a picture"},
    {"\xff\xd8\xff", "a picture"},
    {"II*", "a picture"},
    {"%PDF", "a PDF"},
    {"QR-Code:", "what zbarimg prints without --raw"},
};

/** Valid UTF-8, not all of it ASCII, as programs make of a code that they take for text. */
static bool is_text(struct nta_span bytes)
{
    bool is_wide = false;

    while (bytes.len) {
        const size_t len = nta_text_utf8_len(bytes.ptr, bytes.len);

        if (len == 0)
            return false;
        is_wide |= len > 1;
        bytes = nta_span_from(bytes, len);
    }
    return is_wide;
}

/** True, with the sentence: it is neither, and says nothing of what was recorded. */
static bool is_other(const char *path, struct nta_span bytes, struct nta_err *err)
{
    const char *what = NULL;

    for (size_t i = 0; i < NTA_N_ELEMENTS(others) && !what; i++)
        if (nta_span_begins(bytes, nta_span_of(others[i].begins)))
            what = others[i].what;
    if (!what && nta_sheet_is_one(bytes) && is_text(bytes))
        what = "a code as text, in which its bytes are lost";
    if (what)
        (void)nta_err_set(
            err, -EINVAL,
            "%.300s is %s.  Give a case, or a report as it was made, or the codes of a "
            "sheet, printed, scanned at 300 dpi and read by: zbarimg -q --raw -Sbinary SCAN.png "
            "> codes",
            path, what);
    return what;
}

/* ---- keys ---- */

bool nta_case_fingerprint(const char *text, uint8_t ret_sensor[NTA_SENSOR_ID_LEN])
{
    char digits[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)];
    size_t n = 0;

    for (; *text; text++) {
        if (*text == ' ' || *text == ':')
            continue;
        if (nta_hex_digit((unsigned char)*text) < 0 || n == sizeof(digits) - 1)
            return false;
        digits[n++] = *text;
    }
    digits[n] = '\0';
    return n == sizeof(digits) - 1 && nta_hex_parse(digits, NTA_SENSOR_ID_LEN, ret_sensor);
}

/** Gives identity `i` of what is checked, or NULL: it has not so many. */
typedef const uint8_t *identity_fn(const void *checked, size_t i);

static const uint8_t *case_identity(const void *checked, size_t i)
{
    const struct nta_case *kase = checked;

    return i < kase->n_sensors ? kase->sensors[i].identity : NULL;
}

static const uint8_t *sheet_identity(const void *checked, size_t i)
{
    const struct nta_sheet *sheet = checked;

    return i == 0 ? sheet->identity : NULL;
}

/** The identity that has this fingerprint, which is a hash of it. */
static const uint8_t *find_identity(const void *checked, identity_fn *identity,
                                    const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    const uint8_t *one;

    for (size_t i = 0; (one = identity(checked, i)); i++) {
        uint8_t id[NTA_SENSOR_ID_LEN];

        nta_sensor_id(one, id);
        if (memcmp(id, sensor, sizeof(id)) == 0)
            return one;
    }
    return NULL;
}

/**
 * Whom to trust.  A fingerprint that no identity there has becomes a key that signed nothing,
 * so that it is found to be of somebody else.
 */
static int take_keys(const struct nta_case_question *question, const void *checked, identity_fn *of,
                     struct nta_trust *trust, struct nta_err *err)
{
    int r = 0;

    for (size_t i = 0; i < question->n_keys && r >= 0; i++) {
        struct nta_trusted trusted = {.is_given = true};
        uint8_t sensor[NTA_SENSOR_ID_LEN];

        if (nta_case_fingerprint(question->keys[i], sensor)) {
            const uint8_t *identity = find_identity(checked, of, sensor);

            if (identity)
                memcpy(trusted.public_key, identity, NTA_KEY_LEN);
            else
                memcpy(trusted.public_key, sensor, sizeof(sensor));
        } else {
            r = nta_keys_parse_sensor(question->keys[i], trusted.public_key, err);
        }
        if (r == 0)
            r = nta_trust_add(trust, &trusted, err);
        if (r == -EEXIST) /* said twice */
            r = 0;
    }
    return r;
}

/* ---- what is said ---- */

static const char *const state_words[] = {
    [NTA_CASE_UNTOLD] = "not looked at", [NTA_CASE_HOLDS] = "holds", [NTA_CASE_NONE] = "none",
    [NTA_CASE_UNSEEN] = "unproved",      [NTA_CASE_WRONG] = "WRONG",
};

static const struct
{
    const char *word, *text;
    int status;
} results[] = {
    [NTA_CASE_HOLDS] = {"HOLDS", "the sensor recorded this, and nothing of it was changed since",
                        NTA_EXIT_OK},
    [NTA_CASE_UNSEEN] = {"UNPROVED", "what could be looked at holds; the rest is named above",
                         NTA_EXIT_FAILURE},
    [NTA_CASE_WRONG] = {"WRONG", "this is not what the sensor recorded, or not all of it",
                        NTA_EXIT_INPUT},
};

/** What was proved, in a sentence. */
static const char *result_text(const struct nta_case_report *report)
{
    const enum nta_case_state result = nta_case_result(report);

    if (result == NTA_CASE_HOLDS && report->origin.n_read < report->origin.n &&
        report->origin.n_read)
        return "of a part the sensor read this from capture files that somebody gave it, and did "
               "not see it itself (see times); nothing of it was changed since";
    if (result == NTA_CASE_HOLDS && report->origin.n_read)
        return "the sensor read this from capture files that somebody gave it, and did not see it "
               "itself; nothing of it was changed since";
    return results[result].text;
}

static void put_lines(struct nta_buf *out, const struct nta_case_report *report)
{
    const enum nta_case_state result = nta_case_result(report);

    for (size_t i = 0; i < NTA_CASE_N_STEPS; i++) {
        const struct nta_case_told *told = &report->steps[i];

        nta_buf_printf(out, "%-9s %s%s%s\n", nta_case_step_name((enum nta_case_step)i),
                       state_words[told->state], told->text[0] ? ": " : "", told->text);
    }
    nta_buf_printf(out, "%s: %s\n", results[result].word, result_text(report));
}

static void put_json(struct nta_buf *out, const struct nta_case_report *report)
{
    nta_buf_printf(out,
                   "{\"result\":\"%s\",\"records\":%zu,\"read\":%zu,\"unproved\":%zu,\"steps\":[",
                   results[nta_case_result(report)].word, report->origin.n, report->origin.n_read,
                   report->origin.n_unproved);
    for (size_t i = 0; i < NTA_CASE_N_STEPS; i++) {
        const struct nta_case_told *told = &report->steps[i];

        nta_buf_printf(out, "%s{\"step\":\"%s\",\"state\":\"%s\",\"text\":", i ? "," : "",
                       nta_case_step_name((enum nta_case_step)i), state_words[told->state]);
        nta_text_json_shown(out, nta_span_of(told->text));
        nta_buf_puts(out, "}");
    }
    nta_buf_puts(out, "]}\n");
}

static int say(const struct nta_case_report *report, bool as_json)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    if (as_json)
        put_json(&out, report);
    else
        put_lines(&out, report);
    return nta_cmd_answer(&out, !as_json, results[nta_case_result(report)].status);
}

/* ---- a sheet ---- */

/** What its codes say, for whoever compares it with the words on the paper. */
static int put_sheet_record(const struct nta_sheet *sheet, struct nta_buf *out)
{
    NTA_AUTO_FREE struct nta_record_buf *buf = malloc(sizeof(*buf));
    char sensor[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)], id[NTA_CASE_ID_SIZE];
    struct nta_record record;

    if (!buf)
        return -ENOMEM;
    if (!nta_record_decode(sheet->record.bytes, buf, &record))
        return -EBADMSG;
    (void)snprintf(id, sizeof(id), "%s-%" PRIu64 "-%" PRIu64,
                   nta_hex_text(sheet->header.sensor, NTA_SENSOR_ID_LEN, sensor),
                   sheet->header.number, sheet->record.index);
    nta_record_json(out, &record, id);
    return out->failed ? -ENOMEM : 0;
}

static void put_line(void *owner, const char *word, struct nta_span text)
{
    nta_buf_printf(owner, "%s: %.*s\n", word, (int)text.len, (const char *)text.ptr);
}

/** The record, if it is proved: as JSON, or in the words that stand on the sheet. */
static int say_sheet(const struct nta_case_report *report, const struct nta_sheet *sheet,
                     const struct nta_buf *record, bool json)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    const bool is_shown = nta_case_result(report) != NTA_CASE_WRONG;

    if (json)
        put_json(&out, report);
    else
        put_lines(&out, report);
    if (json && is_shown) {
        out.len -= strlen("}\n");
        nta_buf_puts(&out, ",\"record\":");
        nta_buf_put(&out, record->ptr, record->len);
        nta_buf_puts(&out, "}\n");
    } else if (is_shown) {
        nta_buf_puts(&out, "\nThe sheet says what its codes say, if this stands on it:\n\n");
        if (nta_sheet_each_row(sheet, NTA_LANGUAGE_EN, put_line, &out) < 0)
            return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    }
    return nta_cmd_answer(&out, !json, results[nta_case_result(report)].status);
}

static int show_sheet(const struct nta_case_question *question, struct nta_span codes)
{
    NTA_AUTO(nta_trust_done) struct nta_trust trust = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0}, note = {0}, record = {0};
    struct nta_case_report report = {0};
    struct nta_err err = {0};
    struct nta_sheet sheet = {.path.len = 0};
    int r = nta_sheet_join(codes, &cbor, &err);

    if (r == 0)
        r = nta_sheet_decode(nta_buf_span(&cbor), &note, &sheet);
    if (r == 0)
        r = put_sheet_record(&sheet, &record);
    if (r == -EBADMSG)
        nta_case_tell(&report, NTA_CASE_ARCHIVE, NTA_CASE_WRONG, "%s",
                      err.text[0] ? err.text : "the codes are not of the form that a sheet has");
    if (r == 0)
        r = take_keys(question, &sheet, sheet_identity, &trust, &err);
    if (r == -EINVAL)
        return nta_cmd_fail(NTA_EXIT_USAGE, "--key: %s", err.text);
    if (r == 0) {
        nta_case_tell(&report, NTA_CASE_ARCHIVE, NTA_CASE_HOLDS, "the codes of one sheet, all");
        nta_sheet_prove(&sheet, &trust, &question->witnesses, &report);
    }
    return r < 0 && r != -EBADMSG ? nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory")
                                  : say_sheet(&report, &sheet, &record, question->json);
}

int nta_case_show(const struct nta_case_question *question)
{
    NTA_AUTO(nta_trust_done) struct nta_trust trust = {0};
    NTA_AUTO(nta_case_file_done) struct nta_case_file file = {.kase = NULL};
    NTA_AUTO(nta_buf_done) struct nta_buf archive = {0};
    struct nta_case_report report = {0};
    struct nta_err err = {0};
    int r = read_file(question->path, &archive, &err);

    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    if (is_other(question->path, nta_buf_span(&archive), &err))
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    if (nta_sheet_is_one(nta_buf_span(&archive)))
        return show_sheet(question, nta_buf_span(&archive));
    if (archive.len == 0)
        nta_case_tell(&report, NTA_CASE_ARCHIVE, NTA_CASE_WRONG,
                      "the file is empty: no code was read, or nothing was copied");
    else
        r = nta_case_read(nta_buf_span(&archive), &file, &report);
    if (r == 0 && file.kase)
        r = take_keys(question, file.kase, case_identity, &trust, &err);
    if (r == -EINVAL)
        return nta_cmd_fail(NTA_EXIT_USAGE, "--key: %s", err.text);
    if (r == 0 && file.kase)
        r = nta_case_prove_file(&file, &trust, &question->witnesses, &report);
    return r < 0 ? nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory") : say(&report, question->json);
}
