/* SPDX-License-Identifier: Apache-2.0 */
#include "export/page/proof.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "base/version.h"

#include <openssl/sha.h>
#include <string.h>

#define PROOF_BEGIN "<script type=\"text/plain\" id=\"proof\">"
#define DATA_BEGIN  "<script type=\"application/json\" id=\"data\">"
#define END         "</script>"

/** What stands in an element of the page, and around it. */
struct element
{
    struct nta_span before, inside, behind;
};

static bool find_element(struct nta_span page, const char *begin, struct element *ret_element)
{
    const size_t from = nta_span_find(page, begin) + strlen(begin);

    if (from > page.len)
        return false;
    const struct nta_span rest = nta_span_from(page, from);
    const size_t len = nta_span_find(rest, END);

    *ret_element = (struct element){
        .before = nta_span_first(page, from),
        .inside = nta_span_first(rest, len),
        .behind = nta_span_from(rest, len),
    };
    return len < rest.len;
}

static void put_hash(struct nta_buf *out, const char *name, const struct nta_span *texts, size_t n)
{
    NTA_AUTO(nta_buf_done) struct nta_buf joined = {0};
    uint8_t hash[SHA256_DIGEST_LENGTH];

    for (size_t i = 0; i < n; i++)
        nta_buf_put(&joined, texts[i].ptr, texts[i].len);
    (void)SHA256(joined.ptr, joined.len, hash);
    nta_buf_puts(out, name);
    nta_buf_put_hex(out, hash, sizeof(hash));
    nta_buf_puts(out, "\n");
    out->failed |= joined.failed;
}

static void put_data_line(struct nta_buf *out, struct nta_span data)
{
    put_hash(out, "data ", &data, 1);
}

/** Over all but itself: what stands around the block, and the lines above it and below. */
static void put_page_line(struct nta_buf *out, const struct element *proof, struct nta_span above,
                          struct nta_span below)
{
    const struct nta_span all[] = {proof->before, above, below, proof->behind};

    put_hash(out, "page ", all, NTA_N_ELEMENTS(all));
}

void nta_page_put_proven(struct nta_buf *out, struct nta_span page, const char *lang,
                         struct nta_span heads)
{
    NTA_AUTO(nta_buf_done) struct nta_buf above = {0};
    struct element proof, data;

    if (!find_element(page, PROOF_BEGIN, &proof) || !find_element(page, DATA_BEGIN, &data)) {
        nta_buf_put(out, page.ptr, page.len);
        return;
    }
    nta_buf_printf(&above, "nta %s\nlanguage %s\n", nta_version(), lang ? lang : "-");
    put_data_line(&above, data.inside);
    nta_buf_put(out, proof.before.ptr, proof.before.len);
    nta_buf_put(out, above.ptr, above.len);
    put_page_line(out, &proof, nta_buf_span(&above), heads);
    out->failed |= above.failed;
    nta_buf_put(out, heads.ptr, heads.len);
    nta_buf_put(out, proof.behind.ptr, proof.behind.len);
}

/** A line that begins so, and what stands behind that.  False: it does not, or has no end. */
static bool take_line(struct nta_span *rest, const char *begin, struct nta_span *ret_value)
{
    const size_t end = nta_span_find_byte(*rest, '\n');

    if (end == rest->len || !nta_span_begins(*rest, nta_span_of(begin)))
        return false;
    *ret_value = nta_span_from(nta_span_first(*rest, end), strlen(begin));
    *rest = nta_span_from(*rest, end + 1);
    return true;
}

enum nta_page_state nta_page_look(struct nta_span page, struct nta_page_proof *ret_proof)
{
    NTA_AUTO(nta_buf_done) struct nta_buf data_line = {0}, page_line = {0};
    struct element proof, data;
    struct nta_page_proof found;
    struct nta_span digits;

    if (!find_element(page, PROOF_BEGIN, &proof) || proof.inside.len == 0)
        return NTA_PAGE_STRANGE;
    struct nta_span rest = proof.inside;

    if (!take_line(&rest, "nta ", &found.version) || !take_line(&rest, "language ", &found.lang))
        return NTA_PAGE_CHANGED;
    const struct nta_span from_data = rest;

    if (!take_line(&rest, "data ", &digits))
        return NTA_PAGE_CHANGED;
    const struct nta_span from_page = rest;

    if (!take_line(&rest, "page ", &digits))
        return NTA_PAGE_CHANGED;
    if (!find_element(page, DATA_BEGIN, &data))
        return NTA_PAGE_OUTSIDE;
    put_data_line(&data_line, data.inside);
    if (!nta_span_begins(from_data, nta_buf_span(&data_line)))
        return NTA_PAGE_DATA;
    put_page_line(&page_line, &proof,
                  nta_span_first(proof.inside, proof.inside.len - from_page.len), rest);
    if (!nta_span_begins(from_page, nta_buf_span(&page_line)))
        return NTA_PAGE_OUTSIDE;
    found.heads = rest;
    found.data = data.inside;
    if (nta_span_is(found.lang, "-"))
        found.lang.len = 0;
    *ret_proof = found;
    return NTA_PAGE_WHOLE;
}
