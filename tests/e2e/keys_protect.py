#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The auditor's key under a passphrase: commands open records by a file or by what is typed, and by
nothing else; openssl reads the key; each of two auditors opens alone.

usage: keys_protect.py NTA
"""
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
from checks import ok  # noqa: E402
from growing import grow  # noqa: E402

NTA = sys.argv[1]
CLEAN = {name: value for name, value in os.environ.items()
         if name not in ("NTA_PASSPHRASE_FILE", "CREDENTIALS_DIRECTORY")}


def run(*args, **more):
    """Without a terminal."""
    return subprocess.run([NTA, *map(str, args)], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, start_new_session=True,
                          env={**CLEAN, **more})


def typed(words, *args):
    """On a terminal: what is typed after each question.  Status and what was shown."""
    process, terminal = pty.fork()
    if process == 0:
        os.execve(NTA, [NTA, *map(str, args)], {**CLEAN, "PAGER": "cat"})
    shown, until, words = b"", time.monotonic() + 120, list(words)
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
        if words and shown.rstrip(b" ").endswith(b":"):
            while termios.tcgetattr(terminal)[3] & termios.ECHO and time.monotonic() < until:
                time.sleep(.01)  # it asks first, and then has nothing shown
            os.write(terminal, words.pop(0).encode() + b"\n")
    else:
        os.kill(process, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), shown.decode()


def secret(work, name, text):
    path = work / name
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


def check_opened(work, store, good, wrong):
    records = ("records", "--store", store, "--json", "--quiet", "--event", "lookup")
    done = run(*records)
    ok("without it nothing opens, and why is said", done.returncode == 3 and not done.stdout
       and "--passphrase-file" in done.stderr, done)
    done = run("--passphrase-file", good, *records)
    ok("with its file all does", done.returncode == 0 and "a.example" in done.stdout, done)
    ok("also by the environment", run(*records, NTA_PASSPHRASE_FILE=str(good)).returncode == 0)
    (work / "credentials").mkdir(mode=0o700)
    secret(work, "credentials/auditor-passphrase", good.read_text().strip())
    ok("or by a credential", run(*records, CREDENTIALS_DIRECTORY=str(
        work / "credentials")).returncode == 0)
    done = run("--passphrase-file", wrong, *records)
    ok("another one opens nothing", done.returncode == 3 and "not its passphrase" in done.stderr,
       done)
    good.chmod(0o644)
    ok("nor one that others may read", run("--passphrase-file", good, *records).returncode == 3)
    good.chmod(0o600)
    status, shown = typed([good.read_text().strip()], *records)
    shown = re.sub("\x1b[^a-zA-Z]*[a-zA-Z]|[\r\n]", "", shown)  # as a pager breaks it
    ok("what is typed does", status == 0 and "a.example" in shown, (status, shown))
    ok("and is not shown", good.read_text().strip() not in shown, shown)
    status, shown = typed(["something else"], *records)
    ok("something else does not", status == 3 and "a.example" not in shown, shown)
    done = run("verify", "--store", store)
    ok("verify looks at the chain alone, and says so", done.returncode == 0
       and "batches are not opened" in done.stderr and "opened  no" in done.stdout, done)
    ok("and opens it with the file", run("--passphrase-file", good, "verify", "--store",
                                         store).returncode == 0)
    ok("a sensor needs none of it", run("read", work / "1.pcap", "--store", store).returncode == 0)


def check_openssl(store, good, wrong):
    def openssl(passphrase):
        return subprocess.run(["openssl", "pkey", "-in", store / "keys/auditor.key", "-passin",
                               f"file:{passphrase}", "-noout", "-text"], capture_output=True,
                              text=True, check=False)

    ok("openssl reads the key", "X25519" in openssl(good).stdout, openssl(good))
    ok("with its passphrase alone", openssl(wrong).returncode != 0)
    told = subprocess.run(["openssl", "asn1parse", "-in", store / "keys/auditor.key"],
                          capture_output=True, text=True, check=False)
    ok("it is under scrypt", "scrypt" in told.stdout and "aes-256-cbc" in told.stdout, told)


def check_auditors(work, store, good):
    other = work / "other.key"
    second = secret(work, "second", "the other auditor's")
    done = run("keys", "auditor", other, "--store", store, "--new-passphrase-file", second)
    ok("one more auditor", done.returncode == 0 and "nta-auditor-" in done.stdout, done)
    ok("for its owner alone", other.stat().st_mode & 0o777 == 0o600)
    ok("not twice into one file", run("keys", "auditor", other, "--store", store,
                                      "--new-passphrase-file", second).returncode == 3)
    grow(run, work, store, 8)
    alone = work / "alone"
    shutil.copytree(store, alone)
    shutil.copy(other, alone / "keys/auditor.key")
    for where, passphrase in ((store, good), (alone, second)):
        done = run("--passphrase-file", passphrase, "records", "--store", where, "--json",
                   "--quiet", "--event", "lookup")
        ok(f"{where.name}: an auditor opens alone what came then", done.stdout.count("a.example")
           >= 1, done)


def main():
    with tempfile.TemporaryDirectory(prefix="nta-protect-") as name:
        work = pathlib.Path(name)
        store = work / "store"
        grow(run, work, store, 1)
        good, wrong = secret(work, "good", "correct horse 9"), secret(work, "wrong", "correct hors")
        short = secret(work, "short", "short")
        before = (store / "keys/auditor.key").read_text()
        ok("a short one is refused", run("keys", "protect", "--store", store,
                                         "--new-passphrase-file", short).returncode == 2)
        ok("without a terminal one has to be named", run("keys", "protect", "--store",
                                                         store).returncode == 3)
        ok("and the key stays as it was", (store / "keys/auditor.key").read_text() == before)
        done = run("keys", "protect", "--store", store, "--new-passphrase-file", good)
        after = (store / "keys/auditor.key").read_text()
        ok("it is protected", done.returncode == 0 and "ENCRYPTED PRIVATE KEY" in after
           and before.strip()[-64:] not in after, done)
        ok("for its owner alone", (store / "keys/auditor.key").stat().st_mode & 0o777 == 0o600)
        check_opened(work, store, good, wrong)
        check_openssl(store, good, wrong)
        check_auditors(work, store, good)
        status, shown = typed(["typed twice 1", "typed twice 1", "correct horse 9"], "keys",
                              "protect", "--store", store)
        ok("another passphrase, typed: the old one is asked for", status == 0, shown)
        again = secret(work, "again", "typed twice 1")
        ok("which opens it now", run("--passphrase-file", again, "records", "--store", store,
                                     "--quiet").returncode == 0)
    return ok.conclude()


sys.exit(main())
