/* SPDX-License-Identifier: Apache-2.0 */
#include "console/gate.h"

#include "base/file/plainfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"

#include <crypt.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

enum
{
    WORD_LEN = NTA_GATE_WORD_SIZE - 1,
    LINKS = 4,
    SESSIONS = 16,
    COOKIES = 16, ///< Of one name in a request, looked at.
    ADDRESSES = 64,
    FAILURES_EACH = 5, ///< Of one address in a minute.
    FAILURES_ALL = 30, ///< And in all.
    LINE_SIZE = 512,
    BASIC_MAX = 512,
    FILE_MAX_BYTES = 65536,
};

#define WINDOW_NS  (60 * NTA_NS_PER_S)
#define SESSION_NS (INT64_C(43200) * NTA_NS_PER_S) /* twelve hours */

struct user
{
    char *name, *hash;
};

struct session
{
    char word[NTA_GATE_WORD_SIZE]; ///< "": free.
    int64_t seen_ns;
};

/** Failures since `since_ns`, at most a minute. */
struct failures
{
    struct nta_addr addr;
    int64_t since_ns;
    unsigned n;
};

struct nta_gate
{
    pthread_mutex_t lock;
    char links[LINKS][NTA_GATE_WORD_SIZE];
    size_t next_link;
    struct session sessions[SESSIONS];
    struct failures failures[ADDRESSES], all;
    struct user users[NTA_GATE_USERS];
    size_t n_users;
    struct crypt_data crypt; ///< Space to compute in.
};

void nta_gate_free(struct nta_gate **gate)
{
    struct nta_gate *g = *gate;

    if (!g)
        return;
    for (size_t i = 0; i < g->n_users; i++) {
        free(g->users[i].name);
        free(g->users[i].hash);
    }
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

/** How long it takes does not depend on where they differ. */
static bool equal(const char *a, const char *b, size_t len)
{
    unsigned char different = 0;

    for (size_t i = 0; i < len; i++)
        different |= (unsigned char)((unsigned char)a[i] ^ (unsigned char)b[i]);
    return different == 0;
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
        has = has || (gate->links[i][0] && equal(gate->links[i], (const char *)word.ptr, WORD_LEN));
    (void)pthread_mutex_unlock(&gate->lock);
    return has;
}

static bool open_session(struct nta_gate *gate, int64_t mono_ns,
                         char ret_cookie[NTA_GATE_WORD_SIZE])
{
    struct session *oldest = &gate->sessions[0];

    for (size_t i = 1; i < SESSIONS && oldest->word[0]; i++) {
        struct session *session = &gate->sessions[i];

        if (!session->word[0] || session->seen_ns < oldest->seen_ns)
            oldest = session;
    }
    if (make_word(oldest->word) < 0) {
        oldest->word[0] = '\0';
        return false;
    }
    oldest->seen_ns = mono_ns;
    memcpy(ret_cookie, oldest->word, NTA_GATE_WORD_SIZE);
    return true;
}

bool nta_gate_use_link(struct nta_gate *gate, struct nta_span word, int64_t mono_ns,
                       char ret_cookie[NTA_GATE_WORD_SIZE])
{
    bool fits = false;

    if (word.len != WORD_LEN)
        return false;
    (void)pthread_mutex_lock(&gate->lock);
    for (size_t i = 0; i < LINKS; i++) {
        if (!gate->links[i][0] || !equal(gate->links[i], (const char *)word.ptr, WORD_LEN))
            continue;
        fits = open_session(gate, mono_ns, ret_cookie);
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

static bool is_session(struct nta_gate *gate, struct nta_span word, int64_t mono_ns)
{
    bool known = false;

    if (word.len != WORD_LEN)
        return false;
    (void)pthread_mutex_lock(&gate->lock);
    for (size_t i = 0; i < SESSIONS; i++) {
        struct session *session = &gate->sessions[i];

        if (!session->word[0] || !equal(session->word, (const char *)word.ptr, WORD_LEN))
            continue;
        known = mono_ns - session->seen_ns < SESSION_NS;
        session->seen_ns = known ? mono_ns : session->seen_ns;
    }
    (void)pthread_mutex_unlock(&gate->lock);
    return known;
}

/*
 * another service of this host may have set a cookie of the same name, which then stands beside
 * ours
 */
bool nta_gate_knows(struct nta_gate *gate, const char *cookies, const char *name, int64_t mono_ns)
{
    for (int i = 0; i < COOKIES; i++) {
        struct nta_span word = find_cookie(&cookies, name);

        if (!word.ptr) /* there is no other; an empty one is one */
            return false;
        if (is_session(gate, word, mono_ns))
            return true;
    }
    return false;
}

/* ---- passwords ---- */

static bool is_over(const struct failures *failures, unsigned most, int64_t mono_ns)
{
    return mono_ns - failures->since_ns < WINDOW_NS && failures->n >= most;
}

static void count_failure(struct failures *failures, int64_t mono_ns)
{
    if (mono_ns - failures->since_ns >= WINDOW_NS || failures->n == 0) {
        failures->since_ns = mono_ns;
        failures->n = 0;
    }
    failures->n++;
}

/** The slot of an address; a new one takes the place of the one whose minute began first. */
static struct failures *failures_of(struct nta_gate *gate, const struct nta_addr *from)
{
    struct failures *oldest = &gate->failures[0];

    for (size_t i = 0; i < ADDRESSES; i++) {
        struct failures *slot = &gate->failures[i];

        if (slot->n && nta_addr_equal(&slot->addr, from))
            return slot;
        if (oldest->n && (!slot->n || slot->since_ns < oldest->since_ns))
            oldest = slot;
    }
    *oldest = (struct failures){.addr = *from};
    return oldest;
}

/** RFC 4648 section 4.  The length, or 0: it is none, or too long. */
static size_t decode_base64(const char *text, char *buf, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    size_t n = 0, len = 0;

    for (; *text && *text != '=' && *text != ' '; text++) {
        const char *digit = strchr(digits, *text);

        if (!digit)
            return 0;
        bits = bits << 6 | (uint32_t)(digit - digits);
        if (++n % 4 == 1)
            continue;
        if (len + 1 >= size)
            return 0;
        buf[len++] = (char)(bits >> (6 - 2 * ((n + 3) % 4)));
    }
    buf[len] = '\0';
    return strlen(buf) == len ? len : 0;
}

/** Name and password in `buf`; NULL: it is not of that kind. */
static char *split_basic(const char *authorization, char buf[BASIC_MAX])
{
    if (!authorization || strncasecmp(authorization, "Basic ", 6) != 0)
        return NULL;
    authorization += 6 + strspn(authorization + 6, " ");
    if (decode_base64(authorization, buf, BASIC_MAX) == 0)
        return NULL;
    char *colon = strchr(buf, ':');

    if (colon)
        *colon = '\0';
    return colon ? colon + 1 : NULL;
}

/** As long for a name that nobody has. */
static bool fits(struct nta_gate *gate, const char *name, const char *password)
{
    const struct user *user = &gate->users[0];
    bool found = false;

    for (size_t i = 0; i < gate->n_users; i++) {
        if (strcmp(gate->users[i].name, name) != 0)
            continue;
        user = &gate->users[i];
        found = true;
    }
    const char *hash = crypt_r(password, user->hash, &gate->crypt);
    size_t len = strlen(user->hash);
    bool same = hash && hash[0] != '*' && strlen(hash) == len && equal(hash, user->hash, len);

    explicit_bzero(&gate->crypt, sizeof(gate->crypt));
    return same && found;
}

enum nta_gate_verdict nta_gate_password(struct nta_gate *gate, const char *authorization,
                                        const struct nta_addr *from, int64_t mono_ns,
                                        char ret_cookie[NTA_GATE_WORD_SIZE])
{
    char buf[BASIC_MAX];
    const char *password = split_basic(authorization, buf);
    enum nta_gate_verdict verdict = NTA_GATE_CLOSED;

    if (!password || gate->n_users == 0)
        return NTA_GATE_CLOSED;
    (void)pthread_mutex_lock(&gate->lock);
    struct failures *failures = failures_of(gate, from);

    if (is_over(failures, FAILURES_EACH, mono_ns) || is_over(&gate->all, FAILURES_ALL, mono_ns))
        verdict = NTA_GATE_TOO_MANY;
    else if (fits(gate, buf, password) && open_session(gate, mono_ns, ret_cookie))
        verdict = NTA_GATE_OPEN;
    if (verdict == NTA_GATE_CLOSED) {
        count_failure(failures, mono_ns);
        count_failure(&gate->all, mono_ns);
    }
    (void)pthread_mutex_unlock(&gate->lock);
    explicit_bzero(buf, sizeof(buf));
    return verdict;
}

static int take_line(struct nta_gate *gate, const char *path, unsigned number, char *line,
                     struct nta_err *err)
{
    line[strcspn(line, "\r\n")] = '\0';
    char *colon = strchr(line, ':');

    if (line[0] == '\0' || line[0] == '#')
        return 0;
    if (!colon || colon == line)
        return nta_err_set(err, -EINVAL, "%s:%u: not name:hash", path, number);
    *colon = '\0';
    int strength = crypt_checksalt(colon + 1);

    if (colon[1] != '$' || (strength != CRYPT_SALT_OK && strength != CRYPT_SALT_TOO_CHEAP))
        return nta_err_set(err, -EINVAL,
                           "%s:%u: not a hash of a password that is safe to use: make one with "
                           "mkpasswd or htpasswd -B",
                           path, number);
    if (gate->n_users == NTA_GATE_USERS)
        return nta_err_set(err, -E2BIG, "%s:%u: more than %d names", path, number, NTA_GATE_USERS);
    struct user *user = &gate->users[gate->n_users];

    user->name = strdup(line);
    user->hash = strdup(colon + 1);
    gate->n_users++;
    return user->name && user->hash ? 0 : nta_err_sys(err, -ENOMEM, "%s", path);
}

int nta_gate_load(struct nta_gate *gate, const char *path, struct nta_err *err)
{
    char line[LINE_SIZE];
    unsigned number = 0;
    int opened;
    NTA_AUTO_FILE FILE *file =
        nta_plainfile_stream(path, FILE_MAX_BYTES, NTA_PLAIN_SECRET, &opened, err);

    if (!file)
        return opened;
    while (fgets(line, sizeof(line), file)) {
        int r = strchr(line, '\n') || feof(file)
                    ? take_line(gate, path, ++number, line, err)
                    : nta_err_set(err, -EINVAL, "%.300s:%u: too long a line", path, number + 1);

        if (r < 0)
            return r;
    }
    if (gate->n_users == 0)
        return nta_err_set(err, -EINVAL, "%.300s: nobody is in it: name:hash, one a line", path);
    return 0;
}
