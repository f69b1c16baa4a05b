# SPDX-License-Identifier: Apache-2.0
"""The vectors of docs/format.md (sections 14 and 15), held against the readers written from it."""
import hmac
import re

import format2_reader as two
import format_reader as one
from format_reader import is_signed, sha256, whole


def check(name, good):
    print(("ok   " if good else "FAIL ") + name)
    return bool(good)


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


def hashes(data):
    return [data[at:at + 32] for at in range(0, len(data), 32)]


def read(text, prefix=""):
    return {name[len(prefix):]: bytes.fromhex("".join(digits.split()))
            for name, digits in re.findall(r"^(\S+) =\n((?:    [0-9a-f]+\n)*)", text, re.M)
            if name.startswith(prefix)}


# ---- format 2 ----

SECRETS = {"log": range(0x10, 0x30), "traffic": range(0x40, 0x60), "evidence": range(0x60, 0x80)}
# Of each batch: its class's name, and its records.
BATCHES = {1: ("log", ["policy"]), 2: ("traffic", ["lookup", "flow"]), 6: ("evidence", ["alert"]),
           7: ("log", ["stop"])}
AUDITOR = bytes(range(0x80, 0xa0))


def check_keys(v):
    for name, secret in SECRETS.items():
        secret, key = bytes(secret), two.read_data_key(v[f"key.{name}.blob"])
        yield check(f"data key of {name}: id, sensor, class",
                    (key["id"], key["sensor"], two.CLASSES[key["class"]])
                    == (v[f"key.{name}.id"], v["sensor.id"], name) and key["day"] == 20484)
        yield check(f"data key of {name}: opens", two.open_data_key(key, AUDITOR) == secret)
    secret = bytes(SECRETS["traffic"])
    yield check("body key", two.expand(secret, b"NTA body v2") == v["key.traffic.body"])
    yield check("token key of sites",
                two.expand(secret, b"NTA token v2\x05") == v["key.traffic.token.5"])
    yield check("tokens of all kinds", all(
        two.token(secret, kind, b"value") == v[f"token.{kind}"] for kind in range(1, 18)))


def check_place(v, number, header, timeline, log):
    """Signature, link and log of a batch; the log has all before it."""
    name, data, signature = f"batch {number}", v[f"batch{number}.header"], v[
        f"batch{number}.signature"]
    yield check(f"{name}: signature",
                is_signed(timeline.key_of(number), b"NTA batch header v2\0" + data, signature))
    yield check(f"{name}: link", two.link_of(data, signature) == v[f"batch{number}.link"])
    yield check(f"{name}: log", header["log"] == log.root())
    yield check(f"{name}: notes of the identity", all(
        two.note_signed(note, header, timeline.identity) for note in header["notes"]
        if note[0] in (two.IDENTITY, two.ADOPTED)))
    yield check(f"{name}: next key", timeline.goes_on(header) is None)


def check_content(v, number, header):
    name, (kind, names) = f"batch {number}", BATCHES[number]
    secret, body = bytes(SECRETS[kind]), v[f"batch{number}.body"]
    stored = [v[f"record.{n}"] for n in names]
    records = [whole(r) for r in stored]
    yield check(f"{name}: class, data key",
                (two.CLASSES[header["class"]], header["data_key"]) == (kind, v[f"key.{kind}.id"])
                and two.day_of(header) == 20484)
    yield check(f"{name}: hashes of tokens and body",
                (sha256(v[f"batch{number}.tokens"]), sha256(body))
                == (header["tokens"], header["body"]))
    yield check(f"{name}: body",
                two.open_body(v[f"batch{number}.header"], body, secret) == stored)
    yield check(f"{name}: tokens", v[f"batch{number}.tokens"] == two.tokens(secret, records))
    yield check(f"{name}: times", two.times(records) == (header["first"], header["last"]))
    if f"batch{number}.aad" in v:
        yield check(f"{name}: associated data",
                    v[f"batch{number}.aad"] == b"\x91" + v[f"batch{number}.header"][1:-34])
    for i in range(len(names)):
        salt = v.get(f"batch{number}.proof.{i}.salt")
        if salt is None:
            continue
        path = hashes(v.get(f"batch{number}.proof.{i}.path", b""))
        yield check(f"{name}: record {i} is in it",
                    leaf_root(sha256(b"\x00" + salt + stored[i]), i, len(names), path)
                    == header["root"])


def check_log(v, log, links):
    yield check("log: root and frontier of 6",
                two.log_root(links[:6]) == v["log.6.root"]
                and two.Log(6, v["log.6.frontier"]).root() == v["log.6.root"])
    yield check("log: root of 7", log.root() == two.log_root(links) == v["log.7.root"])
    yield check("log: batch 2 is in 7",
                leaf_root(sha256(b"\0" + links[1]), 1, 7, hashes(v["log.2.7.inclusion"]))
                == v["log.7.root"])
    yield check("log: 7 continues 6",
                two.consistent(6, v["log.6.root"], 7, v["log.7.root"],
                               hashes(v["log.6.7.consistency"])))


def check_texts(text, v):
    """The checkpoint, its key, and a sealed file."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    note = re.search(r"^nta/[0-9a-f]{32}\n\d+\n\S+\n\n\u2014 .*\n", text, re.M)[0]
    yield check("checkpoint", two.read_checkpoint(note, v["checkpoint.public"])
                == (v["sensor.id"], 7, v["log.7.root"], []))
    yield check("checkpoint key",
                two.verifier_key(v["sensor.id"], v["checkpoint.public"]) in text.splitlines())
    sealing = two.expand(bytes(range(0xa0, 0xc0)), b"NTA state v2")
    data = bytes.fromhex(re.search("^nta-sealed-([0-9a-f]{120})$", text, re.M)[1])
    yield check("sealed file", sealing == v["state.sealing"]
                and AESGCM(sealing).decrypt(data[:12], data[12:], b"signing.key")
                == bytes(range(0x20, 0x40)))


def check_2(text):
    v = read(text)
    headers = {n: two.read_header(v[f"batch{n}.header"]) for n in BATCHES}
    timeline, log, links = two.Timeline(v["identity.public"], headers), two.Log(), []
    yield check("sensor", sha256(v["identity.public"])[:16] == v["sensor.id"])
    yield from check_keys(v)
    for number, header in headers.items():
        lost = [n for n in header["notes"] if n[0] == two.LOST]
        if lost:
            yield check(f"batch {number}: what was lost",
                        (lost[0][1], lost[0][2]) == (len(links) + 1, number - 1))
            log.add_lost(number - 1 - len(links))
            links += [two.NO_LINK] * (number - 1 - len(links))
        yield check(f"batch {number}: number, previous", header["number"] == number
                    and header["previous"]
                    == next((x for x in reversed(links) if x != two.NO_LINK), two.NO_LINK))
        yield from check_place(v, number, header, timeline, log)
        yield from check_content(v, number, header)
        links.append(v[f"batch{number}.link"])
        log.add(links[-1])
    yield check("keys: as the notes say",
                (timeline.checkpoint_key, timeline.identity, timeline.key)
                == (v["checkpoint.public"], v["identity.1.public"], v["signing.1.public"]))
    notes = {n: one.encoded(x) for h in headers.values() for x in h["notes"] for n in (x[0],)}
    yield check("notes", all(notes[n] == v[f"note.{n}"] for n in (1, 3, 4, 5, 6)))
    yield from check_log(v, log, links)
    yield from check_texts(text, v)


# ---- format 1 ----

def check_1(text):
    v = read(text, "v1.")
    public, token_key = v["sensor.public"], bytes(range(0x40, 0x60))
    previous = bytes(32)
    for number in (1, 2):
        data, signature = v[f"batch{number}.header"], v[f"batch{number}.signature"]
        head = one.read_header(data)
        yield check(f"format 1, batch {number}: sensor",
                    head["sensor"] == sha256(public)[:16] == v["sensor.id"])
        yield check(f"format 1, batch {number}: signature",
                    is_signed(public, b"NTA batch header v1\0" + data, signature))
        yield check(f"format 1, batch {number}: link",
                    head["number"] == number and head["previous"] == previous)
        previous = sha256(data + signature)
    head = one.read_header(v["batch1.header"])
    listed = [v["batch1.tokens"][i:i + 8] for i in range(0, len(v["batch1.tokens"]), 8)]
    site = hmac.digest(token_key, b"\x05example.com", "sha256")[:8]
    stored = [v[f"record.{i}"] for i in range(head["records"])]
    records = [whole(r) for r in stored]
    key = one.read_data_key(v["key.blob"], {v["sensor.id"]: public})
    yield check("format 1, tokens: hash", sha256(v["batch1.tokens"]) == head["tokens"])
    yield check("format 1, tokens: those of the records",
                v["batch1.tokens"] == one.tokens(token_key, records))
    yield check("format 1, tokens: sorted, each once", listed == sorted(set(listed)))
    yield check("format 1, tokens: example.com is among them",
                site in listed and site == v["token.site"])
    yield check("format 1, times: those of the records", (head["first"], head["last"])
                == (min(r[1] for r in records), max(r[1] for r in records)))
    yield check("format 1, body", sha256(v["batch1.body"]) == head["body"] and one.open_body(
        v["batch1.header"], v["batch1.body"], one.open_data_key(key, AUDITOR)) == stored)
    yield check("format 1, data key", key["id"] == v["key.id"] == head["data_key"])
    for i, record in enumerate(stored):
        leaf = sha256(b"\x00" + v[f"proof.{i}.salt"] + record)
        yield check(f"format 1, record {i}: in the tree",
                    leaf_root(leaf, i, len(stored), hashes(v[f"proof.{i}.path"])) == head["root"])


def check_all(text):
    """All of both."""
    found = [*check_2(text), *check_1(text)]
    return all(found) and len(found) > 70
