/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Pieces of a case's page: words, escaped texts, rows of tables.  Private to evidence/page.c. */

#include "evidence/view.h"
#include "evidence/words.h"

struct nta_paging
{
    const struct nta_case_view *view;
    enum nta_language language;
    struct nta_buf *out;
};

/** Append HTML as it is. */
void nta_page_puts(struct nta_paging *page, const char *html);
/** Append a word. */
void nta_page_word(struct nta_paging *page, enum nta_case_word word);

/** Behind a word: in French a space that does not break is in front of it. */
void nta_page_colon(struct nta_paging *page);
/** Append text of any origin: in shown form, escaped. */
void nta_page_text(struct nta_paging *page, struct nta_span text);
/** Append a time in UTC, "2026-01-31 12:00:00". */
void nta_page_time(struct nta_paging *page, int64_t wall_ns);
/** Append a number. */
void nta_page_number(struct nta_paging *page, uint64_t number);
/** Append bytes as hexadecimal digits that may be broken anywhere. */
void nta_page_hex(struct nta_paging *page, struct nta_span bytes);

/** A heading of a section. */
void nta_page_heading(struct nta_paging *page, enum nta_case_word word);
/** The head of a table: the words of its columns. */
void nta_page_table(struct nta_paging *page, const enum nta_case_word *columns, size_t n_columns);
/** A row of two: a word, and what the caller puts before nta_page_end_row(). */
void nta_page_row(struct nta_paging *page, enum nta_case_word word);
/** Behind what the caller put. */
void nta_page_end_row(struct nta_paging *page);
/** A row of a word and a text; none if that is empty. */
void nta_page_text_row(struct nta_paging *page, enum nta_case_word word, struct nta_span text);
/** Items of a list, a word each. */
void nta_page_list(struct nta_paging *page, const enum nta_case_word *words, size_t n_words);
