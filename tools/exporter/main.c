/* SPDX-License-Identifier: Apache-2.0 */
/* nta-exporter: the running ntad's status for Prometheus.  One thread; it holds nothing. */
#include "ask/ask.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/version.h"
#include "exporter/listen.h"
#include "output/fail.h"

#include <errno.h>
#include <getopt.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum
{
    CONNECTIONS = 16,
    TIMEOUT_S = 10,
    REQUEST_BYTES = 16 * 1024,
    WAIT_MS = 1000,
    PATIENCE_S = 2, ///< With ntad, so that it is told within a scrape's time that it is not up.
    OPT_VERSION = 256
};

static const char help[] =
    "usage: nta-exporter [OPTIONS]\n\n"
    "Show the running ntad's status to Prometheus, at /metrics.  It asks ntad's\n"
    "control socket when it is asked, and has no other right: no records, no keys,\n"
    "no configuration.  No user and no site is in what it shows; names of lists and\n"
    "interfaces are.  nta_up is 0 while ntad does not answer.\n\n"
    "  -l, --listen WHERE  ADDRESS:PORT with a loopback address, or the path of a\n"
    "                      Unix socket; default: 127.0.0.1:9871\n"
    "  -s, --socket PATH   ntad's control socket; default: /run/nta/control\n"
    "      --version       which version and build this is\n"
    "  -h, --help          this text\n\n"
    "Exit status: 0 it was ended, 2 wrong usage, 3 could not run.\n";

static const struct option options[] = {
    {"listen", required_argument, NULL, 'l'},
    {"socket", required_argument, NULL, 's'},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static volatile sig_atomic_t is_over;

static void on_end(int signal_number)
{
    (void)signal_number;
    is_over = 1;
}

/** What ntad says, and whether it says anything. */
static void put_metrics(const char *socket_path, struct nta_buf *out)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    struct nta_err err = {0};
    struct nta_span rest = {0};
    bool good = false;
    const bool is_up = nta_control_ask_within(PATIENCE_S, socket_path, "status prometheus\n",
                                              &answer, &err) == 0 &&
                       !answer.failed && nta_control_split(&answer, &good, &rest);

    nta_buf_printf(out, "# HELP nta_up 1: ntad answers\n# TYPE nta_up gauge\nnta_up %d\n", is_up);
    if (is_up)
        nta_buf_put(out, rest.ptr, rest.len);
}

/** What the server is given with each request. */
struct asked
{
    const char *socket_path; ///< Of ntad.
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              struct nta_span body)
{
    const union /* the library copies it, and takes no const */
    {
        const uint8_t *given;
        void *taken;
    } bytes = {.given = body.ptr};
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.len, bytes.taken, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result r = MHD_NO;

    if (!response)
        return MHD_NO;
    if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES &&
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store") == MHD_YES &&
        MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES)
        r = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return r;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status,
                                   const char *text)
{
    return answer(connection, status, "text/plain; charset=utf-8", nta_span_of(text));
}

/** MHD_AccessHandlerCallback. */
// NOLINTNEXTLINE(readability-function-size): libmicrohttpd says which parameters
static enum MHD_Result on_request(void *owner, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_len, // NOLINT(readability-non-const-parameter)
                                  void **call)
{
    NTA_AUTO(nta_buf_done) struct nta_buf page = {0};
    const struct asked *asked = owner;

    (void)version;
    (void)upload;
    (void)upload_len;
    (void)call;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET is answered here\n");
    if (strcmp(url, "/") == 0)
        return answer_text(connection, MHD_HTTP_OK, "nta-exporter: /metrics\n");
    if (strcmp(url, "/metrics") != 0)
        return answer_text(connection, MHD_HTTP_NOT_FOUND, "nothing here; see /metrics\n");
    put_metrics(asked->socket_path, &page);
    if (page.failed)
        return answer_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "no memory\n");
    return answer(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                  nta_buf_span(&page));
}

static int fail(int status, const char *text)
{
    nta_prose_print(stderr, "nta-exporter: %s\n", text);
    return status;
}

static int serve(const char *where, const char *socket_path)
{
    const struct sigaction end = {.sa_handler = on_end};
    struct asked asked = {.socket_path = socket_path};
    struct nta_err err = {0};
    const int fd = nta_exporter_listen(where, &err);

    if (fd < 0)
        return fail(fd == -EINVAL ? NTA_EXIT_USAGE : NTA_EXIT_FAILURE, err.text);
    (void)sigaction(SIGTERM, &end, NULL);
    (void)sigaction(SIGINT, &end, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    struct MHD_Daemon *server =
        MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, &asked, MHD_OPTION_LISTEN_SOCKET,
                         fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_BYTES, MHD_OPTION_END);

    if (!server) {
        (void)close(fd);
        return fail(NTA_EXIT_FAILURE, "the web server does not start");
    }
    while (!is_over)
        (void)MHD_run_wait(server, WAIT_MS);
    MHD_stop_daemon(server); /* closes `fd`, too */
    if (where[0] == '/')
        (void)unlink(where);
    return NTA_EXIT_OK;
}

int main(int argc, char **argv)
{
    const char *where = "127.0.0.1:9871", *socket_path = "/run/nta/control";
    int c;

    while ((c = getopt_long(argc, argv, "l:s:h", options, NULL)) != -1) {
        switch (c) {
        case 'l': where = optarg; break;
        case 's': socket_path = optarg; break;
        case OPT_VERSION: nta_version_print("nta-exporter"); return NTA_EXIT_OK;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        default: return fail(NTA_EXIT_USAGE, "'nta-exporter --help' tells more");
        }
    }
    if (optind < argc)
        return fail(NTA_EXIT_USAGE, "takes no arguments but options");
    return serve(where, socket_path);
}
