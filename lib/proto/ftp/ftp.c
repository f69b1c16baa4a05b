/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ftp/ftp.h"

#include "base/own.h"
#include "proto/file/path.h"
#include "proto/ftp/ftp_queue.h"
#include "proto/ftp/ftp_text.h"

#include <ctype.h>

#define NOWHERE UINT64_MAX

enum
{
    PORT = 21,
    LINE_MAX = 1024, ///< Of a longer one this much is read, and the rest is passed over.
    ODD_MAX = 8,     ///< Lines in a row that make no sense.
    METHOD_SIZE = 8,
    TLS_HANDSHAKE = 22,
};

struct nta_ftp_state
{
    struct nta_path cwd, wanted;   ///< Working directory; the one asked for.
    struct nta_transfer_data data; ///< Announced last, for the next transfer.
    struct nta_ftp_queue queue;
    unsigned n_odd;    ///< Lines in a row that made no sense.
    uint16_t multi;    ///< Code of a reply of many lines that is under way.
    bool pass_over[2]; ///< The rest of the line that is under way.
    bool settled;      ///< Which side is which.
    bool replied;      ///< The server said something that is a reply.
    bool converts;     ///< All transfers that follow are of ASCII or EBCDIC type.
    uint64_t first;    ///< Where in the file the next one begins; NOWHERE: it is not known.
    uint64_t wished;   ///< As the client wants it, by REST.
};

/* The server's; 0: the well-known one, which a URL leaves out. */
static uint16_t odd_port(const struct nta_proto_io *io)
{
    const uint16_t port = io->swap ? io->client_port : io->server_port;

    return port == PORT ? 0 : port;
}

static bool has_word(struct nta_span text, const char *word)
{
    return nta_span_find_word(text, word) < text.len;
}

/*
 * A greeting: on the well-known port its code will do, elsewhere it must name FTP, as mail servers
 * greet so too.
 */
static enum nta_parse probe_reply(struct nta_span line, bool known_port, bool whole)
{
    struct nta_span text;
    bool more;

    if (nta_ftp_reply_read(line, &more, &text) == NTA_FTP_GREETING) {
        if (known_port)
            return NTA_PARSE_OK;
        if (!whole)
            return NTA_PARSE_MORE;
        return has_word(text, "ftp") && !has_word(text, "smtp") ? NTA_PARSE_OK : NTA_PARSE_OTHER;
    }
    return !whole && line.len < 3 && memcmp(line.ptr, "220", line.len) == 0 ? NTA_PARSE_MORE
                                                                            : NTA_PARSE_OTHER;
}

/*
 * What no other protocol says: where a file will go, and the replies of a login.  Shows FTP whose
 * greeting did not.
 */
static bool is_ftp_alone(struct nta_span line)
{
    const struct nta_ftp_command command = nta_ftp_command_read(line);
    struct nta_transfer_data data;
    struct nta_span text;
    bool more;

    switch (nta_ftp_reply_read(line, &more, &text)) {
    case 0: break;
    case NTA_FTP_PASSIVE: return nta_ftp_host_port(text, &data);
    case NTA_FTP_EXTENDED_PASSIVE: return nta_ftp_extended_port(text, &data);
    case NTA_FTP_LOGGED_IN: return has_word(text, "logged") || has_word(text, "login");
    case NTA_FTP_NEED_PASSWORD:
    case NTA_FTP_NEED_ACCOUNT: return true;
    default: return false;
    }
    if (command.verb == NTA_FTP_PORT)
        return nta_ftp_host_port(command.argument, &data);
    return command.verb == NTA_FTP_EPRT && nta_ftp_extended_port(command.argument, &data);
}

static enum nta_parse probe_command(struct nta_span line, bool whole)
{
    if (whole)
        return nta_ftp_command_read(line).verb != NTA_FTP_UNKNOWN ? NTA_PARSE_OK : NTA_PARSE_OTHER;
    return isalpha(line.ptr[0]) ? NTA_PARSE_MORE : NTA_PARSE_OTHER;
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    const bool known_port = io->server_port == PORT;
    struct nta_span line = first;

    if (first.len == 0 || io->expected_by != NTA_APP_NONE)
        return NTA_PARSE_OTHER;
    struct nta_reader r = nta_reader_of(first.ptr, first.len);
    const bool ended = nta_read_line(&r, SIZE_MAX, &line) == NTA_PARSE_OK;

    if (!ended && line.len > 0 && line.ptr[line.len - 1] == '\r') /* its LF is still to come */
        line.len--;
    const bool whole = ended || line.len > LINE_MAX;

    line = nta_span_first(line, LINE_MAX);
    if (line.len == 0)
        return NTA_PARSE_OTHER;
    if (isdigit(line.ptr[0]) && io->saw_syn && io->side == NTA_FROM_CLIENT)
        return NTA_PARSE_OTHER;
    if (whole && is_ftp_alone(line))
        return NTA_PARSE_OK;
    if (isdigit(line.ptr[0]))
        return probe_reply(line, known_port, whole);
    return known_port && io->side == NTA_FROM_CLIENT ? probe_command(line, whole) : NTA_PARSE_OTHER;
}

/*
 * Replies to the oldest `n` commands were not seen: that a directory changed is the likelier case.
 */
static void drop_unanswered(struct nta_ftp_state *state, size_t n)
{
    const bool waited = nta_ftp_queue_moves(&state->queue);

    nta_ftp_queue_drop(&state->queue, n);
    if (waited && !nta_ftp_queue_moves(&state->queue))
        state->cwd = state->wanted;
}

static void emit(struct nta_proto_io *io, enum nta_event_kind kind,
                 const struct nta_transfer *transfer)
{
    const struct nta_event event = {.kind = kind, .app = NTA_APP_FTP, .transfer = transfer};

    io->emit(io->owner, &event);
}

/* A file is asked for, or a listing, which has no path here. */
static void begin(struct nta_ftp_state *state, struct nta_proto_io *io,
                  const struct nta_ftp_command *command)
{
    struct nta_path path = nta_ftp_queue_moves(&state->queue) ? state->wanted : state->cwd;
    uint8_t method[METHOD_SIZE];
    struct nta_transfer transfer = {
        .method = {.ptr = method, .len = command->name.len},
        .port = odd_port(io),
        .to_server = command->verb != NTA_FTP_RETR && command->verb != NTA_FTP_LIST,
        .first = command->verb == NTA_FTP_RETR && state->first != NOWHERE ? state->first : 0,
        .is_altered = state->converts || command->verb == NTA_FTP_APPE || state->first == NOWHERE ||
                      (state->first > 0 && command->verb != NTA_FTP_RETR),
        .begin_wall_ns = io->wall_ns,
        .elsewhere = true,
        .data = state->data,
    };

    for (size_t i = 0; i < command->name.len; i++)
        method[i] = (uint8_t)toupper(command->name.ptr[i]);
    if (command->verb != NTA_FTP_LIST && command->argument.len > 0) {
        nta_path_go(&path, command->argument);
        transfer.path = nta_path_span(&path);
    }
    emit(io, NTA_EVENT_TRANSFER_BEGIN, &transfer);
    state->data = (struct nta_transfer_data){0};
    state->first = 0;
}

/* "I", "L 8": as the file is; "A", "E": lines are converted. */
static bool is_converting(struct nta_span type)
{
    return type.len > 0 && (toupper(type.ptr[0]) == 'A' || toupper(type.ptr[0]) == 'E');
}

static void take_command(struct nta_ftp_state *state, struct nta_proto_io *io, struct nta_span line)
{
    static const struct nta_span parent = {.ptr = (const uint8_t *)"..", .len = 2};
    const struct nta_ftp_command command = nta_ftp_command_read(line);
    struct nta_transfer_data data = {.client_listens = true};
    const bool waits = nta_ftp_queue_moves(&state->queue);

    state->n_odd = command.verb == NTA_FTP_UNKNOWN ? state->n_odd + 1 : 0;
    nta_ftp_queue_push(&state->queue, command.verb);
    switch (command.verb) {
    case NTA_FTP_CDUP:
    case NTA_FTP_CWD:
        if (!waits)
            state->wanted = state->cwd;
        nta_path_go(&state->wanted, command.verb == NTA_FTP_CDUP ? parent : command.argument);
        break;
    case NTA_FTP_PORT:
        if (nta_ftp_host_port(command.argument, &data))
            state->data = data;
        break;
    case NTA_FTP_EPRT:
        if (nta_ftp_extended_port(command.argument, &data))
            state->data = data;
        break;
    case NTA_FTP_APPE:
    case NTA_FTP_LIST:
    case NTA_FTP_RETR:
    case NTA_FTP_STOR:
    case NTA_FTP_STOU: begin(state, io, &command); break;
    case NTA_FTP_PASV: state->data = (struct nta_transfer_data){0}; break;
    case NTA_FTP_REST:
        if (!nta_ftp_offset(command.argument, &state->wished))
            state->wished = NOWHERE;
        state->first = state->wished == 0 ? 0 : NOWHERE; /* until the server agrees */
        break;
    case NTA_FTP_TYPE: state->converts = is_converting(command.argument); break;
    case NTA_FTP_AUTH:
    case NTA_FTP_OTHER:
    case NTA_FTP_PWD:
    case NTA_FTP_UNKNOWN: break;
    }
}

/* The server says where the working directory is. */
static void take_directory(struct nta_ftp_state *state, struct nta_span text)
{
    uint8_t buf[NTA_PATH_SIZE];
    size_t len = nta_ftp_quoted(text, buf, sizeof(buf));

    if (len == 0 || buf[0] != '/')
        return;
    nta_path_go(&state->cwd, (struct nta_span){.ptr = buf, .len = len});
}

/*
 * The reply to a transfer; to STOU it names the file (RFC 1123 section 4.1.2.9).  Of several that
 * were asked for at once only the last is still waited for.
 */
static void take_transfer_reply(const struct nta_ftp_state *state, struct nta_proto_io *io,
                                uint16_t code, struct nta_span text)
{
    const struct nta_span mark = nta_span_of("FILE: ");
    struct nta_path path = state->cwd;
    struct nta_transfer transfer = {.status = code, .expected = nta_ftp_announced(text)};

    if (nta_ftp_queue_last_transfer(&state->queue) != 0)
        return;
    if (nta_ftp_queue_oldest(&state->queue) == NTA_FTP_STOU && text.len > mark.len &&
        nta_span_begins(text, mark)) {
        nta_path_go(&path, nta_span_from(text, mark.len));
        transfer.path = nta_path_span(&path);
    }
    emit(io, NTA_EVENT_TRANSFER_REPLY, &transfer);
}

/*
 * The server announces where it waits: for the next transfer, or for one that the client asked for
 * without reading this first.
 */
static void take_passive(struct nta_ftp_state *state, struct nta_proto_io *io, uint16_t code,
                         struct nta_span text)
{
    const size_t served = nta_ftp_queue_served(&state->queue);
    struct nta_transfer late = {.elsewhere = true};

    if (!(code == NTA_FTP_PASSIVE ? nta_ftp_host_port(text, &late.data)
                                  : nta_ftp_extended_port(text, &late.data)))
        return;
    if (served == state->queue.n)
        state->data = late.data;
    else if (served > 0 && served == nta_ftp_queue_last_transfer(&state->queue))
        emit(io, NTA_EVENT_TRANSFER_REPLY, &late);
}

/* A whole reply to the oldest command; below 200 another one follows. */
static void act(struct nta_ftp_state *state, struct nta_proto_io *io, uint16_t code,
                struct nta_span text)
{
    bool moved = false;

    drop_unanswered(state, nta_ftp_queue_before(&state->queue, code));
    if (code == NTA_FTP_PASSIVE || code == NTA_FTP_EXTENDED_PASSIVE)
        take_passive(state, io, code, text);
    switch (nta_ftp_queue_oldest(&state->queue)) {
    case NTA_FTP_CDUP:
    case NTA_FTP_CWD: moved = code / 100 == 2; break;
    case NTA_FTP_PWD:
        if (code == NTA_FTP_PATH_NAME)
            take_directory(state, text);
        break;
    case NTA_FTP_AUTH: io->handover = code == NTA_FTP_SECURED; break;
    case NTA_FTP_APPE:
    case NTA_FTP_LIST:
    case NTA_FTP_RETR:
    case NTA_FTP_STOR:
    case NTA_FTP_STOU: take_transfer_reply(state, io, code, text); break;
    case NTA_FTP_REST:
        if (code == NTA_FTP_PENDING)
            state->first = state->wished;
        else if (code >= 400) /* it is not done: the next one begins where the file does */
            state->first = 0;
        break;
    case NTA_FTP_EPRT:
    case NTA_FTP_OTHER:
    case NTA_FTP_PASV:
    case NTA_FTP_PORT:
    case NTA_FTP_TYPE:
    case NTA_FTP_UNKNOWN: break;
    }
    if (code >= 200)
        nta_ftp_queue_drop(&state->queue, 1);
    if (moved && !nta_ftp_queue_moves(&state->queue))
        state->cwd = state->wanted;
}

/* RFC 959 section 4.2: a reply of many lines ends with a line of its code and a blank. */
static void take_reply(struct nta_ftp_state *state, struct nta_proto_io *io, struct nta_span line)
{
    struct nta_span text = {0};
    bool more = false;
    const uint16_t code = nta_ftp_reply_read(line, &more, &text);

    if (state->multi != 0 && (code != state->multi || more))
        return;
    state->n_odd = code == 0 ? state->n_odd + 1 : 0;
    state->replied |= code != 0;
    state->multi = more ? code : 0;
    if (code != 0 && !more)
        act(state, io, code, text);
}

/*
 * The next line without its end, the first LINE_MAX bytes of it, in whatever pieces it comes; empty
 * where there was none, or it was read already.
 */
static enum nta_parse read_line(struct nta_ftp_state *state, unsigned side, struct nta_reader *r,
                                struct nta_span *ret_line)
{
    const bool passed_over = state->pass_over[side];
    enum nta_parse verdict = nta_read_line(r, SIZE_MAX, ret_line);

    if (verdict != NTA_PARSE_OK && nta_reader_left(r) <= LINE_MAX + 1 && !passed_over)
        return NTA_PARSE_MORE; /* with a CR, which belongs to its end */
    state->pass_over[side] = verdict != NTA_PARSE_OK;
    if (state->pass_over[side])
        *ret_line = nta_read_rest(r);
    *ret_line = nta_span_first(*ret_line, passed_over ? 0 : LINE_MAX);
    return NTA_PARSE_OK;
}

static void turn(void *state_ptr)
{
    struct nta_ftp_state *state = state_ptr;

    NTA_TURN(state->pass_over);
}

/* Who says a code is the server. */
static void settle(struct nta_ftp_state *state, struct nta_proto_io *io, const struct nta_reader *r)
{
    state->settled = true;
    io->swap = isdigit(nta_reader_peek(r)) && io->side == NTA_FROM_CLIENT;
    if (io->swap)
        turn(state);
}

static enum nta_parse feed(void *state_ptr, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_ftp_state *state = state_ptr;

    if (!state->settled && nta_reader_left(r) > 0)
        settle(state, io, r);
    const unsigned side = nta_proto_side(io);

    while (nta_reader_left(r) > 0 && !io->handover) {
        struct nta_span line;

        if (nta_reader_peek(r) == TLS_HANDSHAKE) { /* AUTH, or whatever else was agreed upon */
            io->handover = true;
            break;
        }
        enum nta_parse verdict = read_line(state, side, r, &line);

        if (verdict != NTA_PARSE_OK)
            return verdict;
        if (line.len > 0 && side == NTA_FROM_CLIENT)
            take_command(state, io, line);
        else if (line.len > 0)
            take_reply(state, io, line);
        /* a server that begins with no reply does not understand what its client says */
        if (state->n_odd > ODD_MAX ||
            (line.len > 0 && side == NTA_FROM_SERVER && io->saw_syn && !state->replied))
            return NTA_PARSE_OTHER;
    }
    return NTA_PARSE_OK;
}

/*
 * Which reply is whose is not known any more.  Commands and replies mostly are segments of their
 * own, so the next line counts if it makes sense.
 */
static enum nta_parse gap(void *state_ptr, struct nta_proto_io *io, uint64_t len)
{
    struct nta_ftp_state *state = state_ptr;

    (void)len;
    drop_unanswered(state, state->queue.n);
    state->replied = true; /* perhaps */
    state->pass_over[nta_proto_side(io)] = false;
    state->multi = 0;
    return NTA_PARSE_OK;
}

NTA_PROTO(ftp, struct nta_ftp_state, probe, feed, turn, .app = NTA_APP_FTP, .over_tcp = true,
          .settles_sides = true, .gap = gap);
