# SPDX-License-Identifier: Apache-2.0
"""What an attacker who read docs/format.md can write: batches and data keys of format 2, sealed by
keys of their own or by stolen ones.

Section numbers are those of docs/format.md.  Nothing here is taken from the C code.
"""
import base64
import dataclasses
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
EVIDENCE, TRAFFIC, WHO, LOG = 1, 2, 3, 4
INDEX = 8  # a kind of note
FIELDS = ("version", "sensor", "number", "previous", "log", "sealed", "clock", "class", "first",
          "last", "records", "data_key", "nonce", "tokens", "root", "next", "notes", "body")


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
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(value[key]) for key in sorted(value))


def uncbor(data, at=0):
    """The reverse, of integers, byte strings and arrays."""
    major, n, at = data[at] >> 5, data[at] & 31, at + 1
    if n >= 24:
        size = 1 << n - 24
        n, at = int.from_bytes(data[at:at + size], "big"), at + size
    if major == 4:
        items = []
        for _ in range(n):
            value, at = uncbor(data, at)
            items.append(value)
        return items, at
    return (data[at:at + n] if major == 2 else -1 - n if major == 1 else n), at + n * (major == 2)


def read_header(data):
    """The fields of a well-formed header (section 5), by name."""
    return dict(zip(FIELDS, uncbor(data)[0]))


def link(row):
    """What the next header names (section 5)."""
    return sha256(row["header"] + row["signature"])


class Signer:
    """A signing key, made up or stolen, that signs for a sensor."""

    def __init__(self, secret=None, sensor=None):
        self.secret = secret or os.urandom(32)
        self.key = Ed25519PrivateKey.from_private_bytes(self.secret)
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sensor or sha256(self.public)[:16]

    def header(self, data):
        return self.key.sign(b"NTA batch header v2\0" + data)

    def note(self, note, number):
        """A note of section 5, with its signature for the header of this number."""
        message = b"NTA note v2\0" + self.id + number.to_bytes(8, "big") + cbor(note)
        return note + [self.key.sign(message)]


class Nobody(Signer):
    """A sensor without any key: every signature is zeros."""

    def header(self, data):
        return ZERO_SIGNATURE

    def note(self, note, number):
        return note + [ZERO_SIGNATURE]


def key_of_file(path):
    """The 32 bytes behind the last dash of a key file (section 8)."""
    return bytes.fromhex(path.read_text().strip().rsplit("-", 1)[1])


def hkdf_expand(secret, info):
    """RFC 5869 section 2.3, 32 bytes."""
    return hmac.digest(secret, info + b"\x01", "sha256")


def unseal_state(path, state_secret, name=None):
    """The 32 bytes of a secret that lies sealed in the state folder (section 8)."""
    data = key_of_file(path)
    line = AESGCM(hkdf_expand(state_secret, b"NTA state v2")).decrypt(
        data[:12], data[12:], (name or path.name).encode())
    return line if len(line) == 32 else bytes.fromhex(line.decode().strip().rsplit("-", 1)[1])


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


def data_key(of, kind, sealed_ns, auditor_public, secret=None, **lies):
    """A row of data_key (section 7), and the secret.  `lies` replace what would be right."""
    secret = secret or os.urandom(32)
    use = {"sensor": of, "class": kind, "day": sealed_ns // DAY_NS, **lies}
    aad = use["sensor"] + bytes([use["class"]]) + use["day"].to_bytes(4, "big", signed=True)
    wrapped = hpke_seal(auditor_public, b"NTA data key v2", aad, secret)
    blob = cbor([2, use["sensor"], use["class"], use["day"], sealed_ns,
                 [[sha256(auditor_public)[:16], *wrapped]]])
    return {"id": sha256(blob)[:16], **use, "wrapped": blob}, secret


def merkle(leaves):
    """RFC 9162 section 2.1.1."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + merkle(leaves[:split]) + merkle(leaves[split:]))


def frontier(links):
    """Roots of the perfect subtrees, largest first (section 6)."""
    out, at = b"", 0
    for level in reversed(range(len(links).bit_length())):
        if len(links) >> level & 1:
            out += merkle(links[at:at + (1 << level)])
            at += 1 << level
    return out


def checkpoint(secret, sensor, n, root, extra=""):
    """A tree head as c2sp.org/tlog-checkpoint has it (section 9); `extra`: whole lines behind."""
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    name = f"nta/{sensor.hex()}"
    text = f"{name}\n{n}\n{base64.b64encode(root).decode()}\n{extra}"
    if extra and not extra.endswith("\n"):
        text += "\n"
    key_id = sha256(name.encode() + b"\n\x01" + public)[:4]
    signature = base64.b64encode(key_id + key.sign(text.encode())).decode()
    return f"{text}\n\u2014 {name} {signature}\n"


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


def audit(time_ns):
    """A record of the log, which has no values."""
    return {0: 14, 1: time_ns, 23: {9: {14: "somebody"}}}


def values_of(records):
    """The searchable values of records made here (section 3)."""
    values = set()
    for r in records:
        if 3 not in r:
            continue
        values |= {(1, b"\0" * 10 + b"\xff\xff" + r[3][0]), (6, b"\0" * 10 + b"\xff\xff" + r[4][0]),
                   (7, r[16][0].encode())}
        labels = r[8].lower().encode().split(b".")
        values |= {(5, b".".join(labels[i:])) for i in range(max(1, len(labels) - 1))}
        if 4 in r[4].get(6, {}):
            values.add((8, r[4][6][4].encode().lower()))
    return values


def tokens_of(secret, values):
    def token(kind, value):
        key = hkdf_expand(secret, b"NTA token v2" + bytes([kind]))
        return hmac.digest(key, bytes([kind]) + value, "sha256")[:8]
    return b"".join(sorted({token(kind, value) for kind, value in values}))


@dataclasses.dataclass
class Place:
    """Where in a chain a batch stands."""
    number: int
    previous: bytes = bytes(32)
    links: list = dataclasses.field(default_factory=list)  # of 1 to number - 1
    kind: int = EVIDENCE
    sealed_ns: int = 0
    next_key: bytes = b""
    notes: list = dataclasses.field(default_factory=list)


def batch(signer, place, records, key, **lies):
    """A batch's row.  `key`: (row, secret).  `lies` replace what would be right: header fields,
    `tokens_`, `plain`, `packed`, `encoded`.
    """
    encoded = lies.get("encoded") or [cbor(r) for r in records]
    salt_key = os.urandom(32)
    stream = Cipher(algorithms.AES(salt_key),
                    modes.CTR(bytes(16))).encryptor().update(bytes(16 * len(encoded)))
    plain = lies.get("plain") or salt_key + cbor(encoded)
    packed = lies.get("packed") or compress(plain)
    tokens = lies["tokens_"] if "tokens_" in lies else tokens_of(key[1], values_of(records))
    nonce = os.urandom(12)
    header = {
        "version": 2, "sensor": signer.id, "number": place.number, "previous": place.previous,
        "log": merkle(place.links), "sealed": place.sealed_ns, "clock": 1, "class": place.kind,
        "first": min(r[1] for r in records), "last": max(r.get(2, r[1]) for r in records),
        "records": len(encoded), "data_key": key[0]["id"], "nonce": nonce, "tokens": sha256(tokens),
        "root": merkle([stream[16 * i:16 * i + 16] + e for i, e in enumerate(encoded)]),
        "next": place.next_key, "notes": place.notes}
    header |= {name: lies[name] for name in header if name in lies}
    header["records"] = lies.get("records_", header["records"])
    fields = [header[name] for name in FIELDS[:-1]]
    body = AESGCM(hkdf_expand(key[1], b"NTA body v2")).encrypt(nonce, packed, cbor(fields))
    return row_of(signer, cbor(fields + [sha256(body)]), tokens, body)


def row_of(signer, header, tokens, body):
    """The columns of a signed header (section 6)."""
    signature, said = signer.header(header), read_header(header)
    kinds = [note[0] for note in said["notes"]]
    marks = (bool(said["next"]) | any(kind != INDEX for kind in kinds) << 1
             | (INDEX in kinds) << 2)
    return {"sensor": said["sensor"], "number": said["number"], "class": said["class"],
            "day": said["sealed"] // DAY_NS, "first_ns": said["first"], "last_ns": said["last"],
            "records": said["records"],
            "bytes": len(header) + len(signature) + len(tokens) + len(body),
            "data_key": said["data_key"], "marks": marks,
            "header": header, "signature": signature, "tokens": tokens, "body": body}
