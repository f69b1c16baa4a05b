/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the alert module: lines of the JSON file in the form of Suricata's EVE, for programs that
 * read that (alert.format).  Each has the object of our own form as its member "nta", so that
 * nothing is lost.
 *
 * An alert is an event of type "alert": src is who opened the connection (the user, mostly), and
 * `signature_id` stands for the kind of the entry, since entries have no numbers that stay.  All
 * else (summaries, what became of an alert) is of type "nta", which is no type of Suricata's.
 */

#include "base/buf.h"
#include "record/record.h"

/** `own`: the alert's object in our own form; borrowed. */
void nta_alert_eve(struct nta_buf *out, const struct nta_record *record, struct nta_span own);

/** Of anything else, at that moment. */
void nta_alert_eve_other(struct nta_buf *out, int64_t wall_ns, struct nta_span own);
