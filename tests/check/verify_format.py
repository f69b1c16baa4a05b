#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check docs/format.md's vectors with nothing but Python's standard library.

usage: verify_format.py [FORMAT.md]

Written from the page, not from the C code: a second reading of the format.  Checks what anyone can check with the
sensor's public key alone (header, signature, chain, hashes, tokens' order), and, with the keys that the page gives
away, tokens, leaves and inclusion paths.  What needs AES or X25519 is left to the unit tests.
"""
import hashlib
import hmac
import pathlib
import re
import sys


def sha256(data):
    return hashlib.sha256(data).digest()


# Ed25519 verification, RFC 8032 section 5.1.7, on affine points: slow and short.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        raise ValueError("not a point")
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or (x == 0 and sign):
        raise ValueError("not a point")
    return (P - x if x & 1 != sign else x), y


def add(a, b):
    t = D * a[0] * b[0] * a[1] * b[1] % P
    return ((a[0] * b[1] + b[0] * a[1]) * pow(1 + t, -1, P) % P,
            (a[1] * b[1] + a[0] * b[0]) * pow(1 - t, -1, P) % P)


def times(n, a):
    total = (0, 1)
    while n:
        if n & 1:
            total = add(total, a)
        a, n = add(a, a), n >> 1
    return total


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_signed(public_key, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(r + public_key + message).digest(), "little") % L
    return times(s, BASE) == add(point(r), times(h, point(public_key)))


def item(data, at):
    """One CBOR item of those the format has: its value and where the next one begins."""
    first, at = data[at], at + 1
    major, n = first >> 5, first & 31
    if n >= 24:
        size = 1 << (n - 24)
        n, at = int.from_bytes(data[at:at + size], "big"), at + size
    if major == 0:
        return n, at
    if major == 1:
        return -1 - n, at
    if major in (2, 3):
        if at + n > len(data):
            raise ValueError("cut off")
        return data[at:at + n], at + n
    if major == 4:
        items = []
        for _ in range(n):
            value, at = item(data, at)
            items.append(value)
        return items, at
    raise ValueError("not a type of the header's")


def leaf_root(leaf, index, n, path):
    """The root that an inclusion path leads to, RFC 9162 section 2.1.3.2."""
    last = n - 1
    for sibling in path:
        if index & 1 or index == last:
            leaf = sha256(b"\x01" + sibling + leaf)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = sha256(b"\x01" + leaf + sibling)
        index, last = index >> 1, last >> 1
    return leaf if last == 0 else None


def check(name, good):
    print(("ok   " if good else "FAIL ") + name)
    return good


def main():
    here = pathlib.Path(__file__).resolve().parents[2] / "docs" / "format.md"
    text = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else here).read_text(encoding="utf-8")
    v = {name: bytes.fromhex("".join(digits.split()))
         for name, digits in re.findall(r"^(\S+) =\n((?:    [0-9a-f]+\n)+)", text, re.M)}
    public, token_key, good = v["sensor.public"], bytes(range(0x40, 0x60)), []
    previous = bytes(32)
    for number in (1, 2):
        data, signature = v[f"batch{number}.header"], v[f"batch{number}.signature"]
        head, end = item(data, 0)
        good += [
            check(f"batch {number}: header has version 1 and twelve fields",
                  end == len(data) and len(head) == 12 and head[0] == 1),
            check(f"batch {number}: sensor", head[1] == sha256(public)[:16] == v["sensor.id"]),
            check(f"batch {number}: signature",
                  is_signed(public, b"NTA batch header v1\0" + data, signature)),
            check(f"batch {number}: link", head[2] == number and head[3] == previous),
        ]
        previous = sha256(data + signature)
    head = item(v["batch1.header"], 0)[0]
    tokens = [v["batch1.tokens"][i:i + 8] for i in range(0, len(v["batch1.tokens"]), 8)]
    site = hmac.new(token_key, b"\x05example.com", hashlib.sha256).digest()[:8]
    payload, signature = item(v["key.blob"], 0)[0]
    good += [
        check("tokens: hash", sha256(v["batch1.tokens"]) == head[9]),
        check("tokens: sorted, each once", tokens == sorted(set(tokens))),
        check("tokens: example.com is among them", site in tokens and site == v["token.site"]),
        check("body: hash", sha256(v["batch1.body"]) == head[11]),
        check("body: associated data",
              v["batch1.aad"] == b"\x8b" + v["batch1.header"][1:-34]),
        check("data key: signature", is_signed(public, b"NTA data key v1\0" + payload, signature)),
        check("data key: id", item(payload, 0)[0][2] == v["key.id"] == head[7]),
    ]
    for i in range(head[6]):
        leaf = sha256(b"\x00" + v[f"proof.{i}.salt"] + v[f"record.{i}"])
        path = [v[f"proof.{i}.path"][at:at + 32] for at in range(0, len(v[f"proof.{i}.path"]), 32)]
        good.append(check(f"record {i}: in the tree", leaf_root(leaf, i, head[6], path) == head[10]))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
