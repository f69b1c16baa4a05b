/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nanoseconds of processor time a message, each with its state set to zeros first, as for a new
 * flow.
 */
#include "base/own.h"
#include "bench_proto.h"
#include "proto/binding/dhcp.h"
#include "proto/binding/netbios.h"
#include "proto/bittorrent.h"
#include "proto/dns/dns.h"
#include "proto/ftp/ftp.h"
#include "proto/http/http.h"
#include "proto/http/http2.h"
#include "proto/recognised/git.h"
#include "proto/recognised/ipsec.h"
#include "proto/recognised/rsync.h"
#include "proto/registry.h"
#include "proto/smb/smb.h"
#include "proto/socks.h"
#include "proto/ssh.h"
#include "proto/tftp.h"
#include "proto/tls/fallback.h"
#include "proto/tls/openvpn.h"
#include "proto/tls/stun.h"
#include "proto/websocket.h"
#include "proto/wireguard.h"

#include <stdio.h>
#include <stdlib.h>
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

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define HANDSHAKE                                                                                  \
    "\x13"                                                                                         \
    "BitTorrent protocol\0\0\0\0\0\0\0\0aaaaaaaaaaaaaaaaaaaa-XX0001-bbbbbbbbbbbb"
#define NEGOTIATE                                                                                  \
    "\0\0\0\x66\xfeSMB\x40\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"      \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x24\0\1\0\0\0\0\0\0\0\0\0"               \
    "aaaaaaaaaaaaaaaa\0\0\0\0\0\0\0\0\x10\2"
#define STATIONS                                                                                   \
    "\x11\x02\x1a\x2b\x0a\0\0\5\0\x8a\0\xbb\0\0 EMEBFAFEEPFACNDHCACACACACACACAAA\0"                \
    " FHEPFCELEHFCEPFFFACACACACACACABN\0\xffSMB\x25"

enum
{
    ROUNDS = 500000
};

struct nta_bench
{
    const char *name, *bytes;
    size_t len;
    const struct nta_proto *proto;
    bool is_stream;
    enum nta_side side;
    uint16_t server_port;
    enum nta_app expected_by; ///< By another connection.
};

/* A DHCP request with a host name; filled in by make_dhcp(). */
static uint8_t dhcp_request[300];

static const struct nta_bench benches[] = {
    {"dns question", QUESTION, sizeof(QUESTION) - 1, &nta_proto_dns, false, NTA_FROM_CLIENT, 53,
     NTA_APP_NONE},
    {"dns response, 4 answers", RESPONSE, sizeof(RESPONSE) - 1, &nta_proto_dns, false,
     NTA_FROM_SERVER, 53, NTA_APP_NONE},
    {"http request line and host", "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n", 37,
     &nta_proto_http, true, NTA_FROM_CLIENT, 80, NTA_APP_NONE},
    {"http request of a browser", REQUEST, sizeof(REQUEST) - 1, &nta_proto_http, true,
     NTA_FROM_CLIENT, 80, NTA_APP_NONE},
    {"http response with body", ANSWER, sizeof(ANSWER) - 1, &nta_proto_http, true, NTA_FROM_SERVER,
     80, NTA_APP_NONE},
    {"http/2 preface", PREFACE, sizeof(PREFACE) - 1, &nta_proto_http2, true, NTA_FROM_CLIENT, 80,
     NTA_APP_NONE},
    {"dhcp request", (const char *)dhcp_request, sizeof(dhcp_request), &nta_proto_dhcp, false,
     NTA_FROM_CLIENT, 67, NTA_APP_NONE},
    {"ftp greeting", "220 Welcome\r\n", 13, &nta_proto_ftp, true, NTA_FROM_SERVER, 21,
     NTA_APP_NONE},
    {"ftp retr", "RETR film.mkv\r\n", 15, &nta_proto_ftp, true, NTA_FROM_CLIENT, 21, NTA_APP_NONE},
    {"ftp data", ANSWER, sizeof(ANSWER) - 1, &nta_proto_ftp_data, true, NTA_FROM_SERVER, 20,
     NTA_APP_FTP},
    {"tftp read request", "\0\1file.bin\0octet", 17, &nta_proto_tftp, false, NTA_FROM_CLIENT, 69,
     NTA_APP_NONE},
    {"smb 2 negotiate", NEGOTIATE, sizeof(NEGOTIATE) - 1, &nta_proto_smb, true, NTA_FROM_CLIENT,
     445, NTA_APP_NONE},
    {"bittorrent handshake", HANDSHAKE, sizeof(HANDSHAKE) - 1, &nta_proto_bittorrent, true,
     NTA_FROM_CLIENT, 6881, NTA_APP_NONE},
    {"socks 5 greeting", "\5\1\0", 3, &nta_proto_socks, true, NTA_FROM_CLIENT, 1080, NTA_APP_NONE},
    {"ssh identification", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", 40, &nta_proto_ssh, true,
     NTA_FROM_CLIENT, 22, NTA_APP_NONE},
    {"stun binding",
     "\0\1\0\0\x21\x12\xa4\x42"
     "aaaaaaaaaaaa",
     20, &nta_proto_stun, false, NTA_FROM_CLIENT, 3478, NTA_APP_NONE},
    {"wireguard response",
     "\2\0\0\0senderidreceiver its key has 32 bytes of any value, an empty text's tag."
     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
     92, &nta_proto_wireguard, false, NTA_FROM_SERVER, 51820, NTA_APP_NONE},
    {"ike cookie",
     "indices!\0\0\0\0\0\0\0\0\x29\x20\x22\x20\0\0\0\0\0\0\0\x3c"
     "\0\0\0\x20\0\0\x40\6 24 bytes of any value.",
     60, &nta_proto_ipsec, false, NTA_FROM_SERVER, 500, NTA_APP_NONE},
    {"rsync greeting", "@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n", 41, &nta_proto_rsync, true,
     NTA_FROM_CLIENT, 873, NTA_APP_NONE},
    {"git request", "0033git-upload-pack /project.git\0host=myserver.com", 51, &nta_proto_git, true,
     NTA_FROM_CLIENT, 9418, NTA_APP_NONE},
    {"openvpn reset", "\x38session1\0\0\0\0\0", 14, &nta_proto_openvpn, false, NTA_FROM_CLIENT,
     1194, NTA_APP_NONE},
    {"netbios datagram", STATIONS, sizeof(STATIONS) - 1, &nta_proto_netbios, false, NTA_FROM_CLIENT,
     138, NTA_APP_NONE},
    {"smtp greeting, for STARTTLS", "220 mail ESMTP\r\n", 16, &nta_proto_fallback, true,
     NTA_FROM_SERVER, 25, NTA_APP_NONE},
};

static size_t n_events, n_recognised;

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
                                  .client_port = bench->proto == &nta_proto_dhcp ? 68 : 40000,
                                  .server_port = bench->server_port,
                                  .is_stream = bench->is_stream,
                                  .expected_by = bench->expected_by,
                                  .emit = emit};
        struct nta_span first = {.ptr = (const uint8_t *)bench->bytes, .len = bench->len};
        struct nta_reader r = nta_reader_of(first.ptr, first.len);

        memset(state, 0, bench->proto->state_size);
        __asm__ volatile("" ::: "memory");
        n_recognised += bench->proto->probe(&io, first) == NTA_PARSE_OK;
        if (with_feed)
            (void)bench->proto->feed(state, &io, &r);
    }
    return (double)(cpu_ns() - begin_ns) / ROUNDS;
}

static void make_dhcp(void)
{
    static const uint8_t options[] = "\x63\x82\x53\x63\x35\1\3\x32\4\x0a\0\0\7\x0c\5lap-7\xff";

    memcpy(dhcp_request, "\1\1\6", 3);
    memcpy(dhcp_request + 28, "\2\0\0\0\0\5", 6);
    memcpy(dhcp_request + 236, options, sizeof(options) - 1);
}

/** What bytes that nobody knows cost: every protocol is asked. */
static double ask_all(bool is_stream)
{
    static const uint8_t noise[64] = "\x9d\x41 nobody's bytes, whatever they are";
    int64_t begin_ns = cpu_ns();

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; nta_protos[i]; i++) {
            struct nta_proto_io io = {
                .client_port = 40000, .server_port = 40001, .is_stream = is_stream, .emit = emit};

            if (is_stream ? nta_protos[i]->over_tcp : nta_protos[i]->over_udp)
                n_events += nta_protos[i]->probe(&io, (struct nta_span){noise, sizeof(noise)}) ==
                            NTA_PARSE_OK;
        }
    }
    return (double)(cpu_ns() - begin_ns) / ROUNDS;
}

/** A frame of WebSocket with a mask, of which a parser takes all. */
static double unmask(size_t len)
{
    static uint8_t frame[8 + 65536] = {0x82, 0xfe}, buf[65536];
    int64_t begin_ns = cpu_ns();

    frame[2] = (uint8_t)(len >> 8);
    frame[3] = (uint8_t)len;
    memcpy(frame + 4, "mask", 4);
    for (int round = 0; round < ROUNDS; round++) {
        struct nta_websocket_side side = {0};
        struct nta_reader r = nta_reader_of(frame, 8 + len);
        struct nta_span inner = {0};

        n_events += nta_websocket_join(&side, &r, buf, sizeof(buf), &inner) == NTA_PARSE_OK;
        __asm__ volatile("" ::: "memory");
    }
    return (double)(cpu_ns() - begin_ns) / ROUNDS;
}

void bench_proto_text(void)
{
    make_dhcp();
    for (size_t i = 0; i < NTA_N_ELEMENTS(benches); i++) {
        const struct nta_bench *bench = &benches[i];

        n_recognised = 0;
        double probe_ns = run(bench, false);

        if (n_recognised != ROUNDS) {
            (void)fprintf(stderr, "%s: its own protocol does not know it\n", bench->name);
            exit(EXIT_FAILURE);
        }
        bench_proto_note(bench->proto);
        printf("%-32s %5zu bytes %8.1f ns, of it probe %.1f ns\n", bench->name, bench->len,
               run(bench, true), probe_ns);
    }
    printf("%-32s %5d bytes %8.1f ns, without content %.1f ns\n", "websocket frame, mask", 1408,
           unmask(1400), unmask(0));
    printf("%-32s %5d bytes %8.1f ns over TCP, %.1f ns over UDP\n", "bytes that nobody knows", 64,
           ask_all(true), ask_all(false));
}
