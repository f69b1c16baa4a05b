/* SPDX-License-Identifier: Apache-2.0 */
/* A database of places that is anything: opened or refused, and then asked where somebody is. */
#include "base/own.h"
#include "geo/geo.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
const char *__lsan_default_suppressions(void);

/** Of metadata that is wrong, libmaxminddb 1.7 forgets what it had read of it. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libmaxminddb";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const asked[] = {"192.0.2.80", "10.0.0.5", "2001:db8::1", "::"};
    NTA_AUTO_FD int fd = memfd_create("geo", MFD_CLOEXEC);
    struct nta_geo *geo = NULL;
    struct nta_err err = {0};
    char path[64];

    if (fd < 0 || write(fd, data, len) != (ssize_t)len)
        return 0;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    const char *const paths[] = {path};

    if (nta_geo_open(paths, 1, NULL, &geo, &err) < 0)
        assert(err.text[0] && !geo);
    for (size_t i = 0; geo && i < NTA_N_ELEMENTS(asked); i++) {
        struct nta_place place;
        struct nta_addr addr = {{0}};

        (void)nta_addr_parse(asked[i], strlen(asked[i]), &addr);
        (void)nta_geo_find(geo, &addr, &place);
        assert(memchr(place.country_code, 0, sizeof(place.country_code)));
        assert(!place.has_position ||
               (place.lat >= -90 && place.lat <= 90 && place.lon >= -180 && place.lon <= 180));
    }
    nta_geo_free(&geo);
    return 0;
}
