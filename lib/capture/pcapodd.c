/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures in rarer forms (modified record headers, versions before 2.4, link types whose headers
 * depend on the byte order), read by libpcap itself through a stream over our input.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "capture/input.h"
#include "capture/link.h"
#include "capture/state.h"

#include <errno.h>
#include <string.h>

NTA_DEFINE_FREE(close_handle, pcap_t, pcap_close)

/** libpcap's stream wants bytes: give those that are there. */
static ssize_t give_bytes(void *cookie, char *buf, size_t size)
{
    struct nta_capture *capture = cookie;
    size_t present;
    const uint8_t *bytes = nta_input_peek(capture, &capture->input, 1, &present);

    if (present > size)
        present = size;
    memcpy(buf, bytes, present);
    nta_input_take(&capture->input, present);
    return (ssize_t)present;
}

static int read_packets(struct nta_capture *capture, pcap_t *handle, const struct nta_link *link,
                        const char *name, struct nta_err *err)
{
    struct nta_frame frame = {.link_type = pcap_datalink(handle)};
    char shown[NTA_NAME_SHOWN];
    struct pcap_pkthdr *header;
    uint64_t n_packets = 0;
    int rc = PCAP_ERROR_BREAK;

    while (nta_capture_goes_on(capture) &&
           (rc = pcap_next_ex(handle, &header, &frame.bytes)) == 1) {
        n_packets++;
        frame.wall_ns = (int64_t)header->ts.tv_sec * NTA_NS_PER_S + (int64_t)header->ts.tv_usec;
        frame.cap_len = header->caplen;
        frame.wire_len = header->len;
        if (nta_link_passes(link, frame.cap_len, frame.wire_len, frame.bytes))
            nta_capture_packet(capture, &frame);
    }
    if (rc == PCAP_ERROR_BREAK || nta_capture_stopped(capture))
        return 0;
    nta_count(&capture->counters, NTA_COUNTER_FILE_BROKEN, 1);
    return nta_err_set(err, -EBADMSG, "%s: broken behind packet %llu: %s", name,
                       (unsigned long long)n_packets,
                       nta_capture_shown(pcap_geterr(handle), shown));
}

int nta_pcapodd_read(struct nta_capture *capture, const char *name, struct nta_err *err)
{
    static const cookie_io_functions_t functions = {.read = give_bytes};
    NTA_AUTO(nta_link_done) struct nta_link link = {0};
    NTA_AUTO(close_handle) pcap_t *handle = NULL;
    NTA_AUTO_FILE FILE *file = fopencookie(capture, "rb", functions);
    char words[PCAP_ERRBUF_SIZE] = "";
    char shown[NTA_NAME_SHOWN];
    int link_rc, rc;

    if (!file)
        return nta_err_set(err, -ENOMEM, "%s: no memory", name);
    handle = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, words);
    if (!handle)
        return nta_err_set(err, -EBADMSG, "%s: not a capture that can be read: %s", name,
                           nta_capture_shown(words, shown));
    (void)NTA_TAKE(file); /* closed with the handle */
    link_rc = nta_link_init_handle(handle, capture->options.filter, &link, err);
    if (link_rc < 0)
        (void)nta_err_prefix(err, link_rc, "%s", name);
    rc = read_packets(capture, handle, &link, name, link_rc < 0 ? NULL : err);
    return link_rc < 0 ? link_rc : rc;
}
