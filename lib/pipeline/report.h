/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Records about a flow: the parts that all kinds of report share, and below the reports themselves. */

#include "pipeline/conn.h"
#include "record/record.h"

struct nta_worker;
struct nta_case;

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

/** Into the outbox. */
void nta_report_put(struct nta_worker *worker, const struct nta_record *record);

/* ---- whole records, for all who see what happened ---- */

/** The packets that prove an alert, as a pcapng section. */
void nta_report_packets(struct nta_worker *worker, const struct nta_case *c,
                        struct nta_span section, int64_t first_wall_ns, int64_t last_wall_ns);

/** The flow's record; `end`: it is over. */
void nta_report_flow(struct nta_worker *worker, const struct nta_flow *flow, bool end);

/** Records of an event on worker->flow; `hit` NULL: not forbidden. */
void nta_report_request(struct nta_worker *worker, const struct nta_http_exchange *http,
                        struct nta_span site, const struct nta_conn_hit *hit);
/** The record of a question and its answer. */
void nta_report_lookup(struct nta_worker *worker, enum nta_app app,
                       const struct nta_dns_lookup *dns, struct nta_span site,
                       const struct nta_conn_hit *hit);

/** What a message of DHCP says of a station. */
void nta_report_dhcp(struct nta_worker *worker, const struct nta_dhcp *dhcp);

/** What the sender of worker->io's datagram calls itself. */
void nta_report_station(struct nta_worker *worker, const struct nta_station *station);

/** Alerts: about the connection, a request, or a question. */
void nta_report_alert(struct nta_worker *worker, const struct nta_conn_hit *hit);
/** The alert about a request. */
void nta_report_request_alert(struct nta_worker *worker, const struct nta_http_exchange *http,
                              struct nta_span site, const struct nta_conn_hit *hit);
/** The alert about a question. */
void nta_report_lookup_alert(struct nta_worker *worker, enum nta_app app,
                             const struct nta_dns_lookup *dns, struct nta_span site,
                             const struct nta_conn_hit *hit);
