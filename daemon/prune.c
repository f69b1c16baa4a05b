/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked over the control socket to be deleted, and what became of it. */
#include "base/own.h"
#include "base/text.h"
#include "inside.h"
#include "pipeline/retain.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** Who asks, as the system says; only root and who ntad runs as may have records deleted. */
static bool take_actor(int fd, char *actor, size_t size)
{
    struct ucred who;
    socklen_t len = sizeof(who);
    struct passwd entry, *found = NULL;
    char bytes[1024];

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0 ||
        (who.uid != 0 && who.uid != geteuid()))
        return false;
    if (getpwuid_r(who.uid, &entry, bytes, sizeof(bytes), &found) == 0 && found)
        (void)snprintf(actor, size, "%s", entry.pw_name);
    else
        (void)snprintf(actor, size, "uid %u", (unsigned)who.uid);
    return true;
}

/** "CLASSES age" or "CLASSES DAY": a sum of bits 1 << class; a UTC day's number. */
static bool parse(const char *text, struct nta_retain_request *ret_request)
{
    char *end = NULL;

    errno = 0;
    const unsigned long classes = strtoul(text, &end, 10);

    if (errno || end == text || *end != ' ' || classes == 0 || classes >= 1UL << NTA_N_CLASSES)
        return false;
    ret_request->classes = (unsigned)classes;
    text = end + 1;
    ret_request->by_age = strcmp(text, "age") == 0;
    if (ret_request->by_age)
        return true;
    ret_request->before_day = strtoll(text, &end, 10);
    return !errno && end != text && !*end;
}

static void tell(struct nta_retain *retain, struct nta_buf *answer)
{
    struct nta_retain_told told;

    nta_retain_tell(retain, &told);
    if (told.result < 0) {
        nta_buf_puts(answer, "error: ");
        nta_text_escape(answer, nta_span_of(told.err.text));
        nta_buf_puts(answer, "\n");
        return;
    }
    nta_buf_printf(answer, "%s %" PRIu64 " %" PRIu64 "\n", told.is_done ? "done" : "going",
                   told.n_days, told.n_batches);
}

bool nta_daemon_prune(struct nta_daemon *daemon, int fd, const char *line, struct nta_buf *answer)
{
    struct nta_retain *retain = nta_pipeline_retain(daemon->pipeline);
    struct nta_retain_request request = {.by_age = false};

    if (strncmp(line, "prune ", 6) != 0 && strcmp(line, "pruned") != 0)
        return false;
    if (!retain)
        nta_buf_puts(answer, daemon->config->mysql.enabled
                                 ? "error: records are in MySQL, where ntad deletes nothing\n"
                                 : "error: records are not kept\n");
    else if (strcmp(line, "pruned") == 0)
        tell(retain, answer);
    else if (!take_actor(fd, request.actor, sizeof(request.actor)))
        nta_buf_puts(answer, "error: only root may have records deleted\n");
    else if (!parse(line + 6, &request))
        nta_buf_puts(answer, "error: not a question that is answered here\n");
    else if (nta_retain_ask(retain, &request) < 0)
        nta_buf_puts(answer, "error: something else is being deleted: again later\n");
    else
        nta_buf_puts(answer, "asked\n");
    return true;
}
