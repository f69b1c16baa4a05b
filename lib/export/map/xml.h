/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Untrusted text in XML and in HTML within it: the shown form of base/text.h, which has no
 * character that XML 1.0 forbids, with the five characters that mark up written as entities.  So it
 * may stand in an element, an attribute, and in the HTML of a CDATA section, which it cannot end.
 */

#include "base/buf.h"

/** Append a text: first in its shown form, then with what marks up as entities. */
void nta_xml_text(struct nta_buf *out, struct nta_span text);

/** The same for a text that is in shown form already. */
void nta_xml_shown(struct nta_buf *out, const char *shown);
