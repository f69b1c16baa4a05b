/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of CSV, Zeek, Suricata data sets. */
#include "list_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    list_fuzz(nta_list_table, data, len);
    return 0;
}
