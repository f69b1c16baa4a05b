#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the README's pictures: the report of the demo's capture, in Chromium.

usage: pictures.py NTA ROOT

Writes docs/pictures/*.png, and into docs/pictures/MADE_FROM what they show (see
tests/check/pictures.py, which fails as soon as the page has changed since).
"""
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[2]).resolve()
sys.path[:0] = [str(ROOT / "tests/e2e/lib"), str(ROOT / "tests/check")]
from chrome import Chrome  # noqa: E402
import pictures as check  # noqa: E402

NTA = pathlib.Path(sys.argv[1]).resolve()
SCHOOL = ROOT / "tests/data/school"


def run(*arguments):
    subprocess.run([NTA, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, cwd=ROOT)


def make_report(work):
    store, report = work / "store", work / "report.html"
    run("read", SCHOOL / "school.pcap.zst", "--config", SCHOOL / "ntad.conf", "--store", store)
    run("report", "--store", store, "--title", "Three days of a school", "-o", report)
    return report


def main():
    folder = ROOT / check.FOLDER
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work, Chrome(900, 820) as page:
        page.dark(False)
        page.open(f"file://{make_report(pathlib.Path(work))}", 2)
        page.click(".leaflet-control-zoom-out")  # so that all places are in the picture
        page.js("scrollTo(0, 0)")
        page.wait(1)
        page.screenshot(folder / "map.png")
        page.click("#body .open")
        page.wait(0.5)
        page.screenshot(folder / "incident.png")
        if page.messages or page.requests:
            sys.exit(f"the page is not well: {page.messages} {page.requests}")
    (folder / "MADE_FROM").write_text(check.made_from(ROOT))


main()
