/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/proof/sheet.h"

#include "base/hex.h"
#include "base/own.h"
#include "record/cbor/cbor.h"
#include "vault/signed_note.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAGIC "NTA"

enum
{
    VERSION = 1,
    EXTRA_MAX = 16, ///< Lines behind a head's hash.
    STAMP_LEN = 4,
    LOG_PATH_MAX = NTA_CASE_PATH_MAX * NTA_HASH_LEN,
    BATCH_PATH_MAX = NTA_PROOF_PATH_MAX * NTA_HASH_LEN
};

/* ---- the note, its digits and base64 as bytes ---- */

/** "word HEX" as [word, bytes], else as it is. */
static bool put_extra(struct nta_span line, struct nta_buf *out)
{
    const size_t blank = nta_span_find_byte(line, ' ');
    const struct nta_span digits = nta_span_from(line, nta_smaller(blank + 1, line.len));
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    uint8_t *room = digits.len >= 2 ? nta_buf_reserve(&bytes, digits.len / 2) : NULL;
    size_t len = 0;

    if (room && nta_checkpoint_hex(digits, room, digits.len / 2, &len) && len) {
        nta_cbor_put_array(out, 2);
        nta_cbor_put_text(out, nta_span_first(line, blank));
        nta_cbor_put_bytes(out, (struct nta_span){room, len});
    } else {
        nta_cbor_put_text(out, line);
    }
    return !bytes.failed;
}

/** Those that are looked at; an empty name is the log's own. */
static void put_lines(const struct nta_checkpoint *head, struct nta_span lines, struct nta_buf *out)
{
    struct nta_span rest = lines;
    struct nta_note_line line;
    char own[NTA_LOG_NAME_SIZE];
    size_t n = 0;

    (void)nta_log_name(head->sensor, own);
    while (nta_note_next(&rest, &line))
        n += line.len > 0;
    nta_cbor_put_array(out, n);
    while (nta_note_next(&lines, &line)) {
        uint8_t bytes[NTA_NOTE_ID_LEN + NTA_NOTE_SIGNATURE_MAX];

        if (line.len == 0)
            continue;
        memcpy(bytes, line.id, NTA_NOTE_ID_LEN);
        memcpy(bytes + NTA_NOTE_ID_LEN, line.bytes, line.len);
        nta_cbor_put_array(out, 2);
        nta_cbor_put_text(out, nta_span_equal(line.name, nta_span_of(own)) ? nta_span_of("")
                                                                           : line.name);
        nta_cbor_put_bytes(out, (struct nta_span){bytes, NTA_NOTE_ID_LEN + line.len});
    }
}

static int put_note(const struct nta_sheet *sheet, struct nta_buf *out)
{
    struct nta_span text, lines, extra = sheet->head.extra;
    size_t n = 0;

    if (!nta_note_split(sheet->note, &text, &lines))
        return -EINVAL;
    for (size_t i = 0; i < extra.len; i++)
        n += extra.ptr[i] == '\n';
    if (n > EXTRA_MAX)
        return -EINVAL;
    nta_cbor_put_array(out, 4);
    nta_cbor_put_uint(out, sheet->head.n);
    nta_cbor_put_bytes(out, (struct nta_span){sheet->head.root, NTA_HASH_LEN});
    nta_cbor_put_array(out, n);
    while (extra.len)
        if (!put_extra(nta_span_take(&extra, '\n'), out))
            return -ENOMEM;
    put_lines(&sheet->head, lines, out);
    return 0;
}

/** The reader fails where the array that comes has another number of items. */
static void want_array(struct nta_reader *r, uint64_t n_items)
{
    if (nta_cbor_get_array(r) != n_items)
        nta_reader_fail(r);
}

/** Bytes of `least` to `most`, in whole units; else none, and the reader fails. */
static struct nta_span get_sized(struct nta_reader *r, size_t least, size_t most, size_t unit)
{
    const struct nta_span bytes = nta_cbor_get_bytes(r);

    if (bytes.len >= least && bytes.len <= most && bytes.len % unit == 0)
        return bytes;
    nta_reader_fail(r);
    return (struct nta_span){0};
}

static void get_extra(struct nta_reader *r, struct nta_buf *note)
{
    const bool is_pair = nta_reader_peek(r) >> 5 == 4; /* an array (RFC 8949 section 3.1) */

    if (is_pair)
        want_array(r, 2);
    const struct nta_span word = nta_cbor_get_text(r);

    nta_buf_put(note, word.ptr, word.len);
    if (is_pair) {
        const struct nta_span bytes = nta_cbor_get_bytes(r);

        nta_buf_puts(note, " ");
        nta_buf_put_hex(note, bytes.ptr, bytes.len);
    }
    nta_buf_puts(note, "\n");
}

static void get_lines(struct nta_reader *r, struct nta_span own, struct nta_buf *note)
{
    const uint64_t n = nta_cbor_get_array(r);

    if (n > NTA_NOTE_LINES_MAX)
        nta_reader_fail(r);
    for (uint64_t i = 0; i < n && nta_reader_ok(r); i++) {
        want_array(r, 2);
        const struct nta_span name = nta_cbor_get_text(r);
        const struct nta_span bytes =
            get_sized(r, NTA_NOTE_ID_LEN, NTA_NOTE_ID_LEN + NTA_NOTE_SIGNATURE_MAX, 1);

        nta_buf_puts(note, "— ");
        nta_buf_put(note, name.len ? name.ptr : own.ptr, name.len ? name.len : own.len);
        nta_buf_puts(note, " ");
        nta_note_put_base64(note, bytes.ptr, bytes.len);
        nta_buf_puts(note, "\n");
    }
}

/** Write the note that these items are. */
static void get_note(struct nta_reader *r, const uint8_t identity[NTA_KEY_LEN],
                     struct nta_buf *note)
{
    char own[NTA_LOG_NAME_SIZE];
    uint8_t id[NTA_SENSOR_ID_LEN];

    nta_sensor_id(identity, id);
    (void)nta_log_name(id, own);
    want_array(r, 4);
    const uint64_t size = nta_cbor_get_uint(r);
    const struct nta_span root = get_sized(r, NTA_HASH_LEN, NTA_HASH_LEN, 1);

    nta_buf_printf(note, "%s\n%llu\n", own, (unsigned long long)size);
    nta_note_put_base64(note, root.ptr, root.len);
    nta_buf_puts(note, "\n");
    const uint64_t n = nta_cbor_get_array(r);

    if (n > EXTRA_MAX)
        nta_reader_fail(r);
    for (uint64_t i = 0; i < n && nta_reader_ok(r); i++)
        get_extra(r, note);
    nta_buf_puts(note, "\n");
    get_lines(r, nta_span_of(own), note);
}

/* ---- the sheet ---- */

bool nta_sheet_settle(struct nta_sheet *sheet)
{
    uint8_t id[NTA_SENSOR_ID_LEN];
    struct nta_span text, lines;

    nta_sensor_id(sheet->identity, id);
    if (!nta_note_split(sheet->note, &text, &lines) || !nta_checkpoint_text(text, &sheet->head))
        return false;
    return nta_header_decode(sheet->first.header, &sheet->first_header) &&
           nta_header_decode(sheet->sealed.header, &sheet->header) &&
           sheet->first_header.version == 2 && sheet->header.version == 2 &&
           memcmp(sheet->first_header.sensor, id, sizeof(id)) == 0 &&
           memcmp(sheet->header.sensor, id, sizeof(id)) == 0 && sheet->first_header.number == 1 &&
           memcmp(sheet->head.sensor, id, sizeof(id)) == 0 &&
           sheet->head.n >= sheet->header.number && sheet->record.index < sheet->header.n_records;
}

int nta_sheet_encode(const struct nta_sheet *sheet, struct nta_buf *out)
{
    const size_t start = out->len;

    nta_cbor_put_array(out, 6);
    nta_cbor_put_uint(out, VERSION);
    nta_cbor_put_bytes(out, (struct nta_span){sheet->identity, NTA_KEY_LEN});
    nta_cbor_put_array(out, 2);
    nta_cbor_put_bytes(out, sheet->first.header);
    nta_cbor_put_bytes(out, sheet->first.signature);
    const int r = put_note(sheet, out);

    if (r < 0)
        return r;
    nta_cbor_put_array(out, 3);
    nta_cbor_put_bytes(out, sheet->sealed.header);
    nta_cbor_put_bytes(out, sheet->sealed.signature);
    nta_cbor_put_bytes(out, sheet->path);
    nta_cbor_put_array(out, 4);
    nta_cbor_put_uint(out, sheet->record.index);
    nta_cbor_put_bytes(out, sheet->record.salt);
    nta_cbor_put_bytes(out, sheet->record.path);
    nta_cbor_put_bytes(out, sheet->record.bytes);
    return out->failed ? -ENOMEM : out->len - start > NTA_SHEET_MAX ? -EFBIG : 0;
}

static struct nta_sealed get_sealed(struct nta_reader *r)
{
    return (struct nta_sealed){
        .header = nta_cbor_get_bytes(r),
        .signature = get_sized(r, NTA_SIGNATURE_LEN, NTA_SIGNATURE_LEN, 1),
    };
}

static void get_sheet(struct nta_reader *r, struct nta_buf *note, struct nta_sheet *sheet)
{
    want_array(r, 6);
    if (nta_cbor_get_uint(r) != VERSION)
        nta_reader_fail(r);
    const struct nta_span identity = get_sized(r, NTA_KEY_LEN, NTA_KEY_LEN, 1);

    if (!nta_reader_ok(r))
        return;
    memcpy(sheet->identity, identity.ptr, NTA_KEY_LEN);
    want_array(r, 2);
    sheet->first = get_sealed(r);
    get_note(r, sheet->identity, note);
    want_array(r, 3);
    sheet->sealed = get_sealed(r);
    sheet->path = get_sized(r, 0, LOG_PATH_MAX, NTA_HASH_LEN);
    want_array(r, 4);
    sheet->record.index = nta_cbor_get_uint(r);
    sheet->record.salt = get_sized(r, NTA_PROOF_SALT_LEN, NTA_PROOF_SALT_LEN, 1);
    sheet->record.path = get_sized(r, 0, BATCH_PATH_MAX, NTA_HASH_LEN);
    sheet->record.bytes = nta_cbor_get_bytes(r);
    sheet->note = nta_buf_span(note);
}

int nta_sheet_decode(struct nta_span cbor, struct nta_buf *note, struct nta_sheet *ret_sheet)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_reader r = nta_reader_of(cbor.ptr, cbor.len);
    struct nta_sheet sheet = {.path.len = 0};

    if (cbor.len > NTA_SHEET_MAX)
        return -EBADMSG;
    get_sheet(&r, note, &sheet);
    if (note->failed)
        return -ENOMEM;
    if (!nta_reader_done(&r) || !nta_sheet_settle(&sheet))
        return -EBADMSG;
    const int e = nta_sheet_encode(&sheet, &again);

    if (e == -ENOMEM)
        return e;
    if (e < 0 || !nta_span_equal(nta_buf_span(&again), cbor))
        return -EBADMSG;
    *ret_sheet = sheet;
    return 0;
}

/* ---- its codes ---- */

size_t nta_sheet_n_codes(size_t len)
{
    return len + NTA_SHEET_FRAME_LEN > NTA_SHEET_CODE_FINE ? 2 : 1;
}

static void put_stamp(struct nta_span cbor, struct nta_buf *out)
{
    uint8_t hash[NTA_HASH_LEN];

    nta_hash_of(cbor, hash);
    nta_buf_put(out, hash, STAMP_LEN);
}

void nta_sheet_put_code(struct nta_span cbor, size_t i, struct nta_buf *out)
{
    const size_t n = nta_sheet_n_codes(cbor.len), each = (cbor.len + n - 1) / n;
    const struct nta_span part = nta_span_first(nta_span_from(cbor, i * each), each);

    nta_buf_puts(out, MAGIC);
    nta_buf_put_u8(out, (uint8_t)((i + 1) << 4 | n));
    put_stamp(cbor, out);
    nta_buf_put_u8(out, (uint8_t)(part.len >> 8));
    nta_buf_put_u8(out, (uint8_t)part.len);
    nta_buf_put(out, part.ptr, part.len);
}

bool nta_sheet_is_one(struct nta_span bytes)
{
    const struct nta_span magic = nta_span_of(MAGIC);

    return bytes.len > NTA_SHEET_FRAME_LEN && nta_span_begins(bytes, magic) &&
           bytes.ptr[magic.len] >> 4 >= 1 && bytes.ptr[magic.len] >> 4 <= NTA_SHEET_CODES &&
           (bytes.ptr[magic.len] & 15) >= 1 && (bytes.ptr[magic.len] & 15) <= NTA_SHEET_CODES;
}

struct code
{
    uint8_t number, n;
    struct nta_span stamp, part;
};

static int take_code(struct nta_reader *r, struct code *ret_code)
{
    const struct nta_span all = nta_reader_rest(r);

    if (!nta_sheet_is_one(all))
        return -EBADMSG;
    nta_reader_skip(r, strlen(MAGIC));
    const uint8_t numbers = nta_read_u8(r);

    ret_code->number = numbers >> 4;
    ret_code->n = numbers & 15;
    ret_code->stamp = nta_read_span(r, STAMP_LEN);
    const size_t len = nta_read_be16(r);

    ret_code->part = nta_read_span(r, len);
    while (nta_reader_peek(r) == '\n' || nta_reader_peek(r) == '\r')
        nta_reader_skip(r, 1); /* as programs that read codes put them */
    return nta_reader_ok(r) ? 0 : -EBADMSG;
}

int nta_sheet_join(struct nta_span codes, struct nta_buf *out, struct nta_err *err)
{
    struct nta_reader r = nta_reader_of(codes.ptr, codes.len);
    struct code all[NTA_SHEET_CODES] = {{.n = 0}};
    const size_t start = out->len;
    uint8_t hash[NTA_HASH_LEN];
    unsigned n = 0, of = 0;

    while (!nta_reader_done(&r)) {
        struct code code;

        if (take_code(&r, &code) < 0)
            return nta_err_set(err, -EBADMSG, "a code was cut or changed: scan the page again");
        if (of &&
            (code.n != of || !nta_span_equal(code.stamp, all[0].n ? all[0].stamp : all[1].stamp)))
            return nta_err_set(err, -EBADMSG, "the codes are of two sheets");
        of = code.n;
        if (code.number > of || all[code.number - 1].n)
            return nta_err_set(err, -EBADMSG, "code %u is there twice, or of none", code.number);
        all[code.number - 1] = code;
        n++;
    }
    if (n == 0 || n < of)
        return nta_err_set(err, -EBADMSG,
                           "of %u codes on the sheet %u was read: scan all of the page", of, n);
    for (unsigned i = 0; i < of; i++)
        nta_buf_put(out, all[i].part.ptr, all[i].part.len);
    if (out->failed)
        return nta_err_sys(err, -ENOMEM, "sheet");
    nta_hash_of(nta_span_from(nta_buf_span(out), start), hash);
    return nta_span_equal(all[0].stamp, (struct nta_span){hash, STAMP_LEN})
               ? 0
               : nta_err_set(err, -EBADMSG, "the codes were changed: they make another sheet");
}
