/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The newest head of each sensor that this user's nta has seen, so that a store that is younger, or
 * has another past, is said without anybody having noted anything.
 *
 * It is the file `heads` of the user's state folder (search/remember/remember.h), a line each as
 * ntad logs heads:
 *
 *     chain head of sensor SENSOR: batch NUMBER, LINK, tree ROOT
 *
 * One that is there and may not be read is said to be unseen.
 * Bounded: NTA_SEEN_MAX sensors, as many as are trusted; beyond them no more are remembered.
 */

#include "chain/chain.h"

enum
{
    NTA_SEEN_MAX = NTA_TRUST_MAX
};

/**
 * Have the judge expect what was seen of its sensors (NTA_FINDING_SEEN), before the first row; a
 * file that is not of this form is such a finding, too, and one that may not be read is
 * NTA_FINDING_UNSEEN.  0, or -ENOMEM.
 */
int nta_seen_expect(const struct nta_trust *trust, struct nta_chain *chain,
                    struct nta_findings *findings);

/** Remember the heads of sensors whose chain is whole and holds, where they are newer. */
void nta_seen_keep(const struct nta_chain *chain);

/** Append the heads of sensors whose chain is whole, a line each as above. */
void nta_seen_put(struct nta_buf *out, const struct nta_chain *chain);
