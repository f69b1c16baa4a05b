/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "unit.h"
#include "vault/signed_note.h"

/* The example of golang.org/x/mod/sumdb/note, whose form c2sp.org/signed-note describes. */
#define TEXT                                                                                       \
    "If you think cryptography is the answer to your problem,\n"                                   \
    "then you don't know what your problem is.\n"
#define DASH "\xe2\x80\x94 "
#define PETER                                                                                      \
    DASH                                                                                           \
        "PeterNeumann "                                                                            \
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJ" \
        "nAM=\n"
#define ENOCH                                                                                      \
    DASH                                                                                           \
        "EnochRoot "                                                                               \
        "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc" \
        "+QQ=\n"

static const char *const keys[] = {
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
};

static struct nta_note_key key_of(size_t i)
{
    struct nta_note_key key;

    assert_true(nta_note_key_parse(nta_span_of(keys[i]), &key));
    return key;
}

static void published_keys_are_read_and_written_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(keys); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
        const struct nta_note_key key = key_of(i);

        nta_note_put_key(&again, &key);
        assert_true(nta_span_is(nta_buf_span(&again), keys[i]));
    }
}

static void published_signatures_hold(void **state)
{
    const struct nta_note_key peter = key_of(0), enoch = key_of(1);

    (void)state;
    assert_true(nta_note_is_signed(nta_span_of(TEXT "\n" PETER), &peter));
    assert_true(nta_note_is_signed(nta_span_of(TEXT "\n" PETER ENOCH), &peter));
    assert_false(nta_note_is_signed(nta_span_of(TEXT "\n" PETER), &enoch));
    assert_false(nta_note_is_signed(nta_span_of("But " TEXT "\n" PETER), &peter));
}

/** The example's other key is one of Ed25519, too, whose algorithm byte is that of the key. */
static void a_line_is_written_as_it_was_published(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    uint8_t signature[NTA_NOTE_SIGNATURE_MAX];
    const struct nta_note_key peter = key_of(0);

    (void)state;
    assert_true(nta_note_find(nta_span_of(ENOCH PETER), &peter, NTA_SIGNATURE_LEN, signature));
    nta_note_put_line(&line, &peter, signature, NTA_SIGNATURE_LEN);
    assert_true(nta_span_is(nta_buf_span(&line), PETER));
}

static void a_line_of_another_form_spoils_the_note(void **state)
{
    static const char *const lines[] = {
        PETER "no line\n",        PETER "\n",         "-- PeterNeumann x08go/ZJ\n" PETER,
        PETER DASH "x\n",         PETER DASH " x=\n", PETER DASH "a+b x08go/ZJ\n",
        PETER DASH "x x08go/Z\n",
    };
    const struct nta_note_key peter = key_of(0);

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(lines); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf note = {0};

        nta_buf_printf(&note, TEXT "\n%s", lines[i]);
        if (nta_note_is_signed(nta_buf_span(&note), &peter))
            fail_msg("%s", lines[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_keys_are_read_and_written_again),
        cmocka_unit_test(published_signatures_hold),
        cmocka_unit_test(a_line_is_written_as_it_was_published),
        cmocka_unit_test(a_line_of_another_form_spoils_the_note),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
