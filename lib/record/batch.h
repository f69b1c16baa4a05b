/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A batch before it is sealed: records in a row, their ends, their searchable values, first and
 * last time.
 *
 * Workers encode into a *chunk* (a bounded piece handed over a ring); the recorder joins chunks
 * into a batch of up to NTA_BATCH_RECORDS records or NTA_BATCH_BYTES bytes.  A chunk and a batch
 * have the same shape, so there is one type.  Memory is reused: clearing keeps it.
 *
 * Values are what one can search for later: kind and bytes, e.g. (PEER, 16 address bytes), (SITE,
 * "example.com") and one SITE for each parent domain that has a dot in it ("a.b.example.com" gives
 * itself, "b.example.com" and "example.com", not "com"; an address has no parents).  The recorder
 * turns them into tokens (vault/).
 *
 * A batch is one thread's; handing it over a ring hands over all its memory.
 */

#include "base/buf.h"
#include "record/class.h"
#include "record/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_BATCH_RECORDS = 4096,
    NTA_BATCH_BYTES = 1024 * 1024,
    NTA_VALUE_MAX = 255 ///< A longer text value is cut here, in batches and in searches alike.
};

/**
 * Kinds of searchable values, of the VALUE rows of fields.inc; numbers are part of the stored
 * form.
 */
enum nta_value_kind
{
#define VALUE(kind, symbol, ...)          NTA_VALUE_##symbol = (kind),
#define EVIDENCE_VALUE(kind, symbol, ...) NTA_VALUE_##symbol = (kind),
#include "record/fields.inc"
};

/**
 * What can be told of a record without decoding it: so that whoever wants few does not decode them
 * all.
 */
enum
{
    NTA_NOTE_ALERT = 1U << 0, ///< It is an alert, or a canary: to be reported at once.
    NTA_NOTE_MATCH = 1U << 1, ///< A list matched.
    NTA_NOTE_OPENS = 1U << 2, ///< It says who a pseudonym is, which is not for who listens.
};

struct nta_batch
{
    struct nta_buf records; ///< CBOR records in a row.
    struct nta_buf ends;    ///< uint32_t each, native order: where record i ends in `records`.
    struct nta_buf notes; ///< NTA_NOTE_… bits of each record; none in a batch that was unpacked.
    /** Searchable values, some more than once: kind (1), length (2, native), bytes. */
    struct nta_buf values;
    size_t n_records;
    enum nta_class class;      ///< Of its records; NTA_CLASS_NONE: not said, or of several.
    int64_t first_ns, last_ns; ///< Over the records' times and ends.
    int64_t first_time_ns, last_time_ns; ///< Over their times alone, as format 1 has it.
    bool has_alert;
};

/** An empty batch; memory comes as records are added. */
void nta_batch_init(struct nta_batch *batch);

/**
 * From now on, while it is empty: what it held is wiped when it is cleared, grows or is freed, and
 * so it stays for good.
 */
void nta_batch_be_secret(struct nta_batch *batch);

/** Free what it owns. */
void nta_batch_done(struct nta_batch *batch);
/** Empty it, and keep its memory for the next records. */
void nta_batch_clear(struct nta_batch *batch);

/**
 * The form in which a text is a value: ASCII letters in lower case, cut at NTA_VALUE_MAX.  Gives a
 * span of `buf`.  Whoever searches applies it to the words searched for (and takes a site's last
 * dot off).
 */
struct nta_span nta_value_fold(struct nta_span text, uint8_t buf[NTA_VALUE_MAX]);

/**
 * Append a record and its values.  0, or -ENOMEM (the batch is then as before), -E2BIG if it is
 * full.
 */
int nta_batch_add(struct nta_batch *batch, const struct nta_record *record);

/** Of which parts of a record its values are made (nta_record_decode_some()). */
enum
{
    NTA_VALUE_PARTS = 0
// NOLINTBEGIN(bugprone-macro-parentheses): a sum
#define VALUE(kind, symbol, type, member, part, ...)          | NTA_PART_##part
#define EVIDENCE_VALUE(kind, symbol, type, member, part, ...) | NTA_PART_##part
#include "record/fields.inc"
    // NOLINTEND(bugprone-macro-parentheses)
};

/**
 * Count in a record's values and time, and it, but do not keep it.  0, or -ENOMEM (the batch is
 * then as before).
 */
int nta_batch_count(struct nta_batch *batch, const struct nta_record *record);

/** Append all of `from`, if it fits: 0, -ENOMEM or -E2BIG with `batch` unchanged. */
int nta_batch_join(struct nta_batch *batch, const struct nta_batch *from);

/**
 * Record `i` (from 0) as encoded; empty behind the last, and in a batch that only counts.  Borrows
 * until the batch changes.
 */
struct nta_span nta_batch_record(const struct nta_batch *batch, size_t i);

/** NTA_NOTE_… bits of record `i`; 0 behind the last, and in a batch that was unpacked. */
unsigned nta_batch_note(const struct nta_batch *batch, size_t i);

/**
 * Call `each` for every value, for some more than once: who makes tokens of them sorts them anyway.
 */
void nta_batch_each_value(const struct nta_batch *batch,
                          void (*each)(void *owner, enum nta_value_kind kind,
                                       struct nta_span value),
                          void *owner);

/*
 * Body plaintext of a sealed batch: zstd over salt_key (32 bytes) ‖ CBOR array of records as byte
 * strings; see docs/format.md.  A packer holds the compressor's memory and is reused; one thread's.
 */
struct nta_body; ///< Opaque.

/** 0, or -ENOMEM. */
int nta_body_new(struct nta_body **ret_body);
/** Takes NULL too. */
void nta_body_free(struct nta_body **body);

/** Append the packed batch to `out`.  0, or -ENOMEM. */
int nta_body_pack(struct nta_body *body, const struct nta_batch *batch, const uint8_t salt_key[32],
                  struct nta_buf *out);

/**
 * The reverse, for bytes of any origin: the size they claim is bounded before anything is allocated
 * for it.  0 and the records (values and times are not in the body: none, and 0), or -EBADMSG or
 * -ENOMEM with an empty batch.
 */
int nta_body_unpack(struct nta_body *body, struct nta_span packed, struct nta_batch *ret_batch,
                    uint8_t ret_salt_key[32]);
