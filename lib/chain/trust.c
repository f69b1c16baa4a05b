/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/trust.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void nta_trust_done(struct nta_trust *trust)
{
    free(trust->all);
    free(trust->by_sensor);
    *trust = (struct nta_trust){.n = 0};
}

/** Where in `by_sensor` it is or would be. */
static size_t place_of(const struct nta_trust *trust, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    size_t low = 0, high = trust->n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (memcmp(trust->all[trust->by_sensor[middle]].sensor, sensor, NTA_SENSOR_ID_LEN) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct nta_trusted *nta_trust_find(const struct nta_trust *trust,
                                         const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    const size_t at = place_of(trust, sensor);
    const struct nta_trusted *found = at < trust->n ? &trust->all[trust->by_sensor[at]] : NULL;

    return found && memcmp(found->sensor, sensor, NTA_SENSOR_ID_LEN) == 0 ? found : NULL;
}

static int grow(struct nta_trust *trust, struct nta_err *err)
{
    const size_t size = trust->size ? 2 * trust->size : 4;
    struct nta_trusted *all = reallocarray(trust->all, size, sizeof(*all));

    if (!all)
        return nta_err_sys(err, -ENOMEM, "sensors");
    trust->all = all;
    uint16_t *by_sensor = reallocarray(trust->by_sensor, size, sizeof(*by_sensor));

    if (!by_sensor)
        return nta_err_sys(err, -ENOMEM, "sensors");
    trust->by_sensor = by_sensor;
    trust->size = size;
    return 0;
}

int nta_trust_add(struct nta_trust *trust, const struct nta_trusted *trusted, struct nta_err *err)
{
    struct nta_trusted one = *trusted;

    nta_sensor_id(one.public_key, one.sensor);
    if (nta_trust_find(trust, one.sensor))
        return nta_err_set(err, -EEXIST, "the sensor's key is named twice");
    if (trust->n == NTA_TRUST_MAX)
        return nta_err_set(err, -E2BIG, "more than %d sensors", NTA_TRUST_MAX);
    int r = trust->n == trust->size ? grow(trust, err) : 0;

    if (r < 0)
        return r;
    const size_t at = place_of(trust, one.sensor);

    memmove(trust->by_sensor + at + 1, trust->by_sensor + at,
            (trust->n - at) * sizeof(*trust->by_sensor));
    trust->by_sensor[at] = (uint16_t)trust->n;
    trust->all[trust->n++] = one;
    return 0;
}

bool nta_trust_covers(const struct nta_trusted *trusted, int64_t first_ns, int64_t last_ns)
{
    return (trusted->from_ns == 0 || first_ns >= trusted->from_ns) &&
           (trusted->to_ns == 0 || last_ns <= trusted->to_ns);
}

/* ---- the file ---- */

static bool is_word(const char *text)
{
    for (; *text; text++) {
        if (!isalnum((unsigned char)*text) && !strchr("._-", *text))
            return false;
    }
    return true;
}

/** "-" or 2026-11-20T14:00:00Z. */
static bool parse_time(const char *text, int64_t *ret_ns)
{
    struct tm tm = {0};
    const char *end;

    *ret_ns = 0;
    if (strcmp(text, "-") == 0)
        return true;
    end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    if (!end || *end || tm.tm_year < 70 || tm.tm_year > 300)
        return false;
    *ret_ns = (int64_t)timegm(&tm) * NTA_NS_PER_S;
    *ret_ns += *ret_ns == 0; /* 0 is "always" */
    return true;
}

static int parse_line(struct nta_trust *trust, char *line, struct nta_err *err)
{
    struct nta_trusted trusted = {.from_ns = 0};
    char *rest = NULL;
    const char *key = strtok_r(line, " \t\r", &rest), *name = strtok_r(NULL, " \t\r", &rest);
    const char *from = strtok_r(NULL, " \t\r", &rest), *to = strtok_r(NULL, " \t\r", &rest);

    if (!key || key[0] == '#')
        return 0;
    int r = nta_keys_parse_sensor(key, trusted.public_key, err);

    if (r < 0)
        return r;
    if (name && (!is_word(name) || strlen(name) >= sizeof(trusted.name)))
        return nta_err_set(err, -EINVAL,
                           "the name behind the key is no word of letters, digits, . _ and -");
    if ((from && !parse_time(from, &trusted.from_ns)) || (to && !parse_time(to, &trusted.to_ns)))
        return nta_err_set(err, -EINVAL, "a time is not like 2026-11-20T14:00:00Z, or -");
    if (name && strcmp(name, "-") != 0)
        (void)snprintf(trusted.name, sizeof(trusted.name), "%s", name);
    return nta_trust_add(trust, &trusted, err);
}

int nta_trust_parse(struct nta_trust *trust, struct nta_span text, const char *shown,
                    struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    unsigned number = 1;

    for (; text.len > 0; number++) {
        const struct nta_span piece = nta_span_take(&text, '\n');

        line.len = 0;
        nta_buf_put(&line, piece.ptr, piece.len);
        nta_buf_put_u8(&line, 0);
        int r = line.failed                             ? nta_err_sys(err, -ENOMEM, "sensors")
                : strlen((char *)line.ptr) != piece.len ? nta_err_set(err, -EINVAL, "holds a NUL")
                                                        : parse_line(trust, (char *)line.ptr, err);

        if (r < 0)
            return nta_err_prefix(err, r, "%s:%u", shown, number);
    }
    return 0;
}

static void put_time(struct nta_buf *out, int64_t ns)
{
    const time_t seconds = (time_t)(ns / NTA_NS_PER_S);
    struct tm tm;
    char text[32] = "-";

    if (ns && gmtime_r(&seconds, &tm))
        (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    nta_buf_printf(out, " %s", text);
}

int nta_trust_line(const struct nta_trusted *trusted, const char *text, struct nta_buf *out,
                   struct nta_err *err)
{
    if (!is_word(trusted->name))
        return nta_err_set(err, -EINVAL, "the name is no word of letters, digits, . _ and -");
    if (text && strpbrk(text, "\r\n"))
        return nta_err_set(err, -EINVAL, "the text has more than one line");
    nta_buf_puts(out, "nta-sensor-");
    nta_buf_put_hex(out, trusted->public_key, sizeof(trusted->public_key));
    nta_buf_printf(out, " %s", trusted->name[0] ? trusted->name : "-");
    put_time(out, trusted->from_ns);
    put_time(out, trusted->to_ns);
    if (text && text[0])
        nta_buf_printf(out, " %s", text);
    nta_buf_puts(out, "\n");
    return out->failed ? nta_err_sys(err, -ENOMEM, "sensors") : 0;
}
