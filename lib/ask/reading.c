/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/reading.h"

#include "base/buf.h"
#include "base/hex.h"
#include "base/own.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CUT "..."

/** So many bytes of it in digits; the end of what is longer says so.  None: "-". */
static void put_text(struct nta_buf *line, struct nta_span text, size_t max)
{
    if (text.len == 0)
        nta_buf_puts(line, "-");
    else if (text.len <= max)
        nta_buf_put_hex(line, text.ptr, text.len);
    else {
        nta_buf_put_hex(line, text.ptr, max - strlen(CUT));
        nta_buf_put_hex(line, CUT, strlen(CUT));
    }
}

/** "audit BEGAN RECORDS QUESTION PERSON" (daemon/note.h). */
static int tell(const struct nta_opening *reading, const char *began, const char *records,
                struct nta_told *ret_told, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};

    assert(reading->question.len > 0);
    nta_buf_printf(&line, "audit %s %s ", began, records);
    put_text(&line, reading->question, NTA_OPENING_MAX);
    nta_buf_puts(&line, " ");
    put_text(&line, reading->person, NTA_OPENING_PERSON);
    nta_buf_put(&line, "\n", 2);
    return line.failed ? nta_err_sys(err, -ENOMEM, "trace")
                       : nta_control_tell(reading->socket, (const char *)line.ptr, ret_told, err);
}

int nta_opening_begin(struct nta_opening *reading, struct nta_err *err)
{
    struct nta_told told;
    const int r = tell(reading, "-", "-", &told, err);

    if (r == 0)
        reading->began_ns = told.time_ns;
    return r;
}

int nta_opening_end(const struct nta_opening *reading, uint64_t n_records, struct nta_err *err)
{
    char began[24], records[24];
    struct nta_told ignored;

    assert(reading->began_ns > 0);
    (void)snprintf(began, sizeof(began), "%" PRId64, reading->began_ns);
    (void)snprintf(records, sizeof(records), "%" PRIu64, n_records);
    return tell(reading, began, records, &ignored, err);
}

int nta_opening_note(const struct nta_opening *reading, uint64_t n_records, struct nta_err *err)
{
    char records[24];
    struct nta_told ignored;

    (void)snprintf(records, sizeof(records), "%" PRIu64, n_records);
    return tell(reading, "-", records, &ignored, err);
}
