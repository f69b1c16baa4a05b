#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the README and the pages say to type is typed, after the demo, on a terminal of 80 columns
that is no terminal: no command is refused as wrong usage or cannot run.

usage: newcomer.py NTA REPOSITORY      as root (a mount namespace of its own); 77 if that cannot be

Commands are the lines of code blocks that begin with "nta".  /etc/nta/ntad.conf names the demo's
store, so that they run as they are written; names that stand for something (ID, FILE, DIR) become
what they stand for.  What needs a running ntad, a server or a witness is in a table, with why.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
from checks import ok  # noqa: E402

LEAST = 60  # commands: below, the pattern no longer finds them

# the command as it begins, and why it is not typed here
ELSEWHERE = {
    "nta alerts --follow": "never ends", "nta records --follow": "never ends",
    "nta console": "never ends: e2e.console", "nta status": "needs ntad: e2e.status",
    "nta reload": "needs ntad: e2e.lists", "nta store": "needs MySQL: e2e.mariadb",
    "nta lists fetch": "needs a server: e2e.lists_fetch", "nta witness": "needs a witness",
    "nta selftest": "needs ntad", "nta map --live": "never ends",
    **{f"nta keys {word}": "changes keys: e2e.keys"
       for word in ("init", "adopt", "rotate", "revoke", "add", "protect", "auditor")},
    **{f"nta keys {word}": "needs somebody who types: e2e.keys_shares"
       for word in ("split", "join")},
    "nta records --store /dev/shm/read": "needs a joined key: e2e.keys_shares",
    "nta verify october.html": "needs an ntad that noted it: e2e.page_verify",
    "nta verify --heads": "needs what a witness signed: e2e.witness",
}


def commands(root):
    """(page:line, command) of all code blocks."""
    for page in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        for number, line in enumerate(page.read_text().splitlines(), 1):
            if re.match(r" {4,7}nta [a-z]", line) and not line.rstrip().endswith("\\"):
                yield f"{page.name}:{number}", re.split(r"\s{2,}#|\s#\s|\s{4,}", line.strip())[0]


def stand_for(command, facts):
    """Names in capitals, numbers and keys of an example become those of this store."""
    for pattern, value in facts.items():
        command = re.sub(pattern, value, command)
    return command


def away(command):
    if re.search(r"\s(--follow|--live|--watch|-f)\b", command) or "mysql" in command:
        return "never ends, or needs a server"
    if " --witness" in command:
        return "needs what a witness signed: e2e.evidence_noted"
    return next((why for begin, why in ELSEWHERE.items() if command.startswith(begin)), None)


def prepare(nta, root, work):
    """The demo's store, where ntad.conf says; gives what examples stand for."""
    store = work / "store"
    subprocess.run([root / "tests/data/demo.sh", nta, store], check=True, capture_output=True,
                   timeout=300)
    etc = work / "etc"
    shutil.copytree("/etc", etc, symlinks=True, ignore_dangling_symlinks=True)
    (etc / "nta").mkdir(exist_ok=True)
    school = root / "tests/data/school"
    shutil.copytree(root / "conf/lists", work / "lists")
    text = (school / "ntad.conf").read_text().replace("conf/lists", str(work / "lists"))
    text = text.replace("tests/data/school", str(school))
    (etc / "nta/ntad.conf").write_text(
        text + f'\nstore = {{ directory = "{store}"; keys = "{store}/keys"; }};\n')
    subprocess.run(["mount", "--bind", etc, "/etc"], check=True)

    def said(*arguments):
        return subprocess.run([nta, *arguments, "--store", store], capture_output=True, text=True,
                              check=False).stdout

    key = re.search(r"nta-sensor-\S+", said("keys", "show"))[0]
    alert = re.search(r'"id":"([^"]+)"', said("alerts", "--json"))[1]
    head = re.search(r"(?m)^head +(\d+:[0-9a-f]{64})", said("verify"))[1]
    shutil.copy(school / "school.pcap.zst", work / "FILE.pcap")
    (work / "audit/keys").mkdir(parents=True, mode=0o700)  # as the page says, without nta
    shutil.copy(store / "keys/auditor.key", work / "audit/keys")
    (work / "LIST").write_text("bad.example\n")
    return {r"nta-sensor-[\w….]+": key, r"\bID\b": alert, r"\b12-0\b": "2-0",
            r"\bINCIDENT\b": "2-0",
            r"gate-2(,gate-3)?(?! --store)": "local", r"N:LINK|1204:7f3a…": head,
            r"\bFILE(\.pcap)?(\.\.\.)?(?=\s|$)": "FILE.pcap", r"\bDIR\b": str(work / "other")}


def main():
    nta, root = os.path.realpath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    if os.environ.get("NTA_IN_NAMESPACE") != "1":
        if subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
            print("skipped: needs root")
            return 77
        os.execvpe("unshare", ["unshare", "-m", "--propagation", "private", sys.executable,
                               *sys.argv], {**os.environ, "NTA_IN_NAMESPACE": "1"})
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        facts = prepare(nta, root, work)
        (work / "bin").mkdir()
        (work / "bin/nta").symlink_to(nta)
        env = {**os.environ, "PATH": f"{work / 'bin'}:{os.environ['PATH']}", "COLUMNS": "80"}
        n = 0
        for place, command in commands(root):
            if away(command):
                continue
            n += 1
            command = stand_for(command, facts)
            made = re.search(r" -o (\S+)", command)
            if made and "--force" not in command:  # another page made one, too
                (work / made[1]).unlink(missing_ok=True)
            done = subprocess.run(["bash", "-c", command], cwd=work, env=env,
                                  capture_output=True, text=True, timeout=120, check=False,
                                  stdin=subprocess.DEVNULL)
            ok(f"{place}: {command}", done.returncode in (0, 1),
               (done.returncode, done.stderr[-400:]))
        ok(f"{n} commands were typed", n >= LEAST, n)
        subprocess.run(["umount", "-l", "/etc"], check=False)
    return ok.conclude()


if __name__ == "__main__":
    sys.exit(main())
