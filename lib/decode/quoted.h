/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The datagram that an ICMP error gives back (RFC 792, RFC 4443 section 2.4): the beginning of a
 * packet that somebody could not deliver.
 */

#include "decode/context.h"
#include "decode/packet.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Decode what `packet`, of kind NTA_PACKET_IP, quotes at `ret_bytes` if it is an ICMP error.
 * `decode` is copied, and no outer packets come of it.  True: a UDP datagram that went to who
 * complains about it; its entry is in `ret_inner`, whose offsets count from `ret_bytes`.  False:
 * the two may have been written all the same.
 */
bool nta_decode_quoted(const struct nta_decode *decode, const struct nta_packet *packet,
                       const uint8_t *bytes, struct nta_packet *ret_inner,
                       const uint8_t **ret_bytes);
