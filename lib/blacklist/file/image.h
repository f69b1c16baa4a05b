/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The parts of a compiled set's file (internal to blacklist/; compiled.h says what it is for).
 */

#include "blacklist/table/set.h"

enum
{
    NTA_IMAGE_PAGE = 4096,
    NTA_IMAGE_COMMON = 512, ///< Bytes of the fingerprint of all lists.
};

enum nta_image_part
{
    NTA_IMAGE_BUCKETS,
    NTA_IMAGE_WAYS,
    NTA_IMAGE_SINGLES,
    NTA_IMAGE_INDEX,
    NTA_IMAGE_PAGES,
    NTA_IMAGE_RANGES,
    NTA_IMAGE_SEGMENTS,
    NTA_IMAGE_URLS,
    NTA_IMAGE_TEXT,
    NTA_IMAGE_MARKS,
    NTA_IMAGE_PATTERNS, ///< Their texts: the table is made from them.
    NTA_IMAGE_LISTS,
    NTA_IMAGE_N_PARTS
};

/** The first page, in this machine's byte order. */
struct nta_image_header
{
    char magic[8];
    uint8_t own_sha256[32]; ///< Of the header, this field zeros.
    uint8_t sha256[32];     ///< Of all behind the first page.
    uint64_t bytes;         ///< Of the file.

    struct
    {
        uint64_t start, bytes;
    } parts[NTA_IMAGE_N_PARTS];
    struct nta_name_keys keys;
    uint64_t n_entries, label_counts, n_marks[NTA_MARK_N_KINDS];
    uint32_t n_lists, common_len;
    uint8_t common[NTA_IMAGE_COMMON];
};

/** What is known of each list, as bytes, and back; the texts of reasons borrow from the bytes. */
void nta_image_put_lists(const struct nta_blacklist *set, struct nta_buf *buf);
/**
 * The lists of a set that has none, from the bytes of a file.  0, -ENOMEM, or -EBADMSG: not what
 * was put.
 */
int nta_image_read_lists(struct nta_blacklist *set, struct nta_span bytes, size_t n_lists);

/**
 * Hang the tables of a header that fits its file into a set.  0, or -EBADMSG: some number leads
 * outside.
 */
int nta_image_attach(struct nta_blacklist *set, const struct nta_image_header *header,
                     uint8_t *image);
