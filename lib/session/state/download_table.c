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

static void leave(struct nta_downloads *downloads, struct nta_download *download, int age)
{
    const uint16_t older = download->ages[age].older, newer = download->ages[age].newer;

    if (!download->ages[age].has)
        return;
    *(older ? &slot_at(downloads, older)->ages[age].newer : &downloads->ages[age].oldest) = newer;
    *(newer ? &slot_at(downloads, newer)->ages[age].older : &downloads->ages[age].newest) = older;
    download->ages[age].has = false;
}

/** As the newest. */
static void join(struct nta_downloads *downloads, struct nta_download *download, int age)
{
    const uint16_t number = number_of(downloads, download), newest = downloads->ages[age].newest;

    *(newest ? &slot_at(downloads, newest)->ages[age].newer : &downloads->ages[age].oldest) =
        number;
    downloads->ages[age].newest = number;
    download->ages[age].older = newest;
    download->ages[age].newer = 0;
    download->ages[age].has = true;
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
    join(downloads, download, NTA_DOWNLOAD_ANY);
    return download;
}

void nta_download_release(struct nta_downloads *downloads, struct nta_download *download)
{
    const uint16_t number = number_of(downloads, download);
    uint16_t *link = &downloads->by_hash[download->key % NTA_DOWNLOADS_MAX];

    while (*link != number)
        link = &slot_at(downloads, *link)->hash_next;
    *link = download->hash_next;
    for (int age = 0; age < NTA_N_DOWNLOAD_AGES; age++)
        leave(downloads, download, age);
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
    for (int age = 0; age < NTA_N_DOWNLOAD_AGES; age++) {
        if (!download->ages[age].has)
            continue;
        leave(downloads, download, age);
        join(downloads, download, age);
    }
}

void nta_download_sort(struct nta_downloads *downloads, struct nta_download *download)
{
    const bool has[NTA_N_DOWNLOAD_AGES] = {
        [NTA_DOWNLOAD_ANY] = true,
        [NTA_DOWNLOAD_WITH_TAIL] = download->pieces.n_tail > 0,
        [NTA_DOWNLOAD_WITH_HELD] = download->pieces.n > 0,
    };

    for (int age = 0; age < NTA_N_DOWNLOAD_AGES; age++) {
        if (has[age] != download->ages[age].has)
            (has[age] ? join : leave)(downloads, download, age);
    }
}

struct nta_download *nta_download_oldest(const struct nta_downloads *downloads,
                                         enum nta_download_age age)
{
    return slot_at(downloads, downloads->ages[age].oldest);
}
