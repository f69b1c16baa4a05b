/* SPDX-License-Identifier: Apache-2.0 */
/* Is all well?  What is not, one sentence a line: for `nta status`, its exit status, and whoever watches. */
#include "base/clock.h"
#include "base/text.h"
#include "ntad.h"

#include <inttypes.h>
#include <sys/stat.h>

enum
{
    SHOWN_SIZE = 256
};

/** How long ago a list's file was changed last; 0 if it is not there (a reload will say so). */
static int64_t age_ns(const struct nta_list_report *list)
{
    struct stat st;

    if (stat(list->path, &st) < 0)
        return 0;
    int64_t age = nta_clock_wall_ns() - (st.st_mtim.tv_sec * NTA_NS_PER_S + st.st_mtim.tv_nsec);

    return age > 0 ? age : 0;
}

/** A list that nobody renews any more: its feed, or who fetches it, may be dead. */
static size_t find_old(const struct nta_policy *policy, struct nta_buf *reasons)
{
    char shown[SHOWN_SIZE];
    size_t n = 0;

    for (size_t i = 0; policy->max_age_ns && i < nta_blacklist_n_lists(policy->lists); i++) {
        const struct nta_list_report *list = nta_blacklist_get_list(policy->lists, i);
        int64_t age = list->internal || list->allow ? 0 : age_ns(list);

        if (age <= policy->max_age_ns)
            continue;
        nta_buf_printf(reasons,
                       "list %s has not changed for %" PRId64 " hours (blacklist.max_age)\n",
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(list->name)),
                       age / (3600 * NTA_NS_PER_S));
        n++;
    }
    return n;
}

/** One row of a gauge that each list has. */
static void put_gauge(struct nta_buf *out, const char *name, const struct nta_list_report *list,
                      uint64_t value)
{
    nta_buf_printf(out, "%s{list=", name);
    nta_text_json(out, nta_span_of(list->name));
    nta_buf_printf(out, "} %" PRIu64 "\n", value);
}

void nta_daemon_put_list_gauges(const struct nta_policy *policy, struct nta_buf *out)
{
    static const char *const names[] = {"nta_list_entries", "nta_list_age_seconds"};

    for (size_t k = 0; k < 2; k++) {
        nta_buf_printf(out, "# TYPE %s gauge\n", names[k]);
        for (size_t i = 0; i < nta_blacklist_n_lists(policy->lists); i++) {
            const struct nta_list_report *list = nta_blacklist_get_list(policy->lists, i);

            if (!list->internal)
                put_gauge(out, names[k], list,
                          k == 0 ? nta_list_report_entries(list) - list->n_duplicates
                                 : (uint64_t)(age_ns(list) / NTA_NS_PER_S));
        }
    }
}

size_t nta_daemon_health(const struct nta_daemon *daemon, struct nta_buf *reasons)
{
    const struct nta_policy *policy = nta_pipeline_policy(daemon->pipeline);
    size_t n = find_old(policy, reasons);
    const char *away = nta_pipeline_away(daemon->pipeline);
    char shown[SHOWN_SIZE];

    if (away) {
        nta_buf_printf(reasons, "interface %s is lost: nothing is seen of it until it is back\n",
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(away)));
        n++;
    }
    if (policy->trouble.text[0]) {
        nta_buf_printf(reasons, "a list %s\n", policy->trouble.text);
        n++;
    }
    if (daemon->reload_err.text[0]) {
        nta_buf_printf(reasons, "last reload refused: %s\n", daemon->reload_err.text);
        n++;
    }
    if (daemon->canary.bad) {
        nta_buf_printf(reasons, "does not find what it should: no canary from %s\n",
                       daemon->canary.missing);
        n++;
    }
    return n;
}
