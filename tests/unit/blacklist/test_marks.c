/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of files, JA4 and certificates as entries. */
#include "base/hex.h"
#include "blacklist/marks.h"
#include "lists.h"

#define A64    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SHA1   "00112233445566778899aabbccddeeff00112233"
#define SHA1_2 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define MD5    "d41d8cd98f00b204e9800998ecf8427e"
#define JA4    "t13d1516h2_8daaf6152771_e5627efa2ab1"

/** "kind entry@line" of what is said of a fingerprint; "-": it is not denied (static). */
static const char *said(const struct nta_blacklist *set, const char *question)
{
    static char text[NTA_NAME_SIZE + 32];
    static const char *const kinds[] = {
        [NTA_HIT_HASH] = "hash", [NTA_HIT_JA4] = "ja4", [NTA_HIT_CERTIFICATE] = "certificate"};
    uint8_t bytes[NTA_NAME_SIZE];
    char buf[NTA_NAME_SIZE];
    enum nta_hit_kind kind;
    struct nta_span mark;
    struct nta_hit hit;

    assert_true(nta_blacklist_parse_mark(nta_span_of(question), bytes, &kind, &mark));
    switch (nta_blacklist_decide_mark(set, NULL, kind, mark, buf, &hit)) {
    case NTA_DECIDES_NOTHING: return "-";
    case NTA_DECIDES_ALLOWED: return "allowed";
    case NTA_DECIDES_FORBIDDEN: break;
    }
    assert_int_equal(hit.kind, kind);
    assert_false(hit.weak);
    (void)snprintf(text, sizeof(text), "%s %.*s@%u", kinds[kind], (int)hit.entry.len,
                   (const char *)hit.entry.ptr, (unsigned)hit.line);
    return text;
}

static const struct nta_list_report *report_of(const struct nta_blacklist *set)
{
    return nta_blacklist_get_list(set, 0);
}

static void plain_lines_are_told_by_their_shape(void **state)
{
    static const char list[] = "# hashes\n" A64 "\n"
                               "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"
                               "  evil file.exe\n" JA4 "\n"
                               "cert:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33\n"
                               "cert:" B64 "\nbad.example\nja4:q13d0310h3_55b375c5d22e_CD85D2D88918"
                               "\nsha256:" A64 "\n";
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_of(list, NULL);

    (void)state;
    assert_string_equal(said(set, A64), "hash " A64 "@2");
    assert_string_equal(said(set, "sha256:" B64), "hash " B64 "@3");
    assert_string_equal(said(set, JA4), "ja4 " JA4 "@4");
    assert_string_equal(said(set, "cert:" SHA1), "certificate " SHA1 "@5");
    assert_string_equal(said(set, "cert:" B64), "certificate " B64 "@6");
    assert_string_equal(said(set, "cert:" A64), "-"); /* a file's is no certificate's */
    assert_string_equal(said(set, "q13d0310h3_55b375c5d22e_cd85d2d88918"),
                        "ja4 q13d0310h3_55b375c5d22e_cd85d2d88918@8");
    assert_string_equal(verdict(set, "x.bad.example"), "bad.example@7");
    assert_int_equal(report_of(set)->n_hashes, 2);
    assert_int_equal(report_of(set)->n_ja4, 2);
    assert_int_equal(report_of(set)->n_certificates, 2);
    assert_int_equal(report_of(set)->n_duplicates, 1);
    assert_int_equal(report_of(set)->n_domains, 1);
    assert_int_equal(nta_list_report_entries(report_of(set)), 8);
}

static void what_is_nearly_one_is_none(void **state)
{
    static const char *const wrong[] = {
        A64 "a",
        "sha256:" SHA1,
        "sha256:" A64 "00",
        "cert:" MD5 "00",
        "cert:00:11",
        "cert:0:01122334455667788990011223344556677889900",
        "cert:" B64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "ja4:t13d",
        "t13d1516h2_8daaf6152771_e5627efa2ab",
        "t13d15x6h2_8daaf6152771_e5627efa2ab1",
        "x13d1516h2_8daaf6152771_e5627efa2ab1",
        "t13d1516h2-8daaf6152771_e5627efa2ab1",
        "t13d1516h2_8daaf615277g_e5627efa2ab1",
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(wrong); i++) {
        char list[512];

        (void)snprintf(list, sizeof(list), "%s\nbad.example\n", wrong[i]);
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_of(list, NULL);

        if (nta_list_report_entries(report_of(set)) != 1)
            fail_msg("%s: taken", wrong[i]);
    }
}

static void short_hashes_are_skipped_by_name(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of(MD5 "\n" SHA1_2 "\ncert:" MD5 "\n" A64 "\n", NULL);

    (void)state;
    assert_int_equal(report_of(set)->n_skipped, 3);
    assert_int_equal(report_of(set)->n_bad, 0);
    assert_non_null(strstr(report_of(set)->reasons[0].text, "MD5"));
    assert_non_null(strstr(report_of(set)->reasons[1].text, "cert:"));
    assert_non_null(strstr(report_of(set)->reasons[2].text, "certificates"));
}

static void an_exception_is_for_the_same_alone(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of(A64 "\n" B64 "\n" JA4 "\n", B64 "\n");

    (void)state;
    assert_string_equal(said(set, A64), "hash " A64 "@1");
    assert_string_equal(said(set, B64), "allowed");
    assert_string_equal(said(set, JA4), "ja4 " JA4 "@3");
    assert_true(nta_blacklist_has(set, NTA_HIT_HASH));
    assert_true(nta_blacklist_has(set, NTA_HIT_JA4));
    assert_false(nta_blacklist_has(set, NTA_HIT_CERTIFICATE));
}

static void a_certificate_is_compared_by_both_hashes(void **state)
{
    /* SHA-1 and SHA-256 of "abc" (FIPS 180-4) */
    static const char sha1[] = "cert:a9993e364706816aba3e25717850c26c9cd0d89d\n",
                      sha256[] = "cert:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f2"
                                 "0015ad\n";
    static const char *const lists[][2] = {
        {sha1, NULL}, {sha256, NULL}, {sha1, sha256}, {sha256, sha1}};
    char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(lists); i++) {
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_of(lists[i][0], lists[i][1]);

        assert_int_equal(nta_blacklist_decide_certificate(set, NULL, nta_span_of("abc"), buf, &hit),
                         lists[i][1] ? NTA_DECIDES_ALLOWED : NTA_DECIDES_FORBIDDEN);
        assert_int_equal(nta_blacklist_decide_certificate(set, NULL, nta_span_of("abd"), buf, &hit),
                         NTA_DECIDES_NOTHING);
        assert_int_equal(nta_blacklist_decide_certificate(set, NULL, nta_span_of(""), buf, &hit),
                         NTA_DECIDES_NOTHING);
    }
}

static void pieces_are_hashed_as_the_whole(void **state)
{
    struct nta_file_hash hash;
    uint8_t whole[32], pieces[32];

    (void)state;
    nta_file_hash_begin(&hash);
    nta_file_hash_put(&hash, nta_span_of("abc"));
    nta_file_hash_end(&hash, whole);
    nta_file_hash_begin(&hash);
    nta_file_hash_put(&hash, nta_span_of("a"));
    nta_file_hash_put(&hash, (struct nta_span){0});
    nta_file_hash_put(&hash, nta_span_of("bc"));
    nta_file_hash_end(&hash, pieces);
    assert_memory_equal(whole, pieces, 32);
    assert_int_equal(whole[0], 0xba);
}

static void malwarebazaar_names_files(void **state)
{
    static const char list[] =
        "################\n"
        "# \"first_seen_utc\",\"sha256_hash\",\"md5_hash\",\"sha1_hash\",\"reporter\","
        "\"file_name\"\n"
        "\"2026-01-02 03:04:05\", \"" A64 "\", \"" MD5 "\", \"" SHA1
        "\", \"somebody\", \"a,b.exe\"\n"
        "\"2026-01-02 03:04:06\", \"" B64 "\", \"" MD5 "\", \"" SHA1 "\", \"x\", \"two\nlines\"\n"
        "\"2026-01-02 03:04:06\", \"" MD5 "\", \"\", \"\", \"x\", \"\"\n";
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_of(list, NULL);

    (void)state;
    assert_string_equal(said(set, A64), "hash " A64 "@3");
    assert_string_equal(said(set, B64), "hash " B64 "@4");
    assert_int_equal(report_of(set)->n_skipped, 1);
    assert_int_equal(nta_list_report_entries(report_of(set)), 2);
}

static void sslbl_names_certificates(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("# Listingdate,SHA1,Listingreason\n2026-01-02 03:04:05," SHA1 ",Vidar C&C\n", NULL);

    (void)state;
    assert_string_equal(said(set, "cert:" SHA1), "certificate " SHA1 "@2");
}

static void zeek_names_files_and_certificates(void **state)
{
    static const char list[] =
        "#fields\tindicator\tindicator_type\tmeta.source\n" A64 "\tIntel::FILE_HASH\tx\n" SHA1
        "\tIntel::CERT_HASH\tx\n" MD5
        "\tIntel::FILE_HASH\tx\nbad.example\tIntel::DOMAIN\tx\n" SHA1_2
        "\tIntel::FILE_HASH\tx\nsoft\tIntel::SOFTWARE\tx\n" MD5 "0\tIntel::FILE_HASH\tx\n";
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_of(list, NULL);

    (void)state;
    assert_string_equal(said(set, A64), "hash " A64 "@2");
    assert_string_equal(said(set, "cert:" SHA1), "certificate " SHA1 "@3");
    assert_string_equal(verdict(set, "bad.example"), "bad.example@5");
    assert_int_equal(report_of(set)->n_skipped, 3);
    assert_int_equal(report_of(set)->n_bad, 1);
}

static void compiled_they_say_the_same(void **state)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL, *again = NULL;
    const struct nta_list_source source = {.path = "text",
                                           .text = A64 "\n" JA4 "\ncert:" SHA1 "\nbad.example\n"};
    char path[] = "/tmp/nta-marks-XXXXXX";
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(close(mkstemp(path)), 0);
    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    assert_int_equal(nta_blacklist_builder_add(builder, &source, NULL, &err), 0);
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    nta_blacklist_builder_free(&builder);
    assert_int_equal(nta_blacklist_save(set, path, &err), 0);
    assert_int_equal(nta_blacklist_builder_open(path, &builder, &err), 0);
    assert_int_equal(nta_blacklist_builder_add(builder, &source, NULL, &err), 0);
    assert_int_equal(nta_blacklist_builder_build(builder, &again, &err), 0);
    assert_int_equal(unlink(path), 0);
    assert_string_equal(said(again, A64), "hash " A64 "@1");
    assert_string_equal(said(again, JA4), "ja4 " JA4 "@2");
    assert_string_equal(said(again, "cert:" SHA1), "certificate " SHA1 "@3");
    assert_string_equal(said(again, B64), "-");
    assert_int_equal(report_of(again)->n_hashes, 1);
    assert_int_equal(report_of(again)->n_ja4, 1);
    assert_int_equal(report_of(again)->n_certificates, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_lines_are_told_by_their_shape),
        cmocka_unit_test(what_is_nearly_one_is_none),
        cmocka_unit_test(short_hashes_are_skipped_by_name),
        cmocka_unit_test(an_exception_is_for_the_same_alone),
        cmocka_unit_test(a_certificate_is_compared_by_both_hashes),
        cmocka_unit_test(pieces_are_hashed_as_the_whole),
        cmocka_unit_test(malwarebazaar_names_files),
        cmocka_unit_test(sslbl_names_certificates),
        cmocka_unit_test(zeek_names_files_and_certificates),
        cmocka_unit_test(compiled_they_say_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
