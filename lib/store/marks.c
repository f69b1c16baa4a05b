/* SPDX-License-Identifier: Apache-2.0 */
#include "store/marks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void nta_store_marks_done(struct nta_store_marks *marks)
{
    free(marks->marks);
    *marks = (struct nta_store_marks){0};
}

/**
 * The place of the first mark whose sensor is not below this one: somebody may have made up very
 * many sensors.
 */
static size_t place_of(const struct nta_store_marks *marks, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    size_t low = 0, high = marks->n_marks;

    if (high && memcmp(marks->marks[high - 1].sensor, sensor, NTA_SENSOR_ID_LEN) < 0)
        return high; /* as they mostly come */
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(marks->marks[middle].sensor, sensor, NTA_SENSOR_ID_LEN) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct nta_store_marks *marks, size_t at,
                  const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    return at < marks->n_marks && memcmp(marks->marks[at].sensor, sensor, NTA_SENSOR_ID_LEN) == 0;
}

uint64_t nta_store_mark_of(const struct nta_store_marks *marks,
                           const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    size_t at = place_of(marks, sensor);

    return is_at(marks, at, sensor) ? marks->marks[at].number : 0;
}

static int make_space(struct nta_store_marks *marks)
{
    size_t size = marks->size ? 2 * marks->size : 8;

    if (marks->n_marks < marks->size)
        return 0;
    struct nta_store_mark *more = reallocarray(marks->marks, size, sizeof(*more));

    if (!more)
        return -ENOMEM;
    marks->marks = more;
    marks->size = size;
    return 0;
}

int nta_store_mark_raise(struct nta_store_marks *marks, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         uint64_t number)
{
    size_t at = place_of(marks, sensor);

    if (is_at(marks, at, sensor)) {
        if (marks->marks[at].number < number)
            marks->marks[at].number = number;
        return 0;
    }
    if (make_space(marks) < 0)
        return -ENOMEM;
    struct nta_store_mark *mark = &marks->marks[at];

    memmove(mark + 1, mark, (marks->n_marks - at) * sizeof(*mark));
    mark->number = number;
    memcpy(mark->sensor, sensor, NTA_SENSOR_ID_LEN);
    marks->n_marks++;
    return 0;
}

int nta_store_marks_merge(struct nta_store_marks *marks, const struct nta_store_marks *from)
{
    struct nta_store_marks all = {.n_marks = 0};
    size_t i = 0, j = 0, n_odd = sizeof(marks->odd) / sizeof(marks->odd[0]);
    int result = 0;

    while (result == 0 && (i < marks->n_marks || j < from->n_marks)) {
        bool mine = j == from->n_marks ||
                    (i < marks->n_marks &&
                     memcmp(marks->marks[i].sensor, from->marks[j].sensor, NTA_SENSOR_ID_LEN) <= 0);
        const struct nta_store_mark *next = mine ? &marks->marks[i++] : &from->marks[j++];

        result = nta_store_mark_raise(&all, next->sensor, next->number);
    }
    if (result < 0) {
        nta_store_marks_done(&all);
        return result;
    }
    for (size_t k = 0; k < n_odd; k++)
        all.odd[k] = from->odd[k] ? from->odd[k] : marks->odd[k];
    nta_store_marks_done(marks);
    *marks = all;
    return 0;
}

bool nta_store_mark_odd(struct nta_store_marks *marks, const struct nta_store *store)
{
    size_t n = sizeof(marks->odd) / sizeof(marks->odd[0]);

    for (size_t i = 0; i < n; i++) {
        if (marks->odd[i] == store)
            return false;
        if (!marks->odd[i]) {
            marks->odd[i] = store;
            return true;
        }
    }
    return true;
}
