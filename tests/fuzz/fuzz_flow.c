/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes become packets and the owner's decisions; lib's own assertions and these hold: bounds,
 * `ended` once a flow.
 */
#include "../unit/flow/flow_script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    nta_flow_script_run(data, len);
    return 0;
}
