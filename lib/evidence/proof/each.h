/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The records of a case, decoded, one after the other: sensors, batches and records in their order.
 */

#include "evidence/proof/case.h"
#include "record/record.h"

enum
{
    NTA_CASE_ID_SIZE = 96
};

/** One of them; all of it borrows until the callback returns. */
struct nta_case_at
{
    const struct nta_case_sensor *sensor;
    const struct nta_case_head *head;
    const struct nta_case_record *stored;
    const struct nta_record *record; ///< NULL: its bytes are none of ours.
    char id[NTA_CASE_ID_SIZE];       ///< "SENSOR-NUMBER-INDEX".
};

/** Non-zero stops and is given back. */
typedef int nta_case_each_fn(void *owner, const struct nta_case_at *at);

/** 0, what `each` gave, or -ENOMEM. */
int nta_case_each(const struct nta_case *kase, nta_case_each_fn *each, void *owner);

/** The stamp that other records have of a policy record: the first 8 bytes of its SHA-256. */
uint64_t nta_case_stamp(struct nta_span policy);
