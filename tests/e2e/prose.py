#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What people are told has room on a terminal of 80 columns: lines are broken at blanks, and ids,
hashes and paths stay whole; into a pipe each sentence is one line.

usage: prose.py NTA NTAD
"""
import os
import pathlib
import pty
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
NTA, NTAD = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
N_FAILED = 0
COLUMNS = 80

STATUS = (
    "state      BAD: MySQL lacks batches that it had: it was put back from a copy, emptied, or is "
    "another database: of batches 4711 to 4811 the journal still holds 1 whole, and sends what it "
    "has again, since 2026-01-31T12:00:00Z\n"
    "running    since 2026-01-31T12:00:00.000000000Z, 4 workers\n"
    "flow.opened                      12345678 flows     connections that were seen to begin, or "
    "that were under way when ntad began\n")


def expect(name, holds, said=""):
    global N_FAILED
    N_FAILED += not holds
    print(("ok    " if holds else "FAIL  ") + name + ("" if holds else f": {said[-1500:]}"),
          flush=True)


def on_terminal(*args):
    """Status, and all lines that the terminal is given."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(COLUMNS=str(COLUMNS), LC_ALL="C.UTF-8", NO_COLOR="1", PAGER="cat")
        os.execv(args[0], [str(a) for a in args])
    said = b""
    while select.select([terminal], [], [], 60)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        said += piece
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return status, said.decode().replace("\r\n", "\n").split("\n")


def shown(line):
    """Without what is wiped: progress, and colours."""
    line = line.split("\033[K")[-1]
    for colour in "\033[31m", "\033[33m", "\033[0m":
        line = line.replace(colour, "")
    return line


def has_room(line):
    """Or it is one word, perhaps behind its label."""
    return len(line) <= COLUMNS or (len(line.split()) <= 2 and len(line.split()[-1]) > 40)


def check(name, needle, *args):
    """All lines have room, and in a pipe what is said is there in one line."""
    _, lines = on_terminal(*args)
    lines = [shown(line) for line in lines]
    wide = [line for line in lines if not has_room(line)]
    expect(f"{name}: no line is too wide", not wide, "\n".join(wide))
    said = " ".join(" ".join(lines).split())
    expect(f"{name}: and it says \"{needle}\"", needle in said, said)
    done = subprocess.run([str(a) for a in args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=60, env={**os.environ, "COLUMNS": str(COLUMNS)})
    expect(f"{name}: in a pipe it is one line",
           any(needle in " ".join(line.split()) for line in done.stdout.split("\n")), done.stdout)


def make_store(work):
    store = work / "a-store-in-a-folder-of-a-rather-long-name"
    (work / "list.txt").write_text("bad.example\n")
    subprocess.run([NTA, "keys", "init", "--store", store], check=True, stdout=subprocess.DEVNULL)
    for _ in range(2):
        subprocess.run([NTA, "read", ROOT / "tests/data/demo/demo.pcap", "--list",
                        work / "list.txt", "--store", store], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    return store


def answer(path, text):
    """One that answers as ntad does, twice."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve():
            for _ in range(2):
                with listening.accept()[0] as client:
                    while client.recv(4096):
                        pass
                    client.sendall(f"bad {len(text)}\n{text}".encode())

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        check("nta status", "the journal still holds 1 whole, and sends what it has again", NTA,
              "status", "--socket", path)
        thread.join(10)


def check_daemon(work, store):
    config = work / "ntad.conf"
    config.write_text(
        f'capture = {{ interfaces = [ "nosuch0", "nosuch1" ]; filter = "tcpp and 5"; }};\n'
        f'blacklist = {{ files = ( {{ path = "{work}/list.txt"; for = [ "login:ann" ]; }} ); '
        f'shared = ""; }};\n'
        f'geo = {{ databases = ( "{work}/nogeo" ); }};\nnetwork = {{ sites = ""; }};\n'
        f'store = {{ directory = "{store}"; keys = "{store}/keys"; }};\n'
        f'control = {{ socket = "{work}/control"; }};\n')
    check("ntad --check", "the signing key is lost", NTAD, "--config", config, "--check")


def main():
    with tempfile.TemporaryDirectory(prefix="nta-prose-") as name:
        work = pathlib.Path(name)
        store = make_store(work)
        check("the proof with --limit", "chain checked to its end", NTA, "records", "--store",
              store, "--limit", "1", "--no-pager")
        check("nta verify", "signatures, links", NTA, "verify", "--store", store)
        check("nta packets", "SHA-256 of the list", NTA, "packets", "--store", store)
        answer(work / "status", STATUS)
        shutil.move(store / "state/signing.key", work / "signing.key")
        check_daemon(work, store)
        check("nta keys show", "the signing key is lost", NTA, "keys", "show", "--store", store)
        subprocess.run([NTA, "read", ROOT / "tests/data/demo/demo.pcap", "--list",
                        work / "list.txt", "--store", store], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        check("nta verify, unproved", "[unproved]", NTA, "verify", "--store", store)
        check("nta records, unproved", "nta:", NTA, "records", "--store", store, "--no-pager")
        copy = work / "copy"
        shutil.copytree(store, copy)
        _, lines = on_terminal(NTA, "keys", "adopt", "--identity", store / "keys/sensor.key",
                               "--store", store)
        lines = [shown(line) for line in lines]
        expect("nta keys adopt: no line is too wide", all(map(has_room, lines)), "\n".join(lines))
        expect("and it adopts", any("adopted" in line for line in lines), "\n".join(lines))
        check("what fails", "is not the identity of this sensor",
              NTA, "keys", "adopt", "--identity", make_other(work), "--store", copy)
    print(f"{N_FAILED} failed")
    return 1 if N_FAILED else 0


def make_other(work):
    """An identity of nobody here."""
    subprocess.run([NTA, "keys", "init", "--store", work / "other"], check=True,
                   stdout=subprocess.DEVNULL)
    return work / "other/keys/sensor.key"


if __name__ == "__main__":
    sys.exit(main())
