#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A case: made of a store of two users, it proves itself to whoever has the key, is found changed
wherever it is, and tells nothing of the other user.

usage: evidence.py NTA [NTA-VERIFY]     the second is static, where sanitizers allow one
"""
import hashlib
import io
import json
import os
import pathlib
import re
import runpy
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import wire  # noqa: E402
from checks import ok  # noqa: E402

NTA, ALONE = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
VISITOR, OTHER, SERVER = "10.5.0.66", "10.5.0.99", "203.0.113.66"
BEGIN = 1790812800.0


def run(*args, **more):
    return subprocess.run([NTA, *map(str, args)], capture_output=True, text=True, check=False,
                          errors="replace", **more)


def download(user, port, host, at):
    """One file over one connection."""
    ends = (user, SERVER, port, 80), (SERVER, user, 80, port)
    body = b"MZ" + bytes(3000)
    asked = f"GET /tool-{port}.exe HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    told = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    seq, ack = 1000, 5000
    yield at, wire.frame(wire.tcp(*ends[0], seq, ack, wire.SYN))
    yield at + .01, wire.frame(wire.tcp(*ends[1], ack, seq + 1, wire.SYN | wire.ACK))
    yield at + .02, wire.frame(wire.tcp(*ends[0], seq + 1, ack + 1, wire.ACK))
    yield at + .03, wire.frame(wire.tcp(*ends[0], seq + 1, ack + 1, wire.ACK, asked))
    seq += 1 + len(asked)
    for i in range(0, len(told), 1400):
        part = told[i:i + 1400]
        yield at + .04 + i / 1e6, wire.frame(
            wire.tcp(*ends[1], ack + 1 + i, seq, wire.ACK, part))
    end = ack + 1 + len(told)
    yield at + .06, wire.frame(wire.tcp(*ends[0], seq, end, wire.FIN | wire.ACK))
    yield at + .07, wire.frame(wire.tcp(*ends[1], end, seq + 1, wire.FIN | wire.ACK))
    yield at + .08, wire.frame(wire.tcp(*ends[0], seq + 1, end + 1, wire.ACK))


def make_store(work):
    """Four runs of nta read, so that there are batches in front of the incident and behind it."""
    (work / "list.txt").write_text("# forbidden\nworse.example\nbad.example\n")
    hosts = ("good.example", "www.bad.example", "fine.example", "nice.example")
    for i, host in enumerate(hosts):
        packets = list(download(OTHER, 41000 + i, host, BEGIN + 60 * i + 1))
        if i == 1:
            packets += download(VISITOR, 40000, host, BEGIN + 60 * i)
            packets += download(VISITOR, 40001, host, BEGIN + 60 * i + 5)
        wire.write_frames(work / f"{i}.pcap", packets)
        done = run("read", work / f"{i}.pcap", "--list", work / "list.txt", "--store",
                   work / "store")
        ok(f"capture {i} is read", done.returncode == 0, done.stderr)
    done = run("incidents", "--store", work / "store", "--json", "--quiet")
    incidents = [json.loads(line) for line in done.stdout.splitlines()]
    ok("two users, two incidents", len(incidents) == 2, done.stdout)
    return next(one for one in incidents if one["user"]["ip"] == VISITOR)


def steps(path, *keys):
    done = run("verify", path, "--json", *[word for key in keys for word in ("--key", key)])
    told = json.loads(done.stdout)
    return done.returncode, told["result"], {one["step"]: one["state"] for one in told["steps"]}


def check_made(work, store, incident, key):
    path = work / "case.zip"
    done = run("evidence", incident["id"], "-o", path, "--store", store)
    ok("a case is made", done.returncode == 0 and incident["id"] in done.stdout, done)
    ok("for its owner alone", path.stat().st_mode & 0o777 == 0o600)
    status, result, told = steps(path, key)
    ok("it holds", (status, result) == (0, "HOLDS"), told)
    ok("each step of it", {state for step, state in told.items()
                           if step not in ("noted", "seal", "times")} == {"holds"}
       and told["seal"] == told["noted"] == "none", told)
    ok("whose times are those of capture files", told["times"] == "none", told)
    done = run("verify", path, "--key", key)
    ok("that somebody gave, the verdict says", "HOLDS: the sensor read this from capture files"
       in done.stdout, done)
    again = work / "again.zip"
    run("evidence", incident["id"].split("-", 2)[2], "-o", again, "--store", store)
    ok("the same bytes again", path.read_bytes() == again.read_bytes())
    ok("one that is there stays", run("evidence", incident["id"], "-o", again, "--store",
                                      store).returncode == 3)
    ok("unless it is to go", run("evidence", incident["id"], "-o", again, "--store", store,
                                 "--force").returncode == 0)
    return path


def is_static(program):
    """No segment of the program names a loader (ELF, 64 bits)."""
    data = pathlib.Path(program).read_bytes()
    at, size, n = (*struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54))
    return all(struct.unpack_from("<I", data, at + i * size)[0] != 3 for i in range(n))


def check_alone(work, path, key):
    """nta-verify: says the same as nta, with nothing around it."""
    if not ALONE:
        return
    data = path.read_bytes()
    ok("nta-verify is static", is_static(ALONE))
    size = pathlib.Path(ALONE).stat().st_size
    ok("and no larger than 6 MB", size < 6e6, size)
    folder = work / "nothing else"
    folder.mkdir()
    shutil.copy(ALONE, folder / "nta-verify")
    (folder / "case").write_bytes(data)
    (folder / "broken").write_bytes(data[:5000] + bytes([data[5000] ^ 1]) + data[5001:])
    os.chmod(folder / "case", 0o644)
    root = os.geteuid() == 0
    around = {"preexec_fn": lambda: (os.chroot(folder), os.chdir("/"))} if root else {"cwd": folder}
    for words in (("case", "--key", key), ("case", "--key", key, "--json"), ("case",),
                  ("broken", "--key", key), ("nta-verify",), ("none",), ("case", "--key", "x")):
        alone = subprocess.run(["/nta-verify" if root else "./nta-verify", *words],
                               capture_output=True, text=True, check=False, env={}, **around)
        whole = subprocess.run([NTA, "verify", *words], capture_output=True, text=True,
                               check=False, env={}, cwd=folder)
        ok(f"it says what nta says: {words[0]}, {len(words)} words",
           (alone.returncode, alone.stdout) == (whole.returncode, whole.stdout)
           and (alone.stdout or alone.stderr), (alone, whole))
    for words, status in ((("--help",), 0), (("--version",), 0), ((), 2), (("case", "x"), 2)):
        done = subprocess.run([ALONE, *words], capture_output=True, text=True, check=False)
        ok(f"{words} ends with {status}", done.returncode == status, done)


def check_text(path, key):
    """What somebody reads on a terminal of 80 columns."""
    done = run("verify", path, "--key", key, env={**os.environ, "COLUMNS": "80"})
    ok("each line says whether it holds", all(": " in line or line.startswith(" ")
                                              for line in done.stdout.splitlines()), done.stdout)
    ok("and the last one all", done.stdout.splitlines()[-1].startswith("HOLDS: "), done.stdout)


def check_keys(work, path, key, store):
    sensor = hashlib.sha256(bytes.fromhex(key.split("-")[-1])).hexdigest()[:32]
    spaced = " ".join(sensor[i:i + 4] for i in range(0, 32, 4)).upper()
    ok("the fingerprint will do", steps(path, sensor)[0] == 0)
    ok("as people write it", steps(path, spaced)[0] == 0, spaced)
    run("keys", "init", "--store", work / "other")
    other = (work / "other/keys/sensor.pub").read_text().strip()
    status, result, told = steps(path, other)
    ok("another key proves nothing", (status, result, told["key"], told["records"])
       == (1, "WRONG", "WRONG", "WRONG"), told)
    ok("nor another fingerprint", steps(path, sensor[::-1])[:2] == (1, "WRONG"))
    ok("nor no key", steps(path)[:2] == (3, "UNPROVED"))
    for wrong in (("--key", "nta-sensor-12"), ("--key", key, "--quick"),
                  ("--key", key, "--store", store), ("x",)):
        ok(f"wrong usage: {wrong}", run("verify", path, *wrong).returncode == 2)
    ok("a file that is not there", run("verify", work / "none.zip", "--key", key).returncode == 3)
    (work / "noise.zip").write_bytes(b"PK\3\4" + os.urandom(5000))
    ok("one that is no case", steps(work / "noise.zip", key)[:2] == (1, "WRONG"))


def check_content(path, store, incident):
    data = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as case:
        ok("any program opens it", case.testzip() is None)
        files = {name: case.read(name) for name in case.namelist()}
    manifest = json.loads(files["manifest.json"])
    ok("the manifest names every other file", {one["name"]: one["sha256"]
       for one in manifest["files"]} == {name: hashlib.sha256(text).hexdigest()
                                         for name, text in files.items()
                                         if name != "manifest.json"}, manifest)
    told = json.loads(files["records.json"])
    ok("the incident is the same", {**told["incident"], "proof": 0} == {**incident, "proof": 0},
       told["incident"])
    ids = {one["id"] for one in told["records"]}
    ok("with all of its records", set(incident["records"]) | set(incident["packets"]) <= ids)
    kept = {}
    for events in ("flow,lookup,request,alert,packets,download,lease,loss",
                   "policy,start,stop,gap"):
        for line in run("records", "--store", store, "--json", "--quiet", "--event",
                        events).stdout.splitlines():
            kept[json.loads(line)["id"]] = json.loads(line)
    ok("each as it is kept", all(kept.get(one["id"]) == one for one in told["records"]))
    for event in ("policy", "start", "stop"):
        ok(f"and the {event} of what watched then, no other",
           sum(one["event"] == event for one in told["records"]) == 1)
    ok("nobody else's", OTHER.encode() not in data
       and bytes(map(int, OTHER.split("."))) not in data)
    ok("the line that forbids it", b"list, 3: <code>bad.example</code>" in files["index.html"])
    for name, word in (("index.html", "something was downloaded"), ("index.de.html", "Wer"),
                       ("index.fr.html", "téléchargé"), ("index.nl.html", "gedownload")):
        ok(f"{name} says what was done", word in files[name].decode())
    ok("its packets are a capture file", b"record " + incident["packets"][0].encode()
       in files["packets.pcapng"])
    return files


def check_readme(work, path, files):
    """Its commands, as they stand there."""
    readme = files["README.txt"].decode()
    ok("the README fits on a terminal", max(map(len, readme.splitlines())) <= 80, readme)
    commands = re.findall(r"^  ((?:nta verify|python3 check.py) CASE.zip(?: \\\n  .*)+)$", readme,
                          re.M)
    ok("it has two commands", len(commands) == 2, readme)
    for command in commands:
        command = command.replace("CASE.zip", str(path)).replace("nta verify", f"{NTA} verify")
        done = subprocess.run(["sh", "-ec", command], capture_output=True, text=True, check=False,
                              cwd=work)
        ok(f"as the README says: {command[:20]}", done.returncode == 0 and "HOLDS" in done.stdout,
           done)


def check_made_up(work, script, key, files):
    """What only looks like a case: the program that anybody can run by hand says so, too."""
    kit = runpy.run_path(str(pathlib.Path(__file__).parents[1] / "kit/make.py"))
    good = kit["decoded"](files["case.cbor"])[0]
    archive = kit["Archive"]((work / "case.zip").read_bytes())
    nobodys, moved = kit["copy"](good), kit["copy"](good)
    nobodys[2], nobodys[3] = [], []
    head = next(one for one in moved[2][0][1] if one[3])
    index, _, path, _ = head[3][-1]
    head[3][-1][0] = index + (1 << len(path) // 32)
    extra = archive.with_manifest(archive.files)
    for what, data in (("without records", archive.of_case(kit["encoded"](nobodys))),
                       ("whose record has a number beyond its batch",
                        archive.of_case(kit["encoded"](moved))),
                       ("with a file that the manifest does not name",
                        archive.written({**extra, "more.html": b"<p>More.</p>"})),
                       ("with a file twice",
                        archive.written(extra, sorted([*extra, "index.html"]))),
                       ("that is not of its hash",
                        archive.written({**archive.files, "index.html": b"<p>Other.</p>"}))):
        (work / "made-up.zip").write_bytes(data)
        done = subprocess.run([sys.executable, script, work / "made-up.zip", key],
                              capture_output=True, text=True, check=False)
        ok(f"by hand a case {what} is WRONG", done.returncode == 1 and "HOLDS" not in done.stdout
           and done.stdout.endswith("WRONG\n"), done)
        ok(f"by nta a case {what}", steps(work / "made-up.zip", key)[:2] == (1, "WRONG"))


def check_by_hand(work, path, key, files):
    """With the program in the case, and none of ours."""
    script = work / "check.py"
    script.write_bytes(files["check.py"])
    done = subprocess.run([sys.executable, script, path, key], capture_output=True, text=True,
                          check=False)
    ok("by hand it holds, too", done.returncode == 0 and "WRONG" not in done.stdout
       and done.stdout.endswith("HOLDS: keys, batches, records and lines of case.cbor\n"), done)
    ok("and says what it does not look at", "not looked at" in done.stdout, done)
    sensor = hashlib.sha256(bytes.fromhex(key.split("-")[-1])).hexdigest()[:32]
    for given, status in (sensor, 0), (sensor[::-1], 1):
        ok(f"with the fingerprint {given}", subprocess.run(
            [sys.executable, script, path, given], capture_output=True,
            check=False).returncode == status)
    ok("and names the list and the line", "holds line 3 of list list forbade it" in done.stdout,
       done)
    page = (pathlib.Path(__file__).parents[2] / "docs/evidence.md").read_text()
    block = "".join(re.findall("```sh\n(.*?)```", page, re.S)).replace("nta-sensor-KEY", key)
    ok("each line of it fits on a terminal", max(map(len, block.splitlines())) <= 80)
    done = subprocess.run(["sh", "-ec", block], capture_output=True, text=True, check=False,
                          cwd=work)
    ok("as the page says", done.returncode == 0, done)
    ok("the signature of batch 1 by openssl alone", done.stdout.endswith(
        "Signature Verified Successfully\n"), done)
    check_readme(work, path, files)
    check_made_up(work, script, key, files)
    broken = work / "broken.zip"
    cbor = bytearray(files["case.cbor"])
    cbor[cbor.index(b"tool-40000.exe")] ^= 1
    with zipfile.ZipFile(broken, "w") as case:
        for name, text in {**files, "case.cbor": bytes(cbor)}.items():
            case.writestr(name, text)
    done = subprocess.run([sys.executable, script, broken, key], capture_output=True, text=True,
                          check=False)
    ok("by hand a changed record is found", done.returncode == 1
       and "WRONG record" in done.stdout, done)
    ok("and by nta", steps(broken, key)[:2] == (1, "WRONG"))


def check_sealed(work, store, incident, key):
    """The sensor notes it; without a daemon whoever may write to the store does."""
    path = work / "sealed.zip"
    done = run("evidence", incident["id"], "-o", path, "--store", store, "--seal")
    ok("a case is sealed", done.returncode == 0, done)
    status, result, told = steps(path, key)
    ok("and holds", (status, result) == (0, "HOLDS")
       and told.pop("times") == told.pop("noted") == "none"
       and set(told.values()) == {"holds"}, told)
    audit = run("records", "--store", store, "--event", "audit", "--json", "--quiet").stdout
    ok("the sensor's own record of it has the manifest's hash",
       hashlib.sha256(zipfile.ZipFile(path).read("manifest.json")).hexdigest() in audit, audit)
    done = run("audit", "--store", store, "--quiet")
    ok("nta audit says who made it, and when", done.returncode == 0 and len(
        done.stdout.splitlines()) == 1 and f"case {incident['id']}, manifest" in done.stdout, done)
    told = [json.loads(line) for line in run("audit", "--store", store, "--quiet",
                                             "--json").stdout.splitlines()]
    ok("as JSON, too", [json.loads(line)["id"] for line in audit.splitlines()]
       == [one["id"] for one in told], told)
    ok("and of another day nothing", "Nothing found" in run(
        "audit", "--store", store, "--quiet", "--until", "2026-01-01").stderr)
    data = path.read_bytes()
    start = data.index(b"seal.cbor") + 9
    for at in range(start, start + 1200, 97):
        (work / "changed.zip").write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
        ok(f"byte {at} of the seal is found", steps(work / "changed.zip", key)[:2]
           == (1, "WRONG"))


def check_changed(work, path, key):
    data = path.read_bytes()
    changed = work / "changed.zip"
    for at in range(0, len(data), len(data) // 40):
        changed.write_bytes(data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1:])
        ok(f"byte {at} is found", steps(changed, key)[:2] == (1, "WRONG"))
    for name, text in {"cut": data[:-1], "longer": data + b"\0", "empty": b"",
                       "twice": data + data}.items():
        changed.write_bytes(text)
        ok(f"{name} is found", steps(changed, key)[:2] == (1, "WRONG"))


def check_store(work, store, incident, key):
    """What cannot be proved is not handed out."""
    number = int(incident["id"].split("-")[2])
    path = work / "less.zip"
    with sqlite3.connect(store / "journal.db") as journal:
        numbers = [row[0] for row in journal.execute("SELECT number FROM head ORDER BY number")]
        gone = next(one for one in numbers if one > number and one not in (numbers[-1],)
                    and not journal.execute("SELECT marks FROM head WHERE number = ?",
                                            (one,)).fetchone()[0])
        journal.execute("DELETE FROM head WHERE number = ?", (gone,))
    done = run("evidence", incident["id"], "-o", path, "--store", store)
    ok("behind a hole there is no path", done.returncode == 1 and "no path" in done.stderr, done)
    status, result, told = steps(path, key)
    ok("which is said of the case", (status, result, told["log"], told["records"])
       == (3, "UNPROVED", "unproved", "holds"), told)
    with sqlite3.connect(store / "journal.db") as journal:
        body = journal.execute("SELECT body FROM content_1 WHERE number = ?",
                               (number,)).fetchone()[0]
        journal.execute("UPDATE content_1 SET body = ? WHERE number = ?",
                        (body[:-1] + bytes([body[-1] ^ 1]), number))
    done = run("evidence", incident["id"], "-o", work / "none.zip", "--store", store)
    ok("of a batch that was changed there is no case",
       done.returncode == 1 and not (work / "none.zip").exists(), done)


def main():
    with tempfile.TemporaryDirectory(prefix="nta-evidence-") as name:
        work = pathlib.Path(name)
        store = work / "store"
        incident = make_store(work)
        key = (store / "keys/sensor.pub").read_text().strip()
        path = check_made(work, store, incident, key)
        check_text(path, key)
        check_alone(work, path, key)
        check_keys(work, path, key, store)
        files = check_content(path, store, incident)
        check_by_hand(work, path, key, files)
        check_changed(work, path, key)
        check_sealed(work, store, incident, key)
        for wrong in (("evidence",), ("evidence", incident["id"]),
                      ("evidence", "no-id", "-o", work / "x.zip", "--store", store)):
            ok(f"wrong: {wrong}", run(*wrong).returncode in (1, 2))
        ok("no such incident", run("evidence", "999-0", "-o", work / "x.zip", "--store",
                                   store).returncode == 1)
        check_store(work, store, incident, key)
    return ok.conclude()


sys.exit(main())
