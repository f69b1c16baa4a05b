/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/proof/report.h"

#include "base/own.h"

#include <stdarg.h>

static const char *const names[] = {
#define NTA_CASE_STEP(constant, name) [NTA_CASE_##constant] = (name),
    NTA_CASE_STEPS(NTA_CASE_STEP)
#undef NTA_CASE_STEP
};
static_assert(NTA_N_ELEMENTS(names) == NTA_CASE_N_STEPS, "each step has a name");

const char *nta_case_step_name(enum nta_case_step step)
{
    return names[step];
}

void nta_case_tell(struct nta_case_report *report, enum nta_case_step step,
                   enum nta_case_state state, const char *format, ...)
{
    struct nta_case_told *told = &report->steps[step];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(told->text, sizeof(told->text), format, arguments);
    va_end(arguments);
    told->state = state;
}

enum nta_case_state nta_case_result(const struct nta_case_report *report)
{
    enum nta_case_state worst = NTA_CASE_HOLDS;

    for (size_t i = 0; i < NTA_CASE_N_STEPS; i++) {
        const enum nta_case_state state = report->steps[i].state;

        if (state == NTA_CASE_WRONG)
            return state;
        if (state == NTA_CASE_UNSEEN || state == NTA_CASE_UNTOLD)
            worst = NTA_CASE_UNSEEN;
    }
    return worst;
}
