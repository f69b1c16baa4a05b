/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What can be asked for, one row a filter: the option that every subcommand takes, its paragraph
 * of the help, the parts of a record that are decoded for it, and how a record is held against it.
 *
 *     WORD(symbol, word, member, part, kind of token or 0, the sentence that refuses an empty
 *     word, option...)
 *     OWN(symbol, word, whether it is set, parts, option...)
 *     option: letter or 0, letter with its colon or "", name, whether it has an argument, lines of
 *     the help
 *
 * WORD: the text `member` of a record is this word, whatever the case; `char *word` is a member of
 * struct nta_query.  OWN: nta_query_WORD() reads the option's text, WORD_has() of query_match.c
 * asks a record.
 */
#define NTA_FILTERS(WORD, OWN)                                                                     \
    OWN(USER, user, query->user, NTA_PART_USER, 'u', "u:", "user", required_argument,              \
        "  -u, --user WHO        address, network (10.0.0.0/24), MAC address of the\n"             \
        "                        device, host name, login, person or pseudonym\n")                 \
    WORD(DEPARTMENT, department, user.department, NTA_PART_USER, NTA_VALUE_DEPARTMENT,             \
         "--department: a department as users.conf has it", 0, "", "department",                   \
         required_argument, "      --department NAME users of this department\n")                  \
    OWN(SENSOR, sensor, query->sensors, NTA_PART_EVENT, 0, "", "sensor", required_argument,        \
        "      --sensor NAME     of this sensor (sensors.pub)\n")                                  \
    OWN(SITE, site, query->site, NTA_PART_SITE, 's', "s:", "site", required_argument,              \
        "  -s, --site NAME       a site and its subdomains\n")                                     \
    WORD(LIST, list, match.list, NTA_PART_MATCH, NTA_VALUE_LIST, "--list: the name of a list",     \
         'l', "l:", "list", required_argument, "  -l, --list NAME       matches of this list\n")   \
    WORD(CATEGORY, category, match.category, NTA_PART_MATCH, NTA_VALUE_CATEGORY,                   \
         "--category: a category as the lists have it", 0, "", "category", required_argument,      \
         "      --category NAME   matches of lists of this category\n")                            \
    OWN(COUNTRY, country, query->country, NTA_SITE_PLACE_PARTS, 'C', "C:", "country",              \
        required_argument, "  -C, --country CODE    servers in this country (two letters)\n")      \
    OWN(APP, app, query->app, NTA_PART_APP, 0, "", "app", required_argument,                       \
        "      --app NAME        application protocol: tls, quic, http, dns, ...\n")               \
    OWN(GRADE, grade, query->grades, NTA_GRADE_PARTS, 0, "", "grade", required_argument,           \
        "      --grade GRADE     how well the site is known: strong, likely, weak;\n"              \
        "                        likely+ is that and better\n")                                    \
    OWN(BYTES, bytes, query->bytes_above, NTA_PART_COUNTS, 0, "", "bytes-above",                   \
        required_argument,                                                                         \
        "      --bytes-above N   more bytes, both ways together: 500k, 10M, 2G\n")                 \
    OWN(TYPE, type, query->type, NTA_PART_FILE, 0, "", "type", required_argument,                  \
        "      --type TYPE       file type: exe, pdf, video, application/zip\n")                   \
    OWN(KIND, kind, query->kinds, NTA_PART_FILE, 0, "", "kind", required_argument,                 \
        "      --kind KIND       of a file: program, archive, document, video, audio,\n"           \
        "                        image, disk, torrent, script, other; or several\n")               \
    OWN(ACT, act, query->acts, NTA_PART_MORE, 0, "", "act", required_argument,                     \
        "      --act ACT         what was done: asked, contacted, downloaded, uploaded\n")         \
    OWN(SEEN, seen, query->seens, NTA_PART_MORE, 0, "", "seen", required_argument,                 \
        "      --seen SEEN       claimed, answered (by whom was asked), delivered\n")              \
    OWN(SEVERITY, severity, query->severities, NTA_PART_MATCH, 0, "", "severity",                  \
        required_argument,                                                                         \
        "      --severity LEVEL  of the list: low, medium, high, critical; high+\n")               \
    OWN(EVENT, event, query->events, NTA_PART_EVENT, 0, "", "event", required_argument,            \
        "      --event EVENT     download, flow, request, lookup, alert, packets, loss,\n"         \
        "                        lease; canary, policy, start, stop, gap, audit, note,\n"          \
        "                        which nothing else shows; several with commas\n")                 \
    OWN(BETWEEN, between, query->between[0] != query->between[1], NTA_PART_EVENT, 0, "",           \
        "between", required_argument,                                                              \
        "      --between FROM-TO at that time of a day: 08:00-16:00\n")                            \
    OWN(MATCHED, matched, query->matched, NTA_PART_MATCH, 0, "", "matched", no_argument,           \
        "      --matched         only what a list forbids\n")                                      \
    OWN(DOWNLOADS, downloads, query->download, NTA_PART_FLAGS, 0, "", "downloads", no_argument,    \
        "      --downloads       only what counts as a download from a forbidden site\n")
