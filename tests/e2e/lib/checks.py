# SPDX-License-Identifier: Apache-2.0
"""A line for each thing that holds or does not, as lib/check.sh has it for shell scripts.

    from checks import ok
    ok("two and two are four", 2 + 2 == 4, "what else they are")
    sys.exit(ok.conclude())
"""


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def __call__(self, name, holds, shown=""):
        self.passed += bool(holds)
        self.failed += not holds
        print(f"{'ok   ' if holds else 'FAIL '} {name}" + ("" if holds else f"\n      {shown}"),
              flush=True)

    def conclude(self):
        """The exit status: 1 also when nothing was looked at."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


ok = Checks()
