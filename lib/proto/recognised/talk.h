/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Protocols that begin with some talk in clear, known by the first words of either side, on any
 * port: SMTP (RFC 5321), IMAP (RFC 9051), POP3 (RFC 1939), NNTP (RFC 3977), IRC (RFC 2812), XMPP
 * (RFC 6120), VNC (RFC 6143), RTSP (RFC 2326), Subversion's own (svn) and RTMP.  What follows is
 * not read here, and may become TLS: so the fallback, which watches for that, asks.
 *
 * A server's own name in its greeting gives REALM, empty if it says none: nothing proves it.  Where
 * a client says which URL it wants (RTSP, svn, RTMP), TRANSFER_BEGIN and TRANSFER_END, as for Git.
 *
 * No memory but struct nta_talk; the work is bounded by the length of what is seen.
 */

#include "proto/parser.h"

/**
 * Does a side begin with what looks random?  At least 32 bytes, of which about half the bits are
 * set and few are letters, as fully encrypted protocols have them (Wu et al., "How the Great
 * Firewall of China Detects and Blocks Fully Encrypted Traffic", USENIX Security 2023, section 4).
 */
bool nta_talk_is_noise(struct nta_span first);

/** What was said so far. */
struct nta_talk
{
    uint32_t n_bytes[2]; ///< By side; who asks adds what was heard.
    uint8_t greeted;     ///< enum nta_app of the client's greeting.
    bool is_rtmp;        ///< The client began so, and its first command is to come.
    bool is_svn;         ///< The server began so.
};

/** What io->side says next.  Emits what it is known for, if so. */
void nta_talk_hear(const struct nta_proto_io *io, struct nta_talk *talk, struct nta_span piece);
