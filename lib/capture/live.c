/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A live interface.  The handle never blocks: waiting is done in poll() with 10 ms, so that blocks
 * are handed over in time, a stop is seen, and drops are counted each second.  The kernel's buffer
 * is read without immediate mode: it wakes us for a part of the ring or after 10 ms, not for each
 * packet.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "capture/canary.h"
#include "capture/link.h"
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

enum
{
    BATCH = 4096, ///< Packets between two looks at the clock.
    WAIT_MS = 10,
    BUFFER_MAX = 1U << 30, ///< libpcap takes an int.
    LISTED_SIZE = 200,     ///< For the names of interfaces in a sentence.
    RETRY_MAX_S = 30,
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

static int set_filter(struct nta_capture *capture, pcap_t *handle, struct nta_err *err)
{
    const struct nta_capture_options *options = &capture->options;
    char words[PCAP_ERRBUF_SIZE], name[NTA_NAME_SHOWN];
    struct bpf_program program;
    bpf_u_int32 net, mask;
    int rc;

    if (!options->filter)
        return 0;
    if (pcap_lookupnet(options->interface, &net, &mask, words) < 0)
        mask = PCAP_NETMASK_UNKNOWN;
    rc = nta_link_compile(handle, options->filter, mask, &program, err);
    if (rc < 0)
        return rc;
    rc = pcap_setfilter(handle, &program);
    pcap_freecode(&program);
    if (rc == 0)
        return 0;
    return nta_err_set(err, -EIO, "cannot set the filter on %s: %s",
                       nta_capture_shown(options->interface, name), pcap_geterr(handle));
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

int nta_live_open(struct nta_capture *capture, struct nta_err *err)
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
    rc = set_filter(capture, handle, err);
    if (rc < 0)
        return rc;
    if (pcap_setnonblock(handle, 1, words) < 0)
        return nta_err_set(err, -EIO, "cannot capture on %s: %s",
                           nta_capture_shown(interface, name), nta_capture_shown(words, shown));
    capture->live.link_type = pcap_datalink(handle);
    capture->live.if_index = strcmp(interface, "any") == 0 ? 0 : if_nametoindex(interface);
    capture->live.unit_ns =
        pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
    capture->live.handle = NTA_TAKE(handle);
    nta_stats_start(capture);
    return 0;
}

void nta_live_close(struct nta_capture *capture)
{
    if (!capture->live.handle)
        return;
    nta_stats_update(capture);
    close_handle(&capture->live.handle);
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

    nta_capture_packet(capture, &frame);
}

/** False if the interface under this handle is gone, or another one has its name now. */
static bool still_there(const struct nta_capture *capture)
{
    unsigned if_index = capture->live.if_index;

    return if_index == 0 || if_nametoindex(capture->options.interface) == if_index;
}

/** Wait for packets, WAIT_MS at most, and take those that are there: their number, or negative. */
static int take_some(struct nta_capture *capture)
{
    pcap_t *handle = capture->live.handle;
    struct pollfd pollfd = {.fd = pcap_get_selectable_fd(handle), .events = POLLIN};

    (void)poll(&pollfd, 1, WAIT_MS);
    capture->mono_ns = nta_clock_mono_ns();
    return pcap_dispatch(handle, BATCH, take_packet, (u_char *)capture);
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
    live->stats_mono_ns = capture->mono_ns + NTA_NS_PER_S;
    nta_stats_update(capture);
    if (still_there(capture))
        return true;
    (void)nta_err_set(err, -ENODEV, "it is not there any more");
    return false;
}

/** Try again with growing pauses until the interface is back or a stop is asked for. */
static void await_return(struct nta_capture *capture, const struct nta_err *why)
{
    char name[NTA_NAME_SHOWN];
    int64_t pause_ns = NTA_NS_PER_S;

    nta_capture_shown(capture->options.interface, name);
    nta_log_info("interface %s: %s; trying again until it is back", name, why->text);
    atomic_store_explicit(&capture->away, true, memory_order_relaxed);
    while (!capture->live.handle) {
        int64_t until_ns = nta_clock_mono_ns() + pause_ns;

        while (nta_clock_mono_ns() < until_ns) {
            if (nta_capture_stopped(capture))
                return;
            (void)poll(NULL, 0, WAIT_MS);
            nta_capture_idle(capture, nta_clock_wall_ns());
            pass(capture, nta_clock_wall_ns());
        }
        pause_ns =
            pause_ns < RETRY_MAX_S / 2 * NTA_NS_PER_S ? pause_ns * 2 : RETRY_MAX_S * NTA_NS_PER_S;
        (void)nta_live_open(capture, NULL);
    }
    atomic_store_explicit(&capture->away, false, memory_order_relaxed);
    nta_log_info("interface %s is back", name);
}

/**
 * A stop came: what the kernel has by now is taken.  It hands over a block that is not full after
 * WAIT_MS.
 */
static void take_rest(struct nta_capture *capture)
{
    int64_t until_ns = nta_clock_mono_ns() + REST_NS;
    int n_empty = 0;

    while (capture->live.handle && n_empty < 3 && nta_clock_mono_ns() < until_ns) {
        int n = take_some(capture);

        if (n < 0)
            return;
        n_empty = n > 0 ? 0 : n_empty + 1;
    }
}

void nta_live_run(struct nta_capture *capture)
{
    struct nta_err why = {0};

    while (!nta_capture_stopped(capture)) {
        if (serve(capture, &why))
            continue;
        nta_live_close(capture);
        await_return(capture, &why);
    }
    take_rest(capture);
    nta_live_close(capture);
}
