/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The bodies of ClientHello and ServerHello (RFC 8446 sections 4.1.2 and 4.1.3, RFC 5246 section
 * 7.4.1), which TLS, DTLS and QUIC share.  A body is what follows the handshake header (type and
 * length).
 *
 * An extension that breaks its own format is taken as not there: servers that do not know it accept
 * such a hello too.  Spans of the result borrow from the body.
 */

#include "base/bytes.h"
#include "base/parse.h"
#include "proto/event.h"

#include <stdint.h>

/** What carries the hello; the values are JA4's letters. */
enum nta_tls_transport
{
    NTA_TLS_OVER_TCP = 't',
    NTA_TLS_OVER_QUIC = 'q',
    /** DTLS: a cookie stands before the cipher suites (RFC 6347 section 4.2.1). */
    NTA_TLS_OVER_UDP = 'd',
};

/**
 * Read a ClientHello.  OK: all of it.  MORE: the body ends inside it, and `ret_hello` holds what
 * came before, without JA4 (whoever knows that the body is whole takes it as BAD).  BAD:
 * contradicts itself.  `ret_hello` is always set.
 */
enum nta_parse nta_tls_hello_client(struct nta_span body, enum nta_tls_transport transport,
                                    struct nta_tls_client_hello *ret_hello);

/**
 * Read a ServerHello (or a HelloRetryRequest, which has its form).  OK or BAD; `ret_hello` is set
 * on OK.
 */
enum nta_parse nta_tls_hello_server(struct nta_span body, struct nta_tls_server_hello *ret_hello);
