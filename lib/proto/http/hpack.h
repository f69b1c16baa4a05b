/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Header blocks of HTTP/2 (HPACK, RFC 7541): method, authority, path and Host field of each
 * request, and where it came from; of an answer its status and what it says of its content.
 *
 * What a block says of later ones is kept in a table (section 2.3.2) of the size that all begin
 * with.  Of a larger one the newest are kept; a field that is not there any more is left out, and
 * said (`is_cut`).  So is what stood in a table before it was lost (nta_hpack_lose()).  Values of
 * fields that hold credentials are never kept.
 *
 * Texts are at most what `buf` holds, and of characters that a URL may have; others are left out.
 */

#include "base/bytes.h"
#include "proto/http/http_origin.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_HPACK_BUF_SIZE = 4096,
    NTA_HPACK_NAME_SIZE = 320,   ///< Of a host and its port; what is longer is none.
    NTA_HPACK_TABLE_SIZE = 4096, ///< RFC 9113 section 6.5.2.
    NTA_HPACK_ENTRIES_MAX = NTA_HPACK_TABLE_SIZE / 32, ///< RFC 7541 section 4.1.
};

/** Of one direction of a connection, all of requests or all of answers; all zeros: it begins. */
struct nta_hpack_table
{
    bool is_resized;
    bool is_lost;           ///< Blocks were not read: older entries are not known.
    uint32_t limit;         ///< If resized, what the client keeps to.
    uint32_t used;          ///< Sizes of the entries, as section 4.1 counts them.
    uint16_t n, first, end; ///< The oldest entry, and where the next text goes.

    /** In a ring, as are the texts, each name with its value behind it. */
    struct
    {
        uint16_t size, at;
        uint16_t full_len;            ///< Of the name.
        uint16_t name_len, value_len; ///< As kept; what nobody asks for is not.
        uint8_t use;                  ///< What is taken of a field that refers to it.
    } entries[NTA_HPACK_ENTRIES_MAX];

    uint64_t told[NTA_HPACK_ENTRIES_MAX / 64]; ///< The block at hand has referred to these.

    uint8_t texts[NTA_HPACK_TABLE_SIZE];
};

/** Spans borrow from the block, from this, or from static text; empty: it names none. */
struct nta_hpack_fields
{
    bool is_answer;
    struct nta_span method, authority, path, host; ///< Of a request.
    /** Of an answer: of its content-… fields, and others. */
    struct nta_span status, type, length, range, coding, disposition, etag, server;
    struct nta_http_origin origin;
    bool is_cut;      ///< Some text had no space, or was none; a host like that is left out.
    size_t n_used;    ///< Of `buf`.
    size_t n_origins; ///< Fields that were asked where the request came from.
    /** A host has space of its own: how long all else is, is the client's choice. */
    uint8_t names[2][NTA_HPACK_NAME_SIZE];
    uint8_t buf[NTA_HPACK_BUF_SIZE];
};

/**
 * Read as far as the block goes; a cut or wrong one gives what came before.  False: it is one, and
 * what comes behind it cannot be read, unless the table is said to be lost.
 */
bool nta_hpack_read(struct nta_hpack_table *table, struct nta_span block, bool is_answer,
                    struct nta_hpack_fields *ret_fields);

/** Some block was not read, or not all of it: what others refer to is not known any more. */
void nta_hpack_lose(struct nta_hpack_table *table);
