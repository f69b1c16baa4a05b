/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/hex.h"
#include "vault/keycheck.h"
#include "vault/vault_kit.h"

static const char *const names[] = {
    "sensor.key", "sensor.pub",        "sensors.pub",          "auditor.key",       "auditors.pub",
    "state.key",  "state/signing.key", "state/checkpoint.key", "state/first.batch",
};

static const char *path_of(const struct vault_kit *kit, const char *name, char path[300])
{
    (void)snprintf(path, 300, "%s/%s", kit->dir, name);
    return path;
}

static void remove_key(const struct vault_kit *kit, const char *name)
{
    char path[300];

    assert_int_equal(unlink(path_of(kit, name, path)), 0);
}

static bool has_key(const struct vault_kit *kit, const char *name)
{
    char path[300];

    return access(path_of(kit, name, path), F_OK) == 0;
}

static void keys_are_made_once_and_only_the_owner_reads_them(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    char before[NTA_N_ELEMENTS(names)][1024], after[1024], path[300];
    bool made = false;
    struct stat st;

    (void)state;
    assert_int_equal(rmdir(kit.dir), 0);
    assert_int_equal(kit_init(&kit, &made), 0);
    assert_true(made);
    assert_int_equal(stat(kit.dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(stat(kit.state_dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_false(has_key(&kit, "token.key"));
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        assert_int_equal(stat(path_of(&kit, names[i], path), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        kit_read(&kit, names[i], before[i], sizeof(before[i]));
    }
    assert_int_equal(kit_init(&kit, &made), 0);
    assert_false(made);
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        kit_read(&kit, names[i], after, sizeof(after));
        assert_memory_equal(before[i], after, strlen(after));
    }
}

/** As the daemon runs: the identity's and the auditors' secrets are elsewhere. */
static void secrets_taken_away_stay_away_and_nothing_misses_them(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_opener_free) struct nta_opener *opener = NULL;
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    bool made = true;

    (void)state;
    nta_sealer_free(&kit.sealer);
    assert_true(nta_keys_has_identity(kit.dir));
    remove_key(&kit, "sensor.key");
    remove_key(&kit, "auditor.key");
    assert_false(nta_keys_has_identity(kit.dir));
    assert_int_equal(kit_init(&kit, &made), 0);
    assert_false(made);
    assert_false(has_key(&kit, "sensor.key"));
    assert_false(has_key(&kit, "auditor.key"));
    assert_int_equal(kit_sealer(&kit, &sealer), 0);
    kit_go_on(&kit, sealer);
    assert_int_equal(nta_opener_new(kit.dir, &opener, &kit.err), -ENOENT);
    assert_non_null(strstr(kit.err.text, "auditor.key"));
}

static void init_refuses(struct vault_kit *kit, int r, const char *because)
{
    bool made = false;

    assert_int_equal(kit_init(kit, &made), r);
    assert_false(made);
    if (!strstr(kit->err.text, because))
        fail_msg("\"%s\" does not say \"%s\"", kit->err.text, because);
}

static void what_a_sensor_has_signed_is_never_signed_anew(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    char path[300], aside[300];

    (void)state;
    nta_sealer_free(&kit.sealer);
    assert_int_equal(rename(path_of(&kit, "state/first.batch", path), path_of(&kit, "f", aside)),
                     0);
    init_refuses(&kit, -ENOENT, "first.batch is not there");
    kit_write(&kit, "token.key", "x\n", 0600);
    init_refuses(&kit, -EEXIST, "keys of format 1");
    remove_key(&kit, "token.key");
    assert_int_equal(rename(aside, path), 0);
    assert_int_equal(rename(path_of(&kit, "state.key", path), aside), 0);
    init_refuses(&kit, -ENOENT, "state.key is not there");
    assert_int_equal(rename(aside, path), 0);
    assert_int_equal(kit_init(&kit, NULL), 0);
}

/** The first `n` files of what init makes, in its order, are there: as a crash leaves them. */
static void what_was_half_made_is_finished(void **state)
{
    static const char *const order[] = {
        "state.key",         "auditor.key",          "auditors.pub",
        "sensor.key",        "state/checkpoint.key", "state/signing.key",
        "state/first.batch", "sensor.pub",           "sensors.pub",
    };

    (void)state;
    for (size_t n = 0; n <= NTA_N_ELEMENTS(order); n++) {
        NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
        NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
        char kept[300], again[300];
        bool made = false;

        nta_sealer_free(&kit.sealer);
        for (size_t i = n; i < NTA_N_ELEMENTS(order); i++)
            remove_key(&kit, order[i]);
        if (n > 3)
            kit_read(&kit, "sensor.key", kept, sizeof(kept));
        assert_int_equal(kit_init(&kit, &made), 0);
        assert_int_equal(made, n < NTA_N_ELEMENTS(order));
        if (n > 3) {
            kit_read(&kit, "sensor.key", again, sizeof(again));
            assert_string_equal(kept, again);
        }
        for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++)
            assert_true(has_key(&kit, names[i]));
        assert_int_equal(kit_sealer(&kit, &sealer), 0);
        kit_go_on(&kit, sealer);
    }
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

    assert_int_equal(kit_sealer(kit, &sealer), r);
    assert_null(sealer);
    if (!strstr(kit->err.text, because))
        fail_msg("\"%s\" does not say \"%s\"", kit->err.text, because);
}

static void loose_or_odd_key_files_are_refused(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    char good[300], path[300], target[300];

    (void)state;
    kit_read(&kit, "state.key", good, sizeof(good));
    (void)path_of(&kit, "state.key", path);
    (void)path_of(&kit, "sensor.key", target);
    kit_write(&kit, "state.key", good, 0604);
    assert_refused(&kit, -EPERM, "state.key: can be read by others");
    kit_write(&kit, "state.key", good, 0620);
    assert_refused(&kit, -EPERM, "by others");
    kit_write(&kit, "state.key", "", 0600);
    assert_refused(&kit, -EINVAL, "is empty, or longer than a file of keys");
    kit_write(&kit, "state.key", "nta-state-secret-00\n", 0600);
    assert_refused(&kit, -EINVAL, "64 hexadecimal digits");
    good[30] = '\n';
    kit_write(&kit, "state.key", good, 0600);
    assert_refused(&kit, -EINVAL, "64 hexadecimal digits");
    (void)unlink(path);
    assert_refused(&kit, -ENOENT, "state.key: cannot read");
    assert_int_equal(symlink(target, path), 0);
    assert_refused(&kit, -ELOOP, "link");
    (void)unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(&kit, -EPERM, "not a regular file");
    assert_int_equal(chmod(kit.state_dir, 0777), 0);
    assert_refused(&kit, -EPERM, "others may write");
    assert_int_equal(chmod(kit.dir, 0777), 0);
    assert_refused(&kit, -EPERM, "others may write");
}

struct faults
{
    char text[2048];
    int n;
    bool is_open;
};

static void note_fault(void *owner, int fault, const char *sentence)
{
    struct faults *faults = owner;

    assert_true(fault < 0);
    faults->n++;
    (void)snprintf(faults->text + strlen(faults->text), sizeof(faults->text) - strlen(faults->text),
                   "%s\n", sentence);
}

static struct faults check_keys(const struct vault_kit *kit)
{
    const struct nta_keys_place place = kit_place(kit);
    struct faults faults = {.n = 0};

    faults.is_open = nta_keys_check(&place, note_fault, &faults);
    return faults;
}

/** With systemd-creds(1): only the service is given what is in there. */
static void a_state_key_that_is_sealed_for_the_service_is_no_fault(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct faults faults;

    (void)state;
    assert_true(check_keys(&kit).is_open);
    kit_write(&kit, "state.cred", "sealed\n", 0600);
    assert_true(check_keys(&kit).is_open); /* both: what can be read is */
    remove_key(&kit, "state.key");
    faults = check_keys(&kit);
    assert_int_equal(faults.n, 0);
    assert_false(faults.is_open);
    assert_refused(&kit, -ENOENT, "sealed for the service");
    kit_write(&kit, "auditors.pub", "", 0600);
    assert_int_equal(check_keys(&kit).n, 1); /* the others are looked at */
    remove_key(&kit, "state.cred");
    faults = check_keys(&kit);
    assert_int_equal(faults.n, 2);
    assert_true(faults.is_open);
}

static void all_faults_of_the_keys_are_found_at_once(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct faults faults;
    char text[300];

    (void)state;
    remove_key(&kit, "sensor.key"); /* sealing needs none */
    assert_int_equal(check_keys(&kit).n, 0);
    kit_read(&kit, "state/signing.key", text, sizeof(text));
    kit_write(&kit, "state/checkpoint.key", text, 0600); /* which is not for this name */
    faults = check_keys(&kit);
    assert_int_equal(faults.n, 1);
    assert_non_null(strstr(faults.text, "checkpoint.key: does not open with state.key"));
    kit_write(&kit, "sensor.pub", "nta-sensor-00\n", 0600);
    kit_write(&kit, "state.key", "x\n", 0644);
    kit_write(&kit, "auditors.pub", "", 0600);
    faults = check_keys(&kit);
    assert_int_equal(faults.n, 3);
    assert_non_null(strstr(faults.text, "sensor.pub: is not"));
    assert_non_null(strstr(faults.text, "state.key: can be read by others"));
    assert_non_null(strstr(faults.text, "auditors.pub: is empty, or longer than a file of keys"));
    kit_write(&kit, "state/first.batch", "\x85", 0600);
    remove_key(&kit, "sensor.pub");
    faults = check_keys(&kit);
    assert_int_equal(faults.n, 4);
    assert_non_null(strstr(faults.text, "first.batch: is not the first batch of a sensor"));
    assert_non_null(strstr(faults.text, "sensor.pub: cannot read the key"));
}

static void a_sensor_pub_of_another_identity_is_refused(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new(), other = kit_new();
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    struct faults faults;
    char text[300];

    (void)state;
    kit_read(&other, "sensor.pub", text, sizeof(text));
    kit_write(&kit, "sensor.pub", text, 0600);
    faults = check_keys(&kit);
    assert_int_equal(faults.n, 1);
    assert_non_null(strstr(faults.text, "sensor.pub: is not the identity that signed"));
    assert_refused(&kit, -EINVAL, "sensor.pub: is not the identity that signed");
    remove_key(&kit, "sensor.pub"); /* sealing goes without; a check does not */
    assert_int_equal(kit_sealer(&kit, &sealer), 0);
    assert_int_equal(check_keys(&kit).n, 1);
}

static void files_of_two_sensors_are_not_mixed(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new(), other = kit_new();
    char text[300];

    (void)state;
    kit_read(&other, "state.key", text, sizeof(text));
    kit_write(&kit, "state.key", text, 0600);
    assert_refused(&kit, -EBADMSG, "checkpoint.key: does not open with state.key");
    kit_read(&other, "state/checkpoint.key", text, sizeof(text));
    kit_write(&kit, "state/checkpoint.key", text, 0600);
    assert_refused(&kit, -EINVAL, "checkpoint.key: is not the key that first.batch names");
}

static void a_secret_is_not_taken_for_another(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    char text[300];

    (void)state;
    kit_read(&kit, "sensor.key", text, sizeof(text));
    kit_write(&kit, "state.key", text, 0600);
    assert_refused(&kit, -EINVAL, "nta-state-secret-");
}

static void an_identity_elsewhere_signs_notes_for_one_header(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_note note = {.kind = NTA_HEADER_NOTE_ADOPTED, .from = 5}, late = note;
    uint8_t sensor[NTA_SENSOR_ID_LEN], public_key[NTA_KEY_LEN], made[NTA_KEY_LEN];
    char path[300];

    (void)state;
    nta_sensor_id(kit.public_key, sensor);
    memcpy(note.key, kit.signing, sizeof(note.key));
    (void)path_of(&kit, "sensor.key", path);
    assert_int_equal(nta_keys_sign_note(path, sensor, 7, &note, public_key, &kit.err), 0);
    assert_memory_equal(public_key, kit.public_key, sizeof(public_key));
    assert_true(nta_note_signed(&note, sensor, 7, public_key));
    assert_false(nta_note_signed(&note, sensor, 8, public_key));
    assert_int_equal(nta_keys_sign_note(path, sensor, 4, &late, public_key, &kit.err), -EINVAL);
    late.kind = NTA_HEADER_NOTE_CHECKPOINT_KEY; /* which has no signature */
    assert_int_equal(nta_keys_sign_note(path, sensor, 7, &late, public_key, &kit.err), -EIO);
    (void)path_of(&kit, "new.key", path);
    assert_int_equal(nta_keys_sign_note(path, sensor, 7, &note, public_key, &kit.err), -ENOENT);
    assert_int_equal(nta_keys_new_identity(path, made, &kit.err), 0);
    assert_int_equal(nta_keys_new_identity(path, public_key, &kit.err), -EEXIST);
    note = (struct nta_note){.kind = NTA_HEADER_NOTE_IDENTITY};
    assert_int_equal(nta_keys_sign_note(path, sensor, 9, &note, public_key, &kit.err), 0);
    assert_memory_equal(public_key, made, sizeof(made));
    assert_true(nta_note_signed(&note, sensor, 9, made));
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
    assert_int_equal(kit_sealer(&kit, &sealer), 0);
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
    assert_int_equal(kit_sealer(&kit, &sealer), -EINVAL);
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
        cmocka_unit_test(secrets_taken_away_stay_away_and_nothing_misses_them),
        cmocka_unit_test(what_a_sensor_has_signed_is_never_signed_anew),
        cmocka_unit_test(what_was_half_made_is_finished),
        cmocka_unit_test(what_is_shown_can_be_read_back),
        cmocka_unit_test(loose_or_odd_key_files_are_refused),
        cmocka_unit_test(a_state_key_that_is_sealed_for_the_service_is_no_fault),
        cmocka_unit_test(all_faults_of_the_keys_are_found_at_once),
        cmocka_unit_test(a_sensor_pub_of_another_identity_is_refused),
        cmocka_unit_test(files_of_two_sensors_are_not_mixed),
        cmocka_unit_test(a_secret_is_not_taken_for_another),
        cmocka_unit_test(an_identity_elsewhere_signs_notes_for_one_header),
        cmocka_unit_test(auditors_are_one_to_eight_lines),
        cmocka_unit_test(a_key_of_small_order_is_refused_wherever_it_comes_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
