/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the alert module: alerts and summaries as text.  All text from outside goes through
 * alert/text.h.
 */

#include "alert/suppress.h"
#include "base/buf.h"
#include "record/record.h"

#include <stdbool.h>

/** "ALERT 10.0.0.5 (ann) visited bad.example [list malware] 12 more times". */
void nta_alert_repeat_line(struct nta_buf *out, const struct nta_alert_repeat *repeat, bool colour);

/** "ALERT 17 more alerts not shown, ...". */
void nta_alert_capped_line(struct nta_buf *out, uint64_t n, unsigned per_minute, bool colour);

/** One JSON object: event "alert-summary", user, site, match.list, match.entry, repeats, last. */
void nta_alert_repeat_json(struct nta_buf *out, const struct nta_alert_repeat *repeat);

/** One JSON object: event "alert-summary", repeats. */
void nta_alert_capped_json(struct nta_buf *out, uint64_t n);
