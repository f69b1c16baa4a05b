/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What spares a search signatures: what was proved before, and what is looked at ahead.
 *
 * nta remembers the tree of each chain that it found to hold (NTA_FINDING_SEEN).  Before a walk
 * all headers are read once; where the tree over their links is that one, they are the headers
 * that were proved then, and a row up to there that nobody wants (NTA_CHAIN_PASS) counts as signed.
 * Who wants one has its own signature looked at, as ever, and the walk must come upon that tree,
 * too, else NTA_FINDING_SEEN.  Numbers that are lost to the sensor are no leaves, and not covered.
 * A key that was adopted or an identity that was changed since then may say otherwise of old
 * headers: then nothing is taken for granted.
 *
 * What a note of an index names (vault/index) needs no signature of its own where nobody wants it,
 * either: if the key that signed the note is that of its number, too, who could name it could have
 * signed it.
 *
 *     nta_chain_learn() and nta_chain_expect(), then nta_chain_recall_seen() or _from(),
 *     nta_chain_recall() for each header, nta_chain_recall_end(), and the rows (chain/chain.h).
 */

#include "chain/chain.h"

/** Recall of each sensor what was seen (NTA_FINDING_SEEN).  True if there is anything. */
bool nta_chain_recall_seen(struct nta_chain *chain);

/**
 * Recall this head of a trusted sensor, which is expected as one that was seen, too.  0, or
 * -ENOMEM.
 */
int nta_chain_recall_from(struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          const struct nta_expected *head);

/** The number up to which a sensor's headers are those that were proved before; 0: none are. */
uint64_t nta_chain_recalled(const struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/**
 * A header as it lies there: each sensor's in the order of numbers, of one store after the other;
 * one that comes again counts once.
 */
void nta_chain_recall(struct nta_chain *chain, const struct nta_stored *row);

/** True if one key signs the headers of both numbers, as far as heads that were learnt say. */
bool nta_chain_signs_both(struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          uint64_t a, uint64_t b);

/** No more of them come. */
void nta_chain_recall_end(struct nta_chain *chain);

/**
 * The key that a header's number has, as far as is known now, if its signature has to be looked at
 * even where nobody wants it: for whoever does that ahead (struct nta_stored_facts).
 */
bool nta_chain_signer(struct nta_chain *chain, const struct nta_stored *row,
                      uint8_t ret_key[NTA_KEY_LEN]);
