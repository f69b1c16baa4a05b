/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One capture file that is being read, and the kinds that there are (internal to capture/).
 *
 * What kind a file is of, its first bytes say; each kind is a row of functions, which keeps what it
 * knows of the file in `state`.
 */

#include "capture/input.h"
#include "decode/order.h"

struct nta_reading;

struct nta_file_kind
{
    /** From the first byte.  0, or negative errno with the sentence in reading->err: it is no such
     * file, or none that can be read. */
    int (*begin)(struct nta_reading *reading);
    /**
     * The next packet that the filter passes into reading->frame, its bytes borrowed until the next
     * call.  1: there is one; 0: a clean end, or told to stop; negative errno with the sentence in
     * reading->err: the file ends here.
     */
    int (*next)(struct nta_reading *reading);
    /** Free `state`; also after a begin that failed, and without one. */
    void (*end)(struct nta_reading *reading);
};

struct nta_reading
{
    struct nta_capture *capture; ///< Borrowed.
    size_t number;               ///< Of the file, in the order given.
    char name[NTA_NAME_SHOWN];   ///< Escaped.
    struct nta_input input;
    const struct nta_file_kind *kind; ///< NULL: not known yet.
    void *state;                      ///< Of that kind.  Owned.
    struct nta_frame frame;
    struct nta_order order; ///< By its packets so far: the last one's is `frame`'s.
    uint64_t n_packets;     ///< Before `frame`.
    int rc; ///< First problem that does not end the reading; its sentence is in err.
    struct nta_err err;
};

extern const struct nta_file_kind nta_pcapfile; ///< The classic one.
extern const struct nta_file_kind nta_pcapng;   ///< Any byte order, any number of sections.
extern const struct nta_file_kind nta_pcapodd;  ///< What libpcap reads and the two others do not.

/** True for the first 24 bytes of a file that nta_pcapfile reads without libpcap. */
bool nta_pcapfile_reads(const uint8_t header[24]);
