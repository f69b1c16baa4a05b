/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What stations say of themselves in multicast DNS (RFC 6762), LLMNR (RFC 4795) and the NetBIOS
 * name service (RFC 1002): a response that gives the very address that it comes from has its
 * sender's name, and with that name all his addresses.  One event for each of them; a time to live
 * of 0 ends it (RFC 6762 section 10.1).  What a response says of others is nobody's word.
 */

#include "proto/dns/dns_message.h"
#include "proto/parser.h"

/** Of a whole response's answers; of DNS proper nothing. */
void nta_dns_stations(const struct nta_proto_io *io, enum nta_app app,
                      const struct nta_dns_answers *answers);
