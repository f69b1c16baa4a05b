/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Records of transfers. */

#include "record/record.h"
#include "session/state/parts.h"
#include "session/state/transfer_url.h"

/**
 * The record of a transfer that `flow` asked for or moved, and an alert if its content is listed;
 * `type` and `sha256` may be NULL.
 */
void nta_report_transfer(const struct nta_session *session, enum nta_app app,
                         const struct nta_transfer *transfer, const char *type,
                         const uint8_t *sha256);

/** Its content begins to come over this connection: other parts of the file may follow. */
void nta_report_transfer_begun(const struct nta_session *session, enum nta_app app,
                               const struct nta_transfer *transfer);

/** A list forbids what was asked for now: the alert. */
void nta_report_transfer_alert(const struct nta_session *session, enum nta_app app,
                               const struct nta_transfer *transfer);

/** The same of what other bytes ask for, which perhaps nobody took: a weak one. */
void nta_report_transfer_suspicion(const struct nta_session *session, enum nta_app app,
                                   const struct nta_transfer *transfer);

/** What a flow's own record says of the file it moves. */
void nta_report_transfer_content(const struct nta_session *session,
                                 const struct nta_transfer_slot *slot,
                                 char url[NTA_TRANSFER_URL_SIZE], struct nta_record *record);
