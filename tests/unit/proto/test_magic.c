/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "proto/file/magic.h"
#include "unit.h"

static struct nta_span text(const char *bytes)
{
    return nta_span_of(bytes);
}

static void marks_name_types(void **state)
{
    (void)state;
    assert_string_equal(nta_magic_type(text("%PDF-1.7\n")), "application/pdf");
    assert_null(nta_magic_type(text("nothing that is known")));
    assert_null(nta_magic_type(text("")));
    assert_string_equal(nta_magic_type(text("#!/bin/sh\n")), "application/x-sh");
    assert_string_equal(nta_magic_type(text("!<arch>\ndebian-binary  ")),
                        "application/vnd.debian.binary-package");
}

static void assert_is(const char *bytes, size_t len, const char *type)
{
    assert_string_equal(nta_magic_type((struct nta_span){(const uint8_t *)bytes, len}), type);
}

/* A ZIP archive by the name of its first file, which stands behind 30 bytes. */
static void an_archive_is_what_its_first_file_says(void **state)
{
    static const struct
    {
        const char *name, *type;
    } cases[] = {
        {"a.txt", "application/zip"},
        {"AndroidManifest.xml", "application/vnd.android.package-archive"},
        {"META-INF/MANIFEST.MF", "application/java-archive"},
        {"Payload/x.app/", "application/x-ios-app"},
        {"word/document.xml",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        char bytes[64] = "PK\3\4";

        memcpy(bytes + 30, cases[i].name, strlen(cases[i].name));
        assert_is(bytes, sizeof(bytes), cases[i].type);
        bytes[0] = 'Q';
        assert_null(nta_magic_type((struct nta_span){(const uint8_t *)bytes, sizeof(bytes)}));
    }
}

static void a_universal_program_is_no_class_of_java(void **state)
{
    (void)state;
    assert_is("\xca\xfe\xba\xbe\0\0\0\2...", 11, "application/x-mach-binary");
    assert_is("\xca\xfe\xba\xbe\0\0\0\x34...", 11, "application/java-vm");
}

static void films_and_music_begin_in_several_ways(void **state)
{
    (void)state;
    assert_is("\0\0\0\x18"
              "ftypisom",
              12, "video/mp4");
    assert_is("\0\0\0\x18"
              "stypmsdh",
              12, "video/mp4");
    assert_is("\0\0\0\x08"
              "free\0\x10\0\0mdat",
              16, "video/mp4");
    assert_null(nta_magic_type(text("and free beer")));
    assert_is("\0\0\1\xba\x44", 5, "video/mpeg");
    assert_is("ID3\4\0", 5, "audio/mpeg");
    assert_is("\xff\xfb\x90\x64\0\0", 6, "audio/mpeg");
    assert_is("\xff\xf3\x40\xc4\0\0", 6, "audio/mpeg");
    assert_null(nta_magic_type((struct nta_span){(const uint8_t *)"\xff\xfb\xf0\x64", 4}));
    assert_null(nta_magic_type((struct nta_span){(const uint8_t *)"\xff\xfb\x9c\x64", 4}));
    assert_null(nta_magic_type((struct nta_span){(const uint8_t *)"\xff\xfeh\0i\0", 6}));
}

/* Its mark stands behind the first file's name, mode, owner, size and time. */
static void a_tar_archive_has_its_mark_further_on(void **state)
{
    uint8_t bytes[NTA_MAGIC_BYTES] = "etc/passwd";
    const struct nta_span first = {bytes, sizeof(bytes)};

    (void)state;
    assert_null(nta_magic_type(first));
    memcpy(bytes + 257, "ustar  ", 7);
    assert_string_equal(nta_magic_type(first), "application/x-tar");
    assert_null(nta_magic_type((struct nta_span){bytes, 261}));
}

static void bytes_without_its_mark_deny_a_type(void **state)
{
    static const struct
    {
        const char *announced, *first;
        bool denied;
    } cases[] = {
        {"image/png", "\x1e\x3c\x8d\x64ZZZZZZZZZZZZZZZZ", true},
        {"Image/PNG ; q=1", "\x1e\x3c\x8d\x64ZZZZZZZZZZZZZZZZ", true},
        {"image/png", "\x89PNG\r\n\x1a\nZZZZZZZZZZZZ", false},
        {"image/png", "ZZZZZZZZZZZZZZZ", false}, /* too short to tell */
        {"application/pdf", "\n\n%PDF-1.4 and so on", false},
        {"application/pdf", "<html><body>not here</body>", true},
        {"application/octet-stream", "\x01\x02\x03\x04\x05\x06\x07\x08ZZZZZZZZ", false},
        {"text/html; charset=utf-8", "\x01\x02\x03\x04\x05\x06\x07\x08ZZZZZZZZ", true},
        {"text/html; charset=utf-8", "<p>\xc3\xa4\r\n\tund so weiter</p>", false},
        {"text/plain", "\xff\xfeh\x01i\x01h\x01i\x01h\x01i\x01h\x01i\x01", false}, /* UTF-16 */
        {"text/plain", "\x1b$B%F%9%H\x1b(B in ISO 2022", false},
        {"application/json", "{\"a\": 1, \"b\": [2, 3]}", false},
        {"application/json", "\x02\x03ZZZZZZZZZZZZZZZZ", true},
        {"", "\x02\x03ZZZZZZZZZZZZZZZZ", false},
        {"image/svg+xml", "\x02\x03ZZZZZZZZZZZZZZZZ", true},
        {"image/svg+xml", "<svg xmlns='http://www.w3.org/'>", false},
        {"application/ld+json", "\x02\x03ZZZZZZZZZZZZZZZZ", true},
        {"font/woff2", "\x02\x03ZZZZZZZZZZZZZZZZ", true},
        {"font/woff2", "wOF2ZZZZZZZZZZZZZZZZ", false},
        {"image/x-icon", "\x02\x03ZZZZZZZZZZZZZZZZ", true},
        {"image/avif", "\x01\x01\x01\x1c\x66typavifZZZZZZZZ", false},
        {"application/epub+zip", "\x02\x03ZZZZZZZZZZZZZZZZ", true},
        {"video/mp4", "\x02\x03ZZZZZZZZZZZZZZZZ", false}, /* some send pieces */
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        const bool denied = nta_magic_denies(text(cases[i].announced), text(cases[i].first));

        if (denied != cases[i].denied)
            fail_msg("case %zu: %d", i, denied);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_name_types),
        cmocka_unit_test(an_archive_is_what_its_first_file_says),
        cmocka_unit_test(a_universal_program_is_no_class_of_java),
        cmocka_unit_test(films_and_music_begin_in_several_ways),
        cmocka_unit_test(a_tar_archive_has_its_mark_further_on),
        cmocka_unit_test(bytes_without_its_mark_deny_a_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
