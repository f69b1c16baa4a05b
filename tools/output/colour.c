/* SPDX-License-Identifier: Apache-2.0 */
#include "output/colour.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int nta_colour_parse(const char *text, enum nta_colour *ret_colour, struct nta_err *err)
{
    static const char *const words[] = {"auto", "always", "never"};

    static_assert(NTA_N_ELEMENTS(words) == NTA_COLOUR_NEVER + 1, "each choice has its word");

    if (!text)
        text = "always";
    for (size_t i = 0; i < NTA_N_ELEMENTS(words); i++) {
        if (strcmp(text, words[i]) == 0) {
            *ret_colour = (enum nta_colour)i;
            return 0;
        }
    }
    return nta_err_set(err, -EINVAL, "--color: auto, always or never");
}

const char *nta_colour_of_severity(uint8_t severity, bool is_weak, const char *otherwise)
{
    static const char *const styles[] = {"", "\033[36m", "\033[33m", "\033[31m", "\033[1;31m"};
    const uint8_t medium = 2;

    if (severity == 0 || severity >= NTA_N_ELEMENTS(styles))
        return otherwise;
    return styles[is_weak && severity > medium ? medium : severity];
}

bool nta_cmd_colour(FILE *stream)
{
    const char *no_colour = getenv("NO_COLOR"); // NOLINT(concurrency-mt-unsafe): one thread yet

    return isatty(fileno(stream)) && (!no_colour || !no_colour[0]);
}

bool nta_colour_wanted(enum nta_colour colour, FILE *stream)
{
    const char *term = getenv("TERM"); // NOLINT(concurrency-mt-unsafe): one thread yet

    if (colour == NTA_COLOUR_ALWAYS)
        return true;
    return colour == NTA_COLOUR_AUTO && nta_cmd_colour(stream) &&
           (!term || strcmp(term, "dumb") != 0);
}
