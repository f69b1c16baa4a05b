/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/tell.h"

#include "ask/ask.h"
#include "base/buf.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum
{
    WAIT_S = 15, ///< For it to be stored.
    LOOK_MS = 10,
    LATER_MS = 250,
    WORDS_SIZE = 256
};

/** One question, and its answer as one line of text.  0, or negative errno. */
static int ask_once(const char *socket, const char *question, char ret_words[WORDS_SIZE],
                    struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    const int r = nta_control_ask(socket, question, &answer, err);

    if (r < 0)
        return r;
    const struct nta_span said = nta_span_first(nta_buf_span(&answer), WORDS_SIZE - 1);

    (void)snprintf(ret_words, WORDS_SIZE, "%.*s", (int)said.len,
                   said.len ? (const char *)said.ptr : "");
    ret_words[strcspn(ret_words, "\n")] = '\0';
    return 0;
}

/** It has much to do, or this user has told it much: what is told now waits. */
static bool is_later(const char *words)
{
    return strcmp(words, "later") == 0 || strcmp(words, "error: ntad is busy") == 0;
}

/** Until it has an answer, a quarter of a minute at most. */
static int ask(const char *socket, const char *question, char ret_words[WORDS_SIZE],
               struct nta_err *err)
{
    const struct timespec pause = {.tv_nsec = LATER_MS * NTA_NS_PER_MS};
    const int64_t until_ns = nta_clock_mono_ns() + WAIT_S * NTA_NS_PER_S;
    char shown[WORDS_SIZE];
    int r;

    while ((r = ask_once(socket, question, ret_words, err)) == 0 && is_later(ret_words) &&
           nta_clock_mono_ns() < until_ns)
        (void)nanosleep(&pause, NULL);
    if (r < 0)
        return r;
    if (is_later(ret_words))
        return nta_err_set(err, -EAGAIN,
                           "ntad takes no more now: it is busy, or this user has "
                           "left too many traces");
    if (strncmp(ret_words, "error: ", 7) != 0)
        return 0;
    return nta_err_set(err, -EREMOTE, "ntad refuses: %s",
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(ret_words + 7)));
}

static int say_stranger(const char *socket, struct nta_err *err)
{
    char shown[WORDS_SIZE];

    return nta_err_set(err, -EPROTO, "what answers at %s is not an ntad of this version",
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(socket)));
}

/** Until it is stored, whichever run of ntad it was told. */
static int await(const char *socket, uint64_t run, uint64_t number, struct nta_err *err)
{
    const struct timespec pause = {.tv_nsec = LOOK_MS * NTA_NS_PER_MS};
    const int64_t until_ns = nta_clock_mono_ns() + WAIT_S * NTA_NS_PER_S;
    char question[64], words[WORDS_SIZE];

    (void)snprintf(question, sizeof(question), "stored %" PRIu64 " %" PRIu64 "\n", run, number);
    do {
        const int r = ask(socket, question, words, err);

        if (r < 0 && r != -EAGAIN)
            return r;
        if (r == 0 && strcmp(words, "yes") == 0)
            return 0;
        if (r == 0 && strcmp(words, "no") != 0)
            return say_stranger(socket, err);
        (void)nanosleep(&pause, NULL);
    } while (nta_clock_mono_ns() < until_ns);
    return nta_err_set(err, -ETIMEDOUT,
                       "ntad took it and has not stored it yet: nta status says why");
}

int nta_control_tell(const char *socket, const char *line, struct nta_told *ret_told,
                     struct nta_err *err)
{
    char words[WORDS_SIZE], more;
    uint64_t run, number;
    int64_t time_ns;
    int r = ask(socket, line, words, err);

    if (r < 0)
        return r;
    if (sscanf(words, "taken %" SCNu64 " %" SCNu64 " %" SCNd64 "%c", // NOLINT(cert-err34-c)
               &run, &number, &time_ns, &more) != 3)
        return say_stranger(socket, err);
    r = await(socket, run, number, err);
    if (r == 0)
        *ret_told = (struct nta_told){.time_ns = time_ns};
    return r;
}

int nta_control_sensor(const char *socket, char ret_sensor[NTA_CONTROL_SENSOR_SIZE],
                       struct nta_err *err)
{
    char words[WORDS_SIZE];
    const char *id = words + strlen("sensor ");
    const int r = ask(socket, "sensor\n", words, err);

    if (r < 0)
        return r;
    if (strncmp(words, "sensor ", (size_t)(id - words)) != 0 ||
        strlen(id) != NTA_CONTROL_SENSOR_SIZE - 1 ||
        strspn(id, "0123456789abcdef") != NTA_CONTROL_SENSOR_SIZE - 1)
        return say_stranger(socket, err);
    memcpy(ret_sensor, id, NTA_CONTROL_SENSOR_SIZE);
    return 0;
}
