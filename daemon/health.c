/* SPDX-License-Identifier: Apache-2.0 */
/* Is all well?  What is not, one sentence a line: for `nta status`, its exit status, and whoever watches. */
#include "ntad.h"

size_t nta_daemon_health(const struct nta_daemon *daemon, struct nta_buf *reasons)
{
    const struct nta_policy *policy = nta_pipeline_policy(daemon->pipeline);
    size_t n = 0;

    if (policy->trouble.text[0]) {
        nta_buf_printf(reasons, "a list %s\n", policy->trouble.text);
        n++;
    }
    if (daemon->reload_err.text[0]) {
        nta_buf_printf(reasons, "last reload refused: %s\n", daemon->reload_err.text);
        n++;
    }
    if (daemon->canary.bad) {
        nta_buf_printf(reasons, "does not find what it should: no canary from %s\n",
                       daemon->canary.missing);
        n++;
    }
    return n;
}
