#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A report that was handed on: nta verify finds what was changed in it, whether its digests were
made anew or not; the heads that it names must lie in the store; only what was noted holds.

usage: page_verify.py NTA NTAD      77 without a network namespace
"""
import hashlib
import json
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import wire  # noqa: E402
from checks import ok  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402

NTA, NTAD = sys.argv[1:3]
CAPTURE = pathlib.Path(__file__).resolve().parent.parent / "golden/http.pcap"
PROOF = b'<script type="text/plain" id="proof">'
DATA = b'<script type="application/json" id="data">'
END = b"</script>"


def run(*words):
    return subprocess.run([NTA, *map(str, words)], capture_output=True, text=True, check=False,
                          env=dict(os.environ, TZ="UTC", COLUMNS="200"))


def verify(page, *where):
    """Exit status, result, and the findings about the page and its heads."""
    done = run("verify", page, "--json", *where)
    if not done.stdout:
        return done.returncode, done.stderr, {}
    told = json.loads(done.stdout)
    return done.returncode, told["result"], {one["kind"]: one["text"] for one in told["findings"]}


def part(page, begin):
    """From where to where an element's content goes."""
    start = page.index(begin) + len(begin)
    return start, page.index(END, start)


def sealed_anew(page):
    """As somebody does it who knows how: its digests are right again."""
    start, end = part(page, PROOF)
    lines = page[start:end].split(b"\n")
    data_from, data_to = part(page, DATA)
    lines[2] = b"data " + hashlib.sha256(page[data_from:data_to]).hexdigest().encode()
    rest = page[:start] + b"\n".join(lines[:3] + lines[4:]) + page[end:]
    lines[3] = b"page " + hashlib.sha256(rest).hexdigest().encode()
    return page[:start] + b"\n".join(lines) + page[end:]


def ask_for(name, n):
    question = struct.pack("!HHHHHH", n, 0x0100, 1, 0, 0, 0) + wire.wire_name(name) + b"\0\1\0\1"
    subprocess.run([sys.executable, "-c", f"""
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto({question!r}, ("127.0.0.1", 53))
"""], check=True)


def copy_of(store, to):
    (to / "keys").mkdir(parents=True)
    subprocess.run(["sqlite3", store / "journal.db", f"VACUUM INTO '{to}/journal.db'"], check=True)
    shutil.copy(store / "journal.state", to)
    for name in ("auditor.key", "sensor.pub"):
        shutil.copy(store / "keys" / name, to / "keys" / name)


def check_made(work, page, where):
    status, result, found = verify(page, *where)
    ok("the page that was made holds, and was noted by whom", (status, result) == (0, "HOLDS")
       and set(found) == {"page_noted"} and "that root noted" in found["page_noted"],
       [result, found])
    text = page.read_bytes()
    start, end = part(text, PROOF)
    lines = text[start:end].decode().splitlines()
    ok("it says what it was made of", re.fullmatch(r"nta \d+\.\d+\.\d+", lines[0])
       and lines[1].startswith("language ") and len(lines) == 5 and re.fullmatch(
           r"chain head of sensor [0-9a-f]{32}: batch \d+, [0-9a-f]{64}, tree [0-9a-f]{64}",
           lines[4]), lines)
    data_from, data_to = part(text, DATA)
    ok("with the digest of what it shows", lines[2] == "data " + hashlib.sha256(
        text[data_from:data_to]).hexdigest(), lines)
    ok("which is JSON", json.loads(text[data_from:data_to]))
    return text


def check_others(work, where):
    """Of what has no digests in it only what was noted tells."""
    for command, name in (("report", "x.xlsx"), ("report", "x.pdf"), ("map", "x.kml"),
                          ("map", "x.kmz"), ("map", "x.geojson")):
        done = run(command, "-o", work / name, *where)
        ok(f"{name} is made", done.returncode in (0, 1), done)
        status, result, found = verify(work / name, *where)
        ok(f"{name}: as it was noted it holds", (status, result, set(found))
           == (0, "HOLDS", {"page_noted"}) and "root noted" in found["page_noted"],
           [status, result, found])
        text = (work / name).read_bytes()
        (work / f"changed-{name}").write_bytes(text[:-30] + bytes([text[-30] ^ 1]) + text[-29:])
        status, result, found = verify(work / f"changed-{name}", *where)
        ok(f"{name}: a bit more or less does not", (status, result) == (3, "UNSEEN")
           and "nobody noted it" in found["page_unseen"], [status, result, found])


def check_flips(work, text, where):
    """A bit in each part of it, and then the same by somebody who makes the digests anew."""
    start, end = part(text, PROOF)
    data_from, data_to = part(text, DATA)
    places = {"frame": 40, "style": text.index(b"<style>") + 20, "marker": start - 5,
              "version": start + 4, "digest": start + 40, "head": end - 150, "tree": end - 9,
              "data": data_from + 30, "last datum": data_to - 30,
              "program": text.index(b"<script>", data_to) + 500, "last byte": len(text) - 3}
    for name, at in places.items():
        changed = bytearray(text)
        changed[at] ^= 1
        (work / "flip.html").write_bytes(changed)
        status, result, found = verify(work / "flip.html", *where)
        ok(f"a bit in the {name} is found", (status, result) == (1, "WRONG") and "page" in found,
           [status, result, found])
    for name in ("style", "data", "program"):
        changed = bytearray(text)
        changed[places[name]] ^= 1
        (work / "anew.html").write_bytes(sealed_anew(bytes(changed)))
        status, result, found = verify(work / "anew.html", *where)
        ok(f"new digests over another {name} are not what was noted",
           (status, result) == (3, "UNSEEN") and "page_unseen" in found
           and "page_noted" not in found, [status, result, found])
    (work / "same.html").write_bytes(sealed_anew(text))
    ok("(and are made as nta makes them)", (work / "same.html").read_bytes() == text)


def check_made_up(work, text, where):
    """By somebody who may leave traces: it is under his name, and of the time at which he did."""
    forged = sealed_anew(text.replace(b"</title>", b" made up</title>", 1))
    (work / "forged.html").write_bytes(forged)
    asked = f"page {hashlib.sha256(forged).hexdigest()}".encode().hex()
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(str(work / "d/control"))
        one.sendall(f"audit 1577836800000000000 5 {asked} -\n".encode())
        ok("ntad takes what he says", one.recv(99).startswith(b"taken"))
    time.sleep(1)
    _, _, found = verify(work / "forged.html", *where)
    ok("a page that was made up is of when it was noted, and of by whom",
       "root" in found["page_noted"] and "2020" not in found["page_noted"], found)


def check_saved(work, text, where):
    """What was saved anew is a page all the same, and not a case."""
    for name, changed in (("a mark in front", b"\xef\xbb\xbf" + text),
                          ("another case", text.replace(b"<!doctype", b"<!DOCTYPE", 1)),
                          ("line ends", b"\r\n" + text.replace(b"\n", b"\r\n"))):
        (work / "saved.html").write_bytes(changed)
        status, result, found = verify(work / "saved.html", *where)
        ok(f"saved with {name}: a page that was changed", (status, result) == (1, "WRONG")
           and "page" in found, [status, result, found])
    with open(work / "large.html", "wb") as large:
        large.write(text[:1000])
        large.truncate(257 << 20)
    status, result, found = verify(work / "large.html", *where)
    ok("one that is too large is refused as that", status == 3 and "large" in result,
       [status, result])


def check_heads(work, text, where):
    """A head that was never there, with right digests."""
    start, end = part(text, PROOF)
    changed = bytearray(text)
    changed[end - 9] = ord("0") if changed[end - 9] != ord("0") else ord("1")
    (work / "head.html").write_bytes(sealed_anew(bytes(changed)))
    status, result, found = verify(work / "head.html", *where)
    ok("a head with another tree is not in the log", (status, result) == (1, "WRONG")
       and "noted" in found, [status, result, found])
    run("read", CAPTURE, "--store", work / "other", "--list", work / "d/list")
    (work / "page.html").write_bytes(text)
    status, result, found = verify(work / "page.html", "--store", work / "other")
    ok("nor is it in another sensor's", status == 1 and "noted" in found, [result, found])
    status, result, found = verify(work / "page.html", "--store", work / "old")
    ok("nor in what was put back", status == 1 and "noted" in found, [result, found])


def check_elsewhere(work, page):
    copy_of(work / "d/store", work / "copy")
    status, result, found = verify(page, "--store", work / "copy")
    ok("a copy of the store tells, too", (status, result) == (0, "HOLDS")
       and "page_noted" in found, [result, found])
    (work / "copy/keys/auditor.key").unlink()
    status, result, found = verify(page, "--store", work / "copy")
    ok("without the auditor's key the digests alone: not seen", (status, result) == (3, "UNSEEN")
       and "auditor" in found.get("page_unseen", ""), [result, found])
    own = ["--store", work / "other"]
    run("report", "-o", work / "own.html", *own)
    status, result, found = verify(work / "own.html", *own)
    ok("nobody notes a page of one's own: not seen", (status, result) == (3, "UNSEEN")
       and "nobody noted it" in found.get("page_unseen", ""), [result, found])
    run("report", "-o", work / "own.html", "--trace", *own)
    status, result, found = verify(work / "own.html", *own)
    ok("but with --trace", (status, result) == (0, "HOLDS") and "page_noted" in found,
       [result, found])
    (work / "strange.html").write_text("<!doctype html>\n<p>no report</p>\n")
    status, result, found = verify(work / "strange.html", *own)
    ok("what is no report is none", status == 1 and "page" in found, [result, found])


def main():
    if not in_namespace():
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="nta-page-") as name:
        work = pathlib.Path(name)
        where = ["-c", work / "d/conf"]
        with Ntad(NTA, NTAD, work / "d", ["lo"]) as ntad:
            ask_for("www.bad.example", 7)
            for _ in range(200):
                if ntad.records("--event", "alert"):
                    break
                time.sleep(.1)
            copy_of(work / "d/store", work / "old")
            page = work / "report.html"
            done = run("report", "-o", page, *where)
            ok("a report is made", done.returncode == 0, done.stderr)
            check_others(work, where)
            text = check_made(work, page, where)
            check_flips(work, text, where)
            check_made_up(work, text, where)
            check_saved(work, text, where)
            check_heads(work, text, where)
            check_elsewhere(work, page)
        status, result, found = verify(page, *where)
        ok("it holds as long as the chain goes on", (status, result) == (0, "HOLDS"), found)
    return ok.conclude()


if __name__ == "__main__":
    sys.exit(main())
