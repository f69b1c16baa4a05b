/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/limits/threads.h"

#include <errno.h>
#include <sched.h>

/** Those that we may run on. */
static size_t count_cores(void)
{
    cpu_set_t cores;

    return sched_getaffinity(0, sizeof(cores), &cores) == 0 ? (size_t)CPU_COUNT(&cores) : 1;
}

size_t nta_threads_choose_workers(const struct nta_config *config, size_t n_sources)
{
    const size_t n = nta_workers_for(config->capture.workers, count_cores(), n_sources);

    return nta_smaller(n, NTA_WORKERS_MAX);
}

int nta_threads_choose_cpus(const struct nta_config *config, unsigned ret_cpus[NTA_CPUS_MAX],
                            size_t *ret_n, struct nta_err *err)
{
    cpu_set_t ours;
    int r = nta_config_get_cpus(config->capture.cpus, ret_cpus, ret_n, err);

    if (r < 0 || sched_getaffinity(0, sizeof(ours), &ours) < 0)
        return r;
    for (size_t i = 0; i < *ret_n; i++) {
        if (!CPU_ISSET(ret_cpus[i], &ours))
            return nta_err_set(err, -EINVAL, "capture.cpus: there is no processor %u for us",
                               ret_cpus[i]);
    }
    return 0;
}
