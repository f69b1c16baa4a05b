/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/page_noted.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "vault/cosign.h"

static void put_row(struct nta_paging *page, const struct nta_case_noted *noted,
                    const struct nta_note_line *line)
{
    int64_t wall_ns;

    nta_page_puts(page, "<tr><td>");
    nta_page_number(page, noted->head.n);
    nta_page_puts(page, "</td><td>");
    nta_page_text(page, line->name);
    nta_page_puts(page, "</td><td>");
    if (nta_cosign_claim(line, &wall_ns))
        nta_page_time(page, wall_ns);
    nta_page_puts(page, "</td></tr>\n");
}

/** A row for each other who signed it, the log itself left out.  How many. */
static size_t put_noted(struct nta_paging *page, const struct nta_case_noted *noted)
{
    struct nta_span text, lines;
    struct nta_note_line line;
    char own[NTA_LOG_NAME_SIZE];
    size_t n = 0;

    (void)nta_log_name(noted->head.sensor, own);
    if (!nta_note_split(noted->note, &text, &lines))
        return 0;
    while (nta_note_next(&lines, &line)) {
        if (nta_span_equal(line.name, nta_span_of(own)))
            continue;
        n++;
        if (page)
            put_row(page, noted, &line);
    }
    return n;
}

/** Of all heads; how many.  `page` NULL: they are counted. */
static size_t put_all(struct nta_paging *page, const struct nta_case *kase)
{
    size_t n = 0;

    for (size_t i = 0; i < kase->n_sensors; i++)
        for (size_t j = 0; j < kase->sensors[i].n_noted; j++)
            n += put_noted(page, &kase->sensors[i].noted[j]);
    return n;
}

void nta_page_put_noted(struct nta_paging *page)
{
    static const enum nta_case_word columns[] = {NTA_WORD_NOTED_UP_TO, NTA_WORD_NOTED_BY,
                                                 NTA_WORD_TIME};
    const struct nta_case *kase = page->view->kase;

    if (put_all(NULL, kase) == 0)
        return;
    nta_page_heading(page, NTA_WORD_NOTED);
    nta_page_puts(page, "<p>");
    nta_page_word(page, NTA_WORD_NOTED_ABOUT);
    nta_page_puts(page, "</p>\n");
    nta_page_table(page, columns, NTA_N_ELEMENTS(columns));
    (void)put_all(page, kase);
    nta_page_puts(page, "</table>\n");
}
