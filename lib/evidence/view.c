/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/view.h"

#include "evidence/proof/each.h"
#include "evidence/proof/times.h"

#include <errno.h>
#include <inttypes.h>

static int take(void *owner, const struct nta_case_at *at)
{
    struct nta_case_view *view = owner;
    struct nta_err ignored;

    view->n_records++;
    if (!at->record)
        return 0;
    return nta_incidents_add(view->incidents, at->record, at->stored->bytes, at->id,
                             NTA_INCIDENT_FITS, &ignored);
}

int nta_case_view_init(struct nta_case_view *view, const struct nta_case *kase)
{
    struct nta_err ignored;

    *view = (struct nta_case_view){.kase = kase};
    int r = nta_incidents_new(&view->incidents, &ignored);

    if (r == 0)
        r = nta_case_count_origin(kase, &view->origin);
    if (r == 0)
        r = nta_case_each(kase, take, view);
    if (r == 0)
        r = nta_incidents_settle(view->incidents, &ignored);
    if (r < 0)
        return r;
    view->n_incidents = nta_incidents_count(view->incidents);
    if (view->n_incidents == 0)
        return 0;
    view->incident = nta_incidents_get(view->incidents, 0);
    return nta_incident_detail_new(view->incidents, view->incident, &view->detail);
}

void nta_case_view_done(struct nta_case_view *view)
{
    nta_incident_detail_free(&view->detail);
    nta_incidents_free(&view->incidents);
    view->incident = NULL;
}

void nta_case_tell_incident(const struct nta_case_view *view, struct nta_case_report *report)
{
    if (!view->incident)
        nta_case_tell(report, NTA_CASE_INCIDENT, NTA_CASE_WRONG,
                      "the records in the case are of no incident");
    else if (view->n_incidents > 1)
        nta_case_tell(report, NTA_CASE_INCIDENT, NTA_CASE_UNSEEN,
                      "the records in the case, by themselves, make %zu incidents; the weightiest "
                      "is %s",
                      view->n_incidents, view->incident->id);
    else
        nta_case_tell(report, NTA_CASE_INCIDENT, NTA_CASE_HOLDS,
                      "%s: %" PRIu64 " of %zu records, and %" PRIu64 " of packets",
                      view->incident->id, view->incident->n_records, view->n_records,
                      view->incident->n_packets);
}
