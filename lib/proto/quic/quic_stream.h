/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The CRYPTO stream of a connection's start (RFC 9000 sections 7.5 and 19.6), frame by frame. */

#include "base/parse.h"
#include "proto/tls/tls_stream.h"

#include <stdbool.h>

/**
 * Put the CRYPTO frames of an opened Initial packet in their places.  Other frames are passed over.
 * OK; BAD at a frame that an Initial packet cannot hold or that is cut off (those before it count).
 */
enum nta_parse nta_quic_stream_frames(struct nta_tls_stream *stream, struct nta_span payload,
                                      bool has_google_frames);
