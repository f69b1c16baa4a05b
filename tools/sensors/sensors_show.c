/* SPDX-License-Identifier: Apache-2.0 */
#include "sensors/sensors_show.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "output/term.h"

#include <inttypes.h>

enum
{
    NAME_WIDTH = 20,
    STATE_WIDTH = 8,
    BATCH_WIDTH = 10,
    AGE_WIDTH = 8,
    UNSEEN_WIDTH = 16,
    BACKLOG_WIDTH = 13
};

static const char *const names[] = {
    [NTA_SENSOR_OK] = "ok",           [NTA_SENSOR_FILES] = "files",
    [NTA_SENSOR_STOPPED] = "stopped", [NTA_SENSOR_BEHIND] = "behind",
    [NTA_SENSOR_SILENT] = "silent",   [NTA_SENSOR_NONE] = "none",
    [NTA_SENSOR_WRONG] = "wrong",
};

static_assert(NTA_N_ELEMENTS(names) == NTA_N_SENSOR_STATES, "a word each");

const char *nta_sensor_state_name(enum nta_sensor_state state)
{
    return names[state];
}

/** "12 s", "3 min", "5 h", "2 d": what is whole of the largest. */
static void put_length(struct nta_buf *out, int64_t ns)
{
    const int64_t s = ns / NTA_NS_PER_S;

    if (s < 0)
        nta_buf_puts(out, "0 s"); /* clocks differ */
    else if (s < 120)
        nta_buf_printf(out, "%" PRId64 " s", s);
    else if (s < INT64_C(120) * 60)
        nta_buf_printf(out, "%" PRId64 " min", s / 60);
    else if (s < INT64_C(48) * 3600)
        nta_buf_printf(out, "%" PRId64 " h", s / 3600);
    else
        nta_buf_printf(out, "%" PRId64 " d", s / 86400);
}

static void put_cell(struct nta_buf *line, struct nta_buf *cell, size_t width)
{
    nta_put_cell(line, nta_buf_span(cell), width, false);
    nta_buf_puts(line, " ");
    nta_buf_clear(cell);
}

static void put_name(struct nta_buf *out, const struct nta_trusted *trusted)
{
    char id[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)];

    nta_buf_puts(out, trusted->name[0] ? trusted->name
                                       : nta_hex_text(trusted->sensor, NTA_SENSOR_ID_LEN, id));
}

/** What it did not see of how much time; unknown without its records. */
static void put_unseen(struct nta_buf *out, const struct nta_sensor_row *row)
{
    if (!row->is_told || row->reads_files) {
        nta_buf_puts(out, row->is_told ? "-" : "?");
        return;
    }
    put_length(out, row->unseen_ns);
    nta_buf_puts(out, " of ");
    put_length(out, row->of_ns);
    if (row->lossy_s)
        nta_buf_printf(out, ", %" PRIu64 " s", row->lossy_s);
}

static void put_backlog(struct nta_buf *out, const struct nta_sensor_row *row, int64_t now_ns)
{
    if (!row->has_backlog) {
        nta_buf_puts(out, "-");
        return;
    }
    nta_buf_printf(out, "%" PRIu64, row->n_unsent);
    if (row->n_unsent) {
        nta_buf_puts(out, ", ");
        put_length(out, now_ns - row->unsent_ns);
    }
}

static void put_row(struct nta_buf *out, const struct nta_sensor_row *row, int64_t now_ns,
                    bool coloured)
{
    NTA_AUTO(nta_buf_done) struct nta_buf cell = {0};
    const enum nta_sensor_state state = nta_sensor_state(row, now_ns);
    const bool is_red = coloured && state >= NTA_SENSOR_BEHIND;

    nta_buf_puts(out, is_red ? "\x1b[31m" : "");
    put_name(&cell, row->trusted);
    put_cell(out, &cell, NAME_WIDTH);
    nta_buf_puts(&cell, names[state]);
    put_cell(out, &cell, STATE_WIDTH);
    if (row->n_batches)
        nta_buf_printf(&cell, "%" PRIu64, row->last);
    put_cell(out, &cell, BATCH_WIDTH);
    if (row->n_batches)
        put_length(&cell, now_ns - row->sealed_ns);
    put_cell(out, &cell, AGE_WIDTH);
    put_unseen(&cell, row);
    put_cell(out, &cell, UNSEEN_WIDTH);
    put_backlog(&cell, row, now_ns);
    put_cell(out, &cell, BACKLOG_WIDTH);
    while (out->len && out->ptr[out->len - 1] == ' ')
        out->len--;
    nta_buf_puts(out, is_red ? "\x1b[0m\n" : "\n");
}

void nta_sensors_put_table(struct nta_buf *out, const struct nta_sensor_rows *rows, bool coloured)
{
    nta_buf_printf(out, "%-*s %-*s %-*s %-*s %-*s %s\n", NAME_WIDTH, "SENSOR", STATE_WIDTH, "STATE",
                   BATCH_WIDTH, "BATCH", AGE_WIDTH, "SEALED", UNSEEN_WIDTH, "NOT SEEN", "BACKLOG");
    for (unsigned state = NTA_N_SENSOR_STATES; state-- > 0;) {
        for (size_t i = 0; i < rows->n; i++) {
            if (nta_sensor_state(&rows->all[i], rows->now_ns) == state)
                put_row(out, &rows->all[i], rows->now_ns, coloured);
        }
    }
}

static void put_json(struct nta_buf *out, const struct nta_sensor_row *row, int64_t now_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    nta_buf_puts(out, "{\"sensor\":\"");
    nta_buf_put_hex(out, row->trusted->sensor, NTA_SENSOR_ID_LEN);
    nta_buf_puts(out, "\",\"name\":");
    nta_text_json(out, nta_span_of(row->trusted->name));
    nta_buf_printf(out, ",\"state\":\"%s\",\"batches\":%" PRIu64,
                   names[nta_sensor_state(row, now_ns)], row->n_batches);
    if (row->n_batches)
        nta_buf_printf(out, ",\"batch\":%" PRIu64 ",\"sealed\":\"%s\",\"age_s\":%" PRId64,
                       row->last, nta_clock_text(row->sealed_ns, text),
                       (now_ns - row->sealed_ns) / NTA_NS_PER_S);
    if (row->is_told && !row->reads_files)
        nta_buf_printf(out, ",\"of_s\":%" PRId64 ",\"unseen_s\":%" PRId64 ",\"lossy_s\":%" PRIu64,
                       row->of_ns / NTA_NS_PER_S, row->unseen_ns / NTA_NS_PER_S, row->lossy_s);
    if (row->has_backlog)
        nta_buf_printf(out, ",\"backlog\":%" PRIu64 ",\"backlog_s\":%" PRId64, row->n_unsent,
                       row->n_unsent ? (now_ns - row->unsent_ns) / NTA_NS_PER_S : 0);
    nta_buf_puts(out, "}\n");
}

void nta_sensors_put_json(struct nta_buf *out, const struct nta_sensor_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        put_json(out, &rows->all[i], rows->now_ns);
}
