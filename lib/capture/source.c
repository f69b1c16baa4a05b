/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/memory.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/confine.h"
#include "capture/capture.h"
#include "capture/datagrams.h"
#include "capture/input.h"
#include "capture/link.h"
#include "capture/put.h"
#include "capture/state.h"
#include "decode/fragment.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <string.h>
#include <sys/stat.h>

enum
{
    FRAGMENT_DATAGRAMS = 4096,
    FRAGMENT_BYTES = 16 * 1024 * 1024,
};

NTA_DEFINE_FREE(close_handle, pcap_t, pcap_close)

static int check_filter(const char *filter, int link_type, struct nta_err *err)
{
    NTA_AUTO(close_handle) pcap_t *handle = pcap_open_dead(link_type, NTA_CAPTURE_SNAP_MAX);
    struct bpf_program program;
    int rc;

    if (!handle)
        return nta_err_set(err, -ENOMEM, "no memory to compile the filter");
    rc = nta_link_compile(handle, filter, PCAP_NETMASK_UNKNOWN, &program, err);
    if (rc == 0)
        pcap_freecode(&program);
    return rc;
}

int nta_capture_check_filter(const char *filter, int link_type, struct nta_err *err)
{
    return check_filter(filter, link_type < 0 ? DLT_EN10MB : link_type, err);
}

/**
 * Files: a filter may make sense on one kind of link only; each file's own is tried when it is
 * read.
 */
static int check_filter_any(const char *filter, struct nta_err *err)
{
    static const int link_types[] = {DLT_RAW, DLT_LINUX_SLL, DLT_IEEE802_11_RADIO};
    struct nta_err ethernet_err = {0};
    int rc = check_filter(filter, DLT_EN10MB, &ethernet_err);

    for (size_t i = 0; rc < 0 && i < NTA_N_ELEMENTS(link_types); i++)
        rc = check_filter(filter, link_types[i], NULL);
    return rc < 0 ? nta_err_set(err, rc, "%s", ethernet_err.text) : 0;
}

static void sum_sizes(struct nta_capture *capture)
{
    const struct nta_capture_options *options = &capture->options;
    uint64_t bytes = 0;
    struct stat st;

    for (size_t i = 0; i < options->n_files; i++)
        if (strcmp(options->files[i], "-") != 0 && stat(options->files[i], &st) == 0 &&
            S_ISREG(st.st_mode))
            bytes += (uint64_t)st.st_size;
    atomic_store_explicit(&capture->bytes_all, bytes, memory_order_relaxed);
}

/** The filter of one that is waited for can only be tried on some kind of link. */
static int open_interface(struct nta_capture *capture, struct nta_err *err)
{
    const char *filter = capture->options.filter;
    int r = nta_live_start(capture, err);

    return r == 0 && !capture->live.handle && filter ? check_filter_any(filter, err) : r;
}

static int open_source(struct nta_capture *capture, struct nta_err *err)
{
    const struct nta_capture_options *options = &capture->options;

    if (options->interface)
        return open_interface(capture, err);
    if (options->n_files == 0)
        return nta_err_set(err, -EINVAL, "neither an interface nor a file to read");
    if (options->filter && check_filter_any(options->filter, err) < 0)
        return -EINVAL;
    sum_sizes(capture);
    int rc = nta_files_open(capture, err);

    /* tried again when it is its turn, and said then */
    return options->n_files > 1 || rc == -EISDIR ? 0 : rc;
}

static void init_decoding(struct nta_capture *capture)
{
    const struct nta_decode counted = {.key = capture->options.key,
                                       .counters = &capture->counters,
                                       .unknowns = &capture->unknowns};

    capture->frames.decode = capture->datagrams.decode = capture->hearsay.decode = counted;
    capture->frames.decode.outer_packets = &capture->frames.outer_packets;
    capture->datagrams.decode.outer_packets = &capture->datagrams.outer_packets;
    capture->hearsay.decode.counters = &capture->unheard;
    capture->hearsay.decode.unknowns = &capture->unheard_of;
}

int nta_capture_open(const struct nta_capture_options *options, struct nta_dispatch *dispatch,
                     struct nta_capture **ret_capture, struct nta_err *err)
{
    const struct nta_fragment_options fragment = {
        .n_datagrams = FRAGMENT_DATAGRAMS,
        .bytes = FRAGMENT_BYTES,
    };
    NTA_AUTO(nta_capture_free)
    struct nta_capture *capture = nta_memory_new(sizeof(*capture), alignof(struct nta_capture));
    int rc;

    if (!capture)
        return nta_err_set(err, -ENOMEM, "no memory for a capture");
    capture->options = *options;
    capture->live.watch = NTA_SIGHT_CLOSED;
    capture->live.link_type = -1;
    capture->dispatch = dispatch;
    capture->n_workers = dispatch ? nta_dispatch_n_workers(dispatch) : 1;
    assert(capture->n_workers == 1 || options->whose);
    init_decoding(capture);
    capture->quiet_until_ns = INT64_MAX;
    rc = nta_fragments_new(&fragment, &capture->counters, &capture->fragments, err);
    if (rc == 0)
        rc = open_source(capture, err);
    if (rc < 0)
        return rc;
    *ret_capture = NTA_TAKE(capture);
    return 0;
}

void nta_capture_free(struct nta_capture **capture)
{
    if (!*capture)
        return;
    nta_live_end(*capture);
    nta_files_close(*capture);
    nta_fragments_free(&(*capture)->fragments);
    free(*capture);
    *capture = NULL;
}

int nta_capture_try(const struct nta_capture_options *options, int *ret_link_type,
                    struct nta_err *err)
{
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    struct nta_capture_options unfiltered = *options;

    unfiltered.filter = NULL;
    unfiltered.waits = false;
    int r = nta_capture_open(&unfiltered, NULL, &capture, err);

    if (r == 0 && capture)
        *ret_link_type = capture->live.link_type;
    return r;
}

/**
 * Files have ended: each worker is told how late it is then, whosever the last packet was, so that
 * what was over by then ends as such.
 */
static void tell_end(struct nta_capture *capture)
{
    const struct nta_packet last = {
        .kind = NTA_PACKET_OTHER,
        .flags = NTA_PACKET_MADE_UP,
        .wall_ns = capture->last_wall_ns,
        .order_ns = capture->order.order_ns,
        .source = capture->options.source,
    };

    if (capture->order.n_clocks == 0)
        return;
    for (uint32_t worker = 0; worker < capture->n_workers; worker++)
        nta_capture_put_to(capture, worker, &last, (const uint8_t *)"", NTA_COUNTER_DROP_HEARSAY);
}

int nta_capture_run(struct nta_capture *capture, struct nta_err *err)
{
    int rc = 0;

    if (capture->options.interface) {
        nta_live_run(capture);
        capture->last_wall_ns = nta_clock_wall_ns();
    } else {
        /* names in a filter are looked up as the files come */
        if (capture->options.is_confined && !capture->options.filter)
            (void)nta_confine(NTA_CONFINED_READS);
        rc = nta_files_run(capture, err);
    }
    nta_datagrams_expire(capture, NTA_FRAGMENTS_END);
    if (!capture->options.interface)
        tell_end(capture);
    nta_dispatch_end(capture->dispatch, capture->last_wall_ns);
    return rc;
}

void nta_capture_stop(struct nta_capture *capture)
{
    atomic_store_explicit(&capture->stop, true, memory_order_relaxed);
}

void nta_capture_ask(struct nta_capture *capture, uint64_t ticket)
{
    atomic_store_explicit(&capture->canary_asked, ticket, memory_order_release);
}

const struct nta_counters *nta_capture_counters(const struct nta_capture *capture)
{
    return &capture->counters;
}

const struct nta_unknowns *nta_capture_unknowns(const struct nta_capture *capture)
{
    return &capture->unknowns;
}

const char *nta_capture_link(const struct nta_capture *capture, char buf[NTA_CAPTURE_LINK_SIZE])
{
    const int link_type = capture->live.link_type; /* of files, none is set */
    const char *name = link_type < 0 ? "" : pcap_datalink_val_to_name(link_type);

    if (name)
        (void)snprintf(buf, NTA_CAPTURE_LINK_SIZE, "%s", name);
    else
        (void)snprintf(buf, NTA_CAPTURE_LINK_SIZE, "%d", link_type);
    return buf;
}

enum nta_sight nta_capture_sight(const struct nta_capture *capture)
{
    return (enum nta_sight)atomic_load_explicit(&capture->sight, memory_order_acquire);
}

int64_t nta_capture_blind_since(const struct nta_capture *capture)
{
    return atomic_load_explicit(&capture->blind_since_ns, memory_order_relaxed);
}

/* In the other order than written: at the moment when a time ends it is told short, not twice. */
int64_t nta_capture_blind_ns(const struct nta_capture *capture, int64_t mono_ns)
{
    const int64_t before_ns = atomic_load_explicit(&capture->blind_ns, memory_order_acquire);
    const int64_t from_ns = atomic_load_explicit(&capture->blind_from_ns, memory_order_acquire);

    return from_ns && mono_ns > from_ns ? before_ns + mono_ns - from_ns : before_ns;
}

void nta_capture_progress(const struct nta_capture *capture, uint64_t *ret_done, uint64_t *ret_all)
{
    *ret_done = atomic_load_explicit(&capture->bytes_done, memory_order_relaxed);
    *ret_all = atomic_load_explicit(&capture->bytes_all, memory_order_relaxed);
}
