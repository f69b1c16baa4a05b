/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The classic capture file: a header of 24 bytes, then records of 16 bytes and the packet
 * (tcpdump.org's pcap-savefile manual page; draft-ietf-opsawg-pcap).  Micro- and nanosecond stamps,
 * both byte orders.  What libpcap would refuse is refused, and what it would still give is given:
 * the same packets come out.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "capture/input.h"
#include "capture/link.h"
#include "capture/state.h"

#include <byteswap.h>
#include <errno.h>
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

/** The sentence for a file that ends inside a record, or that cannot be read further. */
static int cut_off(struct nta_capture *capture, const char *name, uint64_t n_packets,
                   struct nta_err *err)
{
    if (nta_capture_stopped(capture))
        return 0;
    nta_count(&capture->counters, NTA_COUNTER_FILE_BROKEN, 1);
    if (capture->input.error < 0)
        return nta_err_sys(err, capture->input.error, "%s: cannot be read behind packet %llu", name,
                           (unsigned long long)n_packets);
    return nta_err_set(err, -ENODATA, "%s: cut off behind packet %llu: all before was read", name,
                       (unsigned long long)n_packets);
}

static int read_records(struct nta_capture *capture, const struct form *form,
                        const struct nta_link *link, const char *name, struct nta_err *err)
{
    struct nta_input *input = &capture->input;
    struct nta_frame frame = {.link_type = link->link_type};
    uint64_t n_packets = 0;
    size_t present;

    for (; nta_capture_goes_on(capture); n_packets++) {
        const uint8_t *record = nta_input_peek(capture, input, RECORD_LEN, &present);
        uint32_t len;

        if (present < RECORD_LEN)
            return present == 0 && input->error == 0 ? 0 : cut_off(capture, name, n_packets, err);
        frame.wall_ns = load32(record, form->swapped) * NTA_NS_PER_S +
                        load32(record + 4, form->swapped) * form->unit_ns;
        len = load32(record + 8, form->swapped);
        frame.wire_len = load32(record + 12, form->swapped);
        if (len > NTA_CAPTURE_SNAP_MAX) {
            nta_count(&capture->counters, NTA_COUNTER_FILE_BROKEN, 1);
            return nta_err_set(err, -EBADMSG,
                               "%s: broken behind packet %llu: the next one claims %u bytes", name,
                               (unsigned long long)n_packets, len);
        }
        record = nta_input_peek(capture, input, RECORD_LEN + len, &present);
        if (present < RECORD_LEN + len)
            return cut_off(capture, name, n_packets, err);
        frame.bytes = record + RECORD_LEN;
        __builtin_prefetch(frame.bytes +
                           len); /* the next header, while this packet is taken apart */
        frame.cap_len = len < link->snap_len ? len : link->snap_len;
        if (nta_link_passes(link, frame.cap_len, frame.wire_len, frame.bytes))
            nta_capture_packet(capture, &frame);
        nta_input_take(input, RECORD_LEN + len);
    }
    return 0;
}

int nta_pcapfile_read(struct nta_capture *capture, const char *name, struct nta_err *err)
{
    NTA_AUTO(nta_link_done) struct nta_link link = {0};
    struct form form;
    size_t present;
    const uint8_t *header = nta_input_peek(capture, &capture->input, HEADER_LEN, &present);
    int rc;

    (void)form_of(header, &form);
    rc = nta_link_init(header, capture->options.filter, &link, err);
    if (rc < 0)
        return nta_err_prefix(err, rc, "%s", name);
    nta_input_take(&capture->input, HEADER_LEN);
    return read_records(capture, &form, &link, name, err);
}
