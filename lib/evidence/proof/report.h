/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is told of a case: a row a step, each with its state and a sentence.  A value.
 */

#include <stddef.h>

/** constant, name (an interface: `nta verify --json`) */
#define NTA_CASE_STEPS(X)                                                                          \
    X(ARCHIVE, "archive")                                                                          \
    X(KEY, "key")                                                                                  \
    X(CHANGES, "changes")                                                                          \
    X(BATCHES, "batches")                                                                          \
    X(LOG, "log")                                                                                  \
    X(RECORDS, "records")                                                                          \
    X(NOTED_HEADS, "noted")                                                                        \
    X(TIMES, "times")                                                                              \
    X(POLICY, "policy")                                                                            \
    X(LINES, "lines")                                                                              \
    X(INCIDENT, "incident")                                                                        \
    X(PAGES, "pages")                                                                              \
    X(SEAL, "seal")

enum nta_case_step
{
#define NTA_CASE_STEP(constant, name) NTA_CASE_##constant,
    NTA_CASE_STEPS(NTA_CASE_STEP)
#undef NTA_CASE_STEP
    NTA_CASE_N_STEPS
};

/** Its name; static. */
const char *nta_case_step_name(enum nta_case_step step);

enum nta_case_state
{
    NTA_CASE_UNTOLD, ///< Not looked at, since an earlier step failed.
    NTA_CASE_HOLDS,
    NTA_CASE_NONE,   ///< There is nothing of it in the case, which is no fault.
    NTA_CASE_UNSEEN, ///< Cannot be told from what is here.
    NTA_CASE_WRONG
};

enum
{
    NTA_CASE_TEXT_SIZE = 400
};

/**
 * Records without those that a sensor makes of itself, by what its last start before they were
 * sealed says.  The others it saw itself.
 */
struct nta_case_origin
{
    size_t n;          ///< All of them.
    size_t n_read;     ///< It read them from capture files, and did not see itself what they tell.
    size_t n_unproved; ///< No such start is in the case: either may be.
};

struct nta_case_report
{
    struct nta_case_told
    {
        enum nta_case_state state;
        char text[NTA_CASE_TEXT_SIZE]; ///< A sentence that may be shown as it is.
    } steps[NTA_CASE_N_STEPS];

    struct nta_case_origin origin;
};

/** Say what a step came to. */
void nta_case_tell(struct nta_case_report *report, enum nta_case_step step,
                   enum nta_case_state state, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** The worst of all steps; NTA_CASE_HOLDS where none is UNSEEN or WRONG. */
enum nta_case_state nta_case_result(const struct nta_case_report *report);
