/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/request.h"

#include "vault/checkpoint.h"
#include "vault/signed_note.h"

#include <inttypes.h>

#define OLD "old "

bool nta_witness_request_read(struct nta_span body, struct nta_witness_request *ret_request)
{
    struct nta_span old;

    *ret_request = (struct nta_witness_request){.n_path = 0};
    if (!nta_checkpoint_take_line(&body, OLD, &old) ||
        !nta_checkpoint_number(old, &ret_request->old))
        return false;
    while (nta_span_has(body, '\n')) {
        const struct nta_span line = nta_span_take(&body, '\n');

        if (line.len == 0) {
            ret_request->note = body;
            return body.len > 0;
        }
        if (ret_request->n_path == NTA_WITNESS_PATH_MAX ||
            !nta_note_take_base64(line, ret_request->path[ret_request->n_path], NTA_LOG_HASH_LEN))
            return false;
        ret_request->n_path++;
    }
    return false;
}

void nta_witness_request_put(struct nta_buf *out, const struct nta_witness_request *request)
{
    nta_buf_printf(out, OLD "%" PRIu64 "\n", request->old);
    for (size_t i = 0; i < request->n_path; i++) {
        nta_note_put_base64(out, request->path[i], NTA_LOG_HASH_LEN);
        nta_buf_puts(out, "\n");
    }
    nta_buf_puts(out, "\n");
    nta_buf_put(out, request->note.ptr, request->note.len);
}
