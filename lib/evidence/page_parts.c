/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/page_parts.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"

#include <inttypes.h>

void nta_page_puts(struct nta_paging *page, const char *html)
{
    nta_buf_puts(page->out, html);
}

void nta_page_word(struct nta_paging *page, enum nta_case_word word)
{
    nta_buf_puts(page->out, nta_case_word(page->language, word));
}

void nta_page_colon(struct nta_paging *page)
{
    nta_buf_puts(page->out, page->language == NTA_LANGUAGE_FR ? "\xc2\xa0:" : ":");
}

void nta_page_text(struct nta_paging *page, struct nta_span text)
{
    NTA_AUTO(nta_buf_done) struct nta_buf shown = {0};

    nta_text_escape(&shown, text);
    page->out->failed |= shown.failed;
    for (size_t i = 0; i < shown.len; i++)
        switch (shown.ptr[i]) {
        case '&': nta_buf_puts(page->out, "&amp;"); break;
        case '<': nta_buf_puts(page->out, "&lt;"); break;
        case '>': nta_buf_puts(page->out, "&gt;"); break;
        case '"': nta_buf_puts(page->out, "&quot;"); break;
        default: nta_buf_put_u8(page->out, shown.ptr[i]);
        }
}

void nta_page_time(struct nta_paging *page, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    (void)nta_clock_text(wall_ns, text);
    text[10] = ' ';
    nta_buf_printf(page->out, "%.19s", text);
}

void nta_page_number(struct nta_paging *page, uint64_t number)
{
    nta_buf_printf(page->out, "%" PRIu64, number);
}

void nta_page_hex(struct nta_paging *page, struct nta_span bytes)
{
    nta_buf_puts(page->out, "<code>");
    nta_buf_put_hex(page->out, bytes.ptr, bytes.len);
    nta_buf_puts(page->out, "</code>");
}

void nta_page_heading(struct nta_paging *page, enum nta_case_word word)
{
    nta_page_puts(page, "<h2>");
    nta_page_word(page, word);
    nta_page_puts(page, "</h2>\n");
}

void nta_page_table(struct nta_paging *page, const enum nta_case_word *columns, size_t n_columns)
{
    nta_page_puts(page, "<table>\n<thead><tr>");
    for (size_t i = 0; i < n_columns; i++) {
        nta_page_puts(page, "<th>");
        nta_page_word(page, columns[i]);
        nta_page_puts(page, "</th>");
    }
    nta_page_puts(page, "</tr></thead>\n");
}

void nta_page_row(struct nta_paging *page, enum nta_case_word word)
{
    nta_page_puts(page, "<tr><th>");
    nta_page_word(page, word);
    nta_page_puts(page, "</th><td>");
}

void nta_page_end_row(struct nta_paging *page)
{
    nta_page_puts(page, "</td></tr>\n");
}

void nta_page_text_row(struct nta_paging *page, enum nta_case_word word, struct nta_span text)
{
    if (text.len == 0)
        return;
    nta_page_row(page, word);
    nta_page_text(page, text);
    nta_page_end_row(page);
}

void nta_page_list(struct nta_paging *page, const enum nta_case_word *words, size_t n_words)
{
    nta_page_puts(page, "<ul>\n");
    for (size_t i = 0; i < n_words; i++) {
        nta_page_puts(page, "<li>");
        nta_page_word(page, words[i]);
        nta_page_puts(page, "</li>\n");
    }
    nta_page_puts(page, "</ul>\n");
}
