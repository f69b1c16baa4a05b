/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a sensor's own times say against each other: batches are sealed in a row, and live records
 * soon after what they tell of.  Neither is proof of a time; where they disagree, none is.  Pure.
 */

#include "record/record.h"
#include "vault/vault.h"

/**
 * Was `later` sealed before a header in front of it, which was sealed then with this clock (as a
 * header says it), by more than the error of both clocks?  The error is the sensor's own word,
 * which excuses a minute and no more.
 */
bool nta_times_went_back(int64_t sealed_ns, uint64_t clock, const struct nta_header *later);

/** When what it tells of was over. */
int64_t nta_times_end(const struct nta_record *record);

/**
 * Does it tell of what was seen just then, and was that over more than a day before it was sealed?
 * A binding may be as old as it likes, and so may records of capture files.
 */
bool nta_times_is_dated(const struct nta_record *record, int64_t sealed_ns);

/** Can a batch of such a first record hold any that is dated? */
bool nta_times_may_be_dated(int64_t first_ns, int64_t sealed_ns);
