/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Parts of a record that all kinds of report share; private to the reports of pipeline/. */

#include "pipeline/conn.h"
#include "record/record.h"

struct nta_worker;
struct nta_policy;

/** One end of the flow: address, port and place. */
void nta_report_side(struct nta_worker *worker, const struct nta_flow *flow, bool is_client,
                     struct nta_record_side *side);

/** What every record about a flow says: who and where, over which transport and VLAN. */
void nta_report_ends(struct nta_worker *worker, const struct nta_flow *flow,
                     struct nta_record *record);

/** Who, where, and what is known of the connection; `addr_text` is space for an address as the site. */
void nta_report_fill(struct nta_worker *worker, const struct nta_flow *flow,
                     char addr_text[NTA_ADDR_TEXT_SIZE], struct nta_record *record);

/** What forbids it; NULL: nothing does.  Borrows from `hit`. */
void nta_report_match(struct nta_record *record, const struct nta_conn_hit *hit);

/**
 * What a list forbids is linked: the connection's number into alert, packets, and what else is recorded of it.  After
 * nta_report_match().
 */
void nta_report_link(const struct nta_flow *flow, struct nta_record *record);

/** An alert of worker->flow, matched: out at once, and the packets that prove it are kept. */
void nta_report_put_alert(struct nta_worker *worker, struct nta_record *record,
                          const struct nta_conn_hit *hit);

/** A visit of the daemon's own (capture/canary.h): to a name below one that nobody else knows. */
bool nta_report_is_canary(const struct nta_policy *policy, struct nta_span site);

/** Into the outbox. */
void nta_report_put(struct nta_worker *worker, const struct nta_record *record);
