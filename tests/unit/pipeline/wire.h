/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For tests: a capture file written packet by packet; Ethernet and IPv4, a second apart, checksums
 * left zero.
 */

#include "base/addr.h"
#include "base/bytes.h"
#include "unit.h"

#include <stdlib.h>

struct wire
{
    FILE *file;
    uint32_t second; ///< Of the next packet.
};

static inline void wire_put(struct wire *wire, const void *bytes, size_t len)
{
    if (len > 0)
        assert_int_equal(fwrite(bytes, 1, len, wire->file), len);
}

static inline void wire_open(struct wire *wire, const char *path)
{
    const uint32_t head[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1};

    *wire = (struct wire){.file = fopen(path, "we"), .second = 1770000000};
    assert_non_null(wire->file);
    wire_put(wire, head, sizeof(head));
}

static inline void wire_close(struct wire *wire)
{
    if (wire->file)
        assert_int_equal(fclose(wire->file), 0);
    wire->file = NULL;
}

static inline void wire_be16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void wire_be32(uint8_t *at, uint32_t value)
{
    wire_be16(at, value >> 16);
    wire_be16(at + 2, value & 0xffff);
}

/** One side of a connection. */
struct wire_end
{
    const char *addr; ///< IPv4.
    uint16_t port;
};

/**
 * Write one packet; `fragment` are the bits and the offset of that name, `head` and `data` what
 * IPv4 carries.
 */
static inline void wire_ip(struct wire *wire, const struct wire_end *from,
                           const struct wire_end *to, uint8_t ip_proto, uint16_t fragment,
                           struct nta_span header, struct nta_span data)
{
    size_t len = 34 + header.len + data.len;
    const uint32_t head[4] = {wire->second++, 0, (uint32_t)len, (uint32_t)len};
    uint8_t front[34] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45};
    struct nta_addr addr;

    wire_be16(front + 16, len - 14);
    wire_be16(front + 20, fragment);
    front[22] = 64;
    front[23] = ip_proto;
    assert_int_equal(nta_addr_parse(from->addr, strlen(from->addr), &addr), 0);
    memcpy(front + 26, addr.bytes + 12, 4);
    assert_int_equal(nta_addr_parse(to->addr, strlen(to->addr), &addr), 0);
    memcpy(front + 30, addr.bytes + 12, 4);
    wire_put(wire, head, sizeof(head));
    wire_put(wire, front, sizeof(front));
    wire_put(wire, header.ptr, header.len);
    wire_put(wire, data.ptr, data.len);
}

/** Write one packet; `transport` is a whole TCP or UDP header but for its ports. */
static inline void wire_packet(struct wire *wire, const struct wire_end *from,
                               const struct wire_end *to, uint8_t ip_proto, uint8_t *transport,
                               size_t transport_len, struct nta_span data)
{
    wire_be16(transport, from->port);
    wire_be16(transport + 2, to->port);
    wire_ip(wire, from, to, ip_proto, 0, (struct nta_span){transport, transport_len}, data);
}

static inline void wire_udp(struct wire *wire, const struct wire_end *from,
                            const struct wire_end *to, struct nta_span data)
{
    uint8_t header[8] = {0};

    wire_be16(header + 4, 8 + data.len);
    wire_packet(wire, from, to, 17, header, sizeof(header), data);
}

enum
{
    WIRE_FIN = 1,
    WIRE_SYN = 2,
    WIRE_ACK = 16
};

/** A TCP connection and what each side has sent so far. */
struct wire_tcp
{
    struct wire_end client, server;
    uint32_t seq[2];
};

static inline void wire_segment(struct wire *wire, struct wire_tcp *tcp, unsigned side,
                                uint8_t flags, struct nta_span data)
{
    const struct wire_end *from = side == 0 ? &tcp->client : &tcp->server;
    const struct wire_end *to = side == 0 ? &tcp->server : &tcp->client;
    uint8_t header[20] = {[12] = 0x50, [13] = flags, [14] = 0xff};

    wire_be32(header + 4, tcp->seq[side]);
    wire_be32(header + 8, flags & WIRE_ACK ? tcp->seq[1 - side] : 0);
    wire_packet(wire, from, to, 6, header, sizeof(header), data);
    tcp->seq[side] += (uint32_t)data.len + (flags & (WIRE_SYN | WIRE_FIN) ? 1 : 0);
}

/**
 * A whole connection: handshake, what the client says, `down` bytes from the server that mean
 * nothing, the end.
 */
static inline void wire_connection(struct wire *wire, const char *client, const char *server,
                                   uint16_t port, struct nta_span up, size_t down)
{
    static const uint8_t noise[1000] = {0};
    static uint16_t client_port = 40000;
    struct wire_tcp tcp = {{client, client_port++}, {server, port}, {1000, 2000}};
    const struct nta_span none = {0};

    wire_segment(wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    wire_segment(wire, &tcp, 0, WIRE_ACK, up);
    for (; down > 0; down -= down < sizeof(noise) ? down : sizeof(noise))
        wire_segment(wire, &tcp, 1, WIRE_ACK,
                     (struct nta_span){noise, down < sizeof(noise) ? down : sizeof(noise)});
    wire_segment(wire, &tcp, 1, WIRE_FIN | WIRE_ACK, none);
    wire_segment(wire, &tcp, 0, WIRE_FIN | WIRE_ACK, none);
    wire_segment(wire, &tcp, 1, WIRE_ACK, none);
}

/** `client` asks for `name` and is told that it is at `addr` for five minutes. */
static inline void wire_lookup(struct wire *wire, const char *client, const char *name,
                               const char *addr)
{
    static uint16_t id = 1;
    const struct wire_end user = {client, (uint16_t)(50000 + id)}, server = {"192.0.2.53", 53};
    uint8_t message[512] = {0, 0, 1, 0, 0, 1};
    size_t len = 12;
    struct nta_addr answer;

    wire_be16(message, id++);
    for (const char *label = name; *label;) {
        size_t n = strcspn(label, ".");

        message[len++] = (uint8_t)n;
        memcpy(message + len, label, n);
        len += n;
        label += n + (label[n] == '.');
    }
    message[len++] = 0;
    memcpy(message + len, "\0\1\0\1", 4);
    len += 4;
    wire_udp(wire, &user, &server, (struct nta_span){message, len});
    message[2] = 0x81;
    message[3] = 0x80;
    message[7] = 1;
    memcpy(message + len, "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4", 12);
    assert_int_equal(nta_addr_parse(addr, strlen(addr), &answer), 0);
    memcpy(message + len + 12, answer.bytes + 12, 4);
    wire_udp(wire, &server, &user, (struct nta_span){message, len + 16});
}
