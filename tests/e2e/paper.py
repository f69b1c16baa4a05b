#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A record's proof on a sheet of paper: printed, scanned at several resolutions, askew and dirty,
read by zbarimg, and checked by nta, by nta-verify and by 100 lines of Python with openssl; each
byte that is changed is found.

usage: paper.py NTA [NTA-VERIFY]
"""
import hashlib
import json
import math
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "check"))
import c2sp  # noqa: E402
import wire  # noqa: E402
from checks import ok  # noqa: E402
from format_reader import encoded, item  # noqa: E402
from growing import grow  # noqa: E402
from sample import sample  # noqa: E402

NTA, ALONE = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
NAME = "witness.example/one"
SCRIPT = pathlib.Path(__file__).parents[2] / "lib/evidence/text/check_sheet.py"
# of the words of the page, one that no other language has
WORDS = {"en": "Forbidden site", "de": "Verbotene Seite", "fr": "Site interdit",
         "nl": "Verboden site"}


def run(*args, program=NTA, **more):
    return subprocess.run([program, *map(str, args)], capture_output=True, text=True, check=False,
                          errors="replace", **more)


# ---- paper ----

def printed(path, dpi):
    """The page as a scanner sees it: PGM, its width and its rows."""
    subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", "-singlefile", path,
                    path.with_suffix("")], check=True)
    data = path.with_suffix(".pgm").read_bytes()
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", data)
    width, height = int(head[1]), int(head[2])
    pixels = data[head.end():]
    return width, height, [pixels[y * width:(y + 1) * width] for y in range(height)]


def askew(page, degrees, dirt, seed):
    """Turned, and every so many pixels another shade."""
    width, height, rows = page
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    chance, turned = random.Random(seed), []
    for y in range(height):
        at_x, at_y = -sin * y + .5, cos * y + .5
        row = bytearray(b"\xff" * width)
        for x in range(width):
            from_x, from_y = int(at_x + cos * x), int(at_y + sin * x)
            if 0 <= from_x < width and 0 <= from_y < height:
                row[x] = rows[from_y][from_x]
        for _ in range(width // dirt):
            row[chance.randrange(width)] = chance.randrange(256)
        turned.append(bytes(row))
    return width, height, turned


def scanned(work, page):
    width, height, rows = page
    image = work / "scan.pgm"
    image.write_bytes(b"P5\n%d %d\n255\n" % (width, height) + b"".join(rows))
    done = subprocess.run(["zbarimg", "-q", "--raw", "-Sbinary", image], capture_output=True,
                          check=False)
    return done.stdout


# ---- judged ----

def judged(path, *args, program=(NTA, "verify")):
    done = subprocess.run([*map(str, program), path, *args, "--json"], capture_output=True,
                          text=True, check=False, errors="replace")
    told = json.loads(done.stdout)
    return (done.returncode, told["result"], told.get("record"),
            {one["step"]: one["state"] for one in told["steps"]})


def by_hand(path, *args):
    return run(SCRIPT, path, *args, program=sys.executable)


def check_held(path, ids, witness, incident):
    key, fingerprint = ids
    for what, one in (("key", key), ("fingerprint", fingerprint)):
        status, result, record, steps = judged(path, "--key", one, "--witness", witness)
        ok(f"with {what} and witness it holds", (status, result) == (0, "HOLDS")
           and "WRONG" not in steps.values() and "unproved" not in steps.values(), steps)
        ok("and says what the record is", record and record["site"] == "www.bad.example"
           and record["id"] in incident["records"], record)
    status, result, _, steps = judged(path, "--key", key)
    ok("without a witness that is missed", (status, result, steps["noted"])
       == (3, "UNPROVED", "unproved"), steps)
    ok("without a key, too", judged(path, "--witness", witness)[:2] == (3, "UNPROVED"))
    other = c2sp.Witness("other.example/two", witness).key
    for both in (witness, other), (other, witness):
        ok("each witness has to have cosigned it", judged(
            path, "--key", key, *(word for one in both for word in ("--witness", one)))[:2]
           == (3, "UNPROVED"))
    status, result, record, steps = judged(path, "--key", "0" * 32, "--witness", witness)
    ok("of another sensor it is wrong", (status, result, steps["key"], record)
       == (1, "WRONG", "WRONG", None), steps)
    if ALONE:
        ok("nta-verify says the same", judged(path, "--key", key, "--witness", witness,
                                              program=(ALONE,))
           == judged(path, "--key", key, "--witness", witness))
    done = by_hand(path, fingerprint, witness)
    ok("by hand it holds", done.returncode == 0 and done.stdout.endswith("HOLDS\n")
       and "www.bad.example" in done.stdout and f"{NAME} cosigned it" in done.stdout, done)
    done = by_hand(path, key)
    ok("without a witness that is said", done.returncode == 0
       and done.stdout.endswith("HOLDS, but for who had the sensor's keys\n"), done)
    ok("by hand it is of no other sensor", by_hand(path, "0" * 32).returncode == 1)


def check_compared(work, path, ids, witness):
    """What is said of the codes stands on the sheet, line by line."""
    text = subprocess.run(["pdftotext", "-raw", work / "en.pdf", "-"], capture_output=True,
                          text=True, check=True).stdout
    page = "".join(text.split())
    done = run("verify", path, "--key", ids[0], "--witness", witness)
    rows = done.stdout.split("if this stands on it:\n\n")[1].splitlines()
    missed = [row for row in rows if any("".join(part.split()) not in page
                                         for part in row.split(": ", 1))]
    ok("line by line it stands on the sheet", len(rows) > 12 and not missed, (missed, text))


def check_flips(work, codes, key, witness):
    changed, missed, unread = work / "changed", [], []
    for at in sample(range(len(codes)), 11):
        changed.write_bytes(codes[:at] + bytes([codes[at] ^ 1 << at % 8]) + codes[at + 1:])
        if judged(changed, "--key", key, "--witness", witness)[1] != "WRONG":
            missed.append(at)
    ok("each byte that is changed is found", not [at for at in missed if codes[at] != 10], missed)
    for at in sample(range(len(codes)), 151):
        changed.write_bytes(codes[:at] + bytes([codes[at] ^ 1 << at % 8]) + codes[at + 1:])
        if by_hand(changed, key, witness).returncode == 0:
            unread.append(at)
    ok("by hand, too", not [at for at in unread if codes[at] != 10], unread)
    size = int.from_bytes(codes[8:10], "big") + 10
    for what, text in {"cut": codes[:-40], "one code alone": codes[:size],
                       "the other alone": codes[size:].removeprefix(b"\n"),
                       "one twice": codes[:size] + codes}.items():
        changed.write_bytes(text)
        ok(f"{what} is found", judged(changed, "--key", key)[:3] == (1, "WRONG", None))


def check_numbers(work, codes, key):
    """A path leads to one place: no number of a record says another, and none is below zero."""
    parts, changed = {}, work / "changed"
    while codes:
        size = int.from_bytes(codes[8:10], "big") + 10
        parts[codes[3]], codes = codes[10:size], codes[size:].lstrip(b"\r\n")
    sheet = b"".join(parts[at] for at in sorted(parts))
    record = item(sheet)[0][-1]
    ok("a sheet ends with its record", sheet.endswith(encoded(record)))
    for more, result in (0, 0), (1, 1), (-1, 1):
        other = sheet.removesuffix(encoded(record)) + encoded(
            [record[0] + more * (1 << len(record[2]) // 32), *record[1:]])
        changed.write_bytes(b"NTA\x11" + hashlib.sha256(other).digest()[:4] +
                            len(other).to_bytes(2, "big") + other)
        ok(f"by hand, with {more} trees more: {result}",
           by_hand(changed, key).returncode == result, by_hand(changed, key))
        ok(f"with {more} trees more: {result}", (judged(changed, "--key", key)[1] == "WRONG")
           == bool(result))


def check_mistaken(work, codes, key):
    """What people give in place of codes is no finding, and says what to do."""
    given = work / "given"
    pdf = (work / "en.pdf").read_bytes()
    for what, data in {"as text": codes.decode("latin-1").encode(), "a PDF": pdf,
                       "a picture": b"\x89PNG\r\n\x1a\n" + bytes(99),
                       "a photo": b"\xff\xd8\xff\xe0" + bytes(99),
                       "without --raw": b"QR-Code:" + codes}.items():
        given.write_bytes(data)
        for program in [(NTA, "verify"), *([(ALONE,)] if ALONE else [])]:
            done = run(*program[1:], given, "--key", key, program=program[0])
            ok(f"{what}: said what to do", done.returncode == 3
               and "zbarimg -q --raw -Sbinary" in done.stderr, done)
        ok(f"{what}: by hand, too", by_hand(given, key).returncode == 1)
    given.write_bytes(b"")
    done = run("verify", given, "--key", key)
    ok("nothing was read", done.returncode == 1 and "no code was read" in done.stdout, done)
    size = int.from_bytes(codes[8:10], "big") + 10
    given.write_bytes(codes[size:].removeprefix(b"\n") + b"\n\r\n" + codes[:size] + b"\r\n\n")
    ok("newlines do no harm", judged(given, "--key", key)[:2] == (3, "UNPROVED"))
    done = by_hand(given, key)
    ok("by hand neither", done.returncode == 0, done)
    done = run(SCRIPT, program=sys.executable)
    ok("by hand, without anything, it says how", done.returncode == 1 and "CODES" in done.stderr,
       done)
    if ALONE:
        done = run(given, "--witness", "nobody", program=ALONE)
        ok("a witness that is none is named", done.returncode == 2 and "nobody" in done.stderr,
           done)


def check_chosen(work, store, incident):
    """The record whose id is given, in any of its forms."""
    def shown(one):
        done = run("evidence", one, "--paper", "-o", work / "one.pdf", "--force", "--store", store)
        return done, re.search(r"sheet of record (\S+),", " ".join(done.stdout.split()))

    whole = incident["id"].removeprefix("I-")
    for one in (incident["id"], whole, whole.split("-", 1)[1], "i-" + whole):
        done, found = shown(one)
        ok(f"{one}: one of the incident", found and found[1] in incident["records"], done)
    for record in incident["records"]:
        if record != whole:
            for one in (record, record.split("-", 1)[1]):
                done, found = shown(one)
                ok(f"{one}: that record", found and found[1] == record, done)


def check_scans(work, path, codes, ids, witness):
    sheet = work / "codes"
    for dpi in (150, 200, 300):
        sheet.write_bytes(scanned(work, printed(path, dpi)))
        ok(f"at {dpi} dpi it is read", judged(sheet, "--key", ids[0], "--witness", witness)[:2]
           == (0, "HOLDS"))
    page = printed(path, 200)
    for degrees in sample((1.2, -2, 3.5, -.6), 4):
        for seed in range(3):  # whoever scans it and reads nothing scans it again
            sheet.write_bytes(scanned(work, askew(page, degrees, 60, seed)))
            told = judged(sheet, "--key", ids[0], "--witness", witness)[:2]
            if told == (0, "HOLDS"):
                break
        ok(f"askew by {degrees} degrees and dirty, too", told == (0, "HOLDS"), told)
    sheet.write_bytes(codes)


def check_words(work, store, incident, heads):
    """What is readable, in each language; the same each time."""
    for lang, word in WORDS.items():
        path = work / f"{lang}.pdf"
        args = ("evidence", incident["id"], "--paper", "--lang", lang, "--store", store, "--heads",
                heads)
        done = run(*args, "-o", path)
        ok(f"a sheet in {lang}", done.returncode == 0, done)
        run(*args, "-o", work / "again.pdf", "--force")
        ok("the same each time", path.read_bytes() == (work / "again.pdf").read_bytes())
        text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True,
                              check=True).stdout
        ok("says what the record says", all(one in text for one in (
            word, "www.bad.example", "10.5.0.6", "2026-10-01 00:00:02 UTC", NAME,
            " ".join(re.findall("....", incident["id"].split("-")[1])))), text)
        pages = subprocess.run(["pdfinfo", path], capture_output=True, text=True,
                               check=True).stdout
        ok("on one page of A4", re.search(r"Pages:\s+1\n", pages) and "(A4)" in pages
           and "Date" not in pages, pages)


def check_long(work):
    """The longest name that a record keeps, of a user of whom much is known."""
    store, path, codes = work / "long", work / "long.pdf", work / "codes"
    capture = wire.Wire()
    body = b"MZ" + bytes(3000)
    name = "Жук \\\") Tj ET (é„œŽ.exe"  # some without a font; a PDF could take it for its own
    capture.connection(1790812800, "10.5.0.6", "203.0.113.66", 40000, 80,
                       b"GET /" + b"a%c3%a9" * 300 + b".exe HTTP/1.1\r\nHost: bad.example\r\n\r\n",
                       b"HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename*=UTF-8''" +
                       urllib.parse.quote(name).encode() + b"\r\n" +
                       b"Content-Length: %d\r\n\r\n" % len(body) + body)
    run("read", capture.write(work / "long.pcap"), "--list", work / "list.txt", "--store", store)
    incident = json.loads(run("incidents", "--store", store, "--json",
                              "--quiet").stdout.splitlines()[0])
    done = run("evidence", incident["id"], "--paper", "-o", path, "--store", store)
    ok("a long name has room", done.returncode == 0, done)
    codes.write_bytes(scanned(work, printed(path, 300)))
    key = (store / "keys/sensor.pub").read_text().strip()
    status, result, record, _ = judged(codes, "--key", key)
    ok("and is read at 300 dpi, whole", (status, result) == (3, "UNPROVED")
       and len(record["url"]) > 1800 and record["file"]["sha256"], (status, result, record))
    print(f"      {codes.stat().st_size} bytes in its codes")
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True,
                          check=True).stdout
    ok("letters of any kind can be told", record["file"]["name"].endswith("é„œŽ.exe")
       and r"\u{416}\u{443}\u{43a}" in text and "Tj ET (é„œŽ.exe" in text, (record["file"], text))


def check_refused(work, store, incident):
    for args in (("--paper", "-o", work / "x.zip"), ("-o", work / "x.pdf"), ("--paper", "-o", "-"),
                 ("-o", "-"), ("--paper", "-o", "/dev/stdout"), ("--paper",)):
        done = run("evidence", incident["id"], *args, "--store", store)
        ok(f"no place for it: {args}", done.returncode == 2
           and (".pdf" in done.stderr or ".zip" in done.stderr), done)
    for args in (("--paper", "--seal"), ("--lang", "de"), ("--paper", "--lang", "xx")):
        ok(f"refused: {args}", run("evidence", incident["id"], *args, "-o", work / "no.pdf",
                                   "--store", store).returncode == 2)
    done = run("evidence", incident["id"], "--paper", "-o", work / "own.pdf", "--store", store)
    ok("without a witness the chain's own head will do", done.returncode == 0, done)
    text = subprocess.run(["pdftotext", "-layout", work / "own.pdf", "-"], capture_output=True,
                          text=True, check=True).stdout
    ok("and that is said", "nobody but the sensor signed" in text, text)
    copy = work / "copy"
    shutil.copytree(store, copy)
    (copy / "journal.state").unlink()
    done = run("evidence", incident["id"], "--paper", "-o", work / "no.pdf", "--store", copy)
    ok("without any head there is no sheet", done.returncode == 1 and "needs a signed head"
       in " ".join(done.stderr.split()) and not (work / "no.pdf").exists(), done)


def main():
    for tool in ("pdftoppm", "zbarimg", "openssl"):
        if not shutil.which(tool):
            print(f"SKIPPED: no {tool}")
            return 77
    os.environ.pop("LC_ALL", None)
    os.environ["LANG"] = "en_US.UTF-8"
    with tempfile.TemporaryDirectory(prefix="nta-paper-") as name:
        work = pathlib.Path(name)
        store, heads, listed = work / "store", work / "heads", work / "witnesses"
        (work / "list.txt").write_text("bad.example\n")
        grow(run, work, store, 1, "good.example")
        shown = run("keys", "show", "--store", store).stdout
        log = re.search(r"nta/[0-9a-f]{32}[+][0-9a-f]{8}[+]\S+", shown).group(0)
        ids = (store / "keys/sensor.pub").read_text().strip(), log[4:36]
        with subprocess.Popen([NTA, "witness", "serve", "--dir", work / "w", "--name", NAME,
                               "--port", "0", log], stdout=subprocess.PIPE, text=True) as program:
            witness = program.stdout.readline().split()[1]
            url = f"http://127.0.0.1:{program.stdout.readline().split()[-1]}"
            listed.write_text(f"{witness} {url}\n")
            grow(run, work, store, 2, "www.bad.example")
            done = run("witness", "post", "--list", listed, "--store", store, "-o", heads)
            program.terminate()
        ok("the head is cosigned", done.returncode == 0, done)
        grow(run, work, store, 3, "fine.example")
        incident = json.loads(run("incidents", "--store", store, "--json",
                                  "--quiet").stdout.splitlines()[0])
        check_words(work, store, incident, heads)
        codes = scanned(work, printed(work / "en.pdf", 300))
        (work / "codes").write_bytes(codes)
        check_held(work / "codes", ids, witness, incident)
        check_compared(work, work / "codes", ids, witness)
        check_scans(work, work / "en.pdf", codes, ids, witness)
        check_mistaken(work, codes, ids[0])
        check_flips(work, codes, ids[0], witness)
        check_numbers(work, codes, ids[0])
        check_chosen(work, store, incident)
        check_refused(work, store, incident)
        check_long(work)
    return ok.conclude()


sys.exit(main())
