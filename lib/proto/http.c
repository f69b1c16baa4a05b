/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http.h"

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    (void)io;
    (void)first;
    return NTA_PARSE_OTHER;
}

static enum nta_parse feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    (void)state;
    (void)io;
    (void)r;
    return NTA_PARSE_OTHER;
}

const struct nta_proto nta_proto_http = {
    .name = "http",
    .app = NTA_APP_HTTP,
    .over_tcp = true,
    .probe = probe,
    .feed = feed,
};
