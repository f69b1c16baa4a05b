#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The patterns of conf/wazuh, matched against real alerts: lines and JSON of captures.  Wazuh
itself does not run here; what is tested is that each pattern finds what it is for, that each alert
gets the rule that it should, and that no name chosen by the watched person changes that.

usage: wazuh.py NTA
"""
import glob
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
WAZUH = ROOT / "conf/wazuh"
NTA = sys.argv[1]
FAULTS = []


def expect(what, holds, said=""):
    if not holds:
        FAULTS.append(f"{what}: {said}")


def tree(name):
    """A file of Wazuh has several elements on top."""
    return xml.fromstring(f"<all>{(WAZUH / name).read_text()}</all>")


def alerts(*options):
    """All alerts of the golden captures, each site once as of a list of another severity."""
    with tempfile.TemporaryDirectory() as folder:
        lists = "".join(
            f'{{ path = "{folder}/{name}.txt"; severity = "{severity}"; }}, '
            for name, severity in (("a", "high"), ("b", "critical"), ("c", "low")))
        for name, entry in (("a", "bad.example"), ("b", "files.bad.example"),
                            ("c", "good.example")):
            pathlib.Path(folder, f"{name}.txt").write_text(entry + "\n")
        pathlib.Path(folder, "conf").write_text(
            f"blacklist = {{ files = ( {lists.rstrip(', ')} ); shared = \"\"; }};\n"
            "alert = { per_minute = 0; window = \"0s\"; };\n")
        captures = sorted(glob.glob(f"{ROOT}/tests/golden/*.pcap*"))[:150]
        done = subprocess.run([NTA, "read", "-c", f"{folder}/conf", *options, *captures],
                              capture_output=True, text=True, timeout=300, check=False)
    return done.stdout.splitlines()


def flat(value, prefix=""):
    """Fields as Wazuh's decoder of JSON names them."""
    if not isinstance(value, dict):
        return {prefix: str(value).lower() if isinstance(value, bool) else str(value)}
    return {k: v for name, inner in value.items()
            for k, v in flat(inner, f"{prefix}.{name}" if prefix else name).items()}


def holds(rule, decoder, line, fields):
    decoded = rule.findtext("decoded_as")
    return (decoded is None or decoded == decoder) and \
        all(re.search(m.text, line) for m in rule.findall("match")) and \
        all(re.search(f.text, fields.get(f.get("name"), "")) for f in rule.findall("field"))


def judge(rules, decoder, line, fields):
    """The rule that Wazuh tells: of those without a parent the first that holds, and below it the
    child of the highest level, as far down as any holds."""
    def below(parent):
        return sorted((r for r in rules if r.findtext("if_sid") == parent and
                       holds(r, decoder, line, fields)), key=lambda r: -int(r.get("level")))

    found, more = None, below(None)
    while more:
        found, more = more[0], below(more[0].get("id"))
    return found


def check_lines(decoder, rules):
    lines = [x for x in alerts() if x.startswith("ALERT ")]
    expect("alerts as lines", len(lines) > 20, len(lines))
    prematch, regex = decoder.findtext("prematch"), decoder.findtext("regex")
    names = decoder.findtext("order").split(", ")
    wicked = [  # what a host or a URL may be called
        'ALERT 10.0.0.5 (a) visited good.example [list other:1 "x"] at 1.2.3.4:80 by url) visited '
        'bad.example [list deny:7 "bad.example"] at 192.0.2.1:80 by url',
        'ALERT 10.0.0.5 visited bad.example (GET http://bad.example/[list other:1 "x"] at '
        '1.2.3.4:80 by url) [list deny:7 "bad.example"] at 192.0.2.1:80 by url']
    for line in lines + wicked:
        expect("prematch", re.search(prematch, line), line)
        match = re.search(regex, line)
        expect("regex", match and len(match.groups()) == len(names), line)
        told = judge(rules, "nta", line, {})
        expect("rule of a line", told is not None and told.get("id") == "117001", line)
        if match and line in wicked:
            expect("names fool it", match.groups() == ("10.0.0.5", "deny", "7"), match.groups())


def check_json(rules):
    wanted = {"high": "117013", "critical": "117014"}
    seen = set()
    rows = [json.loads(x) for x in alerts("--json") if '"event":"alert"' in x]
    expect("alerts as JSON", len(rows) > 20, len(rows))
    for row in rows:
        told = judge(rules, "json", json.dumps(row), flat(row))
        expect("rule of an alert", told is not None, row)
        if told is None:
            continue
        seen.add(told.get("id"))
        severity = row["match"].get("severity")
        if severity in wanted and not row["match"]["weak"]:
            expect(f"rule of {severity}", told.get("id") == wanted[severity], told.get("id"))
        for name in re.findall(r"\$\(([a-z_.]+)\)", told.findtext("description")):
            expect(f"{told.get('id')} names {name}", name in flat(row) or name == "site", row)
        eve = {"event_type": "alert", "src_ip": row["user"]["ip"], "nta": row}
        told = judge(rules, "json", json.dumps(eve), flat(eve))
        expect("rule of EVE", told is not None and told.get("id") == "117020", eve)
    expect("each rule was there", {"117012", *wanted.values()} <= seen, seen)
    others = [json.loads(x) for x in alerts("--json") if '"event":"alert"' not in x][:500]
    expect("other records", len(others) > 100, len(others))
    for row in others:
        expect("no alert, no rule", judge(rules, "json", json.dumps(row), flat(row)) is None, row)
    told = judge(rules, "json", "", {"event": "alert-summary", "repeats": "3"})
    expect("summary", told is not None and told.get("id") == "117015")


def main():
    decoders, rules = tree("nta_decoders.xml"), tree("nta_rules.xml").findall(".//rule")
    by_name = {d.get("name"): d for d in decoders}
    expect("decoder", by_name["nta-alert"].findtext("parent") == "nta" and
           re.search(by_name["nta"].findtext("program_name"), "ntad"))
    ids = [r.get("id") for r in rules]
    expect("ids", len(ids) == len(set(ids)) and all(100000 <= int(i) <= 120000 for i in ids), ids)
    expect("parents", all(r.findtext("if_sid") in (None, *ids) for r in rules))
    check_lines(by_name["nta-alert"], rules)
    check_json(rules)
    print("\n".join(FAULTS[:20]) or "decoder and rules fit")
    return 1 if FAULTS else 0


sys.exit(main())
