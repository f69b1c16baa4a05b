/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A small web server for one page that shows what the admin's key opens, to each by his role: GET
 * and HEAD only, nothing can be changed by it.
 *
 *   /PATH/         the page, to whoever has a session; with ?token=WORD a link is used up and a
 *                  session begins
 *   /PATH/data     the page's data, made anew when it is asked for
 *   /PATH/events   server-sent events: a line when there is something new, a comment each ten
 *                  seconds
 *   /              with passwords: logs in, and leads to the page
 *
 * PATH is 128 random bits, made anew at each start, and the path of the session's cookie: cookies
 * do not tell ports apart, and so no other service of this host gets it, or can put its own in its
 * place.  HEAD and prefetches do not use a link up.  What another page asks for (Origin,
 * Sec-Fetch-Site) is refused, also one of another port of this host.
 *
 * Before anything else the Host header is compared with the names that the server has, so that a
 * name of somebody else's that was made to lead here (DNS rebinding) leads nowhere.  Sessions are
 * cookies, HttpOnly and SameSite=Strict.  Answers carry a strict Content-Security-Policy and may
 * not be cached, framed, or read by other sites.
 *
 * Without TLS and passwords it listens on loopback only (nta_console_start() refuses anything
 * else), or on a Unix socket, for a proxy that has TLS.  There PATH is "/", and who it is may be
 * said by the proxy in a field of each request; over TCP such a field is not looked at.
 *
 * Threads: one that accepts and one a connection (libmicrohttpd), at most NTA_CONSOLE_CONNECTIONS;
 * calls from any.  Connections that come to nothing keep nobody out (guests.h).  Bounds:
 * connections, 32 KiB of request a connection, 64 event streams (16 of one login), which hold a
 * number and no queue.
 */

#include "base/err.h"
#include "console/settings.h"

#include <stdbool.h>

enum
{
    NTA_CONSOLE_LINK_SIZE = 256
};

struct nta_console; ///< Opaque.

/** True for 127.0.0.0/8 and ::1. */
bool nta_console_is_loopback(const struct nta_addr *addr);

/** 0; -EPERM: not loopback, and TLS or passwords are missing; or negative errno; with `err`. */
int nta_console_start(const struct nta_console_options *options, struct nta_console **ret_console,
                      struct nta_err *err);

/** Ends all connections and threads. */
void nta_console_stop(struct nta_console **console);

/** There is something new: say so on all streams.  Any thread. */
void nta_console_notify(struct nta_console *console);

/** The TCP port it listens on: the one chosen by the system, if 0 was asked for. */
uint16_t nta_console_port(const struct nta_console *console);

/**
 * A new link that opens once, or, with a file of users, the address where they log in, or the
 * socket's path, into `buf`; gives `buf`, or NULL if there are no random numbers.
 */
const char *nta_console_link(struct nta_console *console, char buf[NTA_CONSOLE_LINK_SIZE]);
