/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/recognised/talk.h"

#include "base/own.h"
#include "proto/recognised/authority.h"

enum
{
    LINE_MAX = 512, ///< Of a greeting.
    URL_MAX = 1024,
    NOISE_LEAST = 32,
    NOISE_MOST = 256,
    NOISE_RUN_MAX = 20, ///< So many letters in a row are text,
    NOISE_BEGIN = 6,    ///< and so many at the beginning.
    RTMP_VERSION = 3,
    HANDSHAKES_LEN = 1 + 2 * 1536, ///< RTMP: a client's version and two packets (section 5.2).
    CONNECT_MAX = 64,              ///< Within so many bytes behind them is the first command.
    CHUNK_HEAD = 0xc3, ///< RTMP: a byte that stands between chunks of a message (section 5.3.1.2).
};

/** Where a greeting says whose it is. */
enum name_place
{
    NOWHERE,
    SECOND_WORD,
    PREFIX, ///< The first word, behind its first letter.
    TO,     ///< An attribute of XML.
};

/** One greeting: how it begins, and a word that its first line has somewhere. */
static const struct greeting
{
    enum nta_side side;
    enum nta_app app;
    const char *begins, *holds;
    enum name_place name;
} greetings[] = {
    {NTA_FROM_SERVER, NTA_APP_SMTP, "220 ", "SMTP", SECOND_WORD},
    {NTA_FROM_SERVER, NTA_APP_SMTP, "220-", "SMTP", SECOND_WORD},
    {NTA_FROM_SERVER, NTA_APP_IMAP, "* OK", "IMAP", NOWHERE},
    {NTA_FROM_SERVER, NTA_APP_POP3, "+OK", "POP", NOWHERE},
    {NTA_FROM_SERVER, NTA_APP_POP3, "+OK", "Dovecot", NOWHERE},
    {NTA_FROM_SERVER, NTA_APP_NNTP, "200 ", "NNTP", SECOND_WORD},
    {NTA_FROM_SERVER, NTA_APP_NNTP, "200 ", "NNRP", SECOND_WORD},
    {NTA_FROM_SERVER, NTA_APP_NNTP, "200 ", "InterNetNews", SECOND_WORD},
    {NTA_FROM_SERVER, NTA_APP_NNTP, "200 ", "Usenet", SECOND_WORD},
    {NTA_FROM_SERVER, NTA_APP_NNTP, "201 ", "NNTP", SECOND_WORD},
    {NTA_FROM_SERVER, NTA_APP_NNTP, "201 ", "NNRP", SECOND_WORD},
    {NTA_FROM_SERVER, NTA_APP_NNTP, "201 ", "InterNetNews", SECOND_WORD},
    {NTA_FROM_SERVER, NTA_APP_IRC, ":", " NOTICE ", PREFIX},
    {NTA_FROM_SERVER, NTA_APP_IRC, ":", " 001 ", PREFIX},
    {NTA_FROM_SERVER, NTA_APP_IRC, ":", " CAP * LS ", PREFIX},
    {NTA_FROM_SERVER, NTA_APP_VNC, "RFB 00", "", NOWHERE},
    {NTA_FROM_CLIENT, NTA_APP_NNTP, "MODE READER", "", NOWHERE},
    {NTA_FROM_CLIENT, NTA_APP_IRC, "CAP LS", "", NOWHERE},
    {NTA_FROM_CLIENT, NTA_APP_IRC, "NICK ", "", NOWHERE},
    {NTA_FROM_CLIENT, NTA_APP_XMPP, "<?xml", "jabber:", TO},
    {NTA_FROM_CLIENT, NTA_APP_XMPP, "<stream:stream", "jabber:", TO},
};

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/** Behind the code of a reply: a blank, or a dash, if more lines follow. */
static bool is_after_code(uint8_t c)
{
    return is_space(c) || c == '-';
}

/** The value of to='…' or to="…" in the stream's tag, outside of what others have in quotes. */
static struct nta_span attribute_to(struct nta_span text)
{
    const struct nta_span tag = nta_span_from(text, nta_span_find(text, "<stream:stream"));
    uint8_t quote = 0;

    for (size_t i = 0; i < tag.len && (quote || tag.ptr[i] != '>'); i++) {
        const uint8_t c = tag.ptr[i];
        const struct nta_span rest = nta_span_from(tag, i + 1);

        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '\'' || c == '"')
            quote = c;
        else if (is_space(c) && rest.len > 4 && nta_span_begins(rest, nta_span_of("to=")) &&
                 (rest.ptr[3] == '\'' || rest.ptr[3] == '"'))
            return nta_span_before(nta_span_from(rest, 4), rest.ptr[3]);
    }
    return (struct nta_span){0};
}

static struct nta_span name_in(struct nta_span line, enum name_place place)
{
    struct nta_span rest = line;

    switch (place) {
    case NOWHERE: return (struct nta_span){0};
    case SECOND_WORD:
        (void)nta_span_word_of(&rest, is_after_code);
        rest = nta_span_from(rest, nta_smaller(1, rest.len));
        return nta_span_word_of(&rest, is_space);
    case PREFIX: return nta_span_from(nta_span_word_of(&rest, is_space), 1);
    case TO: return attribute_to(line);
    }
    return (struct nta_span){0};
}

/** A host has a dot, and no more than letters, digits, and what stands between them. */
static bool is_host(struct nta_span name)
{
    for (size_t i = 0; i < name.len; i++) {
        const uint8_t c = name.ptr[i], lower = c | 0x20;

        if (!((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
              c == '_' || c >= 0x80))
            return false;
    }
    return nta_span_has(name, '.');
}

static void tell(const struct nta_proto_io *io, enum nta_app app, struct nta_span name)
{
    io->emit(io->owner,
             &(const struct nta_event){.kind = NTA_EVENT_REALM, .app = app, .realm = &name});
}

/** A server greets before its client speaks; of IRC it answers who has greeted. */
static bool is_in_time(const struct nta_talk *talk, const struct greeting *row)
{
    return row->side == NTA_FROM_CLIENT || talk->n_bytes[NTA_FROM_CLIENT] == 0 ||
           row->app == talk->greeted;
}

static void hear_greeting(const struct nta_proto_io *io, struct nta_talk *talk,
                          struct nta_span piece)
{
    const struct nta_span seen = nta_span_first(piece, LINE_MAX);

    for (size_t i = 0; i < NTA_N_ELEMENTS(greetings); i++) {
        const struct greeting *row = &greetings[i];
        const struct nta_span line = row->name == TO ? seen : nta_span_before(seen, '\n');

        if (row->side != io->side || !is_in_time(talk, row) ||
            !nta_span_begins(line, nta_span_of(row->begins)) ||
            (row->holds[0] && nta_span_find_word(line, row->holds) == line.len))
            continue;
        const struct nta_span name = name_in(line, row->name);

        if (row->side == NTA_FROM_CLIENT)
            talk->greeted = (uint8_t)row->app;
        tell(io, row->app, is_host(name) ? name : (struct nta_span){0});
        return;
    }
}

/** A client asks for what this URL names. */
static void tell_url(const struct nta_proto_io *io, enum nta_app app, uint16_t usual_port,
                     struct nta_span method, struct nta_span url)
{
    struct nta_transfer transfer = {.method = method, .begin_wall_ns = io->wall_ns};
    struct nta_event event = {.kind = NTA_EVENT_TRANSFER_BEGIN, .app = app, .transfer = &transfer};

    if (!nta_authority_of_url(url, &transfer))
        return;
    if (transfer.port == 0 && io->server_port != usual_port)
        transfer.port = io->server_port;
    io->emit(io->owner, &event);
    event.kind = NTA_EVENT_TRANSFER_END;
    io->emit(io->owner, &event);
}

/** METHOD SP URL SP RTSP/1.0. */
static void hear_rtsp(const struct nta_proto_io *io, struct nta_span piece)
{
    struct nta_span rest = nta_span_before(nta_span_first(piece, URL_MAX), '\n');
    const struct nta_span method = nta_span_take(&rest, ' '), url = nta_span_take(&rest, ' ');

    if (nta_span_starts(rest, "RTSP/") && nta_span_starts(url, "rtsp"))
        tell_url(io, NTA_APP_RTSP, 554, method, url);
}

/** The decimal number that ends before `end`. */
static size_t number_before(struct nta_span text, size_t end)
{
    size_t number = 0, digit = 1;

    for (; end > 0 && text.ptr[end - 1] >= '0' && text.ptr[end - 1] <= '9' && digit <= URL_MAX;
         digit *= 10)
        number += (size_t)(text.ptr[--end] - '0') * digit;
    return number;
}

/** "( 2 ( … ) 25:svn://host/path …": texts have their length before them; the server began. */
static void hear_svn(const struct nta_proto_io *io, const struct nta_talk *talk,
                     struct nta_span piece)
{
    const struct nta_span seen = nta_span_first(piece, URL_MAX);
    const size_t at = nta_span_find(seen, ":svn");

    if (!talk->is_svn || !nta_span_begins(seen, nta_span_of("( 2 ( ")) || at == seen.len)
        return;
    const struct nta_span url = nta_span_before(nta_span_from(seen, at + 1), ' ');

    if (url.len == number_before(seen, at))
        tell_url(io, NTA_APP_SVN, 3690, (struct nta_span){0}, url);
}

/** RTMP: tcUrl, a text of AMF, of the first command behind the handshake, which is `connect`. */
static void hear_rtmp(const struct nta_proto_io *io, struct nta_talk *talk, struct nta_span piece)
{
    static const uint8_t key[] = "\0\5tcUrl\2", command[] = "\2\0\7connect";
    const uint32_t before = talk->n_bytes[NTA_FROM_CLIENT];
    const size_t skip = before < HANDSHAKES_LEN ? HANDSHAKES_LEN - before : 0;

    if (!talk->is_rtmp || skip >= piece.len)
        return;
    piece = nta_span_from(piece, skip);
    const struct nta_span first = nta_span_first(piece, CONNECT_MAX);

    if (nta_span_find_span(first, (struct nta_span){command, sizeof(command) - 1}) == first.len) {
        talk->is_rtmp = before + skip + piece.len <= HANDSHAKES_LEN + CONNECT_MAX;
        return; /* settings of the stream may stand before it */
    }
    talk->is_rtmp = false;
    const struct nta_span mark = {key, sizeof(key) - 1};
    const size_t at = nta_span_find_span(piece, mark);
    struct nta_reader r = nta_reader_of(piece.ptr, piece.len);
    uint8_t text[URL_MAX];
    size_t len = 0;

    if (at == piece.len)
        return;
    nta_reader_skip(&r, at + mark.len);
    const size_t wanted = nta_smaller(nta_read_be16(&r), sizeof(text));

    while (len < wanted && nta_reader_left(&r) > 0) {
        const uint8_t c = nta_read_u8(&r);

        if (c != CHUNK_HEAD)
            text[len++] = c;
    }
    const struct nta_span url = {text, len};

    if (len == wanted && nta_span_starts(url, "rtmp"))
        tell_url(io, NTA_APP_RTMP, 1935, (struct nta_span){0}, url);
}

bool nta_talk_is_noise(struct nta_span first)
{
    size_t n_bits = 0, n_printable = 0, run = 0;

    if (first.len < NOISE_LEAST)
        return false;
    first = nta_span_first(first, NOISE_MOST);
    for (size_t i = 0; i < first.len; i++) {
        const uint8_t c = first.ptr[i];
        const bool is_printable = c >= ' ' && c <= '~';

        n_bits += (size_t)__builtin_popcount(c);
        n_printable += is_printable;
        run = is_printable ? run + 1 : 0;
        if (run == NOISE_RUN_MAX || (run == NOISE_BEGIN && i + 1 == NOISE_BEGIN))
            return false;
    }
    return n_bits * 10 > first.len * 34 && n_bits * 10 < first.len * 46 &&
           n_printable * 2 < first.len;
}

void nta_talk_hear(const struct nta_proto_io *io, struct nta_talk *talk, struct nta_span piece)
{
    const bool is_client = io->side == NTA_FROM_CLIENT, is_first = talk->n_bytes[io->side] == 0;

    if (is_client && is_first)
        talk->is_rtmp = piece.len > 0 && piece.ptr[0] == RTMP_VERSION;
    if (is_client)
        hear_rtmp(io, talk, piece);
    if (!is_first)
        return;
    hear_greeting(io, talk, piece);
    if (is_client) {
        hear_rtsp(io, piece);
        hear_svn(io, talk, piece);
    } else {
        talk->is_svn = nta_span_begins(piece, nta_span_of("( success ( "));
    }
}
