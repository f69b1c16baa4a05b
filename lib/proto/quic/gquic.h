/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Google's QUIC before it used TLS, versions Q024 to Q050: the client's hello is a table of tags
 * ("CHLO"), in clear up to Q049, and in sealed CRYPTO frames in Q050 ("QUIC Crypto", Langley and
 * Chang, 2016).
 */

#include "base/bytes.h"
#include "base/parse.h"

#include <stdbool.h>

/** Does a datagram begin with a public header of Q024 to Q049?  OK, MORE or OTHER. */
enum nta_parse nta_gquic_probe(struct nta_span datagram);

/**
 * The CHLO message in a datagram in clear: from its tag to the end of what is there.  Empty if
 * there is none.
 */
struct nta_span nta_gquic_find_hello(struct nta_span datagram);

/** True if a CRYPTO stream begins with a CHLO message. */
bool nta_gquic_is_hello(struct nta_span message);

/**
 * Read a CHLO message.  OK: `ret_name` is the value of its SNI tag, empty if it has none; borrows.
 * MORE: the message goes on behind its last byte.  BAD: no CHLO, or it contradicts itself.
 */
enum nta_parse nta_gquic_hello_read(struct nta_span message, struct nta_span *ret_name);
