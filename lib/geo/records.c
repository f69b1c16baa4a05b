/* SPDX-License-Identifier: Apache-2.0 */
#include "geo/records.h"

const struct nta_place *nta_geo_records_read(struct nta_geo_records *records, uint64_t geo,
                                             const struct nta_geo_database *database, size_t file,
                                             uint32_t offset)
{
    /* offsets are no user's choice: spread by a multiplication, files apart */
    size_t i = ((offset + (uint32_t)file) * UINT32_C(0x9e3779b9) >> 16) % NTA_GEO_RECORDS;
    struct nta_geo_record *record = &records->all[i];

    if (record->geo != geo || record->file != file || record->offset != offset) {
        *record = (struct nta_geo_record){.geo = geo, .file = (uint32_t)file, .offset = offset};
        nta_geo_database_read(database, offset, &record->place);
    }
    return &record->place;
}
