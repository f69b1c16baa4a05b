/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/file/image.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* all but `narrowed` and `number`, which come with the source it is compared with */
static_assert(sizeof(struct nta_list_report) == 1224,
              "a new field is written and read below, and RULES in fingerprint.c is raised");

enum
{
    LISTS_MAX = 65536
};

static void put64(struct nta_buf *buf, uint64_t number)
{
    number = htobe64(number);
    nta_buf_put(buf, &number, sizeof(number));
}

static void put_bytes(struct nta_buf *buf, const void *bytes, size_t len)
{
    put64(buf, len);
    nta_buf_put(buf, bytes, len);
}

/** A text with its NUL; nothing at all for NULL. */
static void put_text(struct nta_buf *buf, const char *text)
{
    put_bytes(buf, text, text ? strlen(text) + 1 : 0);
}

static void put_report(struct nta_buf *buf, const struct nta_list_report *report)
{
    const uint64_t numbers[] = {report->bytes,          report->lines,      report->n_domains,
                                report->n_addresses,    report->n_cidrs,    report->n_urls,
                                report->n_duplicates,   report->n_skipped,  report->n_bad,
                                report->n_taken,        report->severity,   report->allow,
                                report->internal,       report->n_hashes,   report->n_ja4,
                                report->n_certificates, report->n_programs, report->n_reasons};

    put_bytes(buf, report->sha256, sizeof(report->sha256));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        put64(buf, numbers[i]);
    for (size_t i = 0; i < report->n_reasons; i++) {
        put_text(buf, report->reasons[i].text);
        put64(buf, report->reasons[i].n);
    }
}

static void put_sections(struct nta_buf *buf, const struct nta_list *list)
{
    put64(buf, list->n_sections);
    for (size_t i = 0; i < list->n_sections; i++) {
        const struct nta_list_section *section = &list->sections[i];

        put64(buf, section->start);
        put_text(buf, section->path);
        put_text(buf, section->category);
        put_bytes(buf, section->report.sha256, sizeof(section->report.sha256));
    }
}

void nta_image_put_lists(const struct nta_blacklist *set, struct nta_buf *buf)
{
    for (size_t i = 0; i < set->n_lists; i++) {
        const struct nta_list *list = &set->lists[i];

        put64(buf, set->starts[i]);
        put_text(buf, list->path);
        put_text(buf, list->name);
        put_text(buf, list->category);
        put_text(buf, list->text);
        put_bytes(buf, list->fingerprint.ptr, list->fingerprint.len);
        put_bytes(buf, list->complaints.ptr, list->complaints.len);
        put_bytes(buf, list->beside.ptr, list->beside.len);
        put_report(buf, &list->report);
        put_sections(buf, list);
    }
}

static struct nta_span read_bytes(struct nta_reader *r)
{
    uint64_t len = nta_read_be64(r);

    return nta_read_span(r, len <= nta_reader_left(r) ? (size_t)len : SIZE_MAX);
}

/** A text that borrows from the bytes; NULL if there is none or it does not end. */
static const char *read_text(struct nta_reader *r)
{
    struct nta_span text = read_bytes(r);

    return text.len > 0 && text.ptr[text.len - 1] == '\0' ? (const char *)text.ptr : NULL;
}

/** The same as a copy. */
static char *copy_text(struct nta_reader *r)
{
    const char *text = read_text(r);

    return text ? strdup(text) : NULL;
}

static void copy_bytes(struct nta_reader *r, struct nta_buf *buf)
{
    struct nta_span bytes = read_bytes(r);

    nta_buf_put(buf, bytes.ptr, bytes.len);
}

static void read_report(struct nta_reader *r, struct nta_list_report *report)
{
    struct nta_span hash = read_bytes(r);
    uint64_t severity, n_reasons;

    if (hash.len == sizeof(report->sha256))
        memcpy(report->sha256, hash.ptr, sizeof(report->sha256));
    report->bytes = nta_read_be64(r);
    report->lines = nta_read_be64(r);
    report->n_domains = nta_read_be64(r);
    report->n_addresses = nta_read_be64(r);
    report->n_cidrs = nta_read_be64(r);
    report->n_urls = nta_read_be64(r);
    report->n_duplicates = nta_read_be64(r);
    report->n_skipped = nta_read_be64(r);
    report->n_bad = nta_read_be64(r);
    report->n_taken = nta_read_be64(r);
    severity = nta_read_be64(r);
    report->severity =
        severity <= NTA_SEVERITY_CRITICAL ? (enum nta_severity)severity : NTA_SEVERITY_NONE;
    report->allow = nta_read_be64(r) != 0;
    report->internal = nta_read_be64(r) != 0;
    report->n_hashes = nta_read_be64(r);
    report->n_ja4 = nta_read_be64(r);
    report->n_certificates = nta_read_be64(r);
    report->n_programs = nta_read_be64(r);
    n_reasons = nta_read_be64(r);
    for (uint64_t i = 0; i < n_reasons && i < NTA_LIST_REASONS && nta_reader_ok(r); i++) {
        const char *text = read_text(r);

        report->reasons[report->n_reasons].n = nta_read_be64(r);
        if (text)
            report->reasons[report->n_reasons++].text = text;
    }
}

static int read_sections(struct nta_reader *r, struct nta_list *list)
{
    uint64_t n = nta_read_be64(r);

    for (uint64_t i = 0; i < n && nta_reader_ok(r); i++) {
        uint32_t start = (uint32_t)nta_read_be64(r);
        const char *path = read_text(r), *category = read_text(r);
        struct nta_span hash = read_bytes(r);
        struct nta_list_section *section;

        if (!path || !category || !nta_reader_ok(r) || hash.len != sizeof(section->report.sha256))
            return -EBADMSG;
        section = nta_list_add_section(list, path, category, start);
        if (!section)
            return -ENOMEM;
        memcpy(section->report.sha256, hash.ptr, hash.len);
    }
    return 0;
}

static int read_list(struct nta_reader *r, struct nta_list *list, uint32_t *ret_start)
{
    *ret_start = (uint32_t)nta_read_be64(r);
    list->path = copy_text(r);
    list->name = copy_text(r);
    list->category = copy_text(r);
    list->text = copy_text(r);
    copy_bytes(r, &list->fingerprint);
    copy_bytes(r, &list->complaints);
    copy_bytes(r, &list->beside);
    read_report(r, &list->report);
    list->report.path = list->path;
    list->report.name = list->name;
    list->report.category = list->category;
    list->report.text = list->text;
    if (list->fingerprint.failed || list->complaints.failed || list->beside.failed)
        return -ENOMEM;
    return nta_reader_ok(r) && list->path && list->name ? read_sections(r, list) : -EBADMSG;
}

int nta_image_read_lists(struct nta_blacklist *set, struct nta_span bytes, size_t n_lists)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    int outcome = 0;

    if (n_lists == 0 || n_lists > LISTS_MAX)
        return -EBADMSG;
    set->lists = calloc(n_lists, sizeof(*set->lists));
    set->starts = calloc(n_lists, sizeof(*set->starts));
    if (!set->lists || !set->starts)
        return -ENOMEM;
    while (outcome == 0 && set->n_lists < n_lists) {
        outcome = read_list(&r, &set->lists[set->n_lists], &set->starts[set->n_lists]);
        set->n_lists++;
    }
    return outcome;
}

/**
 * The items of one part: how many, or SIZE_MAX if it does not lie in the file or ends within an
 * item.
 */
static size_t n_items(const struct nta_image_header *header, enum nta_image_part part,
                      size_t item_bytes)
{
    uint64_t start = header->parts[part].start, bytes = header->parts[part].bytes;

    if (start % NTA_IMAGE_PAGE || start > header->bytes || bytes > header->bytes - start ||
        bytes % item_bytes)
        return SIZE_MAX;
    return bytes / item_bytes;
}

static bool attach_names(struct nta_names *names, const struct nta_image_header *header,
                         uint8_t *image)
{
    size_t n_buckets = n_items(header, NTA_IMAGE_BUCKETS, sizeof(*names->buckets));
    size_t n_ways = n_items(header, NTA_IMAGE_WAYS, sizeof(*names->ways));

    if (n_buckets == 0 || n_buckets > UINT32_MAX || n_ways == 0 || n_ways > UINT32_MAX)
        return false;
    names->keys = header->keys;
    names->buckets = (void *)(image + header->parts[NTA_IMAGE_BUCKETS].start);
    names->ways = (void *)(image + header->parts[NTA_IMAGE_WAYS].start);
    names->size_bytes = n_buckets * sizeof(*names->buckets) + n_ways * sizeof(*names->ways);
    names->n_buckets = (uint32_t)n_buckets;
    names->n_ways = (uint32_t)n_ways;
    names->n_entries = header->n_entries;
    names->label_counts = header->label_counts;
    return true;
}

static bool attach_addrs(struct nta_addrs *addrs, const struct nta_image_header *header,
                         uint8_t *image)
{
    size_t n_index = n_items(header, NTA_IMAGE_INDEX, sizeof(*addrs->index));
    size_t n_pages = n_items(header, NTA_IMAGE_PAGES, 1);

    addrs->n_singles = n_items(header, NTA_IMAGE_SINGLES, sizeof(*addrs->singles));
    addrs->n_ranges = n_items(header, NTA_IMAGE_RANGES, sizeof(*addrs->ranges));
    addrs->n_segments = n_items(header, NTA_IMAGE_SEGMENTS, sizeof(*addrs->segments));
    if (addrs->n_singles == SIZE_MAX || addrs->n_ranges == SIZE_MAX ||
        addrs->n_segments == SIZE_MAX || (n_index != 0 && n_index != NTA_ADDR_INDEX_SIZE) ||
        (n_pages != 0 && n_pages != NTA_ADDR_PAGES_BYTES))
        return false;
    addrs->singles = (void *)(image + header->parts[NTA_IMAGE_SINGLES].start);
    addrs->ranges = (void *)(image + header->parts[NTA_IMAGE_RANGES].start);
    addrs->segments = (void *)(image + header->parts[NTA_IMAGE_SEGMENTS].start);
    addrs->index = n_index ? (void *)(image + header->parts[NTA_IMAGE_INDEX].start) : NULL;
    addrs->pages = n_pages ? (void *)(image + header->parts[NTA_IMAGE_PAGES].start) : NULL;
    for (size_t i = 0; i < n_index; i++) {
        if (addrs->index[i] > addrs->n_singles || (i > 0 && addrs->index[i] < addrs->index[i - 1]))
            return false;
    }
    for (size_t i = 0; i < addrs->n_segments; i++) {
        if (addrs->segments[i].n_range > addrs->n_ranges)
            return false;
    }
    return true;
}

static bool attach_urls(struct nta_urls *urls, const struct nta_image_header *header,
                        uint8_t *image)
{
    size_t n_urls = n_items(header, NTA_IMAGE_URLS, sizeof(*urls->urls));
    size_t n_text = n_items(header, NTA_IMAGE_TEXT, 1);

    if (n_urls == SIZE_MAX || n_text == SIZE_MAX)
        return false;
    urls->urls = (void *)(image + header->parts[NTA_IMAGE_URLS].start);
    urls->n_urls = urls->size = n_urls;
    urls->text.ptr = image + header->parts[NTA_IMAGE_TEXT].start;
    urls->text.len = urls->text.size = n_text;
    for (size_t i = 0; i < n_urls; i++) {
        const struct nta_url *url = &urls->urls[i];

        if (url->start > n_text || (size_t)url->host_len + url->len > n_text - url->start ||
            url->parent > i) /* the walk along parents goes down, so it ends */
            return false;
    }
    return true;
}

static bool attach_marks(struct nta_marks *marks, const struct nta_image_header *header,
                         uint8_t *image)
{
    size_t n_marks = n_items(header, NTA_IMAGE_MARKS, sizeof(*marks->marks));

    if (n_marks == SIZE_MAX)
        return false;
    marks->marks = (void *)(image + header->parts[NTA_IMAGE_MARKS].start);
    marks->n_marks = marks->size = n_marks;
    memcpy(marks->n, header->n_marks, sizeof(marks->n));
    return true;
}

static int attach_patterns(struct nta_patterns *patterns, const struct nta_image_header *header,
                           const uint8_t *image)
{
    size_t n_bytes = n_items(header, NTA_IMAGE_PATTERNS, 1);

    if (n_bytes == SIZE_MAX)
        return -EBADMSG;
    return nta_patterns_read(
        patterns, (struct nta_span){image + header->parts[NTA_IMAGE_PATTERNS].start, n_bytes});
}

int nta_image_attach(struct nta_blacklist *set, const struct nta_image_header *header,
                     uint8_t *image)
{
    size_t n_bytes = n_items(header, NTA_IMAGE_LISTS, 1);
    int r = attach_patterns(&set->patterns, header, image);

    if (r < 0)
        return r;
    if (n_bytes == SIZE_MAX || !attach_names(&set->names, header, image) ||
        !attach_addrs(&set->addrs, header, image) || !attach_urls(&set->urls, header, image) ||
        !attach_marks(&set->marks, header, image))
        return -EBADMSG;
    return nta_image_read_lists(
        set, (struct nta_span){.ptr = image + header->parts[NTA_IMAGE_LISTS].start, .len = n_bytes},
        header->n_lists);
}
