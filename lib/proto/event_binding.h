/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What parsers say of who has an address: NTA_EVENT_BINDING.  Part of event.h.
 *
 * One event is one message about one address (or about a station that has none yet).  A fact is
 * only what BEGIN, RENEW and END say: the parser has seen that whoever was asked answered it.
 * CLAIMED is what somebody says alone.
 */

#include "base/addr.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/** How a binding is known, one row each: symbol, the word in records. */
#define NTA_BINDING_SOURCES(ROW)                                                                   \
    ROW(RADIUS, "radius")     /* accounting that the server acknowledged */                        \
    ROW(KERBEROS, "kerberos") /* a ticket that the server gave */                                  \
    ROW(NTLM, "ntlm")         /* a login that the server accepted */                               \
    ROW(DHCP, "dhcp")                                                                              \
    ROW(DHCPV6, "dhcpv6")                                                                          \
    ROW(ARP, "arp")                                                                                \
    ROW(NDP, "ndp")                                                                                \
    ROW(MDNS, "mdns")                                                                              \
    ROW(LLMNR, "llmnr")                                                                            \
    ROW(NETBIOS, "netbios")

enum nta_binding_source
{
#define NTA_BINDING_SOURCE_ENUM(symbol, word) NTA_BINDING_##symbol,
    NTA_BINDING_SOURCES(NTA_BINDING_SOURCE_ENUM)
#undef NTA_BINDING_SOURCE_ENUM
    NTA_N_BINDING_SOURCES
};

/** What became of it, one row each: symbol, a word. */
#define NTA_BINDING_STATES(ROW)                                                                    \
    ROW(CLAIMED, "claimed") /* asked for, offered or announced: nobody confirmed it */             \
    ROW(BEGIN, "begin")     /* holds from now on */                                                \
    ROW(RENEW, "renew")     /* held before, and goes on */                                         \
    ROW(END, "end")         /* is over */                                                          \
    ROW(REFUSED, "refused") /* was asked for, or held, and must not be used */

enum nta_binding_state
{
#define NTA_BINDING_STATE_ENUM(symbol, word) NTA_BINDING_##symbol,
    NTA_BINDING_STATES(NTA_BINDING_STATE_ENUM)
#undef NTA_BINDING_STATE_ENUM
    NTA_N_BINDING_STATES
};

#define NTA_BINDING_FOR_EVER UINT32_MAX ///< `valid_s` without an end.

/** Texts are as on the wire, and empty where nothing is said. */
struct nta_binding
{
    enum nta_binding_source source;
    enum nta_binding_state state;
    struct nta_span message; ///< Its name in the protocol, as "ACK"; static text.
    bool has_mac;            ///< `mac` is the station's, as the message, else as the frame says.
    bool of_server;          ///< The connection's server has the address; else its client.
    uint8_t mac[6];
    /**
     * An IPv4 address has the length 128, as has one of IPv6 that is not a network; all zeros:
     * none.  END without address, MAC and login: of all that `by` told.
     */
    struct nta_prefix prefix;
    struct nta_addr by;        ///< Who gives addresses, or logs in; all zeros: not said.
    struct nta_span name;      ///< What the station calls itself.
    struct nta_span login;     ///< The account.
    struct nta_span domain;    ///< In which the account is: a realm, a Windows domain.
    struct nta_span client_id; ///< Bytes: DHCP's client identifier; the DUID.
    struct nta_span vendor;    ///< Class of the station's maker.
    struct nta_span circuit;   ///< Bytes: where a relay or access server has the station.
    struct nta_span session;   ///< By which an END is the one of a BEGIN.
    struct nta_span other;     ///< Whom the message is to, by name.
    uint32_t valid_s;          ///< From now on; 0: not said.
    uint32_t age_s;            ///< It became so so long ago, as the message says.
};

/** "radius"; "" for a number that is none. */
const char *nta_binding_source_name(unsigned source);

/** "begin"; "" for a number that is none. */
const char *nta_binding_state_name(unsigned state);
