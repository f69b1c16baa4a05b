/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/recognised/git.h"

#include "base/hex.h"
#include "base/own.h"
#include "proto/recognised/authority.h"

enum
{
    PORT = 9418,
    HEAD_LEN = 4,
    REQUEST_MAX = 1024,
};

struct git
{
    bool asked;
};

/** The length that a packet says of itself, its four digits included; 0 ends a list of them. */
static enum nta_parse read_length(struct nta_span bytes, size_t *ret_len)
{
    *ret_len = 0;
    for (size_t i = 0; i < nta_smaller(bytes.len, HEAD_LEN); i++) {
        const int digit = nta_hex_digit(bytes.ptr[i]);

        if (digit < 0)
            return NTA_PARSE_OTHER;
        *ret_len = *ret_len << 4 | (size_t)digit;
    }
    return bytes.len < HEAD_LEN ? NTA_PARSE_MORE : NTA_PARSE_OK;
}

/** Does it begin with a service and a path? */
static enum nta_parse names_service(struct nta_span content)
{
    static const char *const services[] = {"git-upload-pack /", "git-receive-pack /",
                                           "git-upload-archive /"};
    enum nta_parse verdict = NTA_PARSE_OTHER;

    for (size_t i = 0; i < NTA_N_ELEMENTS(services) && verdict == NTA_PARSE_OTHER; i++)
        verdict = nta_span_becomes(content, nta_span_of(services[i]));
    return verdict;
}

/** Text, with zeros between its parts; a line's end may be the last byte of `len`. */
static bool is_text(struct nta_span content, size_t len)
{
    for (size_t i = 0; i < content.len; i++) {
        const uint8_t c = content.ptr[i];

        if ((c < ' ' && c != 0 && !(c == '\n' && i + 1 == len)) || c == 0x7f)
            return false;
    }
    return true;
}

/** The packet with which a client begins, whole, and its length. */
static enum nta_parse read_request(struct nta_span bytes, size_t *ret_len)
{
    const enum nta_parse verdict = read_length(bytes, ret_len);

    if (verdict != NTA_PARSE_OK)
        return bytes.len > 0 ? verdict : NTA_PARSE_OTHER;
    if (*ret_len <= HEAD_LEN || *ret_len > REQUEST_MAX)
        return NTA_PARSE_OTHER;
    const size_t len = *ret_len - HEAD_LEN;
    const struct nta_span content = nta_span_first(nta_span_from(bytes, HEAD_LEN), len);
    const enum nta_parse service = names_service(content);

    if (service == NTA_PARSE_OTHER || !is_text(content, len))
        return NTA_PARSE_OTHER;
    if (content.len < len)
        return NTA_PARSE_MORE;
    return service == NTA_PARSE_OK ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

/** Which repository of which site; one that is not named is the one that was called. */
static void tell_site(const struct nta_proto_io *io, struct nta_span content)
{
    struct nta_span rest = content;
    const struct nta_span service = nta_span_take(&rest, ' ');
    struct nta_transfer transfer = {
        .method = service,
        .path = nta_span_take(&rest, 0),
        .to_server = nta_span_is(service, "git-receive-pack"),
        .begin_wall_ns = io->wall_ns,
    };
    struct nta_event event = {
        .kind = NTA_EVENT_TRANSFER_BEGIN, .app = NTA_APP_GIT, .transfer = &transfer};

    while (rest.len > 0 && transfer.host.len == 0) {
        struct nta_span parameter = nta_span_take(&rest, 0);

        if (nta_span_is(nta_span_take(&parameter, '='), "host"))
            nta_authority_read(parameter, &transfer);
    }
    if (transfer.host.len == 0 && io->server_port != PORT)
        transfer.port = io->server_port;
    io->emit(io->owner, &event);
    event.kind = NTA_EVENT_TRANSFER_END;
    io->emit(io->owner, &event);
}

static enum nta_parse git_probe(const struct nta_proto_io *io, struct nta_span first)
{
    size_t len;

    if (!io->is_stream || io->expected_by != NTA_APP_NONE ||
        (io->saw_syn && io->side == NTA_FROM_SERVER))
        return NTA_PARSE_OTHER;
    return read_request(first, &len);
}

static enum nta_parse git_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct git *git = state;
    enum nta_parse verdict = NTA_PARSE_OK;
    size_t len;

    if (!git->asked && nta_reader_left(r) > 0) {
        verdict = read_request(nta_reader_rest(r), &len);
        if (verdict != NTA_PARSE_OK)
            return verdict;
        git->asked = true;
        io->swap = io->side == NTA_FROM_SERVER;
        (void)nta_read_span(r, HEAD_LEN);
        tell_site(io, nta_read_span(r, len - HEAD_LEN));
    }
    if (nta_reader_left(r) == 0)
        return NTA_PARSE_OK;
    verdict = read_length(nta_reader_rest(r), &len);
    if (verdict != NTA_PARSE_OK)
        return verdict;
    (void)nta_read_rest(r);
    io->done_both = nta_proto_side(io) == NTA_FROM_SERVER;
    return NTA_PARSE_OK;
}

NTA_PROTO(git, struct git, git_probe, git_feed, nta_proto_turn_nothing, .app = NTA_APP_GIT,
          .over_tcp = true, .settles_sides = true);
