/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any rows before the judge.  Each is how it is brought, its faults, header, signature, tokens and
 * body.  The corpus has chains of format 2 that hold: keys that change, are lost and adopted,
 * batches that are lost and deleted.  Mixed in any way, no more is proved than there are rows.
 */
#include "base/own.h"
#include "chain/chain.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/** The identity whose chains the corpus has. */
static const struct nta_trusted identity = {
    .public_key = {0x8b, 0x4e, 0x53, 0xe7, 0xf6, 0xdf, 0x61, 0x5b, 0x7f, 0x28, 0xde,
                   0xb9, 0xc3, 0x2c, 0xce, 0x0a, 0x74, 0x35, 0x7b, 0x14, 0x46, 0xe0,
                   0x5d, 0x48, 0x0e, 0xc0, 0x00, 0x6d, 0x31, 0x2c, 0xed, 0xf8}};

static struct nta_span take(struct nta_reader *r, size_t max)
{
    size_t len = nta_read_be16(r);

    return nta_read_span(r, len < max ? len : max);
}

static void bring(struct nta_chain *chain, struct nta_reader *r)
{
    const unsigned how = nta_read_u8(r); /* 0 to 2: what for; 4: it is learnt before; 8: a turn */
    struct nta_stored row = {.faults = nta_read_u8(r) & 0x7fU, .is_whole = true};
    struct nta_verdict verdict;

    row.sealed.header = take(r, NTA_STORE_HEADER_MAX);
    row.sealed.signature = take(r, NTA_SIGNATURE_LEN);
    row.sealed.tokens = take(r, 64);
    row.sealed.body = take(r, 64);
    row.faults |= nta_header_decode(row.sealed.header, &row.header) ? 0 : NTA_ROW_HEADER;
    assert(!(how & 4) || nta_chain_learn(chain, &row) == 0);
    nta_chain_look(chain, &row, false, &verdict);
    assert(nta_chain_prove(chain, &row, (enum nta_chain_want)(how % 4 % 3), &verdict) == 0);
    nta_chain_complete(chain, &row, &verdict);
    assert(!verdict.shows || (!(row.faults & NTA_ROW_HEADER) && !verdict.is_again));
    if (how & 8)
        nta_chain_turn(chain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    NTA_AUTO(nta_findings_free) struct nta_findings *findings = nta_findings_new();
    NTA_AUTO(nta_trust_done) struct nta_trust trust = {.n = 0};
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;
    struct nta_reader r = nta_reader_of(data, len);
    const struct nta_chain_end end = {.has_head_rows = true};
    uint64_t n_rows = 0;

    assert(findings && nta_trust_add(&trust, &identity, NULL) == 0);
    chain = nta_chain_new(&trust, findings);
    assert(chain);
    for (; nta_reader_left(&r) > 0; n_rows++)
        bring(chain, &r);
    assert(nta_chain_end(chain, &end) == 0 && nta_chain_n_proved(chain) <= n_rows);
    return 0;
}
