/* SPDX-License-Identifier: Apache-2.0 */
/* Nanoseconds of processor time a message for DNS and HTTP/1, each with its state set to zeros first, as for a new flow. */
#include "base/own.h"
#include "proto/dns.h"
#include "proto/http.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define NAME                                                                                       \
    "\x03www\x07"                                                                                  \
    "example\x03"                                                                                  \
    "com\0"
#define QUESTION "\x12\x34\x01\0\0\x01\0\0\0\0\0\0" NAME "\0\x01\0\x01"
#define RECORD   "\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x50"
#define RESPONSE                                                                                   \
    "\x12\x34\x81\x80\0\x01\0\x04\0\0\0\0" NAME "\0\x01\0\x01" RECORD RECORD RECORD RECORD
#define REQUEST                                                                                    \
    "GET /dir/file.exe?x=1 HTTP/1.1\r\nHost: www.example.com\r\n"                                  \
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"       \
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"                  \
    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n"                        \
    "Connection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\n\r\n"
#define ANSWER                                                                                     \
    "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sat, 31 Jan 2026 12:00:00 GMT\r\n"                  \
    "Content-Type: application/x-dosexec\r\nContent-Length: 12\r\nETag: \"x\"\r\n\r\nHello world\n"

enum
{
    ROUNDS = 2000000
};

struct nta_bench
{
    const char *name, *bytes;
    size_t len;
    const struct nta_proto *proto;
    bool is_stream;
    enum nta_side side;
    uint16_t server_port;
};

static const struct nta_bench benches[] = {
    {"dns question", QUESTION, sizeof(QUESTION) - 1, &nta_proto_dns, false, NTA_FROM_CLIENT, 53},
    {"dns response, 4 answers", RESPONSE, sizeof(RESPONSE) - 1, &nta_proto_dns, false,
     NTA_FROM_SERVER, 53},
    {"http request line and host", "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n", 37,
     &nta_proto_http, true, NTA_FROM_CLIENT, 80},
    {"http request of a browser", REQUEST, sizeof(REQUEST) - 1, &nta_proto_http, true,
     NTA_FROM_CLIENT, 80},
    {"http response with body", ANSWER, sizeof(ANSWER) - 1, &nta_proto_http, true, NTA_FROM_SERVER,
     80},
};

static size_t n_events;

static void emit(void *owner, const struct nta_event *event)
{
    (void)owner;
    n_events += event->kind != NTA_EVENT_TLS_CERTIFICATE;
}

static int64_t cpu_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static double run(const struct nta_bench *bench, bool with_feed)
{
    static _Alignas(16) uint8_t state[NTA_PROTO_STATE_MAX];
    int64_t begin_ns = cpu_ns();

    for (int i = 0; i < ROUNDS; i++) {
        struct nta_proto_io io = {.side = bench->side,
                                  .wall_ns = i,
                                  .client_port = 40000,
                                  .server_port = bench->server_port,
                                  .is_stream = bench->is_stream,
                                  .emit = emit};
        struct nta_span first = {.ptr = (const uint8_t *)bench->bytes, .len = bench->len};
        struct nta_reader r = nta_reader_of(first.ptr, first.len);

        memset(state, 0, bench->proto->state_size);
        __asm__ volatile("" ::: "memory");
        if (!with_feed)
            n_events += bench->proto->probe(&io, first) == NTA_PARSE_OK;
        else
            (void)bench->proto->feed(state, &io, &r);
    }
    return (double)(cpu_ns() - begin_ns) / ROUNDS;
}

int main(void)
{
    printf("state: dns %zu bytes, http %zu bytes\n", nta_proto_dns.state_size,
           nta_proto_http.state_size);
    for (size_t i = 0; i < NTA_N_ELEMENTS(benches); i++)
        printf("%-28s probe %6.1f ns  feed %6.1f ns\n", benches[i].name, run(&benches[i], false),
               run(&benches[i], true));
    return n_events > 0 ? 0 : 1;
}
