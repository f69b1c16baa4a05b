/* SPDX-License-Identifier: Apache-2.0 */
#include "who/answers.h"

#include "base/memory/area.h"

#include <errno.h>
#include <string.h>

enum
{
    MAC_AT = NTA_ADDR_LEN - 6,
};

int nta_who_answers_init(struct nta_who_answers *answers, const struct nta_hash_key *key)
{
    *answers = (struct nta_who_answers){.key = *key};
    answers->kept = nta_area_new(NTA_WHO_ANSWERS * sizeof(*answers->kept), NTA_AREA_ROAMS);
    answers->epochs = nta_area_new(NTA_WHO_EPOCHS * sizeof(*answers->epochs), NTA_AREA_ROAMS);
    return answers->kept && answers->epochs ? 0 : -ENOMEM;
}

void nta_who_answers_done(struct nta_who_answers *answers)
{
    nta_area_free(answers->kept, NTA_WHO_ANSWERS * sizeof(*answers->kept));
    nta_area_free(answers->epochs, NTA_WHO_EPOCHS * sizeof(*answers->epochs));
    *answers = (struct nta_who_answers){.forgotten = 0};
}

static uint64_t hash_of(const struct nta_who_answers *answers, const struct nta_addr *key)
{
    uint64_t words[2];

    memcpy(words, key, sizeof(words));
    return nta_hash_words(&answers->key, words[0], words[1]);
}

static uint32_t *epoch_of(const struct nta_who_answers *answers, const struct nta_addr *key)
{
    return &answers->epochs[hash_of(answers, key) % NTA_WHO_EPOCHS];
}

static struct nta_addr key_of_mac(const uint8_t mac[6])
{
    struct nta_addr key = {.bytes = {0}};

    memcpy(key.bytes + MAC_AT, mac, 6);
    return key;
}

void nta_who_answers_learnt(struct nta_who_answers *answers, const struct nta_addr *key)
{
    ++*epoch_of(answers, key);
}

struct nta_who_kept *nta_who_answers_place(const struct nta_who_answers *answers,
                                           const struct nta_who_question *question)
{
    uint64_t words[2];

    memcpy(words, question->addr, sizeof(words));
    return &answers->kept[nta_hash_words(&answers->key, words[0] ^ question->network, words[1]) %
                          NTA_WHO_ANSWERS];
}

bool nta_who_kept_is_good(const struct nta_who_answers *answers, const struct nta_who_kept *kept,
                          const struct nta_who_question *question)
{
    if (!kept->is_used || kept->network != question->network ||
        !nta_addr_equal(&kept->addr, question->addr) || question->at_ns < kept->from_ns ||
        question->at_ns >= kept->until_ns || kept->forgotten != answers->forgotten ||
        kept->has_mac != (question->mac != NULL) || kept->of_addr != question->of_addr ||
        (question->mac && memcmp(kept->mac, question->mac, 6) != 0) ||
        kept->addr_epoch != *epoch_of(answers, question->addr))
        return false;
    if (!kept->answer.has_device)
        return true;
    const struct nta_addr device = key_of_mac(kept->answer.device);

    return kept->device_epoch == *epoch_of(answers, &device);
}

void nta_who_answers_keep(const struct nta_who_answers *answers, struct nta_who_kept *kept,
                          const struct nta_who_question *question,
                          const struct nta_who_answer *answer, const int64_t good_ns[2])
{
    *kept = (struct nta_who_kept){
        .network = question->network,
        .addr = *question->addr,
        .has_mac = question->mac != NULL,
        .of_addr = question->of_addr,
        .is_used = true,
        .addr_epoch = *epoch_of(answers, question->addr),
        .forgotten = answers->forgotten,
        .from_ns = good_ns[0],
        .until_ns = good_ns[1],
        .answer = *answer,
    };
    if (question->mac)
        memcpy(kept->mac, question->mac, 6);
    if (!answer->has_device)
        return;
    const struct nta_addr device = key_of_mac(answer->device);

    kept->device_epoch = *epoch_of(answers, &device);
}
