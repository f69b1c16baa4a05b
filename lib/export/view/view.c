/* SPDX-License-Identifier: Apache-2.0 */
#include "export/view/view.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "record/names.h"
#include "record/user/user.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    TEXT_KEY_MAX = 255, ///< Of a text within a key.
    KEY_MAX = 640
};

/** A record on its way in. */
struct arrival
{
    struct nta_view *view;
    const struct nta_record *record;
    struct nta_span cbor;
    const char *id;
    struct nta_tally_sum sum;
    bool is_lookup, out_of_memory;
    unsigned rank; ///< How well it shows what happened.
};

/** A key in the making. */
struct key
{
    uint8_t bytes[KEY_MAX];
    size_t len;
};

int nta_view_new(struct nta_view **ret_view, struct nta_err *err)
{
    static const size_t n_max[] = {
#define N_MAX(symbol, name, n, counting) [NTA_VIEW_##symbol] = (n),
        NTA_VIEW_TABLES(N_MAX)
#undef N_MAX
    };
    NTA_AUTO(nta_view_free) struct nta_view *view = calloc(1, sizeof(*view));

    if (!view)
        return nta_err_sys(err, -ENOMEM, "view");
    for (size_t i = 0; i < NTA_VIEW_N_TABLES; i++) {
        int r = nta_tally_new(n_max[i], &view->tables[i]);

        if (r < 0)
            return nta_err_sys(err, r, "view");
    }
    *ret_view = NTA_TAKE(view);
    return 0;
}

void nta_view_free(struct nta_view **view_ptr)
{
    struct nta_view *view = NTA_TAKE(*view_ptr);

    if (!view)
        return;
    for (size_t i = 0; i < NTA_VIEW_N_TABLES; i++)
        nta_tally_free(&view->tables[i]);
    nta_incidents_free(&view->incidents);
    free(view);
}

static int order_u64(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

struct nta_view_incidents nta_view_count_incidents(const struct nta_view *view)
{
    const size_t n = view->incidents ? nta_incidents_count(view->incidents) : 0;
    uint64_t *users = n ? calloc(n, sizeof(*users)) : NULL;
    struct nta_view_incidents sum = {.n = 0};

    for (size_t i = 0; users && i < n; i++) {
        const struct nta_incident *incident = nta_incidents_get(view->incidents, i);

        if (!incident->fits)
            continue;
        users[sum.n++] = incident->user;
        sum.n_files += incident->n_files;
        sum.n_downloads += nta_incident_has_download(incident);
    }
    if (sum.n)
        qsort(users, sum.n, sizeof(*users), order_u64);
    for (size_t i = 0; i < sum.n; i++)
        sum.n_users += i == 0 || users[i] != users[i - 1];
    free(users);
    sum.n_left_out = view->incidents ? nta_incidents_left_out(view->incidents) : 0;
    return sum;
}

uint64_t nta_view_folded_places(const struct nta_view *view)
{
    static const enum nta_view_table tables[] = {NTA_VIEW_PLACES, NTA_VIEW_USER_PLACES,
                                                 NTA_VIEW_LIST_PLACES, NTA_VIEW_HOMES};
    struct nta_tally_sum ignored;
    uint64_t n = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(tables); i++)
        n += nta_tally_folded(view->tables[tables[i]], &ignored);
    return n;
}

static void key_put(struct key *key, const void *data, size_t len)
{
    if (len > TEXT_KEY_MAX)
        len = TEXT_KEY_MAX;
    if (key->len + len + 1 > sizeof(key->bytes))
        return;
    key->bytes[key->len++] = (uint8_t)len; /* so that no two lists of texts have one key */
    if (len)
        memcpy(key->bytes + key->len, data, len);
    key->len += len;
}

static void key_put_user(struct key *key, const struct nta_record *record)
{
    struct nta_user_key user;

    (void)nta_record_user_key(record, &user);
    key_put(key, user.bytes, user.len);
}

static void set_bytes(const struct nta_view *view, const struct nta_record *record,
                      enum nta_counting counting, struct nta_tally_sum *sum)
{
    const struct nta_counted counted =
        nta_record_counted(record, view->counting > counting ? view->counting : counting);

    sum->base.up = counted.up;
    sum->base.down = counted.down;
}

static struct nta_tally_entry *add(struct arrival *arrival, enum nta_view_table table,
                                   struct nta_span key, unsigned rank)
{
    static const enum nta_counting countings[] = {

#define COUNTING(symbol, name, n_max, counting) [NTA_VIEW_##symbol] = NTA_COUNTING_##counting,
        NTA_VIEW_TABLES(COUNTING)
#undef COUNTING
    };
    struct nta_tally_sum sum = arrival->sum;

    set_bytes(arrival->view, arrival->record, countings[table], &sum);
    struct nta_tally_entry *entry = nta_tally_add(arrival->view->tables[table], key, &sum);

    if (!entry || nta_sample_offer(&entry->sample, rank, arrival->id, arrival->cbor) < 0)
        arrival->out_of_memory = true;
    return entry;
}

static void add_text(struct arrival *arrival, enum nta_view_table table, struct nta_span text)
{
    if (text.len > TEXT_KEY_MAX)
        text.len = TEXT_KEY_MAX;
    if (text.len)
        (void)add(arrival, table, text, 0);
}

static void add_user(struct arrival *arrival)
{
    const struct nta_record *record = arrival->record;
    struct nta_user_key user;
    uint8_t spot[NTA_SPOT_KEY_MAX];
    size_t len = nta_spot_key(&record->user.place, spot);

    (void)nta_record_user_key(record, &user);
    (void)add(arrival, NTA_VIEW_USERS, nta_user_key_span(&user), nta_record_user_rank(record));
    if (len)
        (void)add(arrival, NTA_VIEW_HOMES, (struct nta_span){spot, len}, 1);
}

/**
 * By user and place, and by list and place, with what counts to tell a match from other traffic.
 */
static void add_place(struct arrival *arrival)
{
    const struct nta_record *record = arrival->record;
    const struct nta_place *place = &record->peer.place;
    uint8_t spot[NTA_SPOT_KEY_MAX];
    struct key user = {.len = 0}, list = {.len = 0};
    size_t len = nta_spot_key(place, spot);

    if (place->country_code[0])
        (void)add(arrival, NTA_VIEW_COUNTRIES, nta_span_of(place->country_code), 1);
    if (len == 0) {
        arrival->view->n_unplaced++;
        return;
    }
    (void)add(arrival, NTA_VIEW_PLACES, (struct nta_span){spot, len}, arrival->rank);
    key_put_user(&user, record);
    key_put(&user, spot, len);
    (void)add(arrival, NTA_VIEW_USER_PLACES, (struct nta_span){user.bytes, user.len},
              arrival->rank);
    if (record->match.list.len == 0)
        return;
    key_put(&list, record->match.list.ptr, record->match.list.len);
    key_put(&list, spot, len);
    (void)add(arrival, NTA_VIEW_LIST_PLACES, (struct nta_span){list.bytes, list.len},
              arrival->rank);
}

static void add_list(struct arrival *arrival)
{
    add_text(arrival, NTA_VIEW_LISTS, arrival->record->match.list);
}

static void add_losses(struct arrival *arrival)
{
    const struct nta_record *record = arrival->record;

    for (size_t i = 0; i < record->n_losses; i++) {
        const struct nta_tally_sum sum = {.base.n = record->losses[i].n,
                                          .base.first_ns = record->time_ns,
                                          .base.last_ns = record->time_ns};

        if (!nta_tally_add(arrival->view->tables[NTA_VIEW_LOSSES], record->losses[i].reason, &sum))
            arrival->out_of_memory = true;
    }
}

/** What a record adds to the view's own sum. */
static struct nta_tally_sum sum_of(const struct nta_view *view, const struct nta_record *record)
{
    struct nta_tally_sum sum = {
        .base.n = nta_record_n(record),
        .n_alerts = record->event == NTA_RECORD_ALERT,
        .n_downloads = record->download,
        .base.first_ns = record->time_ns,
        .base.last_ns = record->end_ns > record->time_ns ? record->end_ns : record->time_ns,
    };

    nta_sum_did(&sum.base, record);
    set_bytes(view, record, NTA_COUNTING_TRAFFIC, &sum);
    return sum;
}

/**
 * A site before a resolver, a listed one before others, then by evidence, a download, its size, and
 * what says most.
 */
static unsigned rank_of(const struct nta_record *record, bool is_lookup)
{
    uint64_t bytes = record->down.bytes;
    unsigned size = bytes ? 64U - (unsigned)__builtin_clzll(bytes) : 0; /* below 128 */
    unsigned kind = record->event == NTA_RECORD_REQUEST ? 2U : record->event == NTA_RECORD_ALERT;

    return (record->match.list.len ? (unsigned)NTA_VIEW_RANK_MATCH : 0) +
           (is_lookup ? 0 : 1U << 14) + ((unsigned)nta_record_grade(record) << 12) +
           (record->download ? 1U << 11 : 0) + (kind << 8) + size + 1U;
}

static void add_traffic(struct arrival *arrival)
{
    const struct nta_record *record = arrival->record;
    const struct nta_bin bin = {.n = arrival->sum.base.n,
                                .n_alerts = arrival->sum.n_alerts,
                                .n_downloads = arrival->sum.n_downloads,
                                .down = arrival->sum.base.down};

    nta_tally_sum_add(&arrival->view->all, &arrival->sum);
    nta_timeline_add(&arrival->view->timeline, record->time_ns, &bin);
    add_user(arrival);
    add_text(arrival, NTA_VIEW_SITES, record->site);
    add_text(arrival, NTA_VIEW_APPS, nta_span_of(nta_record_app((unsigned)record->app)));
    if (record->event == NTA_RECORD_REQUEST)
        add_text(arrival, NTA_VIEW_TYPES, record->file.type);
    if (!arrival->is_lookup)
        add_place(arrival);
    add_list(arrival);
}

int nta_view_add(struct nta_view *view, const struct nta_record *record, struct nta_span cbor,
                 const char *id, bool unverified, struct nta_err *err)
{
    struct arrival arrival = {
        .view = view,
        .record = record,
        .cbor = cbor,
        .id = id,
        .sum = sum_of(view, record),
        .is_lookup = nta_record_is_lookup(record),
    };

    nta_counting_see(&view->seen, record);
    arrival.rank = rank_of(record, arrival.is_lookup);
    arrival.sum.base.n_unverified = unverified;
    switch (record->event) {
    case NTA_RECORD_FLOW:
        if (record->carrier && !view->outer_flows)
            add_list(&arrival);
        else
            add_traffic(&arrival);
        break;
    case NTA_RECORD_LOOKUP:
    case NTA_RECORD_REQUEST:
    case NTA_RECORD_ALERT: add_traffic(&arrival); break;
    case NTA_RECORD_LOSS: add_losses(&arrival); break;
    case NTA_RECORD_PACKETS:
    case NTA_RECORD_LEASE:
    case NTA_RECORD_CANARY:
    case NTA_RECORD_DOWNLOAD: /* its requests count */
    case NTA_RECORD_POLICY:
    case NTA_RECORD_START:
    case NTA_RECORD_STOP:
    case NTA_RECORD_GAP:
    case NTA_RECORD_AUDIT:
    case NTA_RECORD_NOTE:
    case NTA_RECORD_PSEUDONYM: break;
    }
    return arrival.out_of_memory ? nta_err_sys(err, -ENOMEM, "view") : 0;
}

const char *nta_view_lacks(const struct nta_view *view)
{
    return nta_counting_lacks(&view->seen, view->counting);
}

bool nta_view_sample(struct nta_view *view, const struct nta_sample *sample,
                     struct nta_record *ret_record)
{
    const struct nta_span cbor = {.ptr = sample->cbor, .len = sample->cbor_len};

    return sample->rank && nta_record_decode(cbor, &view->buf, ret_record);
}

const char *nta_view_user_label(const struct nta_record *record, char buf[NTA_LABEL_SIZE])
{
    const struct nta_record_side *user = &record->user;
    struct nta_span name = nta_record_called(user);
    char addr[NTA_ADDR_TEXT_SIZE], shown[96];

    (void)nta_addr_text(&user->addr, addr);
    if (name.len == 0)
        (void)snprintf(buf, NTA_LABEL_SIZE, "%s", addr);
    else
        (void)snprintf(buf, NTA_LABEL_SIZE, "%s (%s)",
                       nta_text_escape_to(shown, sizeof(shown), name), addr);
    return buf;
}

const char *nta_view_place_label(const struct nta_place *place, char buf[NTA_LABEL_SIZE])
{
    struct nta_country country;
    char city[80], name[80];
    struct nta_span whole = place->country;

    if (whole.len == 0 && nta_country_find(place->country_code, &country))
        whole = country.name;
    if (whole.len == 0)
        whole = nta_span_of(place->country_code);
    (void)nta_text_escape_to(city, sizeof(city), place->site.len ? place->site : place->city);
    (void)nta_text_escape_to(name, sizeof(name), whole);
    switch (nta_spot_kind(place)) {
    case NTA_SPOT_NONE: (void)snprintf(buf, NTA_LABEL_SIZE, "place not known"); break;
    case NTA_SPOT_COUNTRY: (void)snprintf(buf, NTA_LABEL_SIZE, "somewhere in %s", name); break;
    case NTA_SPOT_POINT:
        (void)snprintf(buf, NTA_LABEL_SIZE, "%s%s%s", city, city[0] && name[0] ? ", " : "", name);
        break;
    }
    return buf;
}
