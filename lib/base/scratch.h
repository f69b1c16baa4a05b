/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * For a large local of the packet path that is written before it is read.  The compiler zeroes all
 * other locals (see cmake/NtaFlags.cmake), which can cost more than the work done in this one.
 *
 *     NTA_SCRATCH char buf[NTA_NAME_SIZE];
 */
#if __has_attribute(uninitialized)
#    define NTA_SCRATCH __attribute__((uninitialized))
#else
#    define NTA_SCRATCH
#endif
