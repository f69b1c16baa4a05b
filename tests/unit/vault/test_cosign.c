/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "unit.h"
#include "vault/checkpoint.h"
#include "vault/cosign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Made with another program (Python's cryptography): secret key 00 01 … 1f. */
#define NAME "witness.example/w1"
#define KEY  NAME "+e75f6532+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
#define TEXT                                                                                       \
    "nta/000102030405060708090a0b0c0d0e0f\n20852163\n"                                             \
    "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n"
#define BASE64                                                                                     \
    "519lMgAAAABkGFDLiHYsRADK1KZQX+lFypTyqKnFiOFP9KTmSEKsWEfO4uG12TsAVdwxSYYj698FRe20gxaA2nTXc+DP" \
    "QL8IgxiqDg=="
#define LINE "\xe2\x80\x94 " NAME " " BASE64
#define OTHER                                                                                      \
    "\xe2\x80\x94 nta/000102030405060708090a0b0c0d0e0f "                                           \
    "CVL9nVnZg/+la82BcmcxtLfbtMUcueCFrJuvmGtSBd2MEHoqo4Kabk0zksFlO+chabT08Dhy3THmd+mJqDR/h3RBYQI="

enum
{
    TIME_S = 1679315147
};

struct kit
{
    char dir[64];
    struct nta_cosigner *cosigner;
};

static void kit_done(struct kit *kit)
{
    char path[128];

    nta_cosigner_free(&kit->cosigner);
    (void)snprintf(path, sizeof(path), "%s/witness.key", kit->dir);
    (void)unlink(path);
    (void)rmdir(kit->dir);
}

/** The one whose secret key is 00 01 … 1f, from its file. */
static struct kit kit_of(const char *name)
{
    struct kit kit = {.dir = "/tmp/nta-cosign-XXXXXX"};
    struct nta_err err = {0};
    char path[128];

    assert_non_null(mkdtemp(kit.dir));
    (void)snprintf(path, sizeof(path), "%s/witness.key", kit.dir);
    const int fd = open(path, O_WRONLY | O_CREAT, 0600);

    assert_true(fd >= 0);
    assert_true(dprintf(fd, "nta-witness-secret-") > 0);
    for (unsigned i = 0; i < NTA_KEY_LEN; i++)
        assert_true(dprintf(fd, "%02x", i) > 0);
    assert_true(dprintf(fd, "\n") > 0);
    assert_int_equal(close(fd), 0);
    if (nta_cosigner_open(kit.dir, name, &kit.cosigner, &err) < 0)
        fail_msg("%s", err.text);
    return kit;
}

static void what_we_write_is_what_another_program_wrote(void **state)
{
    NTA_AUTO(kit_done) struct kit kit = kit_of(NAME);
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0}, key = {0};

    (void)state;
    assert_int_equal(nta_cosigner_sign(kit.cosigner, nta_span_of(TEXT), TIME_S, &line), 0);
    assert_true(nta_span_is(nta_buf_span(&line), LINE "\n"));
    nta_note_put_key(&key, nta_cosigner_key(kit.cosigner));
    assert_true(nta_span_is(nta_buf_span(&key), KEY));
}

static bool is_cosigned(const char *note, size_t len)
{
    struct nta_note_key key;
    uint64_t time_s = 0;

    assert_true(nta_note_key_parse(nta_span_of(KEY), &key));
    return nta_cosign_check((struct nta_span){(const uint8_t *)note, len}, &key, &time_s) &&
           time_s == TIME_S;
}

static void a_cosignature_holds_beside_others(void **state)
{
    static const char *const notes[] = {TEXT "\n" LINE "\n", TEXT "\n" OTHER "\n" LINE "\n",
                                        TEXT "\n" LINE "\n" OTHER "\n"};
    static const char *const bad[] = {"",
                                      TEXT,
                                      TEXT "\n",
                                      TEXT LINE "\n",
                                      TEXT "\n" LINE,
                                      TEXT "\n" OTHER "\n",
                                      TEXT "\n" LINE "\nand more\n",
                                      "x" TEXT "\n" LINE "\n"};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(notes); i++)
        assert_true(is_cosigned(notes[i], strlen(notes[i])));
    for (size_t i = 0; i < NTA_N_ELEMENTS(bad); i++)
        if (is_cosigned(bad[i], strlen(bad[i])))
            fail_msg("%zu", i);
}

/** Text, time and signature. */
static void each_byte_counts(void **state)
{
    char note[] = TEXT "\n" LINE "\n";

    (void)state;
    for (size_t i = 0; i < sizeof(note) - 1; i++) {
        note[i] ^= 1;
        if (is_cosigned(note, sizeof(note) - 1))
            fail_msg("byte %zu", i);
        note[i] ^= 1;
    }
    for (size_t n = 0; n < sizeof(note) - 1; n++)
        assert_false(is_cosigned(note, n));
}

/** A log's own signature is over the text alone, and no cosignature. */
static void a_key_of_another_kind_signs_nothing(void **state)
{
    struct nta_note_key key;
    uint64_t time_s;

    (void)state;
    assert_true(nta_note_key_parse(nta_span_of(KEY), &key));
    assert_true(nta_note_key_init(&key, nta_span_of(NAME), NTA_NOTE_ED25519, key.public_key));
    assert_false(nta_cosign_check(nta_span_of(TEXT "\n" LINE "\n"), &key, &time_s));
    assert_false(nta_note_is_signed(nta_span_of(TEXT "\n" LINE "\n"), &key));
}

static void keys_have_one_form(void **state)
{
    static const char *const bad[] = {
        "",
        "+",
        "++",
        NAME,
        NAME "+e75f6532",
        NAME "+e75f6532+",
        NAME "+e75f6533+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", /* of another key */
        "w itness+e75f6532+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        NAME "+e75f6532+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG5",
        KEY "=",
        KEY " "};
    struct nta_note_key key;

    (void)state;
    assert_true(nta_note_key_parse(nta_span_of(KEY), &key));
    for (size_t i = 0; i < NTA_N_ELEMENTS(bad); i++)
        if (nta_note_key_parse(nta_span_of(bad[i]), &key))
            fail_msg("%s", bad[i]);
}

static void a_key_is_made_once(void **state)
{
    NTA_AUTO(kit_done) struct kit kit = {.dir = "/tmp/nta-cosign-XXXXXX"};
    NTA_AUTO(nta_cosigner_free) struct nta_cosigner *again = NULL;
    struct nta_err err = {0};
    struct stat st;
    char path[128];

    (void)state;
    assert_non_null(mkdtemp(kit.dir));
    (void)snprintf(path, sizeof(path), "%s/witness.key", kit.dir);
    assert_int_equal(nta_cosigner_open(kit.dir, NAME, &kit.cosigner, &err), 0);
    assert_int_equal(nta_cosigner_open(kit.dir, NAME, &again, &err), 0);
    assert_memory_equal(nta_cosigner_key(kit.cosigner), nta_cosigner_key(again),
                        sizeof(struct nta_note_key));
    assert_true(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    nta_cosigner_free(&again);
    assert_int_equal(nta_cosigner_open(kit.dir, "two words", &again, &err), -EINVAL);
    assert_int_equal(chmod(path, 0644), 0);
    assert_true(nta_cosigner_open(kit.dir, NAME, &again, &err) < 0); /* others could read it */
}

/** Whoever noted it; but not at a time that there is none, nor by what is no cosignature. */
static void a_note_claims_to_be_cosigned_by_a_line_with_a_time(void **state)
{
    static const uint8_t latest[NTA_NOTE_SIGNATURE_MAX] = {0, 0, 0, 2, 0x25, 0xc1, 0x7d, 0x03};
    static const uint8_t beyond[NTA_NOTE_SIGNATURE_MAX] = {0, 0, 0, 2, 0x25, 0xc1, 0x7d, 0x04};

    static const struct
    {
        const uint8_t *bytes;
        size_t len;
        bool is;
    } lines[] = {
        {latest, sizeof(latest), true},
        {beyond, sizeof(beyond), false},
        {latest, NTA_SIGNATURE_LEN, false},
    };
    const struct nta_note_key key = {.name = NAME};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(lines); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf note = {0};

        nta_buf_puts(&note, "text\n\n");
        assert_false(nta_cosign_is_claimed(nta_buf_span(&note)));
        nta_note_put_line(&note, &key, lines[i].bytes, lines[i].len);
        assert_int_equal(nta_cosign_is_claimed(nta_buf_span(&note)), lines[i].is);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_we_write_is_what_another_program_wrote),
        cmocka_unit_test(a_cosignature_holds_beside_others),
        cmocka_unit_test(each_byte_counts),
        cmocka_unit_test(a_key_of_another_kind_signs_nothing),
        cmocka_unit_test(keys_have_one_form),
        cmocka_unit_test(a_key_is_made_once),
        cmocka_unit_test(a_note_claims_to_be_cosigned_by_a_line_with_a_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
