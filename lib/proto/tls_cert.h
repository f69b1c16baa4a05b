/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The names in an X.509 certificate (RFC 5280 section 4.1), and only these: no signature, date or key is looked at,
 * so nothing here says that a certificate is genuine.
 *
 * Reads DER (ITU-T X.690) with definite lengths.  Text is given as its bytes, whatever string type holds it.
 */

#include "base/bytes.h"
#include "base/parse.h"
#include "proto/event.h"

/**
 * Read one certificate.  OK, or BAD if its structure is broken or cut off.  Gives the subject's last common name, the
 * subjectAltName's dNSName entries (the first NTA_TLS_NAMES_MAX), and the issuer's common name, else its
 * organisation.  Spans borrow from `der`; `ret_certificate` is set on OK only.
 */
enum nta_parse nta_tls_cert_read(struct nta_span der, struct nta_tls_certificate *ret_certificate);
