/* SPDX-License-Identifier: Apache-2.0 */
#include "output/listing.h"

#include "base/own.h"
#include "base/text.h"
#include "output/line.h"
#include "output/pager.h"
#include "output/term.h"
#include "record/json.h"

#include <errno.h>
#include <string.h>

enum
{
    HELD_MAX = 256, ///< Records whose addresses are asked about together.
    GONE = 1
};

/* ---- writing ---- */

/**
 * The head line, and the pager, come with the first line: until then the terminal belongs to the
 * progress.
 */
static void begin_output(struct nta_listing *listing)
{
    struct nta_buf head = {0};

    if (listing->is_begun)
        return;
    listing->is_begun = true;
    nta_progress_wipe();
    if (listing->pager)
        nta_pager_start();
    if (listing->form == NTA_FORM_CSV)
        nta_fields_csv_head(&head, &listing->fields);
    else if (listing->is_table)
        nta_table_head(&head, &listing->table, listing->is_coloured);
    else if (listing->is_tabs)
        nta_fields_tabs_head(&head, &listing->fields);
    if (head.len)
        (void)fwrite(head.ptr, 1, head.len, stdout);
    nta_buf_done(&head);
}

static void write_line(struct nta_listing *listing)
{
    begin_output(listing);
    if (!listing->line.failed &&
        fwrite(listing->line.ptr, 1, listing->line.len, stdout) != listing->line.len)
        listing->is_gone = true;
}

void nta_put_mark(struct nta_buf *line, const char *unverified)
{
    if (unverified)
        nta_buf_printf(line, "UNVERIFIED (%s): ", unverified);
}

void nta_put_json_mark(struct nta_buf *line, const char *unverified)
{
    if (!unverified || line->len == 0 || line->ptr[line->len - 1] != '}')
        return;
    line->len--;
    nta_buf_printf(line, ",\"unverified\":true,\"unverified_reason\":\"%s\"}", unverified);
}

static void put_json(struct nta_buf *line, const struct nta_listing *listing,
                     const struct nta_found *found)
{
    char id[NTA_FOUND_ID_SIZE];

    if (listing->fields.n)
        nta_fields_json(line, &listing->fields, found);
    else
        nta_record_json(line, found->record, nta_found_id(found, id));
    nta_put_json_mark(line, found->unverified);
    nta_buf_puts(line, "\n");
}

static void put_record(struct nta_listing *listing, const struct nta_found *found)
{
    struct nta_buf *line = &listing->line;

    nta_buf_clear(line);
    if (listing->form == NTA_FORM_CSV) {
        nta_fields_csv(line, &listing->fields, found);
    } else if (listing->form == NTA_FORM_JSON) {
        put_json(line, listing, found);
    } else if (listing->is_table) {
        nta_put_mark(line, found->unverified);
        nta_table_row(line, &listing->table, found, listing->is_coloured);
    } else if (listing->is_tabs) {
        nta_fields_tabs(line, &listing->fields, found,
                        listing->is_coloured ? nta_table_style : NULL);
    } else {
        nta_put_mark(line, found->unverified);
        nta_record_line(line, found->record, listing->is_coloured);
        nta_buf_puts(line, "\n");
    }
    write_line(listing);
}

void nta_listing_begin(struct nta_listing *listing)
{
    unsigned columns = nta_prose_columns(stdout);

    listing->is_coloured = nta_colour_wanted(listing->colour, stdout);
    if (listing->form == NTA_FORM_CSV) {
        if (listing->fields.n == 0)
            listing->fields = nta_fields_all();
        if (listing->marks)
            nta_fields_mark(&listing->fields);
        return;
    }
    const bool has_columns =
        listing->form == NTA_FORM_LINES && (listing->fields.n > 0 || !listing->wide);

    listing->is_table = has_columns && columns > 0;
    listing->is_tabs = has_columns && columns == 0;
    if (!has_columns)
        return;
    if (listing->fields.n == 0)
        listing->fields = nta_fields_table(listing->what);
    if (listing->is_tabs && listing->marks)
        nta_fields_mark(&listing->fields);
    if (listing->is_tabs)
        return;
    listing->measures = !listing->wide;
    if (listing->measures)
        nta_table_begin(&listing->table, &listing->fields);
    else
        nta_table_fit(&listing->table, &listing->fields, 0);
}

/* ---- names of addresses ---- */

/** A record that waits for answers, with its bytes behind it. */
struct held
{
    struct nta_header header;
    size_t index, len;
    const char *unverified;
};

static void hold(struct nta_listing *listing, const struct nta_found *found)
{
    struct held held = {.header = *found->header,
                        .index = found->index,
                        .len = found->encoded.len,
                        .unverified = found->unverified};

    nta_buf_put(&listing->held, &held, sizeof(held));
    nta_buf_put(&listing->held, found->encoded.ptr, found->encoded.len);
    listing->n_held++;
    if (!listing->resolve)
        return;
    nta_resolve_ask(listing->resolve, &found->record->peer.addr);
    if (!found->record->user.name.len && !found->record->user.login.len)
        nta_resolve_ask(listing->resolve, &found->record->user.addr);
}

static void give_name(const struct nta_resolve *resolve, struct nta_record_side *side)
{
    struct nta_span name = nta_resolve_find(resolve, &side->addr);

    if (side->name.len || side->login.len || !name.len)
        return;
    side->name = name;
    side->source = nta_span_of("ptr");
}

/** Each record that is held, in its order, to be shown or to be measured. */
static void each_held(struct nta_listing *listing,
                      void (*each)(struct nta_listing *listing, const struct nta_found *found))
{
    static struct nta_record_buf buf;
    size_t at = 0;

    while (at < listing->held.len && !listing->is_gone) {
        struct nta_record record;
        struct held held;

        memcpy(&held, listing->held.ptr + at, sizeof(held));
        struct nta_found found = {.record = &record,
                                  .encoded = {listing->held.ptr + at + sizeof(held), held.len},
                                  .header = &held.header,
                                  .index = held.index,
                                  .unverified = held.unverified};

        at += sizeof(held) + held.len;
        if (!nta_record_decode(found.encoded, &buf, &record))
            continue;
        if (listing->resolve) {
            give_name(listing->resolve, &record.user);
            give_name(listing->resolve, &record.peer);
        }
        each(listing, &found);
    }
}

static void measure(struct nta_listing *listing, const struct nta_found *found)
{
    nta_table_measure(&listing->table, found);
}

bool nta_listing_measures(const struct nta_listing *listing)
{
    return listing->measures;
}

int nta_listing_flush(struct nta_listing *listing)
{
    if (listing->n_held && listing->resolve)
        nta_resolve_wait(listing->resolve);
    if (listing->n_held && listing->measures) {
        each_held(listing, measure);
        nta_table_fit_measured(&listing->table, nta_prose_columns(stdout));
        listing->measures = false;
    }
    each_held(listing, put_record);
    nta_buf_clear(&listing->held);
    listing->n_held = 0;
    if (listing->is_begun && fflush(stdout) != 0)
        listing->is_gone = true;
    return listing->is_gone ? GONE : 0;
}

int nta_listing_show(struct nta_listing *listing, const struct nta_found *found,
                     struct nta_err *err)
{
    if (!listing->resolve && !listing->measures) {
        put_record(listing, found);
        return listing->is_gone ? GONE : 0;
    }
    hold(listing, found);
    if (listing->held.failed)
        return nta_err_sys(err, -ENOMEM, "records held");
    return listing->n_held == HELD_MAX ? nta_listing_flush(listing) : 0;
}

int nta_listing_end(struct nta_listing *listing)
{
    bool by_pager = nta_pager_runs();
    int error = 0;

    (void)nta_listing_flush(listing);
    if (listing->form == NTA_FORM_CSV && listing->fields.n) /* none: it did not come to a search */
        begin_output(listing);
    if (fflush(stdout) != 0)
        error = errno;
    else if (ferror(stdout))
        error = EIO;
    nta_progress_wipe();
    nta_pager_end();
    return by_pager ? 0 : -error; /* who leaves a pager has read enough */
}

void nta_listing_done(struct nta_listing *listing)
{
    nta_resolve_free(&listing->resolve);
    nta_buf_done(&listing->line);
    nta_buf_done(&listing->held);
}
