/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reload by itself when a list file changes: inotify on the folders, since files are replaced by
 * renaming and a watch on the file itself would stay with the old one.  A reload waits until
 * nothing has changed for a while.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "base/text.h"
#include "ntad.h"

#include <errno.h>
#include <stdalign.h>
#include <string.h>
#include <sys/inotify.h>

#define FILE_EVENTS   (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
#define FOLDER_EVENTS (IN_DELETE_SELF | IN_MOVE_SELF)

static void add(struct nta_watch *watch, const char *dir, const char *name)
{
    char shown[256];
    struct nta_watched *item = &watch->items[watch->n];

    if (watch->n == NTAD_WATCHES || strlen(name) > NAME_MAX)
        return;
    item->wd = inotify_add_watch(watch->fd, dir, FILE_EVENTS | FOLDER_EVENTS | IN_ONLYDIR);
    if (item->wd < 0) {
        nta_log_warning("%s cannot be watched: %s",
                        nta_text_escape_to(shown, sizeof(shown), nta_span_of(dir)),
                        strerror(errno)); // NOLINT(concurrency-mt-unsafe): main thread
        return;
    }
    (void)snprintf(item->name, sizeof(item->name), "%s", name);
    watch->n++;
}

static void add_file(struct nta_watch *watch, const char *path)
{
    const char *slash = strrchr(path, '/');
    char dir[PATH_MAX] = ".";

    if (slash)
        (void)snprintf(dir, sizeof(dir), "%.*s", slash > path ? (int)(slash - path) : 1, path);
    add(watch, dir, slash ? slash + 1 : path);
}

void nta_daemon_watch(struct nta_daemon *daemon, const struct nta_config *config)
{
    struct nta_watch *watch = &daemon->watch;
    const char *shared = config->blacklist.shared;

    nta_own_close(&watch->fd);
    watch->fd = -1;
    watch->n = 0;
    watch->settle_ns = config->blacklist.settle_ns;
    if (!config->blacklist.watch)
        return;
    watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch->fd < 0) {
        nta_log_error("list files cannot be watched: %s",
                      strerror(errno)); // NOLINT(concurrency-mt-unsafe): main thread
        return;
    }
    for (size_t i = 0; i < config->blacklist.n_files; i++)
        add_file(watch, config->blacklist.files[i].path);
    if (shared && shared[0] && access(shared, F_OK) == 0)
        add(watch, shared, "");
}

static bool is_txt(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && strcmp(dot, ".txt") == 0;
}

/** Is it about one of our files, or were events lost? */
static bool concerns(const struct nta_watch *watch, const struct inotify_event *event)
{
    if (event->mask & (IN_Q_OVERFLOW | FOLDER_EVENTS))
        return true;
    for (size_t i = 0; i < watch->n && event->len > 0; i++) {
        const struct nta_watched *item = &watch->items[i];

        if (item->wd == event->wd &&
            (item->name[0] ? strcmp(item->name, event->name) == 0 : is_txt(event->name)))
            return true;
    }
    return false;
}

void nta_daemon_watch_read(struct nta_daemon *daemon)
{
    struct nta_watch *watch = &daemon->watch;
    alignas(struct inotify_event) char events[4096];
    ssize_t len = read(watch->fd, events, sizeof(events));

    for (ssize_t at = 0; at < len;) {
        const struct inotify_event *event = (const void *)(events + at);

        if (concerns(watch, event))
            watch->due_mono_ns = nta_clock_mono_ns() + watch->settle_ns;
        at += (ssize_t)(sizeof(*event) + event->len);
    }
}

bool nta_daemon_watch_settled(struct nta_daemon *daemon, int64_t mono_ns)
{
    struct nta_watch *watch = &daemon->watch;

    if (!watch->due_mono_ns || mono_ns < watch->due_mono_ns)
        return false;
    watch->due_mono_ns = 0;
    return true;
}

int nta_daemon_watch_wait(const struct nta_daemon *daemon, int64_t mono_ns)
{
    const struct nta_watch *watch = &daemon->watch;

    if (!watch->due_mono_ns)
        return -1;
    return (int)((watch->due_mono_ns - mono_ns) / NTA_NS_PER_MS) + 1;
}
