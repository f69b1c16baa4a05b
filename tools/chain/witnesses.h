/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Witnesses whose cosignatures count (vault/cosign.h), and the newest head that each of them has
 * cosigned among those that were given.  Whose word a head is, is one question; that it lies in the
 * chain is the judge's.
 */

#include "chain/heads.h"
#include "vault/cosign.h"
#include "vault/open/stamp.h"

enum
{
    NTA_WITNESSES_MAX = 64
};

struct nta_witnesses
{
    struct
    {
        struct nta_note_key key;
        bool has_cosigned; ///< Any head.
        /** Owned; not NULL: it is an authority for time stamps, whose key has but a name. */
        struct nta_stamp_trust *stamps;
    } all[NTA_WITNESSES_MAX];

    size_t n;

    struct nta_cosigned
    {
        size_t witness; ///< Of `all`.
        uint8_t sensor[NTA_SENSOR_ID_LEN];
        uint64_t number, time_s; ///< Of the newest head of that sensor.
    } * cosigned;                ///< Owned; each witness and sensor of which there is a head.

    size_t n_cosigned, size;
};

/** Free what they own. */
void nta_witnesses_done(struct nta_witnesses *witnesses);

/**
 * Add those of a file: a key in a line (NAME+ID+KEY, as a witness prints it), behind which a space
 * and its URL may stand; empty lines, those with # in front and authorities for time stamps are
 * passed over; or the one key that `text` itself is.  0; -EINVAL: there is no such file, or what is
 * in it is no key; -E2BIG; or what reading failed with; with the sentence.
 */
int nta_witnesses_add(struct nta_witnesses *witnesses, const char *text, struct nta_err *err);

/**
 * Add an authority for time stamps, by a file of certificates (PEM): its own, or that of who
 * certifies it.  As above.
 */
int nta_witnesses_add_stamps(struct nta_witnesses *witnesses, const char *path,
                             struct nta_err *err);

/**
 * Look who has cosigned which of the heads.  A witness who has cosigned none, or none of a sensor
 * that has batches in the chain, is said to be unseen.  0, or -ENOMEM.
 */
int nta_witnesses_look(struct nta_witnesses *witnesses, const struct nta_heads *heads,
                       const struct nta_chain *chain, struct nta_findings *findings);

/**
 * How many different operators they are who have cosigned: names up to the first slash.  Who stamps
 * times keeps nothing, and is no witness.
 */
size_t nta_witnesses_operators(const struct nta_witnesses *witnesses);
