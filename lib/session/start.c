/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker's sessions begin with: its tables, and who of them calls whom. */
#include "session/report.h"
#include "session/session.h"

int nta_session_parts_init(struct nta_session_parts *parts,
                           const struct nta_session_options *options, struct nta_err *err)
{
    const struct nta_watch_options watch = {
        .bytes = options->keep_bytes,
        .window_ns = options->keep_window_ns,
        .closed = nta_report_case,
        .owner = parts,
    };

    int r = nta_session_parts_init_tables(parts, options);

    if (r < 0)
        return nta_err_sys(err, r, "tables of a worker");
    r = nta_flows_new(&options->flow, &nta_session_ops, parts, &parts->counters, &parts->flows,
                      err);
    if (r == 0)
        r = nta_watch_new(&watch, &parts->watch, err);
    return r < 0 ? r : nta_section_new(&parts->section, err);
}
