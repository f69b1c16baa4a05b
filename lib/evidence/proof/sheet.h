/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One record with its proof, short enough for a sheet of paper (docs/evidence.md): batch 1's
 * header, which the identity signed and which names the key of the sensor's heads; one head, a
 * checkpoint (vault/checkpoint.h) with its cosignatures; the header of the record's batch with its
 * path in that head's tree (what c2sp.org/tlog-proof has); the record with salt and path.
 *
 * It is CBOR in one form, in which a note's digits and base64 are bytes.  On paper it is one code
 * or two, each of which says which one it is, of how many, of which sheet and how long, so that
 * they may come in any order, and with a newline behind each.
 *
 * It proves less than a case: the key of heads stays on the sensor, so whoever has that can make
 * another log, with everything in it; only a witness who cosigned a head that the record lies in
 * tells that it is not.  Pure; one thread.
 */

#include "chain/chain.h"
#include "evidence/proof/case.h"
#include "evidence/proof/noted.h"
#include "evidence/proof/report.h"

enum
{
    NTA_SHEET_CODES = 2,
    NTA_SHEET_CODE_MAX = 2953,  ///< Bytes of a QR code: version 40, level L.
    NTA_SHEET_CODE_FINE = 1000, ///< Of one that scans well at 150 dpi: more are two codes.
    NTA_SHEET_FRAME_LEN = 10,   ///< In front of each code's part.
    NTA_SHEET_MAX = NTA_SHEET_CODES * (NTA_SHEET_CODE_MAX - NTA_SHEET_FRAME_LEN)
};

/** All of it borrows, but for what is decoded. */
struct nta_sheet
{
    uint8_t identity[NTA_KEY_LEN];
    struct nta_sealed first;  ///< Batch 1.
    struct nta_span note;     ///< The head as a signed note.
    struct nta_sealed sealed; ///< The record's batch,
    struct nta_span path;     ///< and its path in the head's tree.
    struct nta_case_record record;
    /* of these */
    struct nta_header first_header, header;
    struct nta_checkpoint head;
};

/**
 * Fill in what the others say.  False: they are not of their forms, of several sensors, or the head
 * is of a batch in front of the record's.
 */
bool nta_sheet_settle(struct nta_sheet *sheet);

/**
 * Append it.  0; -EFBIG: it is too large for its codes; -EINVAL: the note is none of ours; -ENOMEM.
 * Lines that are neither a signature nor a cosignature, as time stamps, are left out.
 */
int nta_sheet_encode(const struct nta_sheet *sheet, struct nta_buf *out);

/**
 * Read one of any origin; it borrows from `cbor` and from `note`, into which the note is written.
 * 0; -EBADMSG: it is not what nta_sheet_encode() makes; -ENOMEM.
 */
int nta_sheet_decode(struct nta_span cbor, struct nta_buf *note, struct nta_sheet *ret_sheet);

/** How many codes a sheet of `len` bytes has: 1 or 2. */
size_t nta_sheet_n_codes(size_t len);
/** Append code `i`, from 0: its frame and its part. */
void nta_sheet_put_code(struct nta_span cbor, size_t i, struct nta_buf *out);

/** True if the bytes begin as a code does. */
bool nta_sheet_is_one(struct nta_span bytes);
/**
 * Append the sheet that these codes make.  0; -EBADMSG with the sentence: one is missing, twice, of
 * another sheet, cut or changed; -ENOMEM.
 */
int nta_sheet_join(struct nta_span codes, struct nta_buf *out, struct nta_err *err);

/**
 * Hold it against these identities: the steps from KEY to NOTED_HEADS; others are NONE.  An empty
 * `trust` is nobody's word, as in evidence/proof/prove.h.
 */
void nta_sheet_prove(const struct nta_sheet *sheet, const struct nta_trust *trust,
                     const struct nta_case_witnesses *witnesses, struct nta_case_report *report);
