/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Incidents as people and programs read them: two lines each on a terminal, a line with tabs
 * elsewhere, JSON, CSV; and all about one on a screen.  Names are untrusted and escaped here.
 */

#include "incident/detail.h"

#include <stdbool.h>

struct nta_incident_show
{
    const struct nta_incidents *incidents;
    bool checked;     ///< Batches were held against keys.
    bool one_sensor;  ///< nta_incident_one_sensor().
    bool colour;      ///< A terminal that shows them.
    unsigned columns; ///< 0: no terminal.
};

/** All incidents' records are of one sensor, whose name says nothing then. */
bool nta_incident_one_sensor(const struct nta_incidents *incidents);

/** The short id, which `nta incidents ID` takes: of one sensor "12-3", else with its beginning. */
const char *nta_incident_short_id(const struct nta_incident_show *show,
                                  const struct nta_incident *incident,
                                  char buf[NTA_INCIDENT_ID_SIZE]);

/** "evil.exe and 7 more files"; in shown form.  Nothing for one without files. */
void nta_incident_put_files(struct nta_buf *out, const struct nta_incident *incident,
                            const struct nta_incident_detail *detail, size_t n_named);

/** Head of the table. */
void nta_incident_put_head(struct nta_buf *out, const struct nta_incident_show *show);
/** A row of it. */
void nta_incident_put_row(struct nta_buf *out, const struct nta_incident_show *show,
                          const struct nta_incident *incident,
                          const struct nta_incident_detail *detail);

/** Head line of CSV, with its line end. */
void nta_incident_csv_head(struct nta_buf *out);
/** One incident as a line of CSV; no cell can become a formula. */
void nta_incident_csv(struct nta_buf *out, const struct nta_incident_show *show,
                      const struct nta_incident *incident,
                      const struct nta_incident_detail *detail);

/** All about one. */
void nta_incident_put_whole(struct nta_buf *out, const struct nta_incident_show *show,
                            const struct nta_incident *incident,
                            const struct nta_incident_detail *detail);
