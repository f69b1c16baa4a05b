/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a live source lost before we saw it, each loss under its own name:
 *
 *   kernel:    packets that passed the filter but found libpcap's kernel buffer full (ps_drop).
 *   interface: packets that the card or its driver lost, whatever they were: the larger of what
 *   libpcap says
 *              (ps_ifdrop) and the interface's own rx_dropped + rx_missed_errors, both since the
 *              source was opened.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "capture/state.h"

#include <pcap/pcap.h>
#include <string.h>

enum
{
    PATH_SIZE = 128,
    LINE_SIZE = 32
};

/** One number of the interface, 0 if there is none. */
static uint64_t interface_number(const char *root, const char *interface, const char *what)
{
    char path[PATH_SIZE], line[LINE_SIZE];
    NTA_AUTO_FILE FILE *file = NULL;
    int len = snprintf(path, sizeof(path), "%s/%s/statistics/%s", root, interface, what);

    /* a name with a slash would lead elsewhere */
    if (strchr(interface, '/') || len < 0 || (size_t)len >= sizeof(path))
        return 0;
    file = fopen(path, "re");
    return file && fgets(line, sizeof(line), file) ? strtoull(line, NULL, 10) : 0;
}

uint64_t nta_stats_interface_drops(const char *root, const char *interface)
{
    return interface_number(root, interface, "rx_dropped") +
           interface_number(root, interface, "rx_missed_errors");
}

static uint64_t interface_drops(const char *interface)
{
    return nta_stats_interface_drops("/sys/class/net", interface);
}

void nta_stats_start(struct nta_capture *capture)
{
    struct nta_live *live = &capture->live;

    live->drop_seen = 0;
    live->if_seen = 0;
    live->if_base = interface_drops(capture->options.interface);
    live->stats_mono_ns = 0;
}

void nta_stats_update(struct nta_capture *capture)
{
    struct nta_live *live = &capture->live;
    uint64_t now = interface_drops(capture->options.interface);
    uint64_t if_drops = now > live->if_base ? now - live->if_base : 0;
    struct pcap_stat stat = {0};

    if (!live->handle || pcap_stats(live->handle, &stat) != 0)
        return;
    /* 32 bits that wrap: the difference is right all the same */
    nta_count(&capture->counters, NTA_COUNTER_DROP_KERNEL, stat.ps_drop - live->drop_seen);
    live->drop_seen = stat.ps_drop;
    if (stat.ps_ifdrop > if_drops)
        if_drops = stat.ps_ifdrop;
    if (if_drops > live->if_seen) {
        nta_count(&capture->counters, NTA_COUNTER_DROP_INTERFACE, if_drops - live->if_seen);
        live->if_seen = if_drops;
    }
}
