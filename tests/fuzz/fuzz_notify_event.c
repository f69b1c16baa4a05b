/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a line of alert.json and as fields of the journal: texts are printable lines. */
#include "notify/event.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct nta_notify_event *event)
{
    for (size_t i = 0; i < NTA_NOTIFY_WORDS; i++) {
        assert(memchr(event->word[i], '\0', NTA_NOTIFY_WORD_SIZE));
        assert(!strpbrk(event->word[i], "\n\r\t\x1b\x7f"));
    }
    assert(event->severity <= NTA_NOTIFY_CRITICAL && event->kind <= NTA_NOTIFY_WELL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_notify_event event;
    struct nta_span rest = {data, len};
    const enum nta_parse parsed = nta_notify_event_json(&event, rest);

    check(&event);
    assert((parsed == NTA_PARSE_OK) == (event.kind != NTA_NOTIFY_OTHER));
    nta_notify_event_init(&event);
    while (rest.len > 0) {
        const struct nta_span field = nta_span_before(rest, 0);

        nta_notify_event_field(&event, field);
        rest = nta_span_from(rest, field.len + (field.len < rest.len));
    }
    check(&event);
    return 0;
}
