/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Application protocols, one row each: symbol, the name in records, the number in stored records
 * (never reused, at most 255), and what is particular to it.  Whoever needs to know such a thing of
 * an app asks its row and lists no apps.
 */

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

/** What an app is like, as bits. */
enum nta_app_trait
{
    /** Names are asked for.  Over UDP the records of lookups stand for the flow. */
    NTA_TRAIT_LOOKUP = 1 << 0,
    /** Its answers say at which address the asker will look for a name. */
    NTA_TRAIT_RESOLVES = 1 << 1,
    /** What its parser leaves unread is ciphertext, which proves nothing. */
    NTA_TRAIT_ENCRYPTED = 1 << 2,
    /** Over TCP it holds no credentials: kept packets show it as it is. */
    NTA_TRAIT_PLAIN_STREAM = 1 << 3,
    /** A connection that it announces holds one file and nothing else. */
    NTA_TRAIT_PLAIN_CONTENT = 1 << 5,
    /** What is asked for over it has records beside the flow's, whose bytes are theirs, too. */
    NTA_TRAIT_REQUESTS = 1 << 6,
    /** All of it is requests, each perhaps for another site. */
    NTA_TRAIT_PER_REQUEST = 1 << 7,
    /** What is asked for is named by a hash, not by a path. */
    NTA_TRAIT_INFO_HASH = 1 << 8,
    /** The outer connection of a tunnel: what it carries has records of its own. */
    NTA_TRAIT_TUNNEL = 1 << 9,
    /** What a server gives does not depend on the name by which a client calls it. */
    NTA_TRAIT_ONE_SITE = 1 << 10,
    /** What it moves are files, each asked for by its name. */
    NTA_TRAIT_FILES = 1 << 11,
};

#define NTA_APPS(ROW)                                                                              \
    ROW(NONE, "", 0, 0)                                                                            \
    ROW(TLS, "tls", 1, NTA_TRAIT_ENCRYPTED)                                                        \
    ROW(QUIC, "quic", 2, NTA_TRAIT_ENCRYPTED)                                                      \
    ROW(HTTP, "http", 3, NTA_TRAIT_REQUESTS | NTA_TRAIT_PER_REQUEST)                               \
    ROW(DNS, "dns", 4, NTA_TRAIT_LOOKUP | NTA_TRAIT_RESOLVES | NTA_TRAIT_PLAIN_STREAM)             \
    ROW(MDNS, "mdns", 5, NTA_TRAIT_LOOKUP)                                                         \
    ROW(LLMNR, "llmnr", 6, NTA_TRAIT_LOOKUP)                                                       \
    ROW(NETBIOS, "netbios", 7, NTA_TRAIT_LOOKUP)                                                   \
    ROW(DHCP, "dhcp", 8, 0) /* RFC 3118: a token in clear */                                       \
    ROW(FTP, "ftp", 9,                                                                             \
        NTA_TRAIT_REQUESTS | NTA_TRAIT_PLAIN_CONTENT | NTA_TRAIT_ONE_SITE | NTA_TRAIT_FILES)       \
    ROW(TFTP, "tftp", 10, NTA_TRAIT_REQUESTS | NTA_TRAIT_ONE_SITE | NTA_TRAIT_FILES)               \
    ROW(SMB, "smb", 11, NTA_TRAIT_REQUESTS | NTA_TRAIT_ONE_SITE | NTA_TRAIT_FILES)                 \
    ROW(SMTP, "smtp", 12, 0)                                                                       \
    ROW(IMAP, "imap", 13, 0)                                                                       \
    ROW(POP3, "pop3", 14, 0)                                                                       \
    ROW(SOCKS, "socks", 15, NTA_TRAIT_REQUESTS)                                                    \
    ROW(BITTORRENT, "bittorrent", 16,                                                              \
        NTA_TRAIT_REQUESTS | NTA_TRAIT_INFO_HASH | NTA_TRAIT_PLAIN_STREAM)                         \
    ROW(HTTP2, "http2", 17, NTA_TRAIT_REQUESTS | NTA_TRAIT_PER_REQUEST)                            \
    ROW(DTLS, "dtls", 18, NTA_TRAIT_ENCRYPTED)                                                     \
    ROW(DOT, "dot", 19, 0)                                                                         \
    ROW(DOH, "doh", 20, 0)                                                                         \
    ROW(DOQ, "doq", 21, 0)                                                                         \
    ROW(WEBSOCKET, "websocket", 22, 0)                                                             \
    ROW(STUN, "stun", 23, 0)                                                                       \
    ROW(OPENVPN, "openvpn", 24, 0)                                                                 \
    ROW(SSH, "ssh", 25, NTA_TRAIT_ENCRYPTED)                                                       \
    ROW(WIREGUARD, "wireguard", 26, NTA_TRAIT_ENCRYPTED)                                           \
    ROW(ARP, "arp", 27, 0)                                                                         \
    ROW(NDP, "ndp", 28, 0)                                                                         \
    ROW(DHCPV6, "dhcpv6", 29, 0) /* RFC 8415 section 20.4: a key in clear */                       \
    ROW(RADIUS, "radius", 30, 0)                                                                   \
    ROW(KERBEROS, "kerberos", 31, 0)                                                               \
    ROW(IPSEC, "ipsec", 32, NTA_TRAIT_ENCRYPTED)                                                   \
    ROW(RSYNC, "rsync", 33, 0)                                                                     \
    ROW(GIT, "git", 34, 0)                                                                         \
    ROW(SVN, "svn", 35, 0)                                                                         \
    ROW(RTSP, "rtsp", 36, 0)                                                                       \
    ROW(RTMP, "rtmp", 37, 0)                                                                       \
    ROW(NNTP, "nntp", 38, 0)                                                                       \
    ROW(IRC, "irc", 39, 0)                                                                         \
    ROW(XMPP, "xmpp", 40, 0)                                                                       \
    ROW(VNC, "vnc", 41, 0)                                                                         \
    ROW(ZEROTIER, "zerotier", 42, NTA_TRAIT_ENCRYPTED)                                             \
    /* both sides begin with what looks random: encrypted so that nothing shows */                 \
    ROW(UNKNOWN, "unknown", 43, NTA_TRAIT_ENCRYPTED)                                               \
    /* outer connections of tunnels */                                                             \
    ROW(VXLAN, "vxlan", 64, NTA_TRAIT_TUNNEL)                                                      \
    ROW(GENEVE, "geneve", 65, NTA_TRAIT_TUNNEL)                                                    \
    ROW(GTP, "gtp", 66, NTA_TRAIT_TUNNEL)                                                          \
    ROW(GRE, "gre", 67, NTA_TRAIT_TUNNEL)                                                          \
    ROW(ERSPAN, "erspan", 68, NTA_TRAIT_TUNNEL)                                                    \
    ROW(PPTP, "pptp", 69, NTA_TRAIT_TUNNEL)                                                        \
    ROW(TEREDO, "teredo", 70, NTA_TRAIT_TUNNEL)                                                    \
    ROW(AYIYA, "ayiya", 71, NTA_TRAIT_TUNNEL)                                                      \
    ROW(L2TP, "l2tp", 72, NTA_TRAIT_TUNNEL)                                                        \
    ROW(TZSP, "tzsp", 73, NTA_TRAIT_TUNNEL)                                                        \
    ROW(MPLS, "mpls", 74, NTA_TRAIT_TUNNEL)                                                        \
    ROW(ETHERIP, "etherip", 75, NTA_TRAIT_TUNNEL)                                                  \
    ROW(IPIP, "ipip", 76, NTA_TRAIT_TUNNEL)                                                        \
    ROW(SIX_IN_4, "6in4", 77, NTA_TRAIT_TUNNEL)                                                    \
    ROW(FOUR_IN_6, "4in6", 78, NTA_TRAIT_TUNNEL)                                                   \
    ROW(SIX_IN_6, "6in6", 79, NTA_TRAIT_TUNNEL)                                                    \
    ROW(CAPWAP, "capwap", 80, NTA_TRAIT_TUNNEL)                                                    \
    ROW(LISP, "lisp", 81, NTA_TRAIT_TUNNEL)                                                        \
    ROW(GUE, "gue", 82, NTA_TRAIT_TUNNEL)                                                          \
    ROW(FOU, "fou", 83, NTA_TRAIT_TUNNEL)                                                          \
    ROW(LWAPP, "lwapp", 84, NTA_TRAIT_TUNNEL)

enum nta_app
{
#define NTA_APP_ENUM(symbol, name, number, traits) NTA_APP_##symbol = (number),
    NTA_APPS(NTA_APP_ENUM)
#undef NTA_APP_ENUM
};

/* One more than the highest number. */
union nta_app_numbers
{
#define NTA_APP_NUMBER(symbol, name, number, traits) char symbol[(number) + 1];
    NTA_APPS(NTA_APP_NUMBER)
#undef NTA_APP_NUMBER
};

enum
{
    NTA_APPS_SIZE = sizeof(union nta_app_numbers)
};

static_assert(NTA_APPS_SIZE <= 256, "a number is kept in a byte");

struct nta_app_row
{
    const char *name; ///< NULL: no app has this number.
    unsigned traits;  ///< NTA_TRAIT_… bits.
};

/** By number. */
extern const struct nta_app_row nta_app_rows[NTA_APPS_SIZE];

/** Whether it has one of these traits; a number that is none of ours has none. */
static inline bool nta_app_has(enum nta_app app, unsigned traits)
{
    return (size_t)app < NTA_APPS_SIZE && (nta_app_rows[app].traits & traits);
}

/** The name in records; "" for NONE and for a number that is none of ours. */
const char *nta_app_name(enum nta_app app);

/** The app of a name, NONE if there is none. */
enum nta_app nta_app_find(const char *name);
