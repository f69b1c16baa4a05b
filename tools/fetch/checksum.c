/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/checksum.h"

#include "base/bytes.h"
#include "base/hex.h"

#include <ctype.h>
#include <string.h>

enum
{
    DIGITS = 64
};

/** The last part of a URL's path. */
static struct nta_span name_of(const char *url)
{
    const char *host = strstr(url, "://");
    struct nta_span path = nta_span_of(host ? host + 3 : url);

    path = nta_span_first(path, strcspn((const char *)path.ptr, "?#"));
    for (size_t i = path.len; i > 0; i--) {
        if (path.ptr[i - 1] == '/')
            return nta_span_from(path, i);
    }
    return nta_span_first(path, 0);
}

/** A sum that stands alone: 64 digits, and none before or behind them. */
static bool find_sum(struct nta_span line, uint8_t sum[32])
{
    for (size_t i = 0, n = 0; i <= line.len; i++) {
        if (i < line.len && nta_hex_digit(line.ptr[i]) >= 0) {
            n++;
            continue;
        }
        if (n == DIGITS && (i == line.len || !isalnum(line.ptr[i])) &&
            (i == n || !isalnum(line.ptr[i - n - 1])))
            return nta_hex_parse((const char *)line.ptr + i - n, 32, sum);
        n = 0;
    }
    return false;
}

/** Does the line end with this name, and with nothing before it that belongs to the name? */
static bool has_name(struct nta_span line, struct nta_span name)
{
    while (line.len && line.ptr[line.len - 1] <= ' ')
        line.len--;
    if (name.len == 0 || line.len <= name.len ||
        !nta_span_equal(nta_span_from(line, line.len - name.len), name))
        return false;
    return strchr(" \t*/", line.ptr[line.len - name.len - 1]) != NULL;
}

bool nta_checksum_find(const char *text, const char *url, uint8_t ret_sha256[32])
{
    const struct nta_span name = name_of(url);
    struct nta_span rest = nta_span_of(text);
    uint8_t sum[32], only[32];
    unsigned n = 0;

    while (rest.len > 0) {
        const struct nta_span line = nta_span_take(&rest, '\n');

        if (!find_sum(line, sum))
            continue;
        if (has_name(line, name)) {
            memcpy(ret_sha256, sum, sizeof(sum));
            return true;
        }
        memcpy(only, sum, sizeof(sum));
        n++;
    }
    if (n == 1)
        memcpy(ret_sha256, only, sizeof(only));
    return n == 1;
}
