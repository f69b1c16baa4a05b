/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "export/page/page.h"
#include "export/view/view_json.h"
#include "names.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct nta_view *view;
static struct nta_buf cbor, json;
static struct nta_err err;

static int setup(void **state)
{
    (void)state;
    int r = nta_view_new(&view, &err);

    return r < 0 ? r : nta_incidents_new(&view->incidents, &err);
}

static int teardown(void **state)
{
    (void)state;
    nta_view_free(&view);
    nta_buf_done(&cbor);
    nta_buf_done(&json);
    return 0;
}

static struct nta_record sample(enum nta_record_event event, const char *site)
{
    struct nta_record record = {
        .event = event,
        .time_ns = INT64_C(1790812800) * NTA_NS_PER_S,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 5})},
        .peer = {.addr = nta_addr_v4((const uint8_t[]){192, 0, 2, 80}),
                 .place = {.city = nta_span_of("Ghent"),
                           .country = nta_span_of("Belgium"),
                           .country_code = "BE",
                           .has_position = true,
                           .lat = 51.05,
                           .lon = 3.72}},
        .app = NTA_APP_HTTP,
        .site = nta_span_of(site),
        .basis = NTA_BASIS_URL,
        .down = {.bytes = 1000},
    };

    return record;
}

static void add(const struct nta_record *record, const char *id)
{
    nta_buf_clear(&cbor);
    nta_record_encode(record, &cbor);
    assert_int_equal(nta_view_add(view, record, nta_buf_span(&cbor), id, false, &err), 0);
    assert_int_equal(nta_incidents_add(view->incidents, record, nta_buf_span(&cbor), id,
                                       NTA_INCIDENT_FITS, &err),
                     0);
}

static const char *data(void)
{
    const struct nta_view_about about = {.title = "t", .made_ns = 1};

    assert_int_equal(nta_incidents_settle(view->incidents, &err), 0);
    nta_buf_clear(&json);
    nta_view_json(&json, view, &about);
    nta_buf_put_u8(&json, 0);
    assert_false(json.failed);
    return (const char *)json.ptr;
}

static void incidents_are_those_of_the_set_that_fit(void **state)
{
    struct nta_record record = sample(NTA_RECORD_REQUEST, "bad.example");

    (void)state;
    record.match.list = nta_span_of("malware");
    record.download = true;
    record.file.name = nta_span_of("tool.exe");
    add(&record, "a-1-0");
    record.file.name = nta_span_of("more.exe");
    add(&record, "a-1-1");
    record.user.addr.bytes[15] = 6;
    record.event = NTA_RECORD_ALERT;
    record.download = false;
    add(&record, "a-1-2");
    record.user.addr.bytes[15] = 7; /* what is not asked for */
    assert_int_equal(
        nta_incidents_add(view->incidents, &record, nta_buf_span(&cbor), "a-1-3", 0, &err), 0);
    const char *text = data();

    assert_non_null(strstr(text, "\"downloads\":1,\"files\":2,\"users_involved\":2"));
    assert_non_null(strstr(text, "\"id\":\"I-a-1-0\""));
    assert_non_null(strstr(text, "tool.exe"));
    assert_non_null(strstr(text, "more.exe"));
    assert_non_null(strstr(text, "\"id\":\"I-a-1-2\""));
    assert_null(strstr(text, "a-1-3"));
    const struct nta_view_incidents sum = nta_view_count_incidents(view);

    assert_int_equal(sum.n, 2);
    assert_int_equal(sum.n_downloads, 1);
    assert_int_equal(sum.n_files, 2);
    assert_int_equal(sum.n_left_out, 0);

    record.user.addr.bytes[15] = 8; /* a hint is no download of anybody */
    record.event = NTA_RECORD_FLOW;
    record.download = true;
    record.match.weak = true;
    add(&record, "a-1-4");
    text = data();
    assert_non_null(strstr(text, "\"id\":\"I-a-1-4\""));
    assert_int_equal(nta_view_count_incidents(view).n, 3);
    assert_int_equal(nta_view_count_incidents(view).n_downloads, 1);
}

static void bytes_of_a_tunnel_count_once(void **state)
{
    struct nta_record record = sample(NTA_RECORD_FLOW, "192.0.2.80");

    (void)state;
    add(&record, "a-1-0");
    record.app = NTA_APP_VXLAN;
    record.carrier = true;
    record.down.bytes = 70;
    add(&record, "a-1-1");
    assert_int_equal(view->all.base.down, 1000); /* what was inside has them */
    assert_int_equal(nta_tally_count(view->tables[NTA_VIEW_LISTS]), 0);
    record.match.list = nta_span_of("malware");
    add(&record, "a-1-2");
    assert_int_equal(view->all.base.down, 1000);
    assert_int_equal(nta_tally_get(view->tables[NTA_VIEW_LISTS], 0)->sum.base.down, 70);
    view->outer_flows = true;
    add(&record, "a-1-3");
    assert_int_equal(view->all.base.down, 1070);
}

static void a_lookup_has_no_place(void **state)
{
    struct nta_record record = sample(NTA_RECORD_ALERT, "bad.example");

    (void)state;
    record.app = NTA_APP_DNS;
    record.asked = true;
    record.basis = NTA_BASIS_DNS;
    record.match.list = nta_span_of("malware");
    add(&record, "a-1-0");
    assert_int_equal(nta_tally_count(view->tables[NTA_VIEW_PLACES]), 0);
    assert_int_equal(nta_tally_count(view->tables[NTA_VIEW_COUNTRIES]), 0);
    assert_non_null(strstr(data(), "\"asked_only\":true"));
    record.asked = false; /* the resolver itself is listed: somebody was there */
    add(&record, "a-1-1");
    assert_int_equal(nta_tally_count(view->tables[NTA_VIEW_PLACES]), 1);
}

static void bytes_are_those_of_flows(void **state)
{
    const struct nta_record flow = sample(NTA_RECORD_FLOW, "a.example"),
                            request = sample(NTA_RECORD_REQUEST, "a.example");

    (void)state;
    add(&flow, "a-1-0");
    add(&request, "a-1-1");
    assert_int_equal(view->all.base.down, 1000);
    assert_int_equal(view->all.base.n, 2);
}

static uint64_t down_of(enum nta_view_table table)
{
    return nta_tally_get(view->tables[table], 0)->sum.base.down;
}

static void each_table_counts_a_byte_once(void **state)
{
    struct nta_record flow = sample(NTA_RECORD_FLOW, "a.example"),
                      request = sample(NTA_RECORD_REQUEST, "a.example");

    (void)state;
    flow.match.list = request.match.list = nta_span_of("malware");
    request.file.type = nta_span_of("video/mp4");
    request.down.bytes = 900;
    add(&flow, "a-1-0");
    add(&request, "a-1-1");
    add(&request, "a-1-2"); /* of another flow, that is not here */
    assert_int_equal(down_of(NTA_VIEW_USERS), 1000);
    assert_int_equal(down_of(NTA_VIEW_PLACES), 1000);
    assert_int_equal(down_of(NTA_VIEW_SITES), 1800);
    assert_int_equal(down_of(NTA_VIEW_TYPES), 1800);
    assert_int_equal(down_of(NTA_VIEW_LISTS), 1800);
}

static void only_what_is_forbidden_counts_by_request(void **state)
{
    struct nta_record request = sample(NTA_RECORD_REQUEST, "a.example");

    (void)state;
    request.app = NTA_APP_SMB;
    request.match.list = nta_span_of("urls");
    view->counting = NTA_COUNTING_FILES; /* --matched */
    add(&request, "a-1-0");
    assert_int_equal(down_of(NTA_VIEW_USERS), 1000);
}

static void flows_that_are_not_recorded_are_missed(void **state)
{
    const struct nta_record request = sample(NTA_RECORD_REQUEST, "a.example");

    (void)state;
    assert_null(strstr(data(), "\"lacks\""));
    add(&request, "a-1-0");
    assert_non_null(strstr(data(), "\"lacks\":\"The bytes of connections"));
}

static void what_has_no_place_is_counted(void **state)
{
    struct nta_record record = sample(NTA_RECORD_FLOW, "a.example");

    (void)state;
    record.peer.place = (struct nta_place){0};
    add(&record, "a-1-0");
    assert_int_equal(view->n_unplaced, 1);
}

static void losses_are_summed_by_reason(void **state)
{
    const struct nta_record_loss losses[] = {{nta_span_of("kernel"), 5}, {nta_span_of("ring"), 2}};
    struct nta_record record = {
        .event = NTA_RECORD_LOSS, .time_ns = 1, .losses = losses, .n_losses = 2};

    (void)state;
    add(&record, "a-1-0");
    add(&record, "a-1-1");
    assert_int_equal(view->all.base.n, 0);
    assert_int_equal(
        nta_tally_find(view->tables[NTA_VIEW_LOSSES], nta_span_of("kernel"))->sum.base.n, 10);
}

static void no_name_ends_the_script_element(void **state)
{
    struct nta_record record = sample(NTA_RECORD_ALERT, "</script><!--\"\\\xe2\x80\xa8\xff");

    (void)state;
    record.match.list = nta_span_of("<b>");
    record.user.login = nta_span_of("\\\"<i>");
    record.peer.place.city = record.site;
    add(&record, "<id>");
    assert_null(strchr(data(), '<'));
    assert_non_null(strstr(data(), "\\u003c/script>"));
    assert_non_null(strstr(data(), "\\\\xe2\\\\x80\\\\xa8\\\\xff"));
}

static void labels_are_in_shown_form(void **state)
{
    struct nta_record record = sample(NTA_RECORD_FLOW, "a.example");
    char buf[NTA_LABEL_SIZE];

    (void)state;
    record.user.login = nta_span_of("ann\x1b[31m");
    assert_string_equal(nta_view_user_label(&record, buf), "ann\\x1b[31m (10.0.0.5)");
    assert_string_equal(nta_view_place_label(&record.peer.place, buf), "Ghent, Belgium");
    record.peer.place = (struct nta_place){.country_code = "BE"};
    assert_string_equal(nta_view_place_label(&record.peer.place, buf), "somewhere in Belgium");
}

static void a_page_has_all_in_it_and_a_policy(void **state)
{
    char dir[] = "/tmp/nta-page-XXXXXX", path[64];
    NTA_AUTO(nta_buf_done) struct nta_buf page = {0};
    static const char *const names[] = {"leaflet.css", "MarkerCluster.css", "leaflet.min.js",
                                        "leaflet.markercluster.min.js"};
    struct nta_page_options options = {.libs_dir = dir, .data = nta_span_of("{\"x\":1}")};

    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(nta_page(&page, &options, &err), -ENOENT);
    assert_non_null(strstr(err.text, "libjs-leaflet"));
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        (void)fputs(i == 2 ? "abc" : "x\n//# sourceMappingURL=x.map\n", file);
        assert_int_equal(fclose(file), 0);
    }
    nta_buf_clear(&page);
    assert_int_equal(nta_page(&page, &options, &err), 0);
    nta_buf_put_u8(&page, 0);
    const char *text = (const char *)page.ptr;

    assert_non_null(strstr(text, "default-src 'none'; script-src"));
    assert_non_null(strstr(text, "<script>abc</script>"));
    assert_non_null(strstr(
        text, "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='")); /* of "abc", FIPS 180 */
    assert_non_null(strstr(text, "{\"x\":1}</script>"));
    assert_non_null(strstr(text, "{\"lang\":\"\",\"languages\":[\"en\",\"de\",\"fr\",\"nl\"],"));
    assert_non_null(strstr(text, "\"PRINT\":[\"Print\",\"Drucken\",\"Imprimer\",\"Afdrukken\"]"));
    assert_null(strstr(text, "sourceMappingURL"));
    assert_null(strstr(text, "<!--"));
    assert_null(strstr(text, "connect-src"));
    options.is_live = true;
    nta_buf_clear(&page);
    assert_int_equal(nta_page(&page, &options, &err), 0);
    nta_buf_put_u8(&page, 0);
    assert_non_null(strstr((const char *)page.ptr, "connect-src 'self'"));
    (void)snprintf(path, sizeof(path), "%s/%s", dir, names[2]);
    FILE *file = fopen(path, "w"); /* a library that would end its element is refused */

    (void)fputs("'</Script>'", file);
    (void)fclose(file);
    assert_int_equal(nta_page(&page, &options, &err), -EINVAL);
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

#define FRESH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void each_state_of_proof_has_a_name_of_its_own(void **state)
{
    (void)state;
    NAMES_ARE_TOTAL(nta_proof_state_name, NTA_PROOF_UNCHECKED, NTA_PROOF_BROKEN + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_of_proof_has_a_name_of_its_own),
        FRESH(incidents_are_those_of_the_set_that_fit),
        FRESH(bytes_of_a_tunnel_count_once),
        FRESH(a_lookup_has_no_place),
        FRESH(bytes_are_those_of_flows),
        FRESH(each_table_counts_a_byte_once),
        FRESH(only_what_is_forbidden_counts_by_request),
        FRESH(flows_that_are_not_recorded_are_missed),
        FRESH(what_has_no_place_is_counted),
        FRESH(losses_are_summed_by_reason),
        FRESH(no_name_ends_the_script_element),
        FRESH(labels_are_in_shown_form),
        FRESH(a_page_has_all_in_it_and_a_policy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
