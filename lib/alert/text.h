/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the alert module: text from outside, in the form in which it is shown.
 */

#include "base/buf.h"
#include "base/bytes.h"

/**
 * Append the shown form, of `max` bytes at most: what is longer is cut between characters and
 * escapes, and ends with "...".
 */
void nta_alert_put_text(struct nta_buf *out, struct nta_span text, size_t max);
