/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which of the DNS family a flow is, by its ports, and whether bytes can be a message of it. */

#include "proto/parser.h"

/** Is it a port of the family: 53, 137, 5353, 5355? */
bool nta_dns_port(uint16_t port);

/** DNS, MDNS, LLMNR or NETBIOS, by the ports; DNS for all others. */
enum nta_app nta_dns_app(const struct nta_proto_io *io);

/**
 * Are `first` the first bytes of a message (over TCP with its length in front)?  On the ports of
 * the family what is possible will do; elsewhere the message must look like what clients and
 * servers really send.
 */
enum nta_parse nta_dns_probe(const struct nta_proto_io *io, struct nta_span first);
