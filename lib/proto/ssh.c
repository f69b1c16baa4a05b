/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ssh.h"

#include "base/own.h"

enum
{
    LINE_MAX = 255, /* with its end, RFC 4253 section 4.2 */
    LINES_MAX = 32, /* before a server's identification */
    MARK_LEN = 4,
};

struct ssh
{
    bool identified[2];
    uint8_t n_lines; ///< Of the server, before its identification.
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
    static const char marks[][7] = {"SSH-2.", "SSH-1."};

    for (size_t i = 0; i < NTA_N_ELEMENTS(marks); i++) {
        const size_t whole = sizeof(marks[i]) - 1, len = bytes.len < whole ? bytes.len : whole;

        if (len && memcmp(bytes.ptr, marks[i], len) == 0)
            return len == whole ? NTA_PARSE_OK : NTA_PARSE_MORE;
    }
    return NTA_PARSE_OTHER;
}

static enum nta_parse ssh_probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len);
    struct nta_span line;

    if (!io->is_stream || io->expected_by != NTA_APP_NONE)
        return NTA_PARSE_OTHER;
    const enum nta_parse verdict = begins(first);

    if (verdict != NTA_PARSE_OTHER)
        return verdict;
    /* lines alone are anybody's: without the identification behind them they wait for nothing */
    for (size_t i = 0; i < LINES_MAX && take_line(&r, &line) == NTA_PARSE_OK; i++)
        if (begins(nta_reader_rest(&r)) == NTA_PARSE_OK)
            return NTA_PARSE_OK;
    return NTA_PARSE_OTHER;
}

static unsigned side_of(const struct nta_proto_io *io)
{
    return (io->side == NTA_FROM_SERVER) != io->swap;
}

/** SSH-protoversion-softwareversion SP comments */
static enum nta_parse identify(struct ssh *ssh, struct nta_proto_io *io, struct nta_span line)
{
    const unsigned side = side_of(io);
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
    io->done = true;
    io->done_both = ssh->identified[side ^ 1];
    return NTA_PARSE_OK;
}

static void ssh_turn(void *state)
{
    struct ssh *ssh = state;

    NTA_TURN(ssh->identified);
}

/** Only a server says anything before. */
static enum nta_parse pass_over(struct ssh *ssh, struct nta_proto_io *io)
{
    if (side_of(io) == NTA_FROM_CLIENT) {
        if (ssh->n_lines || ssh->identified[NTA_FROM_SERVER])
            return NTA_PARSE_OTHER;
        io->swap = true;
        ssh_turn(ssh);
    }
    return ++ssh->n_lines > LINES_MAX ? NTA_PARSE_OTHER : NTA_PARSE_OK;
}

static enum nta_parse ssh_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    enum nta_parse verdict = NTA_PARSE_OK;
    struct nta_span line;

    while (nta_reader_left(r) > 0 && !io->done && verdict == NTA_PARSE_OK) {
        verdict = take_line(r, &line);
        if (verdict == NTA_PARSE_OK)
            verdict = is_identification(line) ? identify(state, io, line) : pass_over(state, io);
    }
    return verdict;
}

NTA_PROTO(ssh, struct ssh, ssh_probe, ssh_feed, ssh_turn, .app = NTA_APP_SSH, .over_tcp = true);
