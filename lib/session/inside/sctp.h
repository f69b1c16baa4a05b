/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets of SCTP, which stand between read/ and what reads their content. */

#include "session/state/parts.h"

/**
 * The chunks of a packet of the session's connection: what they carry goes to `inside`, data() and
 * gap() of a stream.
 */
void nta_sctp_packet(const struct nta_session *session, enum nta_dir dir, struct nta_span chunks,
                     const struct nta_flow_ops *inside);
