/* SPDX-License-Identifier: Apache-2.0 */
#include "signs/gaps.h"

#include "base/bytes.h"
#include "base/own.h"
#include "signs/runfile.h"

#include <errno.h>
#include <string.h>

enum
{
    LOSSES_MAX = 64 * 1024 ///< Bytes of what was told and is not stored.
};

/* ---- records ---- */

static uint64_t emit(const struct nta_gaps *gaps, const struct nta_record *record)
{
    return gaps->calls.emit(gaps->calls.owner, record);
}

static struct nta_record_log log_of(const struct nta_gap *gap)
{
    return (struct nta_record_log){
        .reason = (uint8_t)gap->reason,
        .interface = nta_span_of(gap->interface),
        .from_ns = gap->from_ns,
        .to_ns = gap->to_ns,
    };
}

/** Borrows `log`. */
static struct nta_record record_of(const struct nta_record_log *log)
{
    return (struct nta_record){
        .event = NTA_RECORD_GAP,
        .time_ns = log->from_ns,
        .end_ns = log->to_ns,
        .log = log,
    };
}

/** It ends now, or then. */
static void tell(struct nta_gaps *gaps, struct nta_gap *gap, int64_t to_ns)
{
    gap->to_ns = to_ns;
    if (gap->from_ns > to_ns) /* the clock may have been set back meanwhile */
        gap->from_ns = to_ns;
    const struct nta_record_log log = log_of(gap);
    const struct nta_record record = record_of(&log);

    gap->number = emit(gaps, &record);
    gaps->is_changed = true;
}

/* ---- what is kept for the next start ---- */

static void drop(struct nta_gaps *gaps, size_t i)
{
    gaps->n_kept--;
    memmove(&gaps->kept[i], &gaps->kept[i + 1], (gaps->n_kept - i) * sizeof(gaps->kept[0]));
    gaps->is_changed = true;
}

/** Without space the oldest that was told goes; NULL: none was. */
static struct nta_gap *add(struct nta_gaps *gaps, const struct nta_gap *gap)
{
    for (size_t i = 0; gaps->n_kept == NTA_GAPS_KEPT && i < gaps->n_kept; i++)
        if (gaps->kept[i].number)
            drop(gaps, i);
    if (gaps->n_kept == NTA_GAPS_KEPT)
        return NULL;
    gaps->kept[gaps->n_kept] = *gap;
    gaps->is_changed = true;
    return &gaps->kept[gaps->n_kept++];
}

/** Two bytes of length and the record, as often as there are records. */
static void put(struct nta_buf *out, const struct nta_record *record)
{
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};

    nta_record_encode(record, &cbor);
    out->failed |= cbor.failed;
    if (cbor.len > UINT16_MAX)
        return;
    nta_buf_put_u8(out, (uint8_t)(cbor.len >> 8));
    nta_buf_put_u8(out, (uint8_t)cbor.len);
    nta_buf_put(out, cbor.ptr, cbor.len);
}

static void keep(struct nta_gaps *gaps)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};

    if (!gaps->is_changed)
        return;
    for (size_t i = 0; i < gaps->n_kept; i++) {
        const struct nta_record_log log = log_of(&gaps->kept[i]);
        const struct nta_record record = record_of(&log);

        put(&bytes, &record);
    }
    nta_buf_put(&bytes, gaps->lost.ptr, gaps->lost.len);
    nta_buf_put(&bytes, gaps->told.bytes.ptr, gaps->told.bytes.len);
    nta_buf_put(&bytes, gaps->untold.bytes.ptr, gaps->untold.bytes.len);
    gaps->is_changed = bytes.failed || !gaps->calls.keep(gaps->calls.owner, nta_buf_span(&bytes));
}

/** A gap that was kept is told; one that was open ended with its run, if it did not begin later. */
static void retell_gap(struct nta_gaps *gaps, const struct nta_record_log *log, int64_t ended_ns)
{
    const int64_t to_ns = log->to_ns                ? log->to_ns
                          : log->from_ns < ended_ns ? ended_ns
                                                    : log->from_ns;
    struct nta_gap gap = {.reason = (enum nta_gap_reason)log->reason, .from_ns = log->from_ns};

    if (log->interface.len >= sizeof(gap.interface))
        return;
    if (log->interface.len > 0)
        memcpy(gap.interface, log->interface.ptr, log->interface.len);
    struct nta_gap *kept = add(gaps, &gap);

    tell(gaps, kept ? kept : &gap, to_ns);
}

static void retell(struct nta_gaps *gaps, struct nta_span kept, int64_t ended_ns)
{
    struct nta_reader r = nta_reader_of(kept.ptr, kept.len);
    struct nta_record_buf buf;
    struct nta_record record;

    while (nta_reader_left(&r) > 0) {
        const struct nta_span cbor = nta_read_span(&r, nta_read_be16(&r));

        if (!nta_reader_ok(&r) || !nta_record_decode(cbor, &buf, &record))
            continue;
        if (record.event == NTA_RECORD_GAP && record.log) {
            retell_gap(gaps, record.log, ended_ns);
        } else if (record.event == NTA_RECORD_LOSS) {
            put(&gaps->told.bytes, &record);
            gaps->told.number = emit(gaps, &record);
        }
    }
}

/* ---- the start ---- */

/** Nobody watched longer than there is a batch that says so. */
static int64_t bound(const struct nta_gaps *gaps, int64_t wall_ns)
{
    const int64_t room = INT64_MAX - NTA_GAPS_SEALED_NS;

    if (gaps->sealed_ns <= 0 || gaps->sealed_ns > room ||
        wall_ns <= gaps->sealed_ns + NTA_GAPS_SEALED_NS)
        return wall_ns;
    return gaps->sealed_ns + NTA_GAPS_SEALED_NS;
}

int nta_gaps_start(struct nta_gaps *gaps, const char *path, struct nta_span kept, int64_t wall_ns)
{
    struct nta_record_log log = {.from_ns = 0};
    const struct nta_record start = {.event = NTA_RECORD_START, .time_ns = wall_ns, .log = &log};
    enum nta_run run = NTA_RUN_UNKNOWN;

    gaps->fd = nta_runfile_open(path);
    if (gaps->fd >= 0)
        run = nta_runfile_read(gaps->fd, &log.from_ns);
    log.from_ns = bound(gaps, log.from_ns);
    const struct nta_record_log since = {
        .reason = run == NTA_RUN_RUNNING ? NTA_GAP_REASON_KILLED : NTA_GAP_REASON_STOPPED,
        .from_ns = log.from_ns,
        .to_ns = wall_ns,
    };

    retell(gaps, kept, run == NTA_RUN_UNKNOWN ? wall_ns : log.from_ns);
    if (run != NTA_RUN_UNKNOWN)
        retell_gap(gaps, &since, wall_ns);
    (void)emit(gaps, &start);
    keep(gaps);
    return gaps->fd < 0 ? gaps->fd : nta_runfile_write(gaps->fd, NTA_RUN_RUNNING, wall_ns);
}

/* ---- while it runs ---- */

static bool is_open(const struct nta_gap *gap)
{
    return gap->number == 0;
}

static struct nta_gap *find_open_store(struct nta_gaps *gaps)
{
    for (size_t i = 0; i < gaps->n_kept; i++)
        if (is_open(&gaps->kept[i]) && gaps->kept[i].reason == NTA_GAP_REASON_STORE)
            return &gaps->kept[i];
    return NULL;
}

static void look_at_store(struct nta_gaps *gaps, const struct nta_gaps_look *look, bool fails)
{
    struct nta_gap *open = find_open_store(gaps);

    /* what waits in memory is not lost: the gap begins with the first record that is */
    if (!fails && open)
        tell(gaps, open, look->wall_ns);
    else if (fails && !open && look->n_unstored > gaps->n_unstored)
        (void)add(gaps,
                  &(struct nta_gap){.reason = NTA_GAP_REASON_STORE, .from_ns = look->wall_ns});
    gaps->n_unstored = look->n_unstored;
}

static bool is_same(const struct nta_gap *a, const struct nta_gap *b)
{
    return a->reason == b->reason && a->from_ns == b->from_ns &&
           strcmp(a->interface, b->interface) == 0;
}

static bool has(const struct nta_gap *gaps, size_t n, const struct nta_gap *gap)
{
    for (size_t i = 0; i < n; i++)
        if (is_open(&gaps[i]) && is_same(&gaps[i], gap))
            return true;
    return false;
}

/** What is over was told by who captures, at the latest by now. */
static void look_at_interfaces(struct nta_gaps *gaps, const struct nta_gaps_look *look)
{
    for (size_t i = 0; i < gaps->n_kept; i++) {
        struct nta_gap *gap = &gaps->kept[i];

        if (!is_open(gap) || gap->reason == NTA_GAP_REASON_STORE ||
            has(look->blind, look->n_blind, gap))
            continue;
        gap->to_ns = look->wall_ns;
        gap->number = look->n_told;
        gaps->is_changed = true;
    }
    for (size_t i = 0; i < look->n_blind; i++)
        if (!has(gaps->kept, gaps->n_kept, &look->blind[i]))
            (void)add(gaps, &look->blind[i]);
}

/** A record told them meanwhile: they wait with others until it is stored. */
static void note_told_losses(struct nta_gaps *gaps, uint64_t number)
{
    struct nta_gaps_losses *untold = &gaps->untold;

    if (gaps->told.bytes.len > LOSSES_MAX) /* a store that has taken nothing for hours */
        nta_buf_clear(&gaps->told.bytes);
    nta_buf_put(&gaps->told.bytes, untold->bytes.ptr, untold->bytes.len);
    gaps->told.number = number;
    nta_buf_clear(&untold->bytes);
}

static void look_at_losses(struct nta_gaps *gaps, const struct nta_gaps_look *look)
{
    NTA_AUTO(nta_buf_done) struct nta_buf now = {0};
    struct nta_gaps_losses *untold = &gaps->untold;

    if (untold->bytes.len > 0 && (!look->losses || look->losses->time_ns != untold->from_ns))
        note_told_losses(gaps, look->n_told);
    if (!look->losses)
        return;
    put(&now, look->losses);
    untold->from_ns = look->losses->time_ns;
    if (now.failed)
        return;
    gaps->is_changed = true;
    nta_buf_clear(&untold->bytes);
    nta_buf_put(&untold->bytes, now.ptr, now.len);
}

static bool is_lost(const struct nta_gaps_look *look, uint64_t number)
{
    return look->lost_from && number >= look->lost_from && number <= look->lost_to;
}

/** Those whose record the store had no room for: the next start tells them. */
static void note_lost_losses(struct nta_gaps *gaps)
{
    if (gaps->lost.len > LOSSES_MAX)
        nta_buf_clear(&gaps->lost);
    nta_buf_put(&gaps->lost, gaps->told.bytes.ptr, gaps->told.bytes.len);
}

/** What is stored needs not be kept; what is lost is, as long as this run goes on. */
static void forget_stored(struct nta_gaps *gaps, const struct nta_gaps_look *look)
{
    for (size_t i = gaps->n_kept; i-- > 0;) {
        struct nta_gap *gap = &gaps->kept[i];

        if (is_open(gap) || gap->number > look->n_stored)
            continue;
        if (is_lost(look, gap->number))
            gap->number = UINT64_MAX;
        else
            drop(gaps, i);
    }
    if (gaps->told.bytes.len > 0 && gaps->told.number <= look->n_stored) {
        if (is_lost(look, gaps->told.number))
            note_lost_losses(gaps);
        nta_buf_clear(&gaps->told.bytes);
        gaps->is_changed = true;
    }
}

void nta_gaps_look(struct nta_gaps *gaps, const struct nta_gaps_look *look)
{
    look_at_store(gaps, look, look->store_fails);
    look_at_interfaces(gaps, look);
    if (look->mono_ns - gaps->losses_mono_ns >= NTA_GAPS_LOSSES_NS) {
        gaps->losses_mono_ns = look->mono_ns;
        look_at_losses(gaps, look);
    }
    forget_stored(gaps, look);
    keep(gaps);
    (void)nta_runfile_write(gaps->fd, NTA_RUN_RUNNING,
                            look->stored_ns < look->wall_ns ? look->stored_ns : look->wall_ns);
}

void nta_gaps_stop(struct nta_gaps *gaps, const struct nta_gaps_look *look)
{
    const struct nta_record stop = {.event = NTA_RECORD_STOP, .time_ns = look->wall_ns};

    look_at_store(gaps, look, false);
    (void)emit(gaps, &stop);
    gaps->stop_wall_ns = look->wall_ns;
    keep(gaps);
}

void nta_gaps_end(struct nta_gaps *gaps, const struct nta_gaps_look *look)
{
    look_at_interfaces(gaps, look);
    if (gaps->untold.bytes.len > 0)
        note_told_losses(gaps, look->n_told);
    gaps->is_changed = true;
    forget_stored(gaps, look);
    keep(gaps);
    (void)nta_runfile_write(gaps->fd, NTA_RUN_STOPPED, gaps->stop_wall_ns);
    nta_gaps_done(gaps);
}

void nta_gaps_done(struct nta_gaps *gaps)
{
    nta_own_close(&gaps->fd);
    gaps->fd = -1;
    nta_buf_done(&gaps->untold.bytes);
    nta_buf_done(&gaps->told.bytes);
    nta_buf_done(&gaps->lost);
}
