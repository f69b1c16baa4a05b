/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "proto/file/start.h"
#include "unit.h"

enum
{
    FILE_LEN = 80000,
    PE_AT = 300,
    SECTOR = 512,
};

/** Shown in pieces of `piece` bytes; what it says that it does not need is not shown. */
static const char *type_of(const uint8_t *bytes, size_t len, size_t piece, uint64_t total)
{
    static struct nta_file_start start;

    start = (struct nta_file_start){.total = total};
    for (size_t at = 0; at < len;) {
        const uint64_t idle = nta_file_start_idle(&start, at);

        if (idle >= len - at)
            break;
        at += (size_t)idle;
        const size_t n = piece < len - at ? piece : len - at;

        nta_file_start_take(&start, at, (struct nta_span){bytes + at, n});
        at += n;
    }
    return nta_file_start_type(&start);
}

static void assert_is(const uint8_t *bytes, size_t len, const char *type)
{
    static const size_t pieces[] = {1, 7, 263, 264, 265, 1460, 70000};

    for (size_t i = 0; i < NTA_N_ELEMENTS(pieces); i++) {
        const char *is = type_of(bytes, len, pieces[i], len);

        if (!is != !type || (type && strcmp(is, type) != 0))
            fail_msg("in pieces of %zu: %s, not %s", pieces[i], is ? is : "-", type ? type : "-");
    }
}

/* The flag is in its PE header, which may stand behind the first bytes. */
static void a_library_says_so_in_its_header(void **state)
{
    static const uint32_t places[] = {64, 128, 250, 263, 264, PE_AT, 70000};
    static uint8_t bytes[FILE_LEN];

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(places); i++) {
        uint8_t *header = bytes + places[i];

        memset(bytes, 0, sizeof(bytes));
        memcpy(bytes, "MZ", 2);
        assert_is(bytes, sizeof(bytes), NTA_MAGIC_MZ);
        memcpy(bytes + 60,
               (const uint8_t[]){places[i] & 255, places[i] >> 8 & 255, places[i] >> 16 & 255, 0},
               4);
        assert_is(bytes, sizeof(bytes), NTA_MAGIC_MZ);
        memcpy(header, "PE", 2);
        assert_is(bytes, sizeof(bytes), "application/x-dosexec");
        header[23] = 0x20;
        assert_is(bytes, sizeof(bytes), "application/x-ms-dll");
        assert_is(bytes, places[i] + 23, NTA_MAGIC_MZ); /* it breaks off before that */
    }
    memset(bytes + 60, 0xff, 4);
    assert_is(bytes, sizeof(bytes), NTA_MAGIC_MZ);
}

/* The class of its root stands in the directory, wherever that is. */
static void an_installer_is_told_from_a_document(void **state)
{
    static const uint8_t class_id[] = {0x84, 0x10, 0x0c, 0, 0, 0, 0, 0,
                                       0xc0, 0,    0,    0, 0, 0, 0, 0x46};
    static uint8_t bytes[FILE_LEN];
    uint8_t *root = bytes + 101 * SECTOR;

    (void)state;
    memcpy(bytes, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
    assert_is(bytes, sizeof(bytes), "application/x-ole-storage");
    bytes[30] = 9;
    bytes[48] = 100;
    assert_is(bytes, sizeof(bytes), "application/x-ole-storage");
    memcpy(root + 80, class_id, sizeof(class_id));
    assert_is(bytes, sizeof(bytes), "application/x-msi");
    root[80] = 0x06; /* a document of Word 97 has 00020906-… */
    assert_is(bytes, sizeof(bytes), "application/x-ole-storage");
    root[80] = 0x84;
    bytes[30] = 31;
    assert_is(bytes, sizeof(bytes), "application/x-ole-storage");
}

static void an_image_of_a_disk_has_its_mark_behind_32_kib(void **state)
{
    static uint8_t bytes[FILE_LEN];

    (void)state;
    assert_is(bytes, sizeof(bytes), NULL);
    memcpy(bytes + 32769, "CD001", 5);
    assert_is(bytes, sizeof(bytes), "application/x-iso9660-image");
    assert_is(bytes, 32773, NULL);
}

/* Only where its length was said can the place of the mark be known. */
static void an_image_of_macos_has_its_mark_before_its_end(void **state)
{
    static uint8_t bytes[FILE_LEN];

    (void)state;
    memcpy(bytes + FILE_LEN - 512, "koly\0\0\0\4\0\0\2", 12);
    assert_is(bytes, sizeof(bytes), "application/x-apple-diskimage");
    memcpy(bytes, "BZh", 3); /* its first block is packed */
    assert_is(bytes, sizeof(bytes), "application/x-apple-diskimage");
    memcpy(bytes, "%PDF-", 5);
    assert_is(bytes, sizeof(bytes), "application/pdf");
    memset(bytes, 0, 5);
    assert_null(type_of(bytes, sizeof(bytes), 1000, 0));
    assert_null(type_of(bytes, sizeof(bytes), 1000, UINT64_MAX));
    assert_null(type_of(bytes, sizeof(bytes), 1000, FILE_LEN + 1));
}

/* Behind a hole at its beginning nothing is taken for its first bytes. */
static void bytes_behind_a_hole_are_not_the_first(void **state)
{
    static struct nta_file_start start;

    (void)state;
    nta_file_start_take(&start, 100, nta_span_of("%PDF-1.4"));
    assert_null(nta_file_start_type(&start));
    assert_true(nta_file_start_idle(&start, 108) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_library_says_so_in_its_header),
        cmocka_unit_test(an_installer_is_told_from_a_document),
        cmocka_unit_test(an_image_of_a_disk_has_its_mark_behind_32_kib),
        cmocka_unit_test(an_image_of_macos_has_its_mark_before_its_end),
        cmocka_unit_test(bytes_behind_a_hole_are_not_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
