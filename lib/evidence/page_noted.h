/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The part of a case's page that says how far witnesses saw the log.  Private to page.c. */

#include "evidence/page_parts.h"

/** Append it; nothing where no head that somebody noted is in the case. */
void nta_page_put_noted(struct nta_paging *page);
