/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte says whose words the rest are: what they name lies in them. */
#include "inside.h"
#include "proto/recognised/talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static unsigned n_realms, n_begun, n_ended;

static void on_event(void *owner, const struct nta_event *event)
{
    const struct nta_span *bytes = owner;

    if (event->kind == NTA_EVENT_REALM)
        assert_inside(*event->realm, bytes->ptr, bytes->len);
    else
        assert(event->transfer->host.len > 0 && event->transfer->host.len <= bytes->len);
    n_realms += event->kind == NTA_EVENT_REALM;
    n_begun += event->kind == NTA_EVENT_TRANSFER_BEGIN;
    n_ended += event->kind == NTA_EVENT_TRANSFER_END;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const bool is_server = len > 0 && data[0] & 1, is_first = len > 0 && !(data[0] & 2);
    struct nta_span bytes = {data + (len > 0), len - (len > 0)};
    const struct nta_proto_io io = {.side = is_server ? NTA_FROM_SERVER : NTA_FROM_CLIENT,
                                    .is_stream = true,
                                    .emit = on_event,
                                    .owner = &bytes};

    struct nta_talk talk = {.n_bytes = {is_first ? 0 : 1600, is_first ? 0 : 1600},
                            .is_rtmp = len > 0 && data[0] & 4,
                            .is_svn = len > 0 && data[0] & 8};

    n_realms = n_begun = n_ended = 0;
    nta_talk_hear(&io, &talk, bytes);
    assert(n_realms <= 1 && n_begun == n_ended && (!is_server || n_begun == 0));
    return 0;
}
