/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/parser.h"

void nta_proto_turn_nothing(void *state)
{
    (void)state;
}
