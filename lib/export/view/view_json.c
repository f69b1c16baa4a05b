/* SPDX-License-Identifier: Apache-2.0 */
#include "export/view/view_json.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "export/view/incidents_json.h"
#include "export/view/put.h"
#include "incident/say/say.h"
#include "record/json.h"

#include <inttypes.h>
#include <string.h>

enum
{
    TOP_ROWS = 250 ///< Of the short tables.
};

/** An object being written. */
struct writer
{
    struct nta_buf text; ///< As JSON, not yet fit for HTML.
    struct nta_view *view;
    const struct nta_view_about *about;
};

const char *nta_proof_state_name(enum nta_proof_state state)
{
    switch (state) {
    case NTA_PROOF_UNCHECKED: return "unchecked";
    case NTA_PROOF_HOLDS: return "holds";
    case NTA_PROOF_BROKEN: return "broken";
    }
    return "";
}

static void put_sum(struct nta_buf *out, const struct nta_tally_sum *sum)
{
    nta_put_uint(out, "n", sum->base.n);
    nta_put_uint(out, "alerts", sum->n_alerts);
    nta_put_uint(out, "downloads", sum->n_downloads);
    nta_put_uint(out, "up", sum->base.up);
    nta_put_uint(out, "down", sum->base.down);
    if (sum->base.n_unverified)
        nta_put_uint(out, "unverified", sum->base.n_unverified);
    nta_put_time(out, "first", sum->base.first_ns);
    nta_put_time(out, "last", sum->base.last_ns);
}

/** One entry's own members, behind its sums. */
typedef void put_entry_fn(struct writer *writer, const struct nta_tally_entry *entry,
                          const struct nta_record *sample);

static void put_key(struct writer *writer, const struct nta_tally_entry *entry,
                    const struct nta_record *sample)
{
    (void)sample;
    nta_put_text(&writer->text, "key", (struct nta_span){entry->key, entry->key_len});
}

static void put_user(struct writer *writer, const struct nta_tally_entry *entry,
                     const struct nta_record *sample)
{
    char label[NTA_LABEL_SIZE], mac[18];
    const uint8_t *byte = sample->user.mac;

    (void)entry;
    nta_put_shown(&writer->text, "key", nta_view_user_label(sample, label));
    nta_put_text(&writer->text, "place", sample->user.place.site);
    if (sample->user.has_mac) {
        (void)snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", byte[0], byte[1], byte[2],
                       byte[3], byte[4], byte[5]);
        nta_put_word(&writer->text, "mac", mac);
    }
}

static void put_country(struct writer *writer, const struct nta_tally_entry *entry,
                        const struct nta_record *sample)
{
    struct nta_span name = sample->peer.place.country;
    struct nta_country country;

    if (name.len == 0 && nta_country_find(sample->peer.place.country_code, &country))
        name = country.name;
    put_key(writer, entry, sample);
    nta_put_text(&writer->text, "name", name);
}

static void put_place_of(struct writer *writer, const struct nta_place *place)
{
    char label[NTA_LABEL_SIZE];

    nta_put_shown(&writer->text, "key", nta_view_place_label(place, label));
    nta_put_spot(&writer->text, "at", place);
    nta_put_text(&writer->text, "country_code", nta_span_of(place->country_code));
    nta_put_uint(&writer->text, "accuracy_km", place->accuracy_km);
    nta_put_text(&writer->text, "as_org", place->as_org);
}

static void put_place(struct writer *writer, const struct nta_tally_entry *entry,
                      const struct nta_record *sample)
{
    (void)entry;
    put_place_of(writer, &sample->peer.place);
}

static void put_home(struct writer *writer, const struct nta_tally_entry *entry,
                     const struct nta_record *sample)
{
    (void)entry;
    put_place_of(writer, &sample->user.place);
}

/** `"name":{"rows":[...],"all":N,"folded":N}`: the heaviest first. */
static void put_table(struct writer *writer, enum nta_view_table table, const char *name,
                      put_entry_fn *put_entry, size_t n_max)
{
    struct nta_tally *tally = writer->view->tables[table];
    struct nta_buf *out = &writer->text;
    size_t n = nta_tally_count(tally);
    struct nta_tally_sum rest;

    nta_tally_sort(tally);
    nta_put_name(out, name);
    nta_buf_puts(out, "{\"rows\":[");
    for (size_t i = 0; i < n && i < n_max; i++) {
        const struct nta_tally_entry *entry = nta_tally_get(tally, i);
        struct nta_record sample = {.about = 0};

        if (entry->sample.rank && !nta_view_sample(writer->view, &entry->sample, &sample))
            continue;
        nta_buf_puts(out, i ? ",{" : "{");
        put_sum(out, &entry->sum);
        put_entry(writer, entry, &sample);
        nta_buf_put_u8(out, '}');
    }
    nta_buf_put_u8(out, ']');
    nta_put_uint(out, "all", n);
    nta_put_uint(out, "folded", nta_tally_folded(tally, &rest));
    nta_buf_put_u8(out, '}');
}

static void put_tables(struct writer *writer)
{
    size_t n_rows = writer->about->n_rows ? writer->about->n_rows : NTA_VIEW_ROWS;

    nta_view_put_incidents(&writer->text, writer->view, writer->about->sums_only ? 0 : n_rows);
    put_table(writer, NTA_VIEW_USERS, "users", put_user, TOP_ROWS);
    put_table(writer, NTA_VIEW_SITES, "sites", put_key, TOP_ROWS);
    put_table(writer, NTA_VIEW_LISTS, "lists", put_key, TOP_ROWS);
    put_table(writer, NTA_VIEW_COUNTRIES, "countries", put_country, TOP_ROWS);
    put_table(writer, NTA_VIEW_APPS, "apps", put_key, TOP_ROWS);
    put_table(writer, NTA_VIEW_TYPES, "types", put_key, TOP_ROWS);
    put_table(writer, NTA_VIEW_LOSSES, "losses", put_key, TOP_ROWS);
    put_table(writer, NTA_VIEW_PLACES, "places", put_place, n_rows);
    put_table(writer, NTA_VIEW_HOMES, "homes", put_home, TOP_ROWS);
}

static void put_timeline(struct writer *writer)
{
    const struct nta_timeline *timeline = &writer->view->timeline;
    struct nta_buf *out = &writer->text;
    size_t n = NTA_TIMELINE_BINS;

    while (n > 0 && timeline->bins[n - 1].n == 0)
        n--;
    nta_put_name(out, "timeline");
    nta_buf_puts(out, "{");
    nta_put_uint(out, "start_ms", (uint64_t)(timeline->start_ns / NTA_NS_PER_MS));
    nta_put_uint(out, "step_ms", (uint64_t)(timeline->step_ns / NTA_NS_PER_MS));
    nta_put_uint(out, "stray", timeline->n_stray);
    nta_put_name(out, "bins");
    nta_buf_put_u8(out, '[');
    for (size_t i = 0; i < n; i++) {
        const struct nta_bin *bin = &timeline->bins[i];

        nta_buf_printf(out, "%s[%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]", i ? "," : "",
                       bin->n, bin->n_alerts, bin->n_downloads, bin->down);
    }
    nta_buf_puts(out, "]}");
}

/** `[BEFORE,BEHIND]`: the page puts the time between.  No name in shown form has a line end. */
static void put_said_in(struct nta_buf *out, const struct nta_view *view,
                        enum nta_language language)
{
    NTA_AUTO(nta_buf_done) struct nta_buf said = {0};

    nta_incidents_say(&said, view->incidents, language, "\n");
    struct nta_span behind = nta_buf_span(&said);
    const struct nta_span before = nta_span_take(&behind, '\n');

    out->failed |= said.failed;
    nta_buf_put_u8(out, '[');
    nta_text_json_shown(out, before);
    nta_buf_put_u8(out, ',');
    nta_text_json_shown(out, behind);
    nta_buf_put_u8(out, ']');
}

/** `"said":{LANGUAGE:[BEFORE,BEHIND]}`: what is said of all incidents. */
static void put_said(struct nta_buf *out, const struct nta_view *view)
{
    if (!view->incidents)
        return;
    nta_put_name(out, "said");
    nta_buf_put_u8(out, '{');
    for (unsigned l = 0; l < NTA_N_LANGUAGES; l++) {
        nta_put_name(out, nta_language_code((enum nta_language)l));
        put_said_in(out, view, (enum nta_language)l);
    }
    nta_buf_put_u8(out, '}');
}

static void put_about(struct writer *writer)
{
    const struct nta_view_incidents sum = nta_view_count_incidents(writer->view);
    const struct nta_view_about *about = writer->about;
    struct nta_buf *out = &writer->text;

    nta_put_word(out, "title", about->title);
    nta_put_word(out, "version", about->version);
    nta_put_word(out, "question", about->question);
    nta_put_time(out, "made", about->made_ns);
    nta_put_word(out, "proof", nta_proof_state_name(about->proof));
    nta_put_word(out, "proof_text", about->proof_text);
    if (about->role)
        nta_put_word(out, "role", about->role);
    if (!about->sums_only)
        put_said(out, writer->view);
    nta_put_uint(out, "unreadable", about->n_unreadable);
    if (nta_view_lacks(writer->view))
        nta_put_word(out, "lacks", nta_view_lacks(writer->view));
    nta_put_uint(out, "unplaced", writer->view->n_unplaced);
    nta_put_uint(out, "downloads", sum.n_downloads);
    nta_put_uint(out, "files", sum.n_files);
    nta_put_uint(out, "users_involved", sum.n_users);
    nta_put_name(out, "interrupted");
    nta_buf_puts(out, about->is_interrupted ? "true" : "false");
    nta_put_name(out, "all");
    nta_buf_put_u8(out, '{');
    put_sum(out, &writer->view->all);
    nta_buf_put_u8(out, '}');
}

/** JSON has `<` in strings only, where \u003c is the same. */
static void put_for_html(struct nta_buf *out, struct nta_span text)
{
    while (text.len) {
        const bool is_cut = nta_span_has(text, '<');
        const struct nta_span piece = nta_span_take(&text, '<');

        nta_buf_put(out, piece.ptr, piece.len);
        nta_buf_puts(out, is_cut ? "\\u003c" : "");
    }
}

void nta_view_json(struct nta_buf *out, struct nta_view *view, const struct nta_view_about *about)
{
    struct writer writer = {.view = view, .about = about};

    nta_buf_put_u8(&writer.text, '{');
    put_about(&writer);
    put_timeline(&writer);
    put_tables(&writer);
    nta_buf_put_u8(&writer.text, '}');
    put_for_html(out, nta_buf_span(&writer.text));
    out->failed = out->failed || writer.text.failed;
    nta_buf_done(&writer.text);
}
