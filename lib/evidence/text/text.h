/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Files of a case that are the same in each: bytes of the program (text.S). */

#include "base/bytes.h"

extern const uint8_t nta_case_check_py[], nta_case_check_py_end[]; ///< check.py, and its end.
