/* SPDX-License-Identifier: Apache-2.0 */
/* What incidents add up to, in sentences. */
#include "incident/say/say.h"
#include "made.h"

static void says_in(enum nta_language language, const char *period, const char *wanted)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)settled();
    nta_incidents_say(&out, set, language, period);
    nta_buf_put_u8(&out, 0);
    assert_false(out.failed);
    assert_string_equal((const char *)out.ptr, wanted);
}

static void says(const char *wanted)
{
    says_in(NTA_LANGUAGE_EN, " on Monday", wanted);
}

/** A file of this user from this listed site, as a download or an upload. */
static struct nta_record file(uint8_t user, const char *site, enum nta_act act,
                              enum nta_file_kind kind)
{
    struct nta_record record = made(NTA_RECORD_REQUEST, user, 0);

    record.site = record.match.entry = nta_span_of(site);
    record.act = (uint8_t)act;
    record.download = act == NTA_ACT_DOWNLOADED;
    record.file = (struct nta_record_file){.bytes = 1000, .kind = (uint8_t)kind};
    return record;
}

static void take_file(uint8_t user, const char *site, enum nta_act act, enum nta_file_kind kind)
{
    const struct nta_record record = file(user, site, act, kind);

    take(&record);
}

static void of_nobody_it_is_said_that_it_was_nobody(void **state)
{
    (void)state;
    says("Nobody was seen at a forbidden site on Monday.");
}

static void one_is_named_and_so_is_the_site(void **state)
{
    struct nta_record record = file(5, "bad.example", NTA_ACT_DOWNLOADED, NTA_FILE_KIND_PROGRAM);

    (void)state;
    record.user.name = nta_span_of("laptop-7");
    record.user.person = nta_span_of("Ann \x1b[31m");
    record.match.severity = 4;
    take(&record);
    says("Ann \\x1b[31m downloaded 1 program from bad.example on Monday. "
         "The incident is critical.");
}

static void what_a_machine_calls_itself_stands_beside_its_address(void **state)
{
    struct nta_record record = file(5, "bad.example", NTA_ACT_DOWNLOADED, NTA_FILE_KIND_PROGRAM);

    (void)state;
    record.user.name = nta_span_of("Ann Example and Carol Example");
    take(&record);
    says("Ann Example and Carol Example (10.0.0.5) downloaded 1 program from bad.example on "
         "Monday.");
}

static void a_grave_lookup_is_said_first(void **state)
{
    struct nta_record record = made(NTA_RECORD_LOOKUP, 8, 0);

    (void)state;
    record.app = NTA_APP_DNS;
    record.act = NTA_ACT_ASKED;
    record.match.severity = 4;
    record.match.category = nta_span_of("evasion"); /* of a list of one's own: nothing is hidden */
    take(&record);
    says("10.0.0.8 asked for the name of bad.example, and no more was seen on Monday. "
         "The incident is critical.");
}

static void many_are_counted(void **state)
{
    (void)state;
    take_file(5, "bad.example", NTA_ACT_DOWNLOADED, NTA_FILE_KIND_PROGRAM);
    take_file(6, "bad.example", NTA_ACT_DOWNLOADED, NTA_FILE_KIND_VIDEO);
    says("10.0.0.5 and 10.0.0.6 downloaded 2 files, 1 of them a program, from bad.example on "
         "Monday.");
    take_file(7, "worse.example", NTA_ACT_DOWNLOADED, NTA_FILE_KIND_PROGRAM);
    take_file(7, "worse.example", NTA_ACT_UPLOADED, NTA_FILE_KIND_OTHER);
    says("3 users downloaded 3 files, 2 of them programs, from 2 forbidden sites on Monday.");
}

static void each_kind_has_its_sentence(void **state)
{
    struct nta_record record = made(NTA_RECORD_LOOKUP, 8, 0);

    (void)state;
    take_file(5, "bad.example", NTA_ACT_UPLOADED, NTA_FILE_KIND_ARCHIVE);
    record.app = NTA_APP_DNS;
    record.act = NTA_ACT_ASKED;
    take(&record);
    record = made(NTA_RECORD_FLOW, 9, 0);
    take(&record);
    record.match.category = nta_span_of("evasion");
    record.match.kind = NTA_MATCH_PROGRAM;
    record.site = record.match.entry = nta_span_of("wireguard");
    record.end_ns = record.time_ns + 40 * MINUTE_NS;
    take(&record);
    record = made(NTA_RECORD_FLOW, 10, 0);
    record.match.weak = true;
    take(&record);
    says("10.0.0.5 uploaded 1 file to bad.example on Monday. "
         "10.0.0.9 was at bad.example without a download. "
         "What 10.0.0.9 did was hidden for 40 minutes by wireguard. "
         "10.0.0.8 asked for the name of bad.example, and no more was seen. "
         "1 more incident is a hint only: something else may explain it.");
}

static void what_somebody_judged_to_be_none_accuses_nobody(void **state)
{
    const struct nta_record record =
        file(5, "bad.example", NTA_ACT_DOWNLOADED, NTA_FILE_KIND_PROGRAM);

    (void)state;
    take_as(&record, 3, 4);
    const struct nta_record_log log = {.status = NTA_STATUS_FALSE,
                                       .incident = nta_span_of("I-" SENSOR "-3-4")};
    const struct nta_record note = {
        .event = NTA_RECORD_NOTE, .time_ns = BEGIN_NS + HOUR_NS, .log = &log};

    take(&note);
    says("Nobody was seen at a forbidden site on Monday. 1 incident was judged to be none.");
}

/** The period stands where the language has it; what a name is, is never a gap. */
static void other_languages_say_the_same(void **state)
{
    struct nta_record record = file(5, "{when}.example", NTA_ACT_DOWNLOADED, NTA_FILE_KIND_VIDEO);

    (void)state;
    take(&record);
    take_file(6, "worse.example", NTA_ACT_DOWNLOADED, NTA_FILE_KIND_PROGRAM);
    says_in(NTA_LANGUAGE_DE, " am Montag",
            "10.0.0.5 und 10.0.0.6 haben am Montag 2 Dateien, darunter 1 Programm, von 2 "
            "verbotenen Seiten heruntergeladen.");
    says_in(NTA_LANGUAGE_FR, " lundi",
            "10.0.0.5 et 10.0.0.6 ont téléchargé 2 fichiers, dont 1 programme, depuis 2 sites "
            "interdits lundi.");
    says_in(NTA_LANGUAGE_NL, " op maandag",
            "10.0.0.5 en 10.0.0.6 hebben op maandag 2 bestanden, waarvan 1 programma, van 2 "
            "verboden sites gedownload.");
}

static void a_name_is_no_gap(void **state)
{
    const struct nta_record record =
        file(5, "{when}.example", NTA_ACT_DOWNLOADED, NTA_FILE_KIND_VIDEO);

    (void)state;
    take(&record);
    says("10.0.0.5 downloaded 1 file from {when}.example on Monday.");
}

#define FRESH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        FRESH(of_nobody_it_is_said_that_it_was_nobody),
        FRESH(one_is_named_and_so_is_the_site),
        FRESH(what_a_machine_calls_itself_stands_beside_its_address),
        FRESH(a_grave_lookup_is_said_first),
        FRESH(many_are_counted),
        FRESH(each_kind_has_its_sentence),
        FRESH(other_languages_say_the_same),
        FRESH(a_name_is_no_gap),
        FRESH(what_somebody_judged_to_be_none_accuses_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
