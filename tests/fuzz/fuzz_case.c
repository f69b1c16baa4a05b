/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof of a case, from anybody.  What is taken is written again byte for byte; as an archive
 * it is read again, and said to be of one form; without a key nothing of it holds.
 */
#include "base/own.h"
#include "evidence/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void hold_against_nobody(const struct nta_case_file *file)
{
    const struct nta_trust nobody = {.n = 0};
    struct nta_case_report report = {0};

    assert(nta_case_prove_file(file, &nobody, NULL, &report) == 0);
    assert(nta_case_result(&report) != NTA_CASE_HOLDS);
}

static void write_and_read(const struct nta_case *kase)
{
    NTA_AUTO(nta_case_file_done) struct nta_case_file again = {.kase = NULL};
    NTA_AUTO(nta_buf_done) struct nta_buf archive = {0};
    struct nta_case_report report = {0};
    struct nta_err err;

    assert(nta_case_write(kase, kase, &archive, &err) == 0);
    assert(nta_case_read(nta_buf_span(&archive), &again, &report) == 0 && again.kase && again.seal);
    assert(report.steps[NTA_CASE_PAGES].state != NTA_CASE_WRONG);
    hold_against_nobody(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    NTA_AUTO(nta_case_free) struct nta_case *kase = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};
    const struct nta_span bytes = {data, len};
    struct nta_err err;

    if (nta_case_decode(bytes, &kase, &err) < 0)
        return 0;
    nta_case_encode(kase, &cbor);
    assert(nta_span_equal(nta_buf_span(&cbor), bytes));
    write_and_read(kase);
    return 0;
}
