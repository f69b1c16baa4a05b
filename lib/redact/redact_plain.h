/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to lib/redact: what has no place for credentials, shown as far as its form goes. */

#include "redact/redact_scan.h"

/** The run is one datagram, of the form that the options say. */
void nta_redact_plain_datagram(struct nta_redact_scan *scan);

/** The run is of a stream of such a form. */
void nta_redact_plain_run(struct nta_redact_scan *scan);
