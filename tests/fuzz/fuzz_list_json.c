/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: its tokens are the same in pieces, of a size that the first byte says, as all at once. */
#include "base/hash.h"
#include "blacklist/json/json.h"

#include <assert.h>

static uint64_t heard;

static void on_token(void *owner, const struct nta_json *json, enum nta_json_token token,
                     struct nta_span text)
{
    static const struct nta_hash_key key = {1, 2};

    (void)owner;
    assert(text.len <= NTA_JSON_TEXT_MAX && json->depth <= NTA_JSON_DEPTH_MAX);
    heard = nta_hash_words(&key, heard, token | (uint64_t)json->cut << 8 | json->line << 16);
    heard = nta_hash_words(&key, heard, nta_hash_bytes(&key, text.ptr, text.len));
}

static uint64_t read_in(struct nta_span text, size_t step)
{
    static struct nta_json json;

    heard = 0;
    memset(&json, 0, offsetof(struct nta_json, text));
    json.token = on_token;
    for (; text.len > 0; text = nta_span_from(text, nta_smaller(step, text.len)))
        (void)nta_json_read(&json, nta_span_first(text, step));
    return heard + nta_json_end(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_span text = {.ptr = data + (len > 0), .len = len - (len > 0)};

    assert(read_in(text, SIZE_MAX) == read_in(text, len ? (size_t)data[0] + 1 : 1));
    return 0;
}
