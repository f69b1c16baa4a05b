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
    ROW(WEBSOCKET, "websocket", 22)

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
