/* SPDX-License-Identifier: Apache-2.0 */
/* A filter with a name in it, set by a thread that may look up nothing any more. */
#include "base/runtime/confine.h"
#include "capture/filter.h"
#include "unit.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/** A capture without packets of this link type. */
static pcap_t *open_empty(uint32_t number)
{
    const struct
    {
        uint32_t magic;
        uint16_t major, minor;
        uint32_t zone, accuracy, snap_len, number;
    } header = {0xa1b2c3d4, 2, 4, 0, 0, 65535, number};

    char words[PCAP_ERRBUF_SIZE];
    FILE *file = tmpfile();

    assert_non_null(file);
    assert_int_equal(fwrite(&header, sizeof(header), 1, file), 1);
    rewind(file);
    pcap_t *handle = pcap_fopen_offline(file, words);

    assert_non_null(handle);
    return handle;
}

enum
{
    ETHERNET = 1, ///< LINKTYPE_…
    RAW = 101,
    COOKED = 113,
    FRAME_RELAY = 107
};

static void it_is_set_for_another_kind_of_link_by_who_is_confined(void **state)
{
    struct nta_filter filter = {.has_spares = false};
    pcap_t *ethernet = open_empty(ETHERNET), *raw = open_empty(RAW), *cooked = open_empty(COOKED),
           *other = open_empty(FRAME_RELAY);
    struct nta_err err = {0};
    int status = 0;

    (void)state;
    assert_int_equal(nta_filter_set(&filter, "port domain", "lo", ethernet, &err), 0);
    pid_t child = fork();

    if (child == 0) {
        if (nta_confine(NTA_CONFINED_CAPTURES) < 0)
            _exit(77);
        _exit((nta_filter_set(&filter, "port domain", "lo", raw, &err) != 0) |
              (nta_filter_set(&filter, "port domain", "lo", cooked, &err) != 0) << 1 |
              (nta_filter_set(&filter, "port domain", "lo", ethernet, &err) != 0) << 2 |
              /* one that nobody was ready for is refused with a sentence, not without filter */
              (nta_filter_set(&filter, "port domain", "lo", other, &err) != -EINVAL ||
               !strstr(err.text, "port domain"))
                  << 3);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        (void)puts("skipped: no thread can be confined here");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    nta_filter_done(&filter);
    pcap_close(ethernet);
    pcap_close(raw);
    pcap_close(cooked);
    pcap_close(other);
}

static void a_wrong_one_is_refused(void **state)
{
    struct nta_filter filter = {.has_spares = false};
    pcap_t *ethernet = open_empty(ETHERNET);
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_filter_set(&filter, "prot 53", "lo", ethernet, &err), -EINVAL);
    assert_int_equal(nta_filter_set(&filter, NULL, "lo", ethernet, &err), 0);
    nta_filter_done(&filter);
    pcap_close(ethernet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_set_for_another_kind_of_link_by_who_is_confined),
        cmocka_unit_test(a_wrong_one_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
