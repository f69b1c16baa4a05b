/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the geo module: records of databases that one thread has decoded, by where they stand in
 * their file, since a city has one record and many addresses.  A direct-mapped table of fixed size;
 * the newer record stays.
 */

#include "geo/database.h"

enum
{
    NTA_GEO_RECORDS = 4096
};

struct nta_geo_record
{
    uint64_t geo; ///< Number of the nta_geo; 0: empty.
    uint32_t file, offset;
    struct nta_place place;
};

struct nta_geo_records
{
    struct nta_geo_record all[NTA_GEO_RECORDS];
};

/**
 * The record at `offset` of `database`, file number `file` of nta_geo number `geo`, decoded;
 * borrows until the next call.
 */
const struct nta_place *nta_geo_records_read(struct nta_geo_records *records, uint64_t geo,
                                             const struct nta_geo_database *database, size_t file,
                                             uint32_t offset);
