/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/reading.h"

#include "ask/reading.h"
#include "base/buf.h"
#include "base/file/path.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "base/url.h"
#include "config/config.h"
#include "trace/say.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum writer
{
    WRITER_NOBODY, ///< Here.
    WRITER_NTAD,   ///< It answers, at `socket`.
    WRITER_SILENT  ///< The configuration names one, and it does not answer.
};

enum left
{
    LEFT_NONE,
    LEFT_BY_NTAD,
    LEFT_BY_US
};

/** Of this process; written before there are other threads that read it. */
static struct
{
    struct nta_buf question;      ///< Owned.
    struct nta_trace_place place; ///< As it was last opened.
    char socket[NTA_PATH_SIZE];
    struct nta_opening reading;
    int64_t began_ns; ///< Of what we left ourselves.
    enum left left;
    bool is_asked;
    uint64_t n_given;
} trace;

/* ---- the question ---- */

/** As it would be typed. */
static void put_word(struct nta_buf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_@%+=:,./-";

    if (*word && word[strspn(word, plain)] == '\0') {
        nta_buf_puts(out, word);
        return;
    }
    nta_buf_puts(out, "'");
    for (; *word; word++) {
        if (*word == '\'')
            nta_buf_puts(out, "'\"'\"'"); /* no backslash, which is shown escaped */
        else
            nta_buf_put(out, word, 1);
    }
    nta_buf_puts(out, "'");
}

/** No password of a URL that was asked for is kept. */
static void drop_users(struct nta_buf *question)
{
    if (question->len > 0)
        question->len = nta_url_drop_users(question->ptr, question->len, false);
}

void nta_trace_question(int n_words, char *const *words)
{
    for (int i = 0; i < n_words; i++) {
        if (i > 0)
            nta_buf_puts(&trace.question, " ");
        put_word(&trace.question, words[i]);
    }
    drop_users(&trace.question);
}

/* ---- who writes the store ---- */

/** The configuration beside a --store need not be there, or be right: then ntad's own is taken. */
static int load_config(const struct nta_trace_place *place, struct nta_config **ret_config,
                       struct nta_err *err)
{
    const int r =
        nta_config_load(place->config ? place->config : NTA_DEFAULT_CONFIG, ret_config, err);

    return r < 0 && place->dir && !place->config ? nta_config_new(ret_config, err) : r;
}

/** Is it the store that the configuration names? */
static bool is_named(const struct nta_config *config, const char *path)
{
    char named[NTA_PATH_SIZE];
    struct stat here, there;

    return nta_path_join(config->store.dir, "journal.db", named, sizeof(named)) &&
           stat(path, &here) == 0 && stat(named, &there) == 0 && here.st_ino == there.st_ino &&
           here.st_dev == there.st_dev;
}

struct looking
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    bool is_there;
};

static int on_chain(void *owner, const struct nta_store_chain *chain, struct nta_err *err)
{
    struct looking *looking = owner;

    (void)err;
    if (memcmp(chain->sensor, looking->sensor, sizeof(looking->sensor)) == 0)
        looking->is_there = true;
    return 0;
}

/** Do the stores have the chain of that sensor? */
static int look_for(const struct nta_stores *stores, const char *sensor, bool *ret_is_there,
                    struct nta_err *err)
{
    struct nta_store *const all[] = {stores->journal, stores->mysql};
    struct looking looking = {.is_there = false};
    int r = 0;

    (void)nta_hex_parse(sensor, sizeof(looking.sensor), looking.sensor); /* it has that form */
    for (size_t i = 0; i < NTA_N_ELEMENTS(all) && r == 0; i++)
        r = all[i] ? nta_store_each_chain(all[i], on_chain, &looking, err) : 0;
    *ret_is_there = looking.is_there;
    return r;
}

/** 0; or why it is silent, or why that cannot be told, with the sentence. */
static int find_writer(const struct nta_trace_place *place, const struct nta_stores *stores,
                       enum writer *ret_writer, struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    char sensor[NTA_CONTROL_SENSOR_SIZE], shown[128];
    bool is_there = false;
    int r = load_config(place, &config, err);

    if (r < 0)
        return r;
    (void)snprintf(trace.socket, sizeof(trace.socket), "%s", config->control.socket);
    r = nta_control_sensor(trace.socket, sensor, err);
    if (r == 0)
        r = look_for(stores, sensor, &is_there, err);
    if (r == 0 && !is_there)
        r = nta_err_set(err, -EREMOTE, "the ntad at %s writes another sensor's store",
                        nta_text_escape_to(shown, sizeof(shown), nta_span_of(trace.socket)));
    *ret_writer = r == 0                                          ? WRITER_NTAD
                  : !place->dir || is_named(config, stores->path) ? WRITER_SILENT
                                                                  : WRITER_NOBODY;
    return *ret_writer == WRITER_NOBODY ? 0 : r;
}

/* ---- before, and after ---- */

/** Where no ntad runs. */
static int leave_here(struct nta_span question, int64_t began_ns, int64_t ended_ns,
                      uint64_t n_records, struct nta_err *err)
{
    const struct nta_record_log log = {.question = question, .n_records = n_records};
    const struct nta_saying saying = {
        .dir = trace.place.dir,
        .config = trace.place.config,
        .event = NTA_RECORD_AUDIT,
        .log = &log,
        .began_ns = began_ns,
        .ended_ns = ended_ns,
    };

    return nta_say_here(&saying, err);
}

/** `r` is what find_writer() gave. */
static int leave_begin(enum writer writer, int r, struct nta_err *err)
{
    if (writer == WRITER_NTAD) {
        trace.reading =
            (struct nta_opening){.socket = trace.socket, .question = nta_buf_span(&trace.question)};
        r = nta_opening_begin(&trace.reading, err);
        trace.left = r == 0 ? LEFT_BY_NTAD : LEFT_NONE;
        return r;
    }
    if (!trace.place.insists || (r < 0 && r != -ENOENT && r != -ECONNREFUSED))
        return r;
    trace.began_ns = nta_clock_wall_ns();
    r = leave_here(nta_buf_span(&trace.question), trace.began_ns, 0, 0, err);
    trace.left = r == 0 ? LEFT_BY_US : LEFT_NONE;
    return r;
}

static int on_search(void *owner, const struct nta_stores *stores, struct nta_err *err)
{
    enum writer writer = WRITER_NOBODY;
    struct nta_err why = {0};

    if (trace.is_asked)
        return 0;
    (void)owner;
    if (trace.question.failed)
        return nta_err_sys(err, -ENOMEM, "trace");
    int r = find_writer(&trace.place, stores, &writer, &why);

    r = leave_begin(writer, r, &why);
    if (r < 0 && trace.place.insists)
        return nta_err_set(err, r, "not opened, since no trace of it can be left: %s", why.text);
    if (r < 0)
        nta_prose_print(stderr, "nta: this reading leaves no trace: %s\n", why.text);
    trace.is_asked = true;
    return 0;
}

void nta_trace_end(void)
{
    struct nta_err err = {0};
    int r = 0;

    if (trace.left == LEFT_BY_NTAD)
        r = nta_opening_end(&trace.reading, trace.n_given, &err);
    else if (trace.left == LEFT_BY_US)
        r = leave_here(nta_buf_span(&trace.question), trace.began_ns, nta_clock_wall_ns(),
                       trace.n_given, &err);
    if (r < 0)
        nta_prose_print(stderr, "nta: how many records were read is in no trace: %s\n", err.text);
    trace.left = LEFT_NONE;
    nta_buf_done(&trace.question);
}

struct nta_search_gate nta_trace_gate(const struct nta_trace_place *place)
{
    trace.place = *place;
    return (struct nta_search_gate){.ask = on_search, .n_given = &trace.n_given};
}

static struct nta_span without_users(struct nta_buf *text, const char *question)
{
    nta_buf_puts(text, question);
    drop_users(text);
    return nta_buf_span(text);
}

int nta_trace_view(const char *person, const char *question, uint64_t n_records,
                   struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    const struct nta_opening reading = {.socket = trace.socket,
                                        .question = without_users(&text, question),
                                        .person = nta_span_of(person)};

    if (trace.left == LEFT_BY_NTAD)
        return nta_opening_note(&reading, n_records, err);
    return trace.place.insists ? nta_err_set(err, -EREMOTE, "no ntad notes what is looked at here")
                               : 0;
}

int nta_trace_deed(const char *question, uint64_t n_records, bool *ret_is_noted,
                   struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    const struct nta_opening opening = {.socket = trace.socket,
                                        .question = without_users(&text, question)};
    const int64_t now_ns = nta_clock_wall_ns();
    int r = 0;

    if (trace.left == LEFT_BY_NTAD)
        r = nta_opening_note(&opening, n_records, err);
    else if (trace.left == LEFT_BY_US)
        r = leave_here(opening.question, now_ns, now_ns, n_records, err);
    if (r == 0)
        *ret_is_noted = trace.left != LEFT_NONE;
    return r;
}
