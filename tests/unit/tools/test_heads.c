/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "chain/heads.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define SENSOR "00112233445566778899aabbccddeeff"
#define HASH   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define ROOT   "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"
#define BASE64 "/wECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8="

static void a_line_of_the_log_is_found_anywhere_in_it(void **state)
{
    static const struct
    {
        const char *line;
        enum nta_heads_line is_there;
    } lines[] = {
        {"chain head of sensor " SENSOR ": batch 7, " HASH, NTA_HEADS_ONE},
        {"Nov 29 04:30:34 gate ntad[77]: chain head of sensor " SENSOR ": batch 7, " HASH "\n",
         NTA_HEADS_ONE},
        {"chain head of sensor " SENSOR ": batch 7, " HASH ", tree " ROOT, NTA_HEADS_ONE},
        {"chain head of sensor " SENSOR ": batch 7, " HASH ", and more", NTA_HEADS_BAD},
        {"chain head of sensor " SENSOR ": batch 7, " HASH ",", NTA_HEADS_BAD},
        {"chain head of sensor " SENSOR ": batch 7, " HASH ", tre", NTA_HEADS_BAD},
        {"chain head of sensor " SENSOR ": batch 7, " HASH ", tree " ROOT "\",\"X\":1",
         NTA_HEADS_ONE},
        {"chain head of sensor " SENSOR ": batch 7, " HASH " chain head of sensor " SENSOR
         ": batch 8, " HASH,
         NTA_HEADS_BAD}, /* two lines that were joined */
        {"chain head of sen", NTA_HEADS_BAD},
        {"chain heads of sensor " SENSOR ": batch 7, " HASH, NTA_HEADS_BAD},
        {"ad of sensor " SENSOR ": batch 7, " HASH, NTA_HEADS_BAD},
        {"ff: batch 7, " HASH, NTA_HEADS_BAD},
        {"ntad: batch 7, of user cafe", NTA_HEADS_NONE},
        {" head of sensor " SENSOR ": batch 7, " HASH, NTA_HEADS_BAD},
        {"chain head of sensor " SENSOR ": batch 7, " HASH ", tree ", NTA_HEADS_BAD},
        {"chain head of sensor " SENSOR ": batch 7, " HASH ", tree " ROOT "0", NTA_HEADS_BAD},
        {"chain head of sensor " SENSOR ": batch 7, " HASH "00", NTA_HEADS_BAD},
        {"chain head of sensor " SENSOR ": batch 0, " HASH, NTA_HEADS_BAD},
        {"chain head of sensor " SENSOR "0: batch 7, " HASH, NTA_HEADS_BAD},
        {"chain head of sensor " SENSOR ": batch -7, " HASH, NTA_HEADS_BAD},
        {"chain head of sensor " SENSOR ": batch 99999999999999999999999, " HASH, NTA_HEADS_BAD},
        {"chain head of sensor " SENSOR ": batch 7, 0001", NTA_HEADS_BAD},
        {"chain head of sensor ", NTA_HEADS_BAD},
        {"", NTA_HEADS_NONE},
        {"chain head of sensors", NTA_HEADS_BAD},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(lines); i++) {
        struct nta_noted_head head = {.number = 0};

        assert_int_equal(nta_heads_find(lines[i].line, &head), lines[i].is_there);
        if (lines[i].is_there != NTA_HEADS_ONE)
            continue;
        assert_true(head.has_sensor);
        assert_int_equal(head.number, 7);
        assert_int_equal(head.sensor[1], 0x11);
        assert_int_equal(head.link[31], 0x1f);
        assert_int_equal(head.has_root, strstr(lines[i].line, ROOT) != NULL);
        assert_int_equal(head.root[31], head.has_root ? 0xff : 0);
    }
}

static void a_head_is_named_with_or_without_its_sensor(void **state)
{
    static const char *const bad[] = {"",
                                      "7",
                                      "7:",
                                      HASH,
                                      "x:" HASH,
                                      "7:" HASH "0",
                                      "0:" HASH,
                                      SENSOR ":" HASH,
                                      "zz" SENSOR ":7:" HASH,
                                      "7:" HASH ":",
                                      "7:" HASH ":" ROOT "0",
                                      "7:" HASH ":" ROOT ":" ROOT,
                                      SENSOR ":7:" HASH ":",
                                      SENSOR ":",
                                      SENSOR,
                                      "7:" HASH " " ROOT};
    NTA_AUTO(nta_heads_done) struct nta_heads heads = {.n = 0};
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_heads_add(&heads, "7:" HASH, &err), 0);
    assert_int_equal(nta_heads_add(&heads, SENSOR ":8:" HASH, &err), 0);
    assert_int_equal(nta_heads_add(&heads, "7:" HASH ":" ROOT, &err), 0);
    assert_int_equal(nta_heads_add(&heads, SENSOR ":8:" HASH ":" ROOT, &err), 0);
    assert_int_equal(heads.n, 4);
    for (size_t i = 0; i < heads.n; i++) {
        assert_true(heads.all[i].has_link);
        assert_int_equal(heads.all[i].has_root, i >= 2);
    }
    assert_true(heads.all[3].has_sensor);
    assert_int_equal(heads.all[3].root[0], 0xff);
    assert_false(heads.all[0].has_sensor);
    assert_int_equal(heads.all[0].number, 7);
    assert_true(heads.all[1].has_sensor);
    assert_int_equal(heads.all[1].number, 8);
    for (size_t i = 0; i < NTA_N_ELEMENTS(bad); i++)
        assert_true(nta_heads_add(&heads, bad[i], &err) < 0);
    assert_int_equal(heads.n, 4);
}

#define LINE "chain head of sensor " SENSOR ": batch 7, " HASH "\n"

/** What reading this text gives; the sentence in `err`. */
static int read_text(const void *text, size_t len, struct nta_heads *heads, struct nta_err *err)
{
    char path[] = "/tmp/nta-heads-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0 && write(fd, text, len) == (ssize_t)len);
    (void)close(fd);
    int r = nta_heads_read(heads, path, err);

    assert_int_equal(unlink(path), 0);
    return r;
}

static void a_line_that_is_wrong_is_named(void **state)
{
    static const struct
    {
        const char *text;
        int result;
        const char *says;
    } texts[] = {
        {"x\n" LINE LINE, 0, NULL},
        {LINE "\n\n" LINE "the last without its end", 0, NULL},
        {"", 0, NULL},
        {"x\n\nchain head of sensor " SENSOR ": batch 7, 0001\n" LINE, -EBADMSG, "line 3: not a"},
        {LINE "chain head of sensor " SENSOR ": batch 7, " HASH "0", -EBADMSG, "line 2: not a"},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(texts); i++) {
        NTA_AUTO(nta_heads_done) struct nta_heads heads = {.n = 0};
        struct nta_err err = {0};

        assert_int_equal(read_text(texts[i].text, strlen(texts[i].text), &heads, &err),
                         texts[i].result);
        if (texts[i].says)
            assert_non_null(strstr(err.text, texts[i].says));
        else
            assert_int_equal(heads.n, heads.empty ? 0 : 2);
        assert_int_equal(heads.empty != NULL, texts[i].text[0] == '\0');
    }
}

static void checkpoints_are_found_among_other_lines(void **state)
{
    static const char text[] =
        "of the witness:\nnta/" SENSOR "\n12\n" BASE64 "\n\n\xe2\x80\x94 nta/" SENSOR " AAAA\n" LINE
        "nta/" SENSOR "\n7\n" BASE64 "\nlink 00\n\n\xe2\x80\x94 x AAAA\n\xe2\x80\x94 y AAAA";
    NTA_AUTO(nta_heads_done) struct nta_heads heads = {.n = 0};
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(read_text(text, strlen(text), &heads, &err), 0);
    assert_int_equal(heads.n, 3);
    assert_int_equal(heads.all[0].number, 12);
    assert_int_equal(heads.all[2].number, 7);
    for (size_t i = 0; i < heads.n; i += 2) {
        assert_true(heads.all[i].has_sensor && heads.all[i].has_root);
        assert_false(heads.all[i].has_link);
        assert_int_equal(heads.all[i].sensor[15], 0xff);
        assert_int_equal(heads.all[i].root[0], 0xff);
        assert_int_equal(heads.all[i].root[1], 0x01);
        assert_int_equal(heads.all[i].root[31], 0xff);
    }
    assert_true(heads.all[1].has_link);
}

static void a_checkpoint_that_was_cut_is_named(void **state)
{
    static const char *const texts[] = {
        "nta/" SENSOR "\n",
        "nta/00112233\n12\n" BASE64 "\n\n\xe2\x80\x94 x AAAA\n",
        "nta/" SENSOR "00\n12\n" BASE64 "\n\n\xe2\x80\x94 x AAAA\n",
        "nta/" SENSOR "\n12\n" BASE64 "\n",
        "nta/" SENSOR "\n12\n" BASE64 "\n\n",
        "nta/" SENSOR "\n12\n" BASE64 "\n\nx\n" LINE,
        "nta/" SENSOR "\n12\n" BASE64 "\n" LINE,
        "nta/" SENSOR "\n7\n" BASE64 "\nlink 00\n",
        "nta/" SENSOR "\n12",
        "nta/" SENSOR "\n12\n" LINE,
        "nta/" SENSOR "\nx\n" BASE64,
        "nta/" SENSOR "\n0\n" BASE64,
        "nta/" SENSOR "\n12 \n" BASE64,
        "nta/" SENSOR "\n12\n" BASE64 "=",
        "nta/" SENSOR "\n12\n/wECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv9=",
        "nta/" SENSOR "\n12\n/wECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv?=",
        "nta/" SENSOR "\n12\n/wECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHvAA",
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(texts); i++) {
        NTA_AUTO(nta_heads_done) struct nta_heads heads = {.n = 0};
        struct nta_err err = {0};

        assert_int_equal(read_text(texts[i], strlen(texts[i]), &heads, &err), -EBADMSG);
        assert_non_null(strstr(err.text, "checkpoint"));
    }
}

static void a_line_without_an_end_is_not_read_for_ever(void **state)
{
    NTA_AUTO_FREE char *text = malloc(NTA_HEADS_LINE_MAX + sizeof(LINE));
    NTA_AUTO(nta_heads_done) struct nta_heads heads = {.n = 0};
    struct nta_err err = {0};

    (void)state;
    assert_non_null(text);
    /* zeros of a log that was cut by a crash hide no head behind them */
    memset(text, 0, NTA_HEADS_LINE_MAX);
    memcpy(text + NTA_HEADS_LINE_MAX - strlen(LINE) + 1, LINE, strlen(LINE));
    assert_int_equal(read_text(text, NTA_HEADS_LINE_MAX + 1, &heads, &err), 0);
    assert_int_equal(heads.n, 1);
    memset(text, 'x', NTA_HEADS_LINE_MAX + 1);
    assert_int_equal(read_text(text, NTA_HEADS_LINE_MAX + 1, &heads, &err), -EMSGSIZE);
    assert_non_null(strstr(err.text, ": line 1: longer than 65536 bytes"));
}

/** Beside a head that can be read, too: others in it would be passed over. */
static void what_is_no_text_is_named(void **state)
{
    static const struct
    {
        const char *text;
        size_t len;
        int result;
    } texts[] = {

#define TEXT(text) text, sizeof(text) - 1
        {TEXT(LINE "\x1f\x8b\x08packed\n"), -EILSEQ},
        {TEXT("\x28\xb5\x2f\xfdpacked"), -EILSEQ},
        {TEXT(LINE "c\0h\0a\0i\0n\0 \0h\0e\0a\0d\0\n" LINE), -EILSEQ},
        {TEXT("\xff\xfe"
              "c\0h\0a\0i\0n\0 \0h\0e\0a\0d\0"),
         -EILSEQ},
        {TEXT("\xef\xbb\xbf" LINE), 0},
        {TEXT("\xef\xbb\xbfnta/" SENSOR "\n12\n" BASE64 "\n\n\xe2\x80\x94 nta/" SENSOR " AAAA\n"),
         0},
#undef TEXT
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(texts); i++) {
        NTA_AUTO(nta_heads_done) struct nta_heads heads = {.n = 0};
        struct nta_err err = {0};

        assert_int_equal(read_text(texts[i].text, texts[i].len, &heads, &err), texts[i].result);
        if (texts[i].result < 0)
            assert_non_null(strstr(err.text, "not text"));
        else
            assert_int_equal(heads.n, 1);
    }
}

static void more_heads_than_are_kept_are_refused(void **state)
{
    NTA_AUTO(nta_heads_done) struct nta_heads heads = {.n = 0};
    struct nta_err err = {0};

    (void)state;
    for (int i = 0; i < NTA_HEADS_MAX; i++)
        assert_int_equal(nta_heads_add(&heads, "7:" HASH, &err), 0);
    assert_int_equal(read_text("x\n" LINE, strlen("x\n" LINE), &heads, &err), -E2BIG);
    assert_non_null(strstr(err.text, ": line 2: more than 1000000 heads"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_of_the_log_is_found_anywhere_in_it),
        cmocka_unit_test(a_line_that_is_wrong_is_named),
        cmocka_unit_test(checkpoints_are_found_among_other_lines),
        cmocka_unit_test(a_checkpoint_that_was_cut_is_named),
        cmocka_unit_test(a_line_without_an_end_is_not_read_for_ever),
        cmocka_unit_test(what_is_no_text_is_named),
        cmocka_unit_test(more_heads_than_are_kept_are_refused),
        cmocka_unit_test(a_head_is_named_with_or_without_its_sensor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
