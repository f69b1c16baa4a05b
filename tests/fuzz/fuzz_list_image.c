/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled set whose bytes are anything: attached or refused, and then asked. */
#include "blacklist/blacklist.h"
#include "blacklist/file/image.h"
#include "blacklist/marks.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_blacklist *set = calloc(1, sizeof(*set));
    uint8_t *image = aligned_alloc(NTA_IMAGE_PAGE, (len / NTA_IMAGE_PAGE + 1) * NTA_IMAGE_PAGE);
    struct nta_image_header header = {0};
    struct nta_addr addr = {{0}};
    char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    if (!set || !image)
        abort();
    memcpy(image, data, len);
    memcpy(&header, data, len < sizeof(header) ? len : sizeof(header));
    header.bytes = len; /* the one number that is always compared */
    if (nta_image_attach(set, &header, image) == 0) {
        (void)nta_blacklist_match_name(set, "www.example.com", 15, buf, &hit);
        (void)nta_blacklist_match_addr(set, &addr, buf, &hit);
        (void)nta_blacklist_decide_mark(set, NULL, NTA_HIT_JA4, nta_span_of("t13"), buf, &hit);
    }
    set->names = (struct nta_names){0}; /* the bytes are not its own */
    set->addrs = (struct nta_addrs){0};
    set->urls = (struct nta_urls){0};
    set->marks = (struct nta_marks){0};
    nta_blacklist_free(&set);
    free(image);
    return 0;
}
