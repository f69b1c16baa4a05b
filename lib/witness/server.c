/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/server.h"

#include "base/own.h"
#include "base/runtime/clock.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum
{
    TIMEOUT_S = 10
};

struct nta_witness_server
{
    struct nta_witness *witness; ///< Borrowed.
    struct MHD_Daemon *daemon;
    uint16_t port;
};

/** What has come of a request's body. */
struct upload
{
    struct nta_buf body;
    bool is_too_long;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status,
                              const struct nta_buf *text)
{
    union
    {
        const void *given;
        void *taken;
    } bytes = {text->ptr};

    struct MHD_Response *response =
        MHD_create_response_from_buffer(text->len, bytes.taken, MHD_RESPMEM_MUST_COPY);

    if (!response)
        return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                                  status == MHD_HTTP_CONFLICT ? "text/x.tlog.size"
                                                              : "text/plain; charset=utf-8");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_POST);
    enum MHD_Result r = MHD_queue_response(connection, status, response);

    MHD_destroy_response(response);
    return r;
}

static enum MHD_Result say(struct MHD_Connection *connection, unsigned status, const char *text)
{
    NTA_AUTO(nta_buf_done) struct nta_buf buf = {0};

    nta_buf_puts(&buf, text);
    return buf.failed ? MHD_NO : answer(connection, status, &buf);
}

static void take(struct upload *upload, const char *data, size_t len)
{
    if (upload->is_too_long || upload->body.len + len > NTA_WITNESS_BODY_MAX)
        upload->is_too_long = true;
    else
        nta_buf_put(&upload->body, data, len);
}

static enum MHD_Result add(const struct nta_witness_server *server,
                           struct MHD_Connection *connection, const struct upload *upload)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    if (upload->is_too_long)
        return say(connection, MHD_HTTP_CONTENT_TOO_LARGE, "too long\n");
    if (upload->body.failed)
        return say(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
    const uint64_t now_s = (uint64_t)(nta_clock_wall_ns() / NTA_NS_PER_S);
    const unsigned status =
        nta_witness_add(server->witness, nta_buf_span(&upload->body), now_s, &text);

    return answer(connection, status, &text);
}

// NOLINTNEXTLINE(readability-function-size): libmicrohttpd says which parameters
static enum MHD_Result on_request(void *owner, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *len, void **context)
{
    struct upload *upload = *context;

    (void)version;
    if (strcmp(url, "/add-checkpoint") != 0)
        return say(connection, MHD_HTTP_NOT_FOUND, "There is nothing here.\n");
    if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
        return say(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "POST a checkpoint.\n");
    if (!upload) { /* its headers alone have come */
        *context = calloc(1, sizeof(*upload));
        return *context ? MHD_YES : MHD_NO;
    }
    if (*len) {
        take(upload, data, *len);
        *len = 0;
        return MHD_YES;
    }
    return add(owner, connection, upload);
}

static void on_end(void *owner, struct MHD_Connection *connection, void **context,
                   enum MHD_RequestTerminationCode why)
{
    struct upload *upload = *context;

    (void)owner;
    (void)connection;
    (void)why;
    *context = NULL;
    if (!upload)
        return;
    nta_buf_done(&upload->body);
    free(upload);
}

/* ---- start and stop ---- */

static struct sockaddr_storage socket_address(const struct nta_addr *addr, uint16_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};

    if (nta_addr_is_v4(addr)) {
        memcpy(&v4.sin_addr, addr->bytes + NTA_ADDR_LEN - 4, 4);
        memcpy(&address, &v4, sizeof(v4));
    } else {
        memcpy(&v6.sin6_addr, addr->bytes, NTA_ADDR_LEN);
        memcpy(&address, &v6, sizeof(v6));
    }
    return address;
}

int nta_witness_server_start(struct nta_witness *witness, const struct nta_addr *addr,
                             uint16_t port, struct nta_witness_server **ret_server,
                             struct nta_err *err)
{
    NTA_AUTO_FREE struct nta_witness_server *server = calloc(1, sizeof(*server));
    const struct sockaddr_storage address = socket_address(addr, port);
    const unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                           (address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    char shown[NTA_ADDR_TEXT_SIZE];

    if (!server)
        return nta_err_sys(err, -ENOMEM, "witness");
    server->witness = witness;
    errno = 0;
    server->daemon = MHD_start_daemon(
        flags, port, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR,
        (const struct sockaddr *)(const void *)&address, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)NTA_WITNESS_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
        MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U,
        MHD_OPTION_END);
    if (!server->daemon)
        return nta_err_sys(err, errno ? -errno : -EIO, "listen on %s, port %u",
                           nta_addr_text(addr, shown), port);
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);

    server->port = info ? info->port : port;
    *ret_server = NTA_TAKE(server);
    return 0;
}

uint16_t nta_witness_server_port(const struct nta_witness_server *server)
{
    return server->port;
}

void nta_witness_server_stop(struct nta_witness_server **server)
{
    struct nta_witness_server *dead = NTA_TAKE(*server);

    if (!dead)
        return;
    MHD_stop_daemon(dead->daemon);
    free(dead);
}
