/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/stats_show.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "record/names.h"
#include "stats/stats_table.h"

#include <inttypes.h>
#include <stdio.h>

static void put_local(struct nta_buf *out, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    nta_buf_puts(out, wall_ns ? nta_clock_text_local(wall_ns, text) : "");
}

static void put_time(struct nta_buf *out, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    nta_buf_puts(out, wall_ns ? nta_clock_text(wall_ns, text) : "");
}

/** The weightiest of what lists forbid; nothing where there is none. */
static void put_json_did(struct nta_buf *out, const struct nta_sum *sum)
{
    if (!sum->act)
        return;
    nta_buf_printf(out, ",\"act\":\"%s\",\"seen\":\"%s\",\"grade\":\"%s\",\"severity\":\"%s\"",
                   nta_act_name(sum->act), nta_seen_name(sum->seen),
                   nta_grade_name((enum nta_grade)sum->grade), nta_record_severity(sum->severity));
}

static void put_json_count(struct nta_buf *out, const struct nta_count *count)
{
    nta_buf_printf(out,
                   "\"count\":%" PRIu64 ",\"users\":%" PRIu64 ",\"up\":%" PRIu64
                   ",\"down\":%" PRIu64 ",\"bytes\":%" PRIu64,
                   count->sum.n, count->n_users, count->sum.up, count->sum.down,
                   count->sum.up + count->sum.down);
    if (count->sum.first_ns) {
        nta_buf_puts(out, ",\"first\":\"");
        put_time(out, count->sum.first_ns);
        nta_buf_puts(out, "\",\"last\":\"");
        put_time(out, count->sum.last_ns);
        nta_buf_puts(out, "\"");
    }
    put_json_did(out, &count->sum);
}

static void put_json(struct nta_stats_rows *rows, const struct nta_stats_row *row)
{
    struct nta_buf *out = &rows->out;

    nta_buf_printf(out, "{\"by\":\"%s\",\"key\":", rows->view->by->name);
    nta_text_json(out, nta_stats_row_name(rows, row));
    nta_buf_puts(out, ",");
    put_json_count(out, &row->now);
    nta_buf_printf(out, ",\"users_exact\":%s,\"share\":%.6f",
                   nta_counts_is_exact(rows->view->now) ? "true" : "false",
                   nta_stats_share(rows, row->weight));
    if (rows->view->before) {
        nta_buf_puts(out, ",\"before\":{");
        put_json_count(out, &row->before);
        nta_buf_puts(out, "}");
        if (row->weight_before)
            nta_buf_printf(out, ",\"change\":%.6f",
                           (double)row->weight / (double)row->weight_before - 1);
    }
    if (nta_sum_is_unverified(&row->now.sum) || nta_sum_is_unverified(&row->before.sum))
        nta_buf_printf(out,
                       ",\"unverified\":true,\"unverified_count\":%" PRIu64
                       ",\"unverified_bytes\":%" PRIu64,
                       row->now.sum.n_unverified + row->before.sum.n_unverified,
                       row->now.sum.bytes_unverified + row->before.sum.bytes_unverified);
    nta_buf_puts(out, "}\n");
}

static void put_csv_head(struct nta_stats_rows *rows)
{
    nta_buf_printf(&rows->out,
                   "%s,count,users,up_bytes,down_bytes,bytes,share,first,last%s%s,act,seen,grade,"
                   "severity\n",
                   rows->view->by->name,
                   rows->view->before ? ",count_before,users_before,bytes_before,change" : "",
                   rows->view->marks ? ",unverified,unverified_bytes" : "");
}

static void put_csv(struct nta_stats_rows *rows, const struct nta_stats_row *row)
{
    struct nta_buf *out = &rows->out;
    const struct nta_count *now = &row->now, *before = &row->before;

    nta_text_csv(out, nta_stats_row_name(rows, row));
    nta_buf_printf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.6f,",
                   now->sum.n, now->n_users, now->sum.up, now->sum.down,
                   now->sum.up + now->sum.down, nta_stats_share(rows, row->weight));
    put_local(out, now->sum.first_ns);
    nta_buf_puts(out, ",");
    put_local(out, now->sum.last_ns);
    if (rows->view->before) {
        nta_buf_printf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", before->sum.n, before->n_users,
                       before->sum.up + before->sum.down);
        if (row->weight_before)
            nta_buf_printf(out, "%.6f", (double)row->weight / (double)row->weight_before - 1);
    }
    if (rows->view->marks)
        nta_buf_printf(out, ",%" PRIu64 ",%" PRIu64,
                       now->sum.n_unverified + before->sum.n_unverified,
                       now->sum.bytes_unverified + before->sum.bytes_unverified);
    if (now->sum.act)
        nta_buf_printf(out, ",%s,%s,%s,%s", nta_act_name(now->sum.act),
                       nta_seen_name(now->sum.seen), nta_grade_name((enum nta_grade)now->sum.grade),
                       nta_record_severity(now->sum.severity));
    else
        nta_buf_puts(out, ",,,,");
    nta_buf_puts(out, "\n");
}

static void put_all(struct nta_stats_rows *rows)
{
    struct nta_stats_layout layout = nta_stats_lay_out(rows);

    switch (rows->view->form) {
    case NTA_STATS_TABLE: nta_stats_put_head(rows, &layout); break;
    case NTA_STATS_CSV: put_csv_head(rows); break;
    case NTA_STATS_JSON: break;
    }
    for (size_t i = 0; i < rows->n_shown; i++) {
        switch (rows->view->form) {
        case NTA_STATS_TABLE: nta_stats_put_row(rows, &layout, &rows->rows[i]); break;
        case NTA_STATS_JSON: put_json(rows, &rows->rows[i]); break;
        case NTA_STATS_CSV: put_csv(rows, &rows->rows[i]); break;
        }
        (void)fwrite(rows->out.ptr, 1, rows->out.len, stdout);
        nta_buf_clear(&rows->out);
    }
    if (rows->view->form == NTA_STATS_TABLE)
        nta_stats_put_foot(rows);
    if (rows->out.len)
        (void)fwrite(rows->out.ptr, 1, rows->out.len, stdout);
}

int nta_stats_show(const struct nta_stats_view *view)
{
    NTA_AUTO(nta_stats_rows_done) struct nta_stats_rows rows = {.view = NULL};
    int r = nta_stats_rows_make(view, &rows);

    if (r == 0)
        put_all(&rows);
    return r;
}
