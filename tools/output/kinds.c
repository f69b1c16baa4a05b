/* SPDX-License-Identifier: Apache-2.0 */
#include "output/kinds.h"

#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

void nta_kinds_add(struct nta_kinds *kinds, const struct nta_record_file *file)
{
    char type[NTA_KINDS_TYPE_SIZE];
    size_t i = 0;

    if (file->kind < NTA_FILE_KIND_END)
        kinds->by_kind[file->kind]++;
    if (file->type.len == 0)
        return;
    (void)nta_text_escape_to(type, sizeof(type), nta_span_before(file->type, ';'));
    while (i < kinds->n && strcmp(kinds->types[i].type, type) != 0)
        i++;
    if (i == NTA_KINDS_TYPES)
        return;
    if (i == kinds->n) {
        memcpy(kinds->types[i].type, type, sizeof(type));
        kinds->n++;
    }
    kinds->types[i].n++;
}

void nta_kinds_print(const struct nta_kinds *kinds, FILE *out)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    const char *between = "There are others: ";

    for (unsigned i = 1; i < NTA_FILE_KIND_END; i++) {
        if (kinds->by_kind[i] == 0)
            continue;
        nta_buf_printf(&text, "%s%s (%" PRIu64 ")", between, nta_file_kind_name((uint8_t)i),
                       kinds->by_kind[i]);
        between = ", ";
    }
    if (kinds->n > 0)
        between = text.len ? "; by type: " : "There are others, by type: ";
    for (size_t i = 0; i < kinds->n; i++) {
        nta_buf_printf(&text, "%s%s (%" PRIu64 ")", between, kinds->types[i].type,
                       kinds->types[i].n);
        between = ", ";
    }
    nta_buf_puts(&text, text.len ? "." : "There are no files of any other kind, either.");
    nta_buf_put_u8(&text, '\0');
    if (!text.failed)
        nta_prose_print(out, "%s\n", (const char *)text.ptr);
}
