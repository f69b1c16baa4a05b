/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/download_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static_assert((NTA_DOWNLOADS_MAX & (NTA_DOWNLOADS_MAX - 1)) == 0 && NTA_DOWNLOADS_MAX <= 1 << 15,
              "an id is a count and the number of a slot");

enum
{
    ID_SLOTS = 1 << 16
};

int nta_downloads_init(struct nta_downloads *downloads, const struct nta_hash_key *key)
{
    *downloads = (struct nta_downloads){
        .key = *key, .slots = calloc(NTA_DOWNLOADS_MAX, sizeof(struct nta_download))};
    return downloads->slots ? 0 : -ENOMEM;
}

void nta_downloads_done(struct nta_downloads *downloads)
{
    free(downloads->slots);
    downloads->slots = NULL;
}

static struct nta_download *slot_at(const struct nta_downloads *downloads, uint16_t number)
{
    return number ? &downloads->slots[number - 1] : NULL;
}

static uint16_t number_of(const struct nta_downloads *downloads,
                          const struct nta_download *download)
{
    return (uint16_t)(download - downloads->slots + 1);
}

static void unlink_age(struct nta_downloads *downloads, struct nta_download *download)
{
    struct nta_download *older = slot_at(downloads, download->older);
    struct nta_download *newer = slot_at(downloads, download->newer);

    *(older ? &older->newer : &downloads->oldest) = download->newer;
    *(newer ? &newer->older : &downloads->newest) = download->older;
}

static void link_newest(struct nta_downloads *downloads, struct nta_download *download)
{
    struct nta_download *newest = slot_at(downloads, downloads->newest);
    const uint16_t number = number_of(downloads, download);

    download->older = downloads->newest;
    download->newer = 0;
    *(newest ? &newest->newer : &downloads->oldest) = number;
    downloads->newest = number;
}

struct nta_download *nta_download_take(struct nta_downloads *downloads, uint64_t key)
{
    if (!downloads->free && downloads->n_touched < NTA_DOWNLOADS_MAX)
        downloads->free = ++downloads->n_touched;
    if (!downloads->free)
        return NULL;
    const uint16_t number = downloads->free;
    struct nta_download *download = slot_at(downloads, number);
    uint16_t *head = &downloads->by_hash[key % NTA_DOWNLOADS_MAX];

    downloads->free = download->hash_next;
    *download = (struct nta_download){
        .key = key, .id = ++downloads->n_begun * ID_SLOTS + number, .hash_next = *head};
    *head = number;
    link_newest(downloads, download);
    return download;
}

void nta_download_release(struct nta_downloads *downloads, struct nta_download *download)
{
    const uint16_t number = number_of(downloads, download);
    uint16_t *link = &downloads->by_hash[download->key % NTA_DOWNLOADS_MAX];

    while (*link != number)
        link = &slot_at(downloads, *link)->hash_next;
    *link = download->hash_next;
    unlink_age(downloads, download);
    download->id = 0;
    download->hash_next = downloads->free;
    downloads->free = number;
}

struct nta_download *nta_download_find(const struct nta_downloads *downloads, uint64_t key)
{
    struct nta_download *download = slot_at(downloads, downloads->by_hash[key % NTA_DOWNLOADS_MAX]);

    while (download && download->key != key)
        download = slot_at(downloads, download->hash_next);
    return download;
}

struct nta_download *nta_download_get(const struct nta_downloads *downloads, uint32_t id)
{
    struct nta_download *download =
        id % ID_SLOTS ? slot_at(downloads, (uint16_t)(id % ID_SLOTS)) : NULL;

    return download && download->id == id ? download : NULL;
}

void nta_download_touch(struct nta_downloads *downloads, struct nta_download *download)
{
    unlink_age(downloads, download);
    link_newest(downloads, download);
}

struct nta_download *nta_download_oldest(const struct nta_downloads *downloads)
{
    return slot_at(downloads, downloads->oldest);
}

struct nta_download *nta_download_newer(const struct nta_downloads *downloads,
                                        const struct nta_download *download)
{
    return slot_at(downloads, download->newer);
}
