/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is made from the option table: the default file, the manual's table, the effective values,
 * the differences.
 */
#include "base/own.h"
#include "config/config.h"
#include "config/list_keys.h"
#include "config/options.h"

#include <string.h>

static void name_of(const struct nta_option *option, char buf[64])
{
    (void)snprintf(buf, 64, "%s.%s", option->section, option->name);
}

void nta_config_diff(const struct nta_config *old_config, const struct nta_config *new_config,
                     void (*each)(void *owner, const char *name, bool live), void *owner)
{
    NTA_AUTO(nta_buf_done) struct nta_buf then = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf now = {0};
    char name[64];

    for (size_t i = 0; i < nta_n_options; i++) {
        const struct nta_option *option = &nta_options[i];

        nta_buf_clear(&then);
        nta_buf_clear(&now);
        nta_option_show(option, old_config, &then);
        nta_option_show(option, new_config, &now);
        if (nta_span_equal(nta_buf_span(&then), nta_buf_span(&now)))
            continue;
        name_of(option, name);
        each(owner, name, option->flags & NTA_OPTION_LIVE);
    }
}

void nta_config_print(const struct nta_config *config, FILE *out)
{
    NTA_AUTO(nta_buf_done) struct nta_buf value = {0};
    char name[64];

    for (size_t i = 0; i < nta_n_options; i++) {
        const struct nta_option *option = &nta_options[i];

        nta_buf_clear(&value);
        nta_option_show(option, config, &value);
        if (option->flags & NTA_OPTION_SECRET && value.len > 2) {
            nta_buf_clear(&value);
            nta_buf_puts(&value, "\"********\"");
        }
        name_of(option, name);
        (void)fprintf(out, "%-24s = %.*s\n", name, (int)value.len, (const char *)value.ptr);
    }
}

/**
 * One option as it stands in the default file; where the preset says nothing, an example, commented
 * out.
 */
static void print_item(const struct nta_option *option, const struct nta_config *presets, FILE *out)
{
    NTA_AUTO(nta_buf_done) struct nta_buf value = {0};
    bool is_list = nta_option_is_list(option);

    nta_option_show(option, presets, &value);
    (void)fprintf(out, "\n    # %s%s\n", option->help,
                  option->flags & NTA_OPTION_LIVE ? " [reload]" : "");
    if (option->preset[0] == '\0' && option->example) {
        (void)fprintf(out, "    # %s = %s", option->name, is_list ? "( " : "");
        for (const char *pos = option->example; *pos; pos++) { /* each line is a comment */
            (void)fputc(*pos, out);
            (void)fputs(*pos == '\n' ? "    # " : "", out);
        }
        (void)fputs(is_list ? " );\n" : ";\n", out);
    } else
        (void)fprintf(out, "    # %s = %.*s;\n", option->name, (int)value.len,
                      (const char *)value.ptr);
}

void nta_config_print_default(FILE *out)
{
    NTA_AUTO(nta_config_free) struct nta_config *presets = NULL;
    const char *section = "";

    if (nta_config_new(&presets, NULL) < 0)
        return;
    (void)fputs(
        "# ntad.conf: configuration of ntad, in the language of libconfig.\n"
        "#\n"
        "# Written from the program's option table.  Each line shows a default, or an\n"
        "# example where there is none; take the # away and change it.  [reload]: taken\n"
        "# over by `systemctl reload ntad`, without a restart and without losing a packet.\n"
        "# Sizes take K, M, G; times take ms, s, m, h, d.  A section mysql that is there\n"
        "# makes ntad ship its sealed batches to that server.\n",
        out);
    for (size_t i = 0; i < nta_n_options; i++) {
        const struct nta_option *option = &nta_options[i];
        const char *mark = strcmp(option->section, "mysql") == 0 ? "# " : "";
        bool last =
            i + 1 == nta_n_options || strcmp(nta_options[i + 1].section, option->section) != 0;

        if (strcmp(section, option->section) != 0)
            (void)fprintf(out, "\n%s%s = {\n", mark, option->section);
        section = option->section;
        print_item(option, presets, out);
        if (last)
            (void)fprintf(out, "%s};\n", mark);
    }
}

static void print_list_keys(FILE *out)
{
    (void)fputs("\nA list of `blacklist.files` is a path, or a group of these keys; a database of "
                "`geo.fetch` has\nthose that are marked.\n\n"
                "| key | geo | meaning |\n|---|---|---|\n",
                out);
    for (size_t i = 0; i < nta_n_list_keys; i++)
        (void)fprintf(out, "| `%s` | %s | %s |\n", nta_list_keys[i].name,
                      nta_list_keys[i].geo ? "yes" : "", nta_list_keys[i].help);
}

void nta_config_print_table(FILE *out)
{
    NTA_AUTO(nta_config_free) struct nta_config *presets = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf value = {0};
    char name[64];

    if (nta_config_new(&presets, NULL) < 0)
        return;
    (void)fputs("| option | default | reload | meaning |\n|---|---|---|---|\n", out);
    for (size_t i = 0; i < nta_n_options; i++) {
        const struct nta_option *option = &nta_options[i];

        nta_buf_clear(&value);
        nta_option_show(option, presets, &value);
        name_of(option, name);
        (void)fprintf(out, "| `%s` | `%.*s` | %s | %s |\n", name, (int)value.len,
                      (const char *)value.ptr, option->flags & NTA_OPTION_LIVE ? "yes" : "",
                      option->help);
    }
    print_list_keys(out);
}
