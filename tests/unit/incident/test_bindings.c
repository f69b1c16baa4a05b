/* SPDX-License-Identifier: Apache-2.0 */
/* What was recorded as an address is completed by what bindings say. */
#include "incident/detail.h"
#include "made.h"

#define OTHER_SENSOR "ffeeddccbbaa99887766554433221100"

/** Some server says that 10.0.0.`user` has been whose it is since then. */
static struct nta_record lease(uint8_t user, int64_t after_ns, const char *source, uint8_t strength,
                               int64_t for_ns)
{
    return (struct nta_record){
        .event = NTA_RECORD_LEASE,
        .time_ns = BEGIN_NS + after_ns,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, user}),
                 .source = nta_span_of(source),
                 .strength = strength},
        .binding = {.state = nta_span_of("begin"), .until_ns = BEGIN_NS + after_ns + for_ns},
    };
}

static struct nta_record logged_in(uint8_t user, int64_t after_ns, const char *who)
{
    struct nta_record record = lease(user, after_ns, "radius", NTA_STRENGTH_LOGIN, HOUR_NS);

    record.user.login = nta_span_of(who);
    return record;
}

static struct nta_record dhcp(uint8_t user, int64_t after_ns, uint8_t mac)
{
    struct nta_record record = lease(user, after_ns, "dhcp", NTA_STRENGTH_LEASE, HOUR_NS);

    record.user.has_mac = true;
    memcpy(record.user.mac, (const uint8_t[]){2, 0, 0, 0, 0, mac}, 6);
    return record;
}

static struct nta_record over(struct nta_record record, int64_t after_ns)
{
    record.time_ns = BEGIN_NS + after_ns;
    record.binding.state = nta_span_of("end");
    record.binding.until_ns = 0;
    return record;
}

static void take_of(const struct nta_record *record, const char *sensor)
{
    char id[NTA_INCIDENT_ID_SIZE];

    nta_buf_clear(&cbor);
    nta_record_encode(record, &cbor);
    (void)snprintf(id, sizeof(id), "%s-9-%u", sensor, (unsigned)n_made++);
    assert_int_equal(nta_incidents_add(set, record, nta_buf_span(&cbor), id, 0, &err), 0);
}

/** Of the only incident, or of number `i`: who it is shown to be; "-": its address alone. */
static void expect(size_t i, const char *who, const char *device)
{
    struct nta_record_buf *buf = malloc(sizeof(*buf));
    struct nta_record sample;
    char id[NTA_INCIDENT_ID_SIZE], text[64];

    assert_non_null(buf);
    assert_true(i < settled());
    nta_incident_sample(set, nta_incidents_get(set, i), buf, &sample, id);
    (void)snprintf(text, sizeof(text), "%.*s", (int)sample.user.login.len,
                   sample.user.login.len ? (const char *)sample.user.login.ptr : "");
    assert_string_equal(text[0] ? text : "-", who);
    (void)snprintf(text, sizeof(text), "%.*s", (int)sample.user.device.len,
                   sample.user.device.len ? (const char *)sample.user.device.ptr : "");
    assert_string_equal(text[0] ? text : "-", device);
    free(buf);
}

static void count(void *owner, const char *id)
{
    assert_true(strlen(id) > 32);
    ++*(unsigned *)owner;
}

static unsigned n_bindings(size_t i)
{
    unsigned n = 0;

    assert_int_equal(nta_incident_each_binding(set, nta_incidents_get(set, i), count, &n), 0);
    return n;
}

static unsigned n_disputing(size_t i)
{
    unsigned n = 0;

    assert_int_equal(nta_incident_each_disputing(set, nta_incidents_get(set, i), count, &n), 0);
    return n;
}

static void alert_at(uint8_t user, int64_t after_ns)
{
    const struct nta_record record = made(NTA_RECORD_ALERT, user, after_ns);

    take(&record);
}

static void a_login_of_another_sensor_completes_it(void **state)
{
    struct nta_record ann = logged_in(5, 0, "ann");

    (void)state;
    ann.user.person = nta_span_of("Ann Example");
    alert_at(5, MINUTE_NS);
    expect(0, "-", "-");
    assert_true(nta_incidents_lack_who(set));
    take_of(&ann, OTHER_SENSOR); /* and in any order */
    expect(0, "ann", "-");
    assert_int_equal(n_bindings(0), 1);
    assert_int_equal(settled(), 1);
}

static void what_was_before_the_login_or_after_it_is_not_his(void **state)
{
    const struct nta_record ann = logged_in(5, 40 * MINUTE_NS, "ann");
    const struct nta_record gone = over(ann, 60 * MINUTE_NS);

    (void)state;
    alert_at(5, 0);
    alert_at(5, 80 * MINUTE_NS);
    take_of(&ann, SENSOR);
    take_of(&gone, SENSOR);
    expect(0, "-", "-");
    expect(1, "-", "-");
    alert_at(5, 50 * MINUTE_NS);
    assert_int_equal(settled(), 3);
}

static void who_logs_in_next_has_it_next(void **state)
{
    const struct nta_record ann = logged_in(5, 0, "ann"), bob = logged_in(5, 20 * MINUTE_NS, "bob");

    (void)state;
    take_of(&ann, SENSOR);
    take_of(&bob, SENSOR);
    alert_at(5, MINUTE_NS);
    expect(0, "ann", "-");
    alert_at(5, 21 * MINUTE_NS);
    assert_int_equal(settled(), 2);
    assert_int_equal(n_bindings(0) + n_bindings(1), 2);
}

static void two_sensors_that_say_two_users_say_nobody(void **state)
{
    const struct nta_record ann = logged_in(5, 0, "ann"), bob = logged_in(5, 0, "bob");

    (void)state;
    alert_at(5, MINUTE_NS);
    take_of(&ann, SENSOR);
    take_of(&bob, OTHER_SENSOR);
    expect(0, "-", "-");
    assert_int_equal(n_bindings(0), 0);
    assert_int_equal(nta_incidents_get(set, 0)->n_disputed, 1);
    assert_int_equal(n_disputing(0), 2); /* and both are named */
}

static void a_lease_names_the_device(void **state)
{
    const struct nta_record first = dhcp(5, 0, 7), next = dhcp(5, 20 * MINUTE_NS, 8);

    (void)state;
    take_of(&first, SENSOR);
    take_of(&next, SENSOR);
    alert_at(5, MINUTE_NS);
    expect(0, "-", "02:00:00:00:00:07");
    alert_at(5, 22 * MINUTE_NS);
    assert_int_equal(settled(), 2);
}

static void another_machine_ends_the_login(void **state)
{
    const struct nta_record first = dhcp(5, 0, 7), ann = logged_in(5, MINUTE_NS, "ann");
    const struct nta_record next = dhcp(5, 10 * MINUTE_NS, 8);

    (void)state;
    take_of(&first, SENSOR);
    take_of(&ann, SENSOR);
    take_of(&next, SENSOR);
    alert_at(5, 11 * MINUTE_NS);
    expect(0, "-", "02:00:00:00:00:08");
}

static void a_device_has_the_login_at_its_other_addresses(void **state)
{
    const struct nta_record first = dhcp(5, 0, 7), ann = logged_in(5, MINUTE_NS, "ann");
    struct nta_record record = made(NTA_RECORD_ALERT, 99, 2 * MINUTE_NS);

    (void)state;
    record.user.device = nta_span_of("02:00:00:00:00:07");
    take(&record);
    take_of(&first, SENSOR);
    take_of(&ann, SENSOR);
    expect(0, "ann", "02:00:00:00:00:07");
    record.user.device = nta_span_of("02:00:00:00:00:08");
    record.user.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 5}); /* not the one that logged in */
    record.match.entry = nta_span_of("worse.example");
    take(&record);
    assert_int_equal(settled(), 2);
    expect(0, "ann", "02:00:00:00:00:07");
    expect(1, "-", "02:00:00:00:00:08");
}

static void a_lease_in_another_vlan_is_about_another_machine(void **state)
{
    struct nta_record record = dhcp(5, 0, 7);

    (void)state;
    record.vlan.n = 1;
    record.vlan.ids[0] = 20;
    take_of(&record, SENSOR);
    alert_at(5, MINUTE_NS);
    expect(0, "-", "-");
    record.user.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 6});
    record.binding.circuit = nta_span_of("port 7"); /* told by a relay, of whichever network */
    take_of(&record, SENSOR);
    alert_at(6, HOUR_NS / 2);
    expect(1, "-", "02:00:00:00:00:07");
}

static void wishes_and_what_stations_say_name_nobody(void **state)
{
    struct nta_record wish = logged_in(5, 0, "ann"), said = logged_in(5, 0, "bob");

    (void)state;
    wish.binding.state = nta_span_of("claimed");
    said.user.strength = NTA_STRENGTH_ANNOUNCED;
    take_of(&wish, SENSOR);
    take_of(&said, SENSOR);
    alert_at(5, MINUTE_NS);
    expect(0, "-", "-");
}

static void a_login_without_an_end_holds_as_long_as_its_source(void **state)
{
    struct nta_record record = logged_in(5, 0, "ann");

    (void)state;
    record.user.source = nta_span_of("kerberos");
    record.binding.until_ns = 0;
    take_of(&record, SENSOR);
    alert_at(5, 9 * HOUR_NS);
    alert_at(5, 11 * HOUR_NS);
    assert_int_equal(settled(), 2);
    assert_int_equal(n_bindings(0) + n_bindings(1), 1);
}

static void renewals_are_one(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 6; i++) {
        const struct nta_record record = logged_in(5, i * 30 * MINUTE_NS, "ann");

        take_of(&record, SENSOR);
    }
    alert_at(5, 3 * HOUR_NS);
    expect(0, "ann", "-");
    alert_at(5, 4 * HOUR_NS);
    assert_int_equal(settled(), 2);
}

/** An access server starts or stops. */
static struct nta_record reset(int64_t after_ns, uint8_t server)
{
    struct nta_record record = lease(0, after_ns, "radius", NTA_STRENGTH_LOGIN, 0);

    record.user.addr = (struct nta_addr){0};
    record.peer.addr = nta_addr_v4((const uint8_t[]){10, 9, 0, server});
    record.binding.state = nta_span_of("end");
    record.binding.until_ns = 0;
    return record;
}

static void an_access_server_that_starts_anew_ends_its_logins(void **state)
{
    struct nta_record ann = logged_in(5, 0, "ann"), bob = logged_in(6, 0, "bob");
    const struct nta_record anew = reset(10 * MINUTE_NS, 1);

    (void)state;
    ann.peer.addr = anew.peer.addr;
    bob.peer.addr = nta_addr_v4((const uint8_t[]){10, 9, 0, 2});
    take_of(&ann, SENSOR);
    take_of(&bob, SENSOR);
    take_of(&anew, SENSOR);
    alert_at(5, 11 * MINUTE_NS);
    expect(0, "-", "-");
    alert_at(6, 11 * MINUTE_NS);
    assert_int_equal(settled(), 2);
    assert_int_equal(n_bindings(0) + n_bindings(1), 1); /* bob came through another one */
    alert_at(5, 9 * MINUTE_NS);
    assert_int_equal(settled(), 3);
    assert_int_equal(n_bindings(0) + n_bindings(1) + n_bindings(2), 2); /* until then it was ann */
    ann.time_ns += 20 * MINUTE_NS;
    take_of(&ann, SENSOR); /* and logs in again */
    alert_at(5, 21 * MINUTE_NS);
    assert_int_equal(settled(), 3);
    assert_int_equal(n_bindings(0) + n_bindings(1) + n_bindings(2), 3);
}

static void another_sensors_access_server_ends_nothing(void **state)
{
    struct nta_record ann = logged_in(5, 0, "ann");
    const struct nta_record anew = reset(10 * MINUTE_NS, 1);

    (void)state;
    ann.peer.addr = anew.peer.addr;
    take_of(&ann, SENSOR);
    take_of(&anew, OTHER_SENSOR);
    alert_at(5, 11 * MINUTE_NS);
    expect(0, "ann", "-");
}

static void a_login_without_an_address_is_the_devices(void **state)
{
    struct nta_record record = made(NTA_RECORD_ALERT, 6, MINUTE_NS), ann = dhcp(5, 0, 7);

    (void)state;
    ann.user.addr = (struct nta_addr){0};
    ann.user.source = nta_span_of("radius");
    ann.user.strength = NTA_STRENGTH_LOGIN;
    ann.user.login = nta_span_of("ann");
    take_of(&ann, SENSOR);
    take(&record); /* of an address that is nobody's */
    record.user.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 8});
    record.user.device = nta_span_of("02:00:00:00:00:07");
    record.match.entry = nta_span_of("worse.example");
    take(&record);
    expect(0, "-", "-");
    expect(1, "ann", "02:00:00:00:00:07");
}

static void what_another_record_says_is_shown_too(void **state)
{
    struct nta_record flow = made(NTA_RECORD_FLOW, 5, MINUTE_NS);
    struct nta_record file = made_file(5, MINUTE_NS, "evil.exe", 1000);

    (void)state;
    file.about = flow.about = 77;
    flow.user.login = nta_span_of("ann");
    take(&file);
    take(&flow);
    assert_int_equal(settled(), 1);
    expect(0, "ann", "-"); /* though the file shows best what happened */
    assert_int_equal(n_bindings(0), 0);
}

static bool is_ann(void *owner, const struct nta_record *record, const char *sensor)
{
    assert_string_equal(sensor, SENSOR);
    ++*(unsigned *)owner;
    return nta_span_is(record->user.login, "ann");
}

static void who_is_known_by_a_binding_is_found(void **state)
{
    const struct nta_record ann = logged_in(5, 0, "ann");
    unsigned n_asked = 0;
    const struct nta_incidents_filter filter = {is_ann, &n_asked};
    struct nta_record record = made(NTA_RECORD_ALERT, 5, MINUTE_NS);

    (void)state;
    take_of(&record, SENSOR);
    record = made(NTA_RECORD_ALERT, 6, MINUTE_NS);
    take_of(&record, SENSOR);
    take_of(&ann, SENSOR);
    assert_int_equal(settled(), 2);
    assert_int_equal(nta_incidents_fit(set, &filter, &err), 0);
    assert_int_equal(nta_incidents_get(set, 0)->fits + nta_incidents_get(set, 1)->fits, 1);
    assert_int_equal(n_asked, 1); /* of whom nothing more is known there is nothing to ask */
}

static void a_flood_of_bindings_leaves_those_that_matter(void **state)
{
    struct nta_record flood = logged_in(0, 0, "x");
    const struct nta_record ann = logged_in(5, 0, "ann");

    (void)state;
    alert_at(5, MINUTE_NS);
    take_of(&ann, SENSOR);
    for (unsigned i = 0; i < 140000; i++) {
        flood.user.addr =
            nta_addr_v4((const uint8_t[]){11, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i});
        take_of(&flood, SENSOR);
    }
    expect(0, "ann", "-");
    assert_int_equal(nta_incidents_forgotten(set), 0);
    flood.user.addr = ann.user.addr;
    for (unsigned i = 0; i < 140000; i++) {
        flood.time_ns = BEGIN_NS - HOUR_NS - (int64_t)i;
        flood.binding.until_ns = flood.time_ns + 1;
        take_of(&flood, SENSOR);
    }
    expect(0, "ann", "-"); /* the oldest go */
    assert_true(nta_incidents_forgotten(set) > 0);
}

/** A login whose machine nobody knows: what DHCP gives later may be another one's. */
static void a_lease_after_the_login_ends_it(void **state)
{
    const struct nta_record ann = logged_in(5, 0, "ann"),
                            again = logged_in(5, 30 * MINUTE_NS, "ann");
    const struct nta_record next = dhcp(5, 10 * MINUTE_NS, 7);

    (void)state;
    take_of(&ann, SENSOR);
    take_of(&next, SENSOR);
    alert_at(5, 5 * MINUTE_NS);
    expect(0, "ann", "-");
    alert_at(5, 15 * MINUTE_NS);
    assert_int_equal(settled(), 2);
    take_of(&again, SENSOR); /* told of the machine that has it now */
    alert_at(5, 31 * MINUTE_NS);
    assert_int_equal(settled(), 2);
}

static void a_lease_told_with_the_login_is_of_its_machine(void **state)
{
    const struct nta_record ann = logged_in(5, 0, "ann"), first = dhcp(5, MINUTE_NS / 2, 7);

    (void)state;
    take_of(&ann, SENSOR);
    take_of(&first, SENSOR);
    alert_at(5, 5 * MINUTE_NS);
    expect(0, "ann", "-");
}

static void is_second(void *owner, const char *id)
{
    ++*(unsigned *)owner;
    assert_string_equal(id, SENSOR "-9-1");
}

/** Whoever has the renewal and not what was told before knows who it was, too. */
static void a_renewal_is_what_says_so_from_then_on(void **state)
{
    const struct nta_record first = dhcp(5, 0, 7);
    struct nta_record next = dhcp(5, 30 * MINUTE_NS, 7);
    unsigned n = 0;

    (void)state;
    take_of(&first, SENSOR);
    take_of(&next, SENSOR);
    alert_at(5, 80 * MINUTE_NS);
    expect(0, "-", "02:00:00:00:00:07");
    assert_int_equal(nta_incident_each_binding(set, nta_incidents_get(set, 0), is_second, &n), 0);
    assert_int_equal(n, 1);
    alert_at(5, 100 * MINUTE_NS); /* when that is over, too */
    assert_int_equal(settled(), 2);
    expect(1, "-", "-");
}

static void each_binding_is_named(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 100; i++) {
        struct nta_record ann = logged_in(5, i * 10 * MINUTE_NS, "ann");

        ann.binding.until_ns = ann.time_ns + 5 * MINUTE_NS;
        take_of(&ann, SENSOR);
        alert_at(5, i * 10 * MINUTE_NS + MINUTE_NS);
    }
    assert_int_equal(settled(), 1);
    assert_int_equal(n_bindings(0), 100);
}

/** One sensor hears the login, another one that the address was given to a machine since. */
static void a_lease_of_another_sensor_after_the_login_disputes_it(void **state)
{
    const struct nta_record ann = logged_in(5, 0, "ann"), next = dhcp(5, 10 * MINUTE_NS, 7);

    (void)state;
    take_of(&ann, SENSOR);
    take_of(&next, OTHER_SENSOR);
    alert_at(5, 5 * MINUTE_NS);
    expect(0, "ann", "-");
    assert_int_equal(nta_incidents_get(set, 0)->n_disputed, 0);
    alert_at(5, 15 * MINUTE_NS);
    assert_int_equal(settled(), 2);
    expect(1, "-", "02:00:00:00:00:07");
    assert_int_equal(nta_incidents_get(set, 1)->n_disputed, 1);
    assert_int_equal(n_disputing(1), 2);
}

/** And one the login of a machine that had not the address, by what another one saw. */
static void a_login_of_another_machine_is_disputed(void **state)
{
    const struct nta_record first = dhcp(5, 0, 8);
    struct nta_record ann = logged_in(5, 0, "ann");

    (void)state;
    ann.user.has_mac = true;
    memcpy(ann.user.mac, (const uint8_t[]){2, 0, 0, 0, 0, 7}, 6);
    take_of(&ann, SENSOR);
    take_of(&first, OTHER_SENSOR);
    alert_at(5, 5 * MINUTE_NS);
    expect(0, "-", "-");
    assert_int_equal(nta_incidents_get(set, 0)->n_disputed, 1);
}

/** The same private address in two networks; who logs in is told without one. */
static void what_a_machine_has_elsewhere_is_not_anothers(void **state)
{
    struct nta_record ann = logged_in(5, 0, "ann"), first = dhcp(5, 0, 7);
    struct nta_record record = made(NTA_RECORD_ALERT, 5, MINUTE_NS);

    (void)state;
    ann.user.has_mac = true;
    memcpy(ann.user.mac, first.user.mac, 6);
    first.vlan.n = record.vlan.n = 1;
    first.vlan.ids[0] = record.vlan.ids[0] = 10;
    take_of(&ann, SENSOR);
    take_of(&first, SENSOR);
    alert_at(5, MINUTE_NS); /* in another network */
    expect(0, "-", "-");
    assert_int_equal(nta_incidents_get(set, 0)->n_disputed, 0);
    record.match.entry = nta_span_of("worse.example");
    take(&record);
    assert_int_equal(settled(), 2);
    expect(1, "ann", "02:00:00:00:00:07");
}

static void a_computers_account_ends_no_login(void **state)
{
    const struct nta_record ann = logged_in(5, 0, "ann"), pc = logged_in(5, MINUTE_NS, "PC-7$");

    (void)state;
    take_of(&ann, SENSOR);
    take_of(&pc, SENSOR);
    alert_at(5, 5 * MINUTE_NS);
    expect(0, "ann", "-");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_login_of_another_sensor_completes_it),
        TEST(what_was_before_the_login_or_after_it_is_not_his),
        TEST(who_logs_in_next_has_it_next),
        TEST(two_sensors_that_say_two_users_say_nobody),
        TEST(a_lease_names_the_device),
        TEST(a_renewal_is_what_says_so_from_then_on),
        TEST(each_binding_is_named),
        TEST(a_lease_of_another_sensor_after_the_login_disputes_it),
        TEST(a_login_of_another_machine_is_disputed),
        TEST(what_a_machine_has_elsewhere_is_not_anothers),
        TEST(a_computers_account_ends_no_login),
        TEST(another_machine_ends_the_login),
        TEST(a_lease_after_the_login_ends_it),
        TEST(a_lease_told_with_the_login_is_of_its_machine),
        TEST(a_device_has_the_login_at_its_other_addresses),
        TEST(a_lease_in_another_vlan_is_about_another_machine),
        TEST(wishes_and_what_stations_say_name_nobody),
        TEST(a_login_without_an_end_holds_as_long_as_its_source),
        TEST(renewals_are_one),
        TEST(an_access_server_that_starts_anew_ends_its_logins),
        TEST(another_sensors_access_server_ends_nothing),
        TEST(a_login_without_an_address_is_the_devices),
        TEST(what_another_record_says_is_shown_too),
        TEST(who_is_known_by_a_binding_is_found),
        TEST(a_flood_of_bindings_leaves_those_that_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
