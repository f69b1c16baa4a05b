/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to lib/redact: messages of DNS. */

#include "redact/redact_scan.h"

/** [from, to) is none, whatever was said before. */
static inline void nta_redact_show(struct nta_redact_scan *scan, size_t from, size_t to)
{
    if (to > from)
        memset(scan->secret + from, 0, to - from);
}

/** Show of [from, to), which is marked, what is of the form of a message of DNS. */
void nta_redact_dns(struct nta_redact_scan *scan, size_t from, size_t to);
