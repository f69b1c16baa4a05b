#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One question, one answer: records, stats, incidents, report, map and console over one store say
the same numbers.

usage: same_numbers.py NTA

The store is made of several golden captures.  What is right is counted here, from what
`nta records --json` prints, by the rule of the pages: a user is a login, else a device, else an
address in its network.
"""
import http.client
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
from checks import ok  # noqa: E402

NTA = sys.argv[1]
GOLDEN = pathlib.Path(__file__).parent.parent / "golden"
CAPTURES = "http ftp smb tftp tls ssh ntlm_http radius_anew radius dhcp vlan socks".split()
LIBS = pathlib.Path("/usr/share/javascript/leaflet")


def run(*args):
    return subprocess.run([NTA, *map(str, args)], capture_output=True, text=True, check=False,
                          timeout=120)


def lines(*args):
    return [json.loads(line) for line in run(*args).stdout.splitlines() if line.startswith("{")]


def user_of(record):
    user, network = record["user"], record.get("network", {})
    if "login" in user:
        return "login", user["login"]
    if "device" in user:
        return "device", user["device"]
    return ("address", user["ip"], network.get("kind"), network.get("id"),
            *record.get("vlan", []))


def moved(records):
    return sum(r.get(way, {}).get("bytes", 0) for r in records for way in ("up", "down"))


def data_of_page(text):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text,
                                re.S)[1])


def data_of_console(store):
    with subprocess.Popen([NTA, "console", "--store", store], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        link = next(line.strip() for line in process.stdout if line.startswith("http://"))
        host, path = link[len("http://"):].split("/", 1)
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", "/" + path)
        answer = connection.getresponse()
        answer.read()
        cookie = answer.getheader("Set-Cookie").split(";")[0]
        connection.request("GET", "/" + path.split("?")[0] + "data", headers={"Cookie": cookie})
        data = json.loads(connection.getresponse().read())
        process.terminate()
        return data


def check_sums(store, records):
    """Of the traffic: who, and how much."""
    flows = [r for r in records if r["event"] == "flow" and not r.get("carrier")]
    counted = [r for r in records if r["event"] in ("flow", "request", "lookup")
               and not r.get("carrier")]
    moving = flows + [r for r in records if r["event"] == "lookup"]  # over UDP: no connections
    ok("lookups have bytes", moved(moving) > moved(flows), moved(flows))
    rows = lines("stats", "--store", store, "--by", "user", "--json", "--top", "0")
    users = {user_of(r) for r in counted}
    ok("stats: as many users as records have", len(rows) == len(users) > 8,
       (len(rows), sorted(map(str, users))))
    ok("and each row is one", all(row["users"] == 1 for row in rows), rows[:3])
    ok("stats: the bytes of all connections and lookups",
       sum(row["bytes"] for row in rows) == moved(moving),
       (sum(row["bytes"] for row in rows), moved(moving)))
    by_user = {}
    for record in moving:
        by_user[user_of(record)] = by_user.get(user_of(record), 0) + moved([record])
    ok("of each user, too", sorted(row["bytes"] for row in rows if row["bytes"])
       == sorted(n for n in by_user.values() if n), by_user)
    for by in ("site", "country", "hour", "app"):
        some = lines("stats", "--store", store, "--by", by, "--json", "--top", "0")
        ok(f"stats by {by}: as many things as records tell of",
           sum(row["count"] for row in some) == len(
               [r for r in counted if r["event"] != "flow" or r.get("app") != "http"]),
           sum(row["count"] for row in some))
    return sorted(row["bytes"] for row in rows if row["bytes"])


def check_page(name, data, incidents, records, by_user):
    """What a page or the console has in it."""
    told = [r for r in records if r["event"] in ("flow", "request", "lookup", "alert")
            and not r.get("carrier")]
    rows = data["users"]["rows"]
    ok(f"{name}: as many users as records have",
       data["users"]["all"] == len({user_of(r) for r in told}), data["users"]["all"])
    ok(f"{name}: the bytes of each as stats has them",
       sorted(n for n in (row.get("up", 0) + row.get("down", 0) for row in rows) if n)
       == by_user, rows[:2])
    ok(f"{name}: the incidents are those of the terminal, as they stand there",
       [one["id"] for one in data["incidents"]["rows"]] == [one["id"] for one in incidents],
       data["incidents"]["all"])
    ok(f"{name}: with their bytes and files",
       [(one["up"], one["down"], len(one["files"])) for one in data["incidents"]["rows"]]
       == [(one["up"], one["down"], len(one["files"])) for one in incidents])
    ok(f"{name}: and the same sums",
       (data["incidents"]["all"], data["downloads"], data["files"])
       == (len(incidents),
           sum(one["act"] == "downloaded" and one["grade"] != "weak" for one in incidents),
           sum(one["n_files"] for one in incidents)))


def check_map(work, store, incidents):
    run("map", "--store", store, "-o", work / "x.geojson")
    data = json.loads((work / "x.geojson").read_text())
    told = {one["properties"]["id"] for one in data["features"] if "id" in one["properties"]}
    ok("map: the same incidents and files",
       (data["incidents"], data["files"], told)
       == (len(incidents), sum(one["n_files"] for one in incidents),
           {one["id"] for one in incidents}), (data["incidents"], data["files"], len(told)))


def main():
    with tempfile.TemporaryDirectory(prefix="nta-same-") as folder:
        work = pathlib.Path(folder)
        store = work / "store"
        captures = [GOLDEN / f"{name}.pcap" for name in CAPTURES
                    if (GOLDEN / f"{name}.pcap").exists()]
        done = run("read", *captures, "--list", GOLDEN / "lists.txt", "--store", store)
        ok("the captures are read", done.returncode == 0, done.stderr)
        records = lines("records", "--store", store, "--json")
        incidents = lines("incidents", "--store", store, "--json")
        ok("there are incidents with files", sum(one["n_files"] for one in incidents) > 1)
        by_user = check_sums(store, records)
        check_map(work, store, incidents)
        check_page("console", data_of_console(store), incidents, records, by_user)
        if LIBS.exists():
            said = run("report", "--store", store, "-o", work / "x.html").stdout
            page = data_of_page((work / "x.html").read_text())
            ok("report: the terminal is told as many records as the page has",
               f": {page['all']['n']} records, " in said, (said, page["all"]))
            check_page("report", page, incidents, records, by_user)
        else:
            print(f"skipped: the page needs {LIBS}")
    return ok.conclude()


sys.exit(main())
