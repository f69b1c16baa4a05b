/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta lists allow: one more entry in the configuration's own list of exceptions, with who added it,
 * when and why in a comment above it.  The list with it is read as ntad will read it before it
 * takes the old one's place.
 */
#include "base/file/newfile.h"
#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/user.h"
#include "base/text.h"
#include "lists/subcommands.h"
#include "output/control.h"
#include "output/fail.h"
#include "policy/lists.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
    SHOWN_SIZE = 300,
    REASON_MAX = 200,
    ENTRY_MAX = 1000,
};

#define LIST_MAX (UINT64_C(64) << 20)

/** One entry on its way into the list. */
struct allowing
{
    const struct nta_lists *lists;
    size_t number; ///< Of the list in the configuration.
    const char *entry;
    struct nta_buf text;          ///< Owns: the old list, then the new one.
    uint64_t n_before, n_bad;     ///< Entries and bad lines of the old one.
    struct nta_blacklist *before; ///< Owns: the old one; NULL: there is none.
    mode_t mode;
    uid_t uid;
    gid_t gid;
};

static void free_allowing(struct allowing *allowing)
{
    nta_buf_done(&allowing->text);
    nta_blacklist_free(&allowing->before);
}

static const char *path_of(const struct allowing *allowing)
{
    return allowing->lists->config->blacklist.files[allowing->number].path;
}

/** Read one list, from its file or `text`, as ntad does. */
static int build(const struct allowing *allowing, const char *path, const char *text,
                 struct nta_blacklist **ret_set, struct nta_buf *complaints, struct nta_err *err)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_list_source source =
        nta_policy_list_source(allowing->lists->config, allowing->number);
    int r = nta_blacklist_builder_new(&builder, err);

    source.path = path;
    source.text = text;
    source.narrowed = false;
    source.column = text ? NULL : source.column;
    if (r == 0)
        r = nta_blacklist_builder_add(builder, &source, complaints, err);
    return r < 0 ? r : nta_blacklist_builder_build(builder, ret_set, err);
}

/** The first list of exceptions that is the admin's own: not one that is fetched. */
static int find_list(struct allowing *allowing, const char *name)
{
    const struct nta_config *config = allowing->lists->config;
    char buf[SHOWN_SIZE];

    for (size_t i = 0; i < config->blacklist.n_files; i++) {
        const struct nta_config_list *list = &config->blacklist.files[i];
        const char *known =
            list->name ? list->name : nta_blacklist_list_name(list->path, buf, sizeof(buf));

        allowing->number = i;
        if (list->allow && !list->url && (!name || strcmp(known, name) == 0))
            return 0;
    }
    if (name)
        return nta_cmd_fail(NTA_EXIT_USAGE,
                            "the configuration has no list of exceptions of that name that is not "
                            "fetched");
    return nta_cmd_fail(NTA_EXIT_FAILURE,
                        "the configuration names no list of exceptions to write into; add to "
                        "blacklist.files: { path = \"/etc/nta/lists/allow.txt\"; allow = true; }");
}

static bool has_control(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    }
    return false;
}

/** Is it one entry, and a reason that somebody can read? */
static int check_words(const struct allowing *allowing)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    const char *reason = allowing->lists->reason;
    char shown[SHOWN_SIZE], line[ENTRY_MAX + 2];
    struct nta_err err = {0};

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(allowing->entry));
    if (!reason || reason[strspn(reason, " ")] == '\0')
        return nta_cmd_fail(NTA_EXIT_USAGE, "--reason TEXT: why is it allowed?");
    if (strlen(reason) > REASON_MAX || has_control(reason))
        return nta_cmd_fail(NTA_EXIT_USAGE, "--reason: one line of at most %d bytes", REASON_MAX);
    if (!allowing->entry[0] || strlen(allowing->entry) > ENTRY_MAX ||
        has_control(allowing->entry) || strchr(allowing->entry, ' '))
        return nta_cmd_fail(NTA_EXIT_USAGE, "\"%s\" is not one name, address, network or URL",
                            shown);
    (void)snprintf(line, sizeof(line), "%s\n", allowing->entry);
    const int r = build(allowing, "(entry)", line, &set, &complaints, &err);
    const struct nta_list_report *report = r == 0 ? nta_blacklist_get_list(set, 0) : NULL;

    const struct nta_span first = nta_span_before(nta_buf_span(&complaints), '\n');
    const char *prefix = "(entry):1: ";

    if (report && nta_list_report_entries(report) == 1 && !report->n_bad && !report->n_skipped)
        return 0;
    if (nta_span_begins(first, nta_span_of(prefix)))
        return nta_cmd_fail(NTA_EXIT_INPUT, "\"%s\" is not taken: %.*s", shown,
                            (int)(first.len - strlen(prefix)),
                            (const char *)first.ptr + strlen(prefix));
    return nta_cmd_fail(NTA_EXIT_INPUT, "\"%s\" is not one name, address, network or URL", shown);
}

/** The list as it is, if it is there. */
static int read_list(struct allowing *allowing)
{
    const char *path = path_of(allowing);
    struct nta_err err = {0};
    char chunk[16384];
    struct stat st;
    size_t n;
    int r;

    *allowing = (struct allowing){.lists = allowing->lists,
                                  .number = allowing->number,
                                  .entry = allowing->entry,
                                  .mode = 0644,
                                  .uid = geteuid(),
                                  .gid = getegid()};
    if (lstat(path, &st) < 0 && errno == ENOENT)
        return 0;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, LIST_MAX, NTA_PLAIN_NO_LINK, &r, &err);

    if (!file || fstat(fileno(file), &st) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", file ? strerror(errno) : err.text);
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        nta_buf_put(&allowing->text, chunk, n);
    if (ferror(file) || allowing->text.failed)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s cannot be read", path);
    allowing->mode = st.st_mode & 0777;
    allowing->uid = st.st_uid;
    allowing->gid = st.st_gid;
    if (nta_span_begins(nta_buf_span(&allowing->text), nta_span_of("\x1f\x8b")) ||
        nta_span_begins(nta_buf_span(&allowing->text), nta_span_of("\x28\xb5\x2f\xfd")))
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s is packed: unpack it first", path);
    r = build(allowing, path, NULL, &allowing->before, NULL, &err);
    if (r == -ENODATA || allowing->text.len == 0)
        return 0;
    if (r < 0) /* an empty one has no entries yet, and is no fault of this command */
        return nta_cmd_fail(NTA_EXIT_INPUT, "%s", err.text);
    allowing->n_before = nta_list_report_entries(nta_blacklist_get_list(allowing->before, 0));
    allowing->n_bad = nta_blacklist_get_list(allowing->before, 0)->n_bad;
    return 0;
}

static bool note_covering(void *owner, const struct nta_hit *hit, bool allow)
{
    struct nta_buf *found = owner;

    if (allow)
        nta_buf_printf(found, "line %u: %.*s", hit->line, (int)hit->entry.len,
                       (const char *)hit->entry.ptr);
    return !allow;
}

/** What is covered by the list as it is needs no entry. */
static int check_news(const struct allowing *allowing)
{
    NTA_AUTO(nta_buf_done) struct nta_buf found = {0};
    char name[NTA_NAME_SIZE], shown[SHOWN_SIZE], line[SHOWN_SIZE];
    struct nta_err err = {0};
    struct nta_addr addr;
    size_t len;
    int r;

    if (!allowing->before)
        return 0;
    if (nta_addr_parse(allowing->entry, strlen(allowing->entry), &addr) == 0)
        nta_blacklist_each_addr(allowing->before, &addr, note_covering, &found);
    else if ((len = nta_blacklist_name(nta_span_of(allowing->entry), name)) > 0)
        nta_blacklist_each_name(allowing->before, name, len, note_covering, &found);
    if (found.len == 0)
        return 0;
    r = nta_lists_forbid(allowing->lists, allowing->entry, &err);
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_INPUT, "whether it is allowed already: %s", err.text);
    if (r > 0)
        return 0; /* a more specific entry may forbid what a shorter one allows */
    return nta_cmd_fail(NTA_EXIT_INPUT, "%s is allowed already, by %s, %s",
                        nta_text_escape_to(shown, sizeof(shown), nta_span_of(allowing->entry)),
                        path_of(allowing),
                        nta_text_escape_to(line, sizeof(line), nta_buf_span(&found)));
}

/** Who runs this: whoever became root by sudo, too. */
static const char *who(char buf[NTA_USER_NAME_SIZE])
{
    const char *name = getenv("SUDO_USER"); // NOLINT(concurrency-mt-unsafe): one thread

    return name && name[0] ? name : nta_user_name(getuid(), buf);
}

/** The comment and the entry behind the old text. */
static void append(struct allowing *allowing)
{
    struct nta_buf *text = &allowing->text;
    char when[NTA_TIME_TEXT_SIZE], user[NTA_USER_NAME_SIZE];

    if (text->len > 0 && text->ptr[text->len - 1] != '\n')
        nta_buf_puts(text, "\n");
    nta_buf_printf(text, "# %.19sZ ", nta_clock_text(nta_clock_wall_ns(), when));
    nta_text_escape(text, nta_span_of(who(user)));
    nta_buf_puts(text, ": ");
    nta_text_escape(text, nta_span_of(allowing->lists->reason));
    nta_buf_printf(text, "\n%s\n", allowing->entry);
}

/** The new list, read as ntad will: it must have the one entry more, and no bad line more. */
static int check_new(const struct allowing *allowing, const char *path)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_err err = {0};
    int r = build(allowing, path, NULL, &set, NULL, &err);
    const struct nta_list_report *report = r == 0 ? nta_blacklist_get_list(set, 0) : NULL;
    const uint64_t n_twice_before =
        allowing->before ? nta_blacklist_get_list(allowing->before, 0)->n_duplicates : 0;

    if (!report)
        return nta_cmd_fail(NTA_EXIT_INPUT, "%s", err.text);
    if (report->n_duplicates > n_twice_before)
        return nta_cmd_fail(NTA_EXIT_INPUT, "%s has that entry already", path_of(allowing));
    if (nta_list_report_entries(report) != allowing->n_before + 1 ||
        report->n_bad > allowing->n_bad)
        return nta_cmd_fail(NTA_EXIT_INPUT,
                            "%s is not a list of one entry a line, so none can be added to it",
                            path_of(allowing));
    return 0;
}

/** Write it beside its place, read it, put it there. */
static int write_list(struct allowing *allowing)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    const char *path = path_of(allowing), *slash = strrchr(path, '/');
    char temporary[4096];
    int r = nta_newfile_open(&file, path, 0644), status;

    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: %s", path,
                            r == -EBUSY ? "another program is at it; try again" : strerror(-r));
    status = read_list(allowing);
    if (status == 0)
        status = check_news(allowing);
    if (status)
        return status;
    append(allowing);
    r = allowing->text.failed ? -ENOMEM
                              : nta_write_all(file.fd, allowing->text.ptr, allowing->text.len);
    if (r == 0 && (fchmod(file.fd, allowing->mode) < 0 ||
                   (geteuid() == 0 && fchown(file.fd, allowing->uid, allowing->gid) < 0)))
        r = -errno;
    (void)snprintf(temporary, sizeof(temporary), "%.*s%s", slash ? (int)(slash + 1 - path) : 0,
                   path, file.temporary);
    status = r == 0 ? check_new(allowing, temporary) : 0;
    if (status)
        return status;
    if (r == 0)
        r = nta_newfile_commit(&file, true);
    return r < 0 ? nta_cmd_fail(NTA_EXIT_FAILURE, "%s: %s", path, strerror(-r)) : 0;
}

/** Does the new entry decide?  It is in the list in any case. */
static int check_effect(const struct nta_lists *lists, const char *entry, const char *shown)
{
    struct nta_err err = {0};
    int r = nta_lists_forbid(lists, entry, &err);

    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_INPUT, "whether another entry still forbids %s: %s", shown,
                            err.text);
    if (r > 0)
        return nta_cmd_fail(NTA_EXIT_INPUT,
                            "%s stays forbidden, another entry decides: \"nta lists explain\" "
                            "shows which",
                            shown);
    return NTA_EXIT_OK;
}

int nta_lists_allow(const struct nta_lists *lists, const char *entry)
{
    NTA_AUTO(free_allowing) struct allowing allowing = {.lists = lists, .entry = entry};
    NTA_AUTO(nta_buf_done) struct nta_buf scope = {0};
    char shown[SHOWN_SIZE], path[SHOWN_SIZE];
    int status = find_list(&allowing, lists->list_name);

    if (status == 0)
        status = check_words(&allowing);
    if (status == 0)
        status = write_list(&allowing);
    if (status)
        return status;
    (void)printf("%s: allowed by %s\n",
                 nta_text_escape_to(shown, sizeof(shown), nta_span_of(entry)),
                 nta_text_escape_to(path, sizeof(path), nta_span_of(path_of(&allowing))));
    nta_config_show_scope(&lists->config->blacklist.files[allowing.number], &scope);
    if (scope.len && !scope.failed) /* it is allowed to those only that the list is for */
        (void)printf("  %.*s\n", (int)scope.len, (const char *)scope.ptr);
    nta_control_reload(lists->config->control.socket);
    return check_effect(lists, entry, shown);
}
