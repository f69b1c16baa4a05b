/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Application protocols, one row each: symbol, the name in records, the number in stored records (never reused). */

#define NTA_APPS(ROW)                                                                              \
    ROW(NONE, "", 0)                                                                               \
    ROW(TLS, "tls", 1)                                                                             \
    ROW(QUIC, "quic", 2)                                                                           \
    ROW(HTTP, "http", 3)                                                                           \
    ROW(DNS, "dns", 4)                                                                             \
    ROW(MDNS, "mdns", 5)                                                                           \
    ROW(LLMNR, "llmnr", 6)                                                                         \
    ROW(NETBIOS, "netbios", 7)                                                                     \
    ROW(DHCP, "dhcp", 8)                                                                           \
    ROW(FTP, "ftp", 9)                                                                             \
    ROW(TFTP, "tftp", 10)                                                                          \
    ROW(SMB, "smb", 11)                                                                            \
    ROW(SMTP, "smtp", 12)                                                                          \
    ROW(IMAP, "imap", 13)                                                                          \
    ROW(POP3, "pop3", 14)                                                                          \
    ROW(SOCKS, "socks", 15)                                                                        \
    ROW(BITTORRENT, "bittorrent", 16)                                                              \
    ROW(HTTP2, "http2", 17)                                                                        \
    ROW(DTLS, "dtls", 18)                                                                          \
    ROW(DOT, "dot", 19)                                                                            \
    ROW(DOH, "doh", 20)                                                                            \
    ROW(DOQ, "doq", 21)                                                                            \
    ROW(WEBSOCKET, "websocket", 22)                                                                \
    ROW(STUN, "stun", 23)                                                                          \
    ROW(OPENVPN, "openvpn", 24)                                                                    \
    /* outer connections of tunnels */                                                             \
    ROW(VXLAN, "vxlan", 64)                                                                        \
    ROW(GENEVE, "geneve", 65)                                                                      \
    ROW(GTP, "gtp", 66)                                                                            \
    ROW(GRE, "gre", 67)                                                                            \
    ROW(ERSPAN, "erspan", 68)                                                                      \
    ROW(PPTP, "pptp", 69)                                                                          \
    ROW(TEREDO, "teredo", 70)                                                                      \
    ROW(AYIYA, "ayiya", 71)                                                                        \
    ROW(L2TP, "l2tp", 72)                                                                          \
    ROW(TZSP, "tzsp", 73)                                                                          \
    ROW(MPLS, "mpls", 74)                                                                          \
    ROW(ETHERIP, "etherip", 75)                                                                    \
    ROW(IPIP, "ipip", 76)                                                                          \
    ROW(SIX_IN_4, "6in4", 77)                                                                      \
    ROW(FOUR_IN_6, "4in6", 78)                                                                     \
    ROW(SIX_IN_6, "6in6", 79)

enum nta_app
{
#define NTA_APP_ENUM(symbol, name, number) NTA_APP_##symbol = (number),
    NTA_APPS(NTA_APP_ENUM)
#undef NTA_APP_ENUM
};

/** The name in records; "" for NONE and for a number that is none of ours. */
const char *nta_app_name(enum nta_app app);

/** The app of a name, NONE if there is none. */
enum nta_app nta_app_find(const char *name);
