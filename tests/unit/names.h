/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One line proves an enum's table of names: each number from `first` to before `end` has a name,
 * which no other one has, and `end` has none (so who adds a number at the end moves it here, too).
 * `name_of` gives a number's name, "" or NULL for one that is none.  Numbers below 256.
 */
#define NAMES_ARE_TOTAL(name_of, first, end)                                                       \
    do {                                                                                           \
        uint8_t end_ = (uint8_t)(end);                                                             \
        const char *after_ = name_of(end_);                                                        \
                                                                                                   \
        assert_true(!after_ || !after_[0]);                                                        \
        for (uint8_t i_ = (first); i_ < end_; i_++) {                                              \
            const char *name_ = name_of(i_);                                                       \
                                                                                                   \
            if (!name_ || !name_[0])                                                               \
                fail_msg(#name_of ": %u has no name", i_);                                         \
            for (uint8_t k_ = (first); k_ < i_; k_++)                                              \
                assert_string_not_equal(name_, name_of(k_));                                       \
        }                                                                                          \
    } while (0)

/** The same, and `number_of` gives the number of each name. */
#define NAMES_ARE_REVERSIBLE(name_of, number_of, first, end)                                       \
    do {                                                                                           \
        NAMES_ARE_TOTAL(name_of, first, end);                                                      \
        for (uint8_t i_ = (first); i_ < (uint8_t)(end); i_++)                                      \
            assert_int_equal(number_of(name_of(i_)), i_);                                          \
    } while (0)
