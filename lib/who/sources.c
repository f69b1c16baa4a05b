/* SPDX-License-Identifier: Apache-2.0 */
/* Who says so, in which words, and how much it is worth. */
#include "base/own.h"
#include "who/who.h"

static const struct
{
    const char *name;
    uint8_t strength;
    int64_t holds_ns;
} sources[NTA_N_WHO_SOURCES] = {[NTA_WHO_UNKNOWN] = {"", 0, 0},

#define SOURCE(symbol, text, strength, holds_ns)                                                   \
    [NTA_WHO_##symbol] = {text, NTA_STRENGTH_##strength, (holds_ns)},
                                NTA_WHO_SOURCES(SOURCE)
#undef SOURCE
};

const char *nta_who_source_name(enum nta_who_source source)
{
    return (size_t)source < NTA_N_ELEMENTS(sources) ? sources[source].name : "";
}

enum nta_who_source nta_who_source_of(struct nta_span name)
{
    for (size_t i = 1; i < NTA_N_ELEMENTS(sources); i++) {
        if (nta_span_is(name, sources[i].name))
            return (enum nta_who_source)i;
    }
    return NTA_WHO_UNKNOWN;
}

enum nta_strength nta_who_strength(enum nta_who_source source)
{
    return (size_t)source < NTA_N_ELEMENTS(sources) ? (enum nta_strength)sources[source].strength
                                                    : NTA_STRENGTH_NONE;
}

int64_t nta_who_holds_ns(enum nta_who_source source)
{
    return (size_t)source < NTA_N_ELEMENTS(sources) ? sources[source].holds_ns : 0;
}
