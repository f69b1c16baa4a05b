/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes of a sheet from anybody: what is taken is written again as it was, and without a key none
 * of it holds.
 */
#include "base/own.h"
#include "evidence/proof/sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    NTA_AUTO(nta_buf_done) struct nta_buf joined = {0}, note = {0}, again = {0};
    const struct nta_trust nobody = {.n = 0};
    struct nta_case_report report = {0};
    struct nta_span cbor = {data, len};
    struct nta_err err;
    struct nta_sheet sheet;

    if (nta_sheet_is_one(cbor) && nta_sheet_join(cbor, &joined, &err) == 0)
        cbor = nta_buf_span(&joined);
    if (nta_sheet_decode(cbor, &note, &sheet) < 0)
        return 0;
    assert(nta_sheet_encode(&sheet, &again) == 0 && nta_span_equal(nta_buf_span(&again), cbor));
    nta_sheet_prove(&sheet, &nobody, NULL, &report);
    assert(nta_case_result(&report) != NTA_CASE_HOLDS);
    return 0;
}
