#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reading leaves a trace: each command that opens records of a store that ntad writes is noted in
its chain before it opens any, by whom and with what question, and afterwards with the number of
records.  A store that nobody writes is read without, unless --trace is said.

usage: reading.py NTA NTAD      77 without a network namespace
"""
import json
import os
import pathlib
import shutil
import signal
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


def run(*words, before=()):
    return subprocess.run([*before, NTA, *map(str, words)], capture_output=True, text=True,
                          check=False, env=dict(os.environ, TZ="UTC", COLUMNS="200"))


def ask_for(name, n):
    question = struct.pack("!HHHHHH", n, 0x0100, 1, 0, 0, 0) + wire.wire_name(name) + b"\0\1\0\1"
    subprocess.run([sys.executable, "-c", f"""
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto({question!r}, ("127.0.0.1", 53))
"""], check=True)


class Traces:
    """What audit records there are, and which are new."""

    def __init__(self, *where):
        self.where = where
        self.seen = set()

    def new(self):
        done = run("audit", "--json", *self.where)
        if done.returncode not in (0, 1):
            raise SystemExit(f"nta audit: {done.stderr}")
        all_of_them = [json.loads(line) for line in done.stdout.splitlines()]
        found = [one for one in all_of_them if one["id"] not in self.seen]
        self.seen |= {one["id"] for one in found}
        return found


def is_reading(found, question, actor="root"):
    """One record of its begin, and one of its end with the same time; how many were read."""
    if len(found) != 2 or "end" in found[0] or "end" not in found[1]:
        return False
    return (found[0]["time"] == found[1]["time"] and found[1]["end"] > found[1]["time"]
            and all(one["log"]["question"] == question and one["log"]["actor"] == actor
                    for one in found) and "records" not in found[0]["log"])


def wait_for_incident(store):
    for _ in range(200):
        found = run("incidents", "--store", store, "--json", "--quiet").stdout.splitlines()
        if found:
            return json.loads(found[0])
        time.sleep(.1)
    raise SystemExit("the daemon saw no incident")


def wait_for_head(store, number):
    """A sheet of paper needs one behind the record; ntad writes it every five seconds."""
    for _ in range(200):
        if int((store / "journal.state").read_text().splitlines()[1]) >= number:
            return
        time.sleep(.1)


def check_commands(work, conf, traces, incident):
    where = ["-c", conf]
    wait_for_head(work / "d/store", max(int(one.split("-")[1]) for one in incident["records"]))
    commands = [
        ["records"], ["records", "--user", "127.0.0.1", "--csv"], ["alerts"], ["downloads"],
        ["stats", "--by", "user"], ["incidents"], ["incidents", incident["id"]],
        ["who", "127.0.0.1"], ["report", "-o", work / "x.html"], ["map", "-o", work / "x.kml"],
        ["packets", incident["records"][0], "-o", work / "x.pcapng"],
        ["records", "--site", "it's bad"], ["report", "-o", work / "x.xlsx"],
        ["map", "-o", work / "x.kmz"], ["evidence", incident["id"], "--paper", "-o",
                                        work / "x.pdf"],
    ]
    for words in commands:
        done = run(*words, *where)
        question = " ".join(str(word) for word in [*words, *where])
        question = question.replace("it's bad", """'it'"'"'s bad'""")
        found = traces.new()
        if "-o" in words and words[0] != "packets":  # what became of it: e2e.page_verify
            made = [one for one in found if one["log"]["question"].startswith("page ")]
            ok(f"nta {words[0]} has noted what it made", len(made) == 1, [found, done])
            found = [one for one in found if one not in made]
        ok(f"nta {words[0]} leaves its begin and its end: {question}",
           is_reading(found, question), [found, done.stderr])
        ok("and says nothing of it", "trace" not in done.stderr, done.stderr)
    counted = run("records", *where, "--json").stdout.splitlines()
    found = traces.new()
    ok("with the number of records that were read", len(counted) > 0
       and found[1]["log"]["records"] == len(counted), found)
    ok("of which there may be none", run("records", "--user", "10.255.255.1", *where).returncode
       == 0 and [one["log"].get("records", 0) for one in traces.new()] == [0, 0])
    done = run("evidence", incident["id"], *where, "-o", work / "case.zip")
    found = traces.new()
    seals = [one for one in found if "manifest" in one["log"]["question"]
             or one["log"]["question"].startswith("case")]
    rest = [one for one in found if one not in seals]
    ok("a case leaves the trace of its reading beside its seal", len(seals) == 1 and is_reading(
        rest, f"evidence {incident['id']} -c {conf} -o {work}/case.zip"), [found, done.stderr])


def check_silent(conf, traces):
    for words in (["audit"], ["coverage"], ["records", "--event", "start"], ["verify"],
                  ["sensors"], ["status", "--socket", conf.parent / "control"], ["keys", "show"]):
        run(*words, *([] if words[0] == "status" else ["-c", conf]))
        found = traces.new()
        ok(f"nta {words[0]} opens nothing that is anybody's, and leaves none", not found, found)


def check_going_on(conf, traces):
    """One a question, however long it looks."""
    for words in (["records", "--follow"], ["console"]):
        with subprocess.Popen([NTA, *words, "-c", conf], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as process:
            for n in range(6):
                ask_for(f"w{n}.bad.example", 100 + n)
                time.sleep(.5)
            begun = traces.new()
            ok(f"nta {' '.join(words)}: one, while it goes on", len(begun) == 1
               and begun[0]["log"]["question"] == f"{' '.join(words)} -c {conf}", begun)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
        found = traces.new()
        ok("and one at its end", is_reading(begun + found, f"{' '.join(words)} -c {conf}"), found)


def say(where, *lines):
    """To ntad's control socket, as a program of one's own does; the last answer."""
    for line in lines:
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(str(where))
            one.sendall(line.encode() + b"\n")
            one.shutdown(socket.SHUT_WR)
            said = b""
            while part := one.recv(4096):
                said += part
    return said.decode()


def said_by_reader(where, line, n):
    """The first words of the answers to a user of ntad's group."""
    mine, its = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(0)
        os.setuid(65534)
        os.write(its, " ".join(say(where, line).split()[0] for _ in range(n)).encode())
        os._exit(0)
    os.close(its)
    with open(mine, "rb") as file:
        said = file.read().decode().split()
    os.waitpid(child, 0)
    return said


def check_made_up(work, traces):
    """What somebody says of himself: not when, and not without end."""
    control, old = work / "d/control", 1577836800 * 10**9
    asked = b"records".hex()
    began = int(say(control, f"audit - - {asked} -").split()[3])
    say(control, f"audit {old} 5 {asked} -", f"audit {began} 5 {b'page 77'.hex()} -",
        f"audit {began} 5 {asked} -",
        f"audit {began} 5 {asked} {b'a b'.hex()}",
        f"audit {began} 5 {asked} {bytes([97, 0, 98]).hex()}")
    time.sleep(1)
    found = traces.new()
    ok("no trace is dated back, and a begin has one end", [one["time"] == found[0]["time"]
       for one in found] == [True, False, False, True, False, False]
       and not any(
           one["time"].startswith("2020") for one in found), found)
    ok("for whom is noted whole", [one["log"].get("note") for one in found[4:]]
       == ["for a b", r"for a\x00b"], found)
    took = say(control, *[f"audit - 1 {asked} -"] * 700)
    ok("root may tell as much as he likes", took.startswith("taken"), took)
    for folder in (work, work / "d"):
        folder.chmod(0o755)
    control.chmod(0o666)
    said = said_by_reader(control, f"audit - 1 {asked} -", 900)
    ok("a reader is slowed down", said[:600] == ["taken"] * 600 and len(said) == 900
       and said.count("taken") < 700 and said[-1] == "later", said[-9:])
    ok("and nobody else", say(control, f"audit - 1 {asked} -").startswith("taken"))
    time.sleep(1)
    traces.new()


def check_places(work, conf, traces):
    store = work / "d/store"
    run("records", "--store", store, "-c", conf)
    ok("its folder is known as what ntad writes", len(traces.new()) == 2)
    run("read", CAPTURE, "--store", work / "own", "--list", work / "d/list")
    done = run("records", "--store", work / "own", "-c", conf)
    ok("a store of one's own is another sensor's: none, and no word of it",
       not traces.new() and "trace" not in done.stderr, done.stderr)
    done = run("records", "--store", work / "own", "-c", conf, "--trace")
    own = Traces("--store", work / "own")
    ok("but with --trace it has its own", done.returncode == 0 and is_reading(
        own.new(), f"records --store {work}/own -c {conf} --trace"), done.stderr)
    ok("and holds", run("verify", "--store", work / "own").returncode == 0)


def copy_of(store, to):
    """As an auditor has it elsewhere: no key that signs."""
    (to / "keys").mkdir(parents=True)
    subprocess.run(["sqlite3", store / "journal.db", f"VACUUM INTO '{to}/journal.db'"], check=True)
    for name in ("auditor.key", "sensor.pub"):
        shutil.copy(store / "keys" / name, to / "keys" / name)


def check_copies(work, conf, traces):
    copy_of(work / "d/store", work / "copy")
    run("records", "--store", work / "copy", "-c", conf)
    ok("a copy of what this machine's ntad writes is its sensor's: noted", len(traces.new()) == 2)
    done = run("records", "--store", work / "copy", "--json")
    ok("elsewhere it is read without", done.stdout and "trace" not in done.stderr
       and not traces.new(), done.stderr)
    done = run("records", "--store", work / "copy", "--json", "--trace")
    ok("and with --trace not at all", done.returncode == 3 and not done.stdout
       and "no trace" in done.stderr, [done.returncode, done.stdout, done.stderr])
    read_only = ("unshare", "-m", "--propagation", "private", "sh", "-c",
                 f'mount --bind "{work}/copy" "{work}/copy" && '
                 f'mount -o remount,ro,bind "{work}/copy" && exec "$@"', "sh")
    done = run("records", "--store", work / "copy", "--json", before=read_only)
    ok("nor is a disk written on that only is read", done.returncode in (0, 1) and done.stdout,
       done.stderr)
    done = run("records", "--store", work / "copy", "--json", "--trace", before=read_only)
    ok("where --trace is refused, too", done.returncode == 3 and not done.stdout
       and "no trace" in done.stderr, [done.returncode, done.stderr])


def check_without(ntad, conf, traces):
    ntad.process.send_signal(signal.SIGSTOP)
    done = run("records", "--json", "-c", conf)
    ok("an ntad that does not answer: opened, with a warning", done.stdout
       and "this reading leaves no trace" in done.stderr, done.stderr)
    done = run("records", "--json", "-c", conf, "--trace")
    ok("and not with --trace", done.returncode == 3 and not done.stdout
       and "not opened" in done.stderr, done.stderr)
    ntad.process.send_signal(signal.SIGCONT)
    time.sleep(1)
    found = traces.new()
    ok("nothing was noted", not found, found)


def check_stopped(conf, traces):
    done = run("records", "--json", "-c", conf)
    ok("no ntad runs: opened, with a warning", done.stdout
       and "this reading leaves no trace" in done.stderr, done.stderr)
    ok("and nothing is noted", not traces.new())
    done = run("records", "-c", conf, "--trace")
    ok("--trace: by who may write there", done.returncode == 0 and is_reading(
        traces.new(), f"records -c {conf} --trace"), done.stderr)
    ok("the chain holds", run("verify", "-c", conf).returncode == 0)


def check_shown(conf, incident):
    lines = run("audit", "-c", conf).stdout.splitlines()
    mine = [line for line in lines if f"incidents {incident['id']}" in line]
    ok("nta audit shows a reading in one line: who, what, how many", len(mine) == 1
       and "  root  incidents" in mine[0] and mine[0].rstrip().endswith(("records", "record")),
       lines)


def main():
    if not in_namespace():
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="nta-reading-") as name:
        work = pathlib.Path(name)
        conf = work / "d/conf"
        with Ntad(NTA, NTAD, work / "d", ["lo"]) as ntad:
            ask_for("www.bad.example", 7)
            incident = wait_for_incident(work / "d/store")
            traces = Traces("-c", conf)
            ok("around its configuration nothing tells of it", not traces.new())
            check_commands(work, conf, traces, incident)
            check_silent(conf, traces)
            check_going_on(conf, traces)
            check_made_up(work, traces)
            check_places(work, conf, traces)
            check_copies(work, conf, traces)
            check_without(ntad, conf, traces)
            check_shown(conf, incident)
        check_stopped(conf, traces)
    return ok.conclude()


if __name__ == "__main__":
    sys.exit(main())
