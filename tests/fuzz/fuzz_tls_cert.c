/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls_cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_tls_certificate certificate;

    (void)nta_tls_cert_read((struct nta_span){.ptr = data, .len = len}, &certificate);
    return 0;
}
