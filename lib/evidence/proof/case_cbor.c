/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "evidence/proof/case.h"
#include "record/cbor/cbor.h"
#include "vault/tree/log_tree.h"

#include <errno.h>
#include <string.h>

/* ---- writing ---- */

static void put_head(const struct nta_case_head *head, struct nta_buf *out)
{
    nta_cbor_put_array(out, 4);
    nta_cbor_put_bytes(out, head->sealed.header);
    nta_cbor_put_bytes(out, head->sealed.signature);
    nta_cbor_put_bytes(out, head->path);
    nta_cbor_put_array(out, head->n_records);
    for (size_t i = 0; i < head->n_records; i++) {
        const struct nta_case_record *record = &head->records[i];

        nta_cbor_put_array(out, 4);
        nta_cbor_put_uint(out, record->index);
        nta_cbor_put_bytes(out, record->salt);
        nta_cbor_put_bytes(out, record->path);
        nta_cbor_put_bytes(out, record->bytes);
    }
}

static void put_noted(const struct nta_case_sensor *sensor, struct nta_buf *out)
{
    nta_cbor_put_array(out, sensor->n_noted);
    for (size_t i = 0; i < sensor->n_noted; i++) {
        nta_cbor_put_array(out, 2);
        nta_cbor_put_bytes(out, sensor->noted[i].note);
        nta_cbor_put_bytes(out, sensor->noted[i].path);
    }
}

/** One without noted heads is written as it was before there were any. */
static bool has_noted(const struct nta_case *kase)
{
    for (size_t i = 0; i < kase->n_sensors; i++)
        if (kase->sensors[i].n_noted)
            return true;
    return false;
}

void nta_case_encode(const struct nta_case *kase, struct nta_buf *out)
{
    const bool with_noted = has_noted(kase);

    nta_cbor_put_array(out, 4);
    nta_cbor_put_uint(out, with_noted ? NTA_CASE_VERSION_NOTED : NTA_CASE_VERSION);
    nta_cbor_put_text(out, kase->program);
    nta_cbor_put_array(out, kase->n_sensors);
    for (size_t i = 0; i < kase->n_sensors; i++) {
        const struct nta_case_sensor *sensor = &kase->sensors[i];

        nta_cbor_put_array(out, with_noted ? 3 : 2);
        nta_cbor_put_bytes(out, (struct nta_span){.ptr = sensor->identity, .len = NTA_KEY_LEN});
        nta_cbor_put_array(out, sensor->n_heads);
        for (size_t j = 0; j < sensor->n_heads; j++)
            put_head(&sensor->heads[j], out);
        if (with_noted)
            put_noted(sensor, out);
    }
    nta_cbor_put_array(out, kase->n_lines);
    for (size_t i = 0; i < kase->n_lines; i++) {
        const struct nta_case_line *line = &kase->lines[i];

        nta_cbor_put_array(out, 5);
        nta_cbor_put_bytes(out, line->tree);
        nta_cbor_put_uint(out, line->n_lines);
        nta_cbor_put_uint(out, line->number);
        nta_cbor_put_bytes(out, line->path);
        nta_cbor_put_bytes(out, line->text);
    }
}

/* ---- reading ---- */

/** The reader fails where the array that comes has another number of items. */
static void want_array(struct nta_reader *r, uint64_t n_items)
{
    if (nta_cbor_get_array(r) != n_items)
        nta_reader_fail(r);
}

static struct nta_span get_hashes(struct nta_reader *r, size_t n_max)
{
    const struct nta_span path = nta_cbor_get_bytes(r);

    if (path.len % NTA_HASH_LEN || path.len > n_max * NTA_HASH_LEN)
        nta_reader_fail(r);
    return path;
}

static struct nta_span get_exactly(struct nta_reader *r, size_t len)
{
    const struct nta_span bytes = nta_cbor_get_bytes(r);

    if (bytes.len != len)
        nta_reader_fail(r);
    return bytes;
}

static int get_records(struct nta_reader *r, struct nta_case_head *head)
{
    const uint64_t n = nta_cbor_get_array(r);

    for (uint64_t i = 0; i < n && nta_reader_ok(r); i++) {
        struct nta_case_record *record = nta_case_add_record(head);

        if (!record)
            return -ENOMEM;
        want_array(r, 4);
        record->index = nta_cbor_get_uint(r);
        record->salt = get_exactly(r, NTA_PROOF_SALT_LEN);
        record->path = get_hashes(r, NTA_PROOF_PATH_MAX);
        record->bytes = nta_cbor_get_bytes(r);
        if (record->index >= head->header.n_records)
            nta_reader_fail(r);
    }
    return 0;
}

/** Of the sensor with this id; a header is there for its keys, its notes or its records. */
static int get_head(struct nta_reader *r, struct nta_case_head *head, const uint8_t *sensor,
                    bool is_last)
{
    want_array(r, 4);
    head->sealed.header = nta_cbor_get_bytes(r);
    head->sealed.signature = get_exactly(r, NTA_SIGNATURE_LEN);
    head->path = get_hashes(r, NTA_CASE_PATH_MAX);
    if (!nta_reader_ok(r) || !nta_header_decode(head->sealed.header, &head->header) ||
        head->header.version != 2 || memcmp(head->header.sensor, sensor, NTA_SENSOR_ID_LEN) != 0)
        nta_reader_fail(r);
    const int e = get_records(r, head);

    if (head->n_records == 0 &&
        (head->path.len || !(is_last || head->header.has_next || head->header.n_notes)))
        nta_reader_fail(r);
    return e;
}

static int get_noted(struct nta_reader *r, struct nta_case_sensor *sensor, const uint8_t *id)
{
    const uint64_t n = nta_cbor_get_array(r);

    if (n > NTA_CASE_NOTED)
        nta_reader_fail(r);
    for (uint64_t i = 0; i < n && nta_reader_ok(r); i++) {
        struct nta_case_noted *noted = nta_case_add_noted(sensor);

        if (!noted)
            return -ENOMEM;
        want_array(r, 2);
        noted->note = nta_cbor_get_bytes(r);
        noted->path = get_hashes(r, NTA_LOG_PROOF_MAX);
        if (!nta_reader_ok(r) || !nta_case_take_note(noted, id))
            nta_reader_fail(r);
    }
    return 0;
}

static int get_sensor(struct nta_reader *r, struct nta_case_sensor *sensor, bool with_noted)
{
    uint8_t id[NTA_SENSOR_ID_LEN];
    int e = 0;

    want_array(r, with_noted ? 3 : 2);
    const struct nta_span identity = get_exactly(r, NTA_KEY_LEN);
    const uint64_t n = nta_cbor_get_array(r);

    if (!nta_reader_ok(r) || n == 0) {
        nta_reader_fail(r);
        return 0;
    }
    memcpy(sensor->identity, identity.ptr, NTA_KEY_LEN);
    nta_sensor_id(sensor->identity, id);
    for (uint64_t i = 0; i < n && nta_reader_ok(r) && e == 0; i++) {
        struct nta_case_head *head = nta_case_add_head(sensor);

        e = head ? get_head(r, head, id, i + 1 == n) : -ENOMEM;
    }
    return e == 0 && with_noted ? get_noted(r, sensor, id) : e;
}

static int get_lines(struct nta_reader *r, struct nta_case *kase)
{
    const uint64_t n = nta_cbor_get_array(r);

    for (uint64_t i = 0; i < n && nta_reader_ok(r); i++) {
        struct nta_case_line *line = nta_case_add_line(kase);

        if (!line)
            return -ENOMEM;
        want_array(r, 5);
        line->tree = get_exactly(r, NTA_HASH_LEN);
        line->n_lines = nta_cbor_get_uint(r);
        line->number = nta_cbor_get_uint(r);
        line->path = get_hashes(r, NTA_CASE_PATH_MAX);
        line->text = nta_cbor_get_bytes(r);
        if (line->number == 0 || line->number > line->n_lines)
            nta_reader_fail(r);
    }
    return 0;
}

static int get_case(struct nta_reader *r, struct nta_case *kase)
{
    want_array(r, 4);
    const uint64_t version = nta_cbor_get_uint(r);

    if (version != NTA_CASE_VERSION && version != NTA_CASE_VERSION_NOTED)
        nta_reader_fail(r);
    kase->program = nta_cbor_get_text(r);
    const uint64_t n = nta_cbor_get_array(r);
    int e = 0;

    if (n == 0 || n > NTA_CASE_SENSORS || kase->program.len > NTA_CASE_PROGRAM_MAX)
        nta_reader_fail(r);
    for (uint64_t i = 0; i < n && nta_reader_ok(r) && e == 0; i++) {
        struct nta_case_sensor *sensor = nta_case_add_sensor(kase);

        e = sensor ? get_sensor(r, sensor, version == NTA_CASE_VERSION_NOTED) : -ENOMEM;
    }
    return e < 0 ? e : get_lines(r, kase);
}

int nta_case_decode(struct nta_span cbor, struct nta_case **ret_case, struct nta_err *err)
{
    NTA_AUTO(nta_case_free) struct nta_case *kase = nta_case_new();
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_reader r = nta_reader_of(cbor.ptr, cbor.len);
    int e = kase ? get_case(&r, kase) : -ENOMEM;

    if (e == 0 && nta_reader_done(&r))
        nta_case_encode(kase, &again);
    if (e < 0 || again.failed)
        return nta_err_sys(err, -ENOMEM, "case");
    if (!nta_reader_done(&r) || !nta_case_is_sorted(kase) ||
        !nta_span_equal(nta_buf_span(&again), cbor))
        return nta_err_set(err, -EBADMSG, "its CBOR is not of the form that a case has");
    *ret_case = NTA_TAKE(kase);
    return 0;
}
