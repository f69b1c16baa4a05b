/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who may see the console: one-time links, sessions, passwords.  No network here, and time is a
 * parameter.
 *
 * A link's word is 256 random bits and opens once; what it opens is a session, which the browser
 * shows by a cookie of another 256 bits.  A password (HTTP Basic) opens a session, too.  Words are
 * compared in constant time.
 *
 * Wrong passwords are limited, and lock nobody out: after five in a minute the others of that
 * address (of IPv6: its network of 64 bits) are compared one each two seconds, and those for which
 * that would be later than in eight seconds not at all.  They are counted before they are compared.
 * Others at other addresses do not notice.  A browser that somebody logged in by shows another
 * word of 256 bits from then on, and has a count of its own for that name, so that not even those
 * at his own address keep him out.
 *
 * Bounds: 4 links, 1,024 addresses, 64 sessions and 64 browsers, of one login 8; the oldest goes
 * first.  A lock inside, which is not held while a password is compared: any thread.
 */

#include "base/addr.h"
#include "base/bytes.h"
#include "base/err.h"
#include "console/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_GATE_WORD_SIZE = 65, ///< 64 hex digits and NUL.
    NTA_GATE_PATH_SIZE = 33, ///< 32 hex digits and NUL.
};

struct nta_gate; ///< Opaque.

/** 0, or negative errno with `err`. */
int nta_gate_new(struct nta_gate **ret_gate, struct nta_err *err);
/** Takes NULL too; users and sessions are gone. */
void nta_gate_free(struct nta_gate **gate);

/**
 * Read a file of "name:hash:role" lines (roster.h).  0, or negative errno with a sentence that
 * names file and line.
 */
int nta_gate_load(struct nta_gate *gate, const char *path, struct nta_err *err);

/** Whoever has this name in the file; false: nobody, or there is none. */
bool nta_gate_is_user(const struct nta_gate *gate, const char *name,
                      struct nta_console_who *ret_who);

/** A new link's word.  0, or negative errno: no random numbers. */
int nta_gate_make_link(struct nta_gate *gate, char ret_word[NTA_GATE_WORD_SIZE]);

/**
 * 128 random bits in hexadecimal digits, for a path that nobody guesses.  0, or negative errno: no
 * random numbers.
 */
int nta_gate_make_path(char ret_path[NTA_GATE_PATH_SIZE]);

/** True if the word is that of a link not used yet, which stays so. */
bool nta_gate_has_link(struct nta_gate *gate, struct nta_span word);

/** True if the word is that of a link not used yet: it is now, and `ret_cookie` is its session. */
bool nta_gate_use_link(struct nta_gate *gate, struct nta_span word, int64_t mono_ns,
                       char ret_cookie[NTA_GATE_WORD_SIZE]);

/**
 * True if the Cookie header's field (may be NULL) has a session's word under `name`, be it behind
 * others of that name; `ret_who` is whose.
 */
bool nta_gate_knows(struct nta_gate *gate, const char *cookies, const char *name, int64_t mono_ns,
                    struct nta_console_who *ret_who);

/** Where a password comes from.  Fields may be NULL; borrows. */
struct nta_gate_from
{
    struct nta_addr addr;
    const char *authorization; ///< Authorization
    const char *cookies;       ///< Cookie, where a browser's word stands under
    const char *cookie_name;   ///< this name.
};

/** What opens the door from now on. */
struct nta_gate_words
{
    char session[NTA_GATE_WORD_SIZE], browser[NTA_GATE_WORD_SIZE];
};

/**
 * When it may be compared: the caller waits so long, and asks nta_gate_password() then.  False: too
 * many wait already.
 */
bool nta_gate_queue(struct nta_gate *gate, const struct nta_gate_from *from, int64_t mono_ns,
                    int64_t *ret_wait_ns);

/** True if it is the password of a name in the file: a session begins. */
bool nta_gate_password(struct nta_gate *gate, const struct nta_gate_from *from, int64_t mono_ns,
                       struct nta_gate_words *ret_words);

/**
 * What the headers of a browser say of where a request comes from.  Fields may be NULL: a browser
 * without them, or no browser.
 *
 * A page of another port of this host is of the same *site*, so SameSite does not keep our cookie
 * from its requests.
 */
struct nta_gate_origin
{
    const char *origin;             ///< Origin
    const char *site, *mode, *dest; ///< Sec-Fetch-Site, -Mode, -Dest (W3C Fetch Metadata)
    const char *purpose;            ///< Sec-Purpose, or what it was called before
};

/**
 * True if nobody looks at the answer yet: a prefetch or a preview.  A link is not used up by it.
 */
bool nta_gate_is_ahead(const struct nta_gate_origin *origin);

/**
 * True if a page of ours, or the address bar for the page itself, may have sent it; names and port
 * as for a host.
 */
bool nta_gate_is_ours(const struct nta_gate_origin *origin, bool is_page, const char *const *names,
                      size_t n_names, uint16_t port, bool is_usual_port);

/**
 * True if the Host header's field (may be NULL) is one of these names or addresses, with this port;
 * a usual one is left out.
 */
bool nta_gate_is_host(const char *host, const char *const *names, size_t n_names, uint16_t port,
                      bool is_usual_port);
