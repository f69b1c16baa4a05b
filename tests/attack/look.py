# SPDX-License-Identifier: Apache-2.0
"""Every command that reads a store, run on one that was attacked: what it shows, says, ends with
and takes.
"""
import dataclasses
import http.client
import os
import re
import signal
import subprocess
import time

TIMEOUT_S = 20
MEMORY_KB = 400 * 1024
FORGED = ("forged.invalid",)  # stands in all that an attacker without the sensor's key makes up
READERS = ("records", "since", "user", "alerts", "incidents", "downloads", "stats", "map", "report",
           "packets", "console")


def marker(number):
    """A name that stands in the records of this batch only."""
    return f"b{number}d.example"


@dataclasses.dataclass
class Seen:
    """One command's end."""
    name: str
    status: int = -1
    out: str = ""
    err: str = ""
    trouble: str = ""  # too slow, too large, killed


def run(name, args, folder, result=None):
    """Run to the end, within bounds.  `result`: the file whose content is what it shows."""
    seen = Seen(name)
    with open(folder / f"{name}.out", "w+b") as out, open(folder / f"{name}.err", "w+b") as err:
        process = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                   env={**os.environ, "TZ": "UTC", "NO_COLOR": "1"})
        wait(seen, process)
        for stream, field in (out, "out"), (err, "err"):
            stream.seek(0)
            setattr(seen, field, stream.read().decode(errors="replace"))
    if result:
        path = folder / result
        seen.err, seen.out = seen.err + seen.out, path.read_text(
            errors="replace") if path.exists() else ""
    return seen


def wait(seen, process):
    """Wait for the end, not for ever; what it took."""
    end = time.monotonic() + TIMEOUT_S
    while True:
        pid, state, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > end:
            process.kill()
            _, state, usage = os.wait4(process.pid, 0)
            seen.trouble = f"took longer than {TIMEOUT_S} s"
            break
        time.sleep(0.003)
    seen.status = process.returncode = os.waitstatus_to_exitcode(state)
    if seen.status < 0 and not seen.trouble:
        seen.trouble = f"ended by signal {-seen.status}"
    if usage.ru_maxrss > MEMORY_KB:
        seen.trouble = f"took {usage.ru_maxrss // 1024} MB of memory"


def ask(port, path, cookie=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        return answer, answer.read().decode(errors="replace")
    finally:
        connection.close()


def data(port, path, cookie):
    """What the page shows when all is read: until its line on the chain says so, or nothing is
    new for a second.
    """
    shown, since = "", time.monotonic()
    while "to its end" not in shown and time.monotonic() < since + 1:
        time.sleep(0.03)
        now = ask(port, path, cookie)[1]
        if re.sub('"made":"[^"]*"', "", now) != re.sub('"made":"[^"]*"', "", shown):
            shown, since = now, time.monotonic()
    return shown


def console(nta, options, folder):
    """Start it, open its link, take the data that the page shows, end it."""
    seen = Seen("console")
    with open(folder / "console.err", "w+b") as err:
        process = subprocess.Popen([nta, "console", *options], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=err)
        link = None
        guard = time.monotonic() + TIMEOUT_S
        os.set_blocking(process.stdout.fileno(), False)
        said = ""
        while process.poll() is None and not link and time.monotonic() < guard:
            said += (process.stdout.read() or b"").decode(errors="replace")
            link = re.search(r"http://127\.0\.0\.1:(\d+)(/\S*)\n", said)
            time.sleep(0.01)
        if link:
            try:
                port = int(link[1])
                answer, _ = ask(port, link[2])
                cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
                seen.out = data(port, (answer.getheader("Location") or "/").rstrip("/") + "/data",
                                cookie)
            except (OSError, http.client.HTTPException) as error:
                seen.trouble = f"does not answer: {error}"
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            wait(seen, process)
        else:
            seen.status = process.returncode
        if not link and seen.status in (0, -2):
            seen.trouble = "showed no link"
        process.stdout.close()
        err.seek(0)
        seen.err = said + err.read().decode(errors="replace")
    return seen


def look(nta, store, victim, packets, verify_options=()):
    """What each command makes of the store, by name.  `packets`: an id of records with packets,
    by batch.
    """
    folder, options = store.folder.with_name(store.folder.name + ".seen"), store.options
    folder.mkdir()

    def nta_run(name, *args, result=None):
        return run(name, [nta, *args, *options], folder, result)

    tries = (
        lambda: nta_run("verify", "verify", "--json", *verify_options),
        lambda: nta_run("verify text", "verify", *verify_options),
        lambda: nta_run("records", "records", "--json"),
        lambda: nta_run("since", "records", "--json", "--since", "2000-01-01", "--until",
                        "2100-01-01"),
        lambda: nta_run("user", "records", "--json", "--user", "10.9.0.5"),
        lambda: nta_run("site", "records", "--json", "--site", marker(victim)),
        lambda: nta_run("unverified", "records", "--json", "--unverified"),
        lambda: nta_run("alerts", "alerts", "--json"),
        lambda: nta_run("incidents", "incidents", "--json"),
        lambda: nta_run("downloads", "downloads", "--json"),
        lambda: nta_run("stats", "stats", "--by", "site", "--top", "0", "--json"),
        lambda: nta_run("map", "map", "-o", str(folder / "m.kml"), result="m.kml"),
        lambda: nta_run("report", "report", "-o", str(folder / "r.html"), result="r.html"),
        lambda: nta_run("packets", "packets"),
        lambda: nta_run("packets of victim", "packets", packets[victim], "-o",
                        str(folder / "p.pcapng"), result="p.pcapng"),
        lambda: nta_run("keys", "keys", "show"),
        lambda: console(nta, options, folder))
    seen = []
    for one in tries:
        seen.append(one())
        if "took longer" in seen[-1].trouble:
            break  # the others would, too, and the row has failed
    return {one.name: one for one in seen}
