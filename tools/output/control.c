/* SPDX-License-Identifier: Apache-2.0 */
#include "output/control.h"

#include "base/own.h"
#include "base/prose.h"
#include "config/config.h"
#include "search/stores.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

bool nta_control_find(const char *config_path, char path[NTA_CONTROL_PATH_SIZE])
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    const char *from = config_path ? config_path : NTA_DEFAULT_CONFIG;
    struct nta_err err = {0};
    bool is_there = config_path || access(from, F_OK) == 0;
    int r = is_there ? nta_config_load(from, &config, &err) : nta_config_new(&config, &err);

    if (r < 0 && is_there) {
        nta_prose_print(stderr, "nta: %s; asking where ntad listens by default (--socket)\n",
                        err.text);
        r = nta_config_new(&config, &err);
    }
    if (r < 0) {
        nta_prose_print(stderr, "nta: %s\n", err.text);
        return false;
    }
    (void)snprintf(path, NTA_CONTROL_PATH_SIZE, "%s", config->control.socket);
    return true;
}

void nta_control_reload(const char *path)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    struct nta_err err = {0};
    int r = nta_control_ask(path, "reload\n", &answer, &err);

    if (r == 0 && nta_span_begins(nta_buf_span(&answer), nta_span_of("reloading ")))
        (void)puts("ntad reloads its lists; nta status says how that went");
    else if (r == -ENOENT || r == -ECONNREFUSED)
        (void)puts("no ntad runs here; it takes the lists when it starts");
    else
        (void)puts("ntad was not told: systemctl reload ntad");
}
