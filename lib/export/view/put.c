/* SPDX-License-Identifier: Apache-2.0 */
#include "export/view/put.h"

#include "base/runtime/clock.h"
#include "base/text.h"
#include "export/view/spot.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

void nta_put_name(struct nta_buf *out, const char *name)
{
    uint8_t last = out->len ? out->ptr[out->len - 1] : 0;

    nta_buf_puts(out, last == '{' || last == '[' || last == 0 ? "\"" : ",\"");
    nta_buf_puts(out, name);
    nta_buf_puts(out, "\":");
}

void nta_put_uint(struct nta_buf *out, const char *name, uint64_t value)
{
    nta_put_name(out, name);
    nta_buf_printf(out, "%" PRIu64, value);
}

void nta_put_text(struct nta_buf *out, const char *name, struct nta_span text)
{
    if (text.len == 0)
        return;
    nta_put_name(out, name);
    nta_text_json(out, text);
}

void nta_put_shown(struct nta_buf *out, const char *name, const char *shown)
{
    nta_put_name(out, name);
    nta_buf_put_u8(out, '"');
    for (; *shown; shown++) {
        if (*shown == '"' || *shown == '\\')
            nta_buf_put_u8(out, '\\');
        nta_buf_put_u8(out, (uint8_t)*shown);
    }
    nta_buf_put_u8(out, '"');
}

void nta_put_word(struct nta_buf *out, const char *name, const char *word)
{
    nta_put_text(out, name, nta_span_of(word));
}

void nta_put_time(struct nta_buf *out, const char *name, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    if (wall_ns)
        nta_put_word(out, name, nta_clock_text(wall_ns, text));
}

void nta_put_degrees(struct nta_buf *out, double degrees)
{
    long long micro = llrint(degrees * 1e6);

    nta_buf_printf(out, "%s%lld.%06lld", micro < 0 ? "-" : "", llabs(micro) / 1000000,
                   llabs(micro) % 1000000);
}

void nta_put_spot(struct nta_buf *out, const char *name, const struct nta_place *place)
{
    double lat, lon;

    if (!nta_spot_position(place, &lat, &lon))
        return;
    nta_put_name(out, name);
    nta_buf_put_u8(out, '[');
    nta_put_degrees(out, lat);
    nta_buf_put_u8(out, ',');
    nta_put_degrees(out, lon);
    nta_buf_puts(out, nta_spot_kind(place) == NTA_SPOT_POINT ? ",\"point\"]" : ",\"country\"]");
}
