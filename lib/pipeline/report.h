/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Parts of a record that all kinds of report share; private to the reports of pipeline/. */

#include "pipeline/conn.h"
#include "record/record.h"

struct nta_worker;

/** Who, where, and what is known of the connection; `addr_text` is room for an address as the site. */
void nta_report_fill(struct nta_worker *worker, const struct nta_flow *flow,
                     char addr_text[NTA_ADDR_TEXT_SIZE], struct nta_record *record);

/** What forbids it; NULL: nothing does.  Borrows from `hit`. */
void nta_report_match(struct nta_record *record, const struct nta_conn_hit *hit);

/** Into the outbox. */
void nta_report_put(struct nta_worker *worker, const struct nta_record *record);
