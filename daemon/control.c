/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "inside.h"
#include "note.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum
{
    QUEUE = 8,
    SHARED = 0660 ///< Whatever the umask is; what its group may ask: desk.c.
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

/**
 * Hold "PATH.lock" while the socket is ours, flock(2): of two that are started at once one would
 * take the other's socket, which does not listen yet, for one that was left behind.
 */
static int lock_socket(const char *path, int *ret_fd, struct nta_err *err)
{
    char file[NTAD_PATH_SIZE];

    (void)snprintf(file, sizeof(file), "%s.lock", path); /* a socket's path is short */
    NTA_AUTO_FD int fd =
        open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);

    if (fd < 0)
        return nta_err_sys(err, -errno, "control socket: %.200s", file);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK
                   ? nta_err_set(err, -EADDRINUSE,
                                 "control socket %.200s is in use by another ntad: each needs one "
                                 "of its own (control.socket)",
                                 path)
                   : nta_err_sys(err, -errno, "control socket: %.200s", file);
    *ret_fd = fd;
    fd = -1;
    return 0;
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
    NTA_AUTO_FD int lock_fd = -1;
    int r = lock_socket(path, &lock_fd, err);

    if (r < 0)
        return r;
    if (is_stale(&name))
        (void)unlink(path);
    NTA_AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0 ||
        chmod(path, SHARED) < 0 || listen(fd, QUEUE) < 0)
        return nta_err_sys(err, -errno, "control socket %.200s", path);
    const int listen_fd = fd;

    fd = -1; /* taken */
    r = nta_desk_open(&daemon->desk, listen_fd, err);
    if (r < 0)
        return r;
    daemon->control_lock_fd = lock_fd;
    lock_fd = -1;
    return 0;
}

void nta_daemon_close_control(struct nta_daemon *daemon)
{
    nta_desk_close(&daemon->desk);
    (void)unlink(daemon->config->control.socket);
    nta_own_close(&daemon->control_lock_fd);
    daemon->control_lock_fd = -1;
}

/**
 * Errands are numbered on over restarts, so that who waits for one of a run that has ended sees
 * that a later one is over.
 */
static uint64_t number_of(const struct nta_daemon *daemon, uint64_t n)
{
    return daemon->started_boot_ms + n;
}

/** It becomes a record; who asked may ask whether that is stored. */
static void take_record(struct nta_daemon *daemon, const struct nta_record *record,
                        struct nta_buf *answer)
{
    const uint64_t n = nta_pipeline_emit(daemon->pipeline, record);

    nta_buf_printf(answer, "taken %" PRIu64 " %" PRIu64 " %" PRId64 "\n", number_of(daemon, 0), n,
                   record->time_ns);
}

/**
 * "RUN NUMBER": is that record stored, or lost (the store is at its bound)?  What another run took
 * was so at its end, or is lost.
 */
static void tell_stored(struct nta_daemon *daemon, const char *rest, struct nta_buf *answer)
{
    struct nta_pipeline_stored stored;
    uint64_t run, n;
    char more;

    if (sscanf(rest, "%" SCNu64 " %" SCNu64 "%c", &run, &n, &more) != 2) { // NOLINT(cert-err34-c)
        nta_buf_puts(answer, "error: stored RUN NUMBER\n");
        return;
    }
    if (run != number_of(daemon, 0)) {
        nta_buf_puts(answer, "error: ntad was started anew meanwhile\n");
        return;
    }
    nta_pipeline_get_stored(daemon->pipeline, &stored);
    if (stored.lost_from && n >= stored.lost_from && n <= stored.lost_to)
        nta_buf_puts(answer, "error: it was not stored: nta status says why\n");
    else
        nta_buf_puts(answer, n <= stored.n_emitted_stored ? "yes\n" : "no\n");
}

/** "sensor ID": whose records it writes. */
static void tell_sensor(const struct nta_daemon *daemon, struct nta_buf *answer)
{
    const char *sensor = nta_pipeline_sensor(daemon->pipeline);

    if (*sensor)
        nta_buf_printf(answer, "sensor %s\n", sensor);
    else
        nta_buf_puts(answer, "error: records are not kept\n");
}

/** What is said of an incident becomes a record. */
static void take_note(struct nta_daemon *daemon, int fd, const char *rest, struct nta_buf *answer)
{
    struct nta_told_note note;
    char actor[NTA_USER_NAME_SIZE];
    const char *wrong = nta_note_read(rest, nta_pipeline_sensor(daemon->pipeline), &note);

    if (wrong) {
        nta_buf_printf(answer, "error: %s\n", wrong);
        return;
    }
    nta_desk_name_caller(fd, actor);
    const struct nta_record_log log = {
        .actor = nta_span_of(actor),
        .incident = nta_span_of(note.incident),
        .status = note.status,
        .note = {note.text, note.text_len},
    };
    const struct nta_record record = {
        .event = NTA_RECORD_NOTE, .time_ns = nta_clock_wall_ns(), .log = &log};

    take_record(daemon, &record, answer);
}

/** "for PERSON", whatever bytes that are; empty: for nobody else. */
static struct nta_span put_person(const struct nta_told_audit *audit, struct nta_buf *note)
{
    if (audit->person_len) {
        nta_buf_puts(note, "for ");
        nta_buf_put(note, audit->person, audit->person_len);
    }
    return nta_buf_span(note);
}

/** What is told of a reading, as the record says it. */
static void emit_audit(struct nta_daemon *daemon, int fd, const struct nta_told_audit *audit,
                       struct nta_buf *answer)
{
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0};
    char actor[NTA_USER_NAME_SIZE];
    const uid_t user = nta_desk_caller(fd);
    const int64_t now_ns = nta_clock_wall_ns();
    /* what nobody has begun is of now; a clock that was set back ends nothing before its begin */
    const int64_t time_ns =
        nta_readings_end(&daemon->readings, user, audit) ? audit->began_ns : now_ns;
    const int64_t end_ns = now_ns > time_ns ? now_ns : time_ns;

    nta_desk_name_caller(fd, actor);
    const struct nta_record_log log = {
        .actor = nta_span_of(actor),
        .question = {audit->question, audit->question_len},
        .n_records = audit->n_records,
        .note = put_person(audit, &note),
    };
    const struct nta_record record = {
        .event = NTA_RECORD_AUDIT,
        .time_ns = time_ns,
        .end_ns = audit->is_over ? end_ns : 0,
        .log = &log,
    };

    if (note.failed) {
        nta_buf_puts(answer, "error: no memory for it\n");
        return;
    }
    if (!audit->is_over)
        nta_readings_begin(&daemon->readings, user, audit, now_ns);
    take_record(daemon, &record, answer);
}

/** Who opened what becomes one, too; at its end a second one of the same time (ask/reading.h). */
static void take_audit(struct nta_daemon *daemon, int fd, const char *rest, struct nta_buf *answer)
{
    struct nta_told_audit audit;
    const char *wrong = nta_audit_read(rest, &audit);
    const uid_t user = nta_desk_caller(fd);

    if (wrong)
        nta_buf_printf(answer, "error: %s\n", wrong);
    else if (user != 0 && user != geteuid() &&
             !nta_readings_may(&daemon->readings, user, nta_clock_mono_ns()))
        nta_buf_puts(answer, "later\n");
    else
        emit_audit(daemon, fd, &audit, answer);
}

/** "round 12": the one that will tell; or why there is none. */
static void begin_selftest(struct nta_daemon *daemon, struct nta_buf *answer)
{
    if (daemon->canary.name[0])
        nta_buf_printf(answer, "round %" PRIu64 "\n",
                       number_of(daemon, nta_canary_begin(&daemon->canary)));
    else
        nta_buf_puts(answer, "error: the canary is off (blacklist.canary)\n");
}

/** "12 found", "12 missing: ...": the last round that is over. */
static void tell_round(const struct nta_daemon *daemon, struct nta_buf *answer)
{
    const struct nta_canary *canary = &daemon->canary;

    nta_buf_printf(answer, "%" PRIu64 " %s%s%s%s\n",
                   canary->n_rounds ? number_of(daemon, canary->n_rounds) : 0,
                   canary->bad ? "missing: " : "found", canary->bad ? canary->missing : "",
                   canary->bad && canary->why ? "; no wonder: " : "",
                   canary->bad && canary->why ? canary->why : "");
}

/** "7 policy 3 is in force", "7 refused: ...": the last load; the first is the start's. */
static void tell_load(const struct nta_daemon *daemon, struct nta_buf *answer)
{
    const uint64_t n = number_of(daemon, daemon->n_reloads + daemon->n_reloads_refused);

    if (daemon->reload_err.text[0])
        nta_buf_printf(answer, "%" PRIu64 " refused: %s\n", n, daemon->reload_err.text);
    else
        nta_buf_printf(answer, "%" PRIu64 " policy %" PRIu64 " is in force\n", n,
                       nta_pipeline_policy(daemon->pipeline)->generation);
}

static void run_errand(struct nta_daemon *daemon, const struct nta_errand *errand)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    const char *line = errand->line;

    if (!daemon->pipeline) {
        nta_buf_puts(&answer, "error: ntad is starting or stopping\n");
    } else if (strcmp(line, "reload") == 0) {
        nta_buf_printf(&answer, "reloading %" PRIu64 "\n",
                       number_of(daemon, nta_daemon_reload(daemon)));
    } else if (strcmp(line, "load") == 0) {
        tell_load(daemon, &answer);
    } else if (strcmp(line, "selftest") == 0) {
        begin_selftest(daemon, &answer);
    } else if (strcmp(line, "round") == 0) {
        tell_round(daemon, &answer);
    } else if (strcmp(line, "sensor") == 0) {
        tell_sensor(daemon, &answer);
    } else if (strncmp(line, "stored ", 7) == 0) {
        tell_stored(daemon, line + 7, &answer);
    } else if (strncmp(line, "note ", 5) == 0) {
        take_note(daemon, errand->fd, line + 5, &answer);
    } else if (strncmp(line, "audit ", 6) == 0) {
        take_audit(daemon, errand->fd, line + 6, &answer);
    } else if (!nta_daemon_prune(daemon, errand->fd, line, &answer)) {
        nta_buf_puts(&answer, "error: not a question that is answered here\n");
    }
    nta_desk_send(errand->fd, &answer);
}

void nta_daemon_write_status(struct nta_daemon *daemon)
{
    struct nta_buf forms[NTA_N_STATUS_FORMS] = {0};
    const uint64_t n_asked = nta_desk_begin(&daemon->desk);
    const bool good = nta_daemon_status(daemon, forms);

    nta_desk_write(&daemon->desk, forms, good, n_asked);
    for (size_t i = 0; i < NTA_N_STATUS_FORMS; i++)
        nta_buf_done(&forms[i]);
}

void nta_daemon_serve_desk(struct nta_daemon *daemon)
{
    struct nta_errand errand;
    uint64_t n;

    (void)!read(daemon->desk.main_fd, &n, sizeof(n));
    while (nta_desk_take_errand(&daemon->desk, &errand))
        run_errand(daemon, &errand);
    if (daemon->pipeline)
        nta_daemon_write_status(daemon);
}
