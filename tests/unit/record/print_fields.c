/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of record/fields.inc for fields.py, one a line, with tabs between: "field" with map,
 * key, form, place in JSON, name in JSON, whether it is always there, columns and names in the
 * journal (the user's or the record's, the peer's), what it is; "value" with kind, what it is, how
 * long; "app" with number, name, and whether it is a tunnel's outer connection.
 */
#include "proto/app.h"
#include "record/field_table.h"

#include <stdio.h>

static const char *text(const char *text_or_null)
{
    return text_or_null ? text_or_null : "";
}

int main(void)
{
    static const char *const maps[NTA_N_FIELD_MAPS] = {
        [NTA_FIELDS_RECORD] = "record", [NTA_FIELDS_EVIDENCE] = "evidence",
        [NTA_FIELDS_FLAGS] = "flags",   [NTA_FIELDS_COUNTS] = "counts",
        [NTA_FIELDS_QUERY] = "query",   [NTA_FIELDS_TLS] = "tls",
        [NTA_FIELDS_SIDE] = "side",     [NTA_FIELDS_PLACE] = "place",
        [NTA_FIELDS_FILE] = "file",     [NTA_FIELDS_MATCH] = "match",
        [NTA_FIELDS_MORE] = "more",     [NTA_FIELDS_MARKS] = "marks",
        [NTA_FIELDS_SHOWN] = "shown",   [NTA_FIELDS_BINDING] = "binding",
        [NTA_FIELDS_LOG] = "log",       [NTA_FIELDS_INTERFACE] = "interface",
        [NTA_FIELDS_LISTED] = "listed", [NTA_FIELDS_DATABASE] = "database",
        [NTA_FIELDS_INPUT] = "input",
    };

    for (size_t i = 0; i < NTA_N_RECORD_ROWS; i++) {
        const struct nta_record_field *row = &nta_record_fields[i];

        (void)printf("field\t%s\t%u\t%s\t%d\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", maps[row->map],
                     row->key, row->type->form, row->at, text(row->json), row->required,
                     text(row->column.name), text(row->peer_column.name), text(row->log),
                     text(row->peer_log), text(row->help));
    }
#define VALUE(kind, symbol, type, member, part, what, bytes)                                       \
    (void)printf("value\t%d\t%s\t%s\n", kind, what, bytes);
#define EVIDENCE_VALUE(kind, symbol, type, member, part, what, bytes)                              \
    (void)printf("value\t%d\t%s\t%s\n", kind, what, bytes);
#include "record/fields.inc"
    for (size_t i = 0; i < NTA_APPS_SIZE; i++)
        if (nta_app_name((enum nta_app)i)[0])
            (void)printf("app\t%zu\t%s\t%d\n", i, nta_app_name((enum nta_app)i),
                         nta_app_has((enum nta_app)i, NTA_TRAIT_TUNNEL));
    return 0;
}
