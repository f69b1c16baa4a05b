/* SPDX-License-Identifier: Apache-2.0 */
/* What the headers of a request say of whom it is for and where it comes from. */
#include "console/gate.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- where from ---- */

static bool is_word(const char *field, const char *word)
{
    return field && strcasecmp(field, word) == 0;
}

bool nta_gate_is_ahead(const struct nta_gate_origin *origin)
{
    return origin->purpose &&
           (strcasestr(origin->purpose, "prefetch") || strcasestr(origin->purpose, "prerender") ||
            strcasestr(origin->purpose, "preview"));
}

bool nta_gate_is_ours(const struct nta_gate_origin *origin, bool is_page, const char *const *names,
                      size_t n_names, uint16_t port, bool is_usual_port)
{
    const char *host = origin->origin ? strstr(origin->origin, "://") : NULL;

    if (origin->origin &&
        (!host || !nta_gate_is_host(host + 3, names, n_names, port, is_usual_port)))
        return false;
    /* the page may be led to from anywhere, but only as a page: not as a picture, a script or a
     * frame */
    if (is_page)
        return is_word(origin->site, "same-origin") ||
               ((!origin->dest || is_word(origin->dest, "document")) &&
                (!origin->mode || is_word(origin->mode, "navigate")));
    return !origin->site || is_word(origin->site, "same-origin") || is_word(origin->site, "none");
}

/* ---- hosts ---- */

bool nta_gate_is_host(const char *host, const char *const *names, size_t n_names, uint16_t port,
                      bool is_usual_port)
{
    char wanted[300];

    if (!host)
        return false;
    for (size_t i = 0; i < n_names; i++) {
        bool v6 = strchr(names[i], ':') != NULL;

        (void)snprintf(wanted, sizeof(wanted), v6 ? "[%s]:%u" : "%s:%u", names[i], port);
        if (strcasecmp(host, wanted) == 0)
            return true;
        *strrchr(wanted, ':') = '\0';
        if (is_usual_port && strcasecmp(host, wanted) == 0)
            return true;
    }
    return false;
}
