# SPDX-License-Identifier: Apache-2.0
"""A running ntad in a network namespace of the test's own."""
import json
import os
import shutil
import subprocess
import sys
import time


def in_namespace():
    """Go on in a namespace of one's own, which ends with the test; False: none can be made here."""
    if "NTA_TEST_INSIDE" in os.environ:
        return True
    if not shutil.which("unshare") or not shutil.which("ip") or subprocess.run(
            ["unshare", "--net", "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        print("skipped: no network namespace can be made here")
        return False
    os.environ["NTA_TEST_INSIDE"] = "1"
    os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    return False


class Ntad:
    """A running one; ended with the block.  `more` goes into the configuration, `packets` is the
    filter."""

    def __init__(self, nta, ntad, folder, interfaces, workers=1, canary_s=2, packets="", more=""):
        self.nta, self.ntad, self.folder = nta, ntad, folder
        self.may_end_with = {0}
        names = ", ".join(f'"{name}"' for name in interfaces)
        (folder / "store").mkdir(parents=True, exist_ok=True)
        (folder / "list").write_text("bad.example\n")
        (folder / "conf").write_text(f"""
capture = {{ interfaces = [ {names} ]; workers = {workers}; filter = "{packets}"; }};
blacklist = {{ files = [ "{folder}/list" ]; canary = "{canary_s}s"; canary_wait = "2s"; }};
store = {{ directory = "{folder}/store"; keys = "{folder}/store/keys"; }};
control = {{ socket = "{folder}/control"; }};
{more}
""")
        subprocess.run([nta, "keys", "init", "--keys", folder / "store/keys"], check=True,
                       stdout=subprocess.DEVNULL)
        self.launch()

    def launch(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([self.ntad, "--foreground", "-c",
                                             self.folder / "conf"], stdout=log, stderr=log)

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        for _ in range(200):
            if self.status():
                return self
            time.sleep(.1)
        self.__exit__()
        raise SystemExit(f"ntad did not start: {self.log()[-500:]}")

    def __exit__(self, *_):
        self.process.terminate()
        if self.process.wait(60) not in self.may_end_with:
            raise SystemExit(f"ntad ended with {self.process.returncode}: {self.log()[-500:]}")

    def log(self):
        return (self.folder / "log").read_text()

    def status(self):
        run = subprocess.run([self.nta, "status", "--json", "--socket", self.folder / "control"],
                             capture_output=True, check=False)
        answer = json.loads(run.stdout) if run.stdout else {}
        return answer if "counters" in answer else None  # else it is starting

    def records(self, *options):
        run = subprocess.run([self.nta, "records", "--store", self.folder / "store", "--json",
                              *options], capture_output=True, check=False)
        return [json.loads(line) for line in run.stdout.splitlines()]
