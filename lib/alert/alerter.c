/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The alerter: a ring of slots from the one who posts, an eventfd to wake the thread, and what the
 * thread does.
 */
#include "alert/alert.h"
#include "alert/eve.h"
#include "alert/fate.h"
#include "alert/line.h"
#include "alert/sinks.h"
#include "alert/syslog.h"
#include "base/memory/memory.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/thread.h"
#include "base/text.h"
#include "record/json.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

enum
{
    N_SLOTS = 512,
    SLOT_SIZE = 16384,
    ID_SIZE = 96
};

enum kind
{
    KIND_ALERT,
    KIND_UNSTORED,
    KIND_FATES
};

#define STUCK_NS (5 * NTA_NS_PER_S)
#define RETRY_MS 500

/** A copy of one posted alert, or of the numbers and places of those whose fate is told. */
struct nta_alert_slot
{
    enum kind kind;
    char id[ID_SIZE]; ///< Fates: the sensor's.
    uint64_t number;  ///< Unstored: `about`; fates: the batch's.
    size_t len;
    uint8_t cbor[SLOT_SIZE];
};

struct nta_alerter
{
    struct nta_counters counters; ///< ALERT_DROP: who posts; the others: the thread.
    _Atomic int64_t busy_ns;      ///< Monotonic: since when the thread has one in hand; 0: none.
    _Alignas(64) _Atomic size_t n_posted; ///< Written by who posts.
    struct nta_alert_slot *slots;
    struct nta_thread thread;
    int wake_fd;
    _Atomic bool stopping, reopen;
    /* the thread's */
    _Alignas(64) _Atomic size_t n_taken;
    struct nta_suppress *suppress;
    struct nta_alert_options options;
    struct nta_alert_file file;
    struct nta_buf line, json, coloured;
    struct nta_buf eve; ///< `json` as EVE; made if that is asked for.
    struct nta_alert_fields fields;
    struct nta_record_buf buf;
    struct nta_alert_open *open; ///< Logged before their record was stored.
    int reported;                ///< Negative errno of alert.json that was said; 0: it takes all.
    uint64_t n_unwritten;        ///< Lines that it lost since.
    uint64_t n_dropped;          ///< Of those that were dropped, so many are counted for a line.
};

static void wake(const struct nta_alerter *alerter)
{
    uint64_t one = 1;

    /* can fail only if it is awake 2^64 times already */
    (void)!write(alerter->wake_fd, &one, sizeof(one));
}

/** Space for `len` bytes, to be handed over with push(); NULL: there is none, which was counted. */
static struct nta_alert_slot *get_slot(struct nta_alerter *alerter, enum kind kind, const char *id,
                                       size_t len)
{
    size_t n_posted = atomic_load_explicit(&alerter->n_posted, memory_order_relaxed);
    size_t n_waiting = n_posted - atomic_load_explicit(&alerter->n_taken, memory_order_acquire);

    if (n_waiting == N_SLOTS || len > SLOT_SIZE) {
        nta_count(&alerter->counters, NTA_COUNTER_ALERT_DROP, 1);
        return NULL;
    }
    struct nta_alert_slot *slot = &alerter->slots[n_posted % N_SLOTS];

    slot->kind = kind;
    slot->number = 0;
    slot->len = len;
    (void)snprintf(slot->id, sizeof(slot->id), "%s", id);
    return slot;
}

static void push(struct nta_alerter *alerter)
{
    size_t n_posted = atomic_load_explicit(&alerter->n_posted, memory_order_relaxed);

    /* who posts writes one number and then reads the other, the thread likewise: one of the two
     * sees what the other did */
    atomic_store_explicit(&alerter->n_posted, n_posted + 1, memory_order_seq_cst);
    if (atomic_load_explicit(&alerter->n_taken, memory_order_seq_cst) == n_posted)
        wake(alerter);
}

static void post(struct nta_alerter *alerter, enum kind kind, const char *id, uint64_t number,
                 struct nta_span cbor)
{
    struct nta_alert_slot *slot = get_slot(alerter, kind, id, cbor.len);

    if (!slot)
        return;
    slot->number = number;
    if (cbor.len)
        memcpy(slot->cbor, cbor.ptr, cbor.len);
    push(alerter);
}

void nta_alert_post(struct nta_alerter *alerter, const char *id, struct nta_span cbor)
{
    post(alerter, KIND_ALERT, id, 0, cbor);
}

void nta_alert_post_unstored(struct nta_alerter *alerter, uint64_t about, struct nta_span cbor)
{
    post(alerter, KIND_UNSTORED, "", about, cbor);
}

static_assert(NTA_ALERT_FATES * (sizeof(uint64_t) + sizeof(uint32_t)) <= SLOT_SIZE,
              "fates fit into a slot");

void nta_alert_post_fates(struct nta_alerter *alerter, const struct nta_alert_fates *fates)
{
    size_t about_len = fates->n * sizeof(fates->about[0]);
    size_t index_len = fates->n * sizeof(fates->index[0]);
    struct nta_alert_slot *slot =
        get_slot(alerter, KIND_FATES, fates->sensor, about_len + index_len);

    if (!slot)
        return;
    slot->number = fates->number;
    memcpy(slot->cbor, fates->about, about_len);
    memcpy(slot->cbor + about_len, fates->index, index_len);
    push(alerter);
}

void nta_alerter_watch(struct nta_alerter *alerter, int64_t mono_ns)
{
    int64_t since_ns = atomic_load_explicit(&alerter->busy_ns, memory_order_relaxed);
    char detail[96];

    if (!since_ns || mono_ns - since_ns < STUCK_NS) {
        nta_health_set(alerter->options.health, NTA_CAUSE_ALERTS_WAITING, NULL);
        return;
    }
    (void)snprintf(detail, sizeof(detail), "the log has taken nothing for %lld s",
                   (long long)((mono_ns - since_ns) / NTA_NS_PER_S));
    nta_health_set(alerter->options.health, NTA_CAUSE_ALERTS_WAITING, detail);
}

void nta_alerter_reopen(struct nta_alerter *alerter)
{
    atomic_store_explicit(&alerter->reopen, true, memory_order_release);
    wake(alerter);
}

const struct nta_counters *nta_alerter_counters(const struct nta_alerter *alerter)
{
    return &alerter->counters;
}

/** The file takes lines, or does not: said once each time, by the health or on the log. */
static void report_file(struct nta_alerter *alerter)
{
    const struct nta_alert_file *file = &alerter->file;
    struct nta_health *health = alerter->options.health;
    char shown[256];
    struct nta_err err = {0};

    if (file->failure == 0 && alerter->reported == 0)
        return;
    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(file->path));
    if (file->failure == 0) {
        nta_health_set(health, NTA_CAUSE_ALERTS_UNWRITTEN, NULL);
        nta_log_notice("%s takes alerts again; %" PRIu64 " lines are not in it", shown,
                       alerter->n_unwritten);
        alerter->n_unwritten = 0;
    } else if (file->failure != alerter->reported) {
        (void)nta_err_sys(&err, file->failure, "%s", shown);
        nta_health_set(health, NTA_CAUSE_ALERTS_UNWRITTEN, err.text);
        if (!health)
            nta_log_error("alerts cannot be written to %s", err.text);
    }
    alerter->reported = file->failure;
}

static void count_unwritten(struct nta_alerter *alerter, uint64_t n)
{
    if (n)
        nta_count(&alerter->counters, NTA_COUNTER_ALERT_UNWRITTEN, n);
    alerter->n_unwritten += n;
}

/** Into the file, in the form that is asked for; `record` NULL: it is about something else. */
static bool write_json(struct nta_alerter *alerter, const struct nta_record *record)
{
    struct nta_buf *line = alerter->options.eve ? &alerter->eve : &alerter->json;

    if (alerter->json.failed)
        return true; /* it is counted as not made */
    if (alerter->options.eve && record)
        nta_alert_eve(line, record, nta_buf_span(&alerter->json));
    else if (alerter->options.eve)
        nta_alert_eve_other(line, nta_clock_wall_ns(), nta_buf_span(&alerter->json));
    nta_buf_puts(line, "\n");
    if (line->failed)
        return false;
    const bool ok = nta_alert_file_write(&alerter->file, nta_buf_span(line));

    report_file(alerter);
    return ok;
}

/** Line, JSON and fields are made: to each sink that is there; `record` as above. */
static void write_out(struct nta_alerter *alerter, const struct nta_record *record)
{
    const struct nta_alert_options *options = &alerter->options;
    struct nta_span line = nta_buf_span(&alerter->line);
    bool ok = !alerter->line.failed && !alerter->json.failed;

    if (ok && options->journal)
        ok = nta_alert_journal_send(&alerter->fields);
    if (ok && options->syslog)
        ok = nta_alert_syslog_send(&alerter->fields, line);
    if (!alerter->line.failed && options->terminal) {
        (void)fprintf(options->terminal, "%.*s\n", (int)alerter->coloured.len,
                      (const char *)alerter->coloured.ptr);
        (void)fflush(options->terminal);
    }
    if (alerter->file.fd >= 0)
        ok &= write_json(alerter, record);
    count_unwritten(alerter, ok ? 0 : 1);
}

static void clear(struct nta_alerter *alerter)
{
    nta_buf_clear(&alerter->line);
    nta_buf_clear(&alerter->json);
    nta_buf_clear(&alerter->coloured);
    nta_buf_clear(&alerter->eve);
}

/** `about` 0: it is stored as `id`. */
static void log_alert(struct nta_alerter *alerter, const struct nta_record *record, const char *id,
                      uint64_t about)
{
    clear(alerter);
    nta_alert_line(&alerter->line, record, false);
    nta_alert_line(&alerter->coloured, record, alerter->options.colour);
    nta_record_json(&alerter->json, record, id);
    if (about) {
        nta_alert_unstored_line(&alerter->line, about);
        nta_alert_unstored_line(&alerter->coloured, about);
        nta_alert_unstored_json(&alerter->json, about, record->about != 0);
        nta_alert_open_add(alerter->open, about);
    }
    nta_alert_fields_of(&alerter->fields, record, id, about, nta_buf_span(&alerter->line));
    write_out(alerter, record);
}

static void log_fate(struct nta_alerter *alerter, uint64_t about, const char *id)
{
    clear(alerter);
    nta_alert_fate_line(&alerter->line, about, id, false);
    nta_alert_fate_line(&alerter->coloured, about, id, alerter->options.colour);
    nta_alert_fate_json(&alerter->json, about, id);
    nta_alert_fields_of_fate(&alerter->fields, about, id, nta_buf_span(&alerter->line));
    write_out(alerter, NULL);
}

static void take_fates(struct nta_alerter *alerter, const struct nta_alert_slot *slot)
{
    size_t n = slot->len / (sizeof(uint64_t) + sizeof(uint32_t));
    char id[ID_SIZE] = "";

    for (size_t i = 0; i < n; i++) {
        uint64_t about;
        uint32_t index;

        memcpy(&about, slot->cbor + i * sizeof(about), sizeof(about));
        memcpy(&index, slot->cbor + n * sizeof(about) + i * sizeof(index), sizeof(index));
        if (!nta_alert_open_take(alerter->open, about))
            continue;
        if (slot->number)
            (void)snprintf(id, sizeof(id), "%.40s-%" PRIu64 "-%" PRIu32, slot->id, slot->number,
                           index);
        log_fate(alerter, about, id);
    }
}

static void log_repeat(struct nta_alerter *alerter, const struct nta_alert_repeat *repeat)
{
    clear(alerter);
    nta_alert_repeat_line(&alerter->line, repeat, false);
    nta_alert_repeat_line(&alerter->coloured, repeat, alerter->options.colour);
    nta_alert_repeat_json(&alerter->json, repeat);
    nta_alert_fields_of_repeat(&alerter->fields, repeat, nta_buf_span(&alerter->line));
    write_out(alerter, NULL);
}

static void log_capped(struct nta_alerter *alerter, uint64_t n)
{
    clear(alerter);
    nta_alert_capped_line(&alerter->line, n, alerter->options.per_minute, false);
    nta_alert_capped_line(&alerter->coloured, n, alerter->options.per_minute,
                          alerter->options.colour);
    nta_alert_capped_json(&alerter->json, n);
    nta_alert_fields_of_repeat(&alerter->fields, NULL, nta_buf_span(&alerter->line));
    write_out(alerter, NULL);
}

/** Say what has been counted and is due; `all`: whatever has been counted. */
static void summarise(struct nta_alerter *alerter, int64_t mono_ns, bool all)
{
    struct nta_alert_repeat repeat;
    uint64_t n_dropped = nta_counted(&alerter->counters, NTA_COUNTER_ALERT_DROP);

    nta_suppress_count(alerter->suppress, n_dropped - alerter->n_dropped);
    alerter->n_dropped = n_dropped;
    uint64_t n_capped = nta_suppress_capped(alerter->suppress, mono_ns, false);

    if (n_capped)
        log_capped(alerter, n_capped);
    while (nta_suppress_due(alerter->suppress, mono_ns, all, &repeat))
        if (nta_suppress_line(alerter->suppress, &repeat.party, repeat.n, mono_ns))
            log_repeat(alerter, &repeat);
    n_capped = nta_suppress_capped(alerter->suppress, mono_ns, all);
    if (n_capped)
        log_capped(alerter, n_capped);
}

static void take(struct nta_alerter *alerter, const struct nta_alert_slot *slot)
{
    struct nta_record record;
    int64_t mono_ns = nta_clock_mono_ns();

    if (slot->kind == KIND_FATES) {
        take_fates(alerter, slot);
        return;
    }
    if (!nta_record_decode((struct nta_span){slot->cbor, slot->len}, &alerter->buf, &record)) {
        count_unwritten(alerter, 1);
        return;
    }
    if (record.event == NTA_RECORD_CANARY) {
        if (alerter->options.canary)
            alerter->options.canary(alerter->options.owner, record.site);
        return;
    }
    summarise(alerter, mono_ns, false);
    const struct nta_alert_party party = nta_suppress_party(alerter->suppress, &record);

    if (nta_suppress_pass(alerter->suppress, &record, mono_ns) &&
        nta_suppress_line(alerter->suppress, &party, 1, mono_ns))
        log_alert(alerter, &record, slot->id, slot->kind == KIND_UNSTORED ? slot->number : 0);
    else
        nta_count(&alerter->counters, NTA_COUNTER_ALERT_SUPPRESSED, 1);
}

static void take_all(struct nta_alerter *alerter)
{
    size_t n_taken = atomic_load_explicit(&alerter->n_taken, memory_order_relaxed);

    while (n_taken != atomic_load_explicit(&alerter->n_posted, memory_order_seq_cst)) {
        atomic_store_explicit(&alerter->busy_ns, nta_clock_mono_ns(), memory_order_relaxed);
        struct nta_alert_slot *slot = &alerter->slots[n_taken % N_SLOTS];

        take(alerter, slot);
        explicit_bzero(slot->cbor, slot->len); /* a record does not stay in memory */
        atomic_store_explicit(&alerter->busy_ns, 0, memory_order_relaxed);
        atomic_store_explicit(&alerter->n_taken, ++n_taken, memory_order_seq_cst);
    }
}

static void open_anew(struct nta_alerter *alerter)
{
    struct nta_err err;

    if (alerter->options.json_path && nta_alert_file_open(&alerter->file, &err) < 0)
        nta_log_error("%s; the old one stays in use", err.text);
}

static void wait_for_work(const struct nta_alerter *alerter)
{
    struct pollfd fd = {.fd = alerter->wake_fd, .events = POLLIN};
    int64_t next_ns = nta_suppress_next_ns(alerter->suppress);
    int64_t left_ms = -1;
    uint64_t n = 0;

    if (next_ns != INT64_MAX) {
        left_ms = (next_ns - nta_clock_mono_ns()) / NTA_NS_PER_MS + 1;
        left_ms = left_ms < 0 ? 0 : left_ms > INT32_MAX ? INT32_MAX : left_ms;
    }
    if (alerter->file.failure && (left_ms < 0 || left_ms > RETRY_MS))
        left_ms = RETRY_MS;
    if (poll(&fd, 1, (int)left_ms) > 0)
        (void)!read(alerter->wake_fd, &n, sizeof(n));
}

static void *run(void *arg)
{
    struct nta_alerter *alerter = arg;
    bool stopping = false;

    while (!stopping) {
        nta_thread_wait();
        wait_for_work(alerter);
        nta_thread_beat();
        nta_thread_wait(); /* who is told may be slow */
        stopping = atomic_load_explicit(&alerter->stopping, memory_order_acquire);
        if (atomic_exchange_explicit(&alerter->reopen, false, memory_order_acquire))
            open_anew(alerter);
        if (alerter->file.failure) {
            nta_alert_file_flush(&alerter->file);
            report_file(alerter);
        }
        take_all(alerter);
        summarise(alerter, nta_clock_mono_ns(), stopping);
    }
    /* here, where a pipe without a reader is no signal */
    count_unwritten(alerter, nta_alert_file_close(&alerter->file));
    return NULL;
}

static void free_alerter(struct nta_alerter **ptr)
{
    struct nta_alerter *alerter = *ptr;

    if (!alerter)
        return;
    nta_own_close(&alerter->wake_fd);
    (void)nta_alert_file_close(&alerter->file);
    free(alerter->open);
    nta_suppress_free(&alerter->suppress);
    nta_alert_fields_done(&alerter->fields);
    nta_buf_done(&alerter->line);
    nta_buf_done(&alerter->json);
    nta_buf_done(&alerter->coloured);
    nta_buf_done(&alerter->eve);
    free(alerter->slots);
    free(alerter);
    *ptr = NULL;
}

int nta_alerter_start(const struct nta_alert_options *options, struct nta_alerter **ret_alerter,
                      struct nta_err *err)
{
    NTA_AUTO(free_alerter)
    struct nta_alerter *alerter = nta_memory_new(sizeof(*alerter), _Alignof(struct nta_alerter));

    if (!alerter)
        return nta_err_set(err, -ENOMEM, "alerter: no memory");
    alerter->options = *options;
    alerter->file = (struct nta_alert_file){.path = options->json_path, .fd = -1};
    alerter->slots = calloc(N_SLOTS, sizeof(*alerter->slots));
    alerter->open = calloc(1, sizeof(*alerter->open));
    alerter->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (alerter->wake_fd < 0)
        return nta_err_sys(err, -errno, "alerter");
    if (!alerter->slots || !alerter->open)
        return nta_err_set(err, -ENOMEM, "alerter: no memory");
    int r = options->json_path ? nta_alert_file_open(&alerter->file, err) : 0;

    if (r < 0)
        return r;
    r = nta_suppress_new(options->window_ns, options->per_minute, &alerter->suppress);
    if (r < 0)
        return nta_err_sys(err, r, "alerter");
    r = nta_thread_start(&(struct nta_thread_options){.name = "nta-alerter", .is_watched = true},
                         run, alerter, &alerter->thread);
    if (r < 0)
        return nta_err_sys(err, r, "alerter: cannot start its thread");
    *ret_alerter = NTA_TAKE(alerter);
    return 0;
}

void nta_alerter_stop(struct nta_alerter **alerter)
{
    if (!*alerter)
        return;
    atomic_store_explicit(&(*alerter)->stopping, true, memory_order_release);
    wake(*alerter);
    nta_thread_join(&(*alerter)->thread);
    uint64_t n_lost = (*alerter)->n_unwritten;

    if (n_lost && (*alerter)->options.json_path)
        nta_log_error("%" PRIu64 " lines of alerts could not be written to alert.json or the log",
                      n_lost);
    free_alerter(alerter);
}
