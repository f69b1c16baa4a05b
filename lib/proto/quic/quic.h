/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The client's hello in QUIC: versions 1 (RFC 9000, 9001) and 2 (RFC 9369), drafts 22 to 34, mvfst,
 * and Google's Q024 to Q050, T050 and T051; over TCP, Facebook's Zero protocol, which has Google's
 * hello.  Packets that ask for a version negotiation are tried with the keys of version 1 and of
 * draft 29.  Nothing else of QUIC can be read by a bystander; the server's hello tells nothing that
 * the client's does not, and is not opened.
 *
 * Keys come from the Destination Connection ID of the client's first packet.  A later packet is
 * tried with the keys that are known, then with those of its own connection id: a Retry, a version
 * negotiation or another connection on the same ports changes them.  CRYPTO frames may come in any
 * order, over several packets and datagrams, up to 6 KiB; of a hello that stays incomplete, the
 * name is told at the flow's end (`cut`) if it was seen.
 *
 * A flow whose packets cannot be opened is given up after 16 tries.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_quic;
