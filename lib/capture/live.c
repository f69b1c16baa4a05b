/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A live interface.  The handle never blocks: waiting is done in poll() with 10 ms, so that blocks
 * are handed over in time, a stop is seen, and drops are counted each second; with 50 ms while
 * there is nothing to hand over, so that a quiet interface costs little.  In the same poll() the
 * kernel says that interfaces come, go and change (sight.h).  The kernel's buffer is read without
 * immediate mode: it wakes us for a part of the ring or after 10 ms, not for each packet.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/confine.h"
#include "base/runtime/log.h"
#include "capture/canary.h"
#include "capture/filter.h"
#include "capture/share/fanout.h"
#include "capture/state.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>

NTA_DEFINE_FREE(close_handle, pcap_t, pcap_close)

/** A busy interface always has one more: a stop waits no longer than this. */
#define REST_NS (200 * NTA_NS_PER_MS)
/** The kernel hands over a block that is not full after WAIT_MS, and a tick of its timer. */
#define KERNEL_HOLDS_NS (15 * NTA_NS_PER_MS)
/** An interface that cannot be opened is tried again, and one that is open looked at. */
#define LOOK_NS NTA_NS_PER_S

enum
{
    BATCH = 4096, ///< Packets between two looks at the clock.
    WAIT_MS = 10,
    QUIET_MS = 50,         ///< As long as that when nothing came for
    QUIET_WAITS = 10,      ///< so many in a row.
    BUFFER_MAX = 1U << 30, ///< libpcap takes an int.
    LISTED_SIZE = 200,     ///< For the names of interfaces in a sentence.
};

/** ", "-separated names of the interfaces that are there, escaped. */
static const char *list_interfaces(char buf[LISTED_SIZE])
{
    struct if_nameindex *names = if_nameindex();
    size_t len = 0;

    buf[0] = '\0';
    for (struct if_nameindex *n = names; n && n->if_index != 0; n++) {
        char shown[NTA_NAME_SHOWN];
        int n_written = snprintf(buf + len, LISTED_SIZE - len, "%s%s", len ? ", " : "",
                                 nta_capture_shown(n->if_name, shown));

        if (n_written < 0 || (size_t)n_written >= LISTED_SIZE - len) {
            buf[len] = '\0'; /* whole names only */
            break;
        }
        len += (size_t)n_written;
    }
    if (names)
        if_freenameindex(names);
    return buf;
}

/** The sentence for what pcap_activate() said. */
static int explain(const struct nta_capture *capture, pcap_t *handle, int rc, struct nta_err *err)
{
    char name[NTA_NAME_SHOWN], words[NTA_NAME_SHOWN], listed[LISTED_SIZE];

    nta_capture_shown(capture->options.interface, name);
    /* who has no right is told of that first, although there is nothing to have a right to */
    if (rc == PCAP_ERROR_PERM_DENIED && strcmp(capture->options.interface, "any") != 0 &&
        if_nametoindex(capture->options.interface) == 0 && errno == ENODEV)
        rc = PCAP_ERROR_NO_SUCH_DEVICE;
    if (rc == PCAP_ERROR_NO_SUCH_DEVICE)
        return nta_err_set(err, -ENODEV, "there is no interface %s; there are: %s, any", name,
                           list_interfaces(listed));
    nta_capture_shown(pcap_geterr(handle)[0] ? pcap_geterr(handle) : pcap_statustostr(rc), words);
    if (rc == PCAP_ERROR_PERM_DENIED || rc == PCAP_ERROR_PROMISC_PERM_DENIED)
        return nta_err_set(err, -EPERM,
                           "no right to capture on %s: be root or have CAP_NET_RAW (%s)", name,
                           words);
    if (rc == PCAP_ERROR_IFACE_NOT_UP)
        return nta_err_set(err, -ENETDOWN, "the interface %s is down", name);
    return nta_err_set(err, -EIO, "cannot capture on %s: %s", name, words);
}

static int set_options(pcap_t *handle, const struct nta_capture_options *options)
{
    uint64_t buffer = options->buffer_bytes < BUFFER_MAX ? options->buffer_bytes : BUFFER_MAX;
    uint32_t snap_len = options->snap_len && options->snap_len < NTA_CAPTURE_SNAP_MAX
                            ? options->snap_len
                            : NTA_CAPTURE_SNAP_MAX;
    int rc = pcap_set_snaplen(handle, (int)snap_len) | pcap_set_timeout(handle, WAIT_MS) |
             pcap_set_promisc(handle, options->promiscuous) | pcap_set_immediate_mode(handle, 0);

    if (buffer > 0)
        rc |= pcap_set_buffer_size(handle, (int)buffer);
    /* where the system has none, micros have to do: stamps are scaled by what was granted */
    (void)pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
    return rc;
}

/** Close a handle that may be a member of those that share the interface. */
static void leave(const struct nta_capture *capture, pcap_t **handle)
{
    if (!capture->options.fanout)
        pcap_close(*handle);
    else
        nta_fanout_leave(capture->options.fanout, *handle);
    *handle = NULL;
}

static int open_handle(struct nta_capture *capture, struct nta_err *err)
{
    const char *interface = capture->options.interface;
    NTA_AUTO(close_handle) pcap_t *handle = NULL;
    char words[PCAP_ERRBUF_SIZE] = "", shown[NTA_NAME_SHOWN], name[NTA_NAME_SHOWN];
    int rc;

    handle = pcap_create(interface, words);
    if (!handle)
        return nta_err_set(err, -EIO, "cannot capture on %s: %s",
                           nta_capture_shown(interface, name), nta_capture_shown(words, shown));
    if (set_options(handle, &capture->options) != 0)
        return nta_err_set(err, -EINVAL, "cannot set up the capture on %s",
                           nta_capture_shown(interface, name));
    rc = pcap_activate(handle);
    if (rc < 0)
        return explain(capture, handle, rc, err);
    if (pcap_setnonblock(handle, 1, words) < 0)
        return nta_err_set(err, -EIO, "cannot capture on %s: %s",
                           nta_capture_shown(interface, name), nta_capture_shown(words, shown));
    capture->live.n_taken = 0;
    if (capture->options.fanout)
        rc = nta_fanout_join(capture->options.fanout, handle, nta_capture_shown(interface, name),
                             &capture->live.n_taken, err);
    if (rc < 0)
        return rc;
    rc = nta_filter_set(&capture->live.filter, capture->options.filter, interface, handle, err);
    if (rc < 0) {
        leave(capture, &handle);
        return rc;
    }
    capture->live.link_type = pcap_datalink(handle);
    capture->live.if_index = nta_sight_index(&capture->live.watch, interface);
    capture->live.unit_ns =
        pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
    capture->live.handle = NTA_TAKE(handle);
    nta_stats_start(capture);
    return 0;
}

static void close_live(struct nta_capture *capture)
{
    if (!capture->live.handle)
        return;
    nta_stats_end(capture);
    leave(capture, &capture->live.handle);
}

static void take_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct nta_capture *capture = (struct nta_capture *)(void *)user;
    const struct nta_frame frame = {
        .wall_ns = (int64_t)header->ts.tv_sec * NTA_NS_PER_S +
                   (int64_t)header->ts.tv_usec * capture->live.unit_ns,
        .cap_len = header->caplen,
        .wire_len = header->len,
        .link_type = capture->live.link_type,
        .bytes = bytes,
    };

    capture->live.n_taken++;
    nta_capture_packet(capture, &frame);
}

/* ---- what can be seen of it ---- */

/** It is not fine any more, since it last was. */
static void begin_absence(struct nta_capture *capture)
{
    atomic_store_explicit(&capture->blind_since_ns, capture->live.fine_wall_ns,
                          memory_order_relaxed);
    atomic_store_explicit(&capture->blind_from_ns, capture->live.fine_mono_ns,
                          memory_order_release);
}

/** Nothing was seen for that reason until now. */
static void end_absence(struct nta_capture *capture, enum nta_sight why)
{
    struct nta_live *live = &capture->live;
    const int64_t wall_ns = nta_clock_wall_ns(), mono_ns = nta_clock_mono_ns();
    const struct nta_absence absence = {
        .interface = capture->options.interface,
        .sight = why,
        .from_ns = live->fine_wall_ns < wall_ns ? live->fine_wall_ns : wall_ns, /* set back */
        .to_ns = wall_ns,
    };
    const int64_t before_ns = atomic_load_explicit(&capture->blind_ns, memory_order_relaxed);

    atomic_store_explicit(&capture->blind_from_ns, 0, memory_order_release);
    atomic_store_explicit(&capture->blind_ns, before_ns + mono_ns - live->fine_mono_ns,
                          memory_order_release);
    live->fine_wall_ns = wall_ns;
    live->fine_mono_ns = mono_ns;
    if (capture->options.tell_absence)
        capture->options.tell_absence(capture->options.owner, &absence);
}

/** What can be seen of it now; a time without anything is told when it is over. */
static void note_sight(struct nta_capture *capture, enum nta_sight sight)
{
    const enum nta_sight before =
        (enum nta_sight)atomic_load_explicit(&capture->sight, memory_order_relaxed);

    if (before == NTA_SIGHT_FINE && sight == NTA_SIGHT_FINE) {
        capture->live.fine_wall_ns = nta_clock_wall_ns();
        capture->live.fine_mono_ns = nta_clock_mono_ns();
    }
    if (before == sight)
        return;
    if (before != NTA_SIGHT_FINE)
        end_absence(capture, before);
    if (sight != NTA_SIGHT_FINE)
        begin_absence(capture);
    /* behind what was told: who sees it fine again knows that */
    atomic_store_explicit(&capture->sight, (int)sight, memory_order_release);
}

static enum nta_sight look(const struct nta_capture *capture)
{
    return nta_sight_look(&capture->live.watch, capture->options.interface, capture->live.if_index);
}

/** It cannot be read: `r` is what opening it gave. */
static void note_lost(struct nta_capture *capture, int r)
{
    const enum nta_sight sight = look(capture);

    note_sight(capture, r == -ENETDOWN               ? NTA_SIGHT_DOWN
                        : sight == NTA_SIGHT_RENAMED ? NTA_SIGHT_RENAMED
                                                     : NTA_SIGHT_GONE);
}

int nta_live_start(struct nta_capture *capture, struct nta_err *err)
{
    struct nta_live *live = &capture->live;
    int r = nta_sight_open(&live->watch);

    if (r < 0)
        return nta_err_sys(err, r, "cannot ask for interfaces");
    live->fine_wall_ns = nta_clock_wall_ns();
    live->fine_mono_ns = nta_clock_mono_ns();
    r = open_handle(capture, err);
    if (!capture->options.waits || (r != -ENODEV && r != -ENETDOWN))
        return r;
    note_lost(capture, r);
    return 0;
}

void nta_live_end(struct nta_capture *capture)
{
    close_live(capture);
    nta_filter_done(&capture->live.filter);
    nta_sight_close(&capture->live.watch);
}

/* ---- packets ---- */

/**
 * How long packets are waited for.  Whoever merges sources waits for this one's time, also while
 * nothing comes.
 */
static int patience_ms(const struct nta_capture *capture)
{
    return capture->live.n_quiet < QUIET_WAITS || capture->options.is_merged ? WAIT_MS : QUIET_MS;
}

/** Wait for packets and take those that are there: their number, or negative. */
static int take_some(struct nta_capture *capture)
{
    pcap_t *handle = capture->live.handle;
    struct pollfd fds[] = {{.fd = pcap_get_selectable_fd(handle), .events = POLLIN},
                           {.fd = capture->live.watch.news_fd, .events = POLLIN}};

    (void)poll(fds, NTA_N_ELEMENTS(fds), patience_ms(capture));
    if (fds[1].revents && nta_sight_stirs(&capture->live.watch))
        capture->live.stats_mono_ns = 0;
    capture->mono_ns = nta_clock_mono_ns();
    const int n = pcap_dispatch(handle, BATCH, take_packet, (u_char *)capture);

    capture->live.n_quiet = n == 0 ? capture->live.n_quiet + 1 : 0;
    return n;
}

/**
 * No packet from before `until_wall_ns` comes any more, but for what is in the dispatch: workers
 * that merge need not wait for it.  So time goes on here without packets, too.
 */
static void pass(struct nta_capture *capture, int64_t until_wall_ns)
{
    if (!capture->options.is_merged)
        return;
    (void)nta_order_step(&capture->order, until_wall_ns - KERNEL_HOLDS_NS);
    nta_dispatch_flush(capture->dispatch, capture->mono_ns + 1, nta_clock_wall_ns());
    nta_dispatch_pass(capture->dispatch, capture->order.order_ns);
}

/**
 * Wait for packets and take them.  False if the interface is lost, with libpcap's words in `err`.
 */
static bool serve(struct nta_capture *capture, struct nta_err *err)
{
    struct nta_live *live = &capture->live;
    char shown[NTA_NAME_SHOWN];
    const int64_t before_wall_ns = nta_clock_wall_ns();
    int n = take_some(capture);

    nta_canary_serve(capture);
    nta_capture_idle(capture, nta_clock_wall_ns());
    pass(capture, n < BATCH ? before_wall_ns : capture->last_wall_ns);
    if (n < 0) {
        (void)nta_err_set(err, -ENODEV, "%s", nta_capture_shown(pcap_geterr(live->handle), shown));
        return false;
    }
    if (capture->mono_ns < live->stats_mono_ns)
        return true;
    live->stats_mono_ns = capture->mono_ns + LOOK_NS;
    nta_stats_update(capture);
    const enum nta_sight sight = look(capture);

    note_sight(capture, sight);
    if (sight != NTA_SIGHT_GONE && sight != NTA_SIGHT_RENAMED)
        return true;
    (void)nta_err_set(err, -ENODEV,
                      sight == NTA_SIGHT_GONE ? "it is not there any more"
                                              : "it has another name now");
    return false;
}

/** Wait WAIT_MS at most; true if interfaces have changed, and one has the name. */
static bool await_news(struct nta_capture *capture)
{
    struct pollfd news = {.fd = capture->live.watch.news_fd, .events = POLLIN};

    (void)poll(&news, 1, WAIT_MS);
    nta_capture_idle(capture, nta_clock_wall_ns());
    pass(capture, nta_clock_wall_ns());
    return news.revents && nta_sight_stirs(&capture->live.watch) &&
           nta_sight_index(&capture->live.watch, capture->options.interface);
}

/** It is there, and cannot be opened: once for each reason. */
static void say_failed(int r, const char *name, const struct nta_err *failed, struct nta_err *said)
{
    if (r == -ENODEV || r == -ENETDOWN || strcmp(failed->text, said->text) == 0)
        return;
    nta_log_warning("interface %s: %s; it is tried again", name, failed->text);
    *said = *failed;
}

/** Until the interface is there or a stop is asked for. */
static void await_return(struct nta_capture *capture, const struct nta_err *why)
{
    char name[NTA_NAME_SHOWN];
    struct nta_err failed = {0}, said = {0};
    int64_t next_mono_ns = nta_clock_mono_ns() + LOOK_NS; /* what fails at once fails slowly */

    nta_capture_shown(capture->options.interface, name);
    nta_log_info("interface %s: %s; it is waited for", name, why->text);
    while (!capture->live.handle) {
        if (nta_capture_stopped(capture))
            return;
        if (!await_news(capture) && nta_clock_mono_ns() < next_mono_ns)
            continue;
        next_mono_ns = nta_clock_mono_ns() + LOOK_NS;
        int r = open_handle(capture, &failed);

        if (r < 0) {
            note_lost(capture, r);
            say_failed(r, name, &failed, &said);
        }
    }
    note_sight(capture, look(capture));
    nta_log_info("interface %s is back", name);
}

/**
 * A stop came, or the interface went: what the kernel has by now is taken.  It hands over a block
 * that is not full after WAIT_MS.
 */
static void take_rest(struct nta_capture *capture)
{
    int64_t until_ns = nta_clock_mono_ns() + REST_NS;
    int n_empty = 0;

    capture->live.n_quiet = 0;
    while (capture->live.handle && n_empty < 3 && nta_clock_mono_ns() < until_ns) {
        int n = take_some(capture); /* that the interface went is an error first, once */

        n_empty = n > 0 ? 0 : n_empty + 1;
    }
}

void nta_live_run(struct nta_capture *capture)
{
    struct nta_err why = {0};

    if (!capture->live.handle && open_handle(capture, &why) < 0)
        await_return(capture, &why);
    if (capture->options.is_confined)
        (void)nta_confine(NTA_CONFINED_CAPTURES);
    while (!nta_capture_stopped(capture)) {
        if (serve(capture, &why))
            continue;
        take_rest(capture); /* of what came before it was lost */
        note_lost(capture, 0);
        close_live(capture);
        await_return(capture, &why);
    }
    take_rest(capture);
    nta_live_end(capture);
    note_sight(capture, NTA_SIGHT_FINE); /* what is open is told */
}
