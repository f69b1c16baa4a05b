/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nanoseconds of processor time a message for the protocols that move files, and for SOCKS: what
 * asks whether a message is theirs, and what reads it, each with its state set to zeros first, as
 * for a new flow.
 */
#include "base/own.h"
#include "proto/bittorrent.h"
#include "proto/ftp/ftp.h"
#include "proto/http/http2.h"
#include "proto/smb/smb.h"
#include "proto/socks.h"
#include "proto/tftp.h"
#include "smb_wire.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define HANDSHAKE                                                                                  \
    "\x13"                                                                                         \
    "BitTorrent protocol\0\0\0\0\0\0\0\0"                                                          \
    "0123456789abcdefghij-XX0001-0123456789ab"
#define ANNOUNCE "\0\0\4\x17\x27\x10\x19\x80\0\0\0\0abcd"

enum
{
    ROUNDS = 1000000
};

struct nta_bench
{
    const char *name;
    const void *bytes;
    size_t len;
    const struct nta_proto *proto;
    bool is_stream;
    enum nta_side side;
    uint16_t server_port;
};

static struct smb_wire smb_open, smb_content;
static uint8_t tftp_block[516] = {0, 3, 0, 1, 'M', 'Z'};

#define TEXT(literal) (literal), sizeof(literal) - 1

static const struct nta_bench benches[] = {
    {"ftp greeting", TEXT("220 (vsFTPd 3.0.3)\r\n"), &nta_proto_ftp, true, NTA_FROM_SERVER, 21},
    {"ftp file asked for", TEXT("RETR pub/film.mkv\r\n"), &nta_proto_ftp, true, NTA_FROM_CLIENT,
     21},
    {"ftp port announced", TEXT("227 Entering Passive Mode (192,0,2,80,195,80).\r\n"),
     &nta_proto_ftp, true, NTA_FROM_SERVER, 21},
    {"tftp request",
     TEXT("\0\1boot.img\0octet\0tsize\0"
          "0\0blksize\0"
          "512\0"),
     &nta_proto_tftp, false, NTA_FROM_CLIENT, 69},
    {"tftp block", tftp_block, sizeof(tftp_block), &nta_proto_tftp, false, NTA_FROM_SERVER, 69},
    {"smb share, file, read", smb_open.bytes, sizeof(smb_open.bytes), &nta_proto_smb, true,
     NTA_FROM_CLIENT, 445},
    {"smb content, 1,400 bytes", smb_content.bytes, sizeof(smb_content.bytes), &nta_proto_smb, true,
     NTA_FROM_SERVER, 445},
    {"bittorrent handshake", TEXT(HANDSHAKE), &nta_proto_bittorrent, true, NTA_FROM_CLIENT, 6881},
    {"bittorrent tracker", TEXT(ANNOUNCE), &nta_proto_bittorrent, false, NTA_FROM_CLIENT, 6969},
    {"socks 5 greeting, request", TEXT("\5\1\0\5\1\0\3\xfwww.example.com\1\xbb"), &nta_proto_socks,
     true, NTA_FROM_CLIENT, 1080},
    {"http/2 preface", TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), &nta_proto_http2, true,
     NTA_FROM_CLIENT, 80},
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

/* SMB messages are shorter than their buffer. */
static size_t len_of(const struct nta_bench *bench)
{
    if (bench->bytes == smb_open.bytes)
        return smb_open.len;
    return bench->bytes == smb_content.bytes ? smb_content.len : bench->len;
}

static double run(const struct nta_bench *bench, bool with_feed)
{
    static _Alignas(16) uint8_t state[NTA_PROTO_STATE_MAX];
    const struct nta_span first = {.ptr = bench->bytes, .len = len_of(bench)};
    int64_t begin_ns = cpu_ns();

    for (int i = 0; i < ROUNDS; i++) {
        struct nta_proto_io io = {.side = bench->side,
                                  .wall_ns = i + 1,
                                  .client_port = 40000,
                                  .server_port = bench->server_port,
                                  .is_stream = bench->is_stream,
                                  .emit = emit};
        struct nta_reader r = nta_reader_of(first.ptr, first.len);

        if (with_feed)
            memset(state, 0, bench->proto->state_size);
        __asm__ volatile("" ::: "memory");
        if (!with_feed)
            n_events += bench->proto->probe(&io, first) == NTA_PARSE_OK;
        else
            (void)bench->proto->feed(state, &io, &r);
    }
    return (double)(cpu_ns() - begin_ns) / ROUNDS;
}

/*
 * What nobody knows is asked of each protocol: what all of these take together for a first segment
 * of noise.
 */
static double run_noise(void)
{
    static const struct nta_proto *const all[] = {&nta_proto_ftp,   &nta_proto_ftp_data,
                                                  &nta_proto_smb,   &nta_proto_bittorrent,
                                                  &nta_proto_socks, &nta_proto_http2};
    static const uint8_t noise[1400] = {0xa7, 0x11, 0x42};
    const struct nta_span first = {.ptr = noise, .len = sizeof(noise)};
    const struct nta_proto_io io = {.server_port = 40001, .is_stream = true};
    int64_t begin_ns = cpu_ns();

    for (int i = 0; i < ROUNDS; i++) {
        for (size_t j = 0; j < NTA_N_ELEMENTS(all); j++) {
            __asm__ volatile("" ::: "memory");
            n_events += all[j]->probe(&io, first) == NTA_PARSE_OK;
        }
    }
    return (double)(cpu_ns() - begin_ns) / ROUNDS;
}

int main(void)
{
    static const uint8_t content[1400] = {'M', 'Z'};

    smb_frame(&smb_open);
    smb_ask_tree(&smb_open, 1, "\\\\server\\media");
    smb_ask_create(&smb_open, 2, "films\\film.mkv");
    smb_ask_read(&smb_open, 3, 0xff, 4, 0);
    smb_close(&smb_open);
    smb_frame(&smb_content);
    smb_give_read(&smb_content, 3, content, sizeof(content));
    smb_close(&smb_content);
    printf("state: ftp %zu bytes, tftp %zu, smb %zu, bittorrent %zu, socks %zu\n",
           nta_proto_ftp.state_size, nta_proto_tftp.state_size, nta_proto_smb.state_size,
           nta_proto_bittorrent.state_size, nta_proto_socks.state_size);
    for (size_t i = 0; i < NTA_N_ELEMENTS(benches); i++)
        printf("%-28s probe %6.1f ns  feed %6.1f ns\n", benches[i].name, run(&benches[i], false),
               run(&benches[i], true));
    printf("%-28s probe %6.1f ns\n", "noise, asked of all of these", run_noise());
    return n_events > 0 ? 0 : 1;
}
