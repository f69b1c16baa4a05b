/* SPDX-License-Identifier: Apache-2.0 */
/* Each capture of the corpora: ends soon, and gives as many packets as libpcap does. */
#include "capture/collect.h"

#include <ftw.h>
#include <pcap/pcap.h>
#include <stdlib.h>

enum
{
    SLOW_MS = 5000,
    FAILURES_SHOWN = 20
};

static const char *shared;
static uint64_t n_files, n_readable, n_more, n_failures;

/** Packets that libpcap gives before it ends; `ret_clean` if it ends without an error. */
static uint64_t count_by_libpcap(const char *path, bool *ret_clean)
{
    char words[PCAP_ERRBUF_SIZE];
    pcap_t *handle = pcap_open_offline(path, words);
    struct pcap_pkthdr *header;
    const u_char *bytes;
    uint64_t n = 0;
    int rc = PCAP_ERROR;

    while (handle && (rc = pcap_next_ex(handle, &header, &bytes)) == 1)
        n++;
    if (handle)
        pcap_close(handle);
    *ret_clean = rc == PCAP_ERROR_BREAK;
    return n;
}

static void check(const char *path)
{
    struct collected got;
    bool clean;
    uint64_t n_want = count_by_libpcap(path, &clean);
    int64_t start_ns = nta_clock_mono_ns();
    bool wrong;

    collect_file(path, &got);
    n_files++;
    n_readable += clean;
    /* where libpcap gives up, at interfaces that differ, more can be read */
    wrong = clean ? got.n_received != n_want : got.n_received < n_want;
    n_more += !clean && got.n_received > n_want;
    if (nta_clock_mono_ns() - start_ns > SLOW_MS * NTA_NS_PER_MS)
        wrong = true;
    if (clean && got.n_kind[NTA_PACKET_OTHER] < got.n_packets && got.rc < 0)
        wrong = true;
    if (wrong && n_failures++ < FAILURES_SHOWN)
        print_message("%s: %llu packets, libpcap %llu%s; %s\n", path,
                      (unsigned long long)got.n_received, (unsigned long long)n_want,
                      clean ? "" : " and an error", got.err.text);
}

static int visit(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)where;
    if (kind == FTW_F && !strstr(path, ".jsonl"))
        check(path);
    return 0;
}

static void each_capture_gives_what_libpcap_gives(void **state)
{
    char folder[4096];

    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/corpora", shared);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the captures run one after the other */
    assert_int_equal(nftw(folder, visit, 16, FTW_PHYS), 0);
    print_message("%llu files, %llu readable by libpcap to their end, %llu read further than "
                  "libpcap does\n",
                  (unsigned long long)n_files, (unsigned long long)n_readable,
                  (unsigned long long)n_more);
    assert_int_equal(n_failures, 0);
    assert_true(n_files > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_capture_gives_what_libpcap_gives),
    };

    shared = getenv("NTA_SHARED"); /* NOLINT(concurrency-mt-unsafe): no other thread yet */
    if (!shared) {
        (void)puts("skipped: NTA_SHARED does not name the folder with the corpora");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
