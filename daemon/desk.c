/* SPDX-License-Identifier: Apache-2.0 */
#include "desk.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum
{
    PATIENCE_MS = 200,
    READER_GROUPS = 256
};

/** Main waits no longer for the names of users and groups, which may come from far away. */
#define NAMES_NS (200 * NTA_NS_PER_MS)

static const struct
{
    const char *word;
    enum nta_status_form form;
} words[] = {
    {"status text", NTA_STATUS_TEXT},
    {"status counters", NTA_STATUS_COUNTERS},
    {"status json", NTA_STATUS_JSON},
    {"status prometheus", NTA_STATUS_PROMETHEUS},
};

static void wake(int fd)
{
    const uint64_t one = 1;

    (void)!write(fd, &one, sizeof(one));
}

/** Who is on the other side of `fd`, as the kernel says; false: it does not. */
static bool get_caller(int fd, struct ucred *ret_peer)
{
    socklen_t len = sizeof(*ret_peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret_peer, &len) == 0;
}

uid_t nta_desk_caller(int fd)
{
    struct ucred peer;

    return get_caller(fd, &peer) ? peer.uid : (uid_t)-1;
}

void nta_desk_name_caller(int fd, char name[NTA_USER_NAME_SIZE])
{
    const uid_t user = nta_desk_caller(fd);

    if (user != (uid_t)-1)
        (void)nta_user_name_within(NAMES_NS, user, name);
    else
        (void)snprintf(name, NTA_USER_NAME_SIZE, "?");
}

void nta_desk_send(int fd, const struct nta_buf *answer)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    for (size_t done = 0; done < answer->len && poll(&ready, 1, PATIENCE_MS) == 1;) {
        ssize_t n = send(fd, answer->ptr + done, answer->len - done, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n <= 0)
            break;
        done += (size_t)n;
    }
    (void)close(fd);
}

/** Wait, locked, until main has written what was asked for, or patience is over. */
static void await_main(struct nta_desk *desk)
{
    const uint64_t mine = ++desk->n_asked;
    const int64_t until_ns = nta_clock_mono_ns() + NTA_DESK_PATIENCE_NS;
    const struct timespec until = {.tv_sec = until_ns / NTA_NS_PER_S,
                                   .tv_nsec = until_ns % NTA_NS_PER_S};

    wake(desk->main_fd);
    while (desk->n_written < mine &&
           pthread_cond_timedwait(&desk->written, &desk->lock, &until) == 0)
        ;
}

/** Why there is no answer of main's, into `text`; "": there is one, and it is fresh enough. */
static void find_excuse(const struct nta_desk *desk, char *text, size_t size)
{
    const int64_t silent_ns = nta_clock_mono_ns() - desk->written_mono_ns;

    text[0] = '\0';
    if (!desk->written_mono_ns)
        (void)snprintf(text, size, "%s", desk->phase ? desk->phase : "ntad is starting");
    else if (silent_ns >= NTA_DESK_SILENT_NS)
        (void)snprintf(text, size, "%s has said nothing for %" PRId64 " s",
                       desk->phase ? desk->phase : "ntad runs, but its main thread",
                       silent_ns / NTA_NS_PER_S);
}

static void put_excuse(enum nta_status_form form, const char *excuse, struct nta_buf *out)
{
    switch (form) {
    case NTA_STATUS_TEXT:
    case NTA_STATUS_COUNTERS: nta_buf_printf(out, "state      BAD: %s\n", excuse); break;
    case NTA_STATUS_JSON:
        nta_buf_puts(out, "{\"state\":\"bad\",\"reasons\":[");
        nta_text_json_shown(out, nta_span_of(excuse));
        nta_buf_puts(out, "],\"causes\":[]}\n");
        break;
    case NTA_STATUS_PROMETHEUS:
        nta_buf_printf(out, "# %s\n# TYPE nta_healthy gauge\nnta_healthy 0\n", excuse);
        break;
    case NTA_N_STATUS_FORMS: break;
    }
}

/**
 * The answer's first line says how the state is and how long the rest is: one that was cut off
 * shows.
 */
static void answer_status(struct nta_desk *desk, enum nta_status_form form, struct nta_buf *answer)
{
    NTA_AUTO(nta_buf_done) struct nta_buf status = {0};
    char excuse[128];

    (void)pthread_mutex_lock(&desk->lock);
    await_main(desk);
    const bool good = desk->good;

    find_excuse(desk, excuse, sizeof(excuse));
    if (excuse[0])
        put_excuse(form, excuse, &status);
    /* what was written last helps a reader, and would deceive a program */
    if (!excuse[0] || form == NTA_STATUS_TEXT || form == NTA_STATUS_COUNTERS)
        nta_buf_put(&status, desk->status[form].ptr, desk->status[form].len);
    (void)pthread_mutex_unlock(&desk->lock);
    if (status.failed) {
        nta_buf_puts(answer, "error: no memory for the answer\n");
        return;
    }
    nta_buf_printf(answer, "%s %zu\n", good && !excuse[0] ? "good" : "bad", status.len);
    nta_buf_put(answer, status.ptr, status.len);
}

/** Main takes it; false: it has too many already. */
static bool give_errand(struct nta_desk *desk, int fd, const char *line)
{
    (void)pthread_mutex_lock(&desk->lock);
    const bool has_room = desk->n_errands < NTA_DESK_ERRANDS;

    if (has_room) {
        struct nta_errand *errand = &desk->errands[desk->n_errands++];

        errand->fd = fd;
        (void)snprintf(errand->line, sizeof(errand->line), "%s", line);
    }
    (void)pthread_mutex_unlock(&desk->lock);
    if (has_room)
        wake(desk->main_fd);
    return has_room;
}

void nta_desk_find_readers(struct nta_desk *desk)
{
    gid_t readers = getegid();

    (void)nta_user_group_within(NAMES_NS, "nta-records", &readers);
    atomic_store_explicit(&desk->readers, readers, memory_order_relaxed);
}

/** Is the caller of the group of those who may read the store (systemd/nta.sysusers), or ntad's? */
static bool is_reader(const struct nta_desk *desk, int fd, const struct ucred *peer)
{
    const gid_t readers = atomic_load_explicit(&desk->readers, memory_order_relaxed);
    gid_t groups[READER_GROUPS] = {peer->gid};
    socklen_t size = sizeof(groups) - sizeof(groups[0]);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups + 1, &size) < 0)
        size = 0; /* of more than can be looked at, the first counts */
    for (size_t i = 0; i < 1 + size / sizeof(groups[0]); i++) {
        if (groups[i] == getegid() || groups[i] == readers)
            return true;
    }
    return false;
}

/**
 * Who asks for more than the status: root, or who ntad itself runs as.  Who may read its store may
 * leave traces of that, which name them.
 */
static bool may_order(const struct nta_desk *desk, int fd, const char *line)
{
    const bool is_trace = strcmp(line, "sensor") == 0 || strncmp(line, "stored ", 7) == 0 ||
                          strncmp(line, "audit ", 6) == 0;
    struct ucred peer;

    return get_caller(fd, &peer) &&
           (peer.uid == 0 || peer.uid == geteuid() || (is_trace && is_reader(desk, fd, &peer)));
}

/** A whole line: what it asks is answered, or main's; `fd` is taken. */
static void serve(struct nta_desk *desk, int fd, const char *line)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};

    for (size_t i = 0; i < NTA_N_ELEMENTS(words); i++) {
        if (strcmp(line, words[i].word) != 0)
            continue;
        answer_status(desk, words[i].form, &answer);
        nta_desk_send(fd, &answer);
        return;
    }
    const bool may = may_order(desk, fd, line);

    if (may && give_errand(desk, fd, line))
        return;
    nta_buf_puts(&answer, may ? "error: ntad is busy\n"
                              : "error: only root may ask for this; you may ask for the status\n");
    nta_desk_send(fd, &answer);
}

/** Nothing more is awaited of it: it has said a line, or not in time, or a longer one. */
static void end_guest(struct nta_desk *desk, struct nta_desk_guest *guest)
{
    const int fd = guest->fd;

    guest->fd = -1;
    guest->line[guest->len] = '\0';
    if (guest->len == 0 || guest->len >= NTA_DESK_LINE_SIZE - 1) {
        (void)close(fd);
        return;
    }
    guest->line[strcspn(guest->line, "\r\n")] = '\0';
    serve(desk, fd, guest->line);
}

/** What it has said by now. */
static void hear_guest(struct nta_desk *desk, struct nta_desk_guest *guest)
{
    const ssize_t n = recv(guest->fd, guest->line + guest->len, NTA_DESK_LINE_SIZE - 1 - guest->len,
                           MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN)
        return;
    guest->len += n > 0 ? (size_t)n : 0;
    if (n <= 0 || guest->len == NTA_DESK_LINE_SIZE - 1 ||
        memchr(guest->line + guest->len - n, '\n', (size_t)n))
        end_guest(desk, guest);
}

/**
 * A free place, or that of who has been silent for longest: of this user, if he has many, so that
 * nobody pushes others out.
 */
static struct nta_desk_guest *find_place(struct nta_desk *desk, uid_t user)
{
    struct nta_desk_guest *free_one = NULL, *oldest = NULL, *own = NULL;
    size_t n_own = 0;

    for (size_t i = 0; i < NTA_DESK_GUESTS; i++) {
        struct nta_desk_guest *guest = &desk->guests[i];

        if (guest->fd < 0) {
            free_one = guest;
            continue;
        }
        if (!oldest || guest->until_ns < oldest->until_ns)
            oldest = guest;
        if (guest->user == user && n_own++ == 0)
            own = guest;
        else if (guest->user == user && guest->until_ns < own->until_ns)
            own = guest;
    }
    if (n_own >= NTA_DESK_GUESTS_EACH)
        return own;
    return free_one ? free_one : oldest;
}

/** One more; who has spoken is answered at once. */
static void take_guest(struct nta_desk *desk)
{
    const int fd = accept4(desk->listen_fd, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0)
        return;
    const uid_t user = nta_desk_caller(fd);
    struct nta_desk_guest *guest = find_place(desk, user);

    nta_own_close(&guest->fd);
    guest->fd = fd;
    guest->user = user;
    guest->len = 0;
    guest->until_ns = nta_clock_mono_ns() + PATIENCE_MS * NTA_NS_PER_MS;
    hear_guest(desk, guest);
}

/** Whose time is over; gives for how long the others have, in ms; -1: nobody. */
static int end_late_guests(struct nta_desk *desk)
{
    const int64_t now_ns = nta_clock_mono_ns();
    int64_t wait_ns = -1;

    for (size_t i = 0; i < NTA_DESK_GUESTS; i++) {
        struct nta_desk_guest *guest = &desk->guests[i];

        if (guest->fd >= 0 && guest->until_ns <= now_ns)
            end_guest(desk, guest);
        if (guest->fd >= 0 && (wait_ns < 0 || guest->until_ns - now_ns < wait_ns))
            wait_ns = guest->until_ns - now_ns;
    }
    return wait_ns < 0 ? -1 : (int)(wait_ns / NTA_NS_PER_MS) + 1;
}

/** A guest that is not there has the descriptor -1, which poll(2) passes over. */
static void *run(void *arg)
{
    struct nta_desk *desk = arg;

    for (;;) {
        struct pollfd fds[2 + NTA_DESK_GUESTS] = {{.fd = desk->listen_fd, .events = POLLIN},
                                                  {.fd = desk->stop_fd, .events = POLLIN}};
        const int wait_ms = end_late_guests(desk);

        for (size_t i = 0; i < NTA_DESK_GUESTS; i++)
            fds[2 + i] = (struct pollfd){.fd = desk->guests[i].fd, .events = POLLIN};
        nta_thread_wait();
        if (poll(fds, NTA_N_ELEMENTS(fds), wait_ms) < 0 && errno != EINTR)
            return NULL;
        nta_thread_beat();
        if (fds[1].revents)
            return NULL;
        for (size_t i = 0; i < NTA_DESK_GUESTS; i++)
            if (fds[2 + i].revents)
                hear_guest(desk, &desk->guests[i]);
        if (fds[0].revents & POLLIN)
            take_guest(desk);
    }
}

int nta_desk_open(struct nta_desk *desk, int listen_fd, struct nta_err *err)
{
    pthread_condattr_t monotonic;

    *desk = (struct nta_desk){
        .listen_fd = listen_fd,
        .main_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
        .stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
    };
    for (size_t i = 0; i < NTA_DESK_GUESTS; i++)
        desk->guests[i].fd = -1;
    nta_desk_find_readers(desk);
    (void)pthread_mutex_init(&desk->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&desk->written, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    int r = desk->main_fd < 0 || desk->stop_fd < 0 ? -errno : 0;

    if (r == 0)
        r = nta_thread_start(
            &(struct nta_thread_options){.name = "nta-control", .is_watched = true}, run, desk,
            &desk->thread);
    if (r == 0)
        return 0;
    nta_desk_close(desk);
    return nta_err_sys(err, r, "control socket");
}

void nta_desk_close(struct nta_desk *desk)
{
    struct nta_errand errand;

    if (desk->listen_fd < 0)
        return;
    if (desk->thread.is_started)
        wake(desk->stop_fd);
    nta_thread_join(&desk->thread);
    for (size_t i = 0; i < NTA_DESK_GUESTS; i++)
        nta_own_close(&desk->guests[i].fd);
    while (nta_desk_take_errand(desk, &errand))
        (void)close(errand.fd);
    nta_own_close(&desk->listen_fd);
    nta_own_close(&desk->main_fd);
    nta_own_close(&desk->stop_fd);
    for (size_t i = 0; i < NTA_N_STATUS_FORMS; i++)
        nta_buf_done(&desk->status[i]);
    (void)pthread_cond_destroy(&desk->written);
    (void)pthread_mutex_destroy(&desk->lock);
    desk->listen_fd = desk->main_fd = desk->stop_fd = -1;
}

void nta_desk_set_phase(struct nta_desk *desk, const char *phase)
{
    (void)pthread_mutex_lock(&desk->lock);
    desk->phase = phase;
    (void)pthread_mutex_unlock(&desk->lock);
}

uint64_t nta_desk_begin(struct nta_desk *desk)
{
    (void)pthread_mutex_lock(&desk->lock);
    const uint64_t n_asked = desk->n_asked;

    (void)pthread_mutex_unlock(&desk->lock);
    return n_asked;
}

void nta_desk_write(struct nta_desk *desk, struct nta_buf status[NTA_N_STATUS_FORMS], bool good,
                    uint64_t n_asked)
{
    (void)pthread_mutex_lock(&desk->lock);
    for (size_t i = 0; i < NTA_N_STATUS_FORMS; i++) {
        const struct nta_buf old = desk->status[i];

        desk->status[i] = status[i];
        status[i] = old;
    }
    desk->good = good;
    desk->written_mono_ns = nta_clock_mono_ns();
    desk->n_written = n_asked;
    (void)pthread_cond_broadcast(&desk->written);
    (void)pthread_mutex_unlock(&desk->lock);
}

bool nta_desk_take_errand(struct nta_desk *desk, struct nta_errand *ret_errand)
{
    (void)pthread_mutex_lock(&desk->lock);
    const bool any = desk->n_errands > 0;

    if (any) {
        *ret_errand = desk->errands[0];
        memmove(&desk->errands[0], &desk->errands[1], --desk->n_errands * sizeof(desk->errands[0]));
    }
    (void)pthread_mutex_unlock(&desk->lock);
    return any;
}
