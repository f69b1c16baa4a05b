/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked over the control socket to be deleted or held, and what became of it. */
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "inside.h"
#include "pipeline/retain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHO_WORD "hold-who "

/** "CLASSES age" or "CLASSES DAY": a sum of bits 1 << class; a UTC day's number. */
static bool parse_prune(const char *text, struct nta_retain_request *ret_request)
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

/** A number and the blank behind it; `pos` moves behind both. */
static bool take_number(const char **pos, int64_t min, int64_t max, int64_t *ret_number)
{
    char *end = NULL;

    errno = 0;
    *ret_number = strtoll(*pos, &end, 10);
    if (errno || end == *pos || *end != ' ' || *ret_number < min || *ret_number > max)
        return false;
    *pos = end + 1;
    return true;
}

/** "BATCH RECORD FIRST-DAY LAST-DAY TEXT", of a release without days; the text in hexadecimals. */
static bool parse_hold(const char *text, struct nta_retain_request *ret_request)
{
    struct nta_hold *hold = &ret_request->hold;
    int64_t batch, record;

    if (!take_number(&text, 1, INT64_MAX, &batch) || !take_number(&text, 0, INT64_MAX, &record))
        return false;
    hold->batch = (uint64_t)batch;
    hold->record = (uint64_t)record;
    if (ret_request->deed == NTA_RETAIN_HOLD &&
        (!take_number(&text, INT32_MIN, INT32_MAX, &hold->first_day) ||
         !take_number(&text, hold->first_day, INT32_MAX, &hold->last_day) ||
         hold->last_day - hold->first_day >= NTA_HOLD_DAYS_MAX))
        return false;
    const size_t len = strlen(text) / 2;

    return len < sizeof(ret_request->text) && strlen(text) % 2 == 0 &&
           nta_hex_parse(text, len, (uint8_t *)ret_request->text);
}

static bool parse(const char *line, struct nta_retain_request *ret_request)
{
    static const struct
    {
        const char *word;
        enum nta_retain_deed deed;
    } words[] = {{"prune ", NTA_RETAIN_PRUNE},
                 {"hold ", NTA_RETAIN_HOLD},
                 {WHO_WORD, NTA_RETAIN_HOLD},
                 {"release ", NTA_RETAIN_RELEASE}};

    for (size_t i = 0; i < NTA_N_ELEMENTS(words); i++) {
        const size_t len = strlen(words[i].word);

        if (strncmp(line, words[i].word, len) != 0)
            continue;
        ret_request->deed = words[i].deed;
        ret_request->hold.of_who = strcmp(words[i].word, WHO_WORD) == 0;
        return words[i].deed == NTA_RETAIN_PRUNE ? parse_prune(line + len, ret_request)
                                                 : parse_hold(line + len, ret_request);
    }
    return false;
}

static bool concerns(const char *line)
{
    return strncmp(line, "prune ", 6) == 0 || strncmp(line, "hold ", 5) == 0 ||
           strncmp(line, WHO_WORD, strlen(WHO_WORD)) == 0 || strncmp(line, "release ", 8) == 0 ||
           strcmp(line, "pruned") == 0;
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

    if (!concerns(line))
        return false;
    nta_desk_name_caller(fd, request.actor);
    if (!retain)
        nta_buf_puts(answer, "error: records are not kept\n");
    else if (strcmp(line, "pruned") == 0)
        tell(retain, answer);
    else if (!parse(line, &request))
        nta_buf_puts(answer, "error: not a question that is answered here\n");
    else if (nta_retain_ask(retain, &request) < 0)
        nta_buf_puts(answer, "error: something else is being deleted or held: again later\n");
    else
        nta_buf_puts(answer, "asked\n");
    return true;
}
