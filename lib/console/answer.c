/* SPDX-License-Identifier: Apache-2.0 */
#include "console/answer.h"

#include "base/own.h"
#include "base/runtime/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum
{
    EVENT_BLOCK = 256,
    /** Between two comments on a stream; a browser that is gone is noticed by them. */
    STILL_HERE_S = 10,
};

#define NOTHING_MAY "default-src 'none'; frame-ancestors 'none'"

static void add(struct MHD_Response *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(response, name, value);
}

/** What every answer says; takes the response. */
static enum MHD_Result respond(struct MHD_Connection *connection, unsigned status,
                               struct MHD_Response *response, const char *type, const char *policy)
{
    if (!response)
        return MHD_NO;
    add(response, "Content-Type", type);
    add(response, "Content-Security-Policy", policy);
    add(response, "Cache-Control", "no-store");
    add(response, "Vary", "*");
    add(response, "X-Content-Type-Options", "nosniff");
    add(response, "X-Frame-Options", "DENY");
    add(response, "Referrer-Policy", "no-referrer");
    add(response, "Cross-Origin-Opener-Policy", "same-origin");
    add(response, "Cross-Origin-Resource-Policy", "same-origin");
    enum MHD_Result r = MHD_queue_response(connection, status, response);

    MHD_destroy_response(response);
    return r;
}

static struct MHD_Response *constant(const char *text)
{
    /* it is not written to, whatever the type says */
    union
    {
        const char *given;
        void *taken;
    } bytes = {.given = text};

    return MHD_create_response_from_buffer(strlen(text), bytes.taken, MHD_RESPMEM_PERSISTENT);
}

enum MHD_Result nta_answer_text(struct MHD_Connection *connection, unsigned status,
                                const char *text)
{
    struct MHD_Response *response = constant(text);

    if (response && status == MHD_HTTP_METHOD_NOT_ALLOWED)
        add(response, "Allow", "GET, HEAD");
    if (response && status == MHD_HTTP_TOO_MANY_REQUESTS)
        add(response, "Retry-After", "60");
    return respond(connection, status, response, "text/plain; charset=utf-8", NOTHING_MAY);
}

enum MHD_Result nta_answer_unauthorized(struct MHD_Connection *connection)
{
    struct MHD_Response *response = constant("Name and password, please.\n");

    if (response)
        add(response, "WWW-Authenticate", "Basic realm=\"nta console\", charset=\"UTF-8\"");
    return respond(connection, MHD_HTTP_UNAUTHORIZED, response, "text/plain; charset=utf-8",
                   NOTHING_MAY);
}

/** Behind a proxy a cookie is for the folder that the browser asked for, which we do not know. */
static void add_cookies(const struct nta_console *console, struct MHD_Response *response,
                        const struct nta_gate_words *words, bool is_secure)
{
    const bool has_proxy = console->options.socket != NULL;
    const char *secure = is_secure ? "; Secure" : "";
    char value[320];

    if (words->browser[0]) {
        (void)snprintf(value, sizeof(value),
                       "%s" NTA_CONSOLE_BROWSER
                       "=%s%s; Max-Age=7776000; HttpOnly; SameSite=Strict%s",
                       console->cookie_name, words->browser, has_proxy ? "" : "; Path=/", secure);
        add(response, "Set-Cookie", value);
    }
    (void)snprintf(value, sizeof(value), "%s=%s%s%s; HttpOnly; SameSite=Strict%s",
                   console->cookie_name, words->session,
                   has_proxy ? "" : "; Path=", has_proxy ? "" : console->path, secure);
    add(response, "Set-Cookie", value);
}

/** By TLS of our own, or, as the proxy says, of its. */
static bool is_secure(const struct nta_console *console, struct MHD_Connection *connection)
{
    const char *protocol =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-Forwarded-Proto");

    return console->options.cert ||
           (console->options.socket && protocol && strcmp(protocol, "https") == 0);
}

enum MHD_Result nta_answer_page(struct nta_console *console, struct MHD_Connection *connection)
{
    union
    {
        const uint8_t *given;
        void *taken;
    } bytes = {.given = console->options.page.ptr};
    struct MHD_Response *response = MHD_create_response_from_buffer(
        console->options.page.len, bytes.taken, MHD_RESPMEM_PERSISTENT);

    return respond(connection, MHD_HTTP_OK, response, "text/html; charset=utf-8",
                   console->options.policy);
}

enum MHD_Result nta_answer_redirect(struct nta_console *console, struct MHD_Connection *connection,
                                    const struct nta_gate_words *words)
{
    struct MHD_Response *response = constant("");

    if (response) {
        add_cookies(console, response, words, is_secure(console, connection));
        add(response, "Location", console->options.socket ? "./" : console->path);
    }
    return respond(connection, MHD_HTTP_SEE_OTHER, response, "text/plain; charset=utf-8",
                   NOTHING_MAY);
}

/** What he is told instead. */
static enum MHD_Result answer_trouble(struct MHD_Connection *connection, const struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    nta_buf_printf(&text, "%s\n", err->text);
    struct MHD_Response *response =
        text.failed ? NULL
                    : MHD_create_response_from_buffer(text.len, text.ptr, MHD_RESPMEM_MUST_COPY);

    return respond(connection, MHD_HTTP_SERVICE_UNAVAILABLE, response, "text/plain; charset=utf-8",
                   NOTHING_MAY);
}

enum MHD_Result nta_answer_data(struct nta_console *console, struct MHD_Connection *connection,
                                const struct nta_console_who *who)
{
    struct nta_buf data = {0};
    struct nta_err err = {0};

    if (console->options.data(console->options.owner, who, &data, &err) < 0) {
        nta_buf_done(&data);
        return answer_trouble(connection, &err);
    }
    if (data.failed) {
        nta_buf_done(&data);
        return nta_answer_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "Out of memory.\n");
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(data.len, data.ptr, MHD_RESPMEM_MUST_FREE);

    if (!response)
        nta_buf_done(&data);
    return respond(connection, MHD_HTTP_OK, response, "application/json", NOTHING_MAY);
}

/* ---- events ---- */

struct nta_stream
{
    struct nta_console *console;
    char login[NTA_CONSOLE_LOGIN_SIZE];
    uint64_t seen;
    bool greeted;
};

/** Wait for something new, at most so long.  False: the console ends. */
static bool wait_for_news(struct nta_stream *stream, bool *ret_news)
{
    struct nta_console *console = stream->console;
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += STILL_HERE_S;
    (void)pthread_mutex_lock(&console->lock);
    while (!console->stopping && console->serial == stream->seen &&
           pthread_cond_timedwait(&console->changed, &console->lock, &until) != ETIMEDOUT)
        continue;
    *ret_news = console->serial != stream->seen;
    stream->seen = console->serial;
    bool goes_on = !console->stopping;

    (void)pthread_mutex_unlock(&console->lock);
    return goes_on;
}

static ssize_t read_events(void *owner, uint64_t pos, char *buf, size_t size)
{
    struct nta_stream *stream = owner;
    bool news = false;
    int len;

    (void)pos;
    if (!stream->greeted) { /* so that the browser knows at once that it is connected */
        stream->greeted = true;
        len = snprintf(buf, size, "retry: 1000\n\n");
    } else if (!wait_for_news(stream, &news)) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    } else if (news) {
        len = snprintf(buf, size, "id: %llu\ndata: new\n\n", (unsigned long long)stream->seen);
    } else {
        len = snprintf(buf, size, ": still here\n\n");
    }
    return len > 0 && (size_t)len < size ? len : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void end_stream(void *owner)
{
    struct nta_stream *stream = owner;
    struct nta_console *console = stream->console;

    (void)pthread_mutex_lock(&console->lock);
    for (size_t i = 0; i < NTA_CONSOLE_STREAMS; i++)
        if (console->streams[i] == stream)
            console->streams[i] = NULL;
    (void)pthread_mutex_unlock(&console->lock);
    free(stream);
}

/** With the lock: a free place, unless this login has as many as anybody may; NULL: none. */
static struct nta_stream **find_free(struct nta_console *console, const char *login)
{
    struct nta_stream **place = NULL;
    size_t n_own = 0;

    for (size_t i = 0; i < NTA_CONSOLE_STREAMS; i++) {
        if (!console->streams[i])
            place = &console->streams[i];
        else
            n_own += strcmp(console->streams[i]->login, login) == 0;
    }
    return n_own < NTA_CONSOLE_STREAMS_EACH && !console->stopping ? place : NULL;
}

static struct nta_stream *begin_stream(struct nta_console *console,
                                       const struct nta_console_who *who)
{
    struct nta_stream *stream = NULL;

    (void)pthread_mutex_lock(&console->lock);
    struct nta_stream **place = find_free(console, who->login);

    if (place)
        *place = stream = calloc(1, sizeof(*stream));
    if (stream) {
        *stream = (struct nta_stream){.console = console, .seen = console->serial};
        memcpy(stream->login, who->login, sizeof(stream->login));
    }
    (void)pthread_mutex_unlock(&console->lock);
    return stream;
}

enum MHD_Result nta_answer_events(struct nta_console *console, struct MHD_Connection *connection,
                                  const struct nta_console_who *who)
{
    struct nta_stream *stream = begin_stream(console, who);

    if (!stream)
        return nta_answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                               "Too many pages are open.\n");
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, EVENT_BLOCK, read_events, stream, end_stream);

    if (!response)
        end_stream(stream);
    return respond(connection, MHD_HTTP_OK, response, "text/event-stream", NOTHING_MAY);
}
