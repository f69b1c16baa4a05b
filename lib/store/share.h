/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What every kind of store does alike: what may be written, what the chain's row says to who
 * writes, and the sentences for it.
 */

#include "store/writer.h"

#include <stdint.h>

/** What is put: nta_store_append(), or without `head` nta_store_put_batches(). */
struct nta_store_put
{
    const struct nta_store_head *head;
    const struct nta_stored *batches;
    size_t n_batches;
    struct nta_span frontier;
};

/** What the column `marks` says of a header: bits. */
enum
{
    NTA_MARK_NEXT = 1U << 0,  ///< It names the next signing key.
    NTA_MARK_NOTES = 1U << 1, ///< It has notes that are no index's.
    NTA_MARK_INDEX = 1U << 2, ///< It notes an index.
    NTA_MARKS_MAX = NTA_MARK_NEXT | NTA_MARK_NOTES | NTA_MARK_INDEX
};

/** The marks of a header. */
uint32_t nta_store_marks_of(const struct nta_header *header);

/** True if a batch can be written as it is: of format 2, with a class, its number within bounds. */
bool nta_store_can_put(const struct nta_stored *batch, struct nta_err *err);

/** The sentence for a store of format 1 that was to be opened for writing; gives -EPROTO. */
int nta_store_refuse_old(const char *where, struct nta_err *err);

/** Bytes of a sealed batch. */
size_t nta_store_sealed_len(const struct nta_sealed *sealed);

/** The two headers and signatures are the same bytes. */
bool nta_store_same(const struct nta_sealed *sealed, struct nta_span header,
                    struct nta_span signature);

/** The sentence for a key that holds another batch; gives -EEXIST. */
int nta_store_refuse(const struct nta_stored *batch, struct nta_err *err);

/** The same number and the same hash. */
bool nta_store_head_is(const struct nta_store_head *a, const struct nta_store_head *b);

/** The last batch from its bytes, which are of their lengths. */
void nta_store_take_last(struct nta_store_last *last, uint64_t number,
                         const struct nta_sealed *sealed);

/** Fill the frontier in, if it is one of the tree over the links before the place's head. */
void nta_store_place_frontier(struct nta_store_place *place, struct nta_span frontier);

/**
 * What the chain's row says to who appends: 0 with how many of the batches are there already, or
 * -EEXIST with the sentence.
 */
int nta_store_compare(const struct nta_store_head *row, const struct nta_store_put *put,
                      size_t *ret_n_there, struct nta_err *err);

enum
{
    NTA_SENSOR_TEXT_SIZE = 2 * NTA_SENSOR_ID_LEN + 1 ///< Shown form of a sensor's id.
};

/** Write the id as hexadecimal digits; gives `text`. */
const char *nta_store_sensor_text(const uint8_t sensor[NTA_SENSOR_ID_LEN],
                                  char text[NTA_SENSOR_TEXT_SIZE]);
