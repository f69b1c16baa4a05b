/* SPDX-License-Identifier: Apache-2.0 */
#include "output/table.h"

#include "base/own.h"
#include "base/text.h"
#include "output/colour.h"
#include "output/term.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum
{
    GAP = 2,    ///< Blanks between columns.
    NARROW = 64 ///< Narrower terminals have no space for names that are not cut.
};

#define BOLD   "\033[1m"
#define DIM    "\033[2m"
#define RED    "\033[31m"
#define YELLOW "\033[33m"
#define PLAIN  NTA_STYLE_PLAIN

static bool is_right(const struct nta_field *field)
{
    return field->kind == NTA_FIELD_NUMBER || field->kind == NTA_FIELD_SIZE;
}

static bool is_named(const struct nta_field *field, const char *name)
{
    return strcmp(field->column->name, name) == 0;
}

/** Whom it is about, what came and when is there whole, or it is worth nothing. */
static bool is_whole(const struct nta_field *field)
{
    const char *name = field->column->name;

    return field->kind == NTA_FIELD_TIME || strcmp(name, "who") == 0 || strcmp(name, "user") == 0 ||
           strcmp(name, "file") == 0;
}

/** How much of it is never cut. */
static size_t whole_of(const struct nta_table *table, size_t i)
{
    const struct nta_field *field = &table->fields.fields[i];

    if (field->kind == NTA_FIELD_TIME)
        return SIZE_MAX;
    return is_whole(field) ? table->whole : 0;
}

/** As narrow as a column may be: as its rows need, if they were measured. */
static size_t least_of(const struct nta_table *table, size_t i)
{
    const struct nta_field *field = &table->fields.fields[i];
    const size_t least = field->column->least, need = table->needs[i];

    if (need == 0 || need < least)
        return need ? need : least;
    const size_t whole = whole_of(table, i) < need ? whole_of(table, i) : need;

    return whole > least ? whole : least;
}

static size_t least_width(const struct nta_table *table)
{
    size_t sum = 0;

    for (size_t i = 0; i < table->fields.n; i++)
        sum += least_of(table, i) + (i ? (size_t)GAP : 0);
    return sum;
}

/** What is shown whole stays, if there is anything of it. */
static unsigned rank_of(const struct nta_table *table, size_t i)
{
    const struct nta_field *field = &table->fields.fields[i];

    return whole_of(table, i) && table->needs[i] > strlen(field->column->title)
               ? 0
               : field->column->rank;
}

/** Take out the field that is missed least; false: only such as stay are left. */
static bool drop_one(struct nta_table *table)
{
    struct nta_fields *fields = &table->fields;
    size_t worst = 0;

    for (size_t i = 1; i < fields->n; i++) {
        if (rank_of(table, i) >= rank_of(table, worst))
            worst = i;
    }
    if (fields->n <= 1 || rank_of(table, worst) == 0)
        return false;
    table->lacks_grade |= is_named(&fields->fields[worst], "grade");
    table->lacks_list |= is_named(&fields->fields[worst], "list");
    fields->n--;
    for (size_t i = worst; i < fields->n; i++) {
        fields->fields[i] = fields->fields[i + 1];
        table->needs[i] = table->needs[i + 1];
    }
    return true;
}

/** One column more for each that wants more, round after round, until nothing is left to give. */
static size_t widen(struct nta_table *table, size_t rest, bool beyond_wish)
{
    bool any = true;

    while (rest > 0 && any) {
        any = false;
        for (size_t i = 0; i < table->fields.n && rest > 0; i++) {
            const struct nta_field *field = &table->fields.fields[i];

            const size_t wish = table->needs[i] ? table->needs[i] : field->column->wish;

            if (beyond_wish ? !field->column->grows : table->widths[i] >= wish)
                continue;
            table->widths[i]++;
            rest--;
            any = true;
        }
    }
    return rest;
}

void nta_table_fit(struct nta_table *table, const struct nta_fields *fields, unsigned columns)
{
    *table = (struct nta_table){.fields = *fields, .is_cut = columns > 0};
    while (columns > 0 && least_width(table) > columns && drop_one(table))
        ;
    size_t least = least_width(table);

    for (size_t i = 0; i < table->fields.n; i++) {
        const struct nta_field *field = &table->fields.fields[i];

        table->widths[i] = columns ? field->column->least : field->column->wish;
    }
    if (columns > least)
        (void)widen(table, widen(table, columns - least, false), true);
}

void nta_table_begin(struct nta_table *table, const struct nta_fields *fields)
{
    *table = (struct nta_table){.fields = *fields, .is_cut = true};
}

void nta_table_fit_measured(struct nta_table *table, unsigned columns)
{
    table->whole = columns < NARROW ? 0 : columns / 2;
    while (least_width(table) > columns && drop_one(table))
        ;
    const size_t least = least_width(table);

    for (size_t i = 0; i < table->fields.n; i++)
        table->widths[i] = least_of(table, i);
    if (columns > least)
        (void)widen(table, columns - least, false);
}

/** One cell, its style around the text only; the last column is not filled up. */
static void put_cell(struct nta_buf *out, const struct nta_table *table, size_t i,
                     struct nta_span shown, const char *style)
{
    const struct nta_field *field = &table->fields.fields[i];
    bool is_last = i + 1 == table->fields.n;
    size_t width = table->widths[i], used = nta_width_of(shown);

    if (used > width && (!table->is_cut || used <= whole_of(table, i)))
        width = used; /* of a time, too: an offset behind it says which of two it is */
    if (is_last && used < width && !is_right(field))
        width = used;
    nta_buf_puts(out, i ? "  " : "");
    nta_buf_puts(out, style);
    if (strcmp(field->column->name, "what") == 0 || strcmp(field->column->name, "site") == 0)
        nta_put_cell_middle(out, shown, width);
    else
        nta_put_cell(out, shown, width, is_right(field));
    nta_buf_puts(out, style[0] ? PLAIN : "");
}

void nta_table_head(struct nta_buf *out, const struct nta_table *table, bool colour)
{
    for (size_t i = 0; i < table->fields.n; i++)
        put_cell(out, table, i, nta_span_of(table->fields.fields[i].column->title),
                 colour ? BOLD : "");
    nta_buf_puts(out, "\n");
}

const char *nta_table_style(const struct nta_field *field, const struct nta_record *record)
{
    bool is_forbidden = record->match.list.len > 0;

    if (field->kind == NTA_FIELD_TIME)
        return DIM;
    if (strcmp(field->column->name, "severity") == 0 || strcmp(field->column->name, "list") == 0 ||
        strcmp(field->column->name, "entry") == 0)
        return nta_colour_of_severity(record->match.severity, record->match.weak,
                                      record->match.weak ? YELLOW : RED);
    if (is_forbidden &&
        (strcmp(field->column->name, "what") == 0 || strcmp(field->column->name, "site") == 0))
        return BOLD;
    if (strcmp(field->column->name, "download") == 0)
        return RED;
    return record->event == NTA_RECORD_LOSS && field->column->grows ? YELLOW : "";
}

/** The field's value in shown form, as it stands in a table. */
static void put_shown(struct nta_buf *out, const struct nta_field *field,
                      const struct nta_found *found, struct nta_buf *raw)
{
    nta_buf_clear(raw);
    nta_field_put(raw, field, found);
    if (field->kind == NTA_FIELD_TIME && raw->len) {
        nta_put_local_time(out, strcmp(field->column->name, "end") == 0 ? found->record->end_ns
                                                                        : found->record->time_ns);
        return;
    }
    if (field->kind == NTA_FIELD_SIZE && raw->len) {
        nta_buf_put_u8(raw, 0);
        nta_put_size(out, raw->failed ? 0 : strtoull((const char *)raw->ptr, NULL, 10));
        return;
    }
    nta_text_escape(out, nta_buf_span(raw));
}

void nta_table_measure(struct nta_table *table, const struct nta_found *found)
{
    NTA_AUTO(nta_buf_done) struct nta_buf raw = {0}, shown = {0};

    for (size_t i = 0; i < table->fields.n; i++) {
        const struct nta_field *field = &table->fields.fields[i];
        const size_t title = nta_width_of(nta_span_of(field->column->title));

        nta_buf_clear(&shown);
        put_shown(&shown, field, found, &raw);
        const size_t width = nta_width_of(nta_buf_span(&shown));

        if (table->needs[i] < title)
            table->needs[i] = title;
        if (table->needs[i] < width)
            table->needs[i] = width;
    }
}

/** Where GRADE has no space, a hint is told in front of its list, else of its site: without that
 * the row would accuse somebody. */
static bool says_hint(const struct nta_table *table, const struct nta_field *field)
{
    if (!table->lacks_grade)
        return false;
    return table->lacks_list ? is_named(field, "what") || is_named(field, "site")
                             : is_named(field, "list");
}

void nta_table_row(struct nta_buf *out, const struct nta_table *table,
                   const struct nta_found *found, bool colour)
{
    NTA_AUTO(nta_buf_done) struct nta_buf raw = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf shown = {0};

    for (size_t i = 0; i < table->fields.n; i++) {
        const struct nta_field *field = &table->fields.fields[i];

        nta_buf_clear(&shown);
        if (found->record->match.weak && says_hint(table, field))
            nta_buf_puts(&shown, "weak: ");
        put_shown(&shown, field, found, &raw);
        put_cell(out, table, i, nta_buf_span(&shown),
                 colour && shown.len ? nta_table_style(field, found->record) : "");
    }
    nta_buf_puts(out, "\n");
}
