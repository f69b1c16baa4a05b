/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/book.h"

#include "base/hash.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define HOUR_NS (3600 * NTA_NS_PER_S)

void nta_notify_book_done(struct nta_notify_book *book)
{
    for (size_t i = 0; i < book->n; i++)
        free(book->items[i]);
    *book = (struct nta_notify_book){0};
}

static void remove_at(struct nta_notify_book *book, size_t i)
{
    free(book->items[i]);
    memmove(&book->items[i], &book->items[i + 1], (book->n - i - 1) * sizeof(book->items[0]));
    book->n--;
}

static struct nta_notify_item *add(struct nta_notify_book *book)
{
    struct nta_notify_item *item = book->n < NTA_NOTIFY_ITEMS_MAX ? calloc(1, sizeof(*item)) : NULL;

    if (item)
        book->items[book->n++] = item;
    return item;
}

size_t nta_notify_book_n_ready(const struct nta_notify_book *book)
{
    size_t n = 0;

    for (size_t i = 0; i < book->n; i++)
        n += book->items[i]->ready;
    return n;
}

bool nta_notify_book_is_full(const struct nta_notify_book *book)
{
    return nta_notify_book_n_ready(book) >= NTA_NOTIFY_READY_MAX;
}

static bool is_same(const struct nta_notify_event *a, const struct nta_notify_event *b,
                    enum nta_notify_word word)
{
    return strcmp(a->word[word], b->word[word]) == 0;
}

/** An alert and repeats of it are of one incident; what ntad says of itself is by its cause. */
static bool is_incident_of(const struct nta_notify_event *a, const struct nta_notify_event *b)
{
    const bool are_alerts = (a->kind == NTA_NOTIFY_ALERT || a->kind == NTA_NOTIFY_REPEATS) &&
                            (b->kind == NTA_NOTIFY_ALERT || b->kind == NTA_NOTIFY_REPEATS);

    if (are_alerts)
        return is_same(a, b, NTA_NOTIFY_USER) && is_same(a, b, NTA_NOTIFY_LIST) &&
               is_same(a, b, NTA_NOTIFY_ENTRY);
    return a->kind == b->kind && is_same(a, b, NTA_NOTIFY_CAUSE);
}

static struct nta_notify_item *find_open(const struct nta_notify_book *book,
                                         const struct nta_notify_event *event)
{
    for (size_t i = 0; i < book->n; i++) {
        struct nta_notify_item *item = book->items[i];

        if (!item->ready && !item->n_incidents && is_incident_of(&item->best, event))
            return item;
    }
    return NULL;
}

bool nta_notify_book_has(const struct nta_notify_book *book, const struct nta_notify_event *event)
{
    return find_open(book, event) != NULL;
}

static struct nta_notify_item *find_together(const struct nta_notify_book *book)
{
    for (size_t i = 0; i < book->n; i++) {
        if (!book->items[i]->ready && book->items[i]->n_incidents)
            return book->items[i];
    }
    return NULL;
}

/** Is there room for one more that is open?  If need be, one that has nothing to tell goes. */
static bool make_room(struct nta_notify_book *book)
{
    const size_t n_open = book->n - nta_notify_book_n_ready(book);
    size_t oldest = book->n;

    if (n_open < NTA_NOTIFY_OPEN_MAX)
        return true;
    for (size_t i = 0; i < book->n; i++) {
        const struct nta_notify_item *item = book->items[i];

        if (!item->ready && item->n == 0 &&
            (oldest == book->n || item->due_ns < book->items[oldest]->due_ns))
            oldest = i;
    }
    if (oldest == book->n)
        return false;
    remove_at(book, oldest);
    return true;
}

/** Times, numbers, and the one that proves most. */
static void join(struct nta_notify_item *item, const struct nta_notify_event *event, uint64_t n,
                 int64_t first_ns, int64_t last_ns)
{
    /* repeats say less than what they repeat */
    const bool says_less = event->kind == NTA_NOTIFY_REPEATS && item->told > 0;

    if (item->n == 0) {
        item->first_ns = first_ns;
        if (!says_less)
            item->best = *event;
    } else if (nta_notify_event_rank(event) > nta_notify_event_rank(&item->best)) {
        item->best = *event;
    }
    item->n = n > (uint64_t)INT64_MAX - item->n ? INT64_MAX : item->n + n;
    item->last_ns = last_ns;
    item->lingers = false;
}

/** Into the one that tells several incidents together, at the hour's end. */
static int take_together(struct nta_notify_book *book, const struct nta_notify_event *event,
                         uint64_t n, int64_t first_ns, int64_t last_ns)
{
    struct nta_notify_item *item = find_together(book);

    if (!item) {
        item = add(book);
        if (!item)
            return -ENOMEM;
        item->due_ns = book->hour_ns + HOUR_NS;
    }
    join(item, event, n, first_ns, last_ns);
    item->n_incidents++;
    return 0;
}

int nta_notify_book_take(struct nta_notify_book *book, const struct nta_notify_receiver *receiver,
                         const struct nta_notify_event *event, int64_t wall_ns)
{
    struct nta_notify_item *item = find_open(book, event);
    const int64_t soon_ns = wall_ns + receiver->gather_ns;

    if (!item) {
        if (!make_room(book))
            return take_together(book, event, event->n, wall_ns, wall_ns);
        item = add(book);
        if (!item)
            return -ENOMEM;
        item->due_ns = soon_ns;
    }
    join(item, event, event->n, wall_ns, wall_ns);
    if (nta_notify_event_rank(event) + 1 > item->told && item->due_ns > soon_ns)
        item->due_ns = soon_ns;
    return 0;
}

static bool is_quiet(const struct nta_notify_receiver *receiver,
                     const struct nta_notify_event *event, int64_t wall_ns)
{
    return receiver->quiet_hours.n > 0 && nta_notify_severity_taken(event) < receiver->loud_from &&
           nta_hours_at(&receiver->quiet_hours, wall_ns);
}

static void count_hour(struct nta_notify_book *book, int64_t wall_ns)
{
    if (wall_ns >= book->hour_ns && wall_ns - book->hour_ns < HOUR_NS)
        return;
    book->hour_ns = wall_ns;
    book->n_made = 0;
}

/** May one more message be made in this hour? */
static bool is_within_hour(const struct nta_notify_book *book,
                           const struct nta_notify_receiver *receiver,
                           const struct nta_notify_item *item)
{
    const bool is_kept_for =
        item->best.severity >= NTA_NOTIFY_HIGH || item->best.kind == NTA_NOTIFY_BAD;
    const uint64_t kept = is_kept_for ? 0 : receiver->per_hour / 4;

    return item->n_incidents || book->n_made < receiver->per_hour - kept;
}

/** A message of it: a copy, with an id of its own. */
static bool make_message(struct nta_notify_book *book, const struct nta_notify_item *item,
                         int64_t wall_ns)
{
    uint8_t random[(NTA_NOTIFY_ID_SIZE - 1) / 2];
    struct nta_notify_item *message;

    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return false;
    message = add(book);
    if (!message)
        return false;
    *message = *item;
    (void)nta_hex_text(random, sizeof(random), message->id);
    message->ready = true;
    message->tries = 0;
    message->made_ns = message->due_ns = wall_ns;
    book->n_made += !item->n_incidents;
    return true;
}

enum turned
{
    STAYS,
    CHANGED,
    GOES
};

/** What becomes of an open one that is due. */
static enum turned turn_one(struct nta_notify_book *book,
                            const struct nta_notify_receiver *receiver,
                            struct nta_notify_item *item, int64_t wall_ns)
{
    if (item->n == 0 && item->lingers)
        return GOES;
    if (item->n == 0) {
        item->lingers = true;
        item->due_ns = wall_ns + receiver->window_ns;
        return CHANGED;
    }
    if (is_quiet(receiver, &item->best, wall_ns))
        return STAYS;
    if (!is_within_hour(book, receiver, item)) {
        if (take_together(book, &item->best, item->n, item->first_ns, item->last_ns) < 0)
            return STAYS;
    } else if (nta_notify_book_is_full(book) || !make_message(book, item, wall_ns)) {
        return STAYS;
    }
    if (item->n_incidents)
        return GOES;
    const unsigned rank = nta_notify_event_rank(&item->best) + 1;

    item->told = rank > item->told ? rank : item->told;
    item->n = 0;
    item->due_ns = wall_ns + receiver->window_ns;
    return CHANGED;
}

/** A clock that was set back: nothing waits for longer than it would have. */
static int64_t last_of(const struct nta_notify_receiver *receiver,
                       const struct nta_notify_item *item, int64_t wall_ns)
{
    const int64_t most = item->n_incidents ? HOUR_NS : receiver->window_ns + receiver->gather_ns;

    return wall_ns + most;
}

bool nta_notify_book_turn(struct nta_notify_book *book, const struct nta_notify_receiver *receiver,
                          int64_t wall_ns)
{
    bool is_changed = false;

    count_hour(book, wall_ns);
    for (size_t i = book->n; i-- > 0;) { /* backwards: what is added is not looked at */
        struct nta_notify_item *item = book->items[i];

        if (!item->ready && item->due_ns > last_of(receiver, item, wall_ns))
            item->due_ns = last_of(receiver, item, wall_ns);
        if (item->ready || item->due_ns > wall_ns)
            continue;
        const enum turned turned = turn_one(book, receiver, item, wall_ns);

        is_changed = is_changed || turned != STAYS;
        if (turned == GOES)
            remove_at(book, i);
    }
    return is_changed;
}

void nta_notify_book_shift(struct nta_notify_book *book, int64_t by_ns)
{
    for (size_t i = 0; i < book->n; i++) {
        struct nta_notify_item *item = book->items[i];

        if (item->ready && __builtin_add_overflow(item->made_ns, by_ns, &item->made_ns))
            item->made_ns = INT64_MAX; /* of a book that somebody wrote: as if made just now */
        if (__builtin_add_overflow(item->due_ns, by_ns, &item->due_ns))
            item->due_ns = 0;
    }
}

struct nta_notify_item *nta_notify_book_find(struct nta_notify_book *book,
                                             const struct nta_notify_receiver *receiver,
                                             int64_t wall_ns)
{
    struct nta_notify_item *oldest = NULL;

    for (size_t i = 0; i < book->n; i++) {
        struct nta_notify_item *item = book->items[i];

        if (item->made_ns > wall_ns) /* the clock was set back */
            item->made_ns = item->due_ns = wall_ns;
        if (item->ready && item->due_ns <= wall_ns &&
            (!oldest || item->made_ns < oldest->made_ns) &&
            !is_quiet(receiver, &item->best, wall_ns))
            oldest = item;
    }
    return oldest;
}

void nta_notify_book_address(struct nta_notify_item *item,
                             const struct nta_notify_receiver *receiver)
{
    const struct nta_hash_key key = {1, 2};
    uint64_t hash = receiver->to.n;

    for (size_t i = 0; i < receiver->to.n; i++) {
        const struct nta_span address = nta_span_of(receiver->to.item[i]);

        hash = hash * 31 + nta_hash_bytes(&key, address.ptr, address.len);
    }
    hash &= INT64_MAX; /* as a book keeps numbers */
    if (item->taken_of != hash)
        item->taken = 0;
    item->taken_of = hash;
}

void nta_notify_book_drop(struct nta_notify_book *book, const struct nta_notify_item *item)
{
    for (size_t i = 0; i < book->n; i++) {
        if (book->items[i] == item) {
            remove_at(book, i);
            return;
        }
    }
}
