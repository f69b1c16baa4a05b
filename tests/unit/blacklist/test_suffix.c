/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Most names are known not to be public suffixes without asking libpsl: that must not change any
 * answer.
 */
#include "blacklist/format/line.h"
#include "lists.h"

#include <libpsl.h>

#define SUFFIX_FILE "/usr/share/publicsuffix/public_suffix_list.dat"

static void take_entry(void *owner, const struct nta_list_entry *entry)
{
    (void)owner;
    (void)entry;
}

/** The list's verdict on one line: taken, or skipped as a suffix. */
static bool is_taken(const char *name)
{
    struct nta_list_reader reader;
    enum nta_line outcome;

    nta_list_reader_init(&reader);
    reader.entry = take_entry;
    outcome = nta_list_line(&reader, nta_span_of(name));
    assert_true(outcome == NTA_LINE_ENTRY || outcome == NTA_LINE_SKIP);
    return outcome == NTA_LINE_ENTRY;
}

static unsigned n_suffixes, n_asked;

static void compare(const char *name)
{
    char normal[NTA_NAME_SIZE];
    bool is_suffix;

    if (nta_blacklist_name(nta_span_of(name), normal) == 0)
        return;
    is_suffix =
        psl_is_public_suffix2(psl_builtin(), normal, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
    if (!strchr(normal, '.'))
        is_suffix = true; /* a name without a dot is not taken either */
    n_asked++;
    n_suffixes += is_suffix;
    if (is_taken(normal) == is_suffix)
        fail_msg("%s is%s taken", normal, is_suffix ? "" : " not");
}

/** Each rule, what lies below it, and what lies above. */
static void the_shortcut_agrees_with_the_list_of_suffixes(void **state)
{
    NTA_AUTO_FILE FILE *file = fopen(SUFFIX_FILE, "re");
    char line[NTA_NAME_SIZE], below[NTA_NAME_SIZE + 8];

    (void)state;
    if (!file)
        skip();
    while (fgets(line, sizeof(line), file)) {
        const char *rule = line;

        line[strcspn(line, " \t\r\n")] = '\0';
        if (strstr(line, "PRIVATE DOMAINS")) /* the rest are names of hosters */
            break;
        if (line[0] == '\0' || line[0] == '/')
            continue;
        rule += strncmp(rule, "*.", 2) == 0 ? 2 : rule[0] == '!';
        compare(rule);
        (void)snprintf(below, sizeof(below), "q7.%s", rule);
        compare(below);
        (void)snprintf(below, sizeof(below), "b.q7.%s", rule);
        compare(below);
        rule = strchr(rule, '.');
        if (rule)
            compare(rule + 1);
    }
    assert_true(n_suffixes > 5000 && n_asked > 2 * n_suffixes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shortcut_agrees_with_the_list_of_suffixes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
