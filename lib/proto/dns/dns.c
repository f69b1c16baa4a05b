/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/dns.h"

#include "base/own.h"
#include "base/scratch.h"
#include "proto/dns/dns_message.h"
#include "proto/dns/dns_pending.h"
#include "proto/dns/dns_probe.h"
#include "proto/dns/dns_station.h"

enum
{
    LENGTH_LEN = 2, ///< Before each message over TCP, RFC 1035 section 4.2.2.
    FLAGS_AT = LENGTH_LEN + 2,
    QUESTIONS_MAX = 32, ///< Looked at in one message.
    /** So that the zone waits for its answer with them. */
    UPDATE_HOSTS_MAX = NTA_DNS_PENDING_SMALL - 1,
    RESPONSE_TEXT_SIZE = 8192,
};

/* Where one direction of a TCP connection stands between two calls. */
struct nta_dns_stream
{
    uint32_t want,
        /** Of the message not whole yet, with its length; 0: length not known, or none begun. */
        have;
    uint32_t discard; ///< Bytes left of a message with a hole.
    bool lost;        ///< The next message boundary is not known.
    bool begun;       ///< A message was understood, or lost.
};

struct nta_dns_state
{
    struct nta_dns_stream streams[2];
    bool transfers; ///< A zone comes, in messages with this id (TCP).
    uint16_t transfer_id;
    struct nta_dns_pending_small pending;
};

/* What is kept when there is no state. */
enum
{
    MEMO_SPOKE = 1, ///< Some message was understood, so the sides are settled.
};

/** The questions that wait: in the state, or in what was lent for more of them. */
static struct nta_dns_pending pending_of(struct nta_dns_state *state, const struct nta_proto_io *io)
{
    return io->extra ? nta_dns_pending_large(io->extra) : nta_dns_pending_small(&state->pending);
}

static void emit(struct nta_proto_io *io, enum nta_event_kind kind,
                 const struct nta_dns_lookup *lookup)
{
    struct nta_event event = {.kind = kind, .app = nta_dns_app(io), .dns = lookup};

    io->emit(io->owner, &event);
}

/* The oldest question gets no answer any more. */
static void give_up_oldest(struct nta_dns_pending *pending, struct nta_proto_io *io)
{
    const int place = nta_dns_pending_oldest(pending);
    const struct nta_dns_pending_question *question = nta_dns_pending_at(pending, place);
    struct nta_dns_lookup lookup = {.id = question->id,
                                    .name = nta_dns_pending_name(pending, place),
                                    .type = question->type,
                                    .asked_wall_ns = question->asked_wall_ns,
                                    .question_len = question->len};

    emit(io, NTA_EVENT_DNS_LOOKUP, &lookup);
    nta_dns_pending_drop(pending, place);
}

/* Room for one more: a large ring for a small one that is full, else the oldest goes. */
static struct nta_dns_pending make_room(struct nta_dns_state *state, struct nta_proto_io *io,
                                        size_t name_len)
{
    struct nta_dns_pending pending = pending_of(state, io);

    if (nta_dns_pending_fits(&pending, name_len))
        return pending;
    /* what is asked of a group is answered on flows of others */
    if (!io->extra && nta_dns_app(io) == NTA_APP_DNS && io->lend && io->lend(io->owner)) {
        struct nta_dns_pending larger = pending_of(state, io);

        nta_dns_pending_move(&pending, &larger);
        return larger;
    }
    while (!nta_dns_pending_fits(&pending, name_len))
        give_up_oldest(&pending, io);
    return pending;
}

static void turn(void *state_ptr)
{
    struct nta_dns_state *state = state_ptr;

    NTA_TURN(state->streams);
}

/*
 * The first message says who is who: the server is the one that responds.  Multicast announcements
 * respond to nobody.
 */
static void settle_sides(struct nta_dns_state *state, struct nta_proto_io *io, bool response)
{
    if (io->memo & MEMO_SPOKE)
        return;
    io->memo |= MEMO_SPOKE;
    if (nta_dns_app(io) != NTA_APP_MDNS && (io->side == NTA_FROM_SERVER) != response) {
        io->swap = true;
        turn(state);
    }
}

static struct nta_dns_stream *stream_of(struct nta_dns_state *state, const struct nta_proto_io *io)
{
    return &state->streams[nta_proto_side(io)];
}

static void take_question(struct nta_dns_state *state, struct nta_proto_io *io,
                          const struct nta_dns_message *message,
                          const struct nta_dns_question *question)
{
    const uint16_t id = message->header.id;
    struct nta_dns_pending pending = pending_of(state, io);
    struct nta_dns_lookup lookup = {.id = id,
                                    .name = question->name,
                                    .type = question->type,
                                    .asked_wall_ns = io->wall_ns,
                                    .question_len = message->len};

    if (nta_dns_pending_find(&pending, id, question->name, question->type) >= 0)
        return; /* sent again */
    emit(io, NTA_EVENT_DNS_QUESTION, &lookup);
    pending = make_room(state, io, question->name.len);
    nta_dns_pending_push(
        &pending,
        &(struct nta_dns_pending_question){
            .asked_wall_ns = io->wall_ns, .id = id, .type = question->type, .len = message->len},
        question->name);
}

/*
 * RFC 2136 section 2: behind the zone stand what must be there already, and what is set or deleted.
 * The owners of the latter are told like questions.
 */
static enum nta_parse take_update(struct nta_dns_state *state, struct nta_proto_io *io,
                                  struct nta_dns_message *message)
{
    const struct nta_dns_header *header = &message->header;
    const size_t n = (size_t)header->n_answers + header->n_authorities;
    size_t n_hosts = 0;

    for (size_t i = 0; i < n && n_hosts < UPDATE_HOSTS_MAX; i++) {
        struct nta_dns_question owner;
        enum nta_parse verdict = nta_dns_message_owner(message, &owner);

        if (verdict != NTA_PARSE_OK)
            return verdict;
        const struct nta_dns_pending pending = pending_of(state, io);

        if (i >= header->n_answers &&
            nta_dns_pending_find(&pending, header->id, owner.name, 0) < 0) {
            take_question(state, io, message, &owner);
            n_hosts++;
        }
        message->text.len = message->n_known = 0;
    }
    return NTA_PARSE_OK;
}

static enum nta_parse take_request(struct nta_dns_state *state, struct nta_proto_io *io,
                                   struct nta_dns_message *message)
{
    const struct nta_dns_header *header = &message->header;
    /* an inverse query has no question: the record that it wants a name for says what is asked, and
     * begins like one */
    size_t n = header->n_questions > 0 ? header->n_questions : nta_dns_is_inverse(header);

    for (size_t i = 0; i < n && i < QUESTIONS_MAX; i++) {
        struct nta_dns_question question;
        enum nta_parse verdict = nta_dns_message_question(message, &question);

        if (verdict != NTA_PARSE_OK)
            return verdict;
        settle_sides(state, io, false);
        take_question(state, io, message, &question);
        /* Only one text is needed at a time. */
        message->text.len = message->n_known = 0;
    }
    return nta_dns_opcode(header) == NTA_DNS_OPCODE_UPDATE ? take_update(state, io, message)
                                                           : NTA_PARSE_OK;
}

/* One lookup; `place` is that of the question it answers, or -1. */
static void answer(struct nta_dns_pending *pending, struct nta_proto_io *io,
                   struct nta_dns_lookup *lookup, int place)
{
    lookup->asked_wall_ns = 0;
    lookup->question_len = 0;
    if (place >= 0) {
        lookup->asked_wall_ns = nta_dns_pending_at(pending, place)->asked_wall_ns;
        lookup->question_len = nta_dns_pending_at(pending, place)->len;
    }
    emit(io, NTA_EVENT_DNS_LOOKUP, lookup);
    if (place >= 0)
        nta_dns_pending_drop(pending, place);
}

/* Those of `all` that belong to `owner`. */
static size_t pick(const struct nta_dns_answers *all, struct nta_span owner,
                   struct nta_dns_answer *ret_list)
{
    size_t n = 0;

    for (size_t i = 0; i < all->n; i++) {
        if (nta_dns_name_equal(all->list[i].name, owner))
            ret_list[n++] = all->list[i];
    }
    return n;
}

/*
 * Records that answer no question are named by their owners: each by its own, where there are
 * several.
 */
static void answer_owners(struct nta_dns_state *state, struct nta_proto_io *io,
                          const struct nta_dns_lookup *lookup,
                          const struct nta_dns_answers *answers)
{
    __attribute__((uninitialized)) struct nta_dns_answer list[NTA_DNS_ANSWERS_MAX];
    struct nta_dns_pending pending = pending_of(state, io);

    settle_sides(state, io, true);
    for (size_t i = 0; i < answers->n_owners; i++) {
        const struct nta_dns_question *owner = &answers->owners[i];
        const int place = nta_dns_pending_find(&pending, lookup->id, owner->name, 0);
        struct nta_dns_lookup own = *lookup;

        own.name = owner->name;
        own.type = place < 0 ? owner->type : nta_dns_pending_at(&pending, place)->type;
        if (answers->n_owners > 1) {
            own.answers = list;
            own.n_answers = pick(answers, owner->name, list);
        }
        answer(&pending, io, &own, place);
    }
}

/*
 * All that was asked with this id has its answer: a response without a record, or the rest of an
 * update.
 */
static void answer_by_id(struct nta_dns_state *state, struct nta_proto_io *io,
                         struct nta_dns_lookup *lookup, size_t n_max)
{
    struct nta_dns_pending pending = pending_of(state, io);
    int place;

    for (size_t n = 0; n < n_max && (place = nta_dns_pending_find_id(&pending, lookup->id)) >= 0;
         n++) {
        lookup->name = nta_dns_pending_name(&pending, place);
        lookup->type = nta_dns_pending_at(&pending, place)->type;
        settle_sides(state, io, true);
        answer(&pending, io, lookup, place);
    }
}

/*
 * The questions that a response repeats.  Its records are told with the first of them: nobody asks
 * several at once (RFC 9619), and each would be a record with all of them.
 */
static void answer_questions(struct nta_dns_state *state, struct nta_proto_io *io,
                             struct nta_dns_lookup *lookup,
                             const struct nta_dns_question *questions, size_t n)
{
    struct nta_dns_pending pending = pending_of(state, io);

    for (size_t i = 0; i < n; i++) {
        lookup->name = questions[i].name;
        lookup->type = questions[i].type;
        settle_sides(state, io, true);
        answer(&pending, io, lookup,
               nta_dns_pending_find(&pending, lookup->id, lookup->name, lookup->type));
        lookup->n_answers = 0;
    }
}

/*
 * RFC 5936 section 2.2: a zone comes in any number of messages with the id of the question, which
 * all but the first may leave out.  The first one is told, and those behind it say no more.
 */
static bool goes_on(struct nta_dns_state *state, const struct nta_proto_io *io, uint16_t id)
{
    const struct nta_dns_pending pending = pending_of(state, io);

    return state->transfers && state->transfer_id == id &&
           nta_dns_pending_find_id(&pending, id) < 0;
}

static void note_transfer(struct nta_dns_state *state, const struct nta_proto_io *io, uint16_t id,
                          const struct nta_dns_question *questions, size_t n)
{
    state->transfers =
        io->is_stream && nta_dns_app(io) == NTA_APP_DNS &&
        (n == 0 || questions->type == NTA_DNS_TYPE_AXFR || questions->type == NTA_DNS_TYPE_IXFR);
    state->transfer_id = id;
}

/*
 * Not initialised, as they are larger than most messages: the large locals are written before they
 * are read.
 */
static enum nta_parse take_response(struct nta_dns_state *state, struct nta_proto_io *io,
                                    struct nta_span bytes)
{
    NTA_SCRATCH uint8_t buf[RESPONSE_TEXT_SIZE];
    NTA_SCRATCH struct nta_dns_answers answers;
    NTA_SCRATCH struct nta_dns_question questions[QUESTIONS_MAX];
    struct nta_dns_message message;
    struct nta_dns_lookup lookup = {.answered = true};
    enum nta_parse verdict;
    size_t n = 0;

    verdict = nta_dns_message_begin(&message, nta_dns_app(io), bytes,
                                    (struct nta_dns_text){.buf = buf, .size = sizeof(buf)});
    if (verdict == NTA_PARSE_OK && goes_on(state, io, message.header.id))
        return NTA_PARSE_OK;
    while (verdict == NTA_PARSE_OK && n < message.header.n_questions && n < QUESTIONS_MAX) {
        verdict = nta_dns_message_question(&message, &questions[n]);
        n += verdict == NTA_PARSE_OK;
    }
    answers.n = answers.n_owners = 0;
    answers.cut = false;
    if (verdict == NTA_PARSE_OK && n == message.header.n_questions)
        verdict = nta_dns_message_answers(&message, &answers);
    lookup.id = message.header.id;
    lookup.answer_len = message.len;
    lookup.rcode = message.header.flags & 15U;
    lookup.truncated = message.header.flags & NTA_DNS_FLAG_TRUNCATED || answers.cut ||
                       verdict != NTA_PARSE_OK || n < message.header.n_questions;
    lookup.answers = answers.list;
    lookup.n_answers = answers.n;
    if (answers.n_owners > 0)
        answer_owners(state, io, &lookup, &answers);
    else if (message.header.n_questions == 0)
        answer_by_id(state, io, &lookup, 1);
    answer_questions(state, io, &lookup, questions, n);
    if (nta_dns_opcode(&message.header) == NTA_DNS_OPCODE_UPDATE) {
        lookup.n_answers = 0;
        answer_by_id(state, io, &lookup, NTA_DNS_PENDING_SMALL);
    }
    note_transfer(state, io, message.header.id, questions, n);
    nta_dns_stations(io, nta_dns_app(io), &answers);
    return verdict;
}

static enum nta_parse take_message(struct nta_dns_state *state, struct nta_proto_io *io,
                                   struct nta_span bytes)
{
    NTA_SCRATCH uint8_t buf[NTA_DNS_NAME_TEXT_MAX];
    struct nta_dns_message message;

    if (nta_dns_message_begin(&message, nta_dns_app(io), bytes,
                              (struct nta_dns_text){.buf = buf, .size = sizeof(buf)}) !=
        NTA_PARSE_OK)
        return NTA_PARSE_MORE;
    if (message.header.flags & NTA_DNS_FLAG_RESPONSE)
        return take_response(state, io, bytes);
    return take_request(state, io, &message);
}

/* Take the message that is whole at `r`, if one is.  MORE: it is not. */
static enum nta_parse take_framed(struct nta_dns_state *state, struct nta_proto_io *io,
                                  struct nta_reader *r)
{
    struct nta_dns_stream *stream = stream_of(state, io);
    struct nta_reader at = *r;
    size_t len = nta_read_be16(&at);

    stream->have = (uint32_t)nta_reader_left(r);
    stream->want = nta_reader_ok(&at) ? (uint32_t)(LENGTH_LEN + len) : 0;
    if (!nta_reader_ok(&at) || nta_reader_left(&at) < len)
        return NTA_PARSE_MORE;
    stream->have = stream->want = 0;
    stream->begun = true;
    struct nta_span bytes = nta_read_span(&at, len);

    *r = at;
    /* A message that has its whole length and still is too short breaks its format. */
    return take_message(state, io, bytes) == NTA_PARSE_OK ? NTA_PARSE_OK : NTA_PARSE_BAD;
}

/*
 * The first bytes of a server that cannot be an answer: what the client says is not meant for it.
 */
static bool is_other(const struct nta_dns_stream *stream, const struct nta_proto_io *io,
                     const struct nta_reader *r)
{
    const struct nta_span rest = nta_reader_rest(r);

    if (stream->begun || !io->saw_syn || io->side != NTA_FROM_SERVER)
        return false;
    return (rest.len > FLAGS_AT && !(rest.ptr[FLAGS_AT] & NTA_DNS_FLAG_RESPONSE >> 8)) ||
           nta_dns_probe(io, rest) == NTA_PARSE_OTHER;
}

static enum nta_parse feed_stream(struct nta_dns_state *state, struct nta_proto_io *io,
                                  struct nta_reader *r)
{
    if (nta_reader_left(r) > 0 && is_other(stream_of(state, io), io, r))
        return NTA_PARSE_OTHER;
    while (nta_reader_left(r) > 0) {
        struct nta_dns_stream *stream = stream_of(state, io);
        enum nta_parse verdict;

        if (stream->discard > 0) {
            size_t left = nta_reader_left(r), n = left < stream->discard ? left : stream->discard;

            nta_reader_skip(r, n);
            stream->discard -= (uint32_t)n;
            continue;
        }
        if (stream->lost) {
            verdict = nta_dns_probe(io, nta_reader_rest(r));
            if (verdict == NTA_PARSE_MORE)
                return NTA_PARSE_MORE;
            if (verdict != NTA_PARSE_OK) {
                nta_reader_skip(r, nta_reader_left(r));
                return NTA_PARSE_OK;
            }
            stream->lost = false;
        }
        verdict = take_framed(state, io, r);
        if (verdict != NTA_PARSE_OK)
            return verdict;
    }
    return NTA_PARSE_OK;
}

static enum nta_parse feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    if (io->is_stream)
        return feed_stream(state, io, r);
    const enum nta_parse verdict = take_message(state, io, nta_read_span(r, nta_reader_left(r)));

    io->idle = pending_of(state, io).head->n == 0;
    return verdict;
}

static enum nta_parse gap(void *state_ptr, struct nta_proto_io *io, uint64_t len)
{
    struct nta_dns_state *state = state_ptr;
    struct nta_dns_stream *stream = stream_of(state, io);
    uint64_t left = stream->discard > 0 ? stream->discard : stream->want - stream->have;

    /* A hole within one message loses only that message. */
    stream->begun = true;
    stream->lost = left == 0 || len > left || stream->want < stream->have;
    stream->discard = stream->lost ? 0 : (uint32_t)(left - len);
    stream->want = stream->have = 0;
    return NTA_PARSE_OK;
}

static void end(void *state_ptr, struct nta_proto_io *io)
{
    struct nta_dns_pending pending = pending_of(state_ptr, io);

    while (pending.head->n > 0)
        give_up_oldest(&pending, io);
}

NTA_PROTO(dns, struct nta_dns_state, nta_dns_probe, feed, turn, .app = NTA_APP_DNS,
          .over_tcp = true, .over_udp = true, .settles_sides = true, .gap = gap, .end = end,
          .zeroed = offsetof(struct nta_dns_state, pending.questions),
          .extra_size = sizeof(struct nta_dns_pending_large),
          .extra_zeroed = offsetof(struct nta_dns_pending_large, questions));
