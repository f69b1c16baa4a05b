/* SPDX-License-Identifier: Apache-2.0 */
#include "config/loading.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

enum
{
    SHOWN_SIZE = 128
};

const char *nta_loading_place(const struct nta_loading *loading, const config_setting_t *setting,
                              char buf[NTA_PLACE_SIZE])
{
    const char *file = config_setting_source_file(setting);
    char shown[SHOWN_SIZE];

    (void)snprintf(
        buf, NTA_PLACE_SIZE, "%s:%u",
        nta_text_escape_to(shown, sizeof(shown), nta_span_of(file ? file : loading->path)),
        config_setting_source_line(setting));
    return buf;
}

void nta_loading_fault(struct nta_loading *loading, const char *format, ...)
{
    char sentence[NTA_ERR_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    for (char *at = sentence; *at; at++) { /* values may hold anything; a fault is one line */
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    }
    nta_buf_puts(loading->faults, sentence);
    nta_buf_put_u8(loading->faults, '\n');
    loading->n_faults++;
}
