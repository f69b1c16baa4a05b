# SPDX-License-Identifier: Apache-2.0
"""What --help prints, taken apart: the one text of options from which manual pages and completion
are made."""
import dataclasses
import re
import subprocess

OPTION = re.compile(r"  (?:-(?P<letter>\w)|(?=    --)  )(?:, | {2})--(?P<name>[a-z][a-z0-9-]*)"
                    r"(?P<maybe>\[)?(?:[ =](?P<argument>[A-Z][A-Za-z0-9_:.,-]*)\]?)?(?:$| +(?=\S))")


@dataclasses.dataclass
class Option:
    letter: str
    name: str
    argument: str       # as --help names it; "": it has none
    optional: bool      # --name[=ARGUMENT]
    glued: bool         # --name=ARGUMENT
    text: str = ""

    def words(self):
        """Words of which the argument may be one, as far as the text names them."""
        if not self.argument or self.argument in ("FILE", "DIR", "NAME", "TEXT", "TIME", "WHO"):
            return []
        text = re.sub(r"\([^)]*\)", "", self.text)
        pieces = re.split(r"[,;:]|\bor\b|\band\b", text)
        return [p.strip() for p in pieces if re.fullmatch(r"\s*[a-z][a-z-]*\+?\s*", p)]


@dataclasses.dataclass
class Part:
    """A piece of the text: "text" (paragraphs), "code" (as it stands), or "options"."""
    kind: str
    lines: list
    head: str = ""      # the line with a colon above it


@dataclasses.dataclass
class Help:
    usage: list
    parts: list

    def options(self):
        return [o for part in self.parts if part.kind == "options" for o in part.lines]

    def subcommands(self, command):
        """`nta lists check` in the usage: check is one of lists."""
        found = [re.match(rf"nta {command} ([a-z]+)\b", line) for line in self.usage]
        return [m[1] for m in found if m]

    def summary(self):
        text = next(p for p in self.parts if p.kind == "text")
        return " ".join(text.lines)


def take_option(line):
    match = OPTION.match(line)
    if not match:
        return None
    option = Option(match["letter"] or "", match["name"], match["argument"] or "",
                    bool(match["maybe"]), "=" in match[0])
    option.text = line[match.end():].strip()
    return option


def take_options(lines):
    """Options from the first line on, and how many lines they are."""
    options = []
    for n, line in enumerate(lines):
        option = take_option(line)
        if option:
            options.append(option)
        elif options and re.match(r" {12}", line):
            options[-1].text = f"{options[-1].text} {line.strip()}".strip()
        else:
            return options, n
    return options, len(lines)


def take_parts(lines):
    parts, head, at = [], "", 0
    while at < len(lines):
        line = lines[at]
        options, n = take_options(lines[at:])
        if options:
            parts.append(Part("options", options, head))
        elif not line:
            n = 1
        elif re.fullmatch(r"[A-Za-z][^.]*:", line) and at + 1 < len(lines) and \
                lines[at + 1].startswith("  "):
            head, at = line[:-1], at + 1
            continue
        else:
            kind = "code" if line.startswith("  ") else "text"
            same = [bool(x) and x.startswith("  ") == (kind == "code") and not take_option(x)
                    for x in lines[at:]] + [False]
            n = max(1, same.index(False))
            parts.append(Part(kind, lines[at:at + n], head))
        if at + n >= len(lines) or not lines[at + n] or options:
            head = ""
        at += n
    return parts


def parse(text):
    lines = text.rstrip("\n").split("\n")
    end = lines.index("")
    usage = [re.sub(r"^(usage:)? +", "", line) for line in lines[:end]]
    return Help(usage, take_parts(lines[end + 1:]))


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def tasks(nta):
    """{heading: [(command, what it is for)]} of `nta --help`."""
    groups = {}
    for part in parse(run(nta, "--help")).parts:
        if part.kind != "code" or not part.head:
            continue
        rows = [re.match(r"  ([a-z]+)  +(\S.*)", line) for line in part.lines]
        if all(rows):
            groups[part.head] = [row.groups() for row in rows]
    return groups


def commands(nta):
    """{command: (what it is for, Help)}."""
    rows = [row for group in tasks(nta).values() for row in group]
    return {name: (text, parse(run(nta, name, "--help"))) for name, text in rows}
