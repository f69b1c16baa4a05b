/* SPDX-License-Identifier: Apache-2.0 */
#include "inside.h"
#include "proto/tls/tls_cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_tls_certificate certificate;

    if (nta_tls_cert_read((struct nta_span){.ptr = data, .len = len}, &certificate) >
        NTA_PARSE_MORE)
        return 0;
    assert_inside(certificate.common_name, data, len);
    assert_inside(certificate.issuer, data, len);
    assert(certificate.n_names <= NTA_TLS_NAMES_MAX);
    for (size_t i = 0; i < certificate.n_names; i++)
        assert_inside(certificate.names[i], data, len);
    return 0;
}
