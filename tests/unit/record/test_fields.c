/* SPDX-License-Identifier: Apache-2.0 */
#include "record/field_table.h"
#include "record/helper.h"

/**
 * The object of JSON in which a map's fields stand: arrays, bits and TLS have none of their own.
 */
static enum nta_record_field_map object_of(enum nta_record_field_map map)
{
    return map == NTA_FIELDS_EVIDENCE || map == NTA_FIELDS_FLAGS || map == NTA_FIELDS_TLS ||
                   map == NTA_FIELDS_MORE || map == NTA_FIELDS_MARKS || map == NTA_FIELDS_SHOWN
               ? NTA_FIELDS_RECORD
               : map;
}

static void keys_of_a_map_grow(void **state)
{
    unsigned next[NTA_N_FIELD_MAPS] = {0};

    (void)state;
    for (size_t i = 0; i < NTA_N_RECORD_ROWS; i++) {
        const struct nta_record_field *row = &nta_record_fields[i];

        assert_true(row->key >= next[row->map]);
        next[row->map] = row->key + 1;
        if (row->map == NTA_FIELDS_FLAGS)
            assert_true((row->key & (row->key - 1)) == 0);
    }
}

static void places_in_json_have_no_holes(void **state)
{
    (void)state;
    for (int map = 0; map < NTA_N_FIELD_MAPS; map++) {
        uint64_t places = 0;

        for (size_t i = 0; i < NTA_N_RECORD_ROWS; i++) {
            const struct nta_record_field *row = &nta_record_fields[i];

            if ((int)object_of(row->map) != map || row->at < 0)
                continue;
            assert_true(row->at < 64);
            assert_false(places >> row->at & 1);
            places |= UINT64_C(1) << row->at;
        }
        assert_true((places & (places + 1)) == 0);
    }
}

struct names
{
    const char *names[2 * NTA_N_RECORD_ROWS];
    size_t n;
};

static void add_once(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        assert_string_not_equal(names->names[i], name);
    names->names[names->n++] = name;
}

static void names_are_used_once_and_have_a_text(void **state)
{
    struct names columns = {.n = 0}, logs = {.n = 0};

    (void)state;
    for (size_t i = 0; i < NTA_N_RECORD_ROWS; i++) {
        const struct nta_record_field *row = &nta_record_fields[i];
        const struct nta_column *pair[] = {&row->column, &row->peer_column};
        const char *names[] = {row->log, row->peer_log};

        for (size_t j = 0; j < 2; j++) {
            assert_true((!pair[j]->name && !names[j]) || row->type->put);
            if (pair[j]->name)
                add_once(&columns, pair[j]->name);
            if (names[j])
                add_once(&logs, names[j]);
            assert_true(!names[j] || strncmp(names[j], "NTA_", 4) == 0);
        }
        assert_true(!row->json || row->help);
    }
}

static void a_value_is_found_in_its_struct(void **state)
{
    struct nta_record record = {.event = NTA_RECORD_FLOW};
    size_t n = 0;

    (void)state;
    record.peer.place.asn = 64496;
    record.match.line = 17;
    for (size_t i = 0; i < NTA_N_RECORD_ROWS; i++) {
        const struct nta_record_field *row = &nta_record_fields[i];
        NTA_AUTO(nta_buf_done) struct nta_buf user = {0};
        NTA_AUTO(nta_buf_done) struct nta_buf peer = {0};

        if (!row->type->put)
            continue;
        row->type->put(&user, nta_record_field_value(row, &record, false));
        row->type->put(&peer, nta_record_field_value(row, &record, true));
        nta_buf_put_u8(&user, 0);
        nta_buf_put_u8(&peer, 0);
        n += strcmp((const char *)peer.ptr, "64496") == 0 && user.len == 1;
        n += strcmp((const char *)peer.ptr, "17") == 0 && strcmp((const char *)user.ptr, "17") == 0;
    }
    assert_int_equal(n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_a_map_grow),
        cmocka_unit_test(places_in_json_have_no_holes),
        cmocka_unit_test(names_are_used_once_and_have_a_text),
        cmocka_unit_test(a_value_is_found_in_its_struct),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
