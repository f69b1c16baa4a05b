/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of response policy zones. */
#include "list_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    list_fuzz(nta_list_zone, data, len);
    return 0;
}
