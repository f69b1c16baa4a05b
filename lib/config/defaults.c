/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "config/config.h"
#include "config/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void nta_config_free(struct nta_config **config)
{
    if (!*config)
        return;
    for (size_t i = 0; i < nta_n_options; i++)
        nta_option_clear(&nta_options[i], *config);
    free(*config);
    *config = NULL;
}

/** Set an option to its preset; a list's preset is taken apart at its commas. */
static int set_preset(const struct nta_option *option, struct nta_config *config,
                      struct nta_err *err)
{
    NTA_AUTO_FREE char *copy = strdup(option->preset);
    char *rest = copy;
    int r = 0;

    if (!copy)
        return nta_err_sys(err, -ENOMEM, "configuration");
    if (!nta_option_is_list(option))
        return nta_option_set(option, config, copy, err);
    for (char *word = strtok_r(copy, ", ", &rest); word && r == 0;
         word = strtok_r(NULL, ", ", &rest))
        r = nta_option_set(option, config, word, err);
    return r;
}

int nta_config_new(struct nta_config **ret_config, struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = calloc(1, sizeof(*config));

    if (!config)
        return nta_err_sys(err, -ENOMEM, "configuration");
    for (size_t i = 0; i < nta_n_options; i++) {
        int r = set_preset(&nta_options[i], config, err);

        if (r < 0)
            return r;
    }
    *ret_config = NTA_TAKE(config);
    return 0;
}
