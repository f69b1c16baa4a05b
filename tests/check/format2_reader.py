# SPDX-License-Identifier: Apache-2.0
"""What format 2 adds to a reader of NTA's stored form (format_reader.py): headers with notes, the
key timeline, the log tree, data keys.  Written from docs/format.md and nothing else; section
numbers are that page's.
"""
import base64
import hashlib
import hmac
import re

from format_reader import (
    encoded, hpke_open, is_signed, merkle, open_packed, sha256, values, whole)

CLASSES = ("", "evidence", "traffic", "who", "log")
FIELDS = ("version", "sensor", "number", "previous", "log", "sealed", "clock", "class", "first",
          "last", "records", "data_key", "nonce", "tokens", "root", "next", "notes", "body")
SIZES = {"sensor": 16, "previous": 32, "log": 32, "data_key": 16, "nonce": 12, "tokens": 32,
         "root": 32, "body": 32}
DAY_NS = 86400 * 10**9
NO_LINK = bytes(32)
# Kinds of notes (section 5).
DELETED, LOST, CHECKPOINT_KEY, IDENTITY, ADOPTED, HOLD, INDEX = 1, 3, 4, 5, 6, 7, 8
U64 = range(1, 1 << 64)
I32 = range(-(1 << 31), 1 << 31)


def is_key(value):
    return isinstance(value, bytes) and len(value) == 32


def is_signature(value):
    return isinstance(value, bytes) and len(value) == 64


NOTES = {
    DELETED: (range(1, 5), I32, range(1 << 64), range(1, 5)),
    LOST: (U64, U64, range(1, 5)),
    CHECKPOINT_KEY: (is_key,),
    IDENTITY: (is_key, is_signature),
    ADOPTED: (U64, is_key, is_signature),
    HOLD: (U64, range(1 << 64), I32, I32, range(1, 4)),
    INDEX: (range(1, 5), I32, is_key),
}


def is_note(note, number):
    """One of these, and of what the header with this number can say."""
    if not isinstance(note, list) or not note or note[0] not in NOTES:
        return False
    forms, fields = NOTES[note[0]], note[1:]
    if len(forms) != len(fields) or not all(
        isinstance(f, int) and not isinstance(f, bool) and f in form if isinstance(form, range)
        else form(f) for form, f in zip(forms, fields)):
        return False
    if note[0] == LOST:
        return note[1] <= note[2] < number
    if note[0] == HOLD:
        return note[1] < number and note[3] <= note[4]
    return note[0] != ADOPTED or note[1] <= number


def read_header(data):
    fields = whole(data)
    header = dict(zip(FIELDS, fields))
    if len(fields) != 18 or header["version"] != 2 or encoded(fields) != data or any(
        len(header[n]) != size for n, size in SIZES.items()):
        raise ValueError("not a header")
    if len(header["next"]) not in (0, 32) or header["class"] not in range(1, 5) or header[
        "number"] not in U64 or header["records"] not in range(1, 4097) or len(
            header["notes"]) > 8 or not all(is_note(n, header["number"]) for n in header["notes"]):
        raise ValueError("not a header")
    return header


def link_of(header_bytes, signature):
    return sha256(header_bytes + signature)


def note_signed(note, header, identity):
    """A note's signature by the identity, for this header alone."""
    message = b"NTA note v2\0" + header["sensor"] + header["number"].to_bytes(8, "big") + encoded(
        note[:-1])
    return is_signed(identity, message, note[-1])


def day_of(header):
    return header["sealed"] // DAY_NS


# The log (section 5): a tree over links, RFC 9162 section 2.1.1; lost ones are zeros.

def log_root(links):
    return merkle(links) if links else sha256(b"")


class Log:
    """A tree that grows; only the roots of its perfect subtrees are kept."""

    def __init__(self, n=0, frontier=b""):
        self.n, self.roots = n, {}
        parts = [frontier[i:i + 32] for i in range(0, len(frontier), 32)]
        levels = [i for i in reversed(range(64)) if n >> i & 1]
        if len(frontier) != 32 * len(levels):
            raise ValueError("not a frontier of so many leaves")
        self.roots = dict(zip(levels, parts))

    def add(self, link):
        node, level = sha256(b"\0" + link), 0
        while self.n >> level & 1:
            node = sha256(b"\1" + self.roots.pop(level) + node)
            level += 1
        self.roots[level] = node
        self.n += 1

    def add_lost(self, n):
        for _ in range(n):
            self.add(NO_LINK)

    def root(self):
        found = None
        for level in sorted(self.roots):
            found = self.roots[level] if found is None else sha256(b"\1" + self.roots[level]
                                                                   + found)
        return sha256(b"") if found is None else found

    def frontier(self):
        return b"".join(self.roots[level] for level in sorted(self.roots, reverse=True))


def consistent(old, old_root, n, root, path):
    """RFC 9162 section 2.1.4.2."""
    if old == n:
        return not path and old_root == root
    if not 0 < old < n or not path:
        return False
    if old & old - 1 == 0:
        path = [old_root] + path
    fn, sn = old - 1, n - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for node in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = sha256(b"\1" + node + first), sha256(b"\1" + node + second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = sha256(b"\1" + second + node)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and (first, second) == (old_root, root)


# Indexes (section 6)

def read_index(data):
    """A list's fields."""
    if len(data) < 26 or data[0] != 1:
        raise ValueError("not an index")
    n_batches, n_pages = (int.from_bytes(data[at:at + 2], "big") for at in (22, 24))
    ends = 26 + 40 * n_batches, 26 + 40 * n_batches + 36 * n_pages
    if not 1 <= n_batches <= 256 or n_pages > 2048 or len(data) != ends[1]:
        raise ValueError("not an index")
    return {"class": data[1], "day": int.from_bytes(data[2:6], "big", signed=True),
            "data_key": data[6:22],
            "batches": [(int.from_bytes(data[at:at + 8], "big"), data[at + 8:at + 40])
                        for at in range(26, ends[0], 40)],
            "pages": [(data[at:at + 4], data[at + 4:at + 36]) for at in range(*ends, 36)]}


def index_pages(all_tokens):
    """The pages of an index over these batches' tokens."""
    rows, pages = {}, []
    for place, found in enumerate(all_tokens):
        for at in range(0, len(found), 8):
            rows.setdefault(found[at:at + 4], set()).add(place)
    for prefix, places in sorted(rows.items()):
        row = prefix + bytes([len(places) - 1])
        if len(places) <= 32:
            row += bytes(sorted(places))
        else:
            row += sum(1 << place for place in places).to_bytes(32, "little")
        if not pages or len(pages[-1]) + len(row) > 16000:
            pages.append(b"")
        pages[-1] += row
    return pages


# Keys (sections 5 and 7)

class Timeline:
    """Whose signature counts at which number of one sensor's chain."""

    def __init__(self, identity, headers):
        """`headers`: those of the sensor by number.  What adopts is looked for first: it stands
        behind what it adopts.
        """
        self.identity, self.key, self.ends, self.known = identity, identity, None, {identity}
        self.checkpoint_key, self.adopted = None, {}
        self.since, self.is_adopted = 1, False  # of the key
        for number in sorted(headers):
            for note in headers[number]["notes"]:
                if note[0] == ADOPTED and note_signed(note, headers[number], identity):
                    self.adopted[note[1]] = note[2]

    def key_of(self, number):
        if number in self.adopted:
            self.key = self.adopted[number]
            self.since, self.is_adopted = number, True
            self.known.add(self.key)
        return self.key

    def may_lose(self, start, number):
        """Whether header `number` may say that those from `start` on are lost: none before its key
        was named, but where the identity adopted that key for it."""
        return start >= self.since or self.is_adopted and self.since == number

    def is_revoked(self, number):
        return self.ends is not None and number > self.ends

    def goes_on(self, header):
        """What a proved header says of the keys behind it.  A sentence for what cannot be."""
        for note in header["notes"]:
            if note[0] == CHECKPOINT_KEY:
                if header["number"] != 1:
                    return "a checkpoint key is named by batch 1 only"
                self.checkpoint_key = note[1]
            if note[0] == IDENTITY and note_signed(note, header, self.identity):
                if note[1] == bytes(32):
                    self.ends = header["number"]
                else:
                    self.identity = note[1]
        if not header["next"]:
            return None
        was_known = header["next"] in self.known
        self.key = header["next"]
        self.since, self.is_adopted = header["number"] + 1, False
        self.known.add(self.key)
        return "its next signing key was one of this chain before" if was_known else None


def read_data_key(blob):
    """A blob's fields; nothing of it is proved but by its id."""
    fields = whole(blob)
    version, sensor, kind, day, made, wraps = fields
    if encoded(fields) != blob or version != 2 or len(
        sensor) != 16 or kind not in range(1, 5) or day not in I32 or not 1 <= len(wraps) <= 8:
        raise ValueError("not a data key")
    return {"id": sha256(blob)[:16], "sensor": sensor, "class": kind, "day": day, "made": made,
            "wraps": {w[0]: (w[1], w[2]) for w in wraps}}


def open_data_key(key, auditor_secret):
    """The data key's secret."""
    aad = key["sensor"] + bytes([key["class"]]) + key["day"].to_bytes(4, "big", signed=True)
    return hpke_open(key["wraps"], auditor_secret, b"NTA data key v2", aad)


def expand(secret, info):
    """HKDF-Expand, RFC 5869 section 2.3, 32 bytes."""
    return hmac.digest(secret, info + b"\1", "sha256")


def open_body(header_bytes, body, secret):
    """The records' bytes, held against number and root of the header."""
    header = read_header(header_bytes)
    return open_packed(header, b"\x91" + header_bytes[1:-34], body, expand(secret, b"NTA body v2"))


def token(secret, kind, value):
    key = expand(secret, b"NTA token v2" + bytes([kind]))
    return hmac.digest(key, bytes([kind]) + value, "sha256")[:8]


def tokens(secret, records):
    found = set().union(*map(values, records))
    return b"".join(sorted({token(secret, kind, value) for kind, value in found}))


def times(records):
    """The first and the last of the records, ends included."""
    return (min(min(r[1], r.get(2, r[1])) for r in records),
            max(max(r[1], r.get(2, r[1])) for r in records))


# Tree heads (section 9): C2SP signed notes

def read_checkpoint(note, public_key):
    """Sensor, size, hash and further lines of a checkpoint that this key has signed."""
    text, _, signatures = note.partition("\n\n")
    origin, size, root, *extra = (text + "\n").split("\n")[:-1]
    found = re.fullmatch("nta/([0-9a-f]{32})", origin)
    if not found or not re.fullmatch("0|[1-9][0-9]*", size):
        raise ValueError("not a checkpoint")
    key_id = sha256(origin.encode() + b"\n\x01" + public_key)[:4]
    for line in signatures.splitlines():
        dash, name, signature = line.split(" ")
        data = base64.b64decode(signature, validate=True)
        if dash == "\u2014" and name == origin and data[:4] == key_id:
            if not is_signed(public_key, (text + "\n").encode(), data[4:]):
                break
            return bytes.fromhex(found[1]), int(size), base64.b64decode(root), extra
    raise ValueError("not signed by the checkpoint key")


def verifier_key(sensor, public_key):
    """The checkpoint key as witnesses are told it."""
    name = f"nta/{sensor.hex()}"
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public_key).digest()[:4]
    public = base64.b64encode(b"\x01" + public_key).decode()
    return f"{name}+{key_id.hex()}+{public}"
