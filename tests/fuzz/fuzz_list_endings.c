/* SPDX-License-Identifier: Apache-2.0 */
/* A whole list, its lines ended by \n and by \r\n: the same entries, the same passed over. */
#include "base/own.h"
#include "blacklist/blacklist.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct nta_list_report load(const uint8_t *data, size_t len, const char *ending)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    struct nta_list_source source = {.path = "list"};
    struct nta_err err = {0};

    for (size_t i = 0; i < len; i++)
        nta_buf_printf(&text, "%.*s", data[i] == '\n' ? 2 : 1,
                       data[i] == '\n' ? ending : (const char *)&data[i]);
    nta_buf_put(&text, "", 1);
    source.text = (const char *)text.ptr;
    assert(nta_blacklist_builder_new(&builder, &err) == 0);
    (void)nta_blacklist_builder_add(builder, &source, NULL, &err);
    return *nta_blacklist_builder_last(builder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_list_report one, other;

    if (len == 0 || memchr(data, '\r', len) || memchr(data, '\0', len))
        return 0;
    one = load(data, len, "\n");
    other = load(data, len, "\r\n");
    assert(one.n_taken == other.n_taken && one.n_skipped == other.n_skipped &&
           one.n_bad == other.n_bad && one.n_domains == other.n_domains &&
           one.n_addresses == other.n_addresses && one.n_cidrs == other.n_cidrs &&
           one.n_urls == other.n_urls);
    return 0;
}
