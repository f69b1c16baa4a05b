/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ssh.h"

#include "base/own.h"

enum
{
    LINE_MAX = 255, /* with its end, RFC 4253 section 4.2 */
    LINES_MAX = 32, /* before a server's identification */
    MARK_LEN = 4,
    LENGTH_LEN = 4,
    PACKET_MAX = 65536, /* RFC 4253 section 6.1 asks for 35000 */
};

struct ssh
{
    bool identified[2];
    uint8_t n_lines[2]; ///< Before the identification.
    uint8_t n_head[2];  ///< Behind it: bytes of a packet's length.
    uint32_t left[2];   ///< Of that packet.
};

static bool is_text(struct nta_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.ptr[i] < ' ' && text.ptr[i] != '\t') || text.ptr[i] == 0x7f)
            return false;
    }
    return true;
}

/** Take a line without its end, CR LF or LF.  MORE: its end is not there yet; OTHER: no line. */
static enum nta_parse take_line(struct nta_reader *r, struct nta_span *ret_line)
{
    const struct nta_span seen = nta_span_first(nta_reader_rest(r), LINE_MAX);
    const size_t end = nta_span_find_byte(seen, '\n');

    if (end == seen.len)
        return seen.len < LINE_MAX ? NTA_PARSE_MORE : NTA_PARSE_OTHER;
    struct nta_span line = nta_read_span(r, end);

    nta_reader_skip(r, 1);
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    *ret_line = line;
    return is_text(line) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static bool is_identification(struct nta_span line)
{
    return line.len >= MARK_LEN && memcmp(line.ptr, "SSH-", MARK_LEN) == 0;
}

/** `SSH-1.` or `SSH-2.`, so far. */
static enum nta_parse begins(struct nta_span bytes)
{
    const enum nta_parse two = nta_span_becomes(bytes, nta_span_of("SSH-2.")),
                         one = nta_span_becomes(bytes, nta_span_of("SSH-1."));

    return bytes.len == 0 ? NTA_PARSE_OTHER : two == NTA_PARSE_OTHER ? one : two;
}

/** What a server of another protocol answers: three digits and what follows them, or HTTP. */
static bool is_reply(struct nta_span line)
{
    size_t n = 0;

    while (n < line.len && line.ptr[n] >= '0' && line.ptr[n] <= '9')
        n++;
    return (n == 3 && (line.len == n || line.ptr[n] == ' ' || line.ptr[n] == '-')) ||
           nta_span_begins(line, nta_span_of("HTTP/"));
}

static enum nta_parse ssh_probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len);
    struct nta_span line;

    if (!io->is_stream || io->expected_by != NTA_APP_NONE)
        return NTA_PARSE_OTHER;
    const enum nta_parse verdict = begins(first);

    if (verdict != NTA_PARSE_OTHER || (io->saw_syn && io->side == NTA_FROM_CLIENT))
        return verdict;
    /* lines alone are anybody's: without the identification behind them they wait for nothing */
    for (size_t i = 0; i < LINES_MAX && take_line(&r, &line) == NTA_PARSE_OK && !is_reply(line);
         i++)
        if (begins(nta_reader_rest(&r)) == NTA_PARSE_OK)
            return NTA_PARSE_OK;
    return NTA_PARSE_OTHER;
}

/** SSH-protoversion-softwareversion SP comments */
static enum nta_parse identify(struct ssh *ssh, struct nta_proto_io *io, struct nta_span line)
{
    const unsigned side = nta_proto_side(io);
    const struct nta_span rest = {line.ptr + MARK_LEN, line.len - MARK_LEN};
    const uint8_t *dash = rest.len ? memchr(rest.ptr, '-', rest.len) : NULL;
    const size_t before = dash ? (size_t)(dash - rest.ptr) + 1 : 0;
    const struct nta_software software = {.text = {rest.ptr + before, rest.len - before},
                                          .of_server = side == NTA_FROM_SERVER};
    const struct nta_event event = {
        .kind = NTA_EVENT_SOFTWARE, .app = NTA_APP_SSH, .software = &software};

    if (!dash || software.text.len == 0)
        return NTA_PARSE_BAD;
    ssh->identified[side] = true;
    io->emit(io->owner, &event);
    io->done_both = ssh->identified[side ^ 1];
    return NTA_PARSE_OK;
}

static void ssh_turn(void *state)
{
    struct ssh *ssh = state;

    NTA_TURN(ssh->identified);
    NTA_TURN(ssh->n_lines);
    NTA_TURN(ssh->n_head);
    NTA_TURN(ssh->left);
}

/** Only a server says anything before. */
static enum nta_parse pass_over(struct ssh *ssh, struct nta_proto_io *io, struct nta_span line)
{
    if (is_reply(line))
        return NTA_PARSE_OTHER;
    if (nta_proto_side(io) == NTA_FROM_CLIENT) {
        if (io->saw_syn || ssh->n_lines[NTA_FROM_SERVER] || ssh->identified[NTA_FROM_SERVER])
            return NTA_PARSE_OTHER;
        io->swap = true;
        ssh_turn(ssh);
    }
    return ++ssh->n_lines[nta_proto_side(io)] > LINES_MAX ? NTA_PARSE_OTHER : NTA_PARSE_OK;
}

/** A packet, as far as it is there (section 6: its length, then so many bytes). */
static enum nta_parse pass_packet(struct ssh *ssh, unsigned side, struct nta_reader *r)
{
    uint32_t *left = &ssh->left[side];

    for (; ssh->n_head[side] < LENGTH_LEN && nta_reader_left(r) > 0; ssh->n_head[side]++)
        *left = *left << 8 | nta_read_u8(r);
    if (*left > PACKET_MAX)
        return NTA_PARSE_OTHER;
    const size_t len = nta_smaller(*left, nta_reader_left(r));

    if (ssh->n_head[side] < LENGTH_LEN)
        return NTA_PARSE_OK;
    nta_reader_skip(r, len);
    *left -= (uint32_t)len;
    if (*left == 0)
        ssh->n_head[side] = 0;
    return NTA_PARSE_OK;
}

/**
 * Behind its identification, as long as the other side has none, a side can only send packets: what
 * begins otherwise goes on in another protocol, whatever it said; and so does a hello of TLS, even
 * if it lies within what was said to be a packet.
 */
static enum nta_parse go_on(struct ssh *ssh, unsigned side, struct nta_reader *r)
{
    static const uint8_t hello[] = {22, 3};
    enum nta_parse verdict = NTA_PARSE_OK;

    if (nta_span_begins(nta_reader_rest(r), (struct nta_span){hello, sizeof(hello)}))
        return NTA_PARSE_OTHER;
    while (nta_reader_left(r) > 0 && verdict == NTA_PARSE_OK) {
        if (ssh->n_head[side] == 0 && nta_reader_peek(r) != 0)
            return NTA_PARSE_OTHER;
        verdict = pass_packet(ssh, side, r);
    }
    return verdict;
}

static enum nta_parse ssh_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct ssh *ssh = state;
    enum nta_parse verdict = NTA_PARSE_OK;
    struct nta_span line;

    while (nta_reader_left(r) > 0 && !io->done_both && verdict == NTA_PARSE_OK) {
        if (ssh->identified[nta_proto_side(io)]) {
            verdict = go_on(ssh, nta_proto_side(io), r);
            continue;
        }
        verdict = take_line(r, &line);
        if (verdict == NTA_PARSE_OK)
            verdict =
                is_identification(line) ? identify(state, io, line) : pass_over(state, io, line);
    }
    return verdict;
}

NTA_PROTO(ssh, struct ssh, ssh_probe, ssh_feed, ssh_turn, .app = NTA_APP_SSH, .over_tcp = true);
