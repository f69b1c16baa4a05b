/* SPDX-License-Identifier: Apache-2.0 */
#include "record/cbor/cbor.h"
#include "record/counted.h"
#include "record/helper.h"
#include "record/json.h"
#include "record/sample.h"
#include "record/sample_random.h"

static void assert_same(const struct nta_record *record, struct nta_span cbor)
{
    struct nta_record_buf buf;
    struct nta_record back;
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};

    assert_true(nta_record_decode(cbor, &buf, &back));
    nta_record_encode(&back, &again);
    assert_int_equal(again.len, cbor.len);
    assert_memory_equal(again.ptr, cbor.ptr, cbor.len);
    assert_int_equal(back.time_ns, record->time_ns);
    assert_int_equal(back.event, record->event);
    assert_true(nta_span_equal(back.site, record->site));
    assert_true(nta_span_equal(back.user.login, record->user.login));
    assert_true(nta_addr_equal(&back.peer.addr, &record->peer.addr));
    assert_int_equal(back.peer.place.has_position, record->peer.place.has_position);
    assert_true(back.peer.place.lat == record->peer.place.lat);
    assert_true(back.peer.place.lon == record->peer.place.lon);
    assert_true(nta_span_equal(back.match.entry, record->match.entry));
    assert_int_equal(back.match.line, record->match.line);
    assert_int_equal(back.carrier, record->carrier);
    assert_int_equal(back.told, record->told);
    assert_int_equal(back.match.severity, record->match.severity);
    assert_true(nta_span_equal(back.match.shared, record->match.shared));
    assert_true(back.down.bytes == record->down.bytes);
    assert_int_equal(back.n_answers, record->n_answers);
    assert_int_equal(back.n_losses, record->n_losses);
    for (size_t i = 0; record->losses && i < back.n_losses; i++)
        assert_true(back.losses[i].n == record->losses[i].n);
    assert_true(back.about == record->about);
}

static void random_records_come_back_the_same(void **state)
{
    struct sample_random random = {.state = 42};
    struct nta_record_buf buf;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    for (int i = 0; i < 5000; i++) {
        struct nta_record record = sample_record(&random, &buf);

        nta_buf_clear(&out);
        nta_record_encode(&record, &out);
        assert_same(&record, nta_buf_span(&out));
    }
}

static void every_field_of_a_flow_comes_back(void **state)
{
    struct nta_record record = sample_flow();
    struct nta_record_buf buf;
    struct nta_record back;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    nta_record_encode(&record, &out);
    assert_true(nta_record_decode(nta_buf_span(&out), &buf, &back));
    assert_int_equal(back.end_ns, record.end_ns);
    assert_int_equal(back.user.port, 51515);
    assert_true(back.user.has_mac);
    assert_memory_equal(back.user.mac, record.user.mac, 6);
    assert_string_equal(back.peer.place.country_code, "BE");
    assert_int_equal(back.peer.place.asn, 64496);
    assert_true(back.peer.place.lat == 50.879202);
    assert_int_equal(back.vlan.ids[0], 10);
    assert_int_equal(back.basis, NTA_BASIS_SNI);
    assert_int_equal(back.agrees, NTA_AGREES_DNS | NTA_AGREES_CERT);
    assert_true(nta_span_equal(back.ja4, record.ja4));
    assert_true(out.len < 320);
}

static void an_alert_about_a_question_of_type_0_stays_one(void **state)
{
    struct nta_record record = {.event = NTA_RECORD_ALERT, .app = NTA_APP_DNS, .asked = true};
    struct nta_record_buf buf;
    struct nta_record back;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    nta_record_encode(&record, &out);
    assert_true(nta_record_decode(nta_buf_span(&out), &buf, &back));
    assert_true(nta_record_is_lookup(&back));
    assert_same(&record, nta_buf_span(&out));
    record.asked = false; /* the resolver itself is listed */
    nta_buf_clear(&out);
    nta_record_encode(&record, &out);
    assert_true(nta_record_decode(nta_buf_span(&out), &buf, &back));
    assert_false(nta_record_is_lookup(&back));
}

static void an_empty_record_is_a_few_bytes(void **state)
{
    struct nta_record record = {.event = NTA_RECORD_LEASE, .time_ns = 5};
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    nta_record_encode(&record, &out);
    assert_int_equal(out.len, 5);
    assert_memory_equal(out.ptr, "\xa2\x00\x07\x01\x05", 5);
}

static void a_position_off_the_globe_is_left_out(void **state)
{
    struct nta_record record = {.event = NTA_RECORD_FLOW};
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    record.peer.place.has_position = true;
    record.peer.place.lat = __builtin_nan("");
    record.user.place.has_position = true;
    record.user.place.lon = 1e300;
    nta_record_encode(&record, &out);
    assert_memory_equal(out.ptr, "\xa2\x00\x01\x01\x00", out.len);
}

static void unknown_keys_are_passed_over(void **state)
{
    static const uint8_t cbor[] =
        "\xa4\x00\x01\x01\x05\x18\x30\x82\xa1\x00\x01\x41\x00\x18\x31\xf5";
    struct nta_record_buf buf;
    struct nta_record record;

    (void)state;
    assert_true(nta_record_decode((struct nta_span){cbor, sizeof(cbor) - 1}, &buf, &record));
    assert_int_equal(record.time_ns, 5);
}

static void what_breaks_the_form_is_refused(void **state)
{
    static const struct nta_span bad[] = {
        TEXT_ROW(""),
        TEXT_ROW("\xa0"),                         /* no event */
        TEXT_ROW("\xa1\x00\x00"),                 /* event 0 */
        TEXT_ROW("\xa1\x00\x11"),                 /* an event nobody knows */
        TEXT_ROW("\xa2\x01\x05\x00\x01"),         /* keys out of order */
        TEXT_ROW("\xa2\x00\x01\x00\x01"),         /* a key twice */
        TEXT_ROW("\xa1\x00\x01\x00"),             /* a byte behind the end */
        TEXT_ROW("\xa2\x00\x01\x05\x19\x01\x00"), /* protocol over 255 */
        TEXT_ROW("\xa2\x00\x01\x07\x83\x01\x02\x03"),
        TEXT_ROW("\xa2\x00\x01\x03\xa1\x00\x43\x01\x02\x03"), /* an address of three bytes */
        TEXT_ROW("\xa2\x00\x01\x03\xa1\x02\x45\x01\x02\x03\x04\x05"),
        TEXT_ROW("\xa2\x00\x01\x03\xa1\x06\xa1\x04\x64ZZZZ"),
        TEXT_ROW("\xa2\x00\x01\x03\xa1\x06\xa1\x05\x82\x1a\x7f\xff\xff\xff\x00"),
        TEXT_ROW("\xa2\x00\x01\x0e\xa1\x03\x41\x00"),         /* a hash of one byte */
        TEXT_ROW("\xa2\x00\x01\x12\x98\x41"),                 /* more answers than we hold */
        TEXT_ROW("\xa2\x00\x01\x09\x83\x06\x00\x00"),         /* a basis nobody knows */
        TEXT_ROW("\xbf\x00\x01\xff"),                         /* indefinite length */
        TEXT_ROW("\xa2\x00\x01\x17\xa1\x07\x41\x00"),         /* a policy of one byte */
        TEXT_ROW("\xa2\x00\x01\x17\xa1\x03\x91"),             /* more aliases than we hold */
        TEXT_ROW("\xa2\x00\x01\x17\xa1\x04\x81\x01"),         /* a network without its number */
        TEXT_ROW("\xa2\x00\x0a\x17\xa1\x09\xa1\x03\x98\x41"), /* interfaces, likewise */
        TEXT_ROW("\xa2\x00\x0a\x17\xa1\x09\xa1\x07\x81\xf5"), /* a clock without its error */
    };
    struct nta_record_buf buf;
    struct nta_record record;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(bad); i++)
        assert_false(nta_record_decode(bad[i], &buf, &record));
}

static void software_of_both_ends_is_read_back(void **state)
{
    struct nta_record flow = sample_flow(), record;
    struct nta_record_buf buf;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0}, json = {0};

    (void)state;
    flow.user.software = TEXT("client_1");
    flow.peer.software = TEXT("server_2 of theirs");
    nta_record_encode(&flow, &out);
    assert_true(nta_record_decode(nta_buf_span(&out), &buf, &record));
    nta_record_json(&json, &record, "id");
    nta_buf_put_u8(&json, 0);
    assert_non_null(strstr((const char *)json.ptr, "\"software\":\"client_1\"}"));
    assert_non_null(strstr((const char *)json.ptr, "\"software\":\"server_2 of theirs\"}"));
}

static void every_prefix_is_refused(void **state)
{
    struct nta_record flow = sample_flow();
    struct nta_record_buf buf;
    struct nta_record record;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    nta_record_encode(&flow, &out);
    for (size_t n = 0; n < out.len; n++) {
        uint8_t *exact = unit_copy(out.ptr, n);

        assert_false(nta_record_decode((struct nta_span){exact, n}, &buf, &record));
        free(exact);
    }
}

static void flipped_bytes_never_break_the_decoder(void **state)
{
    struct nta_record flow = sample_flow();
    struct nta_record_buf buf;
    struct nta_record record;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0}, json = {0};

    (void)state;
    nta_record_encode(&flow, &out);
    uint8_t *exact = unit_copy(out.ptr, out.len);

    for (size_t n = 0; n < out.len; n++) {
        for (unsigned flip = 1; flip < 256; flip++) {
            exact[n] ^= (uint8_t)flip;
            if (nta_record_decode((struct nta_span){exact, out.len}, &buf, &record) &&
                (flip & (flip - 1)) == 0) {
                nta_buf_clear(&json);
                nta_record_json(&json, &record, "id");
                assert_false(json.failed);
            }
            exact[n] ^= (uint8_t)flip;
        }
    }
    free(exact);
}

/** Bit by bit: what a part gives alone is what the whole record has. */
static void parts_are_as_in_the_whole_record(void **state)
{
    struct sample_random random = {.state = 77};
    struct nta_record_buf buf, lists;

    (void)state;
    for (size_t i = 0; i < 500; i++) {
        struct nta_record record = sample_record(&random, &lists), whole, some = {.status = 7};
        NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

        nta_record_encode(&record, &out);
        assert_true(nta_record_decode(nta_buf_span(&out), &buf, &whole));
        assert_true(nta_record_decode_some(nta_buf_span(&out), NTA_PART_SITE | NTA_PART_COUNTS,
                                           &buf, &some));
        assert_true(some.event == whole.event && some.time_ns == whole.time_ns);
        assert_true(some.end_ns == whole.end_ns && nta_span_equal(some.site, whole.site));
        assert_true(some.down.bytes == whole.down.bytes && some.up.packets == whole.up.packets);
        assert_int_equal(some.status, 7); /* not asked for: as it was */
        assert_true(nta_record_decode_some(
            nta_buf_span(&out), NTA_PART_USER | NTA_PART_MATCH | NTA_PART_FLAGS, &buf, &some));
        assert_true(nta_span_equal(some.user.login, whole.user.login));
        assert_true(nta_span_equal(some.match.entry, whole.match.entry));
        assert_true(some.hidden == whole.hidden && some.download == whole.download);
        assert_true(nta_record_decode_some(nta_buf_span(&out), NTA_PARTS_ALL, &buf, &some));
        NTA_AUTO(nta_buf_done) struct nta_buf again = {0};

        nta_record_encode(&some, &again);
        assert_true(nta_span_equal(nta_buf_span(&again), nta_buf_span(&out)));
    }
}

static void parts_of_broken_bytes_are_read_within_them(void **state)
{
    static const uint32_t parts[] = {0, NTA_PART_SITE, NTA_PART_PEER, NTA_PARTS_ALL};
    struct nta_record flow = sample_flow();
    struct nta_record_buf buf;
    struct nta_record some = {.status = 0};
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    nta_record_encode(&flow, &out);
    for (size_t p = 0; p < NTA_N_ELEMENTS(parts); p++) {
        for (size_t n = 0; n < out.len; n++) {
            uint8_t *exact = unit_copy(out.ptr, n);

            if (n < 12) /* event and time are not there yet */
                assert_false(
                    nta_record_decode_some((struct nta_span){exact, n}, parts[p], &buf, &some));
            else
                (void)nta_record_decode_some((struct nta_span){exact, n}, parts[p], &buf, &some);
            free(exact);
        }
        uint8_t *exact = unit_copy(out.ptr, out.len);

        for (size_t n = 0; n < out.len; n++) {
            for (unsigned flip = 1; flip < 256; flip++) {
                exact[n] ^= (uint8_t)flip;
                (void)nta_record_decode_some((struct nta_span){exact, out.len}, parts[p], &buf,
                                             &some);
                exact[n] ^= (uint8_t)flip;
            }
        }
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_records_come_back_the_same),
        cmocka_unit_test(every_field_of_a_flow_comes_back),
        cmocka_unit_test(an_alert_about_a_question_of_type_0_stays_one),
        cmocka_unit_test(an_empty_record_is_a_few_bytes),
        cmocka_unit_test(a_position_off_the_globe_is_left_out),
        cmocka_unit_test(unknown_keys_are_passed_over),
        cmocka_unit_test(what_breaks_the_form_is_refused),
        cmocka_unit_test(software_of_both_ends_is_read_back),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(parts_are_as_in_the_whole_record),
        cmocka_unit_test(parts_of_broken_bytes_are_read_within_them),
        cmocka_unit_test(flipped_bytes_never_break_the_decoder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
