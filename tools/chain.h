/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether single records can be shown as proven: the chain of sealed batches checked, and remembered where it does not
 * hold.  `nta verify` tells every place; this tells a report which incidents stand on what holds.
 *
 * One call checks what was not checked yet.  What it found is a value: a copy of it says the same for ever, also while the
 * chain goes on in another thread, and says "holds" of no batch that the check has not come to.
 */

#include "export/view_json.h"
#include "search/stores.h"

#include <signal.h>

enum
{
    NTA_CHAIN_SENSORS = 16, ///< Public keys.
    NTA_CHAIN_BAD = 256,    ///< Batches remembered; more than these make the whole chain broken.
};

struct nta_chain_batch
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t number;
};

struct nta_chain_sensor
{
    uint8_t public_key[NTA_KEY_LEN], id[NTA_SENSOR_ID_LEN];
    uint64_t first, last;           ///< Numbers of the batches that were checked; 0: none yet.
    uint8_t previous[NTA_HASH_LEN]; ///< What follows `last` must name.
};

/** What was found; all of it by value. */
struct nta_chain_findings
{
    struct nta_chain_sensor sensors[NTA_CHAIN_SENSORS];
    size_t n_sensors;
    struct nta_chain_batch bad[NTA_CHAIN_BAD];
    uint64_t n_bad, n_batches, n_foreign;
    bool is_whole; ///< The last check came to the end.
};

struct nta_chain
{
    struct nta_chain_findings found;
    struct nta_store_marks marks; ///< Owned: how far each sensor was checked.
    const volatile sig_atomic_t *stop;
};

/** Use this public key ("nta-sensor-..."), too.  0, or -EINVAL with the sentence. */
int nta_chain_key(struct nta_chain *chain, const char *text, struct nta_err *err);

/** Forget what was found, keep the keys. */
void nta_chain_restart(struct nta_chain *chain);

/**
 * Check signature, hashes and links of every batch that was not checked yet.  Without a key named before, sensor.pub of the
 * key folder is used; without that nothing is checked.  One that was stopped or failed begins anew.  0, or what the store
 * fails with.
 */
int nta_chain_check(struct nta_chain *chain, struct nta_stores *stores, struct nta_err *err);

void nta_chain_done(struct nta_chain *chain);

/** Of all that there was when it was checked. */
enum nta_proof_state nta_chain_state(const struct nta_chain_findings *found);

/** Of the batch that a record's id names; `owner` is the findings.  Not checked (yet): NTA_PROOF_UNCHECKED. */
enum nta_proof_state nta_chain_of(void *owner, const char *id);

/** One sentence about it into `room`; gives `room`. */
const char *nta_chain_text(const struct nta_chain_findings *found, char *room, size_t size);
