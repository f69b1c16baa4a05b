/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cookie, Authorization and Host fields, and a link's word, as a stranger may send them: nobody is
 * let in.
 */
#include "base/own.h"
#include "base/text.h"
#include "console/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const names[] = {"127.0.0.1", "::1"};
    char text[1024] = "", cookie[NTA_GATE_WORD_SIZE];
    const struct nta_gate_from from = {
        .authorization = text, .cookies = text, .cookie_name = "nta"};
    struct nta_gate_words words;
    struct nta_console_who who;
    NTA_AUTO(nta_gate_free) struct nta_gate *gate = NULL;

    if (nta_gate_new(&gate, NULL) < 0 || nta_gate_make_link(gate, cookie) < 0)
        return 0;
    memcpy(text, data, len < sizeof(text) ? len : sizeof(text) - 1);
    if (nta_gate_knows(gate, text, "nta", 1, &who) ||
        nta_gate_use_link(gate, nta_span_of(text), 1, cookie) ||
        nta_gate_password(gate, &from, 1, &words))
        __builtin_trap();
    (void)nta_gate_is_host(text, names, 2, 80, true);
    const struct nta_gate_origin origin = {text, text, text, text, text};

    if (nta_gate_has_link(gate, nta_span_of(text)))
        __builtin_trap();
    (void)nta_gate_is_ahead(&origin);
    (void)nta_gate_is_ours(&origin, len & 1, names, 2, 80, true);
    return 0;
}
