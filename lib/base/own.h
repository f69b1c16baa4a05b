/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Ownership in the small.
 *
 * Every owning local says how it ends where it is declared:
 *
 *     NTA_AUTO(nta_batch_free) struct nta_batch *batch = NULL;
 *
 * and every escape says that it escapes: `*ret_batch = NTA_TAKE(batch);`.  A destructor takes a
 * pointer to the variable, accepts NULL and half-built objects, and clears.
 */

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NTA_AUTO(destructor) __attribute__((cleanup(destructor)))

/** The pointer's value; the variable is NULL afterwards. */
#define NTA_TAKE(ptr)                                                                              \
    __extension__({                                                                                \
        __typeof__(ptr) nta_taken_ = (ptr);                                                        \
        (ptr) = NULL;                                                                              \
        nta_taken_;                                                                                \
    })

/**
 * Define a destructor `static inline void name(type **)` for a foreign type: calls `fn` on a
 * non-NULL value, clears.
 */
#define NTA_DEFINE_FREE(name, type, fn)                                                            \
    static inline void name(type **ptr) /* NOLINT(bugprone-macro-parentheses): a type */           \
    {                                                                                              \
        if (*ptr)                                                                                  \
            fn(*ptr);                                                                              \
        *ptr = NULL;                                                                               \
    }

#define NTA_AUTO_FREE NTA_AUTO(nta_own_free)
#define NTA_AUTO_FD   NTA_AUTO(nta_own_close)
#define NTA_AUTO_FILE NTA_AUTO(nta_own_fclose)

/** The two elements of an array change places, byte for byte. */
#define NTA_TURN(pair)                                                                             \
    do {                                                                                           \
        unsigned char nta_was_[sizeof((pair)[0])];                                                 \
        static_assert(sizeof(pair) == 2 * sizeof(nta_was_), "one for each direction");             \
        memcpy(nta_was_, &(pair)[0], sizeof(nta_was_));                                            \
        memcpy(&(pair)[0], &(pair)[1], sizeof(nta_was_));                                          \
        memcpy(&(pair)[1], nta_was_, sizeof(nta_was_));                                            \
    } while (0)

#define NTA_N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/** For memory from malloc: `NTA_AUTO_FREE char *text = NULL;`. */
static inline void nta_own_free(void *ptr_to_ptr)
{
    void **ptr = ptr_to_ptr;

    free(*ptr);
    *ptr = NULL;
}

/** For a file descriptor; a negative one is none. */
static inline void nta_own_close(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/** Destructor of an open file; NULL is none.  What must be on the disk was flushed before. */
static inline void nta_own_fclose(FILE **file)
{
    if (*file)
        (void)fclose(*file);
    *file = NULL;
}
