/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/layer.h"

enum nta_layer nta_layer_unknown(struct nta_cursor *c, enum nta_unknown_kind kind, uint32_t number)
{
    /* behind a guess the number may be anything */
    if (!c->guessed)
        nta_unknown_add(c->decode->unknowns, kind, number);
    return nta_layer_stop(c, OUTCOME_UNKNOWN);
}
