/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/app.h"

#include <string.h>

const struct nta_app_row nta_app_rows[NTA_APPS_SIZE] = {
#define APP_ROW(symbol, name, number, traits) [number] = {(name), (traits)},
    NTA_APPS(APP_ROW)
#undef APP_ROW
};

const char *nta_app_name(enum nta_app app)
{
    return (size_t)app < NTA_APPS_SIZE && nta_app_rows[app].name ? nta_app_rows[app].name : "";
}

enum nta_app nta_app_find(const char *name)
{
    for (size_t i = 0; i < NTA_APPS_SIZE; i++) {
        if (nta_app_rows[i].name && strcmp(nta_app_rows[i].name, name) == 0)
            return (enum nta_app)i;
    }
    return NTA_APP_NONE;
}
