/* SPDX-License-Identifier: Apache-2.0 */
/* What a command may replace unasked: nothing, what is empty, and what it made itself. */
#include "output/fresh.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

static void put(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void only_what_is_ours_is_replaced_unasked(void **state)
{
    static const char page[] =
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src\">";
    static const char kml[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                              "<kml xmlns=\"http://www.opengis.net/kml/2.3\"";
    static const char kmz[] = "PK\3\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0doc.kml";

    static const struct
    {
        const char *bytes;
        size_t len;
    } ours[] = {
        [NTA_FRESH_PAGE] = {page, sizeof(page) - 1},
        [NTA_FRESH_PDF] = {"%PDF-1.4\n%\xD3\xEB\xE9\xE1\n1 0 obj", 22},
        [NTA_FRESH_KML] = {kml, sizeof(kml) - 1},
        [NTA_FRESH_KMZ] = {kmz, sizeof(kmz) - 1},
        [NTA_FRESH_GEOJSON] = {"{\"type\":\"FeatureCollection\",\"features\":[]}", 41},
        [NTA_FRESH_CHECKPOINTS] = {"nta/00\n1\n", 9},
    };

    static const char *const others[] = {"NTA-KEY 1\nsecret\n",
                                         "x",
                                         "<!doctype html>\n<p>mine",
                                         "{\"type\":\"Feature\"}",
                                         "PK\3\4 a case",
                                         "%PDF-1.4\n%\xE2\xE3 of another"};
    static const char path[] = NTA_TEST_BINARY_DIR "/fresh.out";
    struct nta_err err = {0};

    (void)state;
    for (unsigned kind = 0; kind < NTA_N_FRESH_KINDS; kind++) {
        (void)remove(path);
        assert_int_equal(nta_fresh_is_ours(path, kind, &err), 0);
        put(path, "", 0);
        assert_int_equal(nta_fresh_is_ours(path, kind, &err), 0);
        for (unsigned made = 0; made < NTA_N_FRESH_KINDS; made++) {
            put(path, ours[made].bytes, ours[made].len);
            assert_int_equal(nta_fresh_is_ours(path, kind, &err), made == kind ? 0 : -EEXIST);
        }
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
            put(path, others[i], strlen(others[i]));
            assert_int_equal(nta_fresh_is_ours(path, kind, &err), -EEXIST);
            assert_non_null(strstr(err.text, "is there"));
        }
    }
    (void)remove(path);
    assert_int_equal(nta_fresh_is_ours("/dev/null", NTA_FRESH_PAGE, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_ours_is_replaced_unasked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
