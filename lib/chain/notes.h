/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a judge's proved heads note, one by one: for who acts on it.  As chain.h, one thread. */

#include "vault/note.h"
#include "vault/sealed.h"

struct nta_chain;

/** Called with a note; non-zero stops and is given back. */
typedef int nta_chain_each_note_fn(void *owner, uint64_t number, const struct nta_note *note,
                                   struct nta_err *err);
/**
 * Every note of a sensor's heads that were learnt, are signed by the key of their number and count,
 * in the order of their numbers.  0, also of a sensor that is not trusted; what `each` gave; or
 * -ENOMEM.
 */
int nta_chain_each_note(struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        nta_chain_each_note_fn *each, void *owner, struct nta_err *err);
