/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What parsers say of TLS: hellos and the certificate in clear.  Part of event.h. */

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_TLS_ALPN_MAX = 8,
    NTA_TLS_VERSIONS_MAX = 16,
    NTA_TLS_NAMES_MAX = 64
};

/** RFC 8446 section 4.1.2; also inside QUIC. */
struct nta_tls_client_hello
{
    struct nta_span server_name; ///< host_name (RFC 6066 section 3); empty: none.
    struct nta_span alpn[NTA_TLS_ALPN_MAX];
    size_t n_alpn;
    uint16_t versions[NTA_TLS_VERSIONS_MAX]; ///< Offered, no GREASE; or legacy_version.
    size_t n_versions;
    /**
     * An encrypted_client_hello of type outer is there.  By itself it hides nothing: browsers send
     * a random one (GREASE) to all sites that have none.
     */
    bool ech;
    /** Only its beginning was seen: an extension that is not told of here may have been there. */
    bool cut;
    char ja4[40]; ///< JA4 fingerprint text, "" if not made.
};

struct nta_tls_server_hello
{
    uint16_t version; ///< As negotiated (supported_versions looked into).
    struct nta_span alpn;
};

/** Leaf certificate, TLS <= 1.2. */
struct nta_tls_certificate
{
    struct nta_span common_name;
    struct nta_span names[NTA_TLS_NAMES_MAX]; ///< subjectAltName dNSName entries.
    size_t n_names;
    struct nta_span issuer; ///< Issuer's common name or organisation.
    struct nta_span der;    ///< All of it, for its fingerprint; empty if some of it was not seen.
};
