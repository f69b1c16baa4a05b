/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/rules.h"

#include <errno.h>
#include <stdlib.h>

int nta_rules_note(struct nta_rules *rules, uint64_t rule, uint32_t line)
{
    if (rules->n_notes == rules->size) {
        size_t size = rules->size ? 2 * rules->size : 64;
        struct nta_rule_note *larger = reallocarray(rules->notes, size, sizeof(*larger));

        if (!larger)
            return -ENOMEM;
        rules->notes = larger;
        rules->size = size;
    }
    rules->notes[rules->n_notes++] = (struct nta_rule_note){.rule = rule, .line = line};
    rules->n_back += line == 0;
    return 0;
}

/** By rule, what takes back first. */
static int compare_notes(const void *a, const void *b)
{
    const struct nta_rule_note *one = a, *two = b;

    if (one->rule != two->rule)
        return one->rule < two->rule ? -1 : 1;
    return (one->line > two->line) - (one->line < two->line);
}

static int compare_lines(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, two = *(const uint32_t *)b;

    return (one > two) - (one < two);
}

int nta_rules_settle(struct nta_rules *rules)
{
    uint64_t back = 0;
    bool any = false;

    if (rules->n_back == 0)
        return 0;
    rules->lines = calloc(rules->n_notes, sizeof(*rules->lines));
    if (!rules->lines)
        return -ENOMEM;
    qsort(rules->notes, rules->n_notes, sizeof(*rules->notes), compare_notes);
    for (size_t i = 0; i < rules->n_notes; i++) {
        const struct nta_rule_note *note = &rules->notes[i];

        if (note->line == 0) {
            back = note->rule;
            any = true;
        } else if (any && note->rule == back) {
            rules->lines[rules->n_lines++] = note->line;
        }
    }
    qsort(rules->lines, rules->n_lines, sizeof(*rules->lines), compare_lines);
    return 0;
}

bool nta_rules_took_back(const struct nta_rules *rules, uint32_t line)
{
    return rules->n_lines > 0 && bsearch(&line, rules->lines, rules->n_lines, sizeof(*rules->lines),
                                         compare_lines) != NULL;
}

void nta_rules_done(struct nta_rules *rules)
{
    free(rules->notes);
    free(rules->lines);
    *rules = (struct nta_rules){0};
}
