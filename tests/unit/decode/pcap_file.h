/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Just enough of the classic capture file format to walk a file that is in memory: both byte
 * orders, no checks of times.  (IETF draft-ietf-opsawg-pcap.)
 */

#include "base/bytes.h"

#include <byteswap.h>
#include <stdbool.h>
#include <stdint.h>

struct pcap_file
{
    struct nta_reader r;
    bool big_endian;
    uint32_t link_type;
};

struct pcap_record
{
    struct nta_span bytes;
    uint32_t wire_len;
};

static inline uint32_t pcap_u32(struct pcap_file *file)
{
    uint32_t value = nta_read_be32(&file->r);

    return file->big_endian ? value : bswap_32(value);
}

/** False if this is no classic capture file. */
static inline bool pcap_file_open(struct pcap_file *file, const uint8_t *bytes, size_t len)
{
    *file = (struct pcap_file){.r = nta_reader_of(bytes, len)};
    uint32_t magic = nta_read_be32(&file->r);

    file->big_endian = magic == 0xa1b2c3d4 || magic == 0xa1b23c4d;
    nta_reader_skip(&file->r, 16);
    file->link_type = pcap_u32(file) & 0xffff;
    return nta_reader_ok(&file->r) &&
           (file->big_endian || magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1);
}

/** False at the end, or where the file is cut off. */
static inline bool pcap_file_next(struct pcap_file *file, struct pcap_record *record)
{
    nta_reader_skip(&file->r, 8);
    uint32_t cap_len = pcap_u32(file);

    record->wire_len = pcap_u32(file);
    record->bytes = nta_read_span(&file->r, cap_len);
    return nta_reader_ok(&file->r);
}
