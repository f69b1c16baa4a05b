/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/format1/sqlite1.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** A key's place in the order. */
struct key_place
{
    int64_t made_ns;
    uint8_t id[NTA_DATA_KEY_ID_LEN];
};

/** All keys whose id is of its form: 24 bytes for each row. */
struct key_list
{
    struct key_place *places; ///< Owned.
    size_t n, size;
    bool is_damaged;
};

static void list_done(struct key_list *list)
{
    free(list->places);
}

static int compare_places(const void *a, const void *b)
{
    const struct key_place *one = a, *two = b;

    if (one->made_ns != two->made_ns)
        return one->made_ns < two->made_ns ? -1 : 1;
    return memcmp(one->id, two->id, sizeof(one->id));
}

static int add_place(struct key_list *list, const struct key_place *place)
{
    if (list->n == list->size) {
        size_t size = list->size ? 2 * list->size : 64;
        struct key_place *more = reallocarray(list->places, size, sizeof(*more));

        if (!more)
            return -ENOMEM;
        list->places = more;
        list->size = size;
    }
    list->places[list->n++] = *place;
    return 0;
}

/**
 * Add what one statement gives, up to `stop_at` (NULL: to its end).  0, also if the rest cannot be
 * read; negative errno.
 */
static int list_ids(struct nta_sqlite *sqlite, enum nta_sqlite1_statement which,
                    const uint8_t *stop_at, struct key_list *list, struct nta_err *err)
{
    struct key_place place;
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, which, &result, err);

    if (!statement)
        return result;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        place = (struct key_place){.made_ns = 0};
        (void)nta_sqlite_number_of(statement, 1, &place.made_ns);
        if (!nta_sqlite_exact(statement, 0, place.id, sizeof(place.id)))
            continue;
        if (stop_at && memcmp(place.id, stop_at, sizeof(place.id)) <= 0)
            return 0;
        if (add_place(list, &place) < 0)
            return nta_err_set(err, -ENOMEM, "out of memory");
    }
    if (code == SQLITE_DONE)
        return 0;
    list->is_damaged = true;
    result = nta_sqlite_fail_read(sqlite, code, "read its data keys", err);
    return result == -EIO ? 0 : result;
}

/** From the front, and where a page cannot be read, from the back as far as that. */
static int list_all(struct nta_sqlite *sqlite, struct key_list *list, struct nta_err *err)
{
    int result = list_ids(sqlite, NTA_SQLITE1_KEY_IDS, NULL, list, err);
    uint8_t last[NTA_DATA_KEY_ID_LEN];
    bool has_last = list->n > 0;

    if (result < 0 || !list->is_damaged)
        return result;
    if (has_last)
        memcpy(last, list->places[list->n - 1].id, sizeof(last));
    return list_ids(sqlite, NTA_SQLITE1_KEY_IDS_BACK, has_last ? last : NULL, list, err);
}

/** The key at which a statement stands; its blob into `bytes`. */
static int take_key(sqlite3_stmt *statement, struct nta_buf *bytes, struct nta_stored_key *ret_key,
                    struct nta_err *err)
{
    struct nta_stored_key key = {.faults = 0};

    if (!nta_sqlite_exact(statement, 0, key.key.id, sizeof(key.key.id)) ||
        !nta_sqlite_number_of(statement, 1, &key.key.made_ns))
        key.faults |= NTA_ROW_TYPE;
    nta_sqlite_take_blob(statement, 2, bytes, &key);
    *ret_key = key;
    return bytes->failed ? nta_err_set(err, -ENOMEM, "out of memory") : 0;
}

static const struct nta_sqlite_keys keys = {.table = NTA_SQLITE1_DATA_KEY,
                                            .find = NTA_SQLITE1_FIND_KEY,
                                            .scan = NTA_SQLITE1_SCAN_KEY,
                                            .take = take_key};

int nta_sqlite1_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                         struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err)
{
    return nta_sqlite_find_key_alike(store, &keys, id, bytes, ret_key, err);
}

int nta_sqlite1_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                         struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    NTA_AUTO(list_done) struct key_list list = {.n = 0};
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    int result = nta_sqlite_refresh(sqlite, err);

    if (result == 0 && nta_sqlite_lacks(sqlite, NTA_SQLITE1_DATA_KEY))
        return 0;
    if (result == 0 && !nta_sqlite_is_loose(sqlite, NTA_SQLITE1_DATA_KEY))
        result = nta_sqlite_settle(sqlite, list_all(sqlite, &list, err), err);
    if (list.n > 0)
        qsort(list.places, list.n, sizeof(*list.places), compare_places);
    for (size_t i = 0; i < list.n && result == 0; i++) {
        struct nta_stored_key key = {.faults = NTA_ROW_UNREAD};

        memcpy(key.key.id, list.places[i].id, sizeof(key.key.id));
        result = nta_sqlite1_find_key(store, key.key.id, &bytes, &key, err);
        list.is_damaged |= result == -EIO;
        if (result > 0 || result == -EIO)
            result = each(owner, &key, err);
    }
    if (result != 0)
        return result;
    /* those whose id is not of its form, behind all others; or all as they lie there, in a table of
     * another form */
    result = nta_sqlite_each_key_alike(sqlite, &keys,
                                       nta_sqlite_is_loose(sqlite, NTA_SQLITE1_DATA_KEY)
                                           ? NTA_SQLITE1_KEY_ALL
                                           : NTA_SQLITE1_KEY_ODD,
                                       each, owner, err);
    if (result == 0 && list.is_damaged)
        return nta_err_set(err, -EIO,
                           "store %s: the file is damaged: some data keys cannot be read",
                           sqlite->shown);
    return result;
}
