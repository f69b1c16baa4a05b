/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading and binding fifty libraries takes ten times as long as asking ntad, most of all on a
 * machine that is busy, which is when somebody asks.  So what only asks is in a program of its own.
 */
#include "base/own.h"
#include "cmd/cmd.h"
#include "cmd/run.h"
#include "front/become.h"

#include <string.h>

static const struct nta_cmd cmds[] = {
    {.name = "status", .run = nta_cmd_status},
    {.name = "reload", .run = nta_cmd_reload},
    {.name = "selftest", .run = nta_cmd_selftest},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < NTA_N_ELEMENTS(cmds); i++) {
        if (strcmp(argv[1], cmds[i].name) != 0)
            continue;
        nta_cmd_begin();
        return nta_cmd_end(nta_cmd_run(&cmds[i], argc - 1, argv + 1));
    }
    return nta_full_become(argv);
}
