/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes become packets of connections; a worker takes them, and every record must decode and count
 * no more than was sent (worker_script.h).
 */
#include "../unit/pipeline/worker_script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct worker_script script;
    static bool is_ready;

    if (!is_ready)
        script_init(&script, NTA_TEST_SOURCE_DIR "/tests/golden/lists.txt");
    is_ready = true;
    (void)script_run(&script, data, len);
    return 0;
}
