# SPDX-License-Identifier: Apache-2.0
"""C as the compiler sees it before its preprocessor: without comments, lines that go on joined."""
import re

COMMENT_OR_TEXT = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
DIRECTIVE = re.compile(r"^[ \t]*(?:#|%:|\?\?=)[ \t]*(?:include\w*|import)\b[ \t]*([^\n]*)", re.M)


def without_comments(text, *, texts=True):
    """Each comment becomes a blank and keeps its line ends; texts=False: so does what is quoted."""
    def blank(found):
        is_comment = found[0][0] == "/"
        return (" " + "\n" * found[0].count("\n")) if is_comment or not texts else found[0]

    return COMMENT_OR_TEXT.sub(blank, text)


def includes(text):
    """What is included, in its quotes, brackets, or as the macro that is given."""
    return [found.strip()
            for found in DIRECTIVE.findall(without_comments(re.sub(r"\\[ \t]*\n", "", text)))]


def without_dead(text):
    """Without what stands in #if 0, up to its #else or #endif."""
    lines, dead = [], 0
    for line in text.split("\n"):
        begins = re.match(r"\s*#\s*(if|else|elif|endif)", line)
        if dead:
            dead += {"if": 1, "endif": -1}.get(begins[1], 0) if begins else 0
            dead -= bool(begins) and dead == 1 and begins[1] in ("else", "elif")
        elif re.match(r"\s*#\s*if\s+(0|false)\s*$", line):
            dead = 1
        else:
            lines.append(line)
    return "\n".join(lines)
