# SPDX-License-Identifier: Apache-2.0
"""Initial packets of QUIC, sealed (RFC 9001 section 5): slow and short, for a few packets."""
import functools
import hashlib
import hmac
import struct

SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
FULL = 1200


# ---- AES-128-GCM, slow and short: only to seal a few packets ----


def double(byte):
    return (byte << 1 ^ (0x1b if byte & 0x80 else 0)) & 0xff


@functools.lru_cache(None)
def boxes():
    """The S-box, by powers of 3 and their inverses."""
    powers, value = [], 1
    for _ in range(255):
        powers.append(value)
        value ^= double(value)
    logs = {power: i for i, power in enumerate(powers)}
    box = []
    for byte in range(256):
        inverse = powers[-logs[byte] % 255] if byte else 0
        box.append(0x63 ^ functools.reduce(lambda a, b: a ^ b, (
            (inverse << i | inverse >> (8 - i)) & 0xff for i in range(5))))
    return bytes(box)


@functools.lru_cache(4096)
def round_keys(key):
    words, factor = [key[i:i + 4] for i in range(0, 16, 4)], 1
    for i in range(4, 44):
        word = words[-1]
        if i % 4 == 0:
            word = bytes(boxes()[byte] for byte in word[1:] + word[:1])
            word = bytes([word[0] ^ factor]) + word[1:]
            factor = double(factor)
        words.append(bytes(a ^ b for a, b in zip(word, words[-4])))
    return [b"".join(words[i:i + 4]) for i in range(0, 44, 4)]


def block(key, data):
    keys = round_keys(key)
    state = bytes(a ^ b for a, b in zip(data, keys[0]))
    for i in range(1, 11):
        state = bytes(boxes()[state[(k + 4 * (k % 4)) % 16]] for k in range(16))
        if i < 10:
            mixed = []
            for column in (state[k:k + 4] for k in range(0, 16, 4)):
                total = functools.reduce(lambda a, b: a ^ b, column)
                mixed += [column[k] ^ total ^ double(column[k] ^ column[(k + 1) % 4])
                          for k in range(4)]
            state = bytes(mixed)
        state = bytes(a ^ b for a, b in zip(state, keys[i]))
    return state


def multiply(x, y):
    out = 0
    for i in range(127, -1, -1):
        if x >> i & 1:
            out ^= y
        y = y >> 1 ^ (0xe1 << 120 if y & 1 else 0)
    return out


def sealed(key, nonce, plain, about):
    """Ciphertext and tag (NIST SP 800-38D)."""
    cipher = b""
    for i in range(0, len(plain), 16):
        stream = block(key, nonce + struct.pack(">I", 2 + i // 16))
        cipher += bytes(a ^ b for a, b in zip(plain[i:i + 16], stream))
    padded = b"".join(part + bytes(-len(part) % 16) for part in (about, cipher))
    padded += struct.pack(">QQ", 8 * len(about), 8 * len(cipher))
    secret, total = int.from_bytes(block(key, bytes(16)), "big"), 0
    for i in range(0, len(padded), 16):
        total = multiply(total ^ int.from_bytes(padded[i:i + 16], "big"), secret)
    tag = total ^ int.from_bytes(block(key, nonce + b"\0\0\0\1"), "big")
    return cipher + tag.to_bytes(16, "big")


# ---- packets ----


def expand(secret, label, length):
    info = struct.pack(">HB", length, 6 + len(label)) + b"tls13 " + label + b"\0\1"
    return hmac.new(secret, info, hashlib.sha256).digest()[:length]


def keys(ident, from_server):
    secret = hmac.new(SALT, ident, hashlib.sha256).digest()
    sender = expand(secret, b"server in" if from_server else b"client in", 32)
    return [expand(sender, label, length)
            for label, length in ((b"quic key", 16), (b"quic iv", 12), (b"quic hp", 16))]


def initial(ident, frames, source=b"", begun=None, grease=False, token=b""):
    """An Initial of version 1 to `ident`: the client's, or the server's in the connection that
    began with `begun`.
    """
    key, nonce, mask_key = keys(begun or ident, begun is not None)
    plain = frames + bytes(FULL - len(frames))
    about = (bytes([0x83 if grease else 0xc3]) + b"\0\0\0\1" + bytes([len(ident)]) + ident +
             bytes([len(source)]) + source + bytes([len(token)]) + token +
             struct.pack(">H", 0x4000 | 4 + len(plain) + 16) + bytes(4))
    body = sealed(key, nonce, plain, about)
    mask = block(mask_key, body[:16])
    head = bytes([about[0] ^ mask[0] & 0x0f]) + about[1:-4] + mask[1:5]
    return head + body


def after(kind, ident, source=b""):
    """What comes behind the Initial: "handshake" or "short"; sealed with keys that nobody has."""
    body = hashlib.sha256(kind.encode() + ident).digest() * 2
    if kind == "short":
        return b"\x41" + ident + body
    return (b"\xe1\0\0\0\1" + bytes([len(ident)]) + ident + bytes([len(source)]) + source +
            struct.pack(">H", 0x4000 | len(body)) + body)


def retry(ident, source, token):
    return (b"\xf0\0\0\0\1" + bytes([len(ident)]) + ident + bytes([len(source)]) + source +
            token + hashlib.sha256(token).digest()[:16])


def crypto(data, offset=0):
    return b"\x06" + struct.pack(">HH", 0x4000 | offset, 0x4000 | len(data)) + data


def hello(name):
    host = name.encode()
    extension = struct.pack(">HHHBH", 0, len(host) + 5, len(host) + 3, 0, len(host)) + host
    body = (b"\3\3" + bytes(32) + b"\0\0\2\x13\1\1\0" + struct.pack(">H", len(extension)) +
            extension)
    return b"\1" + struct.pack(">I", len(body))[1:] + body
