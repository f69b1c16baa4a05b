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
    CHUNK_HEAD = 0xc3,  ///< RTMP: a byte that stands between chunks of a message (section 5.3.1.2).
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
    {NTA_FROM_SERVER, NTA_APP_SMTP, "220", "SMTP", SECOND_WORD},
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

/** The value of to='…' or to="…". */
static struct nta_span attribute_to(struct nta_span text)
{
    const size_t at = nta_span_find(text, " to=");
    const struct nta_span value = nta_span_from(text, nta_smaller(at + 5, text.len));

    if (value.len == 0)
        return value;
    return nta_span_before(value, value.ptr[-1]);
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

static void hear_greeting(const struct nta_proto_io *io, struct nta_span piece)
{
    const struct nta_span seen = nta_span_first(piece, LINE_MAX);

    for (size_t i = 0; i < NTA_N_ELEMENTS(greetings); i++) {
        const struct greeting *row = &greetings[i];
        const struct nta_span line = row->name == TO ? seen : nta_span_before(seen, '\n');

        if (row->side != io->side || !nta_span_begins(line, nta_span_of(row->begins)) ||
            (row->holds[0] && nta_span_find_word(line, row->holds) == line.len))
            continue;
        const struct nta_span name = name_in(line, row->name);

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

/** "( 2 ( … ) 25:svn://host/path …": texts have their length before them. */
static void hear_svn(const struct nta_proto_io *io, struct nta_span piece)
{
    const struct nta_span seen = nta_span_first(piece, URL_MAX);
    const size_t at = nta_span_find(seen, ":svn");

    if (!nta_span_begins(seen, nta_span_of("( 2 ( ")) || at == seen.len)
        return;
    tell_url(io, NTA_APP_SVN, 3690, (struct nta_span){0},
             nta_span_before(nta_span_from(seen, at + 1), ' '));
}

/** RTMP: the first command's tcUrl, a text of AMF, in chunks of 128 bytes or more. */
static void hear_rtmp(const struct nta_proto_io *io, struct nta_span piece)
{
    static const uint8_t key[] = "\0\5tcUrl\2";
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

void nta_talk_hear(const struct nta_proto_io *io, struct nta_span piece, bool is_first)
{
    const bool is_client = io->side == NTA_FROM_CLIENT;

    if (is_client && !is_first)
        hear_rtmp(io, piece);
    if (!is_first)
        return;
    hear_greeting(io, piece);
    if (is_client) {
        hear_rtsp(io, piece);
        hear_svn(io, piece);
    }
}
