/* SPDX-License-Identifier: Apache-2.0 */
#include "config/where.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/**
 * No blank, and a colon only before numbers ("eth0:1", "nflog:5,6"): of any other the kernel takes
 * what stands before the colon, so that a filter written right behind it would be lost unseen.
 */
static bool is_name(const char *name)
{
    const char *colon = strchr(name, ':');

    return !strpbrk(name, " \t\n\v\f\r") &&
           (!colon || (colon > name && colon[1] && !colon[1 + strspn(colon + 1, "0123456789,")]));
}

int nta_config_get_interface(const struct nta_config *config, size_t i,
                             char ret_name[NTA_INTERFACE_SIZE], const char **ret_filter,
                             struct nta_err *err)
{
    const char *text = config->capture.interfaces[i];
    const char *colon = strstr(text, ": "); /* no name has a blank in it */
    const size_t len = colon ? (size_t)(colon - text) : strlen(text);
    const char *filter = colon ? colon + 2 : config->capture.filter;

    if (len == 0 || len >= NTA_INTERFACE_SIZE)
        return nta_err_set(err, -EINVAL, "capture.interfaces: \"%.300s\" has no name", text);
    if (colon && strspn(filter, " ") == strlen(filter))
        return nta_err_set(err, -EINVAL,
                           "capture.interfaces: \"%.300s\" has no filter behind the colon", text);
    memcpy(ret_name, text, len);
    ret_name[len] = '\0';
    if (!is_name(ret_name))
        return nta_err_set(err, -EINVAL,
                           "capture.interfaces: \"%.200s\" is no name of an interface; a filter "
                           "follows behind a colon and a blank, as \"eth1: not port 22\"",
                           ret_name);
    *ret_filter = filter && filter[0] ? filter : NULL;
    return 0;
}

/** The digits at `*text`, which go on behind them; false: there are none, or it is too large. */
static bool take_number(const char **text, unsigned *ret_number)
{
    unsigned number = 0;
    const size_t len = strspn(*text, "0123456789");

    for (size_t i = 0; i < len && number < NTA_CPUS_MAX; i++)
        number = 10 * number + (unsigned)((*text)[i] - '0');
    *text += len;
    *ret_number = number;
    return len > 0 && number < NTA_CPUS_MAX;
}

int nta_config_get_cpus(const char *text, unsigned ret_cpus[NTA_CPUS_MAX], size_t *ret_n,
                        struct nta_err *err)
{
    const char *at = text;
    size_t n = 0;

    while (*at) {
        unsigned first, last;
        bool is_right = take_number(&at, &first);

        last = first;
        if (is_right && *at == '-') {
            at++;
            is_right = take_number(&at, &last);
        }
        is_right = is_right && first <= last && last - first < NTA_CPUS_MAX - n &&
                   (*at == '\0' || (*at == ',' && at[1]));
        if (!is_right)
            return nta_err_set(err, -EINVAL,
                               "capture.cpus: \"%.100s\" is no list of processors, as \"0,4-7\"",
                               text);
        at += *at == ',';
        for (unsigned cpu = first; cpu <= last; cpu++)
            ret_cpus[n++] = cpu;
    }
    *ret_n = n;
    return 0;
}
