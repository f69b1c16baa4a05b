/* SPDX-License-Identifier: Apache-2.0 */
#include "console/roster.h"

#include "base/file/plainfile.h"
#include "base/own.h"
#include "console/equal.h"

#include <crypt.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum
{
    LINE_SIZE = 512,
    FILE_MAX_BYTES = 65536,
};

struct user
{
    char name[NTA_CONSOLE_LOGIN_SIZE];
    char *hash; ///< "*": no password is right.
    enum nta_console_role role;
};

struct nta_roster
{
    struct user users[NTA_ROSTER_MAX];
    size_t n;
    pthread_mutex_t lock;
    struct crypt_data crypt; ///< Space to compute in; guarded.
};

const char *nta_console_role_name(enum nta_console_role role)
{
    static const char *const names[] = {
#define NTA_CONSOLE_ROLE_NAME(symbol, name) [NTA_CONSOLE_##symbol] = (name),
        NTA_CONSOLE_ROLES(NTA_CONSOLE_ROLE_NAME)
#undef NTA_CONSOLE_ROLE_NAME
    };

    return names[role];
}

void nta_roster_free(struct nta_roster **users)
{
    struct nta_roster *u = *users;

    if (!u)
        return;
    for (size_t i = 0; i < u->n; i++)
        free(u->users[i].hash);
    (void)pthread_mutex_destroy(&u->lock);
    explicit_bzero(u, sizeof(*u));
    free(u);
    *users = NULL;
}

/* ---- the file ---- */

static bool take_role(const char *text, enum nta_console_role *ret_role)
{
    for (unsigned i = 0; i < NTA_CONSOLE_N_ROLES; i++) {
        if (strcmp(nta_console_role_name((enum nta_console_role)i), text) != 0)
            continue;
        *ret_role = (enum nta_console_role)i;
        return true;
    }
    return false;
}

static bool is_hash(const char *hash)
{
    const int strength = crypt_checksalt(hash);

    return strcmp(hash, "*") == 0 ||
           (hash[0] == '$' && (strength == CRYPT_SALT_OK || strength == CRYPT_SALT_TOO_CHEAP));
}

/** One "name:hash:role", cut at its colons. */
static int check_line(const struct nta_roster *users, const char *name, const char *hash,
                      const char *role, enum nta_console_role *ret_role, struct nta_err *err)
{
    struct nta_console_who twice;

    if (!take_role(role, ret_role))
        return nta_err_set(err, -EINVAL, "a role is viewer, admin or auditor");
    if (!is_hash(hash))
        return nta_err_set(err, -EINVAL,
                           "not a hash of a password that is safe to use: make one with mkpasswd "
                           "or htpasswd -B, or say * where a proxy asks for it");
    if (strlen(name) >= NTA_CONSOLE_LOGIN_SIZE)
        return nta_err_set(err, -EINVAL, "a name has less than %d bytes", NTA_CONSOLE_LOGIN_SIZE);
    if (nta_roster_find(users, name, &twice))
        return nta_err_set(err, -EINVAL, "that name is there already");
    if (users->n == NTA_ROSTER_MAX)
        return nta_err_set(err, -E2BIG, "more than %d names", NTA_ROSTER_MAX);
    return 0;
}

static int take_line(struct nta_roster *users, char *line, struct nta_err *err)
{
    line[strcspn(line, "\r\n")] = '\0';
    char *hash = strchr(line, ':'), *role = hash ? strchr(hash + 1, ':') : NULL;
    struct user *user = &users->users[users->n];
    enum nta_console_role found = NTA_CONSOLE_VIEWER;

    if (line[0] == '\0' || line[0] == '#')
        return 0;
    if (!role || hash == line)
        return nta_err_set(err, -EINVAL, "not name:hash:role");
    *hash++ = '\0';
    *role++ = '\0';
    const int r = check_line(users, line, hash, role, &found, err);

    if (r < 0)
        return r;
    (void)snprintf(user->name, sizeof(user->name), "%.*s", NTA_CONSOLE_LOGIN_SIZE - 1, line);
    user->role = found;
    user->hash = strdup(hash);
    users->n += user->hash != NULL;
    return user->hash ? 0 : nta_err_sys(err, -ENOMEM, "users");
}

static int read_lines(struct nta_roster *users, FILE *file, const char *path, struct nta_err *err)
{
    char line[LINE_SIZE];
    int r = 0;

    for (unsigned number = 1; r == 0 && fgets(line, sizeof(line), file); number++) {
        r = strchr(line, '\n') || feof(file) ? take_line(users, line, err)
                                             : nta_err_set(err, -EINVAL, "too long a line");
        if (r < 0)
            r = nta_err_prefix(err, r, "%.300s:%u", path, number);
    }
    explicit_bzero(line, sizeof(line));
    if (r == 0 && users->n == 0)
        r = nta_err_set(err, -EINVAL, "%.300s: nobody is in it: name:hash:role, one a line", path);
    return r;
}

int nta_roster_load(const char *path, struct nta_roster **ret_users, struct nta_err *err)
{
    NTA_AUTO(nta_roster_free) struct nta_roster *users = calloc(1, sizeof(*users));
    int r = 0;

    if (!users)
        return nta_err_sys(err, -ENOMEM, "users");
    (void)pthread_mutex_init(&users->lock, NULL);
    NTA_AUTO_FILE FILE *file =
        nta_plainfile_stream(path, FILE_MAX_BYTES, NTA_PLAIN_SECRET, &r, err);

    if (!file)
        return r;
    r = read_lines(users, file, path, err);
    if (r == 0)
        *ret_users = NTA_TAKE(users);
    return r;
}

/* ---- who it is ---- */

static const struct user *find(const struct nta_roster *users, const char *name)
{
    for (size_t i = 0; i < users->n; i++)
        if (strcmp(users->users[i].name, name) == 0)
            return &users->users[i];
    return NULL;
}

static void show(const struct user *user, struct nta_console_who *ret_who)
{
    *ret_who = (struct nta_console_who){.role = user->role};
    (void)snprintf(ret_who->login, sizeof(ret_who->login), "%s", user->name);
}

bool nta_roster_find(const struct nta_roster *users, const char *name,
                     struct nta_console_who *ret_who)
{
    const struct user *user = find(users, name);

    if (user)
        show(user, ret_who);
    return user != NULL;
}

/** Of somebody: whose hash is computed where nobody has the name, so that it takes as long. */
static const struct user *stand_in(const struct nta_roster *users)
{
    for (size_t i = 0; i < users->n; i++)
        if (users->users[i].hash[0] == '$')
            return &users->users[i];
    return &users->users[0];
}

bool nta_roster_check(struct nta_roster *users, const char *name, const char *password,
                      struct nta_console_who *ret_who)
{
    const struct user *found = find(users, name);
    const struct user *user = found && found->hash[0] == '$' ? found : stand_in(users);
    const size_t len = strlen(user->hash);

    (void)pthread_mutex_lock(&users->lock);
    const char *hash = crypt_r(password, user->hash, &users->crypt);
    const bool same =
        hash && hash[0] != '*' && strlen(hash) == len && nta_console_equal(hash, user->hash, len);

    explicit_bzero(&users->crypt, sizeof(users->crypt));
    (void)pthread_mutex_unlock(&users->lock);
    if (!same || user != found)
        return false;
    show(found, ret_who);
    return true;
}

/* ---- what a browser sends ---- */

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

const char *nta_roster_split(const char *authorization, char buf[NTA_ROSTER_BASIC_MAX])
{
    if (!authorization || strncasecmp(authorization, "Basic ", 6) != 0)
        return NULL;
    authorization += 6 + strspn(authorization + 6, " ");
    if (decode_base64(authorization, buf, NTA_ROSTER_BASIC_MAX) == 0)
        return NULL;
    char *colon = strchr(buf, ':');

    if (colon)
        *colon = '\0';
    return colon ? colon + 1 : NULL;
}
