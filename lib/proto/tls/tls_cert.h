/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The names in an X.509 certificate (RFC 5280 section 4.1), and only these: no signature, date or
 * key is looked at, so nothing here says that a certificate is genuine.
 *
 * Reads DER (ITU-T X.690) with definite lengths.  Text is given as its bytes, whatever string type
 * holds it.
 */

#include "base/bytes.h"
#include "base/parse.h"
#include "proto/event.h"

/**
 * Read one certificate.  Gives the subject's last common name, the subjectAltName's dNSName entries
 * (the first NTA_TLS_NAMES_MAX), and the issuer's common name, else its organisation.
 *
 * OK.  MORE: it is cut off behind the subject; what came before the cut is given.  BAD: broken, or
 * cut off earlier; `ret_certificate` is untouched.  Spans borrow from `der`.
 */
enum nta_parse nta_tls_cert_read(struct nta_span der, struct nta_tls_certificate *ret_certificate);
