#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The README's pictures are of the page as it is: the files that make its look are those the
pictures were made from.

usage: pictures.py ROOT

docs/pictures/MADE_FROM has the SHA-256 of each such file, by its name alone, so that a move makes
nothing stale. tests/e2e/pictures.py makes the pictures and that file anew.
"""
import hashlib
import pathlib
import sys

FOLDER = "docs/pictures"
MOST_BYTES = 300 * 1024  # of all pictures together: a clone pays for them for ever
NO_LOOKS = {"README", "CMakeLists.txt"}  # what is beside the page and not in it, as are programs


def inputs(root):
    """What the page is made of, and what the demo's report shows."""
    web = [path.parent for path in (root / "lib").rglob("page.html")]
    if len(web) != 1:
        sys.exit(f"{len(web)} folders in lib have a page.html: which one is the report's?")
    yield from (path for path in web[0].rglob("*") if path.is_file()
                and path.name not in NO_LOOKS and path.suffix not in (".py", ".pyc"))
    yield from web[0].parent.glob("*.inc")
    yield from (root / "tests/data/demo").glob("*.mmdb")
    yield from (root / "tests/data/school").iterdir()
    yield from (root / "conf/lists").glob("example-*.txt")


def made_from(root):
    rows = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
            for path in inputs(root)]
    return "".join(sorted(rows, key=lambda row: row.split()[1]))


def main():
    root = pathlib.Path(sys.argv[1])
    pictures = sorted(p for p in (root / FOLDER).iterdir() if p.name != "MADE_FROM")
    readme = (root / "README.md").read_text(encoding="utf-8")
    faults = [f"{path.name}: the README does not show it" for path in pictures
              if f'src="{FOLDER}/{path.name}"' not in readme]
    faults += [f"{path.name}: is no PNG" for path in pictures
               if path.read_bytes()[:8] != b"\x89PNG\r\n\x1a\n"]
    size = sum(path.stat().st_size for path in pictures)
    if size > MOST_BYTES:
        faults.append(f"the pictures have {size} bytes, more than {MOST_BYTES}")
    if len(pictures) < 2:
        faults.append("a picture is missing")
    then = set((root / FOLDER / "MADE_FROM").read_text().splitlines())
    now = set(made_from(root).splitlines())
    changed = sorted({row.split()[1] for row in then ^ now})
    if changed:
        faults.append(
            f"changed since the pictures were made: {', '.join(changed)}; make them anew: "
                      "tests/e2e/pictures.py build/dev/tools/nta .")
    print("\n".join(faults) or f"{len(pictures)} pictures of {size} bytes show the page as it is")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
