/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON (RFC 8259) as it comes, piece by piece: tokens out of bytes (internal to blacklist/).
 *
 * No tree is made and nothing is allocated: what is open is a bit for each of at most
 * NTA_JSON_DEPTH_MAX levels, and one text at a time is held.  A longer text is given as `cut`, with
 * its beginning.  Values may follow one another, as in lists of events that are a line each.
 *
 * Not checked: that keys stand once, that texts are UTF-8.  One thread.
 */

#include "base/bytes.h"
#include "base/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nta_json_token
{
    NTA_JSON_OBJECT,
    NTA_JSON_OBJECT_END,
    NTA_JSON_ARRAY,
    NTA_JSON_ARRAY_END,
    NTA_JSON_KEY,  ///< Its value follows.
    NTA_JSON_TEXT, ///< Without its escapes.
    NTA_JSON_WORD  ///< A number, true, false, null: as it stands there.
};

enum
{
    NTA_JSON_DEPTH_MAX = 64,
    NTA_JSON_TEXT_MAX = 65535,
};

struct nta_json;

/** Called with each token; `text` is good during the call. */
typedef void nta_json_fn(void *owner, const struct nta_json *json, enum nta_json_token token,
                         struct nta_span text);

/** Set the first two fields, all others are zero. */
struct nta_json
{
    nta_json_fn *token;
    void *owner;
    const char *fault; ///< Static: why it is none; NULL: none so far.
    uint64_t n_lines;  ///< Line breaks that were read.
    uint64_t line;     ///< From 1: where the token begins.
    unsigned depth;    ///< Of what is open, with the one that begins or without the one that ends.
    bool cut;          ///< The text is longer than there is space.
    uint8_t state;
    bool is_key;
    uint64_t in_object;  ///< Bit n: level n + 1 is an object.
    uint16_t code, high; ///< Of an escape; the first half of a pair.
    uint8_t n_digits, n_mark;
    size_t n_text;
    uint8_t text[NTA_JSON_TEXT_MAX + 1];
};

/** Read on.  False: it is no JSON, as `fault` says; nothing more is read then. */
bool nta_json_read(struct nta_json *json, struct nta_span bytes);

/** Nothing follows.  False: it is broken, or ends inside. */
bool nta_json_end(struct nta_json *json);

/**
 * Whether what begins so is JSON rather than a list in lines: OK, OTHER, or MORE: not to be told
 * yet.
 */
enum nta_parse nta_json_begins(struct nta_span bytes);
