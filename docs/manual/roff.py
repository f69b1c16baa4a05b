# SPDX-License-Identifier: Apache-2.0
"""Text and Markdown as man(7) macros."""
import datetime
import os
import re


def escape(text):
    """Nothing in it is a request, an escape or a sign that groff turns into another."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = text.replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    text = "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)
    return re.sub(r"^([.])", r"\\&\1", text, flags=re.M)


def head(name, section, version, manual):
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    day = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc) if epoch \
        else datetime.datetime.now(datetime.timezone.utc)
    return f'.TH "{escape(name.upper())}" {section} "{day:%Y-%m-%d}" "nta {version}" "{manual}"\n'


def section(title):
    return f'.SH "{escape(title.upper())}"\n'


def code(lines):
    """As it stands, from the left margin of the text on."""
    return ".PP\n.in +4n\n.EX\n" + "".join(f"{escape(x) or chr(92) + '&'}\n" for x in lines) + \
        ".EE\n.in\n"


def paragraph(text):
    return f".PP\n{inline(text)}\n"


def item(label, text):
    """`label` is escaped already."""
    return f".TP\n{label}\n{inline(text) if text else chr(92) + '&'}\n"


def inline(text):
    """`code`, **strong** and [links](where) of Markdown; each sentence begins a line."""
    text = re.sub(r"\s+", " ", text.strip())
    text = re.sub(r"\[([^\]]+)\]\((?:[^()]|\([^)]*\))*\)", r"\1", text)
    out = []
    for piece in re.split(r"(``?.+?``?(?!`)|\*\*.+?\*\*)", text):
        if len(piece) > 2 and piece.startswith("`") and piece.endswith("`"):
            out.append(f"\\fB{escape(piece.strip('`').strip())}\\fR")
        elif len(piece) > 4 and piece.startswith("**"):
            out.append(f"\\fI{escape(piece[2:-2].replace('`', ''))}\\fR")
        else:
            out.append(re.sub(r"([.!?]\)?)  ?(?=[A-Z])", "\\1\n", escape(piece)))
    return re.sub(r"^([.])", r"\\&\1", "".join(out), flags=re.M)


def table(lines):
    """Rows as items: a first column that changes is a heading, the second the label."""
    out = []
    for line in lines[2:]:
        row = [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
        if row[0]:
            out.append(f".SS {inline(row[0])}\n")
        source = f" ({row[3]})" if len(row) > 3 and row[3] else ""
        out.append(item(inline(row[1]) or "\\&", row[2] + source))
    return "".join(out)


def markdown(text):
    """A page without its first heading: headings, paragraphs, bullets, code, one kind of table."""
    out = []
    for block in re.split(r"\n\n+", text.strip("\n")):
        lines = block.split("\n")
        if lines[0].startswith("# "):
            continue
        if lines[0].startswith("#"):
            out.append(section(lines[0].lstrip("# ")))
        elif lines[0].startswith("|"):
            out.append(table(lines))
        elif lines[0].startswith("    "):
            out.append(code([x[4:] for x in lines]))
        elif lines[0].startswith("* "):
            for bullet in re.split(r"\n(?=\* )", block):
                out.append(f".IP \\(bu 2\n{inline(bullet[2:])}\n")
        else:
            out.append(paragraph(block))
    return "".join(out)
