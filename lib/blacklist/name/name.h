/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Names in the one form in which they are compared (part of blacklist.h). */

#include "base/bytes.h"

enum
{
    NTA_NAME_SIZE = 256
};

/**
 * A name off the wire in the normal form, NUL-terminated in `buf`; gives its length, 0 if it is no
 * host name (too long, empty, an address literal is returned in its one text, without brackets).
 * Bytes over 0x7f go through IDNA (UTS #46).
 */
size_t nta_blacklist_name(struct nta_span wire, char buf[NTA_NAME_SIZE]);
