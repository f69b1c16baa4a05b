/* SPDX-License-Identifier: Apache-2.0 */
#include "console/gate.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "console/equal.h"
#include "console/roster.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum
{
    WORD_LEN = NTA_GATE_WORD_SIZE - 1,
    LINKS = 4,
    SESSIONS = 64,
    BROWSERS = 64,
    EACH = 8,     ///< Of these, of one login.
    COOKIES = 16, ///< Of one name in a request, looked at.
    ADDRESSES = 1024,
    FAILURES = 5,      ///< In a minute, without waiting.
    NETWORK_BITS = 64, ///< Of IPv6: whoever has one such address has all of them.
};

#define WINDOW_NS   (60 * NTA_NS_PER_S)
#define TURN_NS     (2 * NTA_NS_PER_S)
#define PATIENCE_NS (8 * NTA_NS_PER_S)
#define SESSION_NS  (INT64_C(43200) * NTA_NS_PER_S) /* twelve hours */

/** A word that somebody shows. */
struct word
{
    char text[NTA_GATE_WORD_SIZE]; ///< "": free.
    char login[NTA_CONSOLE_LOGIN_SIZE];
    int64_t seen_ns;
};

struct session
{
    struct word word;
    struct nta_console_who who;
};

/** Wrong passwords since `since_ns`, at most a minute, and when the next turn is. */
struct failures
{
    int64_t since_ns, turn_ns;
    unsigned n;
};

struct address
{
    struct nta_addr addr;
    struct failures failures;
};

/** One that somebody logged in by: strangers' mistakes are not its own. */
struct browser
{
    struct word word;
    struct failures failures;
};

struct nta_gate
{
    pthread_mutex_t lock;
    char links[LINKS][NTA_GATE_WORD_SIZE];
    size_t next_link;
    struct session sessions[SESSIONS];
    uint64_t n_sessions; ///< Since the start.
    struct address addresses[ADDRESSES];
    struct browser browsers[BROWSERS];
    struct nta_roster *users; ///< Owned; NULL: none.
};

void nta_gate_free(struct nta_gate **gate)
{
    struct nta_gate *g = *gate;

    if (!g)
        return;
    nta_roster_free(&g->users);
    (void)pthread_mutex_destroy(&g->lock);
    explicit_bzero(g, sizeof(*g));
    free(g);
    *gate = NULL;
}

int nta_gate_new(struct nta_gate **ret_gate, struct nta_err *err)
{
    struct nta_gate *gate = calloc(1, sizeof(*gate));

    if (!gate)
        return nta_err_sys(err, -ENOMEM, "console");
    (void)pthread_mutex_init(&gate->lock, NULL);
    *ret_gate = gate;
    return 0;
}

static int make_word(char ret_word[NTA_GATE_WORD_SIZE])
{
    uint8_t bytes[WORD_LEN / 2];

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return -EIO;
    (void)nta_hex_text(bytes, sizeof(bytes), ret_word);
    return 0;
}

/* ---- links and sessions ---- */

int nta_gate_make_link(struct nta_gate *gate, char ret_word[NTA_GATE_WORD_SIZE])
{
    int r = make_word(ret_word);

    if (r < 0)
        return r;
    (void)pthread_mutex_lock(&gate->lock);
    memcpy(gate->links[gate->next_link++ % LINKS], ret_word, NTA_GATE_WORD_SIZE);
    (void)pthread_mutex_unlock(&gate->lock);
    return 0;
}

int nta_gate_make_path(char ret_path[NTA_GATE_PATH_SIZE])
{
    uint8_t bytes[(NTA_GATE_PATH_SIZE - 1) / 2];

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return -EIO;
    (void)nta_hex_text(bytes, sizeof(bytes), ret_path);
    return 0;
}

bool nta_gate_has_link(struct nta_gate *gate, struct nta_span word)
{
    bool has = false;

    if (word.len != WORD_LEN)
        return false;
    (void)pthread_mutex_lock(&gate->lock);
    for (size_t i = 0; i < LINKS; i++)
        has = has || (gate->links[i][0] &&
                      nta_console_equal(gate->links[i], (const char *)word.ptr, WORD_LEN));
    (void)pthread_mutex_unlock(&gate->lock);
    return has;
}

static bool is_word(const struct word *word, struct nta_span text)
{
    return word->text[0] && text.len == WORD_LEN &&
           nta_console_equal(word->text, (const char *)text.ptr, WORD_LEN);
}

/** A place for one more in a table of `n` words, each at the begin of `size` bytes. */
struct search_place
{
    struct word *free, *oldest, *own; ///< Of all, and of this login.
    size_t n_own;
};

static bool is_older(const struct word *a, const struct word *b)
{
    return !b || a->seen_ns < b->seen_ns;
}

/**
 * A free one, or that of the login itself which was used least lately, if it has many, or of all:
 * nobody pushes others out.
 */
static struct word *find_place(void *table, size_t n, size_t size, const char *login)
{
    struct search_place place = {.n_own = 0};

    for (size_t i = 0; i < n; i++) {
        struct word *word = (struct word *)(void *)((char *)table + i * size);
        const bool is_own = word->text[0] && strcmp(word->login, login) == 0;

        if (!word->text[0])
            place.free = word;
        else if (is_older(word, place.oldest))
            place.oldest = word;
        if (is_own && is_older(word, place.own))
            place.own = word;
        place.n_own += is_own;
    }
    if (place.n_own >= EACH)
        return place.own;
    return place.free ? place.free : place.oldest;
}

/** False: no random numbers. */
static bool set_word(struct word *word, const char *login, int64_t mono_ns)
{
    *word = (struct word){.seen_ns = mono_ns};
    (void)snprintf(word->login, sizeof(word->login), "%s", login);
    if (make_word(word->text) == 0)
        return true;
    word->text[0] = '\0';
    return false;
}

/** With the lock. */
static bool open_session(struct nta_gate *gate, const struct nta_console_who *who, int64_t mono_ns,
                         char ret_cookie[NTA_GATE_WORD_SIZE])
{
    static_assert(offsetof(struct session, word) == 0, "find_place() takes one for the other");
    struct session *session =
        (struct session *)find_place(gate->sessions, SESSIONS, sizeof(*session), who->login);

    if (!set_word(&session->word, who->login, mono_ns))
        return false;
    session->who = *who;
    session->who.session = ++gate->n_sessions;
    memcpy(ret_cookie, session->word.text, NTA_GATE_WORD_SIZE);
    return true;
}

bool nta_gate_use_link(struct nta_gate *gate, struct nta_span word, int64_t mono_ns,
                       char ret_cookie[NTA_GATE_WORD_SIZE])
{
    /* whoever started the console holds the key */
    static const struct nta_console_who all = {.role = NTA_CONSOLE_AUDITOR};
    bool fits = false;

    if (word.len != WORD_LEN)
        return false;
    (void)pthread_mutex_lock(&gate->lock);
    for (size_t i = 0; i < LINKS; i++) {
        if (!gate->links[i][0] ||
            !nta_console_equal(gate->links[i], (const char *)word.ptr, WORD_LEN))
            continue;
        fits = open_session(gate, &all, mono_ns, ret_cookie);
        gate->links[i][0] = '\0';
    }
    (void)pthread_mutex_unlock(&gate->lock);
    return fits;
}

/**
 * The value of the next cookie of this name in "a=b; c=d", and `at` behind it; empty if there is
 * none.
 */
static struct nta_span find_cookie(const char **at, const char *name)
{
    size_t name_len = strlen(name);

    while (*at && **at) {
        const char *start = *at + strspn(*at, " ;");
        size_t len = strcspn(start, ";");

        *at = start + len;
        if (len > name_len && start[name_len] == '=' && strncmp(start, name, name_len) == 0)
            return (struct nta_span){(const uint8_t *)start + name_len + 1, len - name_len - 1};
    }
    return (struct nta_span){0};
}

static bool is_session(struct nta_gate *gate, struct nta_span word, int64_t mono_ns,
                       struct nta_console_who *ret_who)
{
    bool known = false;

    (void)pthread_mutex_lock(&gate->lock);
    for (size_t i = 0; i < SESSIONS; i++) {
        struct session *session = &gate->sessions[i];

        if (!is_word(&session->word, word) || mono_ns - session->word.seen_ns >= SESSION_NS)
            continue;
        known = true;
        session->word.seen_ns = mono_ns;
        *ret_who = session->who;
    }
    (void)pthread_mutex_unlock(&gate->lock);
    return known;
}

/*
 * another service of this host may have set a cookie of the same name, which then stands beside
 * ours
 */
bool nta_gate_knows(struct nta_gate *gate, const char *cookies, const char *name, int64_t mono_ns,
                    struct nta_console_who *ret_who)
{
    for (int i = 0; i < COOKIES; i++) {
        struct nta_span word = find_cookie(&cookies, name);

        if (!word.ptr) /* there is no other; an empty one is one */
            return false;
        if (is_session(gate, word, mono_ns, ret_who))
            return true;
    }
    return false;
}

/* ---- passwords ---- */

int nta_gate_load(struct nta_gate *gate, const char *path, struct nta_err *err)
{
    return nta_roster_load(path, &gate->users, err);
}

bool nta_gate_is_user(const struct nta_gate *gate, const char *name,
                      struct nta_console_who *ret_who)
{
    return gate->users && nta_roster_find(gate->users, name, ret_who);
}

static bool is_old(const struct failures *failures, int64_t mono_ns)
{
    return failures->n == 0 || mono_ns - failures->since_ns >= WINDOW_NS;
}

/**
 * With the lock: those of an address, of IPv6 of its network.  A new one takes the place of the
 * one whose minute began first.
 */
static struct failures *of_address(struct nta_gate *gate, const struct nta_addr *from)
{
    struct address *oldest = &gate->addresses[0];
    struct nta_addr addr = *from;

    if (!nta_addr_is_v4(&addr))
        memset(addr.bytes + NETWORK_BITS / 8, 0, NTA_ADDR_LEN - NETWORK_BITS / 8);
    for (size_t i = 0; i < ADDRESSES; i++) {
        struct address *slot = &gate->addresses[i];

        if (slot->failures.n && nta_addr_equal(&slot->addr, &addr))
            return &slot->failures;
        if (oldest->failures.n &&
            (!slot->failures.n || slot->failures.since_ns < oldest->failures.since_ns))
            oldest = slot;
    }
    *oldest = (struct address){.addr = addr};
    return &oldest->failures;
}

/** With the lock: the browser that this name logged in by; NULL: it is none. */
static struct browser *find_browser(struct nta_gate *gate, const struct nta_gate_from *from,
                                    const char *login)
{
    const char *cookies = from->cookies;

    for (int i = 0; i < COOKIES; i++) {
        const struct nta_span word = find_cookie(&cookies, from->cookie_name);

        if (!word.ptr)
            return NULL;
        for (size_t k = 0; k < BROWSERS; k++) {
            struct browser *browser = &gate->browsers[k];

            if (is_word(&browser->word, word) && strcmp(browser->word.login, login) == 0)
                return browser;
        }
    }
    return NULL;
}

/** With the lock: whose mistakes are counted. */
static struct failures *failures_of(struct nta_gate *gate, const struct nta_gate_from *from,
                                    const char *login)
{
    struct browser *browser = find_browser(gate, from, login);

    return browser ? &browser->failures : of_address(gate, &from->addr);
}

/** With the lock: it is known from now on. */
static void remember(struct nta_gate *gate, const struct nta_gate_from *from, const char *login,
                     int64_t mono_ns, char ret_browser[NTA_GATE_WORD_SIZE])
{
    static_assert(offsetof(struct browser, word) == 0, "find_place() takes one for the other");
    struct browser *browser = find_browser(gate, from, login);

    if (!browser)
        browser = (struct browser *)find_place(gate->browsers, BROWSERS, sizeof(*browser), login);
    browser->failures = (struct failures){.n = 0};
    (void)set_word(&browser->word, login, mono_ns);
    memcpy(ret_browser, browser->word.text, NTA_GATE_WORD_SIZE);
}

bool nta_gate_queue(struct nta_gate *gate, const struct nta_gate_from *from, int64_t mono_ns,
                    int64_t *ret_wait_ns)
{
    char buf[NTA_ROSTER_BASIC_MAX];
    bool may = true;

    *ret_wait_ns = 0;
    if (!gate->users || !nta_roster_split(from->authorization, buf))
        return true; /* nothing will be compared */
    (void)pthread_mutex_lock(&gate->lock);
    struct failures *failures = failures_of(gate, from, buf);

    if (!is_old(failures, mono_ns) && failures->n >= FAILURES) {
        const int64_t turn_ns = failures->turn_ns > mono_ns ? failures->turn_ns : mono_ns;

        *ret_wait_ns = turn_ns - mono_ns;
        may = *ret_wait_ns <= PATIENCE_NS;
        if (may)
            failures->turn_ns = turn_ns + TURN_NS;
    }
    (void)pthread_mutex_unlock(&gate->lock);
    explicit_bzero(buf, sizeof(buf));
    return may;
}

static void count_failure(struct failures *failures, int64_t mono_ns)
{
    if (is_old(failures, mono_ns))
        *failures = (struct failures){.since_ns = mono_ns, .turn_ns = failures->turn_ns};
    failures->n++;
}

bool nta_gate_password(struct nta_gate *gate, const struct nta_gate_from *from, int64_t mono_ns,
                       struct nta_gate_words *ret_words)
{
    char buf[NTA_ROSTER_BASIC_MAX];
    const char *password = gate->users ? nta_roster_split(from->authorization, buf) : NULL;
    struct nta_console_who who;

    if (!password)
        return false;
    (void)pthread_mutex_lock(&gate->lock);
    count_failure(failures_of(gate, from, buf), mono_ns); /* until it is none */
    (void)pthread_mutex_unlock(&gate->lock);
    bool is_open = nta_roster_check(gate->users, buf, password, &who);

    (void)pthread_mutex_lock(&gate->lock);
    if (is_open) {
        struct failures *failures = failures_of(gate, from, buf);

        failures->n -= failures->n > 0;
        is_open = open_session(gate, &who, mono_ns, ret_words->session);
    }
    if (is_open)
        remember(gate, from, who.login, mono_ns, ret_words->browser);
    (void)pthread_mutex_unlock(&gate->lock);
    explicit_bzero(buf, sizeof(buf));
    return is_open;
}
