/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask what: from a request to one of the answers in answer.c. */
#include "console/request.h"

#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "base/text.h"
#include "console/answer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

static const char *field(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static struct nta_addr address_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct nta_addr addr = {.bytes = {0}};
    char text[INET6_ADDRSTRLEN] = "";

    if (info && info->client_addr->sa_family == AF_INET)
        (void)inet_ntop(AF_INET,
                        &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr,
                        text, sizeof(text));
    else if (info && info->client_addr->sa_family == AF_INET6)
        (void)inet_ntop(AF_INET6,
                        &((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr,
                        text, sizeof(text));
    (void)nta_addr_parse(text, strlen(text), &addr);
    return addr;
}

/** A request as it is judged. */
struct request
{
    struct nta_console *console;
    struct MHD_Connection *connection;
    const char *path; ///< Below the console's own; NULL: outside.
    bool is_head;
    struct nta_gate_origin origin;
};

/** A field of the request: how often it is there, and what it says if it is once. */
struct named
{
    const char *field, *value;
    unsigned n;
};

static enum MHD_Result take_named(void *owner, enum MHD_ValueKind kind, const char *key,
                                  const char *value)
{
    struct named *named = owner;

    (void)kind;
    if (strcasecmp(key, named->field) != 0)
        return MHD_YES;
    named->value = named->n++ ? NULL : value;
    return MHD_YES;
}

/** Whom the proxy names; twice is not at all, since one of both is the browser's. */
static bool is_named(const struct request *request, struct nta_console_who *ret_who)
{
    struct named named = {.field = request->console->options.user_header};

    (void)MHD_get_connection_values(request->connection, MHD_HEADER_KIND, take_named, &named);
    return named.value && nta_gate_is_user(request->console->gate, named.value, ret_who);
}

static bool has_session(const struct request *request, struct nta_console_who *ret_who)
{
    struct nta_console *console = request->console;

    if (console->options.user_header)
        return is_named(request, ret_who);
    return nta_gate_knows(console->gate, field(request->connection, "Cookie"), console->cookie_name,
                          nta_clock_mono_ns(), ret_who);
}

/** Of whose password it is: over a socket as the proxy says. */
static struct nta_addr asked_from(const struct request *request)
{
    const char *said = field(request->connection, "X-Real-IP");
    struct nta_addr addr = address_of(request->connection);

    if (request->console->options.socket && said)
        (void)nta_addr_parse(said, strlen(said), &addr);
    return addr;
}

/** Until it is this one's turn, or the console ends. */
static void wait_for_turn(struct nta_console *console, int64_t wait_ns)
{
    const int64_t until_ns = nta_clock_mono_ns() + wait_ns;
    const struct timespec until = {.tv_sec = until_ns / NTA_NS_PER_S,
                                   .tv_nsec = until_ns % NTA_NS_PER_S};

    if (wait_ns == 0)
        return;
    (void)pthread_mutex_lock(&console->lock);
    while (!console->stopping &&
           pthread_cond_timedwait(&console->changed, &console->lock, &until) != ETIMEDOUT)
        continue;
    (void)pthread_mutex_unlock(&console->lock);
}

/** Somebody without a session asks for the page. */
static enum MHD_Result ask_password(const struct request *request)
{
    struct nta_console *console = request->console;
    char name[sizeof(console->cookie_name) + sizeof(NTA_CONSOLE_BROWSER)], text[NTA_ADDR_TEXT_SIZE];
    const struct nta_gate_from from = {
        .addr = asked_from(request),
        .authorization = field(request->connection, "Authorization"),
        .cookies = field(request->connection, "Cookie"),
        .cookie_name = name,
    };
    struct nta_gate_words words;
    int64_t wait_ns;

    (void)snprintf(name, sizeof(name), "%s" NTA_CONSOLE_BROWSER, console->cookie_name);
    if (!nta_gate_queue(console->gate, &from, nta_clock_mono_ns(), &wait_ns)) {
        nta_log_warning("console: too many wrong passwords, last from %s",
                        nta_addr_text(&from.addr, text));
        return nta_answer_text(request->connection, MHD_HTTP_TOO_MANY_REQUESTS,
                               "Too many wrong passwords from there; try again.\n");
    }
    wait_for_turn(console, wait_ns);
    if (nta_gate_password(console->gate, &from, nta_clock_mono_ns(), &words))
        return nta_answer_redirect(console, request->connection, &words);
    if (from.authorization)
        nta_log_warning("console: wrong name or password from %s", nta_addr_text(&from.addr, text));
    return nta_answer_unauthorized(request->connection);
}

/**
 * A link is used up only by who looks at the answer: not by a question whether it is there, nor
 * ahead of time.
 */
static enum MHD_Result take_link(const struct request *request, const char *word)
{
    struct nta_console *console = request->console;
    struct nta_gate_words words = {.browser = ""};
    struct nta_console_who who;
    bool is_ahead = nta_gate_is_ahead(&request->origin);

    if ((is_ahead || request->is_head) && nta_gate_has_link(console->gate, nta_span_of(word)))
        return nta_answer_text(request->connection,
                               is_ahead ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK,
                               "This link opens once; it was not used yet.\n");
    if (nta_gate_use_link(console->gate, nta_span_of(word), nta_clock_mono_ns(), words.session))
        return nta_answer_redirect(console, request->connection, &words);
    if (has_session(request, &who)) /* back in this browser's history */
        return nta_answer_page(console, request->connection);
    return nta_answer_text(request->connection, MHD_HTTP_FORBIDDEN,
                           "This link was used, or is none.  Press Enter where nta console runs "
                           "for another one.\n");
}

/**
 * Who has no session may only get one; passwords are asked for at the root, too, whose path people
 * know.
 */
static enum MHD_Result let_in(const struct request *request, bool is_page, const char *word)
{
    bool has_passwords = request->console->options.users_file != NULL;

    if (request->console->options.user_header)
        return nta_answer_text(request->connection, MHD_HTTP_FORBIDDEN,
                               "The server before this one names nobody who may see it.\n");
    if (is_page && word && !has_passwords)
        return take_link(request, word);
    if (is_page && has_passwords)
        return ask_password(request);
    return nta_answer_text(request->connection, MHD_HTTP_FORBIDDEN,
                           has_passwords
                               ? "Log in at the address that nta console showed.\n"
                               : "Open the link that nta console showed.  It opens once; press "
                                 "Enter there for another one.\n");
}

/** The connection of whoever has a session is not a stranger's any more. */
static void know(const struct request *request, bool streams)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    nta_guests_know(&request->console->guests, info ? info->socket_context : NULL, streams,
                    nta_clock_mono_ns());
}

static enum MHD_Result answer(const struct request *request, bool is_root)
{
    const char *path = request->path;
    const char *word =
        MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, "token");
    bool is_page = path && path[0] == '\0';
    bool asks_root =
        is_root && request->console->options.users_file && !request->console->options.socket;
    bool has_link = is_page && word && !request->console->options.users_file;
    struct nta_console_who who;

    if (has_link || asks_root || !has_session(request, &who))
        return let_in(request, is_page || asks_root, word);
    bool streams = path && strcmp(path, "events") == 0 && !request->is_head;

    know(request, streams);
    if (is_page)
        return nta_answer_page(request->console, request->connection);
    if (path && strcmp(path, "data") == 0)
        return nta_answer_data(request->console, request->connection, &who);
    if (streams)
        return nta_answer_events(request->console, request->connection, &who);
    return nta_answer_text(request->connection, MHD_HTTP_NOT_FOUND, "There is nothing here.\n");
}

/** Before anything else: is the server meant, and is it a page of its own that asks? */
static enum MHD_Result check(struct nta_console *console, struct MHD_Connection *connection,
                             const char *path, bool is_head)
{
    size_t prefix = strlen(console->path);
    bool is_usual = console->options.socket ? console->port == 443 || console->port == 80
                                            : console->port == (console->options.cert ? 443 : 80);
    struct request request = {
        .console = console,
        .connection = connection,
        .path = strncmp(path, console->path, prefix) == 0 ? path + prefix : NULL,
        .is_head = is_head,
        .origin = {.origin = field(connection, "Origin"),
                   .site = field(connection, "Sec-Fetch-Site"),
                   .mode = field(connection, "Sec-Fetch-Mode"),
                   .dest = field(connection, "Sec-Fetch-Dest"),
                   .purpose = field(connection, "Sec-Purpose")},
    };
    bool is_root = strcmp(path, "/") == 0;

    if (!nta_gate_is_host(field(connection, "Host"), console->names, console->n_names,
                          console->port, is_usual))
        return nta_answer_text(connection, MHD_HTTP_MISDIRECTED_REQUEST,
                               "This server has another name; --host NAME gives it one.\n");
    if (strcmp(path, "/favicon.ico") == 0)
        return nta_answer_text(connection, MHD_HTTP_NO_CONTENT, "");
    if (!request.origin.purpose)
        request.origin.purpose = field(connection, "Purpose");
    if (!request.origin.purpose)
        request.origin.purpose = field(connection, "X-Moz");
    if (!nta_gate_is_ours(&request.origin, is_root || (request.path && !request.path[0]),
                          console->names, console->n_names, console->port, is_usual))
        return nta_answer_text(connection, MHD_HTTP_FORBIDDEN,
                               "Another page asked for this, not the console's own.\n");
    return answer(&request, is_root);
}

// NOLINTNEXTLINE(readability-function-size): libmicrohttpd says which parameters
enum MHD_Result nta_console_request(void *owner, struct MHD_Connection *connection,
                                    const char *path, const char *method, const char *version,
                                    const char *upload, size_t *upload_len, void **call)
{
    static int seen;
    bool is_head = strcmp(method, "HEAD") == 0;

    (void)version;
    (void)upload;
    if (!is_head && strcmp(method, "GET") != 0)
        return nta_answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                               "Nothing can be changed here: GET only.\n");
    if (!*call) { /* the head is here, a body (which is not looked at) may follow */
        *call = &seen;
        return MHD_YES;
    }
    if (*upload_len) {
        *upload_len = 0;
        return MHD_YES;
    }
    return check(owner, connection, path, is_head);
}

void nta_console_connection(void *owner, struct MHD_Connection *connection, void **context,
                            enum MHD_ConnectionNotificationCode what)
{
    struct nta_console *console = owner;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct nta_addr from = address_of(connection);

    if (what == MHD_CONNECTION_NOTIFY_CLOSED)
        nta_guests_leave(&console->guests, *context);
    else if (info)
        *context = nta_guests_enter(&console->guests, info->connect_fd, &from, nta_clock_mono_ns());
}
