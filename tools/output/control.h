/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The running ntad, asked over its control socket. */

#include "ask/ask.h"

enum
{
    NTA_CONTROL_PATH_SIZE = 4096
};

/**
 * Where ntad listens, by the configuration `config_path` (NULL: the default one).  One that cannot
 * be read is said on stderr, and the socket is where it is by default: who asks how ntad is may ask
 * because of that.  False: out of memory, which was said.
 */
bool nta_control_find(const char *config_path, char path[NTA_CONTROL_PATH_SIZE]);

/** Lists were changed: have ntad load them, if one runs, and say on stdout what came of it. */
void nta_control_reload(const char *path);
