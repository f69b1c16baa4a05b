/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The protocols: one row of NTA_PROTOS each, one file pair each.  To add one: the file pair, a row
 * here, one in proto/app.h, a fuzz target, a golden capture.
 */

#include "proto/parser.h"

/* One row each, in the order they are asked: the strictest first bytes first. */
#define NTA_PROTOS(ROW)                                                                            \
    ROW(tls)                                                                                       \
    ROW(http)                                                                                      \
    ROW(http2)                                                                                     \
    ROW(quic)                                                                                      \
    ROW(dtls)                                                                                      \
    ROW(stun)                                                                                      \
    ROW(relay)                                                                                     \
    ROW(wireguard)                                                                                 \
    ROW(ipsec)                                                                                     \
    ROW(zerotier)                                                                                  \
    ROW(dns)                                                                                       \
    ROW(arp)                                                                                       \
    ROW(ndp)                                                                                       \
    ROW(dhcpv6)                                                                                    \
    ROW(radius)                                                                                    \
    ROW(kerberos)                                                                                  \
    ROW(dhcp)                                                                                      \
    ROW(netbios)                                                                                   \
    ROW(ssh)                                                                                       \
    ROW(rsync)                                                                                     \
    ROW(git)                                                                                       \
    ROW(ftp)                                                                                       \
    ROW(ftp_data)                                                                                  \
    ROW(tftp)                                                                                      \
    ROW(smb)                                                                                       \
    ROW(bittorrent)                                                                                \
    ROW(socks)                                                                                     \
    ROW(tds)                                                                                       \
    ROW(openvpn)                                                                                   \
    ROW(fallback) /* takes what nobody knew */

enum
{
#define NTA_PROTO_PLACE(symbol) NTA_PROTO_PLACE_##symbol,
    NTA_PROTOS(NTA_PROTO_PLACE)
#undef NTA_PROTO_PLACE
    NTA_N_PROTOS
};

/** All protocols in the order of their rows; ends with NULL. */
extern const struct nta_proto *const nta_protos[NTA_N_PROTOS + 1];
