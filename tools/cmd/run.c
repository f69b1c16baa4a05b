/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/run.h"

#include "output/fail.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

void nta_cmd_begin(void)
{
    /* NOLINTBEGIN(concurrency-mt-unsafe): one thread yet */
    (void)setlocale(LC_TIME, "");
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* what is shown is UTF-8: widths of characters */
    /* NOLINTEND(concurrency-mt-unsafe) */
    (void)signal(SIGPIPE, SIG_DFL);
}

/* What is wrong with options is said in the name of the whole command. */
int nta_cmd_run(const struct nta_cmd *cmd, int argc, char **argv)
{
    char self[32];

    (void)snprintf(self, sizeof(self), "nta %s", cmd->name);
    argv[0] = self;
    return cmd->run(argc, argv);
}

int nta_cmd_end(int status)
{
    const int error = fflush(stdout) != 0 ? errno : ferror(stdout) ? EIO : 0;

    if (error == 0 || status == NTA_EXIT_FAILURE)
        return status;
    return nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(error));
}
