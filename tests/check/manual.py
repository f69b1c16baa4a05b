#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages that the build makes: each command has one, mandoc and man find nothing to warn
of, every option of --help stands in it and is one that the program knows, every option that the
sources know stands in some --help, and no text can become a request of roff.

usage: manual.py NTA NTAD ROOT FOLDER [PROGRAM...]     FOLDER: where the build makes them; each
                                                       PROGRAM has a page of section 8
"""
import pathlib
import re
import shutil
import subprocess
import sys

NTA, NTAD, ROOT, FOLDER = sys.argv[1:5]
ROOT, PAGES = pathlib.Path(ROOT), pathlib.Path(FOLDER) / "man"
UNSAID = {"colour"}     # another spelling of --color
sys.path.insert(0, str(ROOT / "docs/manual"))
sys.dont_write_bytecode = True
import help_text  # noqa: E402
import roff  # noqa: E402

FAULTS = []
HOSTILE = [".TH X 1", "'br", "\\fB\\n(.s", "a\\", "..", "-", "^~`'\"", "\\(co", "é€", ".\\\" x",
           "%s %n", "$(x) `x`", "line.\n.so /etc/passwd", "line\n'so /etc/passwd"]


def run(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)


def rendered(page):
    done = run("mandoc", "-T", "utf8", "-O", "width=400", str(page))
    return re.sub(".\x08", "", done.stdout)


def check_page(page):
    for tool in (("mandoc", "-T", "lint", "-W", "warning"),
                 ("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8")):
        done = run(*tool, str(page))
        said = done.stdout * (tool[0] == "mandoc") + done.stderr
        if said.strip() or done.returncode:
            FAULTS.append(f"{page.name}: {tool[0]}: {said.strip()[:300]}")


def knows(program, name, option):
    """Is it an option, with an argument or without?  Nothing runs: --help follows."""
    command = [program] + ([name] if name else [])
    if option.argument and not option.optional:
        done = run(*command, f"--{option.name}", "x", "--help")
        return not re.search(r"unrecognized|ambiguous|doesn't allow", done.stderr)
    return run(*command, f"--{option.name}", "--help").returncode == 0


def check_options(program, name, told, page):
    text = rendered(page)
    options = told.options()
    if len(options) < 2:
        FAULTS.append(f"{page.name}: {len(options)} options")
    for option in options:
        if not re.search(rf"--{option.name}\b", text):
            FAULTS.append(f"{page.name}: does not have --{option.name}")
        if not knows(program, name, option):
            FAULTS.append(f"{page.name}: the program does not know --{option.name}")
    return len(options)


def check_sources(known):
    """What getopt is told of stands in some --help."""
    rows = set()
    for source in (p for kind in ("tools/**/*.[ch]", "daemon/*.c") for p in ROOT.glob(kind)):
        rows |= set(re.findall(r'\{"([a-z][a-z0-9-]+)",\s*(?:no|required|optional)_argument',
                               source.read_text()))
    if len(rows) < 40:
        FAULTS.append(f"only {len(rows)} options found in the sources")
    FAULTS.extend(f"--{name} stands in no --help" for name in sorted(rows - known - UNSAID))


def check_escapes():
    """What is escaped is shown as it is."""
    for text in HOSTILE:
        page = roff.head("x", 1, "0", "M") + ".SH \"A\"\n" + roff.escape("begin") + "\n.EX\n" + \
            roff.escape(text) + "\n.EE\n"
        done = run("mandoc", "-T", "utf8", "-O", "width=400", text=page)
        shown = re.sub(".\x08", "", done.stdout)
        for line in text.split("\n"):
            if line not in shown:
                FAULTS.append(f"escape: {line!r} is shown as {shown!r}")


def main():
    for tool in ("mandoc", "man"):
        if not shutil.which(tool):
            print(f"skipped: no {tool}")
            return 77
    check_escapes()
    commands = help_text.commands(NTA)
    known, n = {"help", "version"}, 0
    for name, (_, told) in commands.items():
        known |= {o.name for o in told.options()}
        n += check_options(NTA, name, told, PAGES / f"nta-{name}.1")
    for program in (NTAD, *sys.argv[5:]):
        told = help_text.parse(help_text.run(program, "--help"))
        known |= {o.name for o in told.options()}
        n += check_options(program, "", told, PAGES / f"{pathlib.Path(program).name}.8")
    check_sources(known)
    pages = sorted(PAGES.glob("*.[158]"))
    for page in pages:
        check_page(page)
    names = {p.name for p in pages}
    for page in ("nta.1", "ntad.8", "ntad.conf.5", "nta-lists.5", "nta-lists.1"):
        if page not in names:
            FAULTS.append(f"there is no {page}")
    options = rendered(PAGES / "ntad.conf.5")
    for option in re.findall(r"^\| `([a-z_.]+)`", help_text.run(NTAD, "--print-table"), re.M):
        if option not in options:
            FAULTS.append(f"ntad.conf.5: does not have {option}")
    print("\n".join(FAULTS) or f"{len(pages)} pages, {n} options are fine")
    return 1 if FAULTS else 0


sys.exit(main())
