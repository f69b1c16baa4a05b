/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http_origin.h"

#include "base/own.h"
#include "proto/event.h"
#include "proto/http/http_text.h"

#include <string.h>

enum
{
    AGENT_MAX = 256,   ///< Bytes of User-Agent that are looked at.
    PURPOSE_MAX = 256, ///< And of what says why it was asked for.
    NAME_LEAST = 3,
    NAME_MOST = 40, ///< No field that says where a request came from has a longer name.
};

static bool ends(struct nta_span name, const char *ending)
{
    const size_t len = strlen(ending);

    return name.len >= len && nta_span_is(nta_span_from(name, name.len - len), ending);
}

/** What browsers, and libraries of pages, call what they fetch before anybody wanted it. */
static bool is_ahead(struct nta_span word)
{
    static const char *const words[] = {"prefetch", "prerender", "preview",
                                        "instant",  "preload",   "livebookmarks"};

    for (size_t i = 0; i < NTA_N_ELEMENTS(words); i++) {
        if (nta_span_is(word, words[i]))
            return true;
    }
    return false;
}

static bool is_of_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
           c == '_';
}

/**
 * A list of structured fields (RFC 9651 section 3.1), or what came before them: any member, or
 * parameter that is not false, in quotes or inner lists or not.
 */
static bool says_ahead(struct nta_span value)
{
    struct nta_span rest = nta_span_first(value, PURPOSE_MAX);

    while (rest.len > 0) {
        size_t len = 0;

        while (len < rest.len && is_of_word(rest.ptr[len]))
            len++;
        const struct nta_span word = nta_span_first(rest, len);

        rest = nta_span_from(rest, len);
        if (len > 0 && is_ahead(word) && !nta_span_starts(rest, "=?0"))
            return true;
        if (len == 0)
            rest = nta_span_from(rest, 1);
    }
    return false;
}

/** A field of a library's own: Next-Router-Prefetch: 1, HX-Preloaded: true. */
static bool is_on(struct nta_span value)
{
    return !nta_span_is(value, "0") && !nta_span_is(value, "?0") && !nta_span_is(value, "false");
}

static void take_reason(struct nta_http_origin *origin, struct nta_span name, struct nta_span value)
{
    if (nta_span_is(name, "sec-fetch-mode")) {
        origin->says_fetch = true;
        origin->is_navigation = nta_span_is(nta_http_trim(value), "navigate");
    } else if (nta_span_is(name, "sec-fetch-dest")) {
        origin->is_framed = !nta_span_is(nta_http_trim(value), "document");
    } else if (ends(name, "purpose") || nta_span_is(name, "x-moz")) {
        origin->is_prefetch |= says_ahead(value);
    } else if (nta_span_is(name, "sec-speculation-tags")) {
        origin->is_prefetch = true; /* there with what rules fetch ahead */
    } else if (ends(name, "-prefetch") || ends(name, "-preload") || ends(name, "-preloaded")) {
        origin->is_prefetch |= is_on(nta_http_trim(value));
    }
}

/* The first that fits, since most name others for the sake of old servers. */
static void take_system(struct nta_http_origin *origin, struct nta_span value)
{
    static const struct
    {
        const char *word;
        enum nta_http_system system;
    } systems[] = {
        {"Windows", NTA_HTTP_SYSTEM_WINDOWS}, {"Android", NTA_HTTP_SYSTEM_ANDROID},
        {"iPhone", NTA_HTTP_SYSTEM_IOS},      {"iPad", NTA_HTTP_SYSTEM_IOS},
        {"CrOS", NTA_HTTP_SYSTEM_CHROMEOS},   {"Macintosh", NTA_HTTP_SYSTEM_MACOS},
        {"Linux", NTA_HTTP_SYSTEM_LINUX},
    };

    const struct nta_span agent = nta_span_first(value, AGENT_MAX);

    for (size_t i = 0; i < NTA_N_ELEMENTS(systems) && !origin->system; i++) {
        if (nta_span_find(agent, systems[i].word) < agent.len)
            origin->system = (uint8_t)systems[i].system;
    }
}

static bool has(struct nta_span name, const char *word)
{
    return nta_span_find_word(name, word) < name.len;
}

/**
 * What a proxy adds to the requests of its clients: whose they are, and how far they may go, under
 * many names.  What a client says to its proxy is none of that.
 */
static void take_forwarded(struct nta_http_origin *origin, struct nta_span name)
{
    static const char *const endings[] = {"-ip",  "clientip",  "client-address", "-addr",
                                          "-via", "-forwards", "ipaddress",      "-msisdn"};
    static const char *const names[] = {"via",       "surrogate-capability", "cdn-loop",
                                        "x-varnish", "coming-from",          "x-coming-from"};
    bool is_one = has(name, "forward");

    if (nta_span_starts(name, "proxy-auth"))
        return;
    if (nta_span_is(name, "proxy-connection"))
        origin->speaks_through = true;
    else
        is_one |= has(name, "proxy");
    for (size_t i = 0; i < NTA_N_ELEMENTS(endings) && !is_one; i++)
        is_one = ends(name, endings[i]);
    for (size_t i = 0; i < NTA_N_ELEMENTS(names) && !is_one; i++)
        is_one = nta_span_is(name, names[i]);
    origin->is_forwarded |= is_one;
}

/** By first and last letters: most fields are none of these. */
static bool may_be_forwarded(struct nta_span name)
{
    return strchr("acdfimoprstvwx", name.ptr[0] | 0x20) &&
           strchr("adhnoprstxy", name.ptr[name.len - 1] | 0x20);
}

void nta_http_origin_take(struct nta_http_origin *origin, struct nta_span name,
                          struct nta_span value)
{
    if (name.len < NAME_LEAST || name.len > NAME_MOST)
        return;
    switch (name.ptr[name.len - 1] | 0x20) {
    case 'd': /* …-preload, …-preloaded */
    case 'e': /* …-purpose, Sec-Fetch-Mode */
    case 'h': /* …-prefetch */
    case 's': /* Sec-Speculation-Tags */
    case 'z': /* X-Moz */ take_reason(origin, name, value); break;
    case 't':
        if ((name.ptr[0] | 0x20) == 's')
            take_reason(origin, name, value); /* Sec-Fetch-Dest */
        else if (nta_span_is(name, "user-agent"))
            take_system(origin, value);
        break;
    default: break;
    }
    if (may_be_forwarded(name))
        take_forwarded(origin, name);
}

uint8_t nta_http_origin_initiator(const struct nta_http_origin *origin)
{
    if (origin->is_prefetch)
        return NTA_HTTP_INITIATOR_PREFETCH;
    if (!origin->says_fetch)
        return NTA_HTTP_INITIATOR_UNSAID;
    return origin->is_navigation && !origin->is_framed ? NTA_HTTP_INITIATOR_NAVIGATION
                                                       : NTA_HTTP_INITIATOR_SUBRESOURCE;
}
