/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/sctp.h"

enum
{
    DATA = 0,
    CHUNK_HEAD = 4,
    DATA_HEAD = 12, ///< Behind the chunk's: TSN, stream, number in the stream, payload protocol.
};

enum nta_parse nta_sctp_next(struct nta_reader *r, struct nta_sctp_data *ret_data)
{
    while (nta_reader_left(r) > 0) {
        uint8_t type = nta_read_u8(r);

        nta_reader_skip(
            r, 1); /* flags: which part of a message it is does not matter to a stream of bytes */
        size_t len = nta_read_be16(r);

        if (!nta_reader_ok(r))
            return NTA_PARSE_MORE;
        if (len < CHUNK_HEAD)
            return NTA_PARSE_BAD;
        struct nta_reader chunk = nta_read_sub(r, len - CHUNK_HEAD);

        if (!nta_reader_ok(r))
            return NTA_PARSE_MORE;
        size_t padding = (0 - len) & 3; /* a last chunk may be without it */

        nta_reader_skip(r, padding < nta_reader_left(r) ? padding : nta_reader_left(r));
        if (type != DATA)
            continue;
        if (len <= CHUNK_HEAD + DATA_HEAD)
            return NTA_PARSE_BAD;
        ret_data->tsn = nta_read_be32(&chunk);
        ret_data->stream = nta_read_be16(&chunk);
        nta_reader_skip(&chunk, 6);
        ret_data->bytes = nta_read_span(&chunk, nta_reader_left(&chunk));
        return NTA_PARSE_OK;
    }
    return NTA_PARSE_MORE;
}
