/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a file that says who has an address: what a fact says lies in bounds, and is written and
 * read again the same. */
#include "who/beside/lines.h"
#include "who/beside/say.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_who_lines lines = {.n_bad = 0}, own = {.is_trusted = true};
    struct nta_who_fact fact, again;

    for (struct nta_span rest = {data, len}; rest.len > 0;) {
        struct nta_buf out = {0};

        if (!nta_who_line(&lines, nta_span_take(&rest, '\n'), INT64_MAX, &fact))
            continue;
        nta_who_put_line(&out, &fact);
        assert(
            out.failed || !(fact.has_ip || fact.has_mac) || fact.from_ns < 0 || fact.until_ns < 0 ||
            nta_who_line(&own, nta_span_first(nta_buf_span(&out), out.len - 1), INT64_MAX, &again));
        nta_buf_done(&out);
    }
    return 0;
}
