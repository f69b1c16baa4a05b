# SPDX-License-Identifier: Apache-2.0
"""A witness of transparency logs, written from the specifications alone (c2sp.org/signed-note,
tlog-checkpoint, tlog-cosignature and tlog-witness; RFC 9162 section 2.1.4.2), and of nothing else:
with it a test has another one to hold ours against.
"""
import base64
import hashlib
import http.server
import struct
import threading
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def key_id(name, kind, public):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def vkey(text):
    """Name, algorithm and key of NAME+ID+KEY."""
    name, hint, rest = text.split("+", 2)
    data = base64.b64decode(rest, validate=True)
    if key_id(name, data[0], data[1:]).hex() != hint:
        raise ValueError("the key's id is another's")
    return name, data[0], data[1:]


def take_note(note):
    """Text, and (name, key id, signature) of each line."""
    text, found, lines = note.rpartition("\n\n")
    if not found or not lines.endswith("\n"):
        raise ValueError("no signatures")
    signatures = []
    for line in lines.splitlines():
        dash, name, rest = line.split(" ")
        data = base64.b64decode(rest, validate=True)
        if dash != "\u2014" or len(data) < 5:
            raise ValueError("no signature line")
        signatures.append((name, data[:4], data[4:]))
    return text + "\n", signatures


def take_checkpoint(text):
    """Origin, size, tree hash."""
    origin, size, root = text.split("\n")[:3]
    if str(int(size)) != size:
        raise ValueError("no size")
    return origin, int(size), base64.b64decode(root, validate=True)


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def continues(first, first_hash, second, second_hash, proof):
    """RFC 9162 section 2.1.4.2, step by step."""
    if not 0 < first < second or not proof:
        return first == second and first_hash == second_hash and not proof
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_hash)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_hash and sr == second_hash and sn == 0


class Witness:
    """It knows one log; `seen` is the newest head that it cosigned."""

    def __init__(self, name, log):
        self.name, self.seen = name, (0, b"")
        self.origin, self.kind, self.public = vkey(log)
        self.secret = Ed25519PrivateKey.generate()
        own = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = key_id(name, 4, own)
        self.key = f"{name}+{self.id.hex()}+{base64.b64encode(bytes([4]) + own).decode()}"
        witness = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = witness.add(body.decode()) if self.path == "/add-checkpoint" \
                    else (404, "")
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def add(self, body):
        """Status and answer of tlog-witness's add-checkpoint."""
        try:
            before, _, note = body.partition("\n\n")
            old, *proof = before.split("\n")
            old = int(old.removeprefix("old "))
            proof = [base64.b64decode(line, validate=True) for line in proof]
            text, signatures = take_note(note)
            origin, size, root = take_checkpoint(text)
        except ValueError as error:
            return 400, f"{error}\n"
        if origin != self.origin:
            return 404, ""
        mine = key_id(self.origin, self.kind, self.public)
        try:
            signature = next(one for name, hint, one in signatures
                             if (name, hint) == (origin, mine))
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (StopIteration, InvalidSignature):
            return 403, ""
        if old > size:
            return 400, "old is larger\n"
        if old != self.seen[0] or (old == size and root != self.seen[1]):
            return 409, f"{self.seen[0]}\n"
        if old and not continues(old, self.seen[1], size, root, proof):
            return 422, ""
        self.seen = size, root
        seconds = int(time.time())
        signed = self.secret.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        line = base64.b64encode(self.id + struct.pack(">Q", seconds) + signed).decode()
        return 200, f"\u2014 {self.name} {line}\n"
