/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Records of what a session is about.  `hit` NULL: not forbidden. */

#include "record/record.h"
#include "session/state/parts.h"

/** The flow's record; `end`: it is over (report_flow.c). */
void nta_report_flow(const struct nta_session *session, bool end);

/**
 * Record of an HTTP exchange that is over (report_http.c), and what it means for a download.
 * `site` is what it is recorded and was matched as.
 */
void nta_report_request(const struct nta_session *session, const struct nta_http_exchange *http,
                        struct nta_span site, const struct nta_conn_hit *hit);
/** The same of a part of the file that a response holds: only what it means for a download. */
void nta_report_request_part(const struct nta_session *session,
                             const struct nta_http_exchange *http, struct nta_span site,
                             const struct nta_conn_hit *hit);
/**
 * Record of a question of DNS, or of a kind of it, with its answers if any came (report_names.c);
 * `app` says over what.
 */
void nta_report_lookup(const struct nta_session *session, enum nta_app app,
                       const struct nta_dns_lookup *dns, struct nta_span site,
                       const struct nta_conn_hit *hit);

/** What a message says of who has an address (report_names.c): NTA_EVENT_BINDING. */
void nta_report_binding(const struct nta_session *session, const struct nta_event *event);

/** Alert about the connection, as of its last packet (report_alert.c). */
void nta_report_alert(const struct nta_session *session, const struct nta_conn_hit *hit);
/** Alert about a request as soon as it is there, whatever the answer will be (report_http.c). */
void nta_report_request_alert(const struct nta_session *session,
                              const struct nta_http_exchange *http, struct nta_span site,
                              const struct nta_conn_hit *hit);
/** Alert about a question, answered or not (report_names.c). */
void nta_report_lookup_alert(const struct nta_session *session, enum nta_app app,
                             const struct nta_dns_lookup *dns, struct nta_span site,
                             const struct nta_conn_hit *hit);

/**
 * The packets of a case, which is being closed; `owner` is the worker's struct nta_session_parts.
 */
void nta_report_case(void *owner, const struct nta_case *c);

/* ---- what they share: report.c, report_put.c, and of alerts report_alert.c ---- */

/** One end of the flow: address, port and place. */
void nta_report_side(const struct nta_session *session, bool is_client,
                     struct nta_record_side *side);

/**
 * What every record about a flow says: who and where, over which transport and VLAN.  Who it was
 * depends on the record's times, which are set before.
 */
void nta_report_ends(const struct nta_session *session, struct nta_record *record);

/** Has the other side answered, whoever asked? */
bool nta_report_has_reply(const struct nta_flow *flow);
/** And who opened it showed that he sees its answers, where that can be seen? */
bool nta_report_is_answered(const struct nta_flow *flow);

/** Who opened the connection; 0: not known. */
uint8_t nta_report_opener(const struct nta_session *session);

/** Who opened the connection, and whether the other side answered. */
void nta_report_opening(const struct nta_session *session, struct nta_record *record);

/** What says something else than this connection, NTA_AGREES_… bits: also other bytes of it. */
uint8_t nta_report_disagrees(const struct nta_conn *conn);

/** What names another site than the record does; borrows from the worker until the next call. */
void nta_report_conflicts(const struct nta_session *session, struct nta_record *record);

/**
 * Does what came to the user count as a download, and why?  A program from its first byte, a file
 * that a protocol for files moved or that a list has by its hash, else alert.download_bytes of
 * content.  After bytes, file, status and match.
 */
enum nta_rule nta_report_rule(const struct nta_session *session, const struct nta_record *record);

/**
 * What was done, and that content came: from bytes of content as the user sees them, which are `up`
 * and `down` of the record, and by which rule it is a download (NONE: it is none).  After the
 * match.
 */
void nta_report_content(struct nta_record *record, enum nta_rule rule);

/** The kind of a file, by its type; a program also by what it is said to be, if that is unknown. */
void nta_report_file_kind(struct nta_record *record);

/** What else this connection, which cannot be read, may be a part of (download.h). */
uint64_t nta_report_visit_key(const struct nta_session *session);

/** What else the answer to this request may be a part of (download.h); 0: it stands alone. */
uint64_t nta_report_download_key(const struct nta_session *session,
                                 const struct nta_http_exchange *http);

/**
 * Who, where, and what is known of the connection; `addr_text` is space for an address as the site.
 * The record's times are set before.
 */
void nta_report_fill(const struct nta_session *session, char addr_text[NTA_ADDR_TEXT_SIZE],
                     struct nta_record *record);

/**
 * What forbids it; NULL: nothing does.  Borrows from `hit`, and from the worker until the next
 * call.
 */
void nta_report_match(const struct nta_session *session, struct nta_record *record,
                      const struct nta_conn_hit *hit);

/**
 * What a list forbids is linked: the connection's number into alert, packets, and what else is
 * recorded of it.  After nta_report_match().
 */
void nta_report_link(const struct nta_flow *flow, struct nta_record *record);

/** An alert, matched: out at once, and the packets that prove it are kept. */
void nta_report_put_alert(const struct nta_session *session, struct nta_record *record,
                          const struct nta_conn_hit *hit);

/** A visit of the daemon's own (capture/canary.h): to a name below one that nobody else knows. */
bool nta_report_is_canary(const struct nta_policy *policy, struct nta_span site);

/**
 * Out, to the worker, with its doubts; of a canary only that it was found; what is beyond
 * record.user_rate, and no list forbids, into a sum.
 */
void nta_report_put(const struct nta_session *session, struct nta_record *record);

/** The alerts of this connection wait no longer (wait/held.h). */
void nta_report_held(const struct nta_session *session);
/** The same, from the flow table (nta_flow_ops.taken). */
void nta_report_taken(void *owner, struct nta_flow *flow);
/** Nor do those that are due. */
void nta_report_held_due(struct nta_session_parts *parts, int64_t wall_ns);

/**
 * Is what no list forbids, and `part` would say of it, beyond record.user_rate, and was added to a
 * sum?  Spares who asks first the filling in of a record.
 */
bool nta_report_is_summed(const struct nta_session *session, const struct nta_sum_part *part);

/** It is `wall_ns` by the packets: sums that are old are told (INT64_MAX: all). */
void nta_report_sums_due(struct nta_session_parts *parts, int64_t wall_ns);
