/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/table/urls.h"

#include "blacklist/table/names.h"

#include <errno.h>
#include <stdlib.h>

void nta_urls_done(struct nta_urls *urls)
{
    free(urls->urls);
    nta_buf_done(&urls->text);
    memset(urls, 0, sizeof(*urls));
}

int nta_urls_add(struct nta_urls *urls, uint64_t tag, struct nta_span host, struct nta_span path,
                 uint32_t value)
{
    if (urls->n_urls == urls->size) {
        size_t wanted = urls->size ? 2 * urls->size : 64;
        struct nta_url *larger = reallocarray(urls->urls, wanted, sizeof(*larger));

        if (!larger)
            return -ENOMEM;
        urls->urls = larger;
        urls->size = wanted;
    }
    urls->urls[urls->n_urls++] = (struct nta_url){.tag = tag,
                                                  .start = urls->text.len,
                                                  .len = (uint32_t)path.len,
                                                  .value = value,
                                                  .host_len = (uint8_t)host.len};
    nta_buf_put(&urls->text, host.ptr, host.len);
    nta_buf_put(&urls->text, path.ptr, path.len);
    return urls->text.failed ? -ENOMEM : 0;
}

static struct nta_span path_of(const struct nta_urls *urls, const struct nta_url *url)
{
    return (struct nta_span){.ptr = urls->text.ptr + url->start + url->host_len, .len = url->len};
}

/** By host, path, and the one that decides last. */
static int compare_urls(const void *a, const void *b, void *owner)
{
    const struct nta_url *one = a, *two = b;
    uint32_t rank_one = nta_value_rank(one->value), rank_two = nta_value_rank(two->value);
    int r;

    if (one->tag != two->tag)
        return one->tag < two->tag ? -1 : 1;
    r = nta_span_order(path_of(owner, one), path_of(owner, two));
    return r ? r : (rank_one > rank_two) - (rank_one < rank_two);
}

static bool starts(const struct nta_urls *urls, const struct nta_url *with, struct nta_span text)
{
    return nta_span_begins(text, path_of(urls, with));
}

static bool is_same(const struct nta_urls *urls, const struct nta_url *a, const struct nta_url *b)
{
    return a->tag == b->tag && a->len == b->len && starts(urls, a, path_of(urls, b)) &&
           ((a->value ^ b->value) & NTA_VALUE_FLAGS) == 0;
}

/** Is the entry kept last one that goes beside `url`, which has the earlier line? */
static bool last_goes(const struct nta_urls *urls, size_t n_kept, const struct nta_url *url,
                      nta_value_goes_fn *goes, void *owner)
{
    const struct nta_url *last = n_kept ? &urls->urls[n_kept - 1] : NULL;

    return last && is_same(urls, last, url) && (!goes || goes(owner, url->value, last->value));
}

void nta_urls_fill(struct nta_urls *urls, nta_value_goes_fn *goes, nta_url_twice_fn *twice,
                   void *owner)
{
    size_t n_kept = 0;

    if (urls->n_urls == 0)
        return;
    qsort_r(urls->urls, urls->n_urls, sizeof(*urls->urls), compare_urls, urls);
    for (size_t i = 0; i < urls->n_urls; i++) {
        struct nta_url url = urls->urls[i];
        uint32_t parent;

        /* Equal ones stand together, the later line first: it is the one to go. */
        while (last_goes(urls, n_kept, &url, goes, owner))
            twice(owner, urls->urls[--n_kept].value);
        parent = (uint32_t)n_kept;
        while (parent > 0 && (urls->urls[parent - 1].tag != url.tag ||
                              !starts(urls, &urls->urls[parent - 1], path_of(urls, &url))))
            parent = urls->urls[parent - 1].parent;
        url.parent = parent;
        urls->urls[n_kept++] = url;
    }
    urls->n_urls = n_kept;
}

void nta_urls_drop(struct nta_urls *urls, bool (*drops)(void *owner, uint32_t value), void *owner)
{
    size_t n = 0;

    for (size_t i = 0; i < urls->n_urls; i++) {
        if (!drops(owner, urls->urls[i].value))
            urls->urls[n++] = urls->urls[i];
    }
    urls->n_urls = n;
}

static bool is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/** The first of entry `i` (from 1) and its parents that covers the target. */
static const struct nta_url *covering(const struct nta_urls *urls, size_t i, uint64_t tag,
                                      struct nta_span target)
{
    for (; i > 0; i = urls->urls[i - 1].parent) {
        const struct nta_url *url = &urls->urls[i - 1];

        if (url->tag != tag)
            return NULL;
        if (starts(urls, url, target) &&
            (url->len == target.len || !is_alnum(target.ptr[url->len]) ||
             !is_alnum(target.ptr[url->len - 1])))
            return url;
    }
    return NULL;
}

const struct nta_url *nta_urls_decide(const struct nta_urls *urls, uint64_t tag,
                                      struct nta_span target)
{
    size_t first = 0, n = urls->n_urls;

    while (n > 0) {
        const struct nta_url *middle = &urls->urls[first + n / 2];

        if (middle->tag < tag ||
            (middle->tag == tag && nta_span_order(path_of(urls, middle), target) <= 0)) {
            first += n / 2 + 1;
            n -= n / 2 + 1;
        } else {
            n /= 2;
        }
    }
    return covering(urls, first, tag, target);
}

const struct nta_url *nta_urls_next(const struct nta_urls *urls, const struct nta_url *url,
                                    struct nta_span target)
{
    return covering(urls, url->parent, url->tag, target);
}
