/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/pcapng_write.h"

#include <string.h>

enum
{
    SECTION = 0x0a0d0d0a,
    INTERFACE = 1,
    PACKET = 6,
    MAGIC = 0x1a2b3c4d,
    OPT_END = 0,
    OPT_COMMENT = 1,
    OPT_HARDWARE = 2,
    OPT_OS = 3,
    OPT_APPLICATION = 4,
    OPT_FLAGS = 2,
    OPT_RESOLUTION = 9,
    NANOSECONDS = 9,
    BLOCK_AROUND = 12, ///< Type, length, and the length again.
    SECTION_FIXED = 16,
    INTERFACE_FIXED = 8,
    TEXT_MAX = 65535,
};

static void put16(struct nta_buf *out, unsigned value)
{
    const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};

    nta_buf_put(out, bytes, sizeof(bytes));
}

static void put32(struct nta_buf *out, uint32_t value)
{
    put16(out, value & 0xffff);
    put16(out, value >> 16);
}

static void put_padding(struct nta_buf *out, size_t len)
{
    static const uint8_t zeros[3];

    nta_buf_put(out, zeros, (4 - len % 4) % 4);
}

static void put_option(struct nta_buf *out, unsigned code, struct nta_span value)
{
    size_t len = value.len < TEXT_MAX ? value.len : TEXT_MAX;

    if (len == 0)
        return;
    put16(out, code);
    put16(out, (unsigned)len);
    nta_buf_put(out, value.ptr, len);
    put_padding(out, len);
}

static void put_end_of_options(struct nta_buf *out)
{
    put32(out, OPT_END);
}

/** Begin a block; gives where its length stands. */
static size_t open_block(struct nta_buf *out, uint32_t type)
{
    put32(out, type);
    put32(out, 0);
    return out->len - 4;
}

static void close_block(struct nta_buf *out, size_t length_at)
{
    uint32_t len = (uint32_t)(out->len + 8 - length_at);

    put32(out, len);
    if (!out->failed)
        memcpy(out->ptr + length_at, out->ptr + out->len - 4, 4);
}

void nta_pcapng_begin(struct nta_buf *out, const struct nta_pcapng_head *head)
{
    size_t block = open_block(out, SECTION);

    put32(out, MAGIC);
    put16(out, 1);
    put16(out, 0);
    put32(out, UINT32_MAX); /* the section's length is not said */
    put32(out, UINT32_MAX);
    put_option(out, OPT_HARDWARE, head->hardware);
    put_option(out, OPT_OS, head->os);
    put_option(out, OPT_APPLICATION, head->application);
    for (size_t i = 0; i < head->n_comments; i++)
        put_option(out, OPT_COMMENT, head->comments[i]);
    put_end_of_options(out);
    close_block(out, block);
}

void nta_pcapng_interface(struct nta_buf *out, uint16_t link_type)
{
    static const uint8_t resolution[] = {NANOSECONDS};
    size_t block = open_block(out, INTERFACE);

    put16(out, link_type);
    put16(out, 0);
    put32(out, 0); /* no limit: what was cut says so by its lengths */
    put_option(out, OPT_RESOLUTION, (struct nta_span){resolution, sizeof(resolution)});
    put_end_of_options(out);
    close_block(out, block);
}

void nta_pcapng_packet(struct nta_buf *out, const struct nta_pcapng_packet *packet)
{
    size_t block = open_block(out, PACKET);
    uint64_t wall_ns = (uint64_t)packet->wall_ns;

    put32(out, packet->interface);
    put32(out, (uint32_t)(wall_ns >> 32));
    put32(out, (uint32_t)wall_ns);
    put32(out, (uint32_t)packet->bytes.len);
    put32(out, packet->wire_len);
    nta_buf_put(out, packet->bytes.ptr, packet->bytes.len);
    put_padding(out, packet->bytes.len);
    if (packet->flags) {
        put16(out, OPT_FLAGS);
        put16(out, 4);
        put32(out, packet->flags);
    }
    put_option(out, OPT_COMMENT, packet->comment);
    if (packet->flags || packet->comment.len)
        put_end_of_options(out);
    close_block(out, block);
}

/* ---- reading ---- */

static uint16_t get16(struct nta_reader *r)
{
    return __builtin_bswap16(nta_read_be16(r));
}

static uint32_t get32(struct nta_reader *r)
{
    return __builtin_bswap32(nta_read_be32(r));
}

struct block
{
    uint32_t type;
    struct nta_reader body;
};

/** Take one block; false: there is none, or it is broken. */
static bool next_block(struct nta_reader *r, struct block *ret_block)
{
    uint32_t type = get32(r), len = get32(r);

    if (!nta_reader_ok(r) || len < BLOCK_AROUND || len % 4 != 0)
        return false;
    struct nta_reader body = nta_read_sub(r, len - BLOCK_AROUND);
    uint32_t again = get32(r);

    *ret_block = (struct block){.type = type, .body = body};
    return nta_reader_ok(r) && again == len;
}

/** Pass over a block's options; each is whole, and the end is said or reached. */
static bool check_options(struct nta_reader *r, struct nta_pcapng_counts *counts)
{
    while (nta_reader_left(r) > 0) {
        uint16_t code = get16(r), len = get16(r);

        nta_reader_skip(r, ((size_t)len + 3) & ~(size_t)3);
        if (!nta_reader_ok(r))
            return false;
        if (code == OPT_END)
            return len == 0 && nta_reader_left(r) == 0;
        counts->n_comments += code == OPT_COMMENT;
    }
    return nta_reader_ok(r);
}

static bool check_packet(struct nta_reader *r, struct nta_pcapng_counts *counts)
{
    uint32_t interface = get32(r);

    nta_reader_skip(r, 8);
    uint32_t cap_len = get32(r), wire_len = get32(r);

    nta_reader_skip(r, ((size_t)cap_len + 3) & ~(size_t)3);
    if (!nta_reader_ok(r) || interface >= counts->n_interfaces)
        return false;
    counts->n_packets++;
    counts->n_cut += wire_len > cap_len;
    return check_options(r, counts);
}

static bool check_block(struct block *block, struct nta_pcapng_counts *counts)
{
    switch (block->type) {
    case INTERFACE:
        nta_reader_skip(&block->body, INTERFACE_FIXED);
        counts->n_interfaces++;
        return nta_reader_ok(&block->body) && check_options(&block->body, counts);
    case PACKET: return check_packet(&block->body, counts);
    default: return false;
    }
}

/** The options of a section's head; its end mark is left out, since more follow. */
static bool copy_options(struct nta_reader *r, struct nta_buf *out)
{
    while (nta_reader_left(r) > 0) {
        const size_t from = nta_reader_offset(r);
        uint16_t code = get16(r), len = get16(r);

        nta_reader_skip(r, ((size_t)len + 3) & ~(size_t)3);
        if (!nta_reader_ok(r))
            return false;
        if (code == OPT_END)
            return nta_reader_left(r) == 0;
        const struct nta_span option = nta_reader_since(r, from);

        nta_buf_put(out, option.ptr, option.len);
    }
    return true;
}

static bool copy_head(struct block *head, const struct nta_span *comments, size_t n_comments,
                      struct nta_buf *out)
{
    size_t block = open_block(out, SECTION);
    struct nta_span fixed = nta_read_span(&head->body, SECTION_FIXED);

    if (!nta_reader_ok(&head->body))
        return false;
    nta_buf_put(out, fixed.ptr, fixed.len);
    if (!copy_options(&head->body, out))
        return false;
    for (size_t i = 0; i < n_comments; i++)
        put_option(out, OPT_COMMENT, comments[i]);
    put_end_of_options(out);
    close_block(out, block);
    return true;
}

/** The section's head, and that all behind it are blocks of ours. */
static bool check(struct nta_span section, struct block *ret_head, struct nta_span *ret_rest,
                  struct nta_pcapng_counts *counts)
{
    struct nta_reader r = nta_reader_of(section.ptr, section.len);
    struct block block;

    if (!next_block(&r, ret_head) || ret_head->type != SECTION)
        return false;
    struct nta_reader head = ret_head->body;

    if (get32(&head) != MAGIC || get16(&head) != 1)
        return false;
    nta_reader_skip(&head, SECTION_FIXED - 6);
    if (!nta_reader_ok(&head) || !check_options(&head, counts))
        return false;
    *ret_rest = nta_reader_rest(&r);
    while (nta_reader_left(&r) > 0)
        if (!next_block(&r, &block) || !check_block(&block, counts))
            return false;
    return true;
}

bool nta_pcapng_annotate(struct nta_span section, const struct nta_span *comments,
                         size_t n_comments, struct nta_buf *out,
                         struct nta_pcapng_counts *ret_counts)
{
    struct nta_pcapng_counts counts = {0};
    struct block head;
    struct nta_span rest;

    if (!check(section, &head, &rest, &counts))
        return false;
    if (out) {
        size_t before = out->len;

        if (!copy_head(&head, comments, n_comments, out)) {
            out->len = before;
            return false;
        }
        nta_buf_put(out, rest.ptr, rest.len);
    }
    *ret_counts = counts;
    return true;
}
