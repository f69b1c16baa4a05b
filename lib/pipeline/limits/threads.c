/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/limits/threads.h"

#include <errno.h>
#include <sched.h>

size_t nta_threads_count_cores(const char *cpus)
{
    unsigned numbers[NTA_CPUS_MAX];
    cpu_set_t ours, cores;
    struct nta_err err;
    size_t n;

    if (sched_getaffinity(0, sizeof(ours), &ours) < 0)
        return 1;
    /* what is no list of processors is refused elsewhere */
    if (nta_config_get_cpus(cpus, numbers, &n, &err) < 0 || n == 0)
        return (size_t)CPU_COUNT(&ours);
    CPU_ZERO(&cores);
    for (size_t i = 0; i < n; i++)
        CPU_SET(numbers[i], &cores); /* one may stand there twice */
    CPU_AND(&cores, &cores, &ours);
    return CPU_COUNT(&cores) > 0 ? (size_t)CPU_COUNT(&cores) : 1;
}

size_t nta_threads_choose_workers(const struct nta_config *config, size_t n_sources)
{
    const size_t n_cores = nta_threads_count_cores(config->capture.cpus);
    const size_t n = nta_workers_for(config->capture.workers, n_cores, n_sources);

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
