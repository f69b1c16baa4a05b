/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nanoseconds a message for each protocol of nta_protos[]: TLS, DTLS and QUIC here, the others in
 * bench_proto_text.c. A QUIC Initial is also told as a multiple of what its keys and its opening
 * take with bare OpenSSL in the same run. A protocol without a message is an error, so that a new
 * one is not forgotten.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "bench_proto.h"

#include "base/runtime/clock.h"
#include "hello.h"
#include "proto/quic/quic.h"
#include "proto/registry.h"
#include "proto/tls/dtls.h"
#include "proto/tls/tls.h"
#include "seal.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

enum
{
    N_ROUNDS = 500, /* short ones, so that the best one was left alone by other work */
    N_MESSAGES = 500,
    PROTOS_MAX = 64
};

static const struct nta_proto *measured[PROTOS_MAX];
static size_t n_measured;

void bench_proto_note(const struct nta_proto *proto)
{
    if (n_measured < PROTOS_MAX)
        measured[n_measured++] = proto;
}

static int complain_of_missing(void)
{
    int n_missing = 0;

    for (size_t i = 0; nta_protos[i]; i++) {
        size_t at = 0;

        while (at < n_measured && measured[at] != nta_protos[i])
            at++;
        if (at < n_measured)
            continue;
        (void)fprintf(stderr, "%s: no message to measure\n", nta_protos[i]->name);
        n_missing++;
    }
    return n_missing;
}

static size_t n_events;

static void on_emit(void *owner, const struct nta_event *event)
{
    (void)owner;
    n_events += event->client_hello != NULL;
}

/* One flow that begins with these bytes: its state, the probe, one call of feed. */
static void one_flow(const struct nta_proto *proto, enum nta_side side, struct nta_span bytes)
{
    static _Alignas(64) uint8_t state[NTA_PROTO_STATE_MAX];
    struct nta_proto_io io = {.side = side, .is_stream = !proto->over_udp, .emit = on_emit};
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    memset(state, 0, proto->state_size);
    if (proto->probe(&io, bytes) != NTA_PARSE_OK || proto->feed(state, &io, &r) != NTA_PARSE_OK)
        abort();
}

/* The best of some rounds, ns a message. */
static double measure(const char *what, const struct nta_proto *proto, enum nta_side side,
                      struct nta_span bytes)
{
    int64_t best_ns = INT64_MAX;

    n_events = 0;
    bench_proto_note(proto);
    for (unsigned round = 0; round < N_ROUNDS; round++) {
        int64_t begin_ns = nta_clock_mono_ns();

        for (unsigned i = 0; i < N_MESSAGES; i++)
            one_flow(proto, side, bytes);

        int64_t took_ns = nta_clock_mono_ns() - begin_ns;

        best_ns = took_ns < best_ns ? took_ns : best_ns;
    }
    if (n_events < (size_t)N_ROUNDS * N_MESSAGES)
        abort();
    printf("%-32s %5zu bytes %8.1f ns\n", what, bytes.len, (double)best_ns / N_MESSAGES);
    return (double)best_ns / N_MESSAGES;
}

static struct nta_span load(const char *path, struct maker *maker)
{
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        abort();
    }
    maker->len = fread(maker->bytes, 1, sizeof(maker->bytes), file);
    (void)fclose(file);
    return (struct nta_span){.ptr = maker->bytes, .len = maker->len};
}

static struct nta_span make_initial(uint32_t version, struct maker *datagram)
{
    static struct maker hello, frames;
    struct seal seal = {.version = version,
                        .number = 1,
                        .cid = "\x83\x94\xc8\xf0\x3e\x51\x57\x08",
                        .frames = frames.bytes,
                        .payload_len = 1162};

    hello.len = frames.len = datagram->len = 0;
    make_client_hello(&hello, "www.example.com", 200);
    seal_crypto(&frames, hello.bytes, 0, hello.len);
    seal.frames_len = frames.len;
    seal_initial(datagram, &seal);
    return (struct nta_span){.ptr = datagram->bytes, .len = datagram->len};
}

static struct nta_span make_dtls_hello(struct maker *datagram)
{
    static struct maker hello, body;

    hello.len = body.len = datagram->len = 0;
    make_client_hello(&hello, "www.example.com", 0);
    make_number(&body, 0xfefd, 2);
    make(&body, hello.bytes + 6, 33); /* random, no session */
    make(&body, "\0", 1);             /* no cookie */
    make(&body, hello.bytes + 39, hello.len - 39);
    make_number(datagram, 0x16fefd0000, 5);
    make_number(datagram, 0, 6);
    make_number(datagram, 12 + body.len, 2);
    make_number(datagram, 1, 1);
    make_number(datagram, body.len, 3);
    make_number(datagram, 0, 2);
    make_number(datagram, 0, 3);
    make_number(datagram, body.len, 3);
    make(datagram, body.bytes, body.len);
    return (struct nta_span){.ptr = datagram->bytes, .len = datagram->len};
}

static void sha_bare(const uint8_t *bytes, size_t len, uint8_t hash[32])
{
    SHA256_CTX sha;

    (void)SHA256_Init(&sha);
    (void)SHA256_Update(&sha, bytes, len);
    (void)SHA256_Final(hash, &sha);
}

/* An HMAC as cheap as it gets: two hashes of two blocks each. */
static void hmac_bare(uint8_t secret[32], const uint8_t *info, size_t info_len)
{
    uint8_t block[96] = {0};

    memcpy(block, secret, 32);
    memcpy(block + 64, info, info_len);
    sha_bare(block, 64 + info_len, block + 64);
    sha_bare(block, sizeof(block), secret);
}

/*
 * One Initial with bare OpenSSL: extract, four times expand, one block for the header, the rest
 * opened.
 */
static void open_bare(EVP_CIPHER_CTX *ecb, EVP_CIPHER_CTX *gcm, uint8_t datagram[1200])
{
    static uint8_t out[1200];
    uint8_t secret[32] = {0}, mask[16];
    int len = 0;

    for (int i = 0; i < 5; i++)
        hmac_bare(secret, datagram, 20);
    (void)EVP_EncryptInit_ex(ecb, NULL, NULL, secret, NULL);
    (void)EVP_EncryptUpdate(ecb, mask, &len, datagram + 22, 16);
    (void)EVP_DecryptInit_ex(gcm, NULL, NULL, secret, secret + 16);
    (void)EVP_DecryptUpdate(gcm, NULL, &len, datagram, 22);
    (void)EVP_DecryptUpdate(gcm, out, &len, datagram + 22, 1162);
    (void)EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_SET_TAG, 16, datagram + 1184);
    (void)EVP_DecryptFinal_ex(gcm, out,
                              &len); /* fails: the keys are invented; the work is the same */
}

static double bare_openssl(void)
{
    static uint8_t datagram[1200];
    EVP_CIPHER_CTX *ecb = EVP_CIPHER_CTX_new(), *gcm = EVP_CIPHER_CTX_new();
    int64_t best_ns = INT64_MAX;

    if (!ecb || !gcm || EVP_EncryptInit_ex(ecb, EVP_aes_128_ecb(), NULL, NULL, NULL) != 1 ||
        EVP_DecryptInit_ex(gcm, EVP_aes_128_gcm(), NULL, NULL, NULL) != 1)
        abort();
    for (unsigned round = 0; round < N_ROUNDS; round++) {
        int64_t begin_ns = nta_clock_mono_ns();

        for (unsigned i = 0; i < N_MESSAGES; i++)
            open_bare(ecb, gcm, datagram);

        int64_t took_ns = nta_clock_mono_ns() - begin_ns;

        best_ns = took_ns < best_ns ? took_ns : best_ns;
    }
    EVP_CIPHER_CTX_free(ecb);
    EVP_CIPHER_CTX_free(gcm);
    return (double)best_ns / N_MESSAGES;
}

int main(void)
{
    static struct maker maker;
    double initial_ns, bare_ns;

    (void)measure("tls client hello", &nta_proto_tls, NTA_FROM_CLIENT,
                  load(NTA_BENCH_DATA "/tls/tls13.client", &maker));
    (void)measure("tls 1.2 server hello, certificate", &nta_proto_tls, NTA_FROM_SERVER,
                  load(NTA_BENCH_DATA "/tls/tls12.server", &maker));
    (void)measure("dtls client hello", &nta_proto_dtls, NTA_FROM_CLIENT, make_dtls_hello(&maker));
    initial_ns =
        measure("quic v1 initial", &nta_proto_quic, NTA_FROM_CLIENT, make_initial(1, &maker));
    bare_ns = bare_openssl();
    printf("%-32s %5d bytes %8.1f ns: an initial takes %.2f times as long\n",
           "  keys and opening, bare OpenSSL", 1200, bare_ns, initial_ns / bare_ns);
    (void)measure("quic v2 initial", &nta_proto_quic, NTA_FROM_CLIENT,
                  make_initial(0x6b3343cf, &maker));
    bench_proto_text();
    return complain_of_missing() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
