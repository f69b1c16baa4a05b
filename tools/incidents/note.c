/* SPDX-License-Identifier: Apache-2.0 */
#include "incidents/note.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/prose.h"
#include "output/fail.h"
#include "trace/say.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int nta_incident_say(const struct nta_filters *filters, const struct nta_incident_note *note)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    const struct nta_record_log log = {
        .incident = nta_span_of(note->id),
        .status = note->status,
        .note = nta_span_of(note->text),
    };
    struct nta_err err = {0};

    nta_buf_printf(&line, "note %s %s ", note->id, nta_status_name(note->status));
    nta_buf_put_hex(&line, note->text, strlen(note->text));
    nta_buf_put(&line, "\n", 2);
    if (line.failed)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    const struct nta_saying saying = {
        .dir = filters->dir,
        .config = filters->config,
        .event = NTA_RECORD_NOTE,
        .log = &log,
        .line = (const char *)line.ptr,
        .sensor = note->id + 2,
    };
    const int r = nta_say(&saying, &err);

    if (r < 0)
        return nta_cmd_fail(r == -EREMOTE ? NTA_EXIT_INPUT : NTA_EXIT_FAILURE, "%s", err.text);
    nta_prose_print(stdout, "%s is %s now\n", note->id, nta_status_name(note->status));
    return NTA_EXIT_OK;
}
