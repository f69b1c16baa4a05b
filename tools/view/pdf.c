/* SPDX-License-Identifier: Apache-2.0 */
#include "view/pdf.h"

#include "base/file/newfile.h"
#include "base/own.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    PATH_SIZE = 4096,
    WAIT_MS = 180000, ///< A page of 8,000 rows takes some seconds.
    FOLDER_DEPTH = 16
};

/** The browser's path; false: there is none in PATH. */
static bool find_browser(char path[PATH_SIZE])
{
    static const char *const names[] = {"chromium", "chromium-browser", "google-chrome"};
    const char *folders = getenv("PATH"); // NOLINT(concurrency-mt-unsafe): one thread yet

    for (size_t i = 0; folders && i < NTA_N_ELEMENTS(names); i++) {
        struct nta_span rest = nta_span_of(folders);

        while (rest.len) {
            const struct nta_span folder = nta_span_take(&rest, ':');
            const int n = snprintf(path, PATH_SIZE, "%.*s/%s", (int)folder.len,
                                   (const char *)folder.ptr, names[i]);

            if (folder.len && n > 0 && n < PATH_SIZE && access(path, X_OK) == 0)
                return true;
        }
    }
    return false;
}

int nta_pdf_check(struct nta_err *err)
{
    char path[PATH_SIZE];

    return find_browser(path)
               ? 0
               : nta_err_set(err, -ENOENT,
                             "a PDF is printed by Chromium (Debian package chromium), which is not "
                             "here; -o FILE.html makes a page that any browser prints");
}

/* ---- its folder ---- */

static int drop_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    (void)remove(path);
    return 0;
}

static int make_folder(char folder[PATH_SIZE], struct nta_err *err)
{
    const char *above = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): one thread yet
    const int n =
        snprintf(folder, PATH_SIZE, "%s/nta-pdf-XXXXXX", above && above[0] == '/' ? above : "/tmp");

    if (n < 0 || n >= PATH_SIZE / 2)
        return nta_err_sys(err, -ENAMETOOLONG, "TMPDIR");
    return mkdtemp(folder) ? 0 : nta_err_sys(err, -errno, "%.200s", folder);
}

static int put_page(const char *folder, struct nta_span page, struct nta_err *err)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "%.2000s/page.html", folder);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int r = fd < 0 ? -errno : nta_write_all(fd, page.ptr, page.len);

    if (fd >= 0 && close(fd) < 0 && r == 0)
        r = -errno;
    return r < 0 ? nta_err_sys(err, r, "%.200s", path) : 0;
}

static int take_pdf(const char *folder, FILE *out, struct nta_err *err)
{
    static const char magic[] = "%PDF-";
    char path[PATH_SIZE], bytes[65536];
    size_t n, n_all = 0;

    (void)snprintf(path, sizeof(path), "%.2000s/page.pdf", folder);
    NTA_AUTO_FILE FILE *file = fopen(path, "re");

    if (!file)
        return nta_err_set(err, -EIO, "Chromium printed nothing");
    while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0) {
        if (n_all == 0 && (n < strlen(magic) || memcmp(bytes, magic, strlen(magic)) != 0))
            return nta_err_set(err, -EIO, "what Chromium printed is no PDF");
        n_all += n;
        if (fwrite(bytes, 1, n, out) != n)
            return nta_err_sys(err, -EIO, "PDF");
    }
    return n_all && !ferror(file) ? 0 : nta_err_set(err, -EIO, "Chromium printed nothing");
}

/* ---- the browser ---- */

_Noreturn static void run(const char *browser, const char *folder)
{
    char profile[PATH_SIZE], pdf[PATH_SIZE], page[PATH_SIZE];
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    /* root has no sandbox of Chromium's: the page's own policy runs nothing but its own program */
    const char *sandbox = geteuid() == 0 ? "--no-sandbox" : "--no-first-run";

    (void)snprintf(profile, sizeof(profile), "--user-data-dir=%.2000s/profile", folder);
    (void)snprintf(pdf, sizeof(pdf), "--print-to-pdf=%.2000s/page.pdf", folder);
    (void)snprintf(page, sizeof(page), "file://%.2000s/page.html", folder);
    for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
        (void)dup2(null, fd);
    (void)signal(SIGINT, SIG_DFL); /* Ctrl-C ends it, too */
    (void)execl(browser, browser, "--headless=new", sandbox, "--no-first-run", "--disable-gpu",
                "--disable-dev-shm-usage", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-extensions",
                "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer",
                "--virtual-time-budget=10000", profile, pdf, page, (char *)NULL);
    _exit(127);
}

/** Its end, or that of the patience with it.  0, or negative errno with `err`. */
static int await(pid_t child, struct nta_err *err)
{
    const int fd = pidfd_open(child, 0);
    struct pollfd ended = {.fd = fd, .events = POLLIN};
    int status = 0, n = fd < 0 ? -1 : 0;

    while (fd >= 0 && (n = poll(&ended, 1, WAIT_MS)) < 0 && errno == EINTR)
        ;
    if (n == 0)
        (void)kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (fd >= 0)
        (void)close(fd);
    if (n == 0)
        return nta_err_set(err, -ETIMEDOUT, "Chromium did not end");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return nta_err_set(err, -EIO, "Chromium failed (status %d)",
                           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}

int nta_pdf_print(struct nta_span page, FILE *out, struct nta_err *err)
{
    char browser[PATH_SIZE], folder[PATH_SIZE];
    int r = find_browser(browser) ? make_folder(folder, err) : nta_pdf_check(err);

    if (r < 0)
        return r;
    r = put_page(folder, page, err);
    if (r == 0) {
        (void)fflush(NULL);
        const pid_t child = fork();

        if (child == 0)
            run(browser, folder);
        r = child < 0 ? nta_err_sys(err, -errno, "fork") : await(child, err);
    }
    if (r == 0)
        r = take_pdf(folder, out, err);
    (void)nftw(folder, drop_one, FOLDER_DEPTH, FTW_DEPTH | FTW_PHYS);
    return r;
}
