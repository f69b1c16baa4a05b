/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rows out of a fuzzer's bytes, and everyone who reads a store's. */

#include "base/own.h"
#include "base/text.h"
#include "export/map/geojson.h"
#include "export/map/kml.h"
#include "export/view/view_json.h"
#include "incident/detail.h"
#include "incident/json.h"
#include "incident/say/say.h"
#include "record/json.h"

#include <assert.h>
#include <stdio.h>

enum
{
    ROWS_MAX = 64,
    LEN_MASK = 0x1fff,
    UNVERIFIED = 0x8000,
    NO_ID = 0x4000,
    TWICE = 0x2000,
};

struct row
{
    struct nta_span cbor;
    unsigned head;
    char id[32];
};

static struct nta_err rows_err;

static inline void rows_add(struct nta_view *view, const struct row *row)
{
    const bool unverified = row->head & UNVERIFIED;
    static struct nta_record_buf buf;
    struct nta_record record;

    assert(nta_record_decode(row->cbor, &buf, &record));
    assert(nta_view_add(view, &record, row->cbor, row->id, unverified, &rows_err) == 0);
    assert(nta_incidents_add(view->incidents, &record, row->cbor, row->id,
                             unverified ? NTA_INCIDENT_UNVERIFIED | NTA_INCIDENT_FITS
                                        : NTA_INCIDENT_FITS,
                             &rows_err) == 0);
}

/** All of them, from the first or from the last on. */
static inline struct nta_view *rows_gather(const struct row *rows, size_t n, bool backwards)
{
    struct nta_view *view = NULL;

    assert(nta_view_new(&view, &rows_err) == 0 &&
           nta_incidents_new(&view->incidents, &rows_err) == 0);
    for (size_t i = 0; i < n; i++) {
        const struct row *row = &rows[backwards ? n - 1 - i : i];

        rows_add(view, row);
        if (row->head & TWICE)
            rows_add(view, row);
    }
    assert(nta_incidents_settle(view->incidents, &rows_err) == 0);
    for (size_t i = 0; i < nta_incidents_count(view->incidents); i++) {
        const struct nta_incident *incident = nta_incidents_get(view->incidents, i);

        assert(incident->n_unverified <= incident->n_records);
        assert(incident->end_ns >= incident->begin_ns);
    }
    return view;
}

static inline void rows_show_incidents(const struct nta_view *view)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    for (size_t i = 0; i < nta_incidents_count(view->incidents); i++) {
        const struct nta_incident *incident = nta_incidents_get(view->incidents, i);
        struct nta_incident_detail *detail = NULL;

        assert(nta_incident_detail_new(view->incidents, incident, &detail) == 0);
        nta_incident_json(&out, view->incidents, incident, detail, true);
        nta_incident_detail_free(&detail);
    }
    nta_incidents_say(&out, view->incidents, NTA_LANGUAGE_EN, " on Monday");
    assert(!out.failed);
}

static inline void rows_show(struct nta_view *view)
{
    const struct nta_view_about about = {.title = "rows", .version = "1"};
    NTA_AUTO(nta_buf_done) struct nta_buf json = {0};
    FILE *nowhere = fopen("/dev/null", "we");

    assert(nowhere);
    rows_show_incidents(view);
    nta_view_json(&json, view, &about);
    /* it stands in a page's script */
    assert(!json.failed && !memchr(json.ptr, '<', json.len));
    assert(nta_geojson_write(nowhere, view, &about, &rows_err) == 0);
    assert(nta_kml_write(nowhere, view, &(struct nta_kml_options){.about = &about}, &rows_err) ==
           0);
    assert(fclose(nowhere) == 0);
}

/** Those that decode. */
static inline size_t rows_read(struct nta_reader *r, struct row rows[ROWS_MAX])
{
    static struct nta_record_buf buf;
    size_t n = 0;

    while (n < ROWS_MAX && nta_reader_left(r) > 0) {
        NTA_AUTO(nta_buf_done) struct nta_buf json = {0};
        struct row *row = &rows[n];
        struct nta_record record;

        row->head = nta_read_be16(r);
        row->cbor = nta_read_span(r, row->head & LEN_MASK);
        if (!nta_reader_ok(r) || !nta_record_decode(row->cbor, &buf, &record))
            continue;
        row->id[0] = '\0';
        if (!(row->head & NO_ID))
            (void)snprintf(row->id, sizeof(row->id), "00112233-1-%zu", n);
        nta_record_json(&json, &record, row->id);
        assert(!json.failed);
        n++;
    }
    return n;
}
