/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "store/mysql/mysql_internal.h"

#include <errmsg.h>
#include <errno.h>
#include <mysqld_error.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum
{
    TIMEOUT_DEFAULT_S = 10,
    /** After so long unused, ask whether the connection lives (wait_timeout, firewalls). */
    IDLE_CHECK_S = 30,
    HOST_SIZE = 256,
};

/** How to get to one host; empty text: not used. */
struct nta_mysql_host
{
    char name[HOST_SIZE], socket[HOST_SIZE];
    unsigned port;
};

void nta_mysql_disconnect(struct nta_mysql *mysql)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(mysql->statements); i++) {
        if (mysql->statements[i])
            (void)mysql_stmt_close(NTA_TAKE(mysql->statements[i]));
    }
    if (mysql->db)
        mysql_close(NTA_TAKE(mysql->db));
    mysql->is_lost = false;
}

/** Read "host", "host:port", "[address]:port", a bare IPv6 address, or a socket's path. */
static int parse_host(struct nta_span text, struct nta_mysql_host *ret_host, struct nta_err *err)
{
    struct nta_mysql_host host = {0};
    char buf[HOST_SIZE], shown[HOST_SIZE];
    char *name = buf, *colon, *end = NULL;
    unsigned long port = 0;

    (void)nta_text_escape_to(shown, sizeof(shown), text);
    if (text.len == 0 || text.len >= sizeof(buf))
        return nta_err_set(err, -EINVAL, "MySQL host \"%s\": empty or too long", shown);
    memcpy(buf, text.ptr, text.len);
    buf[text.len] = '\0';
    if (buf[0] == '/') {
        memcpy(host.socket, buf, text.len + 1);
        *ret_host = host;
        return 0;
    }
    colon = strrchr(buf, ':');
    if (buf[0] == '[' && (end = strchr(buf, ']'))) {
        name = buf + 1;
        *end = '\0';
        colon = end[1] == ':' ? end + 1 : NULL;
    } else if (colon && strchr(buf, ':') != colon) {
        colon = NULL;
    }
    if (colon) {
        *colon = '\0';
        port = strtoul(colon + 1, &end, 10);
        if (*end || port == 0 || port > UINT16_MAX)
            return nta_err_set(err, -EINVAL, "MySQL host \"%s\": the port is no number", shown);
    }
    memcpy(host.name, name, strlen(name) + 1);
    host.port = (unsigned)port;
    *ret_host = host;
    return 0;
}

/** Nothing of it leaves this machine: the libraries take this name alone for the socket. */
static bool is_socket(const struct nta_mysql_host *host)
{
    return host->socket[0] || (!host->port && strcmp(host->name, "localhost") == 0);
}

/** Whom the system trusts, as Debian's ca-certificates has them. */
#define SYSTEM_CAS "/etc/ssl/certs"

/** Nothing but TLS with who has a certificate for this name. */
static void set_tls(MYSQL *db, const char *ca)
{
    if (ca)
        (void)mysql_options(db, MYSQL_OPT_SSL_CA, ca);
    else
        (void)mysql_options(db, MYSQL_OPT_SSL_CAPATH, SYSTEM_CAS);
#ifdef LIBMARIADB
    my_bool yes = 1;

    (void)mysql_options(db, MYSQL_OPT_SSL_ENFORCE, &yes);
    (void)mysql_options(db, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
#else
    unsigned mode = SSL_MODE_VERIFY_IDENTITY;

    (void)mysql_options(db, MYSQL_OPT_SSL_MODE, &mode);
#endif
}

static MYSQL *make_client(const struct nta_mysql *mysql, const struct nta_mysql_host *host)
{
    MYSQL *db = mysql_init(NULL);
    unsigned no_files = 0;
    /* or the libraries would take "localhost:3307" for the socket, or try something else for it */
    unsigned protocol = is_socket(host) ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    unsigned connect_s = mysql->builds ? TIMEOUT_DEFAULT_S : mysql->timeout_s;
    unsigned long answer_max = NTA_STORE_TOKENS_MAX + NTA_STORE_BODY_MAX + (1UL << 20);

    if (!db)
        return NULL;
    (void)mysql_options(db, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    (void)mysql_options(db, MYSQL_OPT_READ_TIMEOUT, &mysql->timeout_s);
    (void)mysql_options(db, MYSQL_OPT_WRITE_TIMEOUT, &mysql->timeout_s);
    (void)mysql_options(db, MYSQL_SET_CHARSET_NAME, "binary");
    /* no answer that is asked for is longer */
    if (mysql->read_only)
        (void)mysql_options(db, MYSQL_OPT_MAX_ALLOWED_PACKET, &answer_max);
    /* a server must not be able to ask for our files */
    (void)mysql_options(db, MYSQL_OPT_LOCAL_INFILE, &no_files);
    (void)mysql_options(db, MYSQL_OPT_PROTOCOL, &protocol);
    if (!mysql->in_clear && !is_socket(host))
        set_tls(db, mysql->tls_ca);
    return db;
}

/** The sentence for a connection that was refused, with what to do. */
static int refuse_connection(struct nta_mysql *mysql, MYSQL *db, struct nta_err *err)
{
    unsigned number = mysql_errno(db);
    char user[128], database[128];

    (void)nta_text_escape_to(user, sizeof(user), nta_span_of(mysql->user));
    (void)nta_text_escape_to(database, sizeof(database), nta_span_of(mysql->database));
    if (number == CR_SSL_CONNECTION_ERROR)
        return nta_err_set(err, -ENOTCONN,
                           "MySQL at %s cannot be reached by TLS: %s; mysql.tls_ca names who signs "
                           "its certificate, mysql.tls = \"off\" does without TLS",
                           mysql->where, mysql_error(db));
    if (number == ER_BAD_DB_ERROR)
        return nta_err_set(err, -ENOENT,
                           "MySQL at %s has no database '%s': CREATE DATABASE `%s`; then GRANT "
                           "SELECT, INSERT, CREATE ON `%s`.* TO '%s'; GRANT CREATE, UPDATE ON "
                           "`%s`.chain TO '%s'",
                           mysql->where, database, database, database, user, database, user);
    mysql->is_refused |= number == ER_ACCESS_DENIED_ERROR || number == NTA_MYSQL_ACCESS_NO_PASSWORD;
    if (number == ER_ACCESS_DENIED_ERROR || number == NTA_MYSQL_ACCESS_NO_PASSWORD)
        return nta_err_set(err, -EACCES,
                           "MySQL at %s does not let user '%s' in: wrong password, or no such "
                           "user for this machine",
                           mysql->where, user);
    if (number == ER_DBACCESS_DENIED_ERROR)
        return nta_err_set(err, -EACCES,
                           "MySQL at %s: user '%s' has no rights in '%s': GRANT SELECT, INSERT, "
                           "CREATE ON `%s`.* TO '%s'; GRANT CREATE, UPDATE ON `%s`.chain TO '%s'",
                           mysql->where, user, database, database, user, database, user);
    return nta_mysql_fail(mysql, number, mysql_error(db), "be reached", err);
}

static int connect_to(struct nta_mysql *mysql, struct nta_span entry, struct nta_err *err)
{
    struct nta_mysql_host host = {0};
    MYSQL *db;
    int result = parse_host(entry, &host, err);

    if (result < 0)
        return result;
    (void)nta_text_escape_to(mysql->where, sizeof(mysql->where), entry);
    db = make_client(mysql, &host);
    if (!db)
        return nta_err_set(err, -ENOMEM, "out of memory");
    if (!mysql_real_connect(db, host.name[0] ? host.name : NULL, mysql->user, mysql->password,
                            mysql->database, host.port, host.socket[0] ? host.socket : NULL, 0)) {
        result = refuse_connection(mysql, db, err);
        mysql_close(db);
        return result;
    }
    mysql->db = db;
    mysql->is_lost = false;
    if (!mysql->in_clear && !is_socket(&host) && !mysql_get_ssl_cipher(db))
        result = nta_err_set(err, -ENOTCONN, "MySQL at %s does not offer TLS", mysql->where);
    if (result == 0)
        result = nta_mysql_check(mysql, err);
    if (result < 0)
        nta_mysql_disconnect(mysql);
    return result;
}

/**
 * Try the hosts in order; the sentence is that of the last one tried, with the others' in front.
 */
static int connect_any(struct nta_mysql *mysql, struct nta_err *err)
{
    const char *entry = mysql->hosts;
    char before[NTA_ERR_SIZE] = "";
    int result = -EINVAL;

    for (;;) {
        size_t len = strcspn(entry, ",");
        struct nta_span span = {(const uint8_t *)entry, len};
        struct nta_err one = {0};

        while (span.len > 0 && *span.ptr == ' ')
            span = (struct nta_span){span.ptr + 1, span.len - 1};
        while (span.len > 0 && span.ptr[span.len - 1] == ' ')
            span.len--;
        result = connect_to(mysql, span, &one);
        if (result == 0)
            return 0;
        (void)nta_err_set(err, result, "%s%s%s", before, before[0] ? "; " : "", one.text);
        if (entry[len] == '\0')
            return result;
        if (err)
            (void)snprintf(before, sizeof(before), "%s", err->text);
        entry += len + 1;
    }
}

/** True: it is another one than before, and was taken.  It may have been changed at the server. */
static bool read_password_again(struct nta_mysql *mysql)
{
    char now[NTA_MYSQL_PASSWORD_SIZE] = "";
    bool is_other = mysql->is_refused && mysql->password_now &&
                    mysql->password_now(mysql->password_owner, now, sizeof(now)) == 0 &&
                    strcmp(now, mysql->password) != 0;
    char *copy = is_other ? strdup(now) : NULL;

    explicit_bzero(now, sizeof(now));
    if (!copy)
        return false;
    explicit_bzero(mysql->password, strlen(mysql->password));
    free(mysql->password);
    mysql->password = copy;
    return true;
}

static int connect_now(struct nta_mysql *mysql, struct nta_err *err)
{
    mysql->is_refused = false;
    int result = connect_any(mysql, err);

    return result < 0 && read_password_again(mysql) ? connect_any(mysql, err) : result;
}

int nta_mysql_ready(struct nta_mysql *mysql, struct nta_err *err)
{
    int64_t now_ns = nta_clock_mono_ns();
    int result = 0;

    if (mysql->db && !mysql->is_lost && now_ns - mysql->used_ns > IDLE_CHECK_S * NTA_NS_PER_S)
        mysql->is_lost = mysql_ping(mysql->db) != 0;
    if (mysql->db && mysql->is_lost)
        nta_mysql_disconnect(mysql);
    if (!mysql->db)
        result = connect_now(mysql, err);
    if (result == 0)
        mysql->used_ns = now_ns;
    return result;
}

void nta_mysql_free(struct nta_mysql **mysql)
{
    struct nta_mysql *dead = NTA_TAKE(*mysql);

    if (!dead)
        return;
    nta_mysql_disconnect(dead);
    if (dead->password)
        explicit_bzero(dead->password, strlen(dead->password));
    free(dead->password);
    free(dead->hosts);
    free(dead->user);
    free(dead->database);
    free(dead->tls_ca);
    free(dead);
}

static void start_library(void)
{
    (void)mysql_library_init(0, NULL, NULL);
}

void nta_store_thread_done(void)
{
    mysql_thread_end();
}

int nta_mysql_open(const struct nta_mysql_options *options,
                   const struct nta_mysql_form *const *forms, struct nta_store **ret_store,
                   struct nta_err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    NTA_AUTO(nta_mysql_free) struct nta_mysql *mysql = calloc(1, sizeof(*mysql));
    int result;

    if (!mysql)
        return nta_err_set(err, -ENOMEM, "out of memory");
    (void)pthread_once(&once, start_library);
    mysql->forms = forms;
    mysql->timeout_s = options->timeout_s ? options->timeout_s : TIMEOUT_DEFAULT_S;
    mysql->read_only = options->read_only;
    mysql->builds = options->builds;
    mysql->in_clear = options->in_clear;
    mysql->password_now = options->password_now;
    mysql->password_owner = options->password_owner;
    mysql->hosts = strdup(options->hosts ? options->hosts : "localhost");
    mysql->user = strdup(options->user ? options->user : "nta");
    mysql->password = strdup(options->password ? options->password : "");
    mysql->database = strdup(options->database ? options->database : "nta");
    mysql->tls_ca = options->tls_ca ? strdup(options->tls_ca) : NULL;
    if (mysql->hosts && mysql->user && mysql->password && mysql->database &&
        (mysql->tls_ca || !options->tls_ca))
        result = nta_mysql_ready(mysql, err);
    else
        result = nta_err_set(err, -ENOMEM, "out of memory");
    if (result < 0)
        return result; /* NOLINT(clang-analyzer-unix.Malloc): its destructor frees it */
    *ret_store = &mysql->store;
    mysql = NULL;
    return 0;
}

int nta_mysql_open_twin(const struct nta_mysql *mysql, struct nta_store **ret_twin,
                        struct nta_err *err)
{
    /* what is sent waits for who reads it; each server knows one of these */
    static const char *const patience[] = {
        "SET SESSION net_write_timeout = 86400",
        "SET SESSION max_statement_time = 0",
        "SET SESSION max_execution_time = 0",
    };
    const struct nta_mysql_options options = {
        .hosts = mysql->hosts,
        .user = mysql->user,
        .password = mysql->password,
        .database = mysql->database,
        .tls_ca = mysql->tls_ca,
        .in_clear = mysql->in_clear,
        .password_now = mysql->password_now,
        .password_owner = mysql->password_owner,
        .timeout_s = mysql->timeout_s,
        .read_only = true,
    };
    int result = nta_mysql_open(&options, mysql->forms, ret_twin, err);

    for (size_t i = 0; result == 0 && i < NTA_N_ELEMENTS(patience); i++)
        (void)nta_mysql_query(nta_mysql_of(*ret_twin), patience[i], "be set up", NULL, 0, NULL);
    return result;
}
