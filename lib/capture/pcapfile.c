/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The classic capture file: a header of 24 bytes, then records of 16 bytes and the packet
 * (tcpdump.org's pcap-savefile manual page; draft-ietf-opsawg-pcap).  Micro- and nanosecond stamps,
 * both byte orders.  What libpcap would refuse is refused, and what it would still give is given:
 * the same packets come out.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "capture/filekind.h"
#include "capture/link.h"

#include <byteswap.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    HEADER_LEN = 24,
    RECORD_LEN = 16
};

#define MAGIC_US UINT32_C(0xa1b2c3d4)
#define MAGIC_NS UINT32_C(0xa1b23c4d)

struct form
{
    bool swapped;
    int64_t unit_ns; ///< Of the fraction in each stamp.
};

static uint32_t load32(const uint8_t *ptr, bool swapped)
{
    uint32_t value;

    memcpy(&value, ptr, sizeof(value));
    return swapped ? bswap_32(value) : value;
}

static bool form_of(const uint8_t *header, struct form *ret_form)
{
    uint32_t magic = load32(header, false);
    bool swapped = magic == bswap_32(MAGIC_US) || magic == bswap_32(MAGIC_NS);

    magic = load32(header, swapped);
    *ret_form = (struct form){.swapped = swapped, .unit_ns = magic == MAGIC_NS ? 1 : 1000};
    return magic == MAGIC_US || magic == MAGIC_NS;
}

bool nta_pcapfile_reads(const uint8_t header[24])
{
    static const uint32_t major_minor = 2U | 4U << 16;
    struct form form;
    uint32_t version, link;

    if (!form_of(header, &form))
        return false;
    version = load32(header + 4, false);
    if (form.swapped)
        version = (uint32_t)bswap_16((uint16_t)version) |
                  (uint32_t)bswap_16((uint16_t)(version >> 16)) << 16;
    /* before 2.4 the lengths may stand in the other order */
    if (version != major_minor)
        return false;
    /* some link types carry numbers in the order of who captured, which libpcap turns round */
    link = load32(header + 20, form.swapped) & 0xffff;
    return (link == DLT_EN10MB || !form.swapped) && nta_decode_knows_link((int)link);
}

struct state
{
    struct form form;
    struct nta_link link;
    size_t taken; ///< Bytes of the record that was given last.
};

/** The sentence for a file that ends inside a record, or that cannot be read further. */
static int cut_off(struct nta_reading *reading)
{
    struct nta_capture *capture = reading->capture;

    if (nta_capture_stopped(capture))
        return 0;
    nta_count(&capture->counters, NTA_COUNTER_FILE_BROKEN, 1);
    if (reading->input.error < 0)
        return nta_err_set(&reading->err, reading->input.error,
                           "%s: cannot be read behind packet %llu: %s", reading->name,
                           (unsigned long long)reading->n_packets, nta_input_why(&reading->input));
    return nta_err_set(&reading->err, -ENODATA,
                       "%s: cut off behind packet %llu: all before was read", reading->name,
                       (unsigned long long)reading->n_packets);
}

/** One record, of `state->taken` bytes then.  As next(), but also 1 of what does not pass. */
static int read_record(struct nta_reading *reading, struct state *state)
{
    struct nta_input *input = &reading->input;
    struct nta_frame *frame = &reading->frame;
    const bool swapped = state->form.swapped;
    size_t present;
    const uint8_t *record = nta_input_peek(input, RECORD_LEN, &present);

    if (present < RECORD_LEN)
        return present == 0 && input->error == 0 ? 0 : cut_off(reading);
    const uint32_t len = load32(record + 8, swapped);

    frame->wall_ns =
        load32(record, swapped) * NTA_NS_PER_S + load32(record + 4, swapped) * state->form.unit_ns;
    frame->wire_len = load32(record + 12, swapped);
    if (len > NTA_CAPTURE_SNAP_MAX) {
        nta_count(&reading->capture->counters, NTA_COUNTER_FILE_BROKEN, 1);
        return nta_err_set(&reading->err, -EBADMSG,
                           "%s: broken behind packet %llu: the next one claims %u bytes",
                           reading->name, (unsigned long long)reading->n_packets, len);
    }
    record = nta_input_peek(input, RECORD_LEN + len, &present);
    if (present < RECORD_LEN + len)
        return cut_off(reading);
    frame->bytes = record + RECORD_LEN;
    /* the next header, while this packet is taken apart */
    __builtin_prefetch(frame->bytes + len);
    frame->cap_len = len < state->link.snap_len ? len : state->link.snap_len;
    state->taken = RECORD_LEN + len;
    return 1;
}

static int next(struct nta_reading *reading)
{
    const struct nta_frame *frame = &reading->frame;
    struct state *state = reading->state;

    while (nta_input_goes_on(&reading->input)) {
        nta_input_take(&reading->input, state->taken);
        reading->n_packets += state->taken > 0;
        state->taken = 0;
        int rc = read_record(reading, state);

        if (rc <= 0)
            return rc;
        if (nta_link_passes(&state->link, frame->cap_len, frame->wire_len, frame->bytes))
            return 1;
    }
    return 0;
}

static int begin(struct nta_reading *reading)
{
    struct state *state = reading->state = calloc(1, sizeof(*state));
    size_t present;
    const uint8_t *header = nta_input_peek(&reading->input, HEADER_LEN, &present);

    if (!state)
        return nta_err_set(&reading->err, -ENOMEM, "%s: no memory", reading->name);
    (void)form_of(header, &state->form);
    int rc = nta_link_init(header, reading->capture->options.filter, &state->link, &reading->err);

    if (rc < 0)
        return nta_err_prefix(&reading->err, rc, "%s", reading->name);
    reading->frame.link_type = state->link.link_type;
    nta_input_take(&reading->input, HEADER_LEN);
    return 0;
}

static void end(struct nta_reading *reading)
{
    struct state *state = reading->state;

    if (state)
        nta_link_done(&state->link);
    free(state);
    reading->state = NULL;
}

const struct nta_file_kind nta_pcapfile = {.begin = begin, .next = next, .end = end};
