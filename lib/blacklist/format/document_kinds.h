/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What parts of documents say of themselves, and how their values are read (documents.c). */

#include "base/bytes.h"
#include "blacklist/format/how.h"
#include "blacklist/json/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_DOCUMENT_WORD_SIZE = 64,
};

/** Keys that mean something, wherever they stand. */
enum nta_document_key
{
    NTA_KEY_OTHER,
    NTA_KEY_EVENT,
    NTA_KEY_RESPONSE,
    NTA_KEY_ATTRIBUTE,
    NTA_KEY_OBJECT,
    NTA_KEY_OBJECTS,
    NTA_KEY_LIST,
    NTA_KEY_TYPE,
    NTA_KEY_VALUE,
    NTA_KEY_TO_IDS,
    NTA_KEY_DELETED,
    NTA_KEY_PATTERN,
    NTA_KEY_PATTERN_TYPE,
    NTA_KEY_REVOKED,
    NTA_KEY_VALID_FROM,
    NTA_KEY_VALID_UNTIL,
    NTA_KEY_LABELS
};

/** A short text. */
struct nta_document_word
{
    size_t len;
    uint8_t text[NTA_DOCUMENT_WORD_SIZE];
};

/** What an attribute or an object of STIX has said so far. */
struct nta_document_fields
{
    uint64_t line;
    uint32_t seen; ///< A bit for each key.
    bool twice;    ///< One stood there twice.
    bool off;      ///< "to_ids" is false.
    bool deleted, benign, cut;
    struct nta_document_word type, pattern_type, from, until;
    size_t n_value;
    uint8_t value[NTA_JSON_TEXT_MAX + 1];
};

/** A word as a span. */
static inline struct nta_span nta_document_text(const struct nta_document_word *word)
{
    return (struct nta_span){.ptr = word->text, .len = word->len};
}

/** True if a key was there. */
static inline bool nta_document_has(const struct nta_document_fields *fields,
                                    enum nta_document_key key)
{
    return fields->seen >> key & 1;
}

/** Why an attribute of MISP is not taken, or how it is; `gone`: it stands in what was deleted. */
struct nta_list_how nta_document_attribute(const struct nta_document_fields *fields, bool gone);

/** The same for an object of STIX, at a time (reader->now); LINE: nothing is to be said of it. */
struct nta_list_how nta_document_indicator(const struct nta_document_fields *fields,
                                           const char *now);

/** How the values of a warning list are meant, by its type; `allow`: it is one of exceptions. */
struct nta_list_how nta_document_list(struct nta_span type, bool contradicts, bool allow);
