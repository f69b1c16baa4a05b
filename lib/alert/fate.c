/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/fate.h"

#include <inttypes.h>

void nta_alert_open_add(struct nta_alert_open *open, uint64_t about)
{
    open->abouts[open->n++ % NTA_FATES] = about;
}

bool nta_alert_open_take(struct nta_alert_open *open, uint64_t about)
{
    size_t n = open->n < NTA_FATES ? open->n : NTA_FATES;

    for (size_t i = 0; i < n; i++) {
        if (open->abouts[i] != about)
            continue;
        open->abouts[i] = 0;
        return about != 0;
    }
    return false;
}

void nta_alert_unstored_line(struct nta_buf *out, uint64_t about)
{
    nta_buf_printf(out, " (alert %" PRIu64 ", not stored yet)", about);
}

void nta_alert_unstored_json(struct nta_buf *out, uint64_t about, bool has_about)
{
    if (out->failed || out->len == 0)
        return;
    out->len--; /* the bracket */
    if (!has_about)
        nta_buf_printf(out, ",\"about\":%" PRIu64, about);
    nta_buf_puts(out, ",\"stored\":false}");
}

void nta_alert_fate_line(struct nta_buf *out, uint64_t about, const char *id, bool colour)
{
    nta_buf_printf(out, "%sALERT%s %" PRIu64, colour ? "\033[1;31m" : "", colour ? "\033[0m" : "",
                   about);
    if (id[0])
        nta_buf_printf(out, " is stored since as %s", id);
    else
        nta_buf_puts(out, " is lost: its record could not be stored");
}

void nta_alert_fate_json(struct nta_buf *out, uint64_t about, const char *id)
{
    if (id[0])
        nta_buf_printf(out, "{\"id\":\"%s\",\"event\":\"alert-stored\",\"about\":%" PRIu64 "}", id,
                       about);
    else
        nta_buf_printf(out, "{\"event\":\"alert-lost\",\"about\":%" PRIu64 "}", about);
}
