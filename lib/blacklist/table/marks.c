/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/table/marks.h"

#include "blacklist/table/names.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

void nta_marks_done(struct nta_marks *marks)
{
    free(marks->marks);
    memset(marks, 0, sizeof(*marks));
}

/** The hash of a kind and a fingerprint. */
static struct nta_name_hash hash_of(const struct nta_names *names, enum nta_mark_kind kind,
                                    struct nta_span mark)
{
    char text[1 + NTA_MARK_SIZE] = {(char)('A' + kind)};

    assert(mark.len > 0 && mark.len <= NTA_MARK_SIZE);
    memcpy(text + 1, mark.ptr, mark.len);
    return nta_names_hash(names, text, 1 + mark.len);
}

int nta_marks_add(struct nta_marks *marks, const struct nta_names *names, enum nta_mark_kind kind,
                  struct nta_span mark, uint32_t value)
{
    struct nta_name_hash hash = hash_of(names, kind, mark);

    if (marks->n_marks == marks->size) {
        size_t wanted = marks->size ? 2 * marks->size : 64;
        struct nta_mark *larger = reallocarray(marks->marks, wanted, sizeof(*larger));

        if (!larger)
            return -ENOMEM;
        marks->marks = larger;
        marks->size = wanted;
    }
    value = (value & ~(NTA_VALUE_SELF | NTA_VALUE_SUBS)) | nta_mark_flags(kind);
    marks->marks[marks->n_marks++] =
        (struct nta_mark){.tag = hash.tag, .where = hash.where, .value = value};
    marks->n[kind]++;
    return 0;
}

static int compare_hashes(const struct nta_mark *one, const struct nta_mark *two)
{
    if (one->tag != two->tag)
        return one->tag < two->tag ? -1 : 1;
    return (one->where > two->where) - (one->where < two->where);
}

/** By hash; of one hash the one that decides first. */
static int compare_marks(const void *a, const void *b)
{
    const struct nta_mark *one = a, *two = b;
    uint32_t rank_one = nta_value_rank(one->value), rank_two = nta_value_rank(two->value);
    int r = compare_hashes(one, two);

    return r ? r : (rank_one < rank_two) - (rank_one > rank_two);
}

void nta_marks_fill(struct nta_marks *marks, nta_value_goes_fn *goes, nta_mark_twice_fn *twice,
                    void *owner)
{
    size_t n_kept = 0;

    if (marks->n_marks == 0)
        return;
    qsort(marks->marks, marks->n_marks, sizeof(*marks->marks), compare_marks);
    for (size_t i = 0; i < marks->n_marks; i++) {
        struct nta_mark *kept = n_kept ? &marks->marks[n_kept - 1] : NULL;

        if (kept && compare_hashes(kept, &marks->marks[i]) == 0 &&
            ((kept->value ^ marks->marks[i].value) & NTA_VALUE_FLAGS) == 0 &&
            (!goes || goes(owner, kept->value, marks->marks[i].value)))
            twice(owner, marks->marks[i].value);
        else
            marks->marks[n_kept++] = marks->marks[i];
    }
    marks->n_marks = n_kept;
}

/** The first entry with this hash, or where it would stand. */
static size_t place_of(const struct nta_marks *marks, const struct nta_mark *wanted)
{
    size_t low = 0, high = marks->n_marks;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_hashes(&marks->marks[middle], wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t nta_marks_find(const struct nta_marks *marks, const struct nta_names *names,
                      enum nta_mark_kind kind, struct nta_span mark, uint32_t *values, size_t size)
{
    struct nta_mark wanted;
    size_t n = 0;

    if (marks->n[kind] == 0 || mark.len == 0 || mark.len > NTA_MARK_SIZE)
        return 0;
    struct nta_name_hash hash = hash_of(names, kind, mark);

    wanted = (struct nta_mark){.tag = hash.tag, .where = hash.where};
    for (size_t i = place_of(marks, &wanted);
         i < marks->n_marks && n < size && compare_hashes(&marks->marks[i], &wanted) == 0; i++)
        values[n++] = marks->marks[i].value;
    return n;
}

uint32_t nta_marks_decide(const struct nta_marks *marks, const struct nta_names *names,
                          enum nta_mark_kind kind, struct nta_span mark)
{
    uint32_t value;

    return nta_marks_find(marks, names, kind, mark, &value, 1) ? value : 0;
}
