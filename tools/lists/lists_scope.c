/* SPDX-License-Identifier: Apache-2.0 */
#include "lists/lists_scope.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "options/filters.h"
#include "search/words/calendar.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/** What the list is asked about: one word more of the user. */
static int take_user(const struct nta_whom *whom, struct nta_lists_who *who, struct nta_err *err)
{
    const size_t n_vlans = who->who.n_vlans;

    switch (whom->kind) {
    case NTA_WHOM_PREFIX:
        if (whom->prefix.len != 8 * NTA_ADDR_LEN)
            return nta_err_set(err, -EINVAL, "--user: one user has one address, not a network");
        if (who->who.addr)
            return nta_err_set(err, -EINVAL, "--user: one user has one address, not two");
        who->addr = whom->prefix.addr;
        who->who.addr = &who->addr;
        break;
    case NTA_WHOM_VLAN:
        if (n_vlans == NTA_N_ELEMENTS(who->vlans))
            return nta_err_set(err, -EINVAL, "--user: a frame has two VLAN tags at most");
        who->vlans[n_vlans] = whom->vlan;
        who->who.vlans = who->vlans;
        who->who.n_vlans++;
        break;
    case NTA_WHOM_DEPARTMENT: who->who.department = nta_span_of(whom->name); break;
    case NTA_WHOM_LOGIN: who->who.login = nta_span_of(whom->name); break;
    case NTA_WHOM_PERSON: who->who.person = nta_span_of(whom->name); break;
    case NTA_WHOM_DEVICE: who->who.device = nta_span_of(whom->name); break;
    }
    return 0;
}

int nta_lists_who(const struct nta_lists *lists, struct nta_lists_who *ret_who, struct nta_err *err)
{
    struct nta_moment moment = {0};
    int r = 0;

    *ret_who = (struct nta_lists_who){.is_asked = lists->n_users || lists->at,
                                      .has_user = lists->n_users > 0};
    ret_who->who.wall_ns = nta_clock_wall_ns();
    for (size_t i = 0; i < lists->n_users && r == 0; i++)
        r = take_user(&lists->users[i], ret_who, err);
    if (r < 0 || !lists->at)
        return r;
    r = nta_options_time("--at", lists->at, ret_who->who.wall_ns, &moment, err);
    ret_who->who.wall_ns = moment.earlier_ns;
    return r;
}

static const struct nta_config_list *config_of(const struct nta_lists *lists,
                                               const struct nta_list_report *list)
{
    return list->number < lists->config->blacklist.n_files
               ? &lists->config->blacklist.files[list->number]
               : NULL;
}

const char *nta_lists_scope(const struct nta_lists *lists, const struct nta_list_report *list,
                            char buf[NTA_WHY_SIZE])
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    const struct nta_config_list *config = list->narrowed ? config_of(lists, list) : NULL;

    if (config)
        nta_config_show_scope(config, &text);
    return nta_text_escape_to(buf, NTA_WHY_SIZE, nta_buf_span(&text));
}

/** With its offset where the clocks show it twice. */
static const char *local_time(int64_t wall_ns, char buf[48])
{
    const time_t time = (time_t)(wall_ns / NTA_NS_PER_S);
    char offset[NTA_CALENDAR_OFFSET_SIZE] = "";
    struct tm local;
    size_t n = localtime_r(&time, &local) ? strftime(buf, 32, "%a %Y-%m-%d %H:%M", &local) : 0;

    buf[n] = '\0';
    if (n > 0 && nta_calendar_is_twice(wall_ns, offset))
        (void)snprintf(buf + n, 48 - n, " %s", offset);
    return buf;
}

const char *nta_lists_why_not(const struct nta_policy *policy, const struct nta_lists_who *who,
                              const struct nta_list_report *list, char buf[NTA_WHY_SIZE])
{
    const struct nta_whom *whom;
    char name[NTA_WHOM_NAME_SIZE + 16], when[48];

    buf[0] = '\0';
    if (!who->is_asked)
        return buf;
    switch (nta_scope_ask(nta_scope_of(policy, list), &who->who, &whom)) {
    case NTA_SCOPE_COUNTS: break;
    case NTA_SCOPE_NOT_FOR:
        (void)snprintf(buf, NTA_WHY_SIZE, "not_for has %s", nta_whom_text(whom, name));
        break;
    case NTA_SCOPE_FOR_OTHERS:
        (void)snprintf(buf, NTA_WHY_SIZE, "%s",
                       who->has_user ? "its for does not have this user"
                                     : "it is for some users only, and no --user was given");
        break;
    case NTA_SCOPE_OUT_OF_HOURS:
        (void)snprintf(buf, NTA_WHY_SIZE, "%s is not in its hours",
                       local_time(who->who.wall_ns, when));
        break;
    }
    return buf;
}
