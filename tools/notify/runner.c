/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/runner.h"

#include "base/file/newfile.h"
#include "base/file/path.h"
#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "notify/book.h"
#include "notify/follow.h"
#include "notify/message.h"
#include "notify/send.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

/** A clock that is adjusted little by little is not set. */
#define JUMP_NS (60 * NTA_NS_PER_S)

enum
{
    PATH_SIZE = 4096,
    BOOK_MAX = 64 << 20,
    AT_ONCE = 256,     ///< Events, before the book is kept.
    RETRY_S = 1,       ///< The first; then twice as long each time.
    RETRY_MAX_S = 900, ///< At most.
    SAVE_S = 5,
    BOOK_MODE = 0600,
    PAUSE_MS = 250
};

/** What a thread has. */
struct work
{
    struct nta_notify_runner *runner;
    struct nta_notify_book book;
    struct nta_follow *follow; ///< Owned.
    char path[PATH_SIZE];
    bool is_unkept;           ///< The book is another one than its file.
    bool is_told;             ///< That it cannot be kept, or read, was said.
    int64_t save_ns, send_ns; ///< Not before (of the clock that goes forward).
    int64_t ahead_ns;         ///< The clock's, of the time since the system began.
    unsigned n_failed;        ///< In a row, of the channel.
};

static const char *name_of(const struct work *work)
{
    return work->runner->receiver->name;
}

/** All of a file, up to `max`. */
static int read_all(const char *path, uint64_t max, struct nta_buf *out, struct nta_err *err)
{
    int r;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, max, 0, &r, err);
    uint8_t piece[8192];
    size_t n;

    if (!file)
        return r;
    while ((n = fread(piece, 1, sizeof(piece), file)) > 0 && out->len <= max)
        nta_buf_put(out, piece, n);
    if (ferror(file) || out->failed)
        return nta_err_sys(err, out->failed ? -ENOMEM : -EIO, "%.200s", path);
    return out->len > max ? nta_err_sys(err, -EFBIG, "%.200s", path) : 0;
}

/** The book of the last run.  A broken one is put aside, and it is said what that means. */
static int load(struct work *work, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    char aside[PATH_SIZE + 8];
    int r = read_all(work->path, BOOK_MAX, &text, err);

    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return r;
    r = nta_notify_book_read(&work->book, nta_buf_span(&text));
    if (r == 0)
        return 0;
    (void)snprintf(aside, sizeof(aside), "%s.broken", work->path);
    if (rename(work->path, aside) < 0)
        return nta_err_sys(err, -errno, "%.200s", work->path);
    nta_log_error("%s: %s is broken, and lies in %s now: alerts from now on are sent, what waited "
                  "in it is not",
                  name_of(work), work->path, aside);
    return 0;
}

/** Keep book and place.  False: it could not be. */
static bool save(struct work *work)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    struct nta_err err;
    int r;

    nta_follow_place(work->follow, work->book.place);
    nta_notify_book_put(&work->book, &text);
    r = text.failed ? -ENOMEM : nta_newfile_open(&file, work->path, BOOK_MODE);
    if (r == 0)
        r = nta_write_all(file.fd, text.ptr, text.len);
    if (r == 0)
        r = nta_newfile_commit(&file, true);
    work->is_unkept = r < 0;
    if (r == 0) {
        if (work->is_told)
            nta_log_notice("%s: %s is kept again", name_of(work), work->path);
        work->is_told = false;
        return true;
    }
    work->save_ns = nta_clock_mono_ns() + SAVE_S * NTA_NS_PER_S;
    if (!work->is_told) {
        (void)nta_err_sys(&err, r, "%.200s", work->path);
        nta_log_error("%s: nothing is sent, since it cannot be kept: %s", name_of(work), err.text);
    }
    work->is_told = true;
    return false;
}

static bool wants(const struct work *work, const struct nta_notify_event *event)
{
    return nta_notify_wants(work->runner->receiver, event) ||
           (event->kind == NTA_NOTIFY_REPEATS && nta_notify_book_has(&work->book, event));
}

/** Read what is there, as long as there is room for what it says.  True: there may be more. */
static bool read_log(struct work *work)
{
    struct nta_notify_event event;
    int r = 0, i;

    for (i = 0; i < AT_ONCE && !nta_notify_book_is_full(&work->book); i++) {
        r = nta_follow_next(work->follow, &event);
        if (r <= 0)
            break;
        work->is_unkept = true;
        if (wants(work, &event) && nta_notify_book_take(&work->book, work->runner->receiver, &event,
                                                        nta_clock_wall_ns()) < 0)
            nta_log_error("%s: no memory: an alert was not taken", name_of(work));
    }
    if (r < 0)
        nta_log_warning("%s: the log cannot be read: %s", name_of(work), strerrordesc_np(-r));
    return i == AT_ONCE;
}

static int64_t delay_ns(uint64_t n_tries)
{
    const uint64_t doubled = n_tries < 16 ? (uint64_t)RETRY_S << n_tries : RETRY_MAX_S;

    return (int64_t)(doubled < RETRY_MAX_S ? doubled : RETRY_MAX_S) * NTA_NS_PER_S;
}

/** It was not taken: when it is tried again, or that it is given up. */
static void put_off(struct work *work, struct nta_notify_item *item, enum nta_notify_sent sent,
                    uint64_t wait_s, const struct nta_err *err)
{
    const int64_t wall_ns = nta_clock_wall_ns(), mono_ns = nta_clock_mono_ns();

    if (item->tries == 0 || sent == NTA_NOTIFY_REFUSED)
        nta_log_warning("%s: message %s could not be sent, and is tried again: %s", name_of(work),
                        item->id, err->text);
    if (wall_ns - item->made_ns > work->runner->receiver->give_up_ns) {
        nta_log_error("%s: message %s of %" PRIu64 " alerts is given up after %" PRIu64
                      " tries: %s",
                      name_of(work), item->id, item->n, item->tries + 1, err->text);
        nta_notify_book_drop(&work->book, item);
        return;
    }
    item->due_ns = wall_ns + delay_ns(item->tries);
    item->tries++;
    if (sent == NTA_NOTIFY_REFUSED)
        return;
    const int64_t asked_ns = (int64_t)(wait_s < RETRY_MAX_S ? wait_s : RETRY_MAX_S) * NTA_NS_PER_S;
    const int64_t wait_ns = delay_ns(work->n_failed);

    item->due_ns = wall_ns; /* as soon as the channel is tried again */
    work->send_ns = mono_ns + (wait_ns > asked_ns ? wait_ns : asked_ns);
    work->n_failed++;
}

/** Make it, and hand it to its server.  Memory ran out: LATER. */
static enum nta_notify_sent post(const struct work *work, struct nta_notify_item *item,
                                 uint64_t *ret_wait_s, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf body = {0};
    const struct nta_notify_runner *runner = work->runner;
    const struct nta_notify_letter letter = {.receiver = runner->receiver,
                                             .item = item,
                                             .host = runner->host,
                                             .wall_ns = nta_clock_wall_ns()};
    struct nta_notify_parcel parcel = {.receiver = runner->receiver,
                                       .host = runner->host,
                                       .id = item->id,
                                       .is_over = runner->is_over};

    *ret_wait_s = 0;
    if (runner->receiver->channel == NTA_NOTIFY_MAIL)
        nta_notify_put_mail(&body, &letter);
    else
        nta_notify_put_body(&body, &letter);
    if (body.failed) {
        (void)nta_err_sys(err, -ENOMEM, "message");
        return NTA_NOTIFY_LATER;
    }
    parcel.body = nta_buf_span(&body);
    nta_notify_book_address(item, runner->receiver);
    return nta_notify_send(&parcel, &item->taken, ret_wait_s, err);
}

/** One message, if one may be sent now.  False: none was. */
static bool send_one(struct work *work)
{
    struct nta_notify_item *item = NULL;
    struct nta_err err = {0};
    uint64_t wait_s;

    if (!work->is_unkept && nta_clock_mono_ns() >= work->send_ns)
        item = nta_notify_book_find(&work->book, work->runner->receiver, nta_clock_wall_ns());
    if (!item)
        return false;
    const enum nta_notify_sent sent = post(work, item, &wait_s, &err);

    if (sent != NTA_NOTIFY_SENT && atomic_load(work->runner->is_over)) {
        work->is_unkept = true; /* some of a mail's addresses may have it */
        return false;
    }
    if (sent != NTA_NOTIFY_SENT) {
        put_off(work, item, sent, wait_s, &err);
    } else {
        if (work->n_failed)
            nta_log_notice("%s: messages are sent again", name_of(work));
        work->n_failed = 0;
        work->send_ns = 0;
        nta_notify_book_drop(&work->book, item);
    }
    work->is_unkept = true;
    return true;
}

static int64_t ahead_ns(void)
{
    return nta_clock_wall_ns() - nta_clock_boot_ns();
}

/** A message is given up for what time has passed, not for what a clock skipped. */
static void judge_clock(struct work *work)
{
    const int64_t now_ns = ahead_ns(), jump_ns = now_ns - work->ahead_ns;

    if (jump_ns > -JUMP_NS && jump_ns < JUMP_NS)
        return;
    work->ahead_ns = now_ns;
    nta_notify_book_shift(&work->book, jump_ns);
    work->is_unkept = true;
}

/** One turn.  True: there may be more to do at once. */
static bool turn(struct work *work)
{
    const struct nta_notify_receiver *receiver = work->runner->receiver;
    bool goes_on = false, has_sent;

    judge_clock(work);
    if (!work->is_told) /* else what is read could not be kept */
        goes_on = read_log(work);
    if (nta_notify_book_turn(&work->book, receiver, nta_clock_wall_ns()))
        work->is_unkept = true;
    if (work->is_unkept && nta_clock_mono_ns() >= work->save_ns)
        (void)save(work);
    has_sent = send_one(work);
    if (has_sent)
        (void)save(work);
    atomic_store(&work->runner->n_waiting, (unsigned)nta_notify_book_n_ready(&work->book));
    return goes_on || has_sent;
}

static int begin(struct work *work, struct nta_err *err)
{
    const struct nta_notify_runner *runner = work->runner;
    char name[80];
    int r;

    (void)snprintf(name, sizeof(name), "%s.book", runner->receiver->name);
    if (!nta_path_join(runner->state, name, work->path, sizeof(work->path)))
        return nta_err_sys(err, -ENAMETOOLONG, "state");
    r = load(work, err);
    if (r == 0)
        r = nta_follow_open(runner->settings->source, runner->settings->unit, work->book.place,
                            &work->follow, err);
    if (r == 0 && !work->book.place[0])
        nta_log_notice("%s: is told what comes from now on", runner->receiver->name);
    work->is_unkept = true; /* where it begins is kept, whatever comes */
    return r;
}

void *nta_notify_run(void *runner)
{
    struct work work = {.runner = runner, .ahead_ns = ahead_ns()};
    struct nta_notify_book *book = &work.book;
    NTA_AUTO(nta_follow_free) struct nta_follow *follow = NULL;
    struct nta_err err = {0};

    while (begin(&work, &err) < 0 && !atomic_load(work.runner->is_over)) {
        if (!work.is_told)
            nta_log_error("%s: %s; tried again", name_of(&work), err.text);
        work.is_told = true;
        nta_notify_book_done(book);
        (void)poll(NULL, 0, PAUSE_MS * 4);
    }
    follow = work.follow;
    work.is_told = false;
    while (follow && !atomic_load(work.runner->is_over)) {
        if (!turn(&work))
            nta_follow_wait(follow);
    }
    if (follow && work.is_unkept)
        (void)save(&work);
    nta_notify_book_done(book);
    return NULL;
}

int nta_notify_try(const struct nta_notify_runner *runner, struct nta_err *err)
{
    NTA_AUTO_FREE struct nta_notify_item *item = calloc(1, sizeof(*item));
    struct nta_notify_runner copy = {
        .receiver = runner->receiver, .host = runner->host, .is_over = runner->is_over};
    struct work work = {.runner = &copy};
    uint64_t wait_s;

    if (!item)
        return nta_err_sys(err, -ENOMEM, "message");
    item->first_ns = item->last_ns = item->made_ns = nta_clock_wall_ns();
    item->n = 1;
    (void)snprintf(item->id, sizeof(item->id), "test-%" PRIx64, (uint64_t)item->made_ns);
    nta_notify_event_init(&item->best);
    item->best.kind = NTA_NOTIFY_ALERT;
    item->best.severity = NTA_NOTIFY_MEDIUM;
    nta_notify_event_set(&item->best, NTA_NOTIFY_USER, nta_span_of("192.0.2.1"));
    nta_notify_event_set(&item->best, NTA_NOTIFY_SITE, nta_span_of("test.example"));
    nta_notify_event_set(&item->best, NTA_NOTIFY_LIST, nta_span_of("test of nta-notify"));
    return post(&work, item, &wait_s, err) == NTA_NOTIFY_SENT ? 0 : -EIO;
}
