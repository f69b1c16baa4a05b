/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names in DNS messages as text (form: see proto/event.h).
 *
 * RFC 1035 section 3.1 and 4.1.4: labels of up to 63 bytes, 255 bytes in all with length bytes,
 * pointers to earlier parts of the message.  Each jump must lead before where the piece it leaves
 * began, so that every name ends; and few may lead to another pointer, so that names cost what they
 * say.
 */

#include "base/bytes.h"
#include "base/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_DNS_NAME_TEXT_MAX = 512, ///< The longest name as text: 255 bytes, each escaped.
};

/** Space for the texts of one message; `buf` is borrowed. */
struct nta_dns_text
{
    uint8_t *buf;
    size_t len, size;
};

/**
 * Read the name at `r`, whose base is the first byte of the message, and append its text to `text`.
 * OK: `r` stands behind the name and `ret_name` borrows from `text`.  MORE: the bytes end inside
 * the name.  BAD: it breaks the rules, or `text` has not NTA_DNS_NAME_TEXT_MAX bytes left (ask
 * nta_dns_text_fits() before).
 */
enum nta_parse nta_dns_name_read(struct nta_reader *r, struct nta_dns_text *text,
                                 struct nta_span *ret_name);

/** Is there space for any one more name? */
static inline bool nta_dns_text_fits(const struct nta_dns_text *text)
{
    return text->size - text->len >= NTA_DNS_NAME_TEXT_MAX;
}

/**
 * Turn the text of an encoded NetBIOS name, first in `text` buffer at `name`, into the name it
 * encodes, in place (RFC 1001 section 14.1): 15 characters less padding, and the scope if any.  A
 * name that is no such encoding stays as it is.
 */
void nta_dns_netbios_decode(struct nta_dns_text *text, struct nta_span *name);

/** True if both are the same name (RFC 4343: ASCII letters without case). */
static inline bool nta_dns_name_equal(struct nta_span a, struct nta_span b)
{
    return nta_span_equal(a, b) || nta_span_alike(a, b); /* most are the same to the bit */
}
