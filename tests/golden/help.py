#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every --help: on standard output, status 0, no line longer than a terminal of 80 columns, and it
names the exit statuses; what the pages call with an option has that option, their table of options
is the program's; `--version` is the version of CMakeLists.txt, and NEWS.md has it.

usage: help.py NTA NTAD ROOT
"""
import glob, os, re, subprocess, sys

WIDTH = 79  # a character in the last column makes some terminals begin a line
faults = []


def run(*arguments):
    clean = {name: value for name, value in os.environ.items() if name not in ("LANG", "LC_ALL")}
    return subprocess.run(arguments, capture_output=True, text=True, timeout=60, env=clean)


def check(name, done, wants_status=True):
    if done.returncode != 0 or done.stderr:
        faults.append(f"{name}: status {done.returncode}, standard error: {done.stderr!r}")
    faults.extend(f"{name}: {len(line)} columns: {line}" for line in done.stdout.splitlines()
                  if len(line) > WIDTH)
    faults.extend(f"{name}: ends with blanks: {line!r}" for line in done.stdout.splitlines()
                  if line != line.rstrip())
    if wants_status and not re.search(r"[Ee]xit status", done.stdout):
        faults.append(f"{name}: does not say what its exit statuses mean")


def check_pages(root, texts):
    """`nta COMMAND ... --option` and `ntad --option`, wherever a page says it."""
    commands = "|".join(name for name in texts if name != "ntad")
    n = 0
    for page in [f"{root}/README.md", f"{root}/CONTRIBUTING.md", *glob.glob(f"{root}/docs/*.md")]:
        with open(page, encoding="utf-8") as file:
            said = file.read()
        calls = [(name, rest)
                 for name, rest in re.findall(rf"\bnta ({commands})\b([^`\n|#;]*)", said)]
        calls += [("ntad", rest) for rest in re.findall(r"\bntad((?: --[a-z-]+)+)", said)]
        for name, rest in calls:
            for option in re.findall(r"(?<!\S)--[a-z][a-z0-9.-]*", rest):
                n += 1
                if not re.search(rf"{re.escape(option.rstrip('.'))}(?![a-z0-9-])", texts[name]):
                    faults.append(f"{os.path.basename(page)}: {name} has no {option}: {name}{rest}")
    if n < 30:
        faults.append(f"only {n} options found in the pages")


def check_table(root, ntad):
    """The manual's table of options is the program's."""
    with open(f"{root}/docs/options.md", encoding="utf-8") as file:
        if run(ntad, "--print-table").stdout not in file.read():
            faults.append("docs/options.md: its table is not what ntad --print-table prints")


def check_version(root, nta, ntad):
    with open(f"{root}/CMakeLists.txt", encoding="utf-8") as file:
        wanted = re.search(r"project\(nta VERSION (\d+\.\d+\.\d+)", file.read())[1]
    for name, program in (("nta", nta), ("ntad", ntad)):
        said = run(program, "--version")
        check(f"{name} --version", said, wants_status=False)
        if not re.fullmatch(rf"{name} {re.escape(wanted)}( \(build [0-9a-f]{{16,}}\))?\n",
                            said.stdout):
            faults.append(f"{name} --version: not version {wanted}: {said.stdout!r}")
    with open(f"{root}/NEWS.md", encoding="utf-8") as file:
        newest = re.search(r"^## (\S+)", file.read(), re.M)[1]
    if newest != wanted:
        faults.append(f"NEWS.md: its newest version is {newest}, the project's is {wanted}")


def main():
    nta, ntad, root = sys.argv[1:]
    texts = {}
    first = run(nta, "--help")
    check("nta", first)
    listed = first.stdout.split("\nfirst steps:")[0]
    commands = re.findall(r"^  ([a-z]+) ", listed, re.M)
    if len(commands) < 13:
        faults.append(f"nta --help lists {len(commands)} commands: {commands}")
    for command in commands:
        text = run(nta, command, "--help")
        check(f"nta {command}", text)
        texts[command] = text.stdout
        if run(nta, "help", command).stdout != text.stdout:
            faults.append(f"nta help {command} is not nta {command} --help")
    text = run(ntad, "--help")
    check("ntad", text)
    texts["ntad"] = text.stdout
    check_pages(root, texts)
    check_version(root, nta, ntad)
    check_table(root, ntad)
    if run(nta, "help", "nothing").returncode != 2:
        faults.append("nta help of an unknown command is not wrong usage")
    if "the nearest is incidents" not in run(nta, "incident").stderr:
        faults.append("of a mistyped command the nearest is not named")
    print("\n".join(faults) or f"{len(commands) + 2} texts are fine")
    return 1 if faults else 0


sys.exit(main())
