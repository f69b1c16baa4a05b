/* SPDX-License-Identifier: Apache-2.0 */
#include "store/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void nta_store_marks_done(struct nta_store_marks *marks)
{
    free(marks->marks);
    *marks = (struct nta_store_marks){0};
}

static struct nta_store_mark *find_mark(const struct nta_store_marks *marks,
                                        const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    for (size_t i = 0; i < marks->n_marks; i++) {
        if (memcmp(marks->marks[i].sensor, sensor, NTA_SENSOR_ID_LEN) == 0)
            return &marks->marks[i];
    }
    return NULL;
}

uint64_t nta_store_mark_of(const struct nta_store_marks *marks,
                           const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    const struct nta_store_mark *mark = find_mark(marks, sensor);

    return mark ? mark->number : 0;
}

int nta_store_mark_raise(struct nta_store_marks *marks, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         uint64_t number)
{
    struct nta_store_mark *mark = find_mark(marks, sensor);

    if (!mark) {
        if (marks->n_marks == marks->size) {
            size_t size = marks->size ? 2 * marks->size : 8;
            struct nta_store_mark *more = reallocarray(marks->marks, size, sizeof(*more));

            if (!more)
                return -ENOMEM;
            marks->marks = more;
            marks->size = size;
        }
        mark = &marks->marks[marks->n_marks++];
        *mark = (struct nta_store_mark){.number = 0};
        memcpy(mark->sensor, sensor, NTA_SENSOR_ID_LEN);
    }
    if (mark->number < number)
        mark->number = number;
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
