/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is kept of a file that passes by, to tell its type: its first bytes, those that they say
 * stand further on (nta_magic_far()), and the first ones of its last 512.  Nothing else of it is
 * kept, however long it is.
 */

#include "proto/file/magic.h"

#include <stdbool.h>
#include <stdint.h>

/** All zeros: nothing came yet. */
struct nta_file_start
{
    struct nta_magic_far at;
    uint64_t total; ///< How long the file will be, if that was said; 0, UINT64_MAX: it was not.
    uint16_t len;
    uint8_t far_len, tail_len;
    uint8_t first[NTA_MAGIC_BYTES], far[NTA_MAGIC_FAR_BYTES], tail[NTA_MAGIC_TAIL_BYTES];
};

/** Bytes of the file, the first of which is its byte `offset`.  Those of a hole never come. */
void nta_file_start_take(struct nta_file_start *start, uint64_t offset, struct nta_span bytes);

/** So many bytes from `offset` on tell nothing, and need not be shown; UINT64_MAX: no more do. */
uint64_t nta_file_start_idle(const struct nta_file_start *start, uint64_t offset);

/** Its first bytes. */
struct nta_span nta_file_start_first(const struct nta_file_start *start);

/** Those further on that tell most; empty: none came. */
struct nta_span nta_file_start_far(const struct nta_file_start *start);

/** As nta_magic_type_with() of both. */
const char *nta_file_start_type(const struct nta_file_start *start);
