/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/files.h"

#include "base/hex.h"
#include "base/runtime/clock.h"
#include "capture/pcapng_write.h"
#include "evidence/proof/each.h"
#include "evidence/text/text.h"
#include "incident/json.h"
#include "record/json.h"

#include <stdio.h>

/* ---- records.json ---- */

struct putting
{
    struct nta_buf *out;
    const char *before;
};

static int put_record(void *owner, const struct nta_case_at *at)
{
    struct putting *putting = owner;

    nta_buf_puts(putting->out, putting->before);
    if (at->record)
        nta_record_json(putting->out, at->record, at->id);
    else
        nta_buf_printf(putting->out, "{\"id\":\"%s\"}", at->id);
    putting->before = ",\n";
    return nta_case_may_grow(putting->out);
}

int nta_case_put_records(const struct nta_case_view *view, struct nta_buf *out)
{
    struct putting putting = {.out = out, .before = ""};

    nta_buf_puts(out, "{\"incident\":");
    if (view->incident)
        nta_incident_json(out, view->incidents, view->incident, view->detail, true);
    else
        nta_buf_puts(out, "null");
    nta_buf_puts(out, ",\n\"records\":[\n");
    const int r = nta_case_each(view->kase, put_record, &putting);

    nta_buf_puts(out, "\n]}\n");
    return r;
}

/* ---- packets.pcapng ---- */

static int put_section(void *owner, const struct nta_case_at *at)
{
    char comment[NTA_CASE_ID_SIZE + NTA_TIME_TEXT_SIZE + 32], time[NTA_TIME_TEXT_SIZE];
    struct nta_pcapng_counts ignored;
    struct nta_buf *out = owner;

    if (!at->record || at->record->event != NTA_RECORD_PACKETS)
        return 0;
    const int len = snprintf(comment, sizeof(comment), "record %s of %s", at->id,
                             nta_clock_text(at->record->time_ns, time));
    const struct nta_span text = {.ptr = (const uint8_t *)comment, .len = (size_t)len};

    (void)nta_pcapng_annotate(at->record->packets, &text, 1, out, &ignored);
    return nta_case_may_grow(out);
}

int nta_case_put_packets(const struct nta_case_view *view, struct nta_buf *out)
{
    return nta_case_each(view->kase, put_section, out);
}

/* ---- README.txt ---- */

static const char about[] =
    "This archive is a case: what a network sensor (NTA) recorded of one incident,\n"
    "with the proof that nothing of it was changed since.  No password is needed.\n"
    "\n"
    "  case.cbor        the proof, and the records in their stored form; all other\n"
    "                   files are made of it\n"
    "  index.html       what was recorded, to be read (also in German, French, Dutch)\n"
    "  records.json     the incident and its records, for programs\n"
    "  packets.pcapng   recorded packets, if there are any; Wireshark opens it\n"
    "  check.py         some 90 lines of Python that check case.cbor by themselves\n"
    "  manifest.json    the name, size and SHA-256 of every other file\n"
    "\n"
    "To check it, get the sensor's key from somebody you trust (on paper; it was\n"
    "noted when the sensor was set up), and the program nta from its makers, and run\n"
    "\n";

static const char by_hand[] =
    "\n"
    "It says line by line what holds and what does not.  Compare the key that you\n"
    "got with the one above, digit by digit: a case that somebody made up comes with\n"
    "a key that fits.  Without that program, but with Python and OpenSSL 3:\n"
    "\n"
    "  python3 check.py CASE.zip";

static const char behind[] =
    "\n"
    "but with a check.py from the program's makers: a case that somebody made up\n"
    "comes with one that says it holds.  At its end it says what it does not look at.\n"
    "\n"
    "A case proves that the sensor recorded these things, in these words, before the\n"
    "newest batch in it was signed.  It does not prove that nothing else happened,\n"
    "nor who sat at the computer.\n";

/** The keys that it names, each in a line of 80 columns that goes on with the command before. */
static void put_keys(const struct nta_case_view *view, const char *before, struct nta_buf *out)
{
    for (size_t i = 0; i < view->kase->n_sensors; i++) {
        nta_buf_printf(out, " \\\n  %snta-sensor-", before);
        nta_buf_put_hex(out, view->kase->sensors[i].identity, NTA_KEY_LEN);
    }
    nta_buf_puts(out, "\n");
}

int nta_case_put_readme(const struct nta_case_view *view, struct nta_buf *out)
{
    nta_buf_puts(out, about);
    nta_buf_puts(out, "  nta verify CASE.zip");
    put_keys(view, "-k ", out);
    nta_buf_puts(out, by_hand);
    put_keys(view, "", out);
    nta_buf_puts(out, behind);
    return 0;
}

/* ---- check.py ---- */

int nta_case_put_check(const struct nta_case_view *view, struct nta_buf *out)
{
    (void)view;
    nta_buf_put(out, nta_case_check_py, (size_t)(nta_case_check_py_end - nta_case_check_py));
    return 0;
}
