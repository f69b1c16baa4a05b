/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Names in the form of DNS without compression, as DHCP has them (RFC 4702, RFC 4704). */

#include "base/bytes.h"

#include <stdint.h>

enum
{
    NTA_LABELS_SIZE = 256
};

/** The labels of `wire` with dots between; gives what fits, up to the first that is none. */
struct nta_span nta_labels_join(struct nta_span wire, uint8_t buf[NTA_LABELS_SIZE]);
