#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many host names `nta read --json` sees in captures of others, by the truth of other programs.

usage: names.py NTA [--show]      NTA_SHARED names the folder with corpora/ and
tools/score_names.py; 77 without.

Three figures for each kind.  Strict: as tools/score_names.py counts.  Agreed: the same, where at
least two programs speak of the capture, so that agreeing means something.  Fair: what other
programs file or spell otherwise counts as found: Zeek lists hellos inside QUIC under tls, Zeek and
Arkime list multicast DNS, LLMNR and NetBIOS under dns, tshark shows bytes that are no text as a
replacement sign, Arkime shows U-labels; names of names.known cannot be found, each for its reason.
Names that nta alone reports must be explained in tests/golden/EXTRA.

Fails if the fair recall of names that all truths agree on, of names that any truth has, or of one
truth alone, is below its floor, if a strict recall fell below what was reached, and for a name that
nobody explains.
"""
import collections
import concurrent.futures
import fnmatch
import importlib.util
import json
import os
import pathlib
import sys

import rows

HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = ("zeek", "ndpi", "suricata", "arkime")
FAIR_MUST, FAIR_MAY = 0.995, 0.97
# tls: an ECH outer name is left out on purpose
AGREED = {"tls": 0.994, "quic": 1, "http": 1, "dns": 1}
# http: an address has one spelling, and others show it as it was written
STRICT_MUST = {"tls": 0.995, "quic": 0.995, "http": 0.989, "dns": 0.979}
ALSO = {"tls": ("tls", "quic", "dtls"), "dns": ("dns", "mdns", "llmnr", "netbios"),
        "quic": ("quic",), "http": ("http",)}


def load_scorer(shared):
    spec = importlib.util.spec_from_file_location("score_names",
                                                  shared / "tools" / "score_names.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_reasons(path, key):
    """[pattern parts] of each line that is not a comment; every line must give a reason."""
    parts = []
    for line in open(path, encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            what, _, reason = line.rstrip("\n").rpartition("\t") if key == "\t" else line.partition(
                ": ")
            if not what or not reason.strip():
                raise SystemExit(f"{path}: no reason in: {line}")
            parts.append(what.split(None, 3))
    return parts


def is_listed(reasons, folder, capture, kind, name):
    """Do the parts of a line (folder, capture, kind, name; * for many) fit?"""
    return any(f == folder and fnmatch.fnmatchcase(capture, c) and k == kind and
               (fnmatch.fnmatchcase(name, n) or n == name) for f, c, k, n in reasons)


class Count:
    def __init__(self):
        self.total = collections.Counter()
        self.lines = []

    def add(self, what, found, line):
        self.total[what] += 1
        self.total[what + " found"] += found
        if not found:
            self.lines.append(line)

    def share(self, what):
        return self.total[what + " found"] / self.total[what] if self.total[what] else 1


def names_by_app(scorer, nta, path):
    """Strictly as the scorer sees them, and all names by app; and why it failed."""
    strict, why = scorer.names_seen(nta, path, 60)
    by_app = collections.defaultdict(set)
    if why is None:
        for record in rows.Capture(nta, path).all:
            if record.get("site") and record.get("basis") != "address":
                by_app[record.get("app")].add(record["site"])
    return strict, by_app, why


def is_found(by_app, kind, name):
    return any(rows.is_same_name(ours, name) for app in ALSO[kind] for ours in by_app[app])


def judge(count, reasons, folder, capture, speak, seen):
    known, extra = reasons
    strict, by_app, _ = seen
    for kind in ALSO:
        sets = [truth[kind] for truth in speak]
        must, may, got = set.intersection(*sets), set.union(*sets), strict[kind]
        for name in may:
            found = name in got or is_found(by_app, kind, name)
            line = f"{folder} {capture} {kind} {name}"
            if name in must:
                count[kind].add("strict must", name in got, line)
                if len(speak) > 1:
                    count[kind].add("agreed", name in got, line)
            count[kind].add("strict may", name in got, line)
            if found or not is_listed(known, folder, capture, kind, name):
                if name in must:
                    count[kind].add("fair must", found, line)
                count[kind].add("fair may", found, line)
        for name in got - may:
            if not any(rows.is_same_name(name, other) for other in may) and \
                    not is_listed(extra, folder, capture, kind, name):
                count["extra"].add("explained", False, f"{folder} {capture} {kind} {name}")


def judge_alone(count, known, folder, capture, truth, seen):
    """One truth by itself: each of its names, fairly."""
    strict, by_app, _ = seen
    for kind in ALSO:
        for name in truth[kind]:
            if name in strict[kind] or is_found(by_app, kind, name):
                count[kind].add("alone", True, "")
            elif not is_listed(known, folder, capture, kind, name):
                count[kind].add("alone", False, f"{folder} {capture} {kind} {name}")


def report(count, show):
    low = bool(count["extra"].lines)
    for line in count["extra"].lines:
        print("  nobody explains", line)
    for kind in ALSO:
        c = count[kind]
        low |= c.share("fair must") < FAIR_MUST or c.share("fair may") < FAIR_MAY
        low |= c.share("strict must") < STRICT_MUST[kind] or c.share("agreed") < AGREED[kind]
        print(f"  all {kind:5} " + ", ".join(
            f"{what} {c.total[what + ' found']}/{c.total[what]} {c.share(what):.4f}"
            for what in ("agreed", "fair must", "fair may", "strict must", "strict may")))
        for line in sorted(set(c.lines)) if show else ():
            print("    not found", line)
    return low


def main():
    shared = pathlib.Path(os.environ.get("NTA_SHARED", ""))
    if not os.environ.get("NTA_SHARED") or not (shared / "corpora").is_dir():
        print("skipped: NTA_SHARED does not name a folder with corpora")
        return 77
    scorer, nta = load_scorer(shared), sys.argv[1]
    reasons = (load_reasons(HERE / "names.known", "\t"),
               load_reasons(HERE.parent / "golden" / "EXTRA", ":"))
    everywhere, failed, low = collections.defaultdict(Count), [], False
    for folder in FOLDERS:
        paths = [p for p in (shared / "corpora" / f"truth_{folder}.jsonl",
                             shared / "corpora" / f"truth_tshark_{folder}.jsonl") if p.is_file()]
        truths = [scorer.load_truth(path) for path in paths]
        captures = sorted(c for c in set().union(*truths) if c
                          and (shared / "corpora" / folder / c).is_file())
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            seen = list(
                pool.map(
                    lambda c, f=folder: names_by_app(scorer, nta, str(shared / "corpora" / f / c)),
                    captures))
        strict, alone = collections.defaultdict(Count), [
            collections.defaultdict(Count) for _ in truths]
        for capture, what in zip(captures, seen):
            speak = [truth[capture] for truth in truths if capture in truth]
            judge(everywhere, reasons, folder, capture, speak, what)
            judge(strict, reasons, folder, capture, speak, what)
            for count, truth in zip(alone, truths):
                if capture in truth:
                    judge_alone(count, reasons[0], folder, capture, truth[capture], what)
            if what[2]:
                failed.append(f"{folder} {capture}: {what[2]}")
        print(f"  {folder:9}" + ", ".join(
            f"{k} {strict[k].total['strict must found']}/{strict[k].total['strict must']}"
            for k in ALSO))
        for path, count in zip(paths, alone):
            low |= any(count[k].share("alone") < FAIR_MAY for k in ALSO)
            print(f"    {path.stem} alone, fairly: " + ", ".join(
                f"{k} {count[k].total['alone found']}/{count[k].total['alone']}" for k in ALSO))
    low |= report(everywhere, "--show" in sys.argv)
    for line in failed:
        print("  failed", line)
    return 1 if low or failed else 0


if __name__ == "__main__":
    sys.exit(main())
