/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/event_binding.h"

static const char *const sources[NTA_N_BINDING_SOURCES] = {
#define SOURCE_NAME(symbol, word) word,
    NTA_BINDING_SOURCES(SOURCE_NAME)
#undef SOURCE_NAME
};

static const char *const states[NTA_N_BINDING_STATES] = {
#define STATE_NAME(symbol, word) word,
    NTA_BINDING_STATES(STATE_NAME)
#undef STATE_NAME
};

const char *nta_binding_source_name(unsigned source)
{
    return source < NTA_N_BINDING_SOURCES ? sources[source] : "";
}

const char *nta_binding_state_name(unsigned state)
{
    return state < NTA_N_BINDING_STATES ? states[state] : "";
}
