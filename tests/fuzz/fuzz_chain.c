/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any rows before the judge.  Each is how it is brought, its faults, and its four parts with their
 * lengths; what is brought as a data key has its id in the signature's place.  The corpus has
 * chains of format 2 that hold: keys that change, are lost and adopted, batches that are lost and
 * deleted.  However they are mixed, no more is proved than was signed rows, and each once.
 */
#include "chain_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    NTA_AUTO(nta_findings_free) struct nta_findings *findings = nta_findings_new();
    NTA_AUTO(nta_trust_done) struct nta_trust trust = {.n = 0};
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;
    struct nta_reader r = nta_reader_of(data, len);
    struct nta_trusted trusted = {.name = "here"};
    struct nta_err err;

    memcpy(trusted.public_key, identity, sizeof(identity));
    assert(findings && nta_trust_add(&trust, &trusted, &err) == 0);
    chain = nta_chain_new(&trust, findings);
    assert(chain);
    judge(chain, &r);
    return 0;
}
