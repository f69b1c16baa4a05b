/* SPDX-License-Identifier: Apache-2.0 */
#include "record/batch.h"

#include "base/own.h"
#include "base/scratch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The longest value of each type of the VALUE rows of fields.inc, in bytes; sites are counted by
 * their dots.
 */
#define VALUE_BYTES_addr    NTA_ADDR_LEN
#define VALUE_BYTES_mac     6
#define VALUE_BYTES_text    NTA_VALUE_MAX
#define VALUE_BYTES_code    4
#define VALUE_BYTES_site    0
#define VALUE_BYTES_hash    32
#define VALUE_BYTES_number  1
#define VALUE_BYTES_network 9

enum
{
    VALUE_HEAD_LEN = 3, ///< Kind (1) and length (2) before each value's bytes.
    BYTES_BUT_SITES = 0
// NOLINTBEGIN(bugprone-macro-parentheses): a sum
#define VALUE(kind, symbol, type, ...)          +VALUE_HEAD_LEN + VALUE_BYTES_##type
#define EVIDENCE_VALUE(kind, symbol, type, ...) +VALUE_HEAD_LEN + VALUE_BYTES_##type
#include "record/fields.inc"
    // NOLINTEND(bugprone-macro-parentheses)
};

void nta_batch_init(struct nta_batch *batch)
{
    *batch = (struct nta_batch){.n_records = 0};
}

void nta_batch_be_secret(struct nta_batch *batch)
{
    batch->records.secret = batch->values.secret = true;
}

void nta_batch_done(struct nta_batch *batch)
{
    const bool is_secret = batch->records.secret;

    nta_buf_done(&batch->records);
    nta_buf_done(&batch->ends);
    nta_buf_done(&batch->notes);
    nta_buf_done(&batch->values);
    nta_batch_init(batch);
    if (is_secret)
        nta_batch_be_secret(batch);
}

void nta_batch_clear(struct nta_batch *batch)
{
    nta_buf_clear(&batch->records);
    nta_buf_clear(&batch->ends);
    nta_buf_clear(&batch->notes);
    nta_buf_clear(&batch->values);
    batch->n_records = 0;
    batch->class = NTA_CLASS_NONE;
    batch->first_ns = batch->last_ns = 0;
    batch->first_time_ns = batch->last_time_ns = 0;
    batch->has_alert = false;
}

struct nta_span nta_value_fold(struct nta_span text, uint8_t buf[NTA_VALUE_MAX])
{
    size_t len = text.len < NTA_VALUE_MAX ? text.len : NTA_VALUE_MAX;

    for (size_t i = 0; i < len; i++) {
        uint8_t c = text.ptr[i];

        buf[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
    }
    return (struct nta_span){.ptr = buf, .len = len};
}

/** There is space: see reserve_values(). */
static void add_value(struct nta_batch *batch, enum nta_value_kind kind, struct nta_span bytes)
{
    uint8_t *out = batch->values.ptr + batch->values.len;
    uint16_t len = (uint16_t)bytes.len;

    if (len == 0)
        return;
    out[0] = (uint8_t)kind;
    memcpy(out + 1, &len, sizeof(len));
    memcpy(out + VALUE_HEAD_LEN, bytes.ptr, len);
    batch->values.len += VALUE_HEAD_LEN + (size_t)len;
}

/* add_TYPE() of the rows' types. */

static void add_text(struct nta_batch *batch, enum nta_value_kind kind, const struct nta_span *text)
{
    NTA_SCRATCH uint8_t buf[NTA_VALUE_MAX];

    if (text->len)
        add_value(batch, kind, nta_value_fold(*text, buf));
}

static void add_code(struct nta_batch *batch, enum nta_value_kind kind, const char (*code)[4])
{
    const struct nta_span text = {.ptr = (const uint8_t *)*code,
                                  .len = strnlen(*code, sizeof(*code))};

    add_text(batch, kind, &text);
}

static void add_mac(struct nta_batch *batch, enum nta_value_kind kind,
                    const struct nta_record_side *side)
{
    if (side->has_mac)
        add_value(batch, kind, (struct nta_span){.ptr = side->mac, .len = sizeof(side->mac)});
}

static void add_addr(struct nta_batch *batch, enum nta_value_kind kind, const struct nta_addr *addr)
{
    static const struct nta_addr none;

    if (!nta_addr_equal(addr, &none))
        add_value(batch, kind, (struct nta_span){.ptr = addr->bytes, .len = sizeof(addr->bytes)});
}

static void add_hash(struct nta_batch *batch, enum nta_value_kind kind, const struct nta_span *hash)
{
    add_value(batch, kind, *hash);
}

static void add_number(struct nta_batch *batch, enum nta_value_kind kind, const uint8_t *number)
{
    if (*number)
        add_value(batch, kind, (struct nta_span){.ptr = number, .len = 1});
}

static void add_network(struct nta_batch *batch, enum nta_value_kind kind,
                        const struct nta_record_network *network)
{
    uint8_t bytes[1 + sizeof(network->id)] = {network->kind};

    for (size_t i = 1; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(network->id >> 8 * (sizeof(bytes) - 1 - i));
    if (network->kind)
        add_value(batch, kind, (struct nta_span){.ptr = bytes, .len = sizeof(bytes)});
}

/** The site as a value: folded, without a last dot. */
static struct nta_span fold_site(struct nta_span site, uint8_t buf[NTA_VALUE_MAX])
{
    struct nta_span folded = nta_value_fold(site, buf);

    if (folded.len && folded.ptr[folded.len - 1] == '.')
        folded.len--;
    return folded;
}

/** The site and each parent that has a dot in it; an address has no parents. */
static void add_site(struct nta_batch *batch, enum nta_value_kind kind, const struct nta_span *text)
{
    NTA_SCRATCH uint8_t buf[NTA_VALUE_MAX];
    struct nta_span site = fold_site(*text, buf);

    if (site.len == 0)
        return;
    uint8_t last = site.ptr[site.len - 1];
    bool is_addr = memchr(site.ptr, ':', site.len) || (last >= '0' && last <= '9');
    const uint8_t *end = site.ptr + site.len;
    const uint8_t *dot = is_addr ? NULL : memchr(site.ptr, '.', site.len);

    add_value(batch, kind, site);
    while (dot) {
        const uint8_t *parent = dot + 1;

        dot = memchr(parent, '.', (size_t)(end - parent));
        if (dot)
            add_value(batch, kind, (struct nta_span){.ptr = parent, .len = (size_t)(end - parent)});
    }
}

/** Space for all values of a record whose site is this; false if there is no memory. */
static bool reserve_values(struct nta_batch *batch, struct nta_span site)
{
    size_t len = site.len < NTA_VALUE_MAX ? site.len : NTA_VALUE_MAX;
    size_t n_dots = 0;

    for (size_t i = 0; i < len; i++)
        n_dots += site.ptr[i] == '.';
    return nta_buf_reserve(&batch->values,
                           BYTES_BUT_SITES + (1 + n_dots) * (VALUE_HEAD_LEN + len)) != NULL;
}

static void add_values(struct nta_batch *batch, const struct nta_record *record)
{
    const bool evidence = nta_record_class(record) == NTA_CLASS_EVIDENCE;

#define EVIDENCE_VALUE(kind, symbol, type, member, ...)                                            \
    if (evidence)                                                                                  \
        add_##type(batch, NTA_VALUE_##symbol, &record->member);
#define VALUE(kind, symbol, type, member, ...)                                                     \
    add_##type(batch, NTA_VALUE_##symbol, &record->member);
#include "record/fields.inc"
}

/** What is counted of one record, or of many. */
struct counted
{
    enum nta_class class;
    int64_t first_ns, last_ns, first_time_ns, last_time_ns;
    bool has_alert;
};

/** `n_records` is still as it was. */
static void count_in(struct nta_batch *batch, const struct counted *more)
{
    const bool is_first = batch->n_records == 0;

    if (is_first || more->first_ns < batch->first_ns)
        batch->first_ns = more->first_ns;
    if (is_first || more->last_ns > batch->last_ns)
        batch->last_ns = more->last_ns;
    if (is_first || more->first_time_ns < batch->first_time_ns)
        batch->first_time_ns = more->first_time_ns;
    if (is_first || more->last_time_ns > batch->last_time_ns)
        batch->last_time_ns = more->last_time_ns;
    if (is_first)
        batch->class = more->class;
    else if (batch->class != more->class)
        batch->class = NTA_CLASS_NONE;
    batch->has_alert |= more->has_alert;
}

static struct counted counted_of(const struct nta_record *record, bool has_alert)
{
    /* an end of 0 is not known */
    const int64_t end_ns = record->end_ns ? record->end_ns : record->time_ns;

    return (struct counted){
        .class = nta_record_class(record),
        .first_ns = end_ns < record->time_ns ? end_ns : record->time_ns,
        .last_ns = end_ns > record->time_ns ? end_ns : record->time_ns,
        .first_time_ns = record->time_ns,
        .last_time_ns = record->time_ns,
        .has_alert = has_alert,
    };
}

/** Put the record buffers back to `len` bytes; what is in stays good. */
static int give_back(struct nta_batch *batch, size_t len, int r)
{
    batch->records.len = len;
    batch->records.failed = false;
    batch->ends.failed = false;
    batch->notes.failed = false;
    batch->values.failed = false;
    return r;
}

static uint8_t note_of(const struct nta_record *record)
{
    bool at_once = record->event == NTA_RECORD_ALERT || record->event == NTA_RECORD_CANARY;

    return (uint8_t)((at_once ? NTA_NOTE_ALERT : 0U) |
                     (record->match.list.len ? NTA_NOTE_MATCH : 0U) |
                     (record->event == NTA_RECORD_PSEUDONYM ? NTA_NOTE_OPENS : 0U));
}

int nta_batch_add(struct nta_batch *batch, const struct nta_record *record)
{
    size_t start = batch->records.len;

    if (batch->n_records == NTA_BATCH_RECORDS)
        return -E2BIG;
    nta_record_encode(record, &batch->records);
    if (batch->records.failed || !nta_buf_reserve(&batch->ends, sizeof(uint32_t)) ||
        !nta_buf_reserve(&batch->notes, 1))
        return give_back(batch, start, -ENOMEM);
    if (batch->records.len > NTA_BATCH_BYTES)
        return give_back(batch, start, -E2BIG);
    if (!reserve_values(batch, record->site))
        return give_back(batch, start, -ENOMEM);
    add_values(batch, record);
    uint32_t end = (uint32_t)batch->records.len;

    nta_buf_put(&batch->ends, &end, sizeof(end));
    nta_buf_put_u8(&batch->notes, note_of(record));
    const struct counted counted = counted_of(record, note_of(record) & NTA_NOTE_ALERT);

    count_in(batch, &counted);
    batch->n_records++;
    return 0;
}

int nta_batch_count(struct nta_batch *batch, const struct nta_record *record)
{
    if (!reserve_values(batch, record->site)) {
        batch->values.failed = false;
        return -ENOMEM;
    }
    add_values(batch, record);
    const struct counted counted = counted_of(record, false);

    count_in(batch, &counted);
    batch->n_records++;
    return 0;
}

int nta_batch_join(struct nta_batch *batch, const struct nta_batch *from)
{
    size_t start = batch->records.len;

    if (from->n_records == 0)
        return 0;
    if (batch->n_records + from->n_records > NTA_BATCH_RECORDS ||
        start + from->records.len > NTA_BATCH_BYTES)
        return -E2BIG;
    if (!nta_buf_reserve(&batch->records, from->records.len) ||
        !nta_buf_reserve(&batch->ends, from->ends.len) ||
        !nta_buf_reserve(&batch->notes, from->notes.len) ||
        (from->values.len && !nta_buf_reserve(&batch->values, from->values.len)))
        return give_back(batch, start, -ENOMEM);
    nta_buf_put(&batch->records, from->records.ptr, from->records.len);
    for (size_t i = 0; i < from->n_records; i++) {
        uint32_t end;

        memcpy(&end, from->ends.ptr + i * sizeof(end), sizeof(end));
        end += (uint32_t)start;
        nta_buf_put(&batch->ends, &end, sizeof(end));
    }
    nta_buf_put(&batch->notes, from->notes.ptr, from->notes.len);
    nta_buf_put(&batch->values, from->values.ptr, from->values.len);
    const struct counted counted = {
        .class = from->class,
        .first_ns = from->first_ns,
        .last_ns = from->last_ns,
        .first_time_ns = from->first_time_ns,
        .last_time_ns = from->last_time_ns,
        .has_alert = from->has_alert,
    };

    count_in(batch, &counted);
    batch->n_records += from->n_records;
    return 0;
}

struct nta_span nta_batch_record(const struct nta_batch *batch, size_t i)
{
    uint32_t start = 0, end;

    if (i >= batch->ends.len / sizeof(end))
        return (struct nta_span){0};
    memcpy(&end, batch->ends.ptr + i * sizeof(end), sizeof(end));
    if (i)
        memcpy(&start, batch->ends.ptr + (i - 1) * sizeof(start), sizeof(start));
    return (struct nta_span){.ptr = batch->records.ptr + start, .len = end - start};
}

unsigned nta_batch_note(const struct nta_batch *batch, size_t i)
{
    return i < batch->notes.len ? batch->notes.ptr[i] : 0;
}

void nta_batch_each_value(const struct nta_batch *batch,
                          void (*each)(void *owner, enum nta_value_kind kind,
                                       struct nta_span value),
                          void *owner)
{
    for (size_t at = 0; at < batch->values.len;) {
        const uint8_t *head = batch->values.ptr + at;
        uint16_t len;

        memcpy(&len, head + 1, sizeof(len));
        each(owner, (enum nta_value_kind)head[0],
             (struct nta_span){.ptr = head + VALUE_HEAD_LEN, .len = len});
        at += VALUE_HEAD_LEN + (size_t)len;
    }
}
