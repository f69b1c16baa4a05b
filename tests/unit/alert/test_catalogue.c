/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd/nta.catalog: what journalctl -x shows of an entry names only fields that each entry with
 * this MESSAGE_ID has; of another it would print the name as text.
 */
#include "alert/sinks.h"
#include "alert_kit.h"

#include <stdio.h>

static char catalogue[64 * 1024];

static int read_catalogue(void **state)
{
    NTA_AUTO_FILE FILE *file = fopen(CATALOGUE, "re");

    (void)state;
    assert_non_null(file);
    catalogue[fread(catalogue, 1, sizeof(catalogue) - 1, file)] = '\0';
    return 0;
}

static bool has_field(const struct nta_alert_fields *fields, const char *name, size_t len)
{
    for (size_t i = 0; i < fields->n; i++) {
        const char *field = fields->iov[i].iov_base;

        if (fields->iov[i].iov_len > len && strncmp(field, name, len) == 0 && field[len] == '=')
            return true;
    }
    return false;
}

/** The text of the catalogue for these fields' MESSAGE_ID. */
static const char *find_text(const struct nta_alert_fields *fields)
{
    char mark[64] = "";

    for (size_t i = 0; i < fields->n; i++) {
        const char *field = fields->iov[i].iov_base;

        if (fields->iov[i].iov_len > 11 && strncmp(field, "MESSAGE_ID=", 11) == 0)
            (void)snprintf(mark, sizeof(mark), "-- %.*s\n", (int)fields->iov[i].iov_len - 11,
                           field + 11);
    }
    return mark[0] ? strstr(catalogue, mark) : NULL;
}

/** How many fields the text names; ends the test at one that is not there. */
static unsigned check(const struct nta_alert_fields *fields)
{
    const char *text = find_text(fields), *end;
    unsigned n = 0;

    assert_non_null(text);
    end = strstr(text + 3, "\n-- ");
    for (text = strchr(text, '@'); text && (!end || text < end); text = strchr(text + 1, '@')) {
        const char *close = strchr(text + 1, '@');

        assert_non_null(close);
        if (!has_field(fields, text + 1, (size_t)(close - text) - 1))
            fail_msg("there is no %.*s", (int)(close - text) + 1, text);
        text = close;
        n++;
    }
    return n;
}

static struct nta_suppress *suppress;

static void an_alert_of_which_little_is_known(void **state)
{
    struct nta_alert_fields fields = {.n = 0};
    struct nta_record record = kit_record();

    (void)state;
    record.user.name = record.user.login = (struct nta_span){0};
    record.user.has_mac = false;
    record.peer = (struct nta_record_side){.addr = record.peer.addr};
    record.match.line = 0;
    record.url = (struct nta_span){0};
    nta_alert_fields_of(&fields, &record, "", 5, nta_span_of("line"));
    assert_true(check(&fields) > 6);
    nta_alert_fields_done(&fields);
}

static void a_summary_and_what_was_not_logged(void **state)
{
    struct nta_alert_fields fields = {.n = 0};
    struct nta_record record = kit_record();
    struct nta_alert_repeat repeat;

    (void)state;
    assert_int_equal(nta_suppress_new(1000, 0, &suppress), 0);
    assert_true(nta_suppress_pass(suppress, &record, 0));
    assert_false(nta_suppress_pass(suppress, &record, 0));
    assert_true(nta_suppress_due(suppress, 0, true, &repeat));
    nta_alert_fields_of_repeat(&fields, &repeat, nta_span_of("line"));
    assert_true(check(&fields) > 4);
    nta_alert_fields_of_repeat(&fields, NULL, nta_span_of("line"));
    assert_int_equal(check(&fields), 0);
    nta_alert_fields_done(&fields);
    nta_suppress_free(&suppress);
}

static void the_fate_of_an_alert(void **state)
{
    struct nta_alert_fields fields = {.n = 0};

    (void)state;
    nta_alert_fields_of_fate(&fields, 7, "", nta_span_of("line"));
    assert_true(check(&fields) > 0);
    nta_alert_fields_done(&fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_of_which_little_is_known),
        cmocka_unit_test(a_summary_and_what_was_not_logged),
        cmocka_unit_test(the_fate_of_an_alert),
    };

    return cmocka_run_group_tests(tests, read_catalogue, NULL);
}
