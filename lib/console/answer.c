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

static void add_session(const struct nta_console *console, struct MHD_Response *response,
                        const char *cookie)
{
    char value[256];

    (void)snprintf(value, sizeof(value), "%s=%s; Path=%s; HttpOnly; SameSite=Strict%s",
                   console->cookie_name, cookie, console->path,
                   console->options.cert ? "; Secure" : "");
    add(response, "Set-Cookie", value);
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
                                    const char *cookie)
{
    struct MHD_Response *response = constant("");

    if (response) {
        add_session(console, response, cookie);
        add(response, "Location", console->path);
    }
    return respond(connection, MHD_HTTP_SEE_OTHER, response, "text/plain; charset=utf-8",
                   NOTHING_MAY);
}

enum MHD_Result nta_answer_data(struct nta_console *console, struct MHD_Connection *connection)
{
    struct nta_buf data = {0};

    if (console->options.data(console->options.owner, &data) < 0 || data.failed) {
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

struct stream
{
    struct nta_console *console;
    uint64_t seen;
    bool greeted;
};

/** Wait for something new, at most so long.  False: the console ends. */
static bool wait_for_news(struct stream *stream, bool *ret_news)
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
    struct stream *stream = owner;
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
    struct stream *stream = owner;

    (void)pthread_mutex_lock(&stream->console->lock);
    stream->console->n_streams--;
    (void)pthread_mutex_unlock(&stream->console->lock);
    free(stream);
}

static struct stream *begin_stream(struct nta_console *console)
{
    struct stream *stream = NULL;

    (void)pthread_mutex_lock(&console->lock);
    if (console->n_streams < NTA_CONSOLE_STREAMS && !console->stopping)
        stream = calloc(1, sizeof(*stream));
    if (stream) {
        console->n_streams++;
        *stream = (struct stream){.console = console, .seen = console->serial};
    }
    (void)pthread_mutex_unlock(&console->lock);
    return stream;
}

enum MHD_Result nta_answer_events(struct nta_console *console, struct MHD_Connection *connection)
{
    struct stream *stream = begin_stream(console);

    if (!stream)
        return nta_answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                               "Too many pages are open.\n");
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, EVENT_BLOCK, read_events, stream, end_stream);

    if (!response)
        end_stream(stream);
    return respond(connection, MHD_HTTP_OK, response, "text/event-stream", NOTHING_MAY);
}
