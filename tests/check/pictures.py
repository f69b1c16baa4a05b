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
LOOKS = "looks"  # in it: what docs/looks.md shows
MOST_BYTES = 300 * 1024  # of the README's together: a clone pays for them for ever,
MOST_LOOKS = 1700 * 1024  # and of the others
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


def faults_of(pictures, page, form, most):
    """Of the files that a page is to show, each as `form` has its name."""
    text = page.read_text(encoding="utf-8")
    faults = [f"{path.name}: {page.name} does not show it" for path in pictures
              if form.format(path.name) not in text]
    faults += [f"{path.name}: is no PNG" for path in pictures
               if path.read_bytes()[:8] != b"\x89PNG\r\n\x1a\n"]
    size = sum(path.stat().st_size for path in pictures)
    if size > most:
        faults.append(f"the pictures of {page.name} have {size} bytes, more than {most}")
    if len(pictures) < 2:
        faults.append(f"{page.name}: a picture is missing")
    return faults


def main():
    root = pathlib.Path(sys.argv[1])
    folder = root / FOLDER
    pictures = sorted(p for p in folder.iterdir() if p.name not in ("MADE_FROM", LOOKS))
    looks = sorted((folder / LOOKS).iterdir())
    faults = faults_of(pictures, root / "README.md", f'src="{FOLDER}/{{}}"', MOST_BYTES)
    faults += faults_of(looks, root / "docs/looks.md", f"](pictures/{LOOKS}/{{}})",
                        MOST_LOOKS)
    size = sum(path.stat().st_size for path in pictures + looks)
    then = set((root / FOLDER / "MADE_FROM").read_text().splitlines())
    now = set(made_from(root).splitlines())
    changed = sorted({row.split()[1] for row in then ^ now})
    if changed:
        faults.append(
            f"changed since the pictures were made: {', '.join(changed)}; make them anew: "
                      "tests/e2e/pictures.py build/dev/tools/nta .")
    print("\n".join(faults)
          or f"{len(pictures + looks)} pictures of {size} bytes show the page as it is")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
