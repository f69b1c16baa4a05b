/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an incident consists of: its files, the names that were asked for, what forbids it, and
 * which records tell of it.  Texts borrow from the set; lists are bounded, and what does not fit is
 * counted.
 */

#include "incident/incident.h"

enum
{
    NTA_INCIDENT_FILES = 1024, ///< The largest.
    NTA_INCIDENT_NAMES = 256,
    NTA_INCIDENT_LISTS = 64,
};

/** A file that was moved. */
struct nta_incident_file
{
    struct nta_record_file file;
    struct nta_span site, url; ///< As it was named.
    int64_t time_ns;
    uint64_t up, down; ///< As its record has it.
    uint8_t act;
    bool weak;   ///< That it was from this site is known weakly only.
    size_t fact; ///< For this module.
};

/** An entry that forbids it. */
struct nta_incident_entry
{
    struct nta_record_match match;
};

struct nta_incident_detail
{
    struct nta_record sample; ///< As nta_incident_sample(),
    char sample_id[NTA_INCIDENT_ID_SIZE];
    struct nta_span site;            ///< What is listed: nta_incident_site().
    struct nta_incident_file *files; ///< Owned; downloads, what is well known, the largest first.
    size_t n_files, files_size;
    uint64_t n_more_files; ///< Beside these.
    uint64_t file_bytes;   ///< Of these, or both ways where content was not seen.
    struct nta_span names[NTA_INCIDENT_NAMES]; ///< Sites as they were named, in order of time.
    size_t n_names;
    bool has_more_names;
    struct nta_incident_entry entries[NTA_INCIDENT_LISTS];
    size_t n_entries;
    bool has_more_entries;
    struct nta_record_buf buf; ///< Of `sample`.
};

/** All of it.  0 and `ret_detail`, which the caller frees, or -ENOMEM. */
int nta_incident_detail_new(const struct nta_incidents *set, const struct nta_incident *incident,
                            struct nta_incident_detail **ret_detail);
/** Takes NULL too. */
void nta_incident_detail_free(struct nta_incident_detail **detail);

/** The id of the record that a file's facts are from, into `buf`; "" if it has none. */
const char *nta_incident_file_id(const struct nta_incidents *set,
                                 const struct nta_incident_file *file,
                                 char buf[NTA_INCIDENT_ID_SIZE]);

/**
 * Call `each` with the id of every record of the incident that is known by itself, in order of
 * time: of packets, or of all others.
 */
void nta_incident_each_id(const struct nta_incidents *set, const struct nta_incident *incident,
                          bool packets, void (*each)(void *owner, const char *id), void *owner);

/**
 * With the id of every binding that says who it was where its own records do not.  0, or -ENOMEM:
 * of none.
 */
int nta_incident_each_binding(const struct nta_incidents *set, const struct nta_incident *incident,
                              void (*each)(void *owner, const char *id), void *owner);

/**
 * With the id of every binding that contradicts another one, or a record, in who it was
 * (nta_incident.n_disputed).  0, or -ENOMEM: of none.
 */
int nta_incident_each_disputing(const struct nta_incidents *set,
                                const struct nta_incident *incident,
                                void (*each)(void *owner, const char *id), void *owner);

/** Bytes that a file's line shows: of its content, or what came or went where that is unknown. */
uint64_t nta_incident_file_bytes(const struct nta_incident_file *file);
