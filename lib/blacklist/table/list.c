/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/table/list.h"

uint64_t nta_list_report_entries(const struct nta_list_report *report)
{
    return report->n_domains + report->n_addresses + report->n_cidrs + report->n_urls +
           report->n_hashes + report->n_ja4 + report->n_certificates + report->n_programs +
           report->n_duplicates;
}
