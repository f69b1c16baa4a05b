/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opened payloads of Initial packets, each behind its length in two bytes, then the hello that they
 * make.
 */
#include "inside.h"
#include "proto/quic/gquic.h"
#include "proto/quic/quic_stream.h"
#include "proto/tls/tls_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_tls_stream stream = {.n_ranges = 0};
    struct nta_tls_client_hello hello;
    struct nta_reader all = nta_reader_of(data, len);

    while (nta_reader_left(&all) > 0) {
        uint16_t head = nta_read_be16(&all);
        struct nta_reader r = nta_read_sub(&all, head & 0x7fff);
        struct nta_span payload = nta_reader_rest(&r);
        (void)nta_quic_stream_frames(&stream, payload, head >> 15);
    }
    struct nta_span head = nta_tls_stream_head(&stream);
    assert_inside(head, stream.bytes, sizeof(stream.bytes));
    if (nta_gquic_hello_read(head, &head) == NTA_PARSE_BAD)
        (void)nta_tls_hello_client(head, NTA_TLS_OVER_QUIC, &hello);
    return 0;
}
