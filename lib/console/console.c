/* SPDX-License-Identifier: Apache-2.0 */
/* The server starts and stops; what is asked of it is in request.c. */
#include "console/console.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "base/runtime/unixsock.h"
#include "base/text.h"
#include "console/answer.h"
#include "console/request.h"

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
    TIMEOUT_S = 30,        ///< Of silence.
    STACK_BYTES = 512 * 1024,
    HTTPS_PORT = 443,
};

bool nta_console_is_loopback(const struct nta_addr *addr)
{
    static const uint8_t v6[NTA_ADDR_LEN] = {[NTA_ADDR_LEN - 1] = 1};

    return nta_addr_is_v4(addr) ? addr->bytes[NTA_ADDR_LEN - 4] == 127
                                : memcmp(addr->bytes, v6, sizeof(v6)) == 0;
}

/* ---- start and stop ---- */

static int check_socket(const struct nta_console_options *options, struct nta_err *err)
{
    if (options->cert)
        return nta_err_set(err, -EPERM, "on a Unix socket the proxy before it has the certificate");
    if (!options->users_file)
        return nta_err_set(err, -EPERM,
                           "on a Unix socket the console needs a file of users: who is what");
    return 0;
}

static int check(const struct nta_console_options *options, struct nta_err *err)
{
    if (options->n_hosts > NTA_CONSOLE_HOSTS)
        return nta_err_set(err, -E2BIG, "more than %d names of the host", NTA_CONSOLE_HOSTS);
    if ((options->cert == NULL) != (options->key == NULL))
        return nta_err_set(err, -EINVAL, "TLS needs both a certificate and its key");
    if (options->user_header && !(options->socket && options->users_file))
        return nta_err_set(err, -EPERM,
                           "who it is, is believed of a proxy only, which comes by a Unix socket "
                           "and is held against a file of users: give both");
    if (options->socket)
        return check_socket(options, err);
    if (options->users_file && !options->cert)
        return nta_err_set(err, -EPERM,
                           "passwords go over TLS only: give a certificate and its key");
    if (!nta_console_is_loopback(&options->addr) && (!options->cert || !options->users_file))
        return nta_err_set(err, -EPERM,
                           "on another address than 127.0.0.1 the console needs TLS (a certificate "
                           "and its key) and a file of users");
    return 0;
}

static void set_names(struct nta_console *console)
{
    (void)nta_addr_text(&console->options.addr, console->own_name);
    if (!console->options.socket)
        console->names[console->n_names++] = console->own_name;
    if (console->options.socket || nta_console_is_loopback(&console->options.addr))
        console->names[console->n_names++] = "localhost";
    for (size_t i = 0; i < console->options.n_hosts; i++)
        console->names[console->n_names++] = console->options.hosts[i];
}

static int set_path(struct nta_console *console, struct nta_err *err)
{
    char word[NTA_GATE_PATH_SIZE];

    if (console->options.socket) {
        (void)snprintf(console->path, sizeof(console->path), "/");
        return 0;
    }
    if (nta_gate_make_path(word) < 0)
        return nta_err_set(err, -EIO, "no random numbers");
    (void)snprintf(console->path, sizeof(console->path), "/%s/", word);
    return 0;
}

/** The address to listen on; gives its length. */
static socklen_t socket_address(const struct nta_console_options *options,
                                struct sockaddr_storage *buf)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(options->port)};

    if (nta_addr_is_v4(&options->addr)) {
        memcpy(&v4.sin_addr, options->addr.bytes + NTA_ADDR_LEN - 4, 4);
        memcpy(buf, &v4, sizeof(v4));
        return sizeof(v4);
    }
    memcpy(&v6.sin6_addr, options->addr.bytes, NTA_ADDR_LEN);
    memcpy(buf, &v6, sizeof(v6));
    return sizeof(v6);
}

static int open_port(struct nta_console *console, int *ret_fd, struct nta_err *err)
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
    if (bind(fd, at, len) < 0 || listen(fd, SOMAXCONN) < 0 || getsockname(fd, at, &len) < 0) {
        int r = -errno;

        (void)close(fd);
        return nta_err_sys(err, r, "listen on %s, port %u", console->own_name, options->port);
    }
    /* both kinds of address have the port in the same place */
    console->port = ntohs(((const struct sockaddr_in *)(const void *)&address)->sin_port);
    *ret_fd = fd;
    return 0;
}

/** Port and names are known before the first connection: the server's threads only read them. */
static int open_socket(struct nta_console *console, int *ret_fd, struct nta_err *err)
{
    int r;

    if (console->options.socket) {
        console->port = console->options.port ? console->options.port : HTTPS_PORT;
        r = nta_unixsock_listen(console->options.socket, SOMAXCONN, err);
        *ret_fd = r;
    } else {
        r = open_port(console, ret_fd, err);
    }
    (void)snprintf(console->cookie_name, sizeof(console->cookie_name), "nta-console-%u",
                   console->port);
    return r < 0 ? r : 0;
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
        flags, 0, NULL, NULL, nta_console_request, console, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)NTA_CONSOLE_CONNECTIONS,
        MHD_OPTION_NOTIFY_CONNECTION, nta_console_connection, console,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)REQUEST_BYTES, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES, MHD_OPTION_ARRAY,
        tls, MHD_OPTION_END);
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
    nta_guests_init(&console->guests);
    set_names(console);
    r = nta_gate_new(&console->gate, err);
    if (r == 0)
        r = set_path(console, err);
    if (r == 0 && options->users_file)
        r = nta_gate_load(console->gate, options->users_file, err);
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
    if (c->daemon && c->options.socket)
        (void)unlink(c->options.socket);
    nta_gate_free(&c->gate);
    nta_guests_done(&c->guests);
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

const char *nta_console_link(struct nta_console *console, char buf[NTA_CONSOLE_LINK_SIZE])
{
    bool v6 = !nta_addr_is_v4(&console->options.addr);
    bool has_passwords = console->options.users_file != NULL;
    char word[NTA_GATE_WORD_SIZE] = "";

    if (console->options.socket) {
        (void)snprintf(buf, NTA_CONSOLE_LINK_SIZE, "%s", console->options.socket);
        return buf;
    }
    if (!has_passwords && nta_gate_make_link(console->gate, word) < 0)
        return NULL;
    (void)snprintf(buf, NTA_CONSOLE_LINK_SIZE, "%s://%s%s%s:%u%s%s%s",
                   console->options.cert ? "https" : "http", v6 ? "[" : "", console->own_name,
                   v6 ? "]" : "", console->port, has_passwords ? "/" : console->path,
                   has_passwords ? "" : "?token=", word);
    return buf;
}
