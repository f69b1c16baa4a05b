/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of the page (page_words.inc), in all languages, as its program reads them. */

#include "base/buf.h"

/**
 * Append `{"lang":...,"languages":[...],"words":{NAME:[one a language]}}`.  `lang` is the code of a
 * language; NULL: the reader's browser says which.
 */
void nta_page_put_words(struct nta_buf *out, const char *lang);
