/* SPDX-License-Identifier: Apache-2.0 */
#include "output/read_report.h"

#include "base/text.h"
#include "blacklist/table/list.h"
#include "output/fail.h"

#include <inttypes.h>
#include <string.h>

void nta_looked_for_fill(const struct nta_blacklist *lists, struct nta_looked_for *ret_looked_for)
{
    *ret_looked_for = (struct nta_looked_for){0};
    for (size_t i = 0; i < nta_blacklist_n_lists(lists); i++) {
        const struct nta_list_report *report = nta_blacklist_get_list(lists, i);

        if (report->allow || report->internal)
            continue;
        ret_looked_for->n_lists++;
        ret_looked_for->n_entries += nta_list_report_entries(report);
        (void)nta_text_escape_to(ret_looked_for->name, sizeof(ret_looked_for->name),
                                 nta_span_of(report->name));
    }
}

static uint64_t counted(const struct nta_read_run *run, enum nta_counter which)
{
    return nta_pipeline_counted(run->pipeline, which);
}

void nta_read_report_nothing(const struct nta_read_run *run)
{
    const struct nta_looked_for *looked_for = run->looked_for;
    const bool is_part = run->interrupted || run->wrong->len > 0;
    const uint64_t n = counted(run, NTA_COUNTER_FLOWS), n_alerts = counted(run, NTA_COUNTER_ALERTS);

    if (counted(run, NTA_COUNTER_RECEIVED) == 0) {
        (void)puts("Nothing was read.");
    } else if (n_alerts > 0) {
        (void)printf("No record of a connection to a listed site%s; %" PRIu64
                     " alerts are above.\n",
                     is_part ? " in what was read" : "", n_alerts);
    } else if (looked_for->n_lists == 0) {
        (void)puts("No list was given (--list FILE): no listed site was looked for.");
    } else {
        char which[96];

        if (looked_for->n_lists == 1)
            (void)snprintf(which, sizeof(which), "list %s", looked_for->name);
        else
            (void)snprintf(which, sizeof(which), "%zu lists", looked_for->n_lists);
        (void)printf("Nothing found%s: none of %" PRIu64 " connections went to a site of the %s"
                     " (%" PRIu64 " entries).\n",
                     is_part ? " in what was read" : "", n, which, looked_for->n_entries);
    }
}

static void report_interrupted(const struct nta_read_run *run)
{
    uint64_t done, all, n = counted(run, NTA_COUNTER_RECEIVED);

    nta_pipeline_progress(run->pipeline, &done, &all);
    if (all > 0)
        (void)nta_cmd_fail(0,
                           "interrupted after %" PRIu64 " packets, with %.1f %% of the input "
                           "read: what comes behind was not looked at",
                           n, 100.0 * (double)done / (double)all);
    else
        (void)nta_cmd_fail(
            0, "interrupted after %" PRIu64 " packets: what comes behind was not looked at", n);
}

int nta_read_report_missing(const struct nta_read_run *run)
{
    int status = NTA_EXIT_OK;

    for (struct nta_span rest = nta_buf_span(run->wrong); nta_span_has(rest, '\n');) {
        const struct nta_span line = nta_span_take(&rest, '\n');

        status = nta_cmd_fail(NTA_EXIT_INPUT, "%.*s", (int)line.len, (const char *)line.ptr);
    }
    if (run->interrupted) {
        report_interrupted(run);
        status = NTA_EXIT_INPUT;
    }
    /* otherwise said in place of the table */
    if (run->json && run->looked_for->n_lists == 0)
        (void)nta_cmd_fail(0, "no list was given (--list FILE): no listed site was looked for");
    return status;
}
