/* SPDX-License-Identifier: Apache-2.0 */
#include "export/view/spot.h"

#include "base/text.h"
#include "export/assets/assets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool has_position(const struct nta_place *place)
{
    return place->has_position && fabs(place->lat) <= 90.0 && fabs(place->lon) <= 180.0;
}

enum nta_spot_kind nta_spot_kind(const struct nta_place *place)
{
    if (has_position(place)) {
        bool is_wide = place->accuracy_km > NTA_SPOT_WIDE_KM;
        bool is_named = place->city.len && !is_wide;

        if (place->site.len || is_named || (place->accuracy_km && !is_wide))
            return NTA_SPOT_POINT;
    }
    return place->country_code[0] ? NTA_SPOT_COUNTRY : NTA_SPOT_NONE;
}

size_t nta_spot_key(const struct nta_place *place, uint8_t ret_key[NTA_SPOT_KEY_MAX])
{
    enum nta_spot_kind kind = nta_spot_kind(place);
    int32_t micro[2];

    if (kind == NTA_SPOT_NONE)
        return 0;
    ret_key[0] = (uint8_t)kind;
    memcpy(ret_key + 1, place->country_code, sizeof(place->country_code));
    if (kind == NTA_SPOT_COUNTRY)
        return 1 + sizeof(place->country_code);
    micro[0] = (int32_t)lrint(place->lat * 1e6);
    micro[1] = (int32_t)lrint(place->lon * 1e6);
    memcpy(ret_key + 5, micro, sizeof(micro));
    memcpy(ret_key + 13, &place->accuracy_km, sizeof(place->accuracy_km));
    return 17;
}

/** A decimal number of our own data, and what stands behind it passed over. */
static double take_number(struct nta_span *text)
{
    bool is_negative = text->len && *text->ptr == '-';
    double value = 0, unit = 0;

    for (; text->len && *text->ptr != ' ' && *text->ptr != ';'; text->ptr++, text->len--) {
        if (*text->ptr == '.')
            unit = 1;
        else if (*text->ptr != '-') {
            value = value * 10 + (*text->ptr - '0');
            unit *= 10;
        }
    }
    return (is_negative ? -value : value) / (unit > 0 ? unit : 1);
}

bool nta_country_point(struct nta_span *rings, double *ret_lon, double *ret_lat, bool *ret_new_ring)
{
    if (rings->len == 0)
        return false;
    *ret_new_ring = rings->ptr[0] == ';';
    if (*ret_new_ring || rings->ptr[0] == ' ') {
        rings->ptr++;
        rings->len--;
    }
    *ret_lon = take_number(rings);
    if (rings->len) {
        rings->ptr++;
        rings->len--;
    }
    *ret_lat = take_number(rings);
    return true;
}

bool nta_country_find(const char *code, struct nta_country *ret_country)
{
    struct nta_span text = nta_asset(NTA_ASSET_WORLD);

    while (code[0] && text.len) {
        struct nta_span line = nta_span_take(&text, '\n');

        if (!nta_span_equal(nta_span_take(&line, '\t'), nta_span_of(code)))
            continue;
        ret_country->name = nta_span_take(&line, '\t');
        struct nta_span label = nta_span_take(&line, '\t');
        bool is_new;

        ret_country->lon = ret_country->lat = 0;
        (void)nta_country_point(&label, &ret_country->lon, &ret_country->lat, &is_new);
        ret_country->rings = nta_span_take(&line, '\t');
        return true;
    }
    return false;
}

bool nta_spot_position(const struct nta_place *place, double *ret_lat, double *ret_lon)
{
    enum nta_spot_kind kind = nta_spot_kind(place);
    struct nta_country country;

    if (kind == NTA_SPOT_NONE)
        return false;
    if (kind == NTA_SPOT_COUNTRY && nta_country_find(place->country_code, &country)) {
        *ret_lat = country.lat;
        *ret_lon = country.lon;
        return true;
    }
    if (!has_position(place))
        return false;
    *ret_lat = place->lat;
    *ret_lon = place->lon;
    return true;
}
