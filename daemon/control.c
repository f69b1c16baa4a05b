/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "inside.h"
#include "note.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum
{
    QUEUE = 8,
    LINE_SIZE = NTAD_NOTE_LINE + 1,
    PATIENCE_MS = 200
};

/** Without systemd's RuntimeDirectory the folder may have to be made. */
static void make_folder(const char *path)
{
    char folder[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
    const char *slash = strrchr(path, '/');

    if (!slash || slash == path)
        return;
    (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
    (void)mkdir(folder, 0755);
}

/** A socket that nobody listens on was left by a run that was killed. */
static bool is_stale(const struct sockaddr_un *name)
{
    NTA_AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd >= 0 && connect(fd, (const struct sockaddr *)name, sizeof(*name)) < 0 &&
           errno == ECONNREFUSED;
}

int nta_daemon_open_control(struct nta_daemon *daemon, struct nta_err *err)
{
    const char *path = daemon->config->control.socket;
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(name.sun_path))
        return nta_err_set(err, -EINVAL, "control.socket: %.200s is too long for a socket", path);
    memcpy(name.sun_path, path, strlen(path));
    make_folder(path);
    if (is_stale(&name))
        (void)unlink(path);
    NTA_AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || fchmod(fd, 0660) < 0 ||
        bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, QUEUE) < 0)
        return nta_err_sys(err, -errno, "control socket %.200s", path);
    daemon->control_fd = fd;
    fd = -1;
    return 0;
}

void nta_daemon_close_control(struct nta_daemon *daemon)
{
    nta_own_close(&daemon->control_fd);
    daemon->control_fd = -1;
    (void)unlink(daemon->config->control.socket);
}

/**
 * Read the one line that a client sends; false: it sent none in time, or a longer one.  All of it
 * has one patience, so that who sends it byte by byte holds nobody up.
 */
static bool read_line(int fd, char line[LINE_SIZE])
{
    const int64_t until_ns = nta_clock_mono_ns() + PATIENCE_MS * NTA_NS_PER_MS;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    size_t len = 0;
    int64_t left_ns;

    line[0] = '\0';
    while (!strchr(line, '\n') && (left_ns = until_ns - nta_clock_mono_ns()) > 0 &&
           poll(&ready, 1, (int)(left_ns / NTA_NS_PER_MS)) == 1) {
        const ssize_t n = recv(fd, line + len, LINE_SIZE - 1 - len, MSG_DONTWAIT);

        if (n <= 0) /* also: there is no room for more */
            break;
        len += (size_t)n;
        line[len] = '\0';
    }
    const bool is_whole = len > 0 && len < LINE_SIZE - 1;

    line[strcspn(line, "\r\n")] = '\0';
    return is_whole;
}

static void send_all(int fd, const struct nta_buf *answer)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    for (size_t done = 0; done < answer->len && poll(&ready, 1, PATIENCE_MS) == 1;) {
        ssize_t n = send(fd, answer->ptr + done, answer->len - done, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n <= 0)
            return;
        done += (size_t)n;
    }
}

static const struct
{
    const char *word;
    enum nta_status_form form;
} words[] = {
    {"status text", NTA_STATUS_TEXT},
    {"status json", NTA_STATUS_JSON},
    {"status prometheus", NTA_STATUS_PROMETHEUS},
};

/**
 * The answer's first line says how the state is and how long the rest is: one that was cut off
 * shows.
 */
static void answer_status(struct nta_daemon *daemon, enum nta_status_form form,
                          struct nta_buf *answer)
{
    NTA_AUTO(nta_buf_done) struct nta_buf status = {0};
    bool good = nta_daemon_status(daemon, form, &status);

    if (status.failed) {
        nta_buf_puts(answer, "error: no memory for the answer\n");
        return;
    }
    nta_buf_printf(answer, "%s %zu\n", good ? "good" : "bad", status.len);
    nta_buf_put(answer, status.ptr, status.len);
}

/** Who is on the other side, as the kernel says. */
static const char *caller_of(int fd)
{
    struct ucred peer = {.uid = (uid_t)-1};
    socklen_t len = sizeof(peer);
    const struct passwd *user = NULL;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0)
        user = getpwuid(peer.uid); // NOLINT(concurrency-mt-unsafe): the main thread alone asks
    return user ? user->pw_name : "?";
}

/** What is said of an incident becomes a record; who asked looks into the store whether it came. */
static void take_note(struct nta_daemon *daemon, int fd, const char *rest, struct nta_buf *answer)
{
    struct nta_told_note note;
    const char *wrong = nta_note_read(rest, nta_pipeline_sensor(daemon->pipeline), &note);

    if (wrong) {
        nta_buf_printf(answer, "error: %s\n", wrong);
        return;
    }
    const struct nta_record_log log = {
        .actor = nta_span_of(caller_of(fd)),
        .incident = nta_span_of(note.incident),
        .status = note.status,
        .note = {note.text, note.text_len},
    };
    const struct nta_record record = {
        .event = NTA_RECORD_NOTE, .time_ns = nta_clock_wall_ns(), .log = &log};

    nta_pipeline_emit(daemon->pipeline, &record);
    nta_buf_puts(answer, "taken\n");
}

void nta_daemon_serve_control(struct nta_daemon *daemon)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    NTA_AUTO_FD int fd = accept4(daemon->control_fd, NULL, NULL, SOCK_CLOEXEC);
    char line[LINE_SIZE];
    bool known = false;

    if (fd < 0 || !read_line(fd, line))
        return;
    for (size_t i = 0; i < NTA_N_ELEMENTS(words) && !known; i++) {
        known = strcmp(line, words[i].word) == 0;
        if (known)
            answer_status(daemon, words[i].form, &answer);
    }
    if (!known && strcmp(line, "reload") == 0) {
        nta_daemon_reload(daemon);
        nta_buf_puts(&answer, "reloading\n");
        known = true;
    }
    if (!known && strncmp(line, "note ", 5) == 0) {
        take_note(daemon, fd, line + 5, &answer);
        known = true;
    }
    if (!known)
        known = nta_daemon_prune(daemon, fd, line, &answer);
    if (!known)
        nta_buf_puts(&answer, "error: not a question that is answered here\n");
    send_all(fd, &answer);
}
