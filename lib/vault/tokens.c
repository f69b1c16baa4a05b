/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/tokens.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>

void nta_token_of(const struct nta_hmac_key *key, enum nta_value_kind kind, struct nta_span value,
                  uint8_t ret_token[NTA_TOKEN_LEN])
{
    const uint8_t kind_byte = (uint8_t)kind;
    const struct nta_span parts[] = {{.ptr = &kind_byte, .len = 1}, value};
    uint8_t mac[32];

    nta_hmac(key, parts, NTA_N_ELEMENTS(parts), mac);
    memcpy(ret_token, mac, NTA_TOKEN_LEN);
}

struct making
{
    const struct nta_hmac_key *key;
    struct nta_buf *out;
};

static void add_one(void *owner, enum nta_value_kind kind, struct nta_span value)
{
    struct making *making = owner;
    uint8_t token[NTA_TOKEN_LEN];

    nta_token_of(making->key, kind, value, token);
    nta_buf_put(making->out, token, sizeof(token));
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, NTA_TOKEN_LEN);
}

int nta_tokens_of(const struct nta_hmac_key *key, const struct nta_batch *batch,
                  struct nta_buf *out)
{
    struct making making = {.key = key, .out = out};
    size_t kept = 0;

    nta_buf_clear(out);
    nta_batch_each_value(batch, add_one, &making);
    if (out->failed)
        return -ENOMEM;
    size_t n = out->len / NTA_TOKEN_LEN;

    if (n == 0)
        return 0;
    qsort(out->ptr, n, NTA_TOKEN_LEN, compare);
    for (size_t i = 1; i < n; i++) {
        if (compare(out->ptr + kept * NTA_TOKEN_LEN, out->ptr + i * NTA_TOKEN_LEN) == 0)
            continue;
        kept++;
        memmove(out->ptr + kept * NTA_TOKEN_LEN, out->ptr + i * NTA_TOKEN_LEN, NTA_TOKEN_LEN);
    }
    out->len = (kept + 1) * NTA_TOKEN_LEN;
    return 0;
}

bool nta_tokens_have(struct nta_span tokens, const uint8_t token[NTA_TOKEN_LEN])
{
    size_t n = tokens.len / NTA_TOKEN_LEN;

    return n && bsearch(token, tokens.ptr, n, NTA_TOKEN_LEN, compare);
}
