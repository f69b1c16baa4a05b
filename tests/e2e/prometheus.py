# SPDX-License-Identifier: Apache-2.0
"""Parse a page in Prometheus' text format (standard input) strictly; each cause that
lib/base/runtime/health.h has a row for is there, and none is on.
"""
import pathlib
import re
import sys

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^}]*\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)')
LABELS = re.compile(r'\{[a-z_]+="(?:[^"\\]|\\.)*"(?:,[a-z_]+="(?:[^"\\]|\\.)*")*\}')

HEALTH = pathlib.Path(__file__).resolve().parents[2] / "lib/base/runtime/health.h"
CAUSES = re.findall(r'^ *ROW\([A-Z_]+, "([a-z_]+)"', HEALTH.read_text(), re.M)
assert CAUSES, HEALTH

types, samples, closed = {}, {}, set()
last = None
for line in sys.stdin.read().split("\n")[:-1]:
    if line.startswith("# TYPE "):
        _, _, name, kind = line.split(" ")
        assert name not in types and kind in ("counter", "gauge"), line
        types[name] = kind
        continue
    if line.startswith("# HELP "):
        assert len(line.split(" ", 3)) == 4, line
        continue
    match = SAMPLE.fullmatch(line)
    assert match, line
    name, labels, value = match.groups()
    assert labels is None or LABELS.fullmatch(labels), line
    assert name in types, f"{name} has no type"
    assert (name, labels) not in samples, f"twice: {line}"
    assert name not in closed, f"{name} is not in one piece"
    if last not in (None, name):
        closed.add(last)
    last = name
    samples[name, labels] = float(value)
for cause in CAUSES:
    assert samples["nta_cause", f'{{name="{cause}"}}'] == 0, cause
    assert samples["nta_cause_since_seconds", f'{{name="{cause}"}}'] >= 0, cause
assert len([1 for name, _ in samples if name == "nta_cause"]) == len(CAUSES)
assert samples["nta_healthy", None] == 1
