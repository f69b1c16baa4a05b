#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The auditor's key in three shares, any two of which open the records: made, given away, joined;
what is too few, mixed, doubled, changed or cut is said; no share has the key in it.

usage: keys_shares.py NTA
"""
import itertools
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import wire  # noqa: E402
from checks import ok  # noqa: E402

NTA = sys.argv[1]
CLEAN = {name: value for name, value in os.environ.items()
         if name not in ("NTA_PASSPHRASE_FILE", "CREDENTIALS_DIRECTORY")}


def run(*args):
    return subprocess.run([NTA, *map(str, args)], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, start_new_session=True, env=CLEAN)


def make_store(work):
    question = struct.pack("!HHHHHH", 1, 0x0100, 1, 0, 0, 0) + wire.wire_name("a.example") + \
        b"\0\1\0\1"
    frame = wire.frame(wire.udp("10.5.0.6", "10.5.0.1", 40001, 53, question))
    with open(work / "1.pcap", "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        out.write(struct.pack("<IIII", 1790812800, 0, len(frame), len(frame)) + frame)
    done = run("read", work / "1.pcap", "--store", work / "store")
    ok("a store", done.returncode == 0, done)
    return work / "store"


def split(store, name, needs=2, of=3):
    return run("keys", "split", name, "--needs", needs, "--of", of, "--store", store)


def said(done):
    """Words, wherever a line was broken."""
    return " ".join(done.stderr.split())


def check_split(work, store, secret):
    done = split(store, work / "share")
    shares = [work / f"share.{i}" for i in (1, 2, 3)]
    ok("three shares", done.returncode == 0 and all(path.exists() for path in shares), done)
    ok("each for its owner alone", all(path.stat().st_mode & 0o777 == 0o600 for path in shares))
    ok("with the key in none of them", all(secret not in path.read_text() for path in shares))
    ok("nothing else was left", not list(work.glob(".*")) and len(list(work.glob("share*"))) == 3)
    done = split(store, work / "share")
    ok("none is replaced", done.returncode == 3 and "share.1" in done.stderr, done)
    (work / "half.3").write_text("")
    done = split(store, work / "half")
    ok("where one cannot be written there are none", done.returncode == 3
       and not (work / "half.1").exists() and not (work / "half.2").exists(), done)
    for needs, of in ((1, 3), (4, 3), (2, 17), ("x", 3), (2, "3x"), (-2, 3)):
        ok(f"{needs} of {of} is refused", split(store, work / "no", needs, of).returncode == 2)
    ok("so are no numbers", run("keys", "split", work / "no", "--store", store).returncode == 2)
    return shares


def product(a, b):  # in GF(2^8), docs/format.md
    result = 0
    while b:
        result, a, b = result ^ a * (b & 1), (a << 1) ^ (0x11d if a & 128 else 0), b >> 1
    return result


def by_hand(shares):
    """The key of two shares, by what docs/format.md says alone."""
    given = {}
    for path in shares:
        lines = dict(line.split(" ", 1) for line in path.read_text().splitlines())
        given[int(lines["number"])] = bytes.fromhex(lines["share"])
    (a, left), (b, right) = given.items()
    inverse = next(x for x in range(1, 256) if product(a ^ b, x) == 1)
    return bytes(product(inverse, product(b, one) ^ product(a, other))
                 for one, other in zip(left, right)).hex()


def check_joined(work, store, shares):
    words = work / "words"
    words.write_text("together we read\n")
    words.chmod(0o600)
    for n, pair in enumerate(itertools.permutations(shares, 2)):
        key = work / f"made{n}"
        done = run("keys", "join", key, *pair, "--new-passphrase-file", words)
        ok(f"{pair[0].name} and {pair[1].name} make it", done.returncode == 0
           and "ENCRYPTED PRIVATE KEY" in key.read_text()
           and key.stat().st_mode & 0o777 == 0o600, done)
    copy = work / "copy"
    shutil.copytree(store, copy)
    (copy / "keys/auditor.key").unlink()
    records = ("records", "--store", copy, "--json", "--quiet", "--event", "lookup")
    ok("without the key nothing opens", run(*records).returncode == 3)
    shutil.copy(work / "made5", copy / "keys/auditor.key")
    done = run("--passphrase-file", words, *records)
    ok("the joined key opens the records", done.returncode == 0 and "a.example" in done.stdout,
       done)
    ok("a key that is there is not replaced", run(
        "keys", "join", work / "made0", *shares, "--new-passphrase-file", words).returncode == 3)
    done = run("--passphrase-file", words, "keys", "split", work / "again", "--needs", 3, "--of",
               5, "--store", copy)
    ok("a key under a passphrase is split, too", done.returncode == 0, done)
    return words


def check_refused(work, store, shares, words):
    def refused(what, reason, *given):
        done = run("keys", "join", work / "none", *given, "--new-passphrase-file", words)
        ok(what, done.returncode == 1 and reason in said(done) and not (work / "none").exists(),
           done)

    split(store, work / "other")
    refused("one is too few", "2 of the 3 shares are needed, and here are 1", shares[0])
    refused("one twice is one", "the same share, 1", shares[0], shares[0])
    refused("of another splitting", "split twice", shares[0], work / "other.2")
    refused("of another number that is needed", "split twice", shares[0], work / "again.2")
    text = shares[1].read_text()
    changed = work / "changed"
    at = text.index("\nshare ") + 7
    changed.write_text(text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1:])
    refused("changed", "its check is another one", shares[0], changed)
    typed = work / "typed"
    typed.write_text("\ufeff" + text.upper().replace("\n", " \r\n\n").replace(" ", "  ").strip())
    done = run("keys", "join", work / "of_typed", shares[0], typed, "--new-passphrase-file", words)
    ok("typed, with capitals, blanks and no end", done.returncode == 0, done)
    changed.write_text(text[:-10])
    refused("cut", "is no share", shares[0], changed)
    refused("something else", "is no share", shares[0], words)
    done = run("keys", "join", work / "none", shares[0], work / "nowhere",
               "--new-passphrase-file", words)
    ok("not there", done.returncode == 3 and "nowhere" in done.stderr, done)
    done = run("keys", "join", work / "none", *shares[:2])
    ok("without a terminal it says which option", done.returncode == 3
       and "--new-passphrase-file" in done.stderr, done)
    done = run("keys", "split", work / "no", "--needs", 2, "--of", 3, "--config",
               work / "none.conf")
    ok("a configuration that is not there is named", done.returncode == 3
       and "none.conf" in done.stderr, done)
    short = work / "short"
    short.write_text("short\n")
    short.chmod(0o600)
    done = run("keys", "join", work / "none", *shares[:2], "--new-passphrase-file", short)
    ok("a short passphrase", done.returncode == 2 and not (work / "none").exists(), done)


def main():
    with tempfile.TemporaryDirectory(prefix="nta-shares-") as name:
        work = pathlib.Path(name)
        store = make_store(work)
        secret = (store / "keys/auditor.key").read_text().strip()[-64:]
        shares = check_split(work, store, secret)
        ok("the page's words alone make the key", by_hand(shares[1:]) == secret)
        words = check_joined(work, store, shares)
        check_refused(work, store, shares, words)
    return ok.conclude()


sys.exit(main())
