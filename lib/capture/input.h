/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bytes of one file or pipe, read in large pieces and looked at in place.
 *
 * A file that is read alone is read straight into the blocks of its worker where that can be (see
 * nta_dispatch_lend()), so that no packet is copied.  Else, and for what is larger than a block
 * lends, the place is a buffer of NTA_INPUT_SIZE.
 *
 * What is packed (unpack.h) is unpacked on the way, and looks as if it were not.
 *
 * Not mapped: a file that is cut while it is read would be a SIGBUS.  Waiting for a pipe is
 * interrupted every 10 ms, so that workers get what there is and a stop is seen.
 */

#include "capture/state.h"

enum
{
    NTA_INPUT_SIZE = 1024 * 1024,
    NTA_INPUT_PACKED_SIZE = 64 * 1024, ///< Packed bytes that are read at a time.
    NTA_INPUT_PEEK_MAX = 512 * 1024,   ///< Most that nta_input_peek() can give at once.
};

/**
 * Open; "-" is standard input, which is duplicated.  0 or negative errno; a directory is -EISDIR.
 */
int nta_input_open(struct nta_input *input, struct nta_capture *capture, const char *path);
/** Close it and free its memory; fd -1 is none. */
void nta_input_close(struct nta_input *input);

/** Bytes read so far, taken back from the progress: it will be read again. */
void nta_input_unread(struct nta_input *input);

/** Why reading failed, in words; static, or of the C library until its next call. */
const char *nta_input_why(const struct nta_input *input);

/** Size of a regular file, else 0. */
uint64_t nta_input_bytes(const struct nta_input *input);

/**
 * Read until at least `want` bytes (<= NTA_INPUT_PEEK_MAX) are present or nothing follows; gives
 * how many are.
 */
size_t nta_input_fill(struct nta_input *input, size_t want);

/** Consume `len` bytes, present or not; false if the input ended before. */
bool nta_input_skip(struct nta_input *input, uint64_t len);

/**
 * The next bytes in place, and how many there are: at least `want`, or all that is left.  Valid
 * until the next call.  Consume with nta_input_take().
 */
static inline const uint8_t *nta_input_peek(struct nta_input *input, size_t want, size_t *ret_len)
{
    size_t len = input->len - input->pos;

    if (__builtin_expect(len < want, 0))
        len = nta_input_fill(input, want);
    *ret_len = len;
    return input->buf + input->pos;
}

/** Consume `len` bytes that are present. */
static inline void nta_input_take(struct nta_input *input, size_t len)
{
    input->pos += len;
}
