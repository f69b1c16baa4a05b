# SPDX-License-Identifier: Apache-2.0
"""What an attacker who read docs/format.md can write: batches and data keys, sealed by keys of
their own or by stolen ones.

Section numbers are those of docs/format.md.  Nothing here is taken from the C code.
"""
import hashlib
import hmac
import os
import subprocess

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ZERO_SIGNATURE = bytes(64)
DAY_NS = 86400 * 10**9


def sha256(data):
    return hashlib.sha256(data).digest()


def cbor(value):
    """Deterministic CBOR (section 1) of the types that the format has."""
    def head(major, n):
        if n < 24:
            return bytes([major << 5 | n])
        size = next(s for s in (1, 2, 4, 8) if n < 1 << 8 * s)
        return bytes([major << 5 | 24 + (1, 2, 4, 8).index(size)]) + n.to_bytes(size, "big")

    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, (bytes, str)):
        data = value.encode() if isinstance(value, str) else value
        return head(3 if isinstance(value, str) else 2, len(data)) + data
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(value[key]) for key in sorted(value))


def read_header(data):
    """The twelve fields of a header (section 5) that is well-formed."""
    fields, at = [], 1
    while at < len(data):
        major, n = data[at] >> 5, data[at] & 31
        at += 1
        if n >= 24:
            size = 1 << n - 24
            n, at = int.from_bytes(data[at:at + size], "big"), at + size
        fields.append(data[at:at + n] if major == 2 else -1 - n if major == 1 else n)
        at += n if major == 2 else 0
    return fields


class Signer:
    """A sensor's key, made up or stolen."""

    def __init__(self, secret=None):
        self.key = Ed25519PrivateKey.from_private_bytes(secret or os.urandom(32))
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sha256(self.public)[:16]

    def header(self, data):
        return self.key.sign(b"NTA batch header v1\0" + data)

    def blob(self, payload):
        return cbor([payload, self.key.sign(b"NTA data key v1\0" + payload)])


class Nobody(Signer):
    """A sensor without any key: every signature is zeros."""

    def header(self, data):
        return ZERO_SIGNATURE

    def blob(self, payload):
        return cbor([payload, ZERO_SIGNATURE])


def key_of_file(path):
    """The 32 bytes behind the last dash of a key file (section 8)."""
    return bytes.fromhex(path.read_text().strip().rsplit("-", 1)[1])


def hpke_seal(public, info, aad, plain):
    """RFC 9180, SealBase() with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM: enc,
    ciphertext.
    """
    def extract(suite, salt, label, ikm):
        return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + ikm,
                        hashlib.sha256).digest()

    def expand(suite, key, label, more, size):
        text = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + more
        return hmac.new(key, text + b"\x01", hashlib.sha256).digest()[:size]

    mine = X25519PrivateKey.generate()
    enc = mine.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"
    shared = expand(kem,
                    extract(kem, b"", b"eae_prk",
                            mine.exchange(X25519PublicKey.from_public_bytes(public))),
                    b"shared_secret", enc + public, 32)
    context = b"\x00" + extract(suite, b"", b"psk_id_hash",
                                b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    return enc, AESGCM(expand(suite, secret, b"key", context, 32)).encrypt(
        expand(suite, secret, b"base_nonce", context, 12), plain, aad)


def data_key(signer, auditor_public, made_ns, secret=None, key_id=None):
    """A row of data_key (section 7), and the secret."""
    secret, key_id = secret or os.urandom(32), key_id or os.urandom(16)
    sealed = hpke_seal(auditor_public, b"NTA data key v1", signer.id + key_id, secret)
    payload = cbor([1, signer.id, key_id, made_ns, [[sha256(auditor_public)[:16], *sealed]]])
    return {"id": key_id, "made_ns": made_ns, "wrapped": signer.blob(payload)}, secret


def merkle(leaves):
    """RFC 9162 section 2.1.1."""
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + merkle(leaves[:split]) + merkle(leaves[split:]))


def compress(plain):
    return subprocess.run(["zstd", "-q", "-c", f"--stream-size={len(plain)}"], input=plain,
                          stdout=subprocess.PIPE, check=True).stdout


def record(site, time_ns, user=b"\x0a\x09\x00\x05", down=88_000_000):
    """A download of 88 MB from a forbidden site, as section 2 has it."""
    return {0: 1, 1: time_ns, 2: time_ns + 10**9, 3: {0: user, 1: 40000},
            4: {0: b"\xc6\x33\x64\x07", 1: 443, 6: {4: "IS", 5: [64146600, -21942600]}},
            5: 6, 6: 1, 8: site, 9: [4, 0, 0], 10: 16, 15: [500, 5, down, 9000],
            16: {0: "forged", 2: site, 3: 1}}


def alert(site, time_ns, user=b"\x0a\x09\x00\x05"):
    return {0: 4, 1: time_ns, 3: {0: user, 1: 40000}, 4: {0: b"\xc6\x33\x64\x07", 1: 443}, 5: 6,
            8: site, 9: [4, 0, 0],
            16: {0: "forged", 2: site, 3: 1}}


def values_of(records):
    """The searchable values of records made here (section 3)."""
    values = set()
    for r in records:
        values |= {(1, b"\0" * 10 + b"\xff\xff" + r[3][0]), (6, b"\0" * 10 + b"\xff\xff" + r[4][0]),
                   (7, r[16][0].encode())}
        labels = r[8].lower().encode().split(b".")
        values |= {(5, b".".join(labels[i:])) for i in range(max(1, len(labels) - 1))}
        if 4 in r[4].get(6, {}):
            values.add((8, r[4][6][4].encode().lower()))
    return values


def tokens_of(token_key, values):
    return b"".join(
        sorted({hmac.new(token_key, bytes([kind]) + value, hashlib.sha256).digest()[:8]
                for kind, value in values}))


def batch(signer, number, previous, records, key, tokens, **lies):
    """A batch's row.  `key`: (id, secret).  `lies` replace what would be right: header fields,
    `plain`, `packed`, `encoded`.
    """
    encoded = lies.get("encoded") or [cbor(r) for r in records]
    salt_key = os.urandom(32)
    stream = Cipher(algorithms.AES(salt_key),
                    modes.CTR(bytes(16))).encryptor().update(bytes(16 * len(encoded)))
    plain = lies.get("plain") or salt_key + cbor(encoded)
    packed = lies.get("packed") or compress(plain)
    times = [r[1] for r in records]
    root = merkle([stream[16 * i:16 * i + 16] + e for i, e in enumerate(encoded)])
    nonce = os.urandom(12)
    fields = [1, signer.id, number, previous, lies.get("first", min(times)),
              lies.get("last", max(times)), lies.get("n", len(encoded)),
              key[0], nonce, sha256(tokens), lies.get("root", root)]
    body = AESGCM(key[1]).encrypt(nonce, packed, b"\x8b" + cbor(fields)[1:])
    header = cbor(fields + [sha256(body)])
    signature = signer.header(header)
    return {"day": fields[4] // DAY_NS, "sensor": signer.id, "number": number,
            "first_ns": fields[4], "last_ns": fields[5],
            "n_records": fields[6],
            "n_bytes": len(header) + len(signature) + len(tokens) + len(body),
            "header": header, "signature": signature, "tokens": tokens, "body": body}
