/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/proof/case.h"

#include "base/own.h"
#include "vault/signed_note.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** An array with space for one more element of `size` bytes, which is zeroed; or NULL. */
static void *grow(void **array, size_t *n, size_t *space, size_t size)
{
    if (*n == *space) {
        const size_t wanted = *space ? *space * 2 : 4;
        void *grown = wanted > SIZE_MAX / 2 / size ? NULL : realloc(*array, wanted * size);

        if (!grown)
            return NULL;
        *array = grown;
        *space = wanted;
    }
    void *element = (char *)*array + *n * size;

    memset(element, 0, size);
    ++*n;
    return element;
}

#define ADD(array, n, space)                                                                       \
    ((__typeof__(array))grow((void **)&(array), &(n), &(space), sizeof(*(array))))

bool nta_case_has_sensor(const struct nta_case *kase, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    for (size_t i = 0; i < kase->n_sensors; i++) {
        uint8_t id[NTA_SENSOR_ID_LEN];

        nta_sensor_id(kase->sensors[i].identity, id);
        if (memcmp(id, sensor, sizeof(id)) == 0)
            return true;
    }
    return false;
}

struct nta_case *nta_case_new(void)
{
    return calloc(1, sizeof(struct nta_case));
}

void nta_case_free(struct nta_case **case_ptr)
{
    struct nta_case *kase = *case_ptr;

    *case_ptr = NULL;
    if (!kase)
        return;
    for (size_t i = 0; i < kase->n_sensors; i++) {
        for (size_t j = 0; j < kase->sensors[i].n_heads; j++)
            free(kase->sensors[i].heads[j].records);
        free(kase->sensors[i].heads);
        free(kase->sensors[i].noted);
    }
    for (size_t i = 0; i < kase->n_kept; i++)
        free(kase->kept[i]);
    free(kase->kept);
    free(kase->lines);
    free(kase->sensors);
    free(kase);
}

int nta_case_keep(struct nta_case *kase, struct nta_span *bytes)
{
    NTA_AUTO_FREE uint8_t *copy = bytes->len ? malloc(bytes->len) : NULL;

    if (bytes->len == 0) {
        bytes->ptr = NULL;
        return 0;
    }
    uint8_t **kept = copy ? ADD(kase->kept, kase->n_kept, kase->kept_size) : NULL;

    if (!kept)
        return -ENOMEM;
    memcpy(copy, bytes->ptr, bytes->len);
    bytes->ptr = copy;
    *kept = NTA_TAKE(copy);
    return 0;
}

struct nta_case_sensor *nta_case_add_sensor(struct nta_case *kase)
{
    return ADD(kase->sensors, kase->n_sensors, kase->sensors_size);
}

struct nta_case_head *nta_case_add_head(struct nta_case_sensor *sensor)
{
    return ADD(sensor->heads, sensor->n_heads, sensor->heads_size);
}

struct nta_case_noted *nta_case_add_noted(struct nta_case_sensor *sensor)
{
    return ADD(sensor->noted, sensor->n_noted, sensor->noted_size);
}

/** Every line of it is a signature, and there is one. */
bool nta_case_take_note(struct nta_case_noted *noted, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    struct nta_span text, lines;
    struct nta_note_line line;

    if (noted->note.len > NTA_CHECKPOINT_MAX || !nta_note_split(noted->note, &text, &lines) ||
        lines.len == 0 || !nta_checkpoint_text(text, &noted->head) || noted->head.n == 0 ||
        memcmp(noted->head.sensor, sensor, NTA_SENSOR_ID_LEN) != 0)
        return false;
    while (lines.len > 0)
        if (!nta_note_next(&lines, &line))
            return false;
    return true;
}

struct nta_case_record *nta_case_add_record(struct nta_case_head *head)
{
    return ADD(head->records, head->n_records, head->records_size);
}

struct nta_case_line *nta_case_add_line(struct nta_case *kase)
{
    return ADD(kase->lines, kase->n_lines, kase->lines_size);
}

/* ---- order ---- */

static int order_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int order_sensors(const void *a, const void *b)
{
    const struct nta_case_sensor *one = a, *other = b;

    return memcmp(one->identity, other->identity, NTA_KEY_LEN);
}

static int order_heads(const void *a, const void *b)
{
    const struct nta_case_head *one = a, *other = b;

    return order_numbers(one->header.number, other->header.number);
}

/** Of two with one number, the one with records comes first. */
static int order_heads_to_keep(const void *a, const void *b)
{
    const struct nta_case_head *one = a, *other = b;
    const int order = order_heads(a, b);

    return order ? order : order_numbers(other->n_records, one->n_records);
}

static int order_records(const void *a, const void *b)
{
    const struct nta_case_record *one = a, *other = b;

    return order_numbers(one->index, other->index);
}

static int order_lines(const void *a, const void *b)
{
    const struct nta_case_line *one = a, *other = b;
    const int order = nta_span_order(one->tree, other->tree);

    return order ? order : order_numbers(one->number, other->number);
}

static int order_noted(const void *a, const void *b)
{
    const struct nta_case_noted *one = a, *other = b;
    const int order = order_numbers(one->head.n, other->head.n);

    return order ? order : nta_span_order(one->note, other->note);
}

typedef int order_fn(const void *a, const void *b);

/** Of a sorted array the first of those that are the same; gives how many are left. */
static size_t leave_out(void *array, size_t n, size_t size, order_fn *order)
{
    char *elements = array;
    size_t n_left = 0;

    for (size_t i = 0; i < n; i++) {
        if (n_left && order(elements + (n_left - 1) * size, elements + i * size) == 0)
            continue;
        memmove(elements + n_left++ * size, elements + i * size, size);
    }
    return n_left;
}

/** Gives how many are left. */
static size_t sort(void *array, size_t n, size_t size, order_fn *order)
{
    if (n)
        qsort(array, n, size, order);
    return leave_out(array, n, size, order);
}

/** Only one of those with the same number has records, and owns any. */
static void sort_heads(struct nta_case_sensor *sensor)
{
    if (sensor->n_heads)
        qsort(sensor->heads, sensor->n_heads, sizeof(*sensor->heads), order_heads_to_keep);
    sensor->n_heads =
        leave_out(sensor->heads, sensor->n_heads, sizeof(*sensor->heads), order_heads);
}

void nta_case_sort(struct nta_case *kase)
{
    for (size_t i = 0; i < kase->n_sensors; i++) {
        struct nta_case_sensor *sensor = &kase->sensors[i];

        for (size_t j = 0; j < sensor->n_heads; j++) {
            struct nta_case_head *head = &sensor->heads[j];

            head->n_records =
                sort(head->records, head->n_records, sizeof(*head->records), order_records);
        }
        sort_heads(sensor);
        sensor->n_noted = sort(sensor->noted, sensor->n_noted, sizeof(*sensor->noted), order_noted);
    }
    if (kase->n_sensors)
        qsort(kase->sensors, kase->n_sensors, sizeof(*kase->sensors), order_sensors);
    kase->n_lines = sort(kase->lines, kase->n_lines, sizeof(*kase->lines), order_lines);
}

/** True if each comes behind the one before it. */
static bool is_sorted(const void *array, size_t n, size_t size, order_fn *order)
{
    const char *elements = array;

    for (size_t i = 1; i < n; i++)
        if (order(elements + (i - 1) * size, elements + i * size) >= 0)
            return false;
    return true;
}

bool nta_case_is_sorted(const struct nta_case *kase)
{
    bool is = is_sorted(kase->sensors, kase->n_sensors, sizeof(*kase->sensors), order_sensors) &&
              is_sorted(kase->lines, kase->n_lines, sizeof(*kase->lines), order_lines);

    for (size_t i = 0; i < kase->n_sensors && is; i++) {
        const struct nta_case_sensor *sensor = &kase->sensors[i];

        is = is_sorted(sensor->heads, sensor->n_heads, sizeof(*sensor->heads), order_heads) &&
             is_sorted(sensor->noted, sensor->n_noted, sizeof(*sensor->noted), order_noted);
        for (size_t j = 0; j < sensor->n_heads && is; j++)
            is = is_sorted(sensor->heads[j].records, sensor->heads[j].n_records,
                           sizeof(*sensor->heads[j].records), order_records);
    }
    return is;
}
