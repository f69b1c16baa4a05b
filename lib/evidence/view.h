/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A case as people look at it: the incident that its records make, and what else is there.  All of
 * it follows from the case and nothing else, so whoever has the case can make it again.
 */

#include "evidence/proof/case.h"
#include "evidence/proof/report.h"
#include "incident/detail.h"

struct nta_case_view
{
    const struct nta_case *kase;
    struct nta_incidents *incidents;     ///< Owned.
    const struct nta_incident *incident; ///< The weightiest; NULL: the records make none.
    struct nta_incident_detail *detail;  ///< Owned; of that.
    size_t n_incidents;
    size_t n_records; ///< Of all kinds.
    struct nta_case_origin origin;
};

/** 0, or -ENOMEM; `kase` is borrowed. */
int nta_case_view_init(struct nta_case_view *view, const struct nta_case *kase);
/** Free what it owns. */
void nta_case_view_done(struct nta_case_view *view);

/** Tell the step INCIDENT. */
void nta_case_tell_incident(const struct nta_case_view *view, struct nta_case_report *report);
