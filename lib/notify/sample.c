/* SPDX-License-Identifier: Apache-2.0 */
/* A file that has all options, made from the rows. */
#include "notify/rows.h"
#include "notify/settings.h"

#include <string.h>

enum
{
    COLUMNS = 96
};

static bool is_quoted(const struct nta_notify_row *row)
{
    return row->type != NTA_NOTIFY_TYPE_BOOL && row->type != NTA_NOTIFY_TYPE_COUNT;
}

/** A comment's lines. */
static void print_help(const struct nta_notify_row *row, const char *indent, FILE *out)
{
    const char *at = row->help;

    while (*at) {
        const size_t room = COLUMNS - strlen(indent) - 2;
        size_t n = strlen(at);

        if (n > room) {
            for (n = room; n > 0 && at[n] != ' '; n--)
                ;
            n = n ? n : room;
        }
        (void)fprintf(out, "%s# %.*s\n", indent, (int)n, at);
        at += n;
        at += strspn(at, " ");
    }
}

static void print_row(const struct nta_notify_row *row, FILE *out)
{
    const char *indent = row->of_receiver ? "#     " : "";
    const char *quote = is_quoted(row) ? "\"" : "";

    print_help(row, indent, out);
    if (row->type == NTA_NOTIFY_TYPE_TEXTS)
        (void)fprintf(out, "%s%s = [ ];\n", indent, row->name);
    else
        (void)fprintf(out, "%s%s = %s%s%s;\n", indent, row->name, quote,
                      row->preset ? row->preset : "", quote);
}

void nta_notify_settings_print_sample(FILE *out)
{
    (void)fputs(
        "# nta-notify.conf: who is told of alerts (nta-notify.service).  Mode 0600: webhooks "
        "and passwords\n# are secrets.\n\n",
        out);
    for (size_t i = 0; i < nta_notify_n_rows; i++) {
        if (!nta_notify_rows[i].of_receiver)
            print_row(&nta_notify_rows[i], out);
    }
    (void)fputs("\n# receivers = (\n#   {\n", out);
    for (size_t i = 0; i < nta_notify_n_rows; i++) {
        if (nta_notify_rows[i].of_receiver)
            print_row(&nta_notify_rows[i], out);
    }
    (void)fputs("#   }\n# );\n", out);
}
