/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/detail.h"

#include "base/own.h"
#include "incident/set.h"
#include "incident/site.h"
#include "record/grade.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum
{
    PARTS = NTA_PART_SITE | NTA_PART_URL | NTA_PART_FILE | NTA_PART_COUNTS | NTA_PART_MATCH
};

uint64_t nta_incident_file_bytes(const struct nta_incident_file *file)
{
    if (file->file.bytes)
        return file->file.bytes;
    return file->act == NTA_ACT_UPLOADED ? file->up : file->down;
}

static int order_files(const void *left, const void *right)
{
    const struct nta_incident_file *a = left, *b = right;
    const unsigned weight_a = nta_act_weight(a->act), weight_b = nta_act_weight(b->act);
    const uint64_t bytes_a = nta_incident_file_bytes(a), bytes_b = nta_incident_file_bytes(b);

    if (weight_a != weight_b)
        return weight_a > weight_b ? -1 : 1;
    if (a->weak != b->weak)
        return a->weak ? 1 : -1;
    if (bytes_a != bytes_b)
        return bytes_a > bytes_b ? -1 : 1;
    return a->fact < b->fact ? -1 : a->fact > b->fact;
}

static void add_name(struct nta_incident_detail *detail, struct nta_span name)
{
    for (size_t i = 0; i < detail->n_names; i++)
        if (nta_span_equal(detail->names[i], name))
            return;
    if (name.len == 0)
        return;
    if (detail->n_names == NTA_INCIDENT_NAMES)
        detail->has_more_names = true;
    else
        detail->names[detail->n_names++] = name;
}

static bool is_same_entry(const struct nta_record_match *a, const struct nta_record_match *b)
{
    return nta_span_equal(a->list, b->list) && nta_span_equal(a->entry, b->entry) &&
           a->line == b->line && nta_span_equal(a->list_sha256, b->list_sha256);
}

static void add_entry(struct nta_incident_detail *detail, const struct nta_record_match *match)
{
    for (size_t i = 0; i < detail->n_entries; i++)
        if (is_same_entry(&detail->entries[i].match, match))
            return;
    if (detail->n_entries == NTA_INCIDENT_LISTS)
        detail->has_more_entries = true;
    else
        detail->entries[detail->n_entries++].match = *match;
}

/** The largest are kept: the smallest makes room. */
static void add_file(struct nta_incident_detail *detail, const struct nta_record *record,
                     const struct nta_fact *fact, size_t index)
{
    struct nta_incident_file file = {
        .file = record->file,
        .site = record->site,
        .url = record->url,
        .time_ns = record->time_ns,
        .up = record->up.bytes,
        .down = record->down.bytes,
        .act = fact->act,
        .weak = fact->grade == NTA_GRADE_WEAK,
        .fact = index,
    };

    detail->file_bytes += fact->n > 1 ? fact->bytes : nta_incident_file_bytes(&file);
    detail->n_more_files += fact->n - 1;
    if (detail->n_files < detail->files_size) {
        detail->files[detail->n_files++] = file;
        return;
    }
    size_t least = 0;

    for (size_t i = 1; i < detail->n_files; i++)
        if (order_files(&detail->files[i], &detail->files[least]) > 0)
            least = i;
    if (order_files(&file, &detail->files[least]) < 0)
        detail->files[least] = file;
    detail->n_more_files++;
}

static void add(const struct nta_incidents *set, size_t index, struct nta_record_buf *buf,
                struct nta_incident_detail *detail)
{
    const struct nta_fact *fact = &set->facts[index];
    const struct nta_span cbor = {.ptr = fact->cbor, .len = fact->cbor_len};
    struct nta_record record = {.time_ns = 0};

    if (!fact->cbor || fact->event == NTA_RECORD_PACKETS ||
        !nta_record_decode_some(cbor, PARTS, buf, &record))
        return;
    add_name(detail, record.site);
    add_entry(detail, &record.match);
    if (fact->is_file && !fact->is_covered)
        add_file(detail, &record, fact, index);
    detail->has_more_names |= fact->n > 1;
}

int nta_incident_detail_new(const struct nta_incidents *set, const struct nta_incident *incident,
                            struct nta_incident_detail **ret_detail)
{
    NTA_AUTO(nta_incident_detail_free)
    struct nta_incident_detail *detail = calloc(1, sizeof(*detail));
    struct nta_record_buf *buf = detail ? malloc(sizeof(*buf)) : NULL;

    if (buf) {
        detail->files_size = nta_smaller(incident->n_facts, NTA_INCIDENT_FILES);
        detail->files = calloc(detail->files_size, sizeof(*detail->files));
    }
    if (!buf || !detail->files) {
        free(buf);
        return -ENOMEM;
    }
    nta_incident_sample(set, incident, &detail->buf, &detail->sample, detail->sample_id);
    detail->site = nta_incident_site(&detail->sample);
    for (size_t i = incident->first; i < incident->first + incident->n_facts; i++)
        add(set, i, buf, detail);
    free(buf);
    if (detail->n_files)
        qsort(detail->files, detail->n_files, sizeof(*detail->files), order_files);
    *ret_detail = NTA_TAKE(detail);
    return 0;
}

void nta_incident_detail_free(struct nta_incident_detail **detail_ptr)
{
    struct nta_incident_detail *detail = NTA_TAKE(*detail_ptr);

    if (!detail)
        return;
    free(detail->files);
    free(detail);
}

static const char *id_text(const struct nta_fact_id *id, char buf[NTA_INCIDENT_ID_SIZE])
{
    buf[0] = '\0';
    if (id->sensor[0])
        (void)snprintf(buf, NTA_INCIDENT_ID_SIZE, "%s-%" PRIu64 "-%" PRIu64, id->sensor, id->number,
                       id->index);
    return buf;
}

const char *nta_incident_file_id(const struct nta_incidents *set,
                                 const struct nta_incident_file *file,
                                 char buf[NTA_INCIDENT_ID_SIZE])
{
    return id_text(&set->facts[file->fact].id, buf);
}

void nta_incident_each_id(const struct nta_incidents *set, const struct nta_incident *incident,
                          bool packets, void (*each)(void *owner, const char *id), void *owner)
{
    char id[NTA_INCIDENT_ID_SIZE];

    for (size_t i = incident->first; i < incident->first + incident->n_facts; i++) {
        const struct nta_fact *fact = &set->facts[i];

        if ((fact->event == NTA_RECORD_PACKETS) == packets && fact->id.sensor[0])
            each(owner, id_text(&fact->id, id));
    }
}

static int order_u32(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

/** Numbers of bindings, each once, in their order. */
static void each_once(const struct nta_incidents *set, uint32_t *numbers, size_t n,
                      void (*each)(void *owner, const char *id), void *owner)
{
    char id[NTA_INCIDENT_ID_SIZE];

    if (n)
        qsort(numbers, n, sizeof(*numbers), order_u32);
    for (size_t i = 0; i < n; i++) {
        const bool is_again = i > 0 && numbers[i - 1] == numbers[i];

        if (numbers[i] && !is_again && set->bindings[numbers[i] - 1].id.sensor[0])
            each(owner, id_text(&set->bindings[numbers[i] - 1].id, id));
    }
}

int nta_incident_each_binding(const struct nta_incidents *set, const struct nta_incident *incident,
                              void (*each)(void *owner, const char *id), void *owner)
{
    NTA_AUTO_FREE uint32_t *numbers = calloc(incident->n_facts, sizeof(*numbers));

    if (!numbers)
        return -ENOMEM;
    for (size_t i = 0; i < incident->n_facts; i++)
        numbers[i] = set->facts[incident->first + i].binding;
    each_once(set, numbers, incident->n_facts, each, owner);
    return 0;
}

int nta_incident_each_disputing(const struct nta_incidents *set,
                                const struct nta_incident *incident,
                                void (*each)(void *owner, const char *id), void *owner)
{
    NTA_AUTO_FREE uint32_t *numbers = calloc(2 * incident->n_facts, sizeof(*numbers));

    if (!numbers)
        return -ENOMEM;
    for (size_t i = 0; i < incident->n_facts; i++) {
        numbers[2 * i] = set->facts[incident->first + i].disputing[0];
        numbers[2 * i + 1] = set->facts[incident->first + i].disputing[1];
    }
    each_once(set, numbers, 2 * incident->n_facts, each, owner);
    return 0;
}
