/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Neighbour discovery of IPv6 (RFC 4861): solicitations and advertisements of neighbours, and with
 * them the detection of duplicate addresses (RFC 4862); which station has which address, as
 * proto/binding/neighbours.h learns it.
 *
 * Whoever hands messages over has seen to their hop limit.  Routers' messages and redirects say
 * nothing of users and are not read.
 *
 * Memory: what is shared.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_ndp;
