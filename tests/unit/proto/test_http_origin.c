/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "proto/event.h"
#include "proto/http/http_origin.h"
#include "unit.h"

static struct nta_http_origin origin_of(const char *name, const char *value)
{
    struct nta_http_origin origin = {0};

    nta_http_origin_take(&origin, nta_span_of(name), nta_span_of(value));
    return origin;
}

static bool is_ahead(const char *name, const char *value)
{
    const struct nta_http_origin origin = origin_of(name, value);

    return nta_http_origin_initiator(&origin) == NTA_HTTP_INITIATOR_PREFETCH;
}

static void what_is_fetched_ahead_is_known_by_any_member_of_a_list(void **state)
{
    (void)state;
    assert_true(is_ahead("Sec-Purpose", " prefetch"));
    assert_true(is_ahead("Sec-Purpose", "prefetch;prerender"));
    assert_true(is_ahead("Sec-Purpose", "speculative, prefetch"));
    assert_true(is_ahead("sec-purpose", "x;prerender"));
    assert_true(is_ahead("SEC-PURPOSE", "(a \"prefetch\");b=1"));
    assert_true(is_ahead("Purpose", "preview"));
    assert_true(is_ahead("X-Purpose", "instant"));
    assert_true(is_ahead("X-Purpose", "preload"));
    assert_true(is_ahead("X-Moz", "prefetch"));
    assert_true(is_ahead("X-Sec-Purpose", "prefetch"));
    assert_true(is_ahead("Next-Router-Prefetch", "1"));
    assert_true(is_ahead("HX-Preloaded", "true"));
    assert_true(is_ahead("Sec-Speculation-Tags", "null"));
}

static void other_words_are_no_prefetch(void **state)
{
    (void)state;
    assert_false(is_ahead("Sec-Purpose", "prefetch=?0"));
    assert_false(is_ahead("Sec-Purpose", "no-prefetch"));
    assert_false(is_ahead("Sec-Purpose", "prefetched"));
    assert_false(is_ahead("Sec-Purpose", ""));
    assert_false(is_ahead("Next-Router-Prefetch", "0"));
    assert_false(is_ahead("Cookie", "prefetch"));
    assert_false(is_ahead("Referer", "prefetch"));
}

static void navigation_needs_a_document(void **state)
{
    struct nta_http_origin origin = origin_of("Sec-Fetch-Mode", "navigate");

    (void)state;
    assert_int_equal(nta_http_origin_initiator(&origin), NTA_HTTP_INITIATOR_NAVIGATION);
    nta_http_origin_take(&origin, nta_span_of("Sec-Fetch-Dest"), nta_span_of("iframe"));
    assert_int_equal(nta_http_origin_initiator(&origin), NTA_HTTP_INITIATOR_SUBRESOURCE);
    nta_http_origin_take(&origin, nta_span_of("Sec-Fetch-Dest"), nta_span_of("document"));
    assert_int_equal(nta_http_origin_initiator(&origin), NTA_HTTP_INITIATOR_NAVIGATION);
}

static void what_proxies_add_is_known(void **state)
{
    static const char *const fields[] = {"Via",
                                         "Forwarded",
                                         "X-Forwarded-For",
                                         "X-IMForwards",
                                         "X-Proxy-ID",
                                         "Max-Forwards",
                                         "X-Real-IP",
                                         "X-Client-IP",
                                         "True-Client-IP",
                                         "CF-Connecting-IP",
                                         "X-Originating-IP",
                                         "X-Cluster-Client-IP",
                                         "X-BlueCoat-Via",
                                         "X-ProxyUser-Ip",
                                         "Proxy-Client-IP",
                                         "WL-Proxy-Client-IP",
                                         "CDN-Loop",
                                         "X-Forward-For",
                                         "X-Forwarded-Proto",
                                         "Surrogate-Capability",
                                         "Remote-Addr",
                                         "x-azure-clientip",
                                         "X-Original-Forwarded-For"};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(fields); i++) {
        const struct nta_http_origin origin = origin_of(fields[i], "1");

        assert_true(nta_http_origin_is_forwarded(&origin, false));
    }
}

static void what_clients_say_to_their_proxy_is_not(void **state)
{
    static const char *const fields[] = {"Proxy-Authorization", "Host",    "Cookie", "Referer",
                                         "Cache-Control",       "Pragma",  "Accept", "Origin",
                                         "X-Requested-With",    "Trailer", "Zip"};
    const struct nta_http_origin keeps = origin_of("Proxy-Connection", "keep-alive");

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(fields); i++) {
        const struct nta_http_origin origin = origin_of(fields[i], "1");

        assert_false(nta_http_origin_is_forwarded(&origin, false));
    }
    assert_false(nta_http_origin_is_forwarded(&keeps, true));
    assert_true(nta_http_origin_is_forwarded(&keeps, false)); /* a proxy passed it on as it was */
}

static void the_system_is_the_first_that_fits(void **state)
{
    (void)state;
    assert_int_equal(origin_of("User-Agent", "Mozilla/5.0 (Linux; Android 14)").system,
                     NTA_HTTP_SYSTEM_ANDROID);
    assert_int_equal(origin_of("user-agent", "Mozilla/5.0 (X11; Linux x86_64)").system,
                     NTA_HTTP_SYSTEM_LINUX);
    assert_int_equal(origin_of("User-Agents", "Windows").system, NTA_HTTP_SYSTEM_UNSAID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_fetched_ahead_is_known_by_any_member_of_a_list),
        cmocka_unit_test(other_words_are_no_prefetch),
        cmocka_unit_test(navigation_needs_a_document),
        cmocka_unit_test(what_proxies_add_is_known),
        cmocka_unit_test(what_clients_say_to_their_proxy_is_not),
        cmocka_unit_test(the_system_is_the_first_that_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
