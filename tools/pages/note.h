/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hash of a page in the chain: an `audit` record whose question is "page DIGITS" (SHA-256 of
 * the whole file), written when the page is made, if its reading left a trace (trace/reading.h).
 * A page is what is made to be handed on, in any form: HTML, PDF, a spreadsheet, a map.
 */

#include "base/bytes.h"
#include "base/err.h"
#include "search/stores.h"

#include <stdbool.h>
#include <stdint.h>

/** Have it noted, if there is somebody who does.  0, or negative errno with a sentence. */
int nta_page_note(struct nta_span page, uint64_t n_records, struct nta_err *err);
/** The same of the whole file behind this descriptor; of none that is a regular file nothing. */
int nta_page_note_file(int fd, uint64_t n_records, struct nta_err *err);

enum nta_page_noted
{
    NTA_PAGE_NOT_NOTED,
    NTA_PAGE_IS_NOTED,
    NTA_PAGE_NO_KEY ///< Nobody here can open what was noted.
};

enum
{
    NTA_PAGE_NOTED_SIZE = 160
};

/**
 * Was this page, or file?  `ret_text`, if it was, says when and by whom: it may be shown.  0, or
 * negative errno with a sentence.
 */
int nta_page_look_up(struct nta_span page, const struct nta_stores_options *options,
                     enum nta_page_noted *ret_noted, char ret_text[NTA_PAGE_NOTED_SIZE],
                     struct nta_err *err);
