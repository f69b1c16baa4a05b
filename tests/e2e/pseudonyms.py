#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Users without names: what the records of all golden captures call them is looked for in all that
is shown, logged and stored with record.who and alert.who.  `nta who` opens a pseudonym only where a
trace of that can be left: in a store of one's own, and by the ntad that runs.

usage: pseudonyms.py NTA NTAD [CAPTURE...]
"""
import ipaddress
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))
import wire  # noqa: E402
from checks import ok  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402

NTA, NTAD = sys.argv[1:3]
CAPTURES = sys.argv[3:] or sorted(HERE.parent.glob("golden/*.pcap"))
PSEUDONYM = re.compile(r"p-[0-9a-f]{16}")
HOME = [ipaddress.ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                              "fc00::/7", "fe80::/10")]


def run(*words, status=None):
    done = subprocess.run([NTA, *map(str, words)], capture_output=True, text=True, check=False,
                          env=dict(os.environ, TZ="UTC", COLUMNS="80"))
    if status is not None and done.returncode != status:
        raise SystemExit(f"{words}: status {done.returncode}: {done.stderr}")
    return done


def records_of(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def config(work, name, text):
    (work / name).write_text(text)
    return work / name


def at_home(address):
    return any(address in net for net in HOME if net.version == address.version)


def called(records):
    """All that the records call the users of home networks."""
    found = set()
    for record in records:
        user = record.get("user", {})
        found |= {user[key] for key in ("name", "login", "person", "mac", "device") if key in user}
        if "ip" in user and at_home(ipaddress.ip_address(user["ip"])):
            found.add(user["ip"])
    return found


def named_in(text, words):
    """Which of them stand there as a word of their own."""
    return [word for word in words
            if re.search(rf"(?<![0-9A-Za-z.:]){re.escape(word)}(?![0-9A-Za-z:]|\.[0-9])", text)]


def check_shown(work, words):
    for who in ("pseudonym", "none"):
        conf = config(work, "record.conf", f'record = {{ who = "{who}"; }};')
        shown = run("read", *CAPTURES, "-c", conf, "--json").stdout
        ok(f"record.who = {who}: no record names anybody", not named_in(shown, words),
           named_in(shown, words))
        ok("and there are records", len(records_of(shown)) > 300, len(shown))
        ok("but for those of packets and of what pseudonyms are",
           not {"packets", "pseudonym"} & {one["event"] for one in records_of(shown)})
        ok("the link between records is another number", not any(
            str(number) in shown for number in ABOUT))
        alerts = run("read", *CAPTURES, "-c", conf).stdout
        ok("nor does an alert or the summary", alerts.startswith("ALERT")
           and not named_in(alerts, words), named_in(alerts, words))
    conf = config(work, "alert.conf", 'alert = { who = "pseudonym"; };')
    lines = run("read", *CAPTURES, "-c", conf).stdout.splitlines()
    alerts = "\n".join(line for line in lines if line.startswith("ALERT"))
    ok("alert.who: no alert names anybody, though records do", alerts
       and not named_in(alerts, words), named_in(alerts, words))


def check_store(work, words):
    conf, store = config(work, "store.conf", 'record = { who = "pseudonym"; };'), work / "s"
    run("read", *CAPTURES, "-c", conf, "--store", store)
    views = {
        "records": run("records", "--store", store, "--json").stdout,
        "incidents": run("incidents", "--store", store, "--json").stdout,
        "stats": run("stats", "--store", store, "--by", "user").stdout,
    }
    for form in ("html", "kml", "geojson"):
        command = "report" if form == "html" else "map"
        run(command, "--store", store, "-o", work / f"x.{form}")
        views[form] = (work / f"x.{form}").read_text() if (work / f"x.{form}").exists() else ""
    for name, text in views.items():
        ok(f"{name}: nobody is named", text and not named_in(text, words), named_in(text, words))
    ok("the store holds", run("verify", "--store", store).returncode == 0)
    leases = [one for one in records_of(views["records"]) if one.get("app") == "radius"
              and one["event"] == "lease"]
    name = leases[0]["user"]["device"]
    ok("a login is a pseudonym", PSEUDONYM.fullmatch(name), leases[0])
    ok("which finds its records", len(records_of(run(
        "records", "--store", store, "--user", name, "--json").stdout)) > 1)
    ok("nobody is asked for by the events of pseudonyms",
       run("records", "--store", store, "--event", "pseudonym").returncode == 2)
    return store, name, leases[0]["user"]["ip"]


def traces(store):
    """The ends of readings, which say how many records there were."""
    return [one for one in records_of(run("records", "--store", store, "--event", "audit",
                                          "--json").stdout) if "end" in one]


def check_opened(store, name, address):
    for asked in (name, address):
        said = [json.loads(line) for line in
                run("who", asked, "--store", store, "--json", status=0).stdout.splitlines()]
        ok(f"nta who {asked}: who it is", {one["login"] for one in said} == {"ann"}
           and "10.9.0.7" in {one["ip"] for one in said}, said)
        ok("under its name, that UTC day", all(one["pseudonym"] == name and one["until"].endswith(
            "T00:00:00.000000000Z") for one in said), said)
    back = [json.loads(line) for line in run(
        "who", "ann", "--pseudonyms", "--store", store, "--json", status=0).stdout.splitlines()]
    ok("and the other way round", name in {one["pseudonym"] for one in back}, back)
    at = run("who", name, "--store", store, "--json", "--at", "2026-02-02T12:00:00Z", status=0)
    ok("--at: told before, it is so all day", at.stdout.count("\n") > 0, at.stdout)
    other = run("who", name, "--store", store, "--at", "2026-02-03T12:00:00Z")
    ok("and not on the next", other.returncode == 1 and "ann" not in other.stdout, other.stdout)
    trace = traces(store)
    ok("each time leaves a trace: who asked, what for, how much he was shown",
       [one["log"]["question"].split(" --store ")[0] for one in trace] == [
           f"who {name}", f"who {address}", "who ann --pseudonyms", f"who {name}",
           f"who {name}"]
       and all(one["log"]["actor"] == "root" and one["log"]["records"] > 0 for one in trace[:4]),
       trace)
    ok("nobody by that name: nothing found, but asked", run(
        "who", "p-0000000000000000", "--store", store).returncode == 1 and len(traces(store)) == 6)


def check_refused(work, store, name):
    shutil.copytree(store, work / "copy")
    shutil.rmtree(work / "copy/state")
    done = run("who", name, "--store", work / "copy")
    ok("where no trace can be left it is not opened",
       done.returncode == 3 and "trace" in done.stderr and "ann" not in done.stdout, done.stderr)
    (work / "copy/keys/auditor.key").unlink()
    done = run("who", name, "--store", work / "copy")
    ok("nor by who is no auditor", done.returncode == 3 and "ann" not in done.stdout, done.stderr)


def check_daemon(work):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    more = f'record = {{ who = "pseudonym"; }}; alert = {{ json = "{work}/alerts"; }};'
    with Ntad(NTA, NTAD, work / "d", ["lo"], more=more) as ntad:
        conf = work / "d/conf"
        question = wire.wire_name("www.bad.example") + b"\0\1\0\1"
        subprocess.run([sys.executable, "-c", f"""
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto({struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question!r}, ("127.0.0.1", 53))
"""], check=True)
        for _ in range(100):
            found = [one for one in ntad.records("--event", "alert")]
            if found and (work / "alerts").exists() and (work / "alerts").read_text():
                break
            time.sleep(.1)
        ok("the daemon's alert has a pseudonym, stored and told", found and PSEUDONYM.fullmatch(
            found[0]["user"]["device"]) and "127.0.0.1" not in (work / "alerts").read_text(),
           (work / "alerts").read_text())
        name = found[0]["user"]["device"]
        ok("status and log name nobody", "127.0.0.1" not in json.dumps(ntad.status())
           and "127.0.0.1" not in ntad.log(), ntad.log())
        direct = run("who", name, "--store", work / "d/store")
        ok("who goes around the daemon is told that it writes",
           direct.returncode == 3 and "another program writes" in direct.stderr, direct.stderr)
        done = run("who", name, "-c", conf)
        ok("by the daemon it is opened", done.returncode == 0 and "127.0.0.1" in done.stdout,
           done.stdout + done.stderr)
        trace = ntad.records("--event", "audit")
        ok("which leaves a trace, before and after", [
            (one["log"]["actor"], one["log"]["question"], "end" in one) for one in trace] == [
                ("root", f"who {name} -c {conf}", is_over) for is_over in (False, True)], trace)


def main():
    has_namespace = in_namespace()
    with tempfile.TemporaryDirectory(prefix="nta-pseudonyms-") as folder:
        work = pathlib.Path(folder)
        full = records_of(run("read", *CAPTURES, "--json").stdout)
        words = called(full)
        ok("the captures name many", len(words) > 30, words)
        ABOUT.update(one["about"] for one in full if "about" in one)
        check_shown(work, words)
        store, name, address = check_store(work, words)
        check_opened(store, name, address)
        check_refused(work, store, name)
        if has_namespace:
            check_daemon(work)
    return ok.conclude()


ABOUT = set()

if __name__ == "__main__":
    sys.exit(main())
