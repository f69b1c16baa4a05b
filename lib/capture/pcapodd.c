/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures in rarer forms (modified record headers, versions before 2.4, link types whose headers
 * depend on the byte order), read by libpcap itself through a stream over our input.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "capture/filekind.h"
#include "capture/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

NTA_DEFINE_FREE(close_handle, pcap_t, pcap_close)

/** libpcap's stream wants bytes: give those that are there. */
static ssize_t give_bytes(void *cookie, char *buf, size_t size)
{
    struct nta_input *input = cookie;
    size_t present;
    const uint8_t *bytes = nta_input_peek(input, 1, &present);

    if (present > size)
        present = size;
    memcpy(buf, bytes, present);
    nta_input_take(input, present);
    return (ssize_t)present;
}

struct state
{
    pcap_t *handle;
    struct nta_link link;
};

static int next(struct nta_reading *reading)
{
    struct state *state = reading->state;
    struct nta_frame *frame = &reading->frame;
    char shown[NTA_NAME_SHOWN];
    struct pcap_pkthdr *header;
    int rc = PCAP_ERROR_BREAK;

    while (nta_input_goes_on(&reading->input) &&
           (rc = pcap_next_ex(state->handle, &header, &frame->bytes)) == 1) {
        reading->n_packets++;
        frame->wall_ns = (int64_t)header->ts.tv_sec * NTA_NS_PER_S + (int64_t)header->ts.tv_usec;
        frame->cap_len = header->caplen;
        frame->wire_len = header->len;
        if (nta_link_passes(&state->link, frame->cap_len, frame->wire_len, frame->bytes))
            return 1;
    }
    if (rc == PCAP_ERROR_BREAK || nta_capture_stopped(reading->capture))
        return 0;
    nta_count(&reading->capture->counters, NTA_COUNTER_FILE_BROKEN, 1);
    return nta_err_set(reading->rc < 0 ? NULL : &reading->err, -EBADMSG,
                       "%s: broken behind packet %llu: %s", reading->name,
                       (unsigned long long)reading->n_packets,
                       nta_capture_shown(pcap_geterr(state->handle), shown));
}

static int open_stream(struct nta_reading *reading, struct state *state)
{
    static const cookie_io_functions_t functions = {.read = give_bytes};
    NTA_AUTO_FILE FILE *file = fopencookie(&reading->input, "rb", functions);
    char words[PCAP_ERRBUF_SIZE] = "";
    char shown[NTA_NAME_SHOWN];

    if (!file)
        return nta_err_set(&reading->err, -ENOMEM, "%s: no memory", reading->name);
    state->handle =
        pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, words);
    if (!state->handle)
        return nta_err_set(&reading->err, -EBADMSG, "%s: not a capture that can be read: %s",
                           reading->name, nta_capture_shown(words, shown));
    (void)NTA_TAKE(file); /* closed with the handle */
    return 0;
}

static int begin(struct nta_reading *reading)
{
    struct state *state = reading->state = calloc(1, sizeof(*state));

    if (!state)
        return nta_err_set(&reading->err, -ENOMEM, "%s: no memory", reading->name);
    int rc = open_stream(reading, state);

    if (rc < 0)
        return rc;
    reading->frame.link_type = pcap_datalink(state->handle);
    reading->rc = nta_link_init_handle(state->handle, reading->capture->options.filter,
                                       &state->link, &reading->err);
    if (reading->rc < 0)
        (void)nta_err_prefix(&reading->err, reading->rc, "%s", reading->name);
    return 0;
}

static void end(struct nta_reading *reading)
{
    struct state *state = reading->state;

    if (state) {
        nta_link_done(&state->link);
        close_handle(&state->handle);
    }
    free(state);
    reading->state = NULL;
}

const struct nta_file_kind nta_pcapodd = {.begin = begin, .next = next, .end = end};
