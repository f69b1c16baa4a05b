/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/format/field.h"

#include "blacklist/format/line.h"

static void skip_spaces(struct nta_span *row, uint8_t separator)
{
    while (row->len > 0 && (row->ptr[0] == ' ' || (row->ptr[0] == '\t' && separator != '\t')))
        *row = nta_span_from(*row, 1);
}

/** Behind the opening quote: the field up to its closing one. */
static void take_quoted(struct nta_span *row, struct nta_list_field *field)
{
    size_t n = 0;

    field->fault = NTA_FIELD_OPEN;
    while (n < row->len && field->fault == NTA_FIELD_OPEN) {
        const uint8_t *quote = memchr(row->ptr + n, '"', row->len - n);

        n = quote ? (size_t)(quote - row->ptr) : row->len;
        if (n + 1 < row->len && row->ptr[n + 1] == '"') {
            field->doubled = true;
            n += 2;
        } else if (n < row->len) {
            field->fault = NTA_FIELD_FINE;
        }
    }
    n = n < row->len ? n : row->len;
    field->text = (struct nta_span){.ptr = row->ptr, .len = n};
    *row = nta_span_from(*row, n + (n < row->len));
}

bool nta_list_next_field(struct nta_span *row, uint8_t separator, struct nta_list_field *ret_field)
{
    struct nta_list_field field = {.fault = NTA_FIELD_FINE};
    const uint8_t *end;
    size_t n;

    if (!row->ptr)
        return false;
    skip_spaces(row, separator);
    if (row->len > 0 && row->ptr[0] == '"') {
        *row = nta_span_from(*row, 1);
        take_quoted(row, &field);
        skip_spaces(row, separator);
        if (field.fault == NTA_FIELD_FINE && row->len > 0 && row->ptr[0] != separator &&
            row->ptr[0] != '\r')
            field.fault = NTA_FIELD_ODD;
    }
    end = row->len ? memchr(row->ptr, separator, row->len) : NULL;
    n = end ? (size_t)(end - row->ptr) : row->len;
    if (!field.text.ptr)
        field.text = nta_span_trim((struct nta_span){.ptr = row->ptr, .len = n});
    *row = end ? nta_span_from(*row, n + 1) : (struct nta_span){0};
    *ret_field = field;
    return true;
}
