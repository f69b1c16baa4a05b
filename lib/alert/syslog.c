/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/syslog.h"

#include "alert/alert.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"

#include <errno.h>
#include <paths.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

enum
{
    /** Of a datagram of the older form: what every receiver takes (RFC 3164 section 4.1). */
    OLD_MAX = 1024,
    OLD_LEAST = 64, ///< A program's name may be long.
    HOST_MAX = 255, ///< RFC 5424 section 6.
    APP_MAX = 48,
    KIND_MAX = 32,
    VALUE_MAX = 1024,
    VALUE_MIN = 16,
    TIME_LEN = 26 ///< "2026-01-31T12:00:00.123456": six decimals at most (section 6.2.3).
};

/** The number for examples (RFC 5612): NTA has none of its own. */
#define SD_ID "nta@32473"

static _Atomic int chosen = NTA_SYSLOG_RFC5424;

void nta_alert_syslog_use(enum nta_syslog_form form)
{
    atomic_store_explicit(&chosen, (int)form, memory_order_relaxed);
}

/* ---- RFC 5424 ---- */

/** PRINTUSASCII of `max` bytes at most, or "-". */
static void put_name(struct nta_buf *out, const char *text, size_t max)
{
    const size_t len = text ? strnlen(text, max) : 0;
    bool is_fine = len > 0;

    for (size_t i = 0; i < len; i++)
        is_fine &= text[i] > 0x20 && text[i] < 0x7f;
    nta_buf_put(out, is_fine ? text : "-", is_fine ? len : 1);
}

static void put_head(struct nta_buf *out, const struct nta_syslog_message *message)
{
    char time[NTA_TIME_TEXT_SIZE];

    nta_buf_printf(out, "<%d>1 %.*sZ ", LOG_DAEMON | message->level, TIME_LEN,
                   nta_clock_text(message->wall_ns, time));
    put_name(out, message->host, HOST_MAX);
    nta_buf_puts(out, " ");
    put_name(out, message->app, APP_MAX);
    nta_buf_printf(out, " %lu ", message->pid);
    put_name(out, message->kind, KIND_MAX);
    nta_buf_puts(out, " ");
}

/** PARAM-VALUE of section 6.3.3: three characters have a backslash in front. */
static void put_value(struct nta_buf *out, struct nta_span value, size_t max)
{
    const bool is_whole = value.len <= max;

    if (!is_whole)
        value.len = nta_text_cut(value, max);
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"' || value.ptr[i] == '\\' || value.ptr[i] == ']')
            nta_buf_puts(out, "\\");
        nta_buf_put_u8(out, value.ptr[i]);
    }
    if (!is_whole)
        nta_buf_puts(out, "...");
}

/** What the message says anyway. */
static bool is_said(struct nta_span name)
{
    return nta_span_is(name, "MESSAGE") || nta_span_is(name, "MESSAGE_ID") ||
           nta_span_is(name, "PRIORITY");
}

/** Values of `value_max` bytes; of all, `space` bytes at most: what does not fit is left out. */
static void put_data(struct nta_buf *out, const struct nta_alert_fields *fields, size_t value_max,
                     size_t space)
{
    NTA_AUTO(nta_buf_done) struct nta_buf one = {0};
    const size_t end = out->len + space;

    nta_buf_puts(out, "[" SD_ID);
    for (size_t i = 0; i < fields->n; i++) {
        const struct nta_span field = {fields->iov[i].iov_base, fields->iov[i].iov_len};
        struct nta_span value = field;
        const struct nta_span name = nta_span_take(&value, '=');

        if (is_said(name))
            continue;
        nta_buf_clear(&one);
        nta_buf_printf(&one, " %.*s=\"", (int)name.len, (const char *)name.ptr);
        put_value(&one, value, value_max);
        nta_buf_puts(&one, "\"");
        out->failed |= one.failed;
        if (out->len + one.len < end)
            nta_buf_put(out, one.ptr, one.len);
    }
    nta_buf_puts(out, "]");
}

/** How long values may be for all to fit. */
static size_t find_value_max(const struct nta_alert_fields *fields, size_t space)
{
    NTA_AUTO(nta_buf_done) struct nta_buf draft = {0};
    size_t fits = VALUE_MIN, too_long = VALUE_MAX + 1;

    for (size_t max = VALUE_MAX; too_long - fits > 1; max = (fits + too_long) / 2) {
        nta_buf_clear(&draft);
        put_data(&draft, fields, max, SIZE_MAX / 2);
        if (draft.len <= space)
            fits = max;
        else
            too_long = max;
    }
    return fits;
}

/** MSG: what is UTF-8 and more than ASCII says so with a byte order mark (section 6.4). */
static void put_line(struct nta_buf *out, struct nta_span line)
{
    bool is_ascii = true;

    for (size_t i = 0; i < line.len; i++)
        is_ascii &= line.ptr[i] < 0x80;
    nta_buf_puts(out, is_ascii ? " " : " \xef\xbb\xbf");
    nta_buf_put(out, line.ptr, line.len);
}

void nta_syslog_put(struct nta_buf *out, const struct nta_syslog_message *message)
{
    const size_t begin = out->len;
    struct nta_span line = message->line;
    const bool is_whole = line.len <= NTA_SYSLOG_MAX / 2;

    put_head(out, message);
    if (!is_whole)
        line.len = nta_text_cut(line, NTA_SYSLOG_MAX / 2);
    if (message->fields) {
        const size_t space =
            NTA_SYSLOG_MAX - (out->len - begin) - line.len - strlen(" \xef\xbb\xbf...");

        put_data(out, message->fields, find_value_max(message->fields, space), space);
    } else {
        nta_buf_puts(out, "-");
    }
    put_line(out, line);
    if (!is_whole)
        nta_buf_puts(out, "...");
}

/* ---- the socket ---- */

/** A descriptor, or negative errno. */
static int open_log(int type)
{
    const struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = _PATH_LOG};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)&name, sizeof(name)) == 0)
        return fd;
    const int r = -errno;

    (void)close(fd);
    return r;
}

/** Whole messages, each to a receiver that may have been started anew since the last. */
static bool send_message(struct nta_span message)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static int fd = -1;
    static bool is_stream;
    bool ok = false;

    (void)pthread_mutex_lock(&lock);
    for (int i = 0; i < 2 && !ok; i++) {
        if (fd < 0) {
            fd = open_log(SOCK_DGRAM);
            is_stream = fd == -EPROTOTYPE;
            if (is_stream)
                fd = open_log(SOCK_STREAM);
        }
        /* on a stream a NUL ends a message, as libc has it */
        const size_t len = message.len - (is_stream ? 0 : 1);

        ok = fd >= 0 && send(fd, message.ptr, len, MSG_NOSIGNAL) == (ssize_t)len;
        if (ok)
            continue;
        nta_own_close(&fd);
        fd = -1;
    }
    (void)pthread_mutex_unlock(&lock);
    return ok;
}

static bool send_new(int level, const char *kind, const struct nta_alert_fields *fields,
                     struct nta_span line)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    char host[HOST_MAX + 1] = "";
    const struct nta_syslog_message message = {
        .level = level,
        .wall_ns = nta_clock_wall_ns(),
        .host = gethostname(host, sizeof(host) - 1) == 0 ? host : "",
        .app = program_invocation_short_name,
        .pid = (unsigned long)getpid(),
        .kind = kind,
        .fields = fields,
        .line = line,
    };

    nta_syslog_put(&text, &message);
    nta_buf_put_u8(&text, '\0');
    return !text.failed && send_message(nta_buf_span(&text));
}

/* ---- RFC 3164 ---- */

/**
 * Bytes that glibc writes before the text: "<191>Jan 31 12:00:00 ntad[4194304]: " is the longest.
 */
static size_t old_head_len(void)
{
    return strlen("<191>Jan 31 12:00:00 [4194304]: ") + strlen(program_invocation_short_name);
}

static void send_old(int level, struct nta_span line)
{
    size_t head = old_head_len(), space = OLD_MAX - OLD_LEAST > head ? OLD_MAX - head : OLD_LEAST;
    bool whole = line.len <= space;

    if (!whole)
        line.len = nta_text_cut(line, space - strlen("..."));
    syslog(LOG_DAEMON | level, "%.*s%s", (int)line.len, (const char *)line.ptr, whole ? "" : "...");
}

/* ---- both ---- */

static bool send_any(int level, const char *kind, const struct nta_alert_fields *fields,
                     struct nta_span line)
{
    if (atomic_load_explicit(&chosen, memory_order_relaxed) == NTA_SYSLOG_RFC5424)
        return send_new(level, kind, fields, line);
    send_old(level, line);
    return true;
}

bool nta_alert_syslog_send(const struct nta_alert_fields *fields, struct nta_span line)
{
    return send_any(fields->level, fields->kind, fields, line);
}

void nta_alert_log_syslog(enum nta_log_level level, const char *text)
{
    (void)send_any((int)level, NULL, NULL, nta_span_of(text));
}
