/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a case proves, in memory and as `case.cbor` (docs/evidence.md): of each sensor its
 * identity, the headers that name its keys from batch 1 on, the headers of the batches that the
 * records lie in, and its newest header, whose tree hash covers them; of each of these batches the
 * records of the incident with salt and path, and no others; lines of lists with their paths; and
 * heads of its chain that somebody noted, with the signatures of who did.
 *
 * One form: what is read is written again and compared, so that no byte of it goes unread.  Whether
 * it proves anything is another question (evidence/proof/prove.h).
 *
 * Reading takes memory in proportion to the bytes that are there, whatever they claim.  Pure; one
 * thread a case.
 */

#include "base/buf.h"
#include "base/err.h"
#include "vault/checkpoint.h"
#include "vault/vault.h"

enum
{
    NTA_CASE_VERSION = 1,
    NTA_CASE_VERSION_NOTED = 2, ///< Of one with heads that somebody noted.
    NTA_CASE_SENSORS = 16,
    NTA_CASE_NOTED = 256,      ///< Such heads of a sensor.
    NTA_CASE_PROGRAM_MAX = 64, ///< Bytes of the program's version.
    NTA_CASE_PATH_MAX = 64     ///< Hashes of the path in a tree.
};

/** A record of a batch; all of it borrows. */
struct nta_case_record
{
    uint64_t index;        ///< In its batch, from 0.
    struct nta_span salt;  ///< NTA_PROOF_SALT_LEN bytes.
    struct nta_span path;  ///< Hashes in a row, lowest node first.
    struct nta_span bytes; ///< CBOR.
};

/** A batch's header. */
struct nta_case_head
{
    struct nta_sealed sealed; ///< Header and signature; they borrow.
    struct nta_header header;
    /** From its link to the tree hash in the last header; of one with records alone. */
    struct nta_span path;
    struct nta_case_record *records; ///< Owned.
    size_t n_records, records_size;
};

/**
 * A head that somebody noted: a checkpoint of the sensor with the lines of those who cosigned it.
 */
struct nta_case_noted
{
    struct nta_span note;
    /**
     * That it lies in the same log: of a tree up to the one that the newest header signs, their
     * consistency proof; of the one that ends with the newest header, the path of its link there.
     */
    struct nta_span path;
    struct nta_checkpoint head; ///< What the note says.
};

struct nta_case_sensor
{
    uint8_t identity[NTA_KEY_LEN];
    struct nta_case_head *heads; ///< Owned; in order of numbers, the last is the newest of all.
    size_t n_heads, heads_size;
    struct nta_case_noted *noted; ///< Owned; in order of sizes.
    size_t n_noted, noted_size;
};

/** Line `number` (from 1) of a list with so many lines and this tree hash. */
struct nta_case_line
{
    struct nta_span tree; ///< NTA_HASH_LEN bytes, as a policy record has them.
    uint64_t n_lines, number;
    struct nta_span path, text;
};

struct nta_case
{
    struct nta_span program; ///< Version of the program that made it: its own word.
    struct nta_case_sensor *sensors;
    size_t n_sensors, sensors_size;
    struct nta_case_line *lines;
    size_t n_lines, lines_size;
    uint8_t **kept; ///< Owned, as the arrays: copies of bytes.
    size_t n_kept, kept_size;
};

/** Is it one of the case's sensors, by its id? */
bool nta_case_has_sensor(const struct nta_case *kase, const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/** NULL: no memory. */
struct nta_case *nta_case_new(void);
/** Takes NULL too. */
void nta_case_free(struct nta_case **case_ptr);

/** A copy of the bytes that lives as long as the case, into `bytes` itself.  0 or -ENOMEM. */
int nta_case_keep(struct nta_case *kase, struct nta_span *bytes);

/** One more sensor, zeroed; NULL: no memory.  Borrows until the next one, as those that follow. */
struct nta_case_sensor *nta_case_add_sensor(struct nta_case *kase);
/** One more header. */
struct nta_case_head *nta_case_add_head(struct nta_case_sensor *sensor);
/** One more head that was noted. */
struct nta_case_noted *nta_case_add_noted(struct nta_case_sensor *sensor);
/** One more record. */
struct nta_case_record *nta_case_add_record(struct nta_case_head *head);
/** One more line. */
struct nta_case_line *nta_case_add_line(struct nta_case *kase);

/** Take a noted head's note apart.  False: it is none of this sensor. */
bool nta_case_take_note(struct nta_case_noted *noted, const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/** Put all into the order in which it is written, and leave out what is there twice. */
void nta_case_sort(struct nta_case *kase);

/** True if all is in that order, and nothing twice. */
bool nta_case_is_sorted(const struct nta_case *kase);

/** Append it; memory as of nta_buf. */
void nta_case_encode(const struct nta_case *kase, struct nta_buf *out);

/**
 * Read one of any origin; it borrows from `cbor`.  0; -EBADMSG with the sentence: it is not what
 * nta_case_encode() makes of a case; -ENOMEM.
 */
int nta_case_decode(struct nta_span cbor, struct nta_case **ret_case, struct nta_err *err);
