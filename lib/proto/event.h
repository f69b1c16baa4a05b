/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What parsers say.  An event is a value on the parser's stack; its spans borrow from the packet,
 * the stream buffer or the parser's state, and are valid only during the emit call.  Texts are as
 * on the wire (names of DNS: dotted, lower case not forced, without the last dot; a byte that is a
 * dot or a backslash inside a label is escaped as \. and \\ ; an empty name is the root).
 */

#include "base/addr.h"
#include "base/bytes.h"
#include "proto/app.h"
#include "proto/event_binding.h"
#include "proto/event_kind.h"
#include "proto/event_tls.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_DNS_ANSWERS_MAX = 64,
    NTA_EVENT_CHANNELS = 33, ///< The only one, and those of HTTP/2.
};

/** What made a browser ask, by what its request says of that. */
enum nta_http_initiator
{
    NTA_HTTP_INITIATOR_UNSAID,
    NTA_HTTP_INITIATOR_NAVIGATION,  ///< Its user, or a page, went there.
    NTA_HTTP_INITIATOR_PREFETCH,    ///< The browser itself, ahead of its user.
    NTA_HTTP_INITIATOR_SUBRESOURCE, ///< A page that is shown, or that it frames.
};

/** What a request says that its client runs on; several behind one address are several machines. */
enum nta_http_system
{
    NTA_HTTP_SYSTEM_UNSAID,
    NTA_HTTP_SYSTEM_WINDOWS,
    NTA_HTTP_SYSTEM_ANDROID,
    NTA_HTTP_SYSTEM_IOS,
    NTA_HTTP_SYSTEM_MACOS,
    NTA_HTTP_SYSTEM_CHROMEOS,
    NTA_HTTP_SYSTEM_LINUX,
};

struct nta_http_exchange
{
    struct nta_span method;
    struct nta_span host; ///< No port, no user-info; of an absolute target, else of Host.
    uint16_t port;        ///< From the host text; 0: none given.
    /** Path and query, user-info removed; "*" and authority-form as they are. */
    struct nta_span target;
    uint16_t status; ///< 0: no response seen.
    struct nta_span content_type;
    struct nta_span file_name; ///< Content-Disposition's, else the last path segment; may be empty.
    struct nta_span server;    ///< Server header, may be empty.
    uint64_t request_bytes;    ///< Body of the request, as sequence numbers prove.
    /** Body of the response (transfer coding removed), as sequence numbers prove. */
    uint64_t response_bytes;
    uint64_t response_lost;     ///< Of these, those that were not captured.
    uint64_t response_expected; ///< Content-Length; UINT64_MAX: none.
    /** Of a part (206): where in the file it begins, and the file's length; UINT64_MAX: unsaid. */
    uint64_t range_first, range_total;
    uint64_t version;  ///< Of the file, by its strong ETag: a hash; 0: unsaid.
    bool complete;     ///< The whole response came, and ended as it should.
    bool marked;       ///< Its end is marked in it: chunks.
    bool coded;        ///< The content is packed: Content-Encoding.
    bool hole;         ///< Something of it was lost: how much is not known.
    bool truncated;    ///< Some text was longer than we keep.
    bool hosts_differ; ///< The request names several sites: Host fields, or its target and Host.
    uint8_t initiator; ///< enum nta_http_initiator.
    bool to_proxy;     ///< Of a request: its target names the site, as only proxies are asked.
    uint8_t system;    ///< Of a request alone: enum nta_http_system, of its User-Agent.
    bool forwarded;    ///< Likewise: it was sent on for another client (RFC 7239, Via).
    bool is_part;      ///< One of the parts of a file that a response holds: not all of it.
    bool has_parts;    ///< All of a response whose parts were told before it.
    bool at_once;      ///< No answer is waited for: its request was told just before this.
    bool no_host;      ///< It names none; whoever runs the parser may set `host` to the address.
    /** SHA-256 of the whole response's body; empty, unless whoever runs the parser made one. */
    struct nta_span sha256;
    struct nta_span body_start; ///< First bytes of the response's body (for its type).
    struct nta_span body_far;   ///< Those further on that tell more of it (file/magic.h).
    int64_t begin_wall_ns;      ///< When the request's head came.
    int64_t end_wall_ns;        ///< When the response was over; 0: now.
    struct nta_span other_host; ///< With hosts_differ: another site that it names.
};

struct nta_dns_answer
{
    struct nta_span name; ///< Owner.
    uint16_t type;        ///< A 1, CNAME 5, PTR 12, AAAA 28, SRV 33, SVCB 64, HTTPS 65; no other.
    uint32_t ttl_s;
    struct nta_addr addr;   ///< A and AAAA (and one answer for each address hint of SVCB/HTTPS).
    struct nta_span target; ///< CNAME, PTR, SRV, SVCB/HTTPS.
};

struct nta_dns_lookup
{
    uint16_t id;
    struct nta_span name; ///< Question.
    uint16_t type;
    bool answered;  ///< A response was seen.
    uint8_t rcode;  ///< Of the response.
    bool truncated; ///< TC bit, or more answers than we list.
    const struct nta_dns_answer *answers;
    size_t n_answers;
    int64_t asked_wall_ns;             ///< 0: the question itself was not seen.
    uint16_t question_len, answer_len; ///< Of the messages; 0: not seen.
};

/**
 * Content goes over another connection between the same two addresses, which the parser's one
 * announces.
 */
struct nta_transfer_data
{
    uint16_t port;       ///< Where it is waited for; 0: not known.
    bool client_listens; ///< It is the client who waits.
    bool over_udp;
    struct nta_addr addr; ///< As announced; all zeros: the listener's own.
};

/** A file of FTP, TFTP, SMB or BitTorrent, or what a SOCKS proxy was asked for. */
struct nta_transfer
{
    struct nta_span method; ///< RETR, STOR, ...; READ and WRITE of TFTP and SMB.
    struct nta_span host;   ///< The site as the client wrote it; empty: it wrote none.
    uint16_t port;          ///< Of `host`, or the server's; 0: none given, or the protocol's own.
    /** From the server's root, '/' between names; BitTorrent: info hash in hex; empty: none. */
    struct nta_span path;
    /** Of BitTorrent's search in its own network: where who searches takes peers; 0: unsaid. */
    uint16_t listens;
    bool to_server;  ///< Content goes to the server.
    uint64_t first;  ///< Where in the file the content begins.
    bool is_altered; ///< It is converted, or a part of which nobody knows where it is.
    bool complete;   ///< All of the content came, and ended as it should.
    uint16_t status; ///< The server's code; 0: none seen.
    uint64_t bytes_up, bytes_down; ///< Content, each byte once, as numbers of the wire prove.
    uint64_t lost_up, lost_down;   ///< Of these, those that were not captured.
    uint64_t expected;             ///< As announced; UINT64_MAX or 0: not.
    bool hole;                     ///< Something was lost: how much is not known.
    /** Other bytes of it came, too, and nothing tells which were taken; of its content. */
    bool contested, content_contested;
    bool claimed; ///< Nobody was seen to take any of the content.
    /** Of SMB, whose content was told by its place: which file, as in nta_content; else 0. */
    uint64_t file;
    bool is_channel;  ///< Another connection of the session tells of the whole file.
    const char *type; ///< By its first bytes (file/magic.h); NULL: not known.
    int64_t begin_wall_ns;
    /**
     * BEGIN: content comes over another connection, `data`, and the end is told there.  REPLY: that
     * connection is known only now.
     */
    bool elsewhere;
    struct nta_transfer_data data;
};

/** A piece of a response's body or of a file, its coding for the transfer taken off. */
struct nta_content
{
    struct nta_span bytes;
    uint64_t offset; ///< How much of it came before; what is lost is left out of that.
    /** Not 0: `offset` is the place in this file, which several connections may move. */
    uint64_t file;
};

/** What an end says that it runs. */
struct nta_software
{
    struct nta_span text; ///< Name and version as the protocol has them.
    bool of_server;
};

struct nta_quic_ids; ///< See proto/quic/quic_ids.h.

struct nta_event
{
    enum nta_event_kind kind;
    enum nta_app app; ///< What it was found in (a hello inside QUIC: QUIC).
    /** Of several that go over one connection side by side, which; below NTA_EVENT_CHANNELS. */
    uint8_t channel;
    const struct nta_quic_ids *quic; ///< Of a hello in QUIC, whose connection it begins; or NULL.

    union
    {
        const struct nta_tls_client_hello *client_hello;
        const struct nta_tls_server_hello *server_hello;
        const struct nta_tls_certificate *certificate;
        const struct nta_http_exchange *http; ///< REQUEST and EXCHANGE.
        const struct nta_dns_lookup *dns;     ///< QUESTION and LOOKUP.
        const struct nta_transfer *transfer;  ///< TRANSFER_…
        const struct nta_content *content;
        const struct nta_software *software;
        const struct nta_span *realm;
        const struct nta_addr *forwarded;
        const struct nta_binding *binding;
    };
};
