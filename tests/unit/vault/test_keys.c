/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/hex.h"
#include "vault/keycheck.h"
#include "vault/vault_kit.h"

static const char *const names[] = {"sensor.key", "token.key", "auditor.key", "auditors.pub",
                                    "sensor.pub"};

static void keys_are_made_once_and_only_the_owner_reads_them(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    char before[300], after[300], path[300];
    bool made = false;
    struct stat st;

    (void)state;
    (void)snprintf(kit.dir + strlen(kit.dir), sizeof(kit.dir) - strlen(kit.dir), "/keys");
    assert_int_equal(nta_keys_init(kit.dir, &made, &kit.err), 0);
    assert_true(made);
    assert_int_equal(stat(kit.dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", kit.dir, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
    kit_read(&kit, "sensor.key", before, sizeof(before));
    assert_int_equal(nta_keys_init(kit.dir, &made, &kit.err), 0);
    assert_false(made);
    kit_read(&kit, "sensor.key", after, sizeof(after));
    assert_string_equal(before, after);
    *strrchr(kit.dir, '/') = 0;
}

static void a_missing_public_half_is_made_again(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    uint8_t again[NTA_KEY_LEN];
    char path[300];
    bool made = false;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/sensor.pub", kit.dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(nta_keys_init(kit.dir, &made, &kit.err), 0);
    assert_true(made);
    assert_int_equal(nta_keys_sensor_public(kit.dir, again, &kit.err), 0);
    assert_memory_equal(again, kit.public_key, sizeof(again));
}

static void a_sensor_whose_key_is_elsewhere_is_not_replaced(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    char path[300];
    bool made = false;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/sensor.key", kit.dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(nta_keys_init(kit.dir, &made, &kit.err), -ENOENT);
    assert_non_null(strstr(kit.err.text, "sensor.key"));
    assert_int_equal(access(path, F_OK), -1);
}

static void an_auditor_key_taken_away_stays_away(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_opener_free) struct nta_opener *opener = NULL;
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    char path[300];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/auditor.key", kit.dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(nta_keys_init(kit.dir, NULL, &kit.err), 0);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(nta_sealer_new(kit.dir, &sealer, &kit.err), 0);
    assert_int_equal(nta_opener_new(kit.dir, &opener, &kit.err), -ENOENT);
    assert_non_null(strstr(kit.err.text, "auditor.key"));
}

static void what_is_shown_can_be_read_back(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_buf_done) struct nta_buf auditors = {0};
    char sensor[NTA_KEY_TEXT_SIZE];
    uint8_t public_key[NTA_KEY_LEN];

    (void)state;
    assert_int_equal(nta_keys_show(kit.dir, sensor, &auditors, &kit.err), 0);
    assert_int_equal(nta_keys_parse_sensor(sensor, public_key, &kit.err), 0);
    assert_memory_equal(public_key, kit.public_key, sizeof(public_key));
    assert_int_equal(auditors.len, strlen("nta-auditor-") + 65);
    assert_memory_equal(auditors.ptr, "nta-auditor-", 12);
    assert_int_equal(nta_keys_parse_sensor("nta-sensor-00", public_key, &kit.err), -EINVAL);
    sensor[20] = 'G';
    assert_int_equal(nta_keys_parse_sensor(sensor, public_key, &kit.err), -EINVAL);
    assert_int_equal(nta_keys_parse_sensor("\x1b[31m", public_key, &kit.err), -EINVAL);
    assert_null(strchr(kit.err.text, 0x1b));
}

static void assert_refused(struct vault_kit *kit, int r, const char *because)
{
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;

    assert_int_equal(nta_sealer_new(kit->dir, &sealer, &kit->err), r);
    assert_null(sealer);
    if (!strstr(kit->err.text, because))
        fail_msg("\"%s\" does not say \"%s\"", kit->err.text, because);
}

static void loose_or_odd_key_files_are_refused(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    char good[300], path[300], target[300];

    (void)state;
    kit_read(&kit, "sensor.key", good, sizeof(good));
    (void)snprintf(path, sizeof(path), "%s/sensor.key", kit.dir);
    (void)snprintf(target, sizeof(target), "%s/token.key", kit.dir);
    kit_write(&kit, "sensor.key", good, 0604);
    assert_refused(&kit, -EPERM, "sensor.key: can be read by others");
    kit_write(&kit, "sensor.key", good, 0620);
    assert_refused(&kit, -EPERM, "by others");
    kit_write(&kit, "sensor.key", "", 0600);
    assert_refused(&kit, -EINVAL, "is empty, or longer than a file of keys");
    kit_write(&kit, "sensor.key", "nta-sensor-secret-00\n", 0600);
    assert_refused(&kit, -EINVAL, "64 hexadecimal digits");
    good[30] = '\n';
    kit_write(&kit, "sensor.key", good, 0600);
    assert_refused(&kit, -EINVAL, "64 hexadecimal digits");
    (void)unlink(path);
    assert_refused(&kit, -ENOENT, "sensor.key: cannot read");
    assert_int_equal(symlink(target, path), 0);
    assert_refused(&kit, -ELOOP, "link");
    (void)unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(&kit, -EPERM, "not a regular file");
    assert_int_equal(chmod(kit.dir, 0777), 0);
    assert_refused(&kit, -EPERM, "others may write");
}

struct faults
{
    char text[2048];
    int n;
};

static void note_fault(void *owner, int fault, const char *sentence)
{
    struct faults *faults = owner;

    assert_true(fault < 0);
    faults->n++;
    (void)snprintf(faults->text + strlen(faults->text), sizeof(faults->text) - strlen(faults->text),
                   "%s\n", sentence);
}

static void all_faults_of_the_keys_are_found_at_once(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct faults none = {.n = 0}, faults = {.n = 0};

    (void)state;
    nta_keys_check(kit.dir, note_fault, &none);
    assert_int_equal(none.n, 0);
    kit_write(&kit, "sensor.key", "nta-sensor-secret-00\n", 0600);
    kit_write(&kit, "sensor.pub", "nta-sensor-00\n", 0600);
    kit_write(&kit, "token.key", "x\n", 0644);
    kit_write(&kit, "auditors.pub", "", 0600);
    nta_keys_check(kit.dir, note_fault, &faults);
    assert_int_equal(faults.n, 4);
    assert_non_null(strstr(faults.text, "sensor.key: is not"));
    assert_non_null(strstr(faults.text, "sensor.pub: is not"));
    assert_non_null(strstr(faults.text, "token.key: can be read by others"));
    assert_non_null(strstr(faults.text, "auditors.pub: is empty, or longer than a file of keys"));
}

static void a_sensor_pub_of_another_key_is_refused(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new(), other = kit_new();
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    struct faults faults = {.n = 0};
    char text[300], path[300];

    (void)state;
    kit_read(&other, "sensor.pub", text, sizeof(text));
    kit_write(&kit, "sensor.pub", text, 0600);
    nta_keys_check(kit.dir, note_fault, &faults);
    assert_int_equal(faults.n, 1);
    assert_non_null(strstr(faults.text, "sensor.pub: is not that of sensor.key"));
    assert_int_equal(nta_sealer_new(kit.dir, &sealer, &kit.err), -EINVAL);
    assert_non_null(strstr(kit.err.text, "sensor.pub: is not that of sensor.key"));
    (void)snprintf(path, sizeof(path), "%s/sensor.pub", kit.dir);
    assert_int_equal(unlink(path), 0); /* sealing goes without; a check does not */
    assert_int_equal(nta_sealer_new(kit.dir, &sealer, &kit.err), 0);
    nta_keys_check(kit.dir, note_fault, &faults);
    assert_int_equal(faults.n, 2);
}

static void a_secret_is_not_taken_for_another(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    char token[300];

    (void)state;
    kit_read(&kit, "token.key", token, sizeof(token));
    kit_write(&kit, "sensor.key", token, 0600);
    assert_refused(&kit, -EINVAL, "nta-sensor-secret-");
}

/** The text so far, NUL-terminated; the NUL is not counted. */
static const char *text_of(struct nta_buf *text)
{
    nta_buf_put_u8(text, 0);
    text->len--;
    return (const char *)text->ptr;
}

static void auditors_are_one_to_eight_lines(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    char line[300];
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;

    (void)state;
    kit_read(&kit, "auditors.pub", line, sizeof(line));
    nta_buf_puts(&text, "# people who may read\n\n");
    for (int i = 0; i < NTA_AUDITORS_MAX; i++)
        nta_buf_puts(&text, line);
    kit_write(&kit, "auditors.pub", text_of(&text), 0644);
    assert_int_equal(nta_sealer_new(kit.dir, &sealer, &kit.err), 0);
    nta_buf_puts(&text, line);
    kit_write(&kit, "auditors.pub", text_of(&text), 0644);
    assert_refused(&kit, -EINVAL, "auditors.pub:11: more than 8");
    kit_write(&kit, "auditors.pub", "# nobody\n", 0644);
    assert_refused(&kit, -EINVAL, "no auditor's key");
    kit_write(&kit, "auditors.pub", "\nnta-auditor-x\n", 0644);
    assert_refused(&kit, -EINVAL, "auditors.pub:2:");
    kit_write(&kit, "auditors.pub", line, 0666);
    assert_refused(&kit, -EPERM, "changed by others");
}

static void a_key_of_small_order_is_refused_wherever_it_comes_in(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf auditors = {0};
    char line[100] = "nta-auditor-", sensor[NTA_KEY_TEXT_SIZE];
    uint8_t key[NTA_KEY_LEN] = {7};
    static const uint8_t none[NTA_KEY_LEN];

    (void)state;
    memset(line + 12, '0', 64);
    kit_write(&kit, "auditors.pub", line, 0600);
    assert_int_equal(nta_sealer_new(kit.dir, &sealer, &kit.err), -EINVAL);
    assert_non_null(strstr(kit.err.text, "anybody can open"));
    assert_int_equal(nta_keys_show(kit.dir, sensor, &auditors, &kit.err), -EINVAL);
    assert_non_null(strstr(kit.err.text, "anybody can open"));
    (void)snprintf(line, sizeof(line), "nta-sensor-%064d", 0);
    line[12] = '1'; /* the neutral point */
    kit_write(&kit, "sensor.pub", line, 0600);
    assert_int_equal(nta_keys_sensor_public(kit.dir, key, &kit.err), -EINVAL);
    assert_non_null(strstr(kit.err.text, "anybody can sign"));
    assert_memory_equal(key, none, sizeof(key));
    assert_int_equal(nta_keys_parse_sensor(line, key, &kit.err), -EINVAL);
    assert_non_null(strstr(kit.err.text, "anybody can sign"));
    assert_memory_equal(key, none, sizeof(key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_made_once_and_only_the_owner_reads_them),
        cmocka_unit_test(a_missing_public_half_is_made_again),
        cmocka_unit_test(a_sensor_whose_key_is_elsewhere_is_not_replaced),
        cmocka_unit_test(an_auditor_key_taken_away_stays_away),
        cmocka_unit_test(what_is_shown_can_be_read_back),
        cmocka_unit_test(loose_or_odd_key_files_are_refused),
        cmocka_unit_test(all_faults_of_the_keys_are_found_at_once),
        cmocka_unit_test(a_sensor_pub_of_another_key_is_refused),
        cmocka_unit_test(a_secret_is_not_taken_for_another),
        cmocka_unit_test(auditors_are_one_to_eight_lines),
        cmocka_unit_test(a_key_of_small_order_is_refused_wherever_it_comes_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
