/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcapng (draft-ietf-opsawg-pcapng): blocks in sections; a section says its byte order, interfaces
 * say link type and unit of time, packets name their interface.  Read here and not by libpcap,
 * which gives up where interfaces of one file have different link types or snap lengths.
 *
 * Bounds: interfaces per file, link types per file, and a block is held only up to the longest
 * packet; the rest of a longer one is skipped.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "capture/filekind.h"
#include "capture/link.h"
#include "capture/ngtime.h"

#include <byteswap.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2, ///< Obsolete, still met.
    BLOCK_SIMPLE = 3,
    BLOCK_ENHANCED = 6,

    HEAD_LEN = 8,     ///< Type and length.
    BLOCK_MIN = 12,   ///< And the length again.
    SECTION_MIN = 28, ///< Order, version, section length.
    HELD_MAX = NTA_INPUT_PEEK_MAX,
    LINKS_MAX = 32,
    INTERFACES_MAX = 4096,
};

#define ORDER_MAGIC UINT32_C(0x1a2b3c4d)

struct interface
{
    const struct nta_link *link; ///< NULL: its link type is one too many.
    uint32_t snap_len;           ///< 0: no limit.
    struct nta_ngtime time;
};

struct reader
{
    struct nta_reading *reading; ///< Borrowed.
    bool swapped;
    bool has_packet;    ///< The block held one that passes.
    uint32_t block_len; ///< Bytes of the block at work, to be skipped.
    int64_t last_wall_ns;
    size_t n_interfaces, size_interfaces;
    struct interface *interfaces; ///< Owned; of this section.
    size_t n_links;
    struct nta_link links[LINKS_MAX];
};

/** A block's body without type and lengths: what of it is held. */
struct body
{
    const uint8_t *ptr;
    size_t len;      ///< As the block says.
    size_t held_len; ///< Bytes at `ptr`; less than `len` only in a block longer than HELD_MAX.
};

static uint32_t load32(const struct reader *reader, const uint8_t *ptr)
{
    uint32_t value;

    memcpy(&value, ptr, sizeof(value));
    return reader->swapped ? bswap_32(value) : value;
}

static uint16_t load16(const struct reader *reader, const uint8_t *ptr)
{
    uint16_t value;

    memcpy(&value, ptr, sizeof(value));
    return reader->swapped ? bswap_16(value) : value;
}

/** The file breaks its own format here; `why` ends the sentence. */
static int broken(struct reader *reader, const char *why)
{
    struct nta_reading *reading = reader->reading;

    nta_count(&reading->capture->counters, NTA_COUNTER_FILE_BROKEN, 1);
    if (reading->rc < 0)
        return reading->rc;
    return nta_err_set(&reading->err, -EBADMSG, "%s: broken behind packet %llu: %s", reading->name,
                       (unsigned long long)reading->n_packets, why);
}

static int cut_off(struct reader *reader)
{
    struct nta_reading *reading = reader->reading;
    int error = reading->input.error;

    if (nta_capture_stopped(reading->capture))
        return reading->rc;
    if (error == 0)
        return broken(reader, "it is cut off");
    (void)broken(reader, "");
    return nta_err_set(&reading->err, error, "%s: cannot be read behind packet %llu: %s",
                       reading->name, (unsigned long long)reading->n_packets,
                       nta_input_why(&reading->input));
}

/**
 * The link for a number, made when it is first met; NULL if there are too many or libpcap refuses
 * it.
 */
static const struct nta_link *find_link(struct reader *reader, uint32_t number)
{
    struct nta_reading *reading = reader->reading;
    const char *filter = reading->capture->options.filter;
    struct nta_err *err = reading->rc < 0 ? NULL : &reading->err;
    struct nta_link *link;
    int rc;

    for (size_t i = 0; i < reader->n_links; i++)
        if (reader->links[i].number == number)
            return &reader->links[i];
    if (reader->n_links == LINKS_MAX)
        return NULL;
    link = &reader->links[reader->n_links];
    rc = nta_link_init_number(number, NTA_CAPTURE_SNAP_MAX, filter, link, err);
    if (rc < 0 && reading->rc == 0)
        reading->rc = nta_err_prefix(err, rc, "%s", reading->name);
    if (!link->handle)
        return NULL;
    reader->n_links++;
    return link;
}

static int read_interface(struct reader *reader, const struct body *body)
{
    struct interface *interface;

    if (body->held_len < 8)
        return broken(reader, "an interface is described in too few bytes");
    if (reader->n_interfaces == reader->size_interfaces) {
        size_t size = reader->size_interfaces ? reader->size_interfaces * 2 : 8;
        struct interface *more =
            size > INTERFACES_MAX ? NULL : reallocarray(reader->interfaces, size, sizeof(*more));

        if (!more)
            return broken(reader, "it has too many interfaces");
        reader->interfaces = more;
        reader->size_interfaces = size;
    }
    interface = &reader->interfaces[reader->n_interfaces++];
    interface->link = find_link(reader, load16(reader, body->ptr));
    interface->snap_len = load32(reader, body->ptr + 4);
    interface->time = nta_ngtime_of_options(body->ptr + 8, body->held_len - 8, reader->swapped);
    return 0;
}

static int read_section(struct reader *reader)
{
    size_t present;
    const uint8_t *block = nta_input_peek(&reader->reading->input, SECTION_MIN, &present);

    if (present < SECTION_MIN)
        return cut_off(reader);
    reader->swapped = false;
    reader->swapped = load32(reader, block + 8) != ORDER_MAGIC;
    if (load32(reader, block + 8) != ORDER_MAGIC)
        return broken(reader, "a section does not say its byte order");
    if (load16(reader, block + 12) != 1)
        return broken(reader, "a section of another major version than 1");
    reader->n_interfaces = 0;
    return 0;
}

/** One packet of `len` bytes behind `head_len` bytes of the body. */
static int emit(struct reader *reader, const struct body *body, size_t head_len,
                const struct interface *interface)
{
    struct nta_frame *frame = &reader->reading->frame;
    size_t held_len = body->held_len - head_len;

    if (frame->cap_len > body->len - head_len)
        return broken(reader, "a packet is longer than its block");
    if (interface->link && nta_decode_knows_link(interface->link->link_type) &&
        frame->cap_len > NTA_CAPTURE_SNAP_MAX)
        return broken(reader, "a packet is longer than any can be");
    reader->reading->n_packets++;
    if (!interface->link)
        return 0;
    if (frame->cap_len > held_len)
        frame->cap_len = (uint32_t)held_len;
    frame->bytes = body->ptr + head_len;
    frame->link_type = interface->link->link_type;
    reader->has_packet =
        nta_link_passes(interface->link, frame->cap_len, frame->wire_len, frame->bytes);
    if (reader->has_packet)
        reader->last_wall_ns = frame->wall_ns;
    return 0;
}

/** Enhanced and obsolete packet blocks differ in the width of the interface's number only. */
static int read_packet(struct reader *reader, const struct body *body, bool obsolete)
{
    struct nta_frame *frame = &reader->reading->frame;
    const struct interface *interface;
    uint32_t number;

    if (body->held_len < 20)
        return broken(reader, "a packet's block is too short");
    number = obsolete ? load16(reader, body->ptr) : load32(reader, body->ptr);
    if (number >= reader->n_interfaces)
        return broken(reader, "a packet names an interface that is not described");
    interface = &reader->interfaces[number];
    frame->wall_ns = nta_ngtime_ns(&interface->time, (uint64_t)load32(reader, body->ptr + 4) << 32 |
                                                         load32(reader, body->ptr + 8));
    frame->cap_len = load32(reader, body->ptr + 12);
    frame->wire_len = load32(reader, body->ptr + 16);
    return emit(reader, body, 20, interface);
}

/** A simple packet has no time of its own: it gets that of the packet before it. */
static int read_simple(struct reader *reader, const struct body *body)
{
    struct nta_frame *frame = &reader->reading->frame;
    const struct interface *interface = reader->interfaces;

    if (body->held_len < 4)
        return broken(reader, "a packet's block is too short");
    if (reader->n_interfaces == 0)
        return broken(reader, "a packet names an interface that is not described");
    frame->wall_ns = reader->last_wall_ns;
    frame->cap_len = frame->wire_len = load32(reader, body->ptr);
    if (interface->snap_len > 0 && frame->cap_len > interface->snap_len)
        frame->cap_len = interface->snap_len;
    return emit(reader, body, 4, interface);
}

static int read_body(struct reader *reader, uint32_t type, const struct body *body)
{
    switch (type) {
    case BLOCK_INTERFACE: return read_interface(reader, body);
    case BLOCK_PACKET: return read_packet(reader, body, true);
    case BLOCK_SIMPLE: return read_simple(reader, body);
    case BLOCK_ENHANCED: return read_packet(reader, body, false);
    default: return 0; /* statistics, names, secrets, whatever comes: skipped */
    }
}

/**
 * Read one block, and leave it there.  1: go on; 0: clean end; negative errno: the end, with the
 * sentence.
 */
static int read_block(struct reader *reader)
{
    struct nta_input *input = &reader->reading->input;
    struct body body;
    size_t present;
    const uint8_t *block = nta_input_peek(input, HEAD_LEN, &present);
    uint32_t type, len;
    int rc = 0;

    if (present == 0 && input->error == 0)
        return 0;
    if (present < HEAD_LEN)
        return cut_off(reader);
    type = load32(reader, block); /* a section's type is a palindrome */
    if (type == BLOCK_SECTION && (rc = read_section(reader)) != 0)
        return rc;
    block = nta_input_peek(input, HEAD_LEN, &present);
    len = load32(reader, block + 4);
    if (len < BLOCK_MIN || len % 4 != 0 || (type == BLOCK_SECTION && len < SECTION_MIN))
        return broken(reader, "a block's length is impossible");
    block = nta_input_peek(input, len < HELD_MAX ? len : HELD_MAX, &present);
    if (present < len && present < HELD_MAX)
        return cut_off(reader);
    if (len <= HELD_MAX && load32(reader, block + len - 4) != len)
        return broken(reader, "a block's two lengths differ");
    body = (struct body){.ptr = block + HEAD_LEN, .len = len - BLOCK_MIN};
    body.held_len = len <= HELD_MAX ? body.len : HELD_MAX - HEAD_LEN;
    reader->block_len = len;
    rc = read_body(reader, type, &body);
    return rc < 0 ? rc : 1;
}

static int next(struct nta_reading *reading)
{
    struct reader *reader = reading->state;
    int rc = 1;

    reader->has_packet = false;
    while (rc > 0 && !reader->has_packet) {
        if (!nta_input_skip(&reading->input, reader->block_len))
            return cut_off(reader);
        reader->block_len = 0;
        if (!nta_input_goes_on(&reading->input))
            return 0;
        rc = read_block(reader);
    }
    return rc;
}

static int begin(struct nta_reading *reading)
{
    struct reader *reader = reading->state = calloc(1, sizeof(*reader));

    if (!reader)
        return nta_err_set(&reading->err, -ENOMEM, "%s: no memory", reading->name);
    reader->reading = reading;
    return 0;
}

static void end(struct nta_reading *reading)
{
    struct reader *reader = reading->state;

    for (size_t i = 0; reader && i < reader->n_links; i++)
        nta_link_done(&reader->links[i]);
    if (reader)
        free(reader->interfaces);
    free(reader);
    reading->state = NULL;
}

const struct nta_file_kind nta_pcapng = {.begin = begin, .next = next, .end = end};
