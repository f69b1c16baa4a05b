/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask what: from a request to one of the answers in answer.c. */
#include "console/console.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/text.h"
#include "console/answer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
    REQUEST_BYTES = 32768, ///< Of memory for a connection.
    EACH_ADDRESS = 24,     ///< Connections.
    TIMEOUT_S = 30,
    STACK_BYTES = 512 * 1024,
};

bool nta_console_is_loopback(const struct nta_addr *addr)
{
    static const uint8_t v6[NTA_ADDR_LEN] = {[NTA_ADDR_LEN - 1] = 1};

    return nta_addr_is_v4(addr) ? addr->bytes[NTA_ADDR_LEN - 4] == 127
                                : memcmp(addr->bytes, v6, sizeof(v6)) == 0;
}

/* ---- requests ---- */

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

static bool has_session(struct nta_console *console, struct MHD_Connection *connection)
{
    return nta_gate_knows(console->gate, field(connection, "Cookie"), console->cookie_name,
                          nta_clock_mono_ns());
}

/** Somebody without a session asks for the page. */
static enum MHD_Result ask_password(struct nta_console *console, struct MHD_Connection *connection)
{
    const char *authorization = field(connection, "Authorization");
    struct nta_addr from = address_of(connection);
    char cookie[NTA_GATE_WORD_SIZE], text[NTA_ADDR_TEXT_SIZE];

    switch (nta_gate_password(console->gate, authorization, &from, nta_clock_mono_ns(), cookie)) {
    case NTA_GATE_OPEN: return nta_answer_page(console, connection, cookie);
    case NTA_GATE_CLOSED:
        if (authorization)
            nta_log_warning("console: wrong name or password from %s", nta_addr_text(&from, text));
        return nta_answer_unauthorized(connection);
    case NTA_GATE_TOO_MANY:
        nta_log_warning("console: too many wrong passwords, last from %s",
                        nta_addr_text(&from, text));
        break;
    }
    return nta_answer_text(connection, MHD_HTTP_TOO_MANY_REQUESTS,
                           "Too many wrong passwords; wait a minute.\n");
}

static enum MHD_Result take_link(struct nta_console *console, struct MHD_Connection *connection,
                                 const char *word)
{
    char cookie[NTA_GATE_WORD_SIZE];

    if (nta_gate_use_link(console->gate, nta_span_of(word), nta_clock_mono_ns(), cookie))
        return nta_answer_redirect(console, connection, cookie);
    if (has_session(console, connection)) /* back in this browser's history */
        return nta_answer_page(console, connection, NULL);
    return nta_answer_text(connection, MHD_HTTP_FORBIDDEN,
                           "This link was used, or is none.  Press Enter where nta console runs "
                           "for another one.\n");
}

static enum MHD_Result answer(struct nta_console *console, struct MHD_Connection *connection,
                              const char *path)
{
    const char *word = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "token");
    bool is_page = strcmp(path, "/") == 0;

    if (strcmp(path, "/favicon.ico") == 0)
        return nta_answer_text(connection, MHD_HTTP_NO_CONTENT, "");
    if (is_page && word && !console->options.password_file)
        return take_link(console, connection, word);
    if (!has_session(console, connection)) {
        if (is_page && console->options.password_file)
            return ask_password(console, connection);
        return nta_answer_text(connection, MHD_HTTP_FORBIDDEN,
                               "Open the link that nta console showed.  It opens once; press Enter "
                               "there for another one.\n");
    }
    if (is_page)
        return nta_answer_page(console, connection, NULL);
    if (strcmp(path, "/data") == 0)
        return nta_answer_data(console, connection);
    if (strcmp(path, "/events") == 0)
        return nta_answer_events(console, connection);
    return nta_answer_text(connection, MHD_HTTP_NOT_FOUND, "There is nothing here.\n");
}

// NOLINTNEXTLINE(readability-function-size): libmicrohttpd says which parameters
static enum MHD_Result on_request(void *owner, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_len, void **call)
{
    static int seen;
    struct nta_console *console = owner;

    (void)version;
    (void)upload;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
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
    if (!nta_gate_is_host(field(connection, "Host"), console->names, console->n_names,
                          console->port, console->port == (console->options.cert ? 443 : 80)))
        return nta_answer_text(connection, MHD_HTTP_MISDIRECTED_REQUEST,
                               "This server has another name; --host NAME gives it one.\n");
    return answer(console, connection, path);
}

/* ---- start and stop ---- */

static int check(const struct nta_console_options *options, struct nta_err *err)
{
    if (options->n_hosts > NTA_CONSOLE_HOSTS)
        return nta_err_set(err, -E2BIG, "more than %d names of the host", NTA_CONSOLE_HOSTS);
    if ((options->cert == NULL) != (options->key == NULL))
        return nta_err_set(err, -EINVAL, "TLS needs both a certificate and its key");
    if (options->password_file && !options->cert)
        return nta_err_set(err, -EPERM,
                           "passwords go over TLS only: give a certificate and its key");
    if (!nta_console_is_loopback(&options->addr) && (!options->cert || !options->password_file))
        return nta_err_set(err, -EPERM,
                           "on another address than 127.0.0.1 the console needs TLS (a certificate "
                           "and its key) and a password file");
    return 0;
}

static void set_names(struct nta_console *console)
{
    (void)nta_addr_text(&console->options.addr, console->own_name);
    console->names[console->n_names++] = console->own_name;
    if (nta_console_is_loopback(&console->options.addr))
        console->names[console->n_names++] = "localhost";
    for (size_t i = 0; i < console->options.n_hosts; i++)
        console->names[console->n_names++] = console->options.hosts[i];
}

/** The address to listen on; gives its length. */
static socklen_t socket_address(const struct nta_console_options *options,
                                struct sockaddr_storage *room)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(options->port)};

    if (nta_addr_is_v4(&options->addr)) {
        memcpy(&v4.sin_addr, options->addr.bytes + NTA_ADDR_LEN - 4, 4);
        memcpy(room, &v4, sizeof(v4));
        return sizeof(v4);
    }
    memcpy(&v6.sin6_addr, options->addr.bytes, NTA_ADDR_LEN);
    memcpy(room, &v6, sizeof(v6));
    return sizeof(v6);
}

/** Port and names are known before the first connection: the server's threads only read them. */
static int open_socket(struct nta_console *console, int *ret_fd, struct nta_err *err)
{
    const struct nta_console_options *options = &console->options;
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t len = socket_address(options, &address);
    int on = 1, fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr *at = (struct sockaddr *)(void *)&address;

    if (fd < 0)
        return nta_err_sys(err, -errno, "listen on %s", console->own_name);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address.ss_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (bind(fd, at, len) < 0 || listen(fd, NTA_CONSOLE_CONNECTIONS) < 0 ||
        getsockname(fd, at, &len) < 0) {
        int r = -errno;

        (void)close(fd);
        return nta_err_sys(err, r, "listen on %s, port %u", console->own_name, options->port);
    }
    /* both kinds of address have the port in the same place */
    console->port = ntohs(((const struct sockaddr_in *)(const void *)&address)->sin_port);
    (void)snprintf(console->cookie_name, sizeof(console->cookie_name), "nta-console-%u",
                   console->port);
    *ret_fd = fd;
    return 0;
}

static int serve(struct nta_console *console, struct nta_err *err)
{
    const struct nta_console_options *options = &console->options;
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                     (options->cert ? MHD_USE_TLS : 0);
    struct MHD_OptionItem tls[] = {
        {options->cert ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, NULL},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, NULL},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, NULL},
        {MHD_OPTION_END, 0, NULL},
    };

    union
    {
        const char *given;
        void *taken;
    } cert = {options->cert}, key = {options->key},
      kinds = {"SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"};

    int fd = -1;
    int r = open_socket(console, &fd, err);

    if (r < 0)
        return r;
    tls[0].ptr_value = cert.taken;
    tls[1].ptr_value = key.taken;
    tls[2].ptr_value = kinds.taken;
    console->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, console, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)NTA_CONSOLE_CONNECTIONS,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)EACH_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_BYTES,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    if (console->daemon)
        return 0;
    (void)close(fd);
    return nta_err_set(err, -EINVAL, "the web server does not start%s",
                       options->cert ? ": do certificate and key fit together?" : "");
}

int nta_console_start(const struct nta_console_options *options, struct nta_console **ret_console,
                      struct nta_err *err)
{
    NTA_AUTO(nta_console_stop) struct nta_console *console = NULL;
    pthread_condattr_t monotonic;
    int r = check(options, err);

    if (r < 0)
        return r;
    console = calloc(1, sizeof(*console));
    if (!console)
        return nta_err_sys(err, -ENOMEM, "console");
    console->options = *options;
    (void)pthread_mutex_init(&console->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&console->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    set_names(console);
    r = nta_gate_new(&console->gate, err);
    if (r == 0 && options->password_file)
        r = nta_gate_load(console->gate, options->password_file, err);
    if (r == 0)
        r = serve(console, err);
    if (r == 0)
        *ret_console = NTA_TAKE(console);
    return r;
}

void nta_console_stop(struct nta_console **console)
{
    struct nta_console *c = *console;

    if (!c)
        return;
    (void)pthread_mutex_lock(&c->lock);
    c->stopping = true;
    (void)pthread_cond_broadcast(&c->changed);
    (void)pthread_mutex_unlock(&c->lock);
    if (c->daemon)
        MHD_stop_daemon(c->daemon);
    nta_gate_free(&c->gate);
    (void)pthread_cond_destroy(&c->changed);
    (void)pthread_mutex_destroy(&c->lock);
    free(c);
    *console = NULL;
}

void nta_console_notify(struct nta_console *console)
{
    (void)pthread_mutex_lock(&console->lock);
    console->serial++;
    (void)pthread_cond_broadcast(&console->changed);
    (void)pthread_mutex_unlock(&console->lock);
}

uint16_t nta_console_port(const struct nta_console *console)
{
    return console->port;
}

const char *nta_console_link(struct nta_console *console, char room[NTA_CONSOLE_LINK_SIZE])
{
    bool v6 = !nta_addr_is_v4(&console->options.addr);
    char word[NTA_GATE_WORD_SIZE];

    if (console->options.password_file) {
        (void)snprintf(room, NTA_CONSOLE_LINK_SIZE, v6 ? "https://[%s]:%u/" : "https://%s:%u/",
                       console->own_name, console->port);
        return room;
    }
    if (nta_gate_make_link(console->gate, word) < 0)
        return NULL;
    (void)snprintf(room, NTA_CONSOLE_LINK_SIZE, "%s://%s%s%s:%u/?token=%s",
                   console->options.cert ? "https" : "http", v6 ? "[" : "", console->own_name,
                   v6 ? "]" : "", console->port, word);
    return room;
}
