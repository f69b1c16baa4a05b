/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is said of where a chain stands: alarms (health), losses for a record, the line with the
 * chain's head.  The committing thread's.
 */

#include "pipeline/commit/state.h"

/** Put a loss for a record; one whose `first` is behind `last` is none. */
void nta_commit_put_loss(struct nta_commit *commit, const struct nta_commit_loss *loss);

/** What happened once stays BAD for a while: whoever looks now and then is to see it. */
void nta_commit_raise_alarm(struct nta_commit *commit, enum nta_cause cause, const char *detail);
/** What is over since an hour is not said any more. */
void nta_commit_end_alarms(struct nta_commit *commit, int64_t mono_ns);

/** The store lacks batches that were committed once: it was put back, cut, or is another one. */
void nta_commit_report_rollback(struct nta_commit *commit, uint64_t first, uint64_t last,
                                const char *witness);

/** The store has batches at its end that no key of this sensor signed. */
void nta_commit_report_foreign(struct nta_commit *commit, uint64_t first, uint64_t last);

/** What batch `from` and those after it are signed with is to be adopted; says so until it is. */
void nta_commit_report_unadopted(struct nta_commit *commit, uint64_t from, const char *why);
/** The same, as the state folder has it from before. */
void nta_commit_recall_unadopted(struct nta_commit *commit);
/** The identity has adopted the first of them. */
void nta_commit_end_unadopted(struct nta_commit *commit);

/** The identity was revoked by this batch: what is sealed behind it is nobody's, for good. */
void nta_commit_report_revoked(struct nta_commit *commit, uint64_t number);

/** The chain's head: whoever keeps the log elsewhere is a witness that nothing was cut off. */
void nta_commit_log_head(const struct nta_commit *commit);
