#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completion in real shells: what bash, fish and zsh offer behind what was typed.

usage: completion.py FOLDER      where the build makes them
"""
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

FOLDER = pathlib.Path(sys.argv[1]).resolve() / "completion"
FAULTS = []
# what was typed: what must be offered, what must not
ROWS = [
    (["nta", ""], ["read", "incidents", "verify", "help"], ["ntad", "--since"]),
    (["nta", "inc"], ["incidents"], ["read"]),
    (["nta", "help", "ve"], ["verify"], ["read"]),
    (["nta", "records", "--si"], ["--site", "--since"], ["--until"]),
    (["nta", "records", "--grade", ""], ["strong", "likely", "weak"], ["better", "x"]),
    (["nta", "records", "--grade="], ["strong"], ["better"]),
    (["nta", "records", "--severity", "h"], ["high", "high+"], ["low"]),
    (["nta", "stats", "--by", "c"], ["category", "country", "city"], ["user"]),
    (["nta", "stats", "-b", "asn"], ["asn"], ["user"]),
    (["nta", "lists", ""], ["check", "explain", "line"], ["init"]),
    (["nta", "keys", "r"], ["rotate", "revoke"], ["init"]),
    (["nta", "read", "some"], ["some file.pcap"], ["folder"]),
    (["nta", "read", "--store", ""], ["folder"], ["some file.pcap"]),
    (["nta", "hold", "--note", ""], [], ["some file.pcap", "--note"]),
    (["ntad", "--pr"], ["--print-config", "--print-table"], ["--check"]),
    (["ntad", "--config", "some"], ["some file.pcap"], ["--check"]),
]


def expect(shell, typed, offered, wanted, unwanted):
    for word in wanted:
        if word not in offered:
            FAULTS.append(f"{shell}: {typed}: {word} is not offered: {sorted(offered)[:20]}")
    for word in unwanted:
        if word in offered:
            FAULTS.append(f"{shell}: {typed}: {word} is offered")


def bash(folder, typed):
    """As readline calls it: the words, which one is completed, and the function of the command."""
    words = [w for typed_word in typed for w in re.split(r"(?<=[a-z])(=)", typed_word)]
    script = f"""
        source '{FOLDER}/nta.bash'
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        $(complete -p "$1" | sed 's/.*-F \\([^ ]*\\).*/\\1/') "$1"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", *words], cwd=folder,
                          capture_output=True, text=True, timeout=60)
    if done.stderr:
        FAULTS.append(f"bash: {typed}: {done.stderr}")
    return {line for line in done.stdout.split("\n") if line}


def fish(folder, typed):
    line = " ".join(typed)
    script = f"source '{FOLDER}/nta.fish'; complete -C '{line}'"
    done = subprocess.run(["fish", "--no-config", "-c", script], cwd=folder, text=True,
                          capture_output=True, timeout=60, env={**os.environ, "HOME": str(folder)})
    if done.stderr:
        FAULTS.append(f"fish: {typed}: {done.stderr}")
    found = {line.split("\t")[0].replace("\\ ", " ").rstrip("/")
             for line in done.stdout.split("\n") if line}
    return found | {w.split("=", 1)[1] for w in found if "=" in w}


def zsh(folder, lines):
    """What a terminal shows of each line with two tabs behind it."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.environ.update(TERM="dumb", COLUMNS="200", LINES="100", PS1="PROMPT ", HOME=str(folder))
        os.execvp("zsh", ["zsh", "-f", "-i"])
    said = {}

    def talk(text, quiet_s):
        os.write(terminal, text.encode())
        seen, until = b"", time.monotonic() + 20
        while time.monotonic() < until and select.select([terminal], [], [], quiet_s)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
        return seen.decode(errors="replace").replace("\x07", "")

    talk(f"fpath=('{FOLDER}' $fpath); autoload -Uz compinit; compinit -u -d {folder}/dump\n", 3)
    talk("zstyle ':completion:*' list-prompt ''; setopt autolist nolistambiguous; "
         "LISTMAX=0; zstyle ':completion:*' menu no\n", 1)
    for line in lines:
        said[line] = talk(line + "\t\t", 1.5)
        talk("\x15\x03", 0.5)
    os.write(terminal, b"\x15exit\n")
    os.close(terminal)
    os.waitpid(pid, 0)
    return said


def check_zsh(folder):
    wanted = {"nta rec": "records", "nta records --gra": "--grade", "nta lists expl": "explain",
              "nta records --grade l": "likely", "nta read some": "file.pcap",
              "ntad --print-d": "--print-default"}
    for line, said in zsh(folder, wanted).items():
        if wanted[line] not in said:
            FAULTS.append(f"zsh: {line}: {wanted[line]} is not there: {said!r}")


def main():
    missing = [shell for shell in ("bash", "fish", "zsh") if not shutil.which(shell)]
    if missing:
        print(f"skipped: no {' '.join(missing)}")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "some file.pcap").write_bytes(b"")
        (folder / "folder").mkdir()
        for typed, wanted, unwanted in ROWS:
            for shell in (bash, fish):
                expect(shell.__name__, typed, shell(folder, typed), wanted, unwanted)
        check_zsh(folder)
    print("\n".join(FAULTS) or f"{len(ROWS)} lines in bash and fish, 6 in zsh are completed")
    return 1 if FAULTS else 0


sys.exit(main())
