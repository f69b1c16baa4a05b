/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "search/query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    DIGITS_MIN = 4,
    NAMED_MAX = 400 ///< Bytes of the names that a sentence has.
};

int nta_query_sensor(struct nta_query *query, const char *text, struct nta_err *err)
{
    char *more = NULL;

    if (!*text)
        return nta_err_set(
            err, -EINVAL,
            "--sensor: a name of sensors.pub, or the first digits of an id, 4 or more");
    if (asprintf(&more, "%s%s%s", query->sensors ? query->sensors : "", query->sensors ? "," : "",
                 text) < 0)
        return nta_err_sys(err, -ENOMEM, "query");
    free(query->sensors);
    query->sensors = more;
    return 0;
}

static bool is_named(const struct nta_trusted *trusted, struct nta_span word)
{
    return word.len > 0 && nta_span_is(word, trusted->name);
}

static bool has_digits(const struct nta_trusted *trusted, struct nta_span word)
{
    char id[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)];

    (void)nta_hex_text(trusted->sensor, NTA_SENSOR_ID_LEN, id);
    const struct nta_span digits = nta_span_of(id);

    return word.len >= DIGITS_MIN && word.len <= digits.len &&
           nta_span_alike(nta_span_first(digits, word.len), word);
}

/** How many there are of this name, or else with these digits; the last of them. */
static size_t find(const struct nta_trust *trust, struct nta_span word,
                   const struct nta_trusted **ret_trusted)
{
    bool (*const ways[])(const struct nta_trusted *, struct nta_span) = {is_named, has_digits};
    size_t n = 0;

    for (size_t way = 0; way < NTA_N_ELEMENTS(ways) && n == 0; way++) {
        for (size_t i = 0; i < trust->n; i++) {
            if (!ways[way](&trust->all[i], word))
                continue;
            *ret_trusted = &trust->all[i];
            n++;
        }
    }
    return n;
}

static int refuse(const struct nta_trust *trust, struct nta_span word, size_t n,
                  struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf names = {0};
    char shown[NTA_TRUST_NAME_SIZE], id[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)];

    for (size_t i = 0; i < trust->n && names.len < NAMED_MAX; i++) {
        const char *name = trust->all[i].name;

        (void)nta_hex_text(trust->all[i].sensor, NTA_SENSOR_ID_LEN, id);
        nta_buf_printf(&names, "%s%s", i ? ", " : "", *name ? name : id);
    }
    return nta_err_set(err, -EDOM, "--sensor %s: %s; trusted here: %.*s",
                       nta_text_escape_to(shown, sizeof(shown), word),
                       n ? "more than one begins so" : "no sensor of that name", (int)names.len,
                       names.len ? (const char *)names.ptr : "nobody");
}

int nta_query_find_sensors(struct nta_query *query, const struct nta_trust *trust,
                           struct nta_err *err)
{
    const struct nta_trusted *trusted = NULL;

    query->n_sensors = 0;
    if (!query->sensors)
        return 0;
    for (struct nta_span rest = nta_span_of(query->sensors); rest.len > 0;) {
        const struct nta_span word = nta_span_take(&rest, ',');
        const size_t n = find(trust, word, &trusted);

        if (n != 1)
            return refuse(trust, word, n, err);
        if (query->n_sensors == NTA_QUERY_SENSORS)
            return nta_err_set(err, -EDOM, "--sensor: more than %d sensors", NTA_QUERY_SENSORS);
        memcpy(query->sensor_ids[query->n_sensors++], trusted->sensor, NTA_SENSOR_ID_LEN);
    }
    return 0;
}

bool nta_query_has_sensor(const struct nta_query *query, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    bool is_asked = !query->sensors;

    for (size_t i = 0; i < query->n_sensors && !is_asked; i++)
        is_asked = memcmp(query->sensor_ids[i], sensor, NTA_SENSOR_ID_LEN) == 0;
    return is_asked;
}
