/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An object of JSON whose values are texts, numbers, true, false and null (RFC 8259). */

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Take the next member of the object whose opening brace is behind.  The value is as it is written,
 * a text without its quotes and with its escapes.  True: there was one.  False: the object has
 * ended, with `ret_ok`, or it is none that we read.
 */
bool nta_flat_member(struct nta_reader *r, struct nta_span *ret_name, struct nta_span *ret_value,
                     bool *ret_is_text, bool *ret_ok);

/** Take the brace that opens an object. */
bool nta_flat_open(struct nta_reader *r);

/** A text's bytes: its escapes undone.  False: it is not well formed, or longer than `size`. */
bool nta_flat_text(struct nta_span value, uint8_t *buf, size_t size, struct nta_span *ret_text);
