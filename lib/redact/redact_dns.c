/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message of DNS, or of what has its form (RFC 1035 section 4.1): head, questions and the heads
 * of records are shown, and of their data addresses and names; texts, options and signatures are
 * not, nor what stands behind the last record.
 */
#include "redact/redact_dns.h"

#include "base/own.h"

enum
{
    LABEL_MAX = 63,
    POINTER = 0xc0,
    QUESTION_LEN = 4, ///< Behind the name: type and class.
    RECORD_LEN = 8,   ///< Type, class, and for how long it holds.
};

/** What data is made of: so many bytes, then perhaps a name. */
struct data
{
    uint16_t type;
    uint8_t before;
    bool has_name;
};

static const struct data kinds[] = {
    {1, 4, false},   /* A */
    {2, 0, true},    /* NS */
    {5, 0, true},    /* CNAME */
    {12, 0, true},   /* PTR */
    {15, 2, true},   /* MX */
    {28, 16, false}, /* AAAA */
    {33, 6, true},   /* SRV */
    {39, 0, true},   /* DNAME */
    {64, 2, true},   /* SVCB */
    {65, 2, true},   /* HTTPS */
};

/** Up to its root or a pointer.  False: it does not end here. */
static bool pass_name(struct nta_reader *r)
{
    while (nta_reader_ok(r)) {
        const uint8_t len = nta_read_u8(r);

        if ((len & POINTER) == POINTER) {
            nta_reader_skip(r, 1);
            return nta_reader_ok(r);
        }
        if (len > LABEL_MAX)
            return false;
        if (len == 0)
            return nta_reader_ok(r);
        nta_reader_skip(r, len);
    }
    return false;
}

/** How much of a record's data is of the form that its type has. */
static size_t known_len(uint16_t type, struct nta_span data)
{
    struct nta_reader r = nta_reader_of(data.ptr, data.len);

    for (size_t i = 0; i < NTA_N_ELEMENTS(kinds); i++) {
        if (kinds[i].type != type)
            continue;
        nta_reader_skip(&r, kinds[i].before);
        if (kinds[i].has_name && !pass_name(&r))
            return 0;
        return nta_reader_ok(&r) ? nta_reader_offset(&r) : 0;
    }
    return 0;
}

/** Show what was read since `from`. */
static void show(struct nta_redact_scan *scan, size_t base, size_t from, const struct nta_reader *r)
{
    nta_redact_show(scan, base + from, base + nta_reader_offset(r));
}

static bool take_record(struct nta_redact_scan *scan, size_t base, struct nta_reader *r)
{
    const size_t from = nta_reader_offset(r);

    if (!pass_name(r))
        return false;
    const uint16_t type = nta_read_be16(r);

    nta_reader_skip(r, RECORD_LEN - 2);
    const uint16_t len = nta_read_be16(r);

    if (!nta_reader_ok(r))
        return false;
    show(scan, base, from, r);
    const size_t at = nta_reader_offset(r);
    const struct nta_span data = nta_read_span(r, len);

    if (nta_reader_ok(r))
        nta_redact_show(scan, base + at, base + at + known_len(type, data));
    return nta_reader_ok(r);
}

void nta_redact_dns(struct nta_redact_scan *scan, size_t from, size_t to)
{
    struct nta_reader r = nta_reader_of(scan->bytes + from, to - from);
    size_t n_records = 0;

    nta_reader_skip(&r, 4);
    const uint16_t n_questions = nta_read_be16(&r);

    for (int i = 0; i < 3; i++)
        n_records += nta_read_be16(&r);
    if (!nta_reader_ok(&r))
        return;
    show(scan, from, 0, &r);
    for (size_t i = 0; i < n_questions; i++) {
        const size_t at = nta_reader_offset(&r);

        if (!pass_name(&r))
            return;
        nta_reader_skip(&r, QUESTION_LEN);
        if (!nta_reader_ok(&r))
            return;
        show(scan, from, at, &r);
    }
    while (n_records-- > 0)
        if (!take_record(scan, from, &r))
            return;
}
