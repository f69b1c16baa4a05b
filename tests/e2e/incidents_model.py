#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Incidents against a model of them that was written from the pages alone.

    incidents_model.py NTA MAKE_INCIDENTS

Stores of records made up at random are read twice: by `nta incidents`, and by the model below from
what `nta records --json` prints.  All numbers, files, ids and notes must be the same, whatever is
asked for.
"""
import calendar, json, os, re, subprocess, sys, tempfile, time

NTA, MAKE = sys.argv[1], sys.argv[2]
MINUTE = 60 * 10**9
KINDS = {"flow", "lookup", "request", "alert", "packets", "download"}
ACTS = ["", "asked", "contacted", "uploaded", "downloaded"]  # from light to heavy
SEENS = ["", "claimed", "answered", "delivered"]
GRADES = ["weak", "likely", "strong"]
SEVERITIES = ["", "low", "medium", "high", "critical"]
SUFFIXES = {"co.uk", "uk", "example"}


def run(*args):
    done = subprocess.run([NTA, *args, "--quiet"], capture_output=True, text=True)
    assert done.returncode == 0, (args, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def ns(text):
    whole, rest = text[:19], text[20:-1]
    seconds = calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S"))
    return seconds * 10**9 + int(rest.ljust(9, "0"))


def registrable(host):
    labels = host.split(".")
    for i in range(1, len(labels)):
        if ".".join(labels[i:]) in SUFFIXES:
            return ".".join(labels[i - 1:])
    return host


def site_of(match):
    entry, kind = match["entry"], match.get("kind", "domain")
    if kind == "domain":
        return registrable(entry)
    if kind == "url":
        return registrable(re.sub(r"^\w+://", "", entry).split("/")[0].split(":")[0])
    return entry


def id_key(record_id):
    sensor, number, index = record_id.rsplit("-", 2)
    return sensor, int(number), int(index)


class Fact:
    """What matters of one record."""

    def __init__(self, record):
        self.record, self.id, self.event = record, record["id"], record["event"]
        user, match = record["user"], record["match"]
        self.time = ns(record["time"])
        self.end = max(self.time, ns(record["end"])) if "end" in record else self.time
        network = record.get("network", {})
        self.address = (network.get("kind"), network.get("id"), *record.get("vlan", []), user["ip"])
        self.level = 2 if "login" in user else 1 if "device" in user else 0
        known = [self.address, user.get("device"), user.get("login")]
        self.user = (self.level, known[self.level])
        self.since = min(self.time, ns(user["since"])) if "since" in user else self.time
        self.site, self.about = site_of(match), record.get("about")
        lookup = self.event == "lookup"
        otherwise = "downloaded" if record.get("download") else "asked" if lookup else "contacted"
        self.act = record.get("act") or otherwise
        told = record.get("told") or record.get("app") == "http"
        counts = self.event == "request" or (self.event == "flow" and not told)
        bytes_of = lambda way: record.get(way, {}).get("bytes", 0) if counts else 0
        self.counted = (bytes_of("up"), bytes_of("down"))
        self.left = self.event == "flow" and record.get("app") == "http" and not record.get("told")
        moved = self.act in ("downloaded", "uploaded")
        self.is_file = moved and (counts or self.event == "download")
        self.fits = False


def know(facts):
    """A record that knows its user less well is his whom others of its connection, or of its
    address at that time, know by themselves: if that is one."""
    itself = [(fact.level, fact.user) for fact in facts]
    for level in (2, 1):
        for by_address in (False, True):
            known = {}
            for fact, (own, user) in zip(facts, itself):
                if own == level and (by_address or fact.about):
                    key = fact.address if by_address else fact.about
                    span = (fact.since, fact.end) if by_address else (-(10**30), 10**30)
                    known.setdefault(key, []).append((*span, user))
            for fact in facts:
                if fact.level >= level or not (by_address or fact.about):
                    continue
                key = fact.address if by_address else fact.about
                spans = known.get(key, [])
                users = {user for since, end, user in spans if since <= fact.time <= end}
                if len(users) == 1:
                    fact.user, fact.level = users.pop(), level


def cover(facts):
    """Of one incident."""
    downloads = [fact for fact in facts if fact.event == "download"]
    covered = {about for fact in downloads for about in fact.record.get("requests", [])}
    for fact in facts:
        if fact.event != "download" and fact.act != "uploaded" and fact.about in covered:
            fact.is_file = False


def count_left(facts):
    """A flow whose bytes are its requests': all of it if no request of it is here, and with a hole
    what is more than theirs."""
    for fact in facts:
        if not fact.left:
            continue
        of_it = [one for one in facts if fact.about and one.about == fact.about]
        mine = [one for one in of_it if one.event == "request"]
        if mine and not fact.record.get("gaps"):
            continue
        both = []
        for i, way in enumerate(("up", "down")):
            bytes_all = fact.record.get(way, {}).get("bytes", 0)
            both.append(max(0, bytes_all - sum(one.counted[i] for one in mine)))
        fact.counted = tuple(both)


def cut(facts):
    groups = {}
    for fact in facts:
        groups.setdefault((fact.user, fact.site), []).append(fact)
    for group in groups.values():
        group.sort(key=lambda fact: (fact.time, id_key(fact.id)))
        incident, end = [], 0
        for fact in group:
            paused = fact.time - end > 30 * MINUTE
            if incident and (paused or fact.time - incident[0].time >= 24 * 60 * MINUTE):
                yield incident
                incident = []
            end = max(end, fact.end) if incident else fact.end
            incident.append(fact)
        yield incident


def best(values, order):
    return max(values, key=order.index, default="")


def describe(incident, notes):
    cover(incident)
    count_left(incident)
    seen = [fact for fact in incident if fact.event != "packets"]
    said = [note for fact in incident for note in notes.get(fact.id, [])]
    said.sort(key=lambda note: (ns(note["time"]), id_key(note["id"])))
    last = said[-1]["log"] if said else {}
    matches = [fact.record["match"] for fact in seen]
    names = []
    for fact in seen:
        if fact.record.get("site") and fact.record["site"] not in names:
            names.append(fact.record["site"])
    return {
        "id": "I-" + min((fact.id for fact in incident), key=id_key),
        "begin": incident[0].time,
        "end": max(fact.end for fact in incident),
        "site": incident[0].site,
        "names": names,
        "act": best([fact.act for fact in seen], ACTS),
        "seen": best([fact.record.get("seen", "") for fact in seen], SEENS),
        "grade": best([fact.record["grade"] for fact in seen], GRADES) or "weak",
        "severity": best([match.get("severity", "") for match in matches], SEVERITIES),
        "files": sorted(
            (fact.id, fact.record.get("file", {}).get("name", "")) for fact in seen if fact.is_file
        ),
        "up": sum(fact.counted[0] for fact in seen),
        "down": sum(fact.counted[1] for fact in seen),
        "alerts": sum(fact.event == "alert" for fact in seen),
        "records": sorted(fact.id for fact in seen),
        "packets": sorted(fact.id for fact in incident if fact.event == "packets"),
        "lists": sorted({(match["list"], match["entry"], match["line"]) for match in matches}),
        "status": last.get("status", "new"),
        "note": last.get("note", ""),
    }


def model(records, notes, fits):
    facts = [Fact(one) for one in records if one["event"] in KINDS and "match" in one]
    for fact in facts:
        fact.fits = fits(fact)
    know(facts)
    said = {}
    for note in notes:
        said.setdefault(note["log"]["incident"][2:], []).append(note)
    wanted = [incident for incident in cut(facts) if any(fact.fits for fact in incident)]
    return {one["id"]: one for one in (describe(incident, said) for incident in wanted)}


PLAIN = ["id", "site", "act", "seen", "grade", "severity", "status", "note", "names"]
PLAIN += ["up", "down", "alerts"]


def shown(one):
    """What `nta incidents --json` says, in the model's words."""
    return {
        **{key: one.get(key, "") for key in PLAIN},
        "begin": ns(one["begin"]), "end": ns(one["end"]),
        "files": sorted((file["record"], file.get("name", "")) for file in one["files"]),
        "records": sorted(one["records"]), "packets": sorted(one["packets"]),
        "lists": sorted((entry["list"], entry["entry"], entry["line"]) for entry in one["lists"]),
    }


def weight(one):
    act, severity = ACTS.index(one.get("act", "")), SEVERITIES.index(one.get("severity", ""))
    return (-act, -severity, -(one["up"] + one["down"]))


def compare(store, question, args, records, notes, fits):
    expected = model(records, notes, fits)
    got = run("incidents", "--json", "--store", store, *args)
    assert len(got) == len({one["id"] for one in got}), (question, "ids twice")
    assert [weight(one) for one in got] == sorted(weight(one) for one in got), (question, "order")
    for one in got:
        assert one["n_files"] == len(one["files"]) and one["n_records"] == len(one["records"]), one
        assert one["id"] in expected, (question, "not in the model", one)
        mine, theirs = shown(one), expected[one["id"]]
        for key in theirs:
            assert mine[key] == theirs[key], (question, one["id"], key, mine[key], theirs[key])
    assert len(got) == len(expected), (question, sorted(set(expected) - {one["id"] for one in got}))
    return len(got)


def check(store, seed, n):
    subprocess.run([MAKE, store, str(seed), str(n)], check=True)
    records = run("records", "--json", "--store", store)
    notes = run("records", "--json", "--store", store, "--event", "note")
    middle = sorted(ns(record["time"]) for record in records)[len(records) // 2] // 10**9
    end = middle + 3600
    window = ["--since", f"@{middle}", "--until", f"@{end}"]
    questions = {
        "all": ([], lambda fact: True),
        "downloads": (["--downloads"], lambda fact: fact.record.get("download")),
        "user": (["--user", "10.9.0.1"], lambda fact: fact.record["user"]["ip"] == "10.9.0.1"),
        "list": (["--list", "video"], lambda fact: fact.record["match"]["list"] == "video"),
        "since": (window[:2], lambda fact: fact.end >= middle * 10**9),
        "until": (["--until", f"@{middle}"], lambda fact: fact.time < middle * 10**9),
        "hour": (window, lambda fact: fact.end >= middle * 10**9 and fact.time < end * 10**9),
    }
    for question, (args, fits) in questions.items():
        n_found = compare(store, question, args, records, notes, fits)
        total = n_found if question == "all" else total
    one = run("incidents", "--json", "--store", store)[total // 2]
    for name in [one["id"], *one["records"][-1:], one["id"].split("-", 2)[2]]:
        (again,) = run("incidents", name, "--json", "--store", store)
        assert again == one, (name, again, one)
    return total


def main():
    totals = []
    with tempfile.TemporaryDirectory(prefix="nta-incidents-") as work:
        for seed, n in [(seed, 30 * seed) for seed in range(1, 9)] + [(77, 2500)]:
            totals.append(check(os.path.join(work, str(seed)), seed, n))
    assert sum(totals) > 300, totals
    print(f"{len(totals)} stores, {sum(totals)} incidents as in the model")


main()
