/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "unit.h"
#include "vault/keyfile.h"
#include "vault/open/auditor_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const uint8_t secret[NTA_KEY_LEN] = {
    0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45,
    0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};

struct place
{
    char dir[64];
    const char *passphrase; ///< What is said when it is asked for.
    unsigned n_asked;
};

static int say(void *owner, const char *file, char ret_passphrase[NTA_PASSPHRASE_SIZE],
               struct nta_err *err)
{
    struct place *place = owner;

    (void)err;
    assert_non_null(strstr(file, "auditor.key"));
    place->n_asked++;
    (void)snprintf(ret_passphrase, NTA_PASSPHRASE_SIZE, "%s", place->passphrase);
    return 0;
}

static void write_file(const struct place *place, const char *name, const char *text)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", place->dir, name);
    NTA_AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static size_t read_file(const struct place *place, const char *name, char *text, size_t size)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", place->dir, name);
    NTA_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t len = read(fd, text, size - 1);

    assert_true(len > 0);
    text[len] = '\0';
    return (size_t)len;
}

static struct place make_place(void)
{
    struct place place = {.dir = "/tmp/nta-auditor-XXXXXX", .passphrase = "right and long"};
    char key[NTA_KEY_TEXT_SIZE + 16];

    assert_non_null(mkdtemp(place.dir));
    nta_key_text(NTA_KEY_AUDITOR_SECRET, secret, key, sizeof(key));
    write_file(&place, "auditor.key", key);
    return place;
}

static void place_done(struct place *place)
{
    static const char *const names[] = {"auditor.key", "auditors.pub", "other.key"};
    char path[128];

    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", place->dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(place->dir);
    nta_auditor_key_ask(NULL, NULL);
}

/** 0 if the folder's key is the one that it was made with. */
static int open_with(struct place *place, const char *passphrase)
{
    struct nta_opener *opener = NULL;
    struct nta_err err = {0};

    place->passphrase = passphrase;
    nta_auditor_key_ask(passphrase ? say : NULL, place);
    const int r = nta_opener_new(place->dir, &opener, &err);

    assert_true(r == 0 || strstr(err.text, "auditor.key"));
    nta_opener_free(&opener);
    return r;
}

static void a_key_of_the_old_form_is_read_without_a_question(void **state)
{
    NTA_AUTO(place_done) struct place place = make_place();

    (void)state;
    assert_int_equal(open_with(&place, "never asked for"), 0);
    assert_int_equal(place.n_asked, 0);
}

static void a_protected_key_opens_with_its_passphrase_alone(void **state)
{
    NTA_AUTO(place_done) struct place place = make_place();
    struct nta_err err = {0};
    char text[4096];

    (void)state;
    assert_int_equal(nta_auditor_key_protect(place.dir, "short", &err), -EINVAL);
    assert_int_equal(nta_auditor_key_protect(place.dir, "right and long", &err), 0);
    (void)read_file(&place, "auditor.key", text, sizeof(text));
    assert_ptr_equal(strstr(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), text);
    assert_null(strstr(text, "77076d0a"));
    assert_int_equal(open_with(&place, "right and long"), 0);
    assert_int_equal(open_with(&place, "right and lonG"), -EKEYREJECTED);
    assert_int_equal(open_with(&place, ""), -EKEYREJECTED);
    assert_int_equal(open_with(&place, NULL), -ENOKEY);
}

static void the_passphrase_can_be_changed(void **state)
{
    NTA_AUTO(place_done) struct place place = make_place();
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_auditor_key_protect(place.dir, "right and long", &err), 0);
    nta_auditor_key_ask(say, &place);
    place.passphrase = "wrong and long";
    assert_int_equal(nta_auditor_key_protect(place.dir, "another of them", &err), -EKEYREJECTED);
    assert_int_equal(open_with(&place, "right and long"), 0);
    assert_int_equal(nta_auditor_key_protect(place.dir, "another of them", &err), 0);
    assert_int_equal(open_with(&place, "right and long"), -EKEYREJECTED);
    assert_int_equal(open_with(&place, "another of them"), 0);
}

static void a_cut_file_opens_nothing_and_a_changed_one_harms_nobody(void **state)
{
    NTA_AUTO(place_done) struct place place = make_place();
    struct nta_err err = {0};
    char text[4096], changed[4096];

    (void)state;
    assert_int_equal(nta_auditor_key_protect(place.dir, "right and long", &err), 0);
    const size_t len = read_file(&place, "auditor.key", text, sizeof(text));

    for (size_t i = 0; i < len; i += 37) {
        memcpy(changed, text, len + 1);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        write_file(&place, "auditor.key", changed);
        (void)open_with(&place, "right and long"); /* to nothing, or to another key */
        memcpy(changed, text, i);
        changed[i] = '\0';
        write_file(&place, "auditor.key", i ? changed : "\n");
        assert_true(open_with(&place, "right and long") < 0);
    }
}

static void another_auditor_is_added_beside_the_first(void **state)
{
    NTA_AUTO(place_done) struct place place = make_place();
    char path[128], public_key[NTA_KEY_TEXT_SIZE], text[4096], first[NTA_KEY_TEXT_SIZE + 1];
    struct nta_err err = {0};

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/other.key", place.dir);
    assert_int_equal(nta_auditor_key_make(place.dir, path, "right and long", public_key, &err),
                     -ENOENT);
    (void)unlink(path);
    (void)snprintf(first, sizeof(first), "nta-auditor-%064d", 9);
    write_file(&place, "auditors.pub", first);
    assert_int_equal(nta_auditor_key_make(place.dir, path, "right and long", public_key, &err), 0);
    (void)read_file(&place, "auditors.pub", text, sizeof(text));
    assert_ptr_equal(strstr(text, first), text);
    assert_non_null(strstr(text, public_key));
    assert_int_equal(nta_auditor_key_make(place.dir, path, "right and long", public_key, &err),
                     -EEXIST);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_of_the_old_form_is_read_without_a_question),
        cmocka_unit_test(a_protected_key_opens_with_its_passphrase_alone),
        cmocka_unit_test(the_passphrase_can_be_changed),
        cmocka_unit_test(a_cut_file_opens_nothing_and_a_changed_one_harms_nobody),
        cmocka_unit_test(another_auditor_is_added_beside_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
