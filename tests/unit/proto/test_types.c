/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "proto/file/types.h"
#include "unit.h"

static void content_decides_then_what_is_announced_then_the_name(void **state)
{
    static const struct
    {
        const char *first, *announced, *name, *type, *said;
    } cases[] = {
        {"MZ\x90", "", "", "application/x-dosexec", ""},
        {"MZ\x90", "image/png", "pic.png", "application/x-dosexec", "image/png"},
        {"MZ\x90", "application/octet-stream", "pic.png", "application/x-dosexec", "image/png"},
        /* other names of the same type are no disagreement */
        {"MZ\x90", "application/x-msdownload", "a.exe", "application/x-dosexec", ""},
        {"MZ\x90", "application/x-msdownload", "a.scr", "application/x-dosexec", ""},
        /* what does not say whether it is a library is one by its name */
        {"MZ\x90", "application/x-msdownload", "a.dll", "application/x-ms-dll", ""},
        {"MZ\x90", "", "a.ocx", "application/x-ms-dll", ""},
        {"PK\3\4abc", "application/zip", "a.zip", "application/zip", ""},
        /* what looks like an archive may be what its name says */
        {"PK\3\4abc", "application/octet-stream", "a.APK",
         "application/vnd.android.package-archive", ""},
        {"PK\3\4abc", "application/zip", "a.jar", "application/java-archive", ""},
        {"PK\3\4abc", "application/msword", "a.doc", "application/zip", "application/msword"},
        {"\x1f\x8b\x08", "application/x-gzip", "a.tgz", "application/x-gtar-compressed", ""},
        {"", "text/html; charset=utf-8", "a.exe", "text/html", ""},
        {"", "", "a.tar.xz", "application/x-xz", ""},
        {"", "application/octet-stream", "a.iso", "application/x-iso9660-image", ""},
        {"", "application/octet-stream", "a.unheard", "application/octet-stream", ""},
        {"", "", "", "", ""},
        /* named as a program, and its bytes are none */
        {"0123456789abcdef", "application/octet-stream", "a.exe", "", "application/x-dosexec"},
        {"0123456789abcdef", "image/png", "a.exe", "", "image/png"},
        {"0123456789abcdef", "image/png", "a.png", "", "image/png"},
        /* what servers call a file whose type they do not know */
        {"\1\2\3\4\5\6\7\10\16\17\20\21\22\23\24\25", "text/plain", "a.iso",
         "application/x-iso9660-image", "text/plain"},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        const struct nta_type_clues clues = {.first = nta_span_of(cases[i].first),
                                             .announced = nta_span_of(cases[i].announced),
                                             .name = nta_span_of(cases[i].name)};
        const struct nta_type_known known = nta_type_decide(&clues);

        if (!nta_span_is(known.type, cases[i].type) || !nta_span_is(known.said, cases[i].said))
            fail_msg("case %zu: \"%.*s\", said \"%.*s\"", i, (int)known.type.len,
                     (const char *)known.type.ptr, (int)known.said.len,
                     (const char *)known.said.ptr);
    }
}

/* A library under a program's name, and the other way round; servers call both the same. */
static void a_library_is_told_from_a_program(void **state)
{
    static const struct
    {
        uint8_t flags;
        const char *announced, *name, *type, *said;
    } cases[] = {
        {0x21, "", "", "application/x-ms-dll", ""},
        {0x21, "application/x-msdownload", "a.dll", "application/x-ms-dll", ""},
        {0x21, "application/vnd.microsoft.portable-executable", "a", "application/x-ms-dll", ""},
        {0x21, "application/octet-stream", "a.exe", "application/x-ms-dll",
         "application/x-dosexec"},
        {0x21, "image/png", "a.dll", "application/x-ms-dll", "image/png"},
        {0x01, "", "", "application/x-dosexec", ""},
        {0x01, "application/x-msdownload", "a.exe", "application/x-dosexec", ""},
        {0x01, "application/octet-stream", "a.dll", "application/x-dosexec",
         "application/x-ms-dll"},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        uint8_t first[128] = "MZ";

        first[60] = 96;
        memcpy(first + 96, "PE\0", 4);
        first[96 + 23] = cases[i].flags;
        const struct nta_type_clues clues = {.first = {first, sizeof(first)},
                                             .announced = nta_span_of(cases[i].announced),
                                             .name = nta_span_of(cases[i].name)};
        const struct nta_type_known known = nta_type_decide(&clues);

        if (!nta_span_is(known.type, cases[i].type) || !nta_span_is(known.said, cases[i].said))
            fail_msg("case %zu: \"%.*s\", said \"%.*s\"", i, (int)known.type.len,
                     (const char *)known.type.ptr, (int)known.said.len,
                     (const char *)known.said.ptr);
    }
}

static void a_type_is_asked_for_by_any_of_its_names(void **state)
{
    static const struct
    {
        const char *type, *name, *word;
        bool is;
    } cases[] = {
        {"application/x-dosexec", "", "application/x-msdownload", true},
        {"application/x-msdownload", "", "application/vnd.microsoft.portable-executable", true},
        {"application/x-dosexec", "a.bin", "exe", true},
        {"application/x-dosexec", "a.dll", "dll", true},
        {"application/x-dosexec", "a.exe", "dll", false},
        {"application/x-ms-dll", "a.dll", "dll", true},
        {"application/x-ms-dll", "", "dll", true},
        {"application/x-ms-dll", "a.dll", "exe", false},
        {"application/x-ms-dll", "a.exe", "exe", false},
        {"application/x-ms-dll", "a.exe", "dll", true},
        {"application/x-ms-dll", "", "application/x-msdownload", true},
        {"application/x-ms-dll", "", "application/x-dosexec", false},
        {"application/x-dosexec", "", "application/x-ms-dll", false},
        {"", "a.EXE", "exe", true},
        {"text/html", "", "exe", false},
        {"text/html; charset=x", "", "text/html", true},
        {"video/mp4", "", "video/mpeg", false},
        {"", "", "exe", false},
        {"", "exe", "exe", false},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        if (nta_type_is(nta_span_of(cases[i].type), nta_span_of(cases[i].name), cases[i].word) !=
            cases[i].is)
            fail_msg("case %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_decides_then_what_is_announced_then_the_name),
        cmocka_unit_test(a_library_is_told_from_a_program),
        cmocka_unit_test(a_type_is_asked_for_by_any_of_its_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
