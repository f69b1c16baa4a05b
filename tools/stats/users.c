/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/users.h"

#include "base/own.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum
{
    FIRST_SLOTS = 4096,
    MOST_SLOTS = 2 * 1024 * 1024, ///< Powers of two; used up to seven tenths.
    SKETCH_BITS = 7
};

struct nta_users
{
    uint64_t *users; ///< Owned; 0: free.
    uint32_t *keys;  ///< Owned.
    size_t n, n_slots;
};

void nta_users_free(struct nta_users **users)
{
    struct nta_users *dead = NTA_TAKE(*users);

    if (!dead)
        return;
    free(dead->users);
    free(dead->keys);
    free(dead);
}

static int make_slots(struct nta_users *users, size_t n_slots)
{
    uint64_t *user_slots = calloc(n_slots, sizeof(*user_slots));
    uint32_t *key_slots = calloc(n_slots, sizeof(*key_slots));

    if (!user_slots || !key_slots) {
        free(user_slots);
        free(key_slots);
        return -ENOMEM;
    }
    users->users = user_slots;
    users->keys = key_slots;
    users->n_slots = n_slots;
    users->n = 0;
    return 0;
}

struct nta_users *nta_users_new(void)
{
    struct nta_users *users = calloc(1, sizeof(*users));

    if (users && make_slots(users, FIRST_SLOTS) < 0)
        nta_users_free(&users);
    return users;
}

/** True: it is new. */
static bool put(struct nta_users *users, uint64_t user, uint32_t key)
{
    size_t mask = users->n_slots - 1;
    size_t at = (user ^ (user >> 29) ^ key * UINT64_C(0x9e3779b97f4a7c15)) & mask;

    for (; users->users[at]; at = (at + 1) & mask) {
        if (users->users[at] == user && users->keys[at] == key)
            return false;
    }
    users->users[at] = user;
    users->keys[at] = key;
    users->n++;
    return true;
}

/** Everything into fresh slots, under new key numbers if there are. */
static int move(struct nta_users *users, size_t n_slots, const uint32_t *numbers)
{
    struct nta_users old = *users;

    if (make_slots(users, n_slots) < 0) {
        *users = old;
        return -ENOMEM;
    }
    for (size_t i = 0; i < old.n_slots; i++) {
        uint32_t key = numbers && old.users[i] ? numbers[old.keys[i]] : old.keys[i];

        if (old.users[i] && key != UINT32_MAX)
            (void)put(users, old.users[i], key);
    }
    free(old.users);
    free(old.keys);
    return 0;
}

int nta_users_renumber(struct nta_users *users, const uint32_t *numbers)
{
    return move(users, users->n_slots, numbers);
}

int nta_users_add(struct nta_users *users, uint64_t user, uint32_t key)
{
    if (users->n >= users->n_slots / 10 * 7) {
        if (users->n_slots == MOST_SLOTS)
            return -ENOBUFS;
        if (move(users, 2 * users->n_slots, NULL) < 0)
            return -ENOMEM;
    }
    return put(users, user ? user : 1, key);
}

void nta_users_each(const struct nta_users *users,
                    void (*each)(void *owner, uint64_t user, uint32_t key), void *owner)
{
    for (size_t i = 0; i < users->n_slots; i++) {
        if (users->users[i])
            each(owner, users->users[i], users->keys[i]);
    }
}

void nta_sketch_add(uint8_t sketch[NTA_SKETCH_SIZE], uint64_t user)
{
    size_t at = user & (NTA_SKETCH_SIZE - 1);
    uint64_t rest = user >> SKETCH_BITS;
    uint8_t rank = (uint8_t)(rest ? __builtin_ctzll(rest) + 1 : 64 - SKETCH_BITS + 1);

    if (sketch[at] < rank)
        sketch[at] = rank;
}

uint64_t nta_sketch_count(const uint8_t sketch[NTA_SKETCH_SIZE])
{
    const double m = NTA_SKETCH_SIZE, alpha = 0.7213 / (1 + 1.079 / m);
    double sum = 0, n_empty = 0, estimate;

    for (size_t i = 0; i < NTA_SKETCH_SIZE; i++) {
        sum += ldexp(1, -(int)sketch[i]);
        n_empty += sketch[i] == 0;
    }
    estimate = alpha * m * m / sum;
    if (estimate <= 2.5 * m && n_empty > 0)
        estimate = m * log(m / n_empty); /* small: count the empty ones */
    return (uint64_t)(estimate + 0.5);
}
