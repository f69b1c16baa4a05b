/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include "base/own.h"
#include "base/runtime/log.h"

#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum
{
    PATH_SIZE = 4096
};

#define GROUPS "/sys/fs/cgroup"

uint64_t nta_memory_resident(void)
{
    NTA_AUTO_FILE FILE *file = fopen("/proc/self/statm", "re");
    uint64_t all, resident;

    if (!file || fscanf(file, "%" SCNu64 " %" SCNu64, &all, &resident) != 2) // NOLINT(cert-err34-c)
        return 0;
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/** Where our control group is; false: not known. */
static bool find_group(char path[PATH_SIZE])
{
    NTA_AUTO_FILE FILE *file = fopen("/proc/self/cgroup", "re");
    char line[PATH_SIZE];

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "0::/", 4) != 0) /* of version 2 (cgroups(7)) */
            continue;
        line[strcspn(line, "\n")] = '\0';
        return snprintf(path, PATH_SIZE, GROUPS "%s", line + 3) < PATH_SIZE;
    }
    return false;
}

static uint64_t max_of_group(const char *path)
{
    char name[PATH_SIZE + 16];
    uint64_t max;

    (void)snprintf(name, sizeof(name), "%s/memory.max", path);
    NTA_AUTO_FILE FILE *file = fopen(name, "re");

    if (!file || fscanf(file, "%" SCNu64, &max) != 1) // NOLINT(cert-err34-c): "max" is no number
        return UINT64_MAX;
    return max;
}

uint64_t nta_memory_max(void)
{
    uint64_t least = UINT64_MAX;
    char path[PATH_SIZE];

    if (!find_group(path))
        return least;
    while (strlen(path) >= strlen(GROUPS)) { /* what holds for a group holds for those in it */
        const uint64_t max = max_of_group(path);

        least = max < least ? max : least;
        *strrchr(path, '/') = '\0';
    }
    return least;
}

/** Of dl_iterate_phdr(3), of which the program itself is the first. */
static int page_in(struct dl_phdr_info *info, size_t size, void *owner)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    (void)size;
    (void)owner;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        const uintptr_t start = (info->dlpi_addr + part->p_vaddr) & ~(page - 1);
        const uintptr_t end = info->dlpi_addr + part->p_vaddr + part->p_filesz;

        if (part->p_type == PT_LOAD)
            (void)madvise((void *)start, end - start, // NOLINT(performance-no-int-to-ptr)
                          MADV_POPULATE_READ);
    }
    return 1;
}

void nta_memory_page_in(void)
{
    (void)dl_iterate_phdr(page_in, NULL);
}

void nta_memory_put_sum(struct nta_buf *out, const struct nta_bounds *bounds)
{
    nta_buf_printf(out, "bounds add up to %" PRIu64 " of %" PRIu64 " MiB (memory.limit)",
                   bounds->sum >> 20, bounds->limit >> 20);
}

void nta_memory_put_smaller(struct nta_buf *out, const struct nta_bounds *bounds)
{
    nta_buf_printf(out,
                   "flow.table %" PRIu64 ", flow.streams_limit %" PRIu64
                   "M, flow.states_limit %" PRIu64 "M, who.bindings %" PRIu64
                   ", capture.blocks %" PRIu64 ", capture.buffer %" PRIu64
                   "M, record.hash_memory %" PRIu64 "M, record.packets %" PRIu64 "K",
                   bounds->flows, bounds->stream_bytes >> 20, bounds->state_bytes >> 20,
                   bounds->bindings, bounds->blocks, bounds->buffer_bytes >> 20,
                   bounds->hash_bytes >> 20, bounds->packets_bytes >> 10);
}

void nta_memory_log(const struct nta_bounds *bounds, uint64_t policy_bytes)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    const uint64_t max = nta_memory_max(), all = bounds->sum + 2 * policy_bytes;

    nta_memory_put_sum(&text, bounds);
    if (bounds->share < 1) {
        nta_buf_puts(&text, "; to fit, they are smaller than configured: ");
        nta_memory_put_smaller(&text, bounds);
    }
    if (text.failed)
        return;
    if (bounds->share < 1)
        nta_log_warning("memory: %.*s", (int)text.len, (const char *)text.ptr);
    else
        nta_log_info("memory: %.*s", (int)text.len, (const char *)text.ptr);
    if (all > max)
        nta_log_warning("memory: bounds, and lists and databases twice as in a reload, may come to "
                        "%" PRIu64 " MiB, and MemoryMax of this service is %" PRIu64
                        " MiB: lower memory.limit, or raise MemoryMax",
                        all >> 20, max >> 20);
}
