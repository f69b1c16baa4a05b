/* SPDX-License-Identifier: Apache-2.0 */
/* nta console: the report's page, live, for whoever holds the key. */
#include "console/console.h"

#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "export/page/page.h"
#include "export/view/view.h"
#include "incidents/find.h"
#include "options/filters.h"
#include "options/options.h"
#include "output/fail.h"
#include "pipeline/privacy/hide.h"
#include "trace/reading.h"
#include "vault/crypto/pseudonym.h"
#include "view/about.h"
#include "view/gather.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: nta console [OPTIONS]\n\n"
    "The report's page live in a browser on this machine.  Needs the auditor's key.\n"
    "The link that it prints opens once; Enter makes another one, Ctrl-C ends it.\n"
    "As a service for others: nta-console.service (docs/operations.md).\n\n"
    "  -p, --port N            default: any that is free\n"
    "  -a, --address ADDR      default: 127.0.0.1; another needs TLS and --users\n"
    "      --tls-cert FILE     certificate (PEM), with those up to its authority\n"
    "      --tls-key FILE      its key\n"
    "      --socket PATH       a Unix socket, for a web server that has TLS\n"
    "      --users FILE        lines of name:hash:role, hash as of htpasswd -B;\n"
    "                          role: viewer (sums, pseudonyms), admin (incidents,\n"
    "                          too), auditor (all); who opens what is recorded\n"
    "      --user-header NAME  with --socket: the web server says who it is\n"
    "      --host NAME         a name that browsers know this machine by; repeatable\n"
    "  -t, --title TEXT        head line\n"
    "  -n, --rows N            incidents and places at most; default: 2000\n"
    "      --lang CODE         en, de, fr or nl; default: the browser's\n"
    "      --libs DIR          default: " NTA_PAGE_LIBS "\n"
    "  -h, --help              this text\n\n" NTA_FILTER_HELP "\n"
    "examples:\n"
    "  nta console --since today\n"
    "  ssh -L 8443:127.0.0.1:8443 SENSOR nta console --port 8443\n";

enum
{
    OPT_CERT = NTA_OPT_ABOUT_OWN,
    OPT_KEY,
    OPT_SOCKET,
    OPT_USERS,
    OPT_USER_HEADER,
    OPT_HOST,
    OPT_LIBS,
    FILE_MAX = 1 << 20,
    FIRST_WAIT_S = 5,
    TRACES = 64,
    TRACE_MINUTES = 10,
};

static const struct option known_options[] = {
    NTA_FILTER_OPTIONS,
    {"port", required_argument, NULL, 'p'},
    {"address", required_argument, NULL, 'a'},
    {"tls-cert", required_argument, NULL, OPT_CERT},
    {"tls-key", required_argument, NULL, OPT_KEY},
    {"socket", required_argument, NULL, OPT_SOCKET},
    {"users", required_argument, NULL, OPT_USERS},
    {"user-header", required_argument, NULL, OPT_USER_HEADER},
    {"host", required_argument, NULL, OPT_HOST},
    NTA_ABOUT_OPTIONS,
    NTA_LANG_OPTION,
    {"libs", required_argument, NULL, OPT_LIBS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

/** Who was shown something, and until when a record in the chain says so. */
struct trace
{
    char login[NTA_CONSOLE_LOGIN_SIZE];
    uint64_t session;
    enum nta_console_role role;
    int64_t until_ns; ///< 0: free.
};

struct showing
{
    struct nta_filters filters;
    struct nta_console_options server;
    struct nta_about_options about;
    const char *cert_file, *key_file, *libs;
    bool reads_keys;           ///< Enter makes links.
    struct nta_search *search; ///< Main thread.
    struct nta_console *console;
    struct nta_search_state state; ///< Main thread.
    struct nta_proof_shown shown;  ///< Main thread.
    bool is_shown;                 ///< The pages were told once.
    bool in_trouble;               ///< Said once.
    int64_t incidents_due_ns;      ///< Not sooner.
    uint64_t n_shown;              ///< Records when the pages were told last,
    uint64_t n_wrong_shown;        ///< and things that do not hold.
    /** For what follows: the main thread fills it, the server's threads read it. */
    pthread_mutex_t lock;
    pthread_cond_t looked; ///< The first look came to its end, or the console to its.
    bool is_looked;
    struct nta_view *view;
    struct nta_view *hidden; ///< Of records that name nobody; NULL: without roles.
    struct nta_hide hide;
    struct nta_pseudonyms *names; ///< Owned; NULL: without roles.
    struct nta_buf encoded;
    struct nta_about_buf buf;
    struct nta_view_about head;               ///< As of the last look; its texts are in `buf`.
    uint64_t n_records, n_evidence;           ///< In all, and of incidents.
    struct nta_buf data[NTA_CONSOLE_N_ROLES]; ///< Empty: to be made anew.
    /** For what follows. */
    pthread_mutex_t traces_lock;
    struct trace traces[TRACES];
};

/* ---- what is shown ---- */

static bool has_roles(const struct showing *showing)
{
    return showing->server.users_file != NULL;
}

/** Of one role: sums that name nobody, the same with incidents, or all. */
static void make_data(struct showing *showing, enum nta_console_role role)
{
    struct nta_view *view = role == NTA_CONSOLE_AUDITOR ? showing->view : showing->hidden;
    struct nta_view_about head = showing->head;

    head.sums_only = role == NTA_CONSOLE_VIEWER;
    head.role = has_roles(showing) ? nta_console_role_name(role) : NULL;
    if (head.sums_only)
        head.question = NULL; /* it may ask for somebody */
    if (view != showing->view)
        view->incidents = showing->view->incidents; /* lends */
    nta_view_json(&showing->data[role], view, &head);
    if (view != showing->view)
        view->incidents = NULL;
}

/**
 * Who opens the link at once waits a moment for the first look, so that a small store is not shown
 * empty.
 */
static void wait_for_look(struct showing *showing)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += FIRST_WAIT_S;
    while (!showing->is_looked &&
           pthread_cond_timedwait(&showing->looked, &showing->lock, &until) == 0)
        ;
}

/** Copy it, and say of how many records it is; made anew if there is more. */
static int copy_data(struct showing *showing, enum nta_console_role role, struct nta_buf *out,
                     uint64_t *ret_n_records)
{
    struct nta_buf *data = &showing->data[role];

    (void)pthread_mutex_lock(&showing->lock);
    wait_for_look(showing);
    if (data->len == 0)
        make_data(showing, role);
    const bool failed = data->failed;

    if (failed)
        nta_buf_clear(data);
    else
        nta_buf_put(out, data->ptr, data->len);
    *ret_n_records = role == NTA_CONSOLE_AUDITOR ? showing->n_records : showing->n_evidence;
    (void)pthread_mutex_unlock(&showing->lock);
    return failed ? -ENOMEM : 0;
}

/** The trace that covers him now; NULL: there is none, and `ret_free` is where one goes. */
static struct trace *find_trace(struct showing *showing, const struct nta_console_who *who,
                                int64_t mono_ns, struct trace **ret_free)
{
    *ret_free = &showing->traces[0];
    for (size_t i = 0; i < TRACES; i++) {
        struct trace *trace = &showing->traces[i];

        if (trace->until_ns > mono_ns && trace->session == who->session &&
            trace->role == who->role && strcmp(trace->login, who->login) == 0)
            return trace;
        if (trace->until_ns < (*ret_free)->until_ns)
            *ret_free = trace;
    }
    return NULL;
}

static bool has_trace(struct showing *showing, const struct nta_console_who *who)
{
    struct trace *free_one;

    (void)pthread_mutex_lock(&showing->traces_lock);
    const bool has = find_trace(showing, who, nta_clock_mono_ns(), &free_one);

    (void)pthread_mutex_unlock(&showing->traces_lock);
    return has;
}

static void keep_trace(struct showing *showing, const struct nta_console_who *who, int64_t until_ns)
{
    struct trace *free_one;

    (void)pthread_mutex_lock(&showing->traces_lock);
    struct trace *trace = find_trace(showing, who, nta_clock_mono_ns(), &free_one);

    trace = trace ? trace : free_one;
    *trace = (struct trace){.session = who->session, .role = who->role, .until_ns = until_ns};
    memcpy(trace->login, who->login, sizeof(trace->login));
    (void)pthread_mutex_unlock(&showing->traces_lock);
}

/**
 * Nobody is shown before it is stored who looks.  While ntad stores nobody else waits, so of two
 * requests of one page at a time both may leave a trace.
 */
static int leave_trace(struct showing *showing, const struct nta_console_who *who,
                       uint64_t n_records, struct nta_err *err)
{
    const int64_t until_ns = nta_clock_mono_ns() + TRACE_MINUTES * 60 * NTA_NS_PER_S;
    char question[128];

    if (has_trace(showing, who))
        return 0;
    (void)snprintf(question, sizeof(question),
                   "console: %s, as %s, with what comes within %d minutes",
                   who->role == NTA_CONSOLE_AUDITOR ? "all records" : "incidents",
                   nta_console_role_name(who->role), TRACE_MINUTES);
    const int r = nta_trace_view(who->login, question, n_records, err);

    if (r == 0)
        keep_trace(showing, who, until_ns);
    return r < 0 ? nta_err_prefix(err, r, "not shown, since no trace of it can be left") : 0;
}

/** A server's thread wants the data. */
static int give_data(void *owner, const struct nta_console_who *who, struct nta_buf *out,
                     struct nta_err *err)
{
    struct showing *showing = owner;
    uint64_t n_records;
    const int r = copy_data(showing, who->role, out, &n_records);

    if (r < 0)
        return nta_err_sys(err, r, "console");
    if (!has_roles(showing) || who->role == NTA_CONSOLE_VIEWER || n_records == 0)
        return 0;
    return leave_trace(showing, who, n_records, err);
}

/** What viewers and admins have sums of names nobody: hidden before anything is made of it. */
static int add_hidden(struct showing *showing, const struct nta_found *found, const char *id,
                      struct nta_err *err)
{
    const struct nta_record *record =
        nta_hide_record(&showing->hide, NULL, NTA_NAMING_PSEUDONYM, found->record);

    if (!record)
        return 0;
    nta_buf_clear(&showing->encoded);
    nta_record_encode(record, &showing->encoded);
    if (showing->encoded.failed)
        return nta_err_sys(err, -ENOMEM, "console");
    return nta_view_add(showing->hidden, record, nta_buf_span(&showing->encoded), id,
                        found->unverified != NULL, err);
}

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct showing *showing = owner;
    char id[NTA_FOUND_ID_SIZE];

    (void)pthread_mutex_lock(&showing->lock);
    int r = nta_view_add(showing->view, found->record, found->encoded, nta_found_id(found, id),
                         found->unverified != NULL, err);

    if (r == 0 && showing->hidden)
        r = add_hidden(showing, found, id, err);
    showing->n_records++;
    (void)pthread_mutex_unlock(&showing->lock);
    return r;
}

static void print_link(const struct showing *showing)
{
    char link[NTA_CONSOLE_LINK_SIZE];

    if (nta_console_link(showing->console, link))
        (void)printf("%s\n", link);
    (void)fflush(stdout);
}

/** Enter was pressed: another link. */
static void look_at_keys(struct showing *showing)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char buf[64];

    if (!showing->reads_keys || poll(&input, 1, 0) <= 0)
        return;
    if (read(STDIN_FILENO, buf, sizeof(buf)) <= 0)
        showing->reads_keys = false; /* the terminal is gone; what is open stays open */
    else if (!has_roles(showing))
        print_link(showing);
}

/** With the lock: nobody waits any more. */
static void end_wait(struct showing *showing)
{
    showing->is_looked = true;
    (void)pthread_cond_broadcast(&showing->looked);
}

/** The pages are told, and the data is made anew when they ask. */
static void notify(struct showing *showing)
{
    (void)pthread_mutex_lock(&showing->lock);
    showing->head = nta_about(&showing->about, &showing->filters, showing->search, &showing->buf);
    for (size_t i = 0; i < NTA_CONSOLE_N_ROLES; i++)
        nta_buf_clear(&showing->data[i]);
    end_wait(showing);
    (void)pthread_mutex_unlock(&showing->lock);
    nta_console_notify(showing->console);
}

/** Records of those that are shown. */
static uint64_t count_evidence(const struct nta_incidents *incidents)
{
    uint64_t n = 0;

    for (size_t i = 0; i < nta_incidents_count(incidents); i++) {
        const struct nta_incident *incident = nta_incidents_get(incidents, i);

        n += incident->fits ? incident->n_records : 0;
    }
    return n;
}

/**
 * Incidents are found anew, by a search of their own: they are made of all evidence, not of what
 * came last.  Where that takes long, not more than a fifth of the time is spent on it.
 */
static int find_incidents(struct showing *showing, struct nta_err *err)
{
    const struct nta_find_options find = {.stop = &interrupted, .quiet = true};
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    NTA_AUTO(nta_incidents_free) struct nta_incidents *incidents = NULL;
    const int64_t began_ns = nta_clock_mono_ns();
    int r = nta_filters_open(&showing->filters, &search, err);

    if (r == 0)
        r = nta_find_incidents(&showing->filters, search, &find, &incidents, NULL, err);
    const int64_t took_ns = nta_clock_mono_ns() - began_ns;

    showing->incidents_due_ns = began_ns + (took_ns > NTA_NS_PER_S ? 5 * took_ns : 0);
    if (r < 0 || interrupted)
        return r;
    (void)pthread_mutex_lock(&showing->lock);
    showing->n_evidence = count_evidence(incidents);
    nta_incidents_free(&showing->view->incidents);
    showing->view->incidents = NTA_TAKE(incidents);
    (void)pthread_mutex_unlock(&showing->lock);
    return 0;
}

/** All that is there by now was read. */
static void on_idle(void *owner)
{
    struct showing *showing = owner;
    struct nta_search_proof proof;
    struct nta_err err = {0};

    showing->in_trouble = false;
    look_at_keys(showing);
    nta_search_get_proof(showing->search, &proof);
    if (showing->is_shown && showing->n_shown == showing->n_records &&
        showing->n_wrong_shown == proof.n_wrong)
        return;
    if (showing->is_shown && nta_clock_mono_ns() < showing->incidents_due_ns)
        return;
    if (find_incidents(showing, &err) < 0)
        nta_prose_print(stderr, "nta: incidents are as they were: %s\n", err.text);
    showing->is_shown = true;
    showing->n_shown = showing->n_records;
    showing->n_wrong_shown = proof.n_wrong;
    nta_proof_show(showing->search, &showing->shown);
    notify(showing);
}

/* ---- what is needed before ---- */

static int read_file(const char *path, unsigned rules, struct nta_buf *out, struct nta_err *err)
{
    int fd = nta_plainfile_open(path, FILE_MAX, rules, err);

    if (fd < 0)
        return fd;
    uint8_t *buf = nta_buf_reserve(out, FILE_MAX + 1);
    ssize_t n = buf ? read(fd, buf, FILE_MAX) : -1;

    (void)close(fd);
    if (n <= 0)
        return nta_err_set(err, -EINVAL, "%.300s: not a PEM file", path);
    buf[n] = '\0';
    out->len += (size_t)n;
    return 0;
}

/** The page's own policy, out of it, and what only a header may say; owned by the caller. */
static char *policy_of(const struct nta_buf *page)
{
    static const char before[] = "Content-Security-Policy\" content=\"";
    const char *at = memmem(page->ptr, page->len, before, sizeof(before) - 1);
    const char *end = at ? strchr(at + sizeof(before) - 1, '"') : NULL;
    char *policy = NULL;

    if (!end)
        return NULL;
    at += sizeof(before) - 1;
    return asprintf(&policy, "%.*s; frame-ancestors 'none'", (int)(end - at), at) < 0 ? NULL
                                                                                      : policy;
}

/** A server that is away comes back; the pages stay as they are until then. */
static bool on_trouble(void *owner, const struct nta_err *err)
{
    struct showing *showing = owner;

    if (!showing->in_trouble)
        nta_prose_print(stderr, "nta: %s; trying again\n", err->text);
    showing->in_trouble = true;
    return true;
}

static int follow(struct showing *showing, struct nta_err *err)
{
    const struct nta_search_options search = {
        .each = on_found,
        .owner = showing,
        .stop = &interrupted,
        .idle = on_idle,
        .trouble = on_trouble,
    };

    return nta_search_follow(showing->search, &showing->filters.query, &search, &showing->state,
                             err);
}

static const char *say_how(const struct showing *showing)
{
    if (showing->server.socket)
        return "A proxy reaches the console here:";
    return has_roles(showing)
               ? "Open this and log in; Ctrl-C ends the console:"
               : "Open this, once; Enter makes another link, Ctrl-C ends the console:";
}

/** Sums that name nobody, for who is not an auditor. */
static int make_hidden(struct showing *showing, struct nta_err *err)
{
    int r = nta_pseudonyms_new(&showing->names, err);

    if (r == 0)
        r = nta_view_new(&showing->hidden, err);
    if (r < 0)
        return r;
    showing->hide.names = showing->names;
    showing->hide.is_for_good = true; /* so that as many are counted as there are */
    showing->hidden->outer_flows = showing->view->outer_flows;
    showing->hidden->counting = showing->view->counting;
    return 0;
}

static int serve(struct showing *showing, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf page = {0}, cert = {0}, key = {0};
    const struct nta_page_options page_options = {
        .libs_dir = showing->libs,
        .data = nta_span_of("{\"live\":{\"data\":\"data\",\"events\":\"events\"}}"),
        .is_live = true,
        .lang = showing->about.lang,
    };
    int r = nta_page(&page, &page_options, err);

    if (r == 0 && showing->cert_file)
        r = read_file(showing->cert_file, 0, &cert, err);
    if (r == 0 && showing->key_file)
        r = read_file(showing->key_file, NTA_PLAIN_SECRET, &key, err);
    if (r < 0)
        return r;
    nta_buf_put_u8(&page, '\0'); /* to look for the policy in it */
    char *policy = policy_of(&page);

    if (!policy || page.failed)
        return nta_err_sys(err, -ENOMEM, "page");
    showing->server.cert = cert.len ? (const char *)cert.ptr : NULL;
    showing->server.key = key.len ? (const char *)key.ptr : NULL;
    showing->server.page = (struct nta_span){page.ptr, page.len - 1};
    showing->server.policy = policy;
    showing->server.data = give_data;
    showing->server.owner = showing;
    r = nta_console_start(&showing->server, &showing->console, err);
    if (r == 0) {
        (void)puts(say_how(showing));
        print_link(showing);
        r = follow(showing, err);
    }
    (void)pthread_mutex_lock(&showing->lock);
    end_wait(showing);
    (void)pthread_mutex_unlock(&showing->lock);
    nta_console_stop(&showing->console);
    if (key.ptr)
        explicit_bzero(key.ptr, key.len);
    free(policy);
    return r;
}

static int show(struct showing *showing)
{
    struct nta_err err = {0};
    int r = nta_view_new(&showing->view, &err);

    (void)signal(SIGINT, on_interrupt);
    (void)signal(SIGTERM, on_interrupt);
    (void)signal(SIGPIPE, SIG_IGN);
    showing->reads_keys = isatty(STDIN_FILENO);
    if (r == 0) {
        showing->view->outer_flows = nta_query_sums_outer_flows(&showing->filters.query);
        showing->view->counting = nta_query_counting(&showing->filters.query);
    }
    if (r == 0 && has_roles(showing))
        r = make_hidden(showing, &err);
    if (r == 0)
        r = nta_filters_open(&showing->filters, &showing->search, &err);
    if (r == 0) /* before the first look, for who asks at once */
        showing->head =
            nta_about(&showing->about, &showing->filters, showing->search, &showing->buf);
    if (r == 0)
        r = serve(showing, &err);
    if (r < 0)
        return nta_cmd_fail(r == -EPERM && showing->search ? NTA_EXIT_USAGE : nta_proof_failed(r),
                            "%s", err.text);
    return nta_proof_conclude(showing->search, showing->filters.quiet, &showing->shown);
}

/* ---- the command line ---- */

static int take_host(struct showing *showing, const char *name, struct nta_err *err)
{
    if (showing->server.n_hosts == NTA_CONSOLE_HOSTS)
        return nta_err_set(err, -E2BIG, "--host: %d names at most", NTA_CONSOLE_HOSTS);
    showing->server.hosts[showing->server.n_hosts++] = name;
    return 0;
}

static int take_port(struct showing *showing, const char *text, struct nta_err *err)
{
    uint64_t port = 0;
    int r = nta_options_number("--port", text, 1, UINT16_MAX, &port, err);

    showing->server.port = (uint16_t)port;
    return r;
}

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct showing *showing = owner;

    switch (option) {
    case 'p': return take_port(showing, optarg, err);
    case 'a':
        return nta_addr_parse(optarg, strlen(optarg), &showing->server.addr) == 0
                   ? 0
                   : nta_err_set(err, -EINVAL, "--address: an IPv4 or IPv6 address");
    case OPT_CERT: showing->cert_file = optarg; return 0;
    case OPT_KEY: showing->key_file = optarg; return 0;
    case OPT_SOCKET: showing->server.socket = optarg; return 0;
    case OPT_USERS:
        showing->server.users_file = optarg;
        showing->filters.leaves_trace = true; /* of all that is opened */
        return 0;
    case OPT_USER_HEADER: showing->server.user_header = optarg; return 0;
    case OPT_HOST: return take_host(showing, optarg, err);
    case OPT_LIBS: showing->libs = optarg; return 0;
    default: return nta_about_take(&showing->about, option, err);
    }
}

static const struct nta_options options = {
    .command = "console",
    .known = known_options,
    .letters = NTA_FILTER_LETTERS NTA_ABOUT_LETTERS "p:a:h",
    .help = help,
    .take = take_option,
};

int nta_cmd_console(int argc, char **argv)
{
    static struct showing showing = {.lock = PTHREAD_MUTEX_INITIALIZER,
                                     .looked = PTHREAD_COND_INITIALIZER,
                                     .traces_lock = PTHREAD_MUTEX_INITIALIZER};

    (void)nta_addr_parse("127.0.0.1", strlen("127.0.0.1"), &showing.server.addr);
    int status = nta_options_parse(&options, &showing.filters, &showing, argc, argv);

    if (showing.filters.last) /* up to now, whenever that is */
        showing.filters.query.until_ns = 0;
    if (status < 0)
        status = show(&showing);
    nta_search_close(&showing.search);
    nta_view_free(&showing.view);
    nta_view_free(&showing.hidden);
    nta_pseudonyms_free(&showing.names);
    nta_buf_done(&showing.encoded);
    for (size_t i = 0; i < NTA_CONSOLE_N_ROLES; i++)
        nta_buf_done(&showing.data[i]);
    nta_filters_done(&showing.filters);
    return status;
}
