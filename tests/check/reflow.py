#!/usr/bin/env python3
"""usage: reflow.py ROOT [FILE...]     Bring lines to at most 100 columns; can be run again and then changes nothing.

C:      comments (paragraphs, definition lists), trailing ///< that is too long or whose declaration was broken for its sake
        (it goes above its member as /** ... */), empty ///<, long string literals; then clang-format-14 -i.
md:     prose and list items; not tables, code, headings, HTML.
# :     comments of CMake, shell, Python, .inc-like texts; docstrings of Python.
Only git's files under lib daemon tools tests docs cmake systemd conf and the top; no golden files, corpora, web pages.
"""
import ast, io, pathlib, re, subprocess, sys, tempfile, textwrap, tokenize

W = 100


WIDE = False  # two blanks behind a full stop, as elsewhere in the file


def look_at_gaps(text):
    global WIDE
    WIDE = len(re.findall(r"[.?!]['\")`]*  \S", text)) > 0


def join_words(lines):
    """Lines of a paragraph as one text; the gap behind a full stop is as wide as elsewhere in the file."""
    lines = [l.strip() for l in lines if l.strip()]
    wide = WIDE
    text = lines[0] if lines else ""
    for l in lines[1:]:
        text += ("  " if wide and re.search(r"[.?!]['\")`]*$", text) else " ") + l
    return text


def wrap(text, first, rest, width=W, keep=()):
    """Wrap at blanks; patterns of `keep` are not broken inside if they are short."""
    holes = []

    def hide(m):
        if len(m[0]) > 60:
            return m[0]
        holes.append(m[0])
        return "".join("\x01" if c == " " else c for c in m[0])
    for pattern in keep:
        text = re.sub(pattern, hide, text)
    out = textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False,
                        break_on_hyphens=False)
    return [l.replace("\x01", " ").rstrip() for l in out]


ITEM = re.compile(r"^(\s*(?:[-*+]|\d+[.)])\s+)\S")
TERM = re.compile(r"^(\s+\S.*?\s{2,}|\S+\s{3,})(?=\S)")


def reflow_block(body, width):
    """Lines of a comment without its marks; what is too long is wrapped with the paragraph it belongs to."""
    out, i = [], 0
    while i < len(body):
        line = body[i]
        if not line.strip():
            out.append("")
            i += 1
            continue
        indent = len(line) - len(line.lstrip())
        item, term = ITEM.match(line), TERM.match(line)
        if item and indent <= 8:
            hang = len(item[1])
        elif term and indent >= 2 and not re.search(r"[.?!:]\s+$", term[1]):
            hang = len(term[1])
        elif term and indent < 2 and not re.search(r"[.?!:]['\")`]*\s+$", term[1]):
            hang = len(term[1])
        else:
            item = term = None
            hang = indent
        par, j = [line], i + 1
        while j < len(body) and body[j].strip():
            k = len(body[j]) - len(body[j].lstrip())
            t = TERM.match(body[j])
            starts = ITEM.match(body[j]) or (t and k >= 2 and not re.search(r"[.?!:]['\")`]*\s+$", t[1]))
            if k != hang or (starts and k != hang) or (ITEM.match(body[j]) and k == indent):
                break
            par.append(body[j])
            j += 1
        if any(len(l) > width for l in par):
            head = line[:hang] if (item or term) else " " * indent
            text = join_words([par[0][len(head):]] + par[1:])
            out += wrap(text, head, " " * hang, width)
        else:
            out += [l.rstrip() for l in par]
        i = j
    return out


def c_comment(lines, i):
    """A comment that begins in line i and is alone on its lines: (end, body lines, doc?) or None."""
    m = re.match(r"^(\s*)(/\*\*?)(?!\*)", lines[i])
    if not m or lines[i].rstrip().endswith("\\"):
        return None
    j = i
    while j < len(lines) and "*/" not in lines[j][(m.end() if j == i else 0):]:
        j += 1
    if j == len(lines) or not lines[j].rstrip().endswith("*/"):
        return None
    if "*/" in lines[i][m.end():].rstrip()[:-2] and j == i:
        return None
    raw = [lines[i][m.end():]] + lines[i + 1:j + 1]
    raw[-1] = raw[-1].rstrip()[:-2].rstrip()
    if i != j and not re.match(r"^\s*\*", lines[j]) and not raw[-1].strip():
        return None
    body = [re.sub(r"^ ", "", raw[0].rstrip())]
    for l in raw[1:]:
        m2 = re.match(r"^\s*\* ?(.*)$", l)
        if m2:
            body.append(m2[1].rstrip())
        else:
            body.append(l.strip())
    return j, body, m[1], m[2]


def reflow_c_comments(lines):
    out, i = [], 0
    while i < len(lines):
        found = c_comment(lines, i)
        if not found:
            m = re.match(r"^(\s*)// ?(.*)$", lines[i])
            if m and len(lines[i]) > W and "NOLINT" not in lines[i]:
                out += wrap(m[2], m[1] + "// ", m[1] + "// ")
            else:
                out.append(lines[i])
            i += 1
            continue
        j, body, indent, mark = found
        if all(len(l) <= W for l in lines[i:j + 1]):
            out += lines[i:j + 1]
            i = j + 1
            continue
        block = i != j and not body[0].strip()
        if body and not body[0].strip():
            body = body[1:]
        if body and not body[-1].strip():
            body = body[:-1]
        # a second line that is indented by one more blank goes on with the first
        if not block:
            body = [body[0]] + [l.lstrip() if l.startswith(" ") and not l.startswith("   ") else l for l in body[1:]]
        wrapped = reflow_block(body, W - len(indent) - 3)
        if mark == "/**" or block or not indent:
            out += [indent + mark] + [(indent + " * " + l).rstrip() for l in wrapped] + [indent + " */"]
        else:
            if len(wrapped[-1]) + len(indent) + 6 > W:
                wrapped = reflow_block([join_words(wrapped)], W - len(indent) - 6) if len(wrapped) > 1 else wrapped
            text = [indent + ("/* " if k == 0 else " * ") + l for k, l in enumerate(wrapped)]
            text[-1] += " */"
            out += text
        i = j + 1
    return out


END = re.compile(r"([;,{}:]|\*/)\s*$|^\s*#|^\s*$|///<")


def lift_members(lines):
    """///< that is too long, goes on in the next line, or broke its declaration: above the member."""
    out, i = [], 0
    lines = [re.sub(r"\s*///<\s*$", "", l) for l in lines]
    while i < len(lines):
        m = re.match(r"^(\s*)(\S.*?)\s*///<\s*(.*?)\s*$", lines[i])
        if not m or lines[i].rstrip().endswith("\\"):
            out.append(lines[i])
            i += 1
            continue
        texts, j = [m[3]], i + 1
        while j < len(lines) and re.match(r"^\s*///<", lines[j]):
            texts.append(re.sub(r"^\s*///<\s*", "", lines[j]))
            j += 1
        code, first = m[2], m[1]
        begin = []
        while out and not END.search(out[-1]) and not out[-1].lstrip().startswith(("//", "/*", "*")):
            begin.insert(0, out.pop())
        if begin and re.match(r"^\s*(struct|union|enum)\b[^;=(]*$", begin[0]) and code.startswith("{"):
            out += begin
            begin = []
        broken = bool(begin)
        if not (broken or len(texts) > 1 or len(lines[i]) > W):
            out.append(lines[i])
            i = j
            continue
        if broken:
            first = re.match(r"^\s*", begin[0])[0]
            code = " ".join([b.strip() for b in begin] + [code])
            code = re.sub(r"\* (?=\w)", "*", code)
            code = re.sub(r"\( ", "(", code)
        text = join_words(texts)
        behind = []
        if code == "};" or code == "}":  # of the whole: above its beginning
            while out and not re.match(rf"^{first}(typedef |static )*(enum|struct|union)\b", out[-1]):
                behind.insert(0, out.pop())
            if out:
                behind.insert(0, out.pop())
        one = f"{first}/** {text} */"
        if len(one) <= W:
            out.append(one)
        else:
            out += [first + "/**"] + wrap(text, first + " * ", first + " * ") + [first + " */"]
        out += behind
        out.append(first + code)
        i = j
    return out


def lift_trailing(lines):
    """A statement's trailing comment that is too long goes above it."""
    out = []
    for line in lines:
        m = re.match(r"^(\s+)([^\"']*?[;,{)])\s*/\* (.*) \*/$", line)
        if m and len(line) > W and (not out or END.search(out[-1])):
            out += wrap(m[3] + " */", m[1] + "/* ", m[1] + " * ")
            out.append(m[1] + m[2])
        else:
            out.append(line)
    return out


def reflow_c(path, root):
    text = path.read_text()
    look_at_gaps(text)
    lines = text.split("\n")
    before = lines
    lines = lift_members(lines)
    lines = lift_trailing(lines)
    lines = reflow_c_comments(lines)
    if lines != before:
        path.write_text("\n".join(lines))
        if path.suffix in (".c", ".h"):
            subprocess.run(["clang-format-14", "-i", str(path)], check=True, cwd=root)
    if path.suffix not in (".c", ".h"):
        fill_inc(path)
        return
    for _ in range(4):
        lines = path.read_text().split("\n")
        long = [n for n, l in enumerate(lines, 1) if len(l) > W and '"' in l and not l.rstrip().endswith("\\")
                and not (n > 1 and lines[n - 2].rstrip().endswith("\\"))]
        if not long:
            break
        style = (root / ".clang-format").read_text().replace("BreakStringLiterals: false", "BreakStringLiterals: true")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
            f.write(style)
            f.flush()
            subprocess.run(["clang-format-14", "-i", f"--style=file:{f.name}"] + [f"--lines={n}:{n}" for n in long]
                           + [str(path)], check=True)
        subprocess.run(["clang-format-14", "-i", str(path)], check=True, cwd=root)
        if path.read_text().split("\n") == lines:
            break


# the last two: no line may begin like a list item by chance
SPANS = (r"`[^`]+`", r"\[[^\]]*\]\([^)\s]*\)", r"\S+ \d+[.)](?=\s)", r"\S+ [-+*#>](?=\s)")


def reflow_md(path):
    look_at_gaps("")
    lines = path.read_text().split("\n")
    out, i, fence, in_list = [], 0, False, False
    while i < len(lines):
        line = lines[i]
        if re.match(r"^\s*(```|~~~)", line):
            fence = not fence
            out.append(line)
            i += 1
            continue
        item = re.match(r"^(\s*(?:[-*+]|\d+[.)])\s+)\S", line)
        if item:
            in_list = True
        elif line.strip() and not line.startswith(" "):
            in_list = False
        indent = len(line) - len(line.lstrip())
        code = indent >= 4 and not in_list
        if in_list and not item and indent >= 4 and (i == 0 or not lines[i - 1].strip()) and indent >= 6:
            code = True
        if fence or code or not line.strip() or re.match(r"^\s*(#|\||<|!\[|\[[^\]]+\]:|---+\s*$|===+\s*$)", line):
            out.append(line)
            i += 1
            continue
        quote = re.match(r"^(\s*> ?)", line)
        head = item[1] if item else quote[1] if quote else " " * indent
        hang = " " * len(head) if item else head
        par, j = [line[len(head):]], i + 1
        while j < len(lines):
            l = lines[j]
            if (not l.strip() or re.match(r"^\s*(#|\||<|```|~~~|!\[|[-*+]\s|\d+[.)]\s|---+\s*$|===+\s*$)", l)
                    or (lines[j - 1].endswith("  "))):
                break
            if quote and not l.startswith(">"):
                break
            par.append(l[len(quote[1]):] if quote and l.startswith(quote[1].rstrip()) else l)
            j += 1
        if any(len(l) > W for l in lines[i:j]):
            tail = "  " if lines[j - 1].endswith("  ") else ""
            text = join_words(par)
            got = wrap(text, head, hang, W, SPANS)
            got[-1] += tail
            out += got
        else:
            out += lines[i:j]
        i = j
    path.write_text("\n".join(out))


def docstring_lines(text):
    """Line numbers (from 0) inside docstrings, and of strings of many lines: (docs, strings)."""
    docs, strings = [], set()
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return [], set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
                docs.append((first.lineno - 1, first.end_lineno - 1))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING and token.start[0] != token.end[0]:
            strings |= set(range(token.start[0] - 1, token.end[0]))
    return docs, strings


def reflow_hash(path):
    text = path.read_text()
    look_at_gaps(text)
    lines = text.split("\n")
    is_py = path.suffix == ".py"
    docs, strings = docstring_lines(text) if is_py else ([], set())
    heredoc = set()
    if not is_py:
        end = None
        for n, l in enumerate(lines):
            if end is not None:
                heredoc.add(n)
                if l.strip() == end:
                    end = None
            else:
                m = re.search(r"<<-?\s*['\"]?(\w+)['\"]?", l)
                if m and not l.lstrip().startswith("#"):
                    end = m[1]
    out, i = [], 0
    while i < len(lines):
        doc = next((d for d in docs if d[0] == i), None)
        if doc and any(len(l) > W for l in lines[doc[0]:doc[1] + 1]):
            indent = re.match(r"^\s*", lines[i])[0]
            quote = re.match(r'^\s*([rRbBuU]*""")', lines[i])
            if quote:
                body = lines[doc[0]:doc[1] + 1]
                last = body[-1].rstrip()
                alone = last.strip() == '"""' and len(body) > 1
                if alone:
                    body = body[:-1]
                else:
                    body = body[:-1] + [last[:-3]]
                body = [quote[1] + body[0][len(quote[0]):]] + [l[len(indent):] if l.startswith(indent) else l for l in body[1:]]
                wrapped = reflow_block(body, W - len(indent) - (0 if alone else 3))
                wrapped = [(indent + l).rstrip() for l in wrapped]
                if alone or len(wrapped) > 1:
                    wrapped.append(indent + '"""')
                else:
                    wrapped[-1] += '"""'
                out += wrapped
                i = doc[1] + 1
                continue
        m = re.match(r"^(\s*)#(?!!)( ?)(.*)$", lines[i])
        if not m or i in strings or i in heredoc:
            out.append(lines[i])
            i += 1
            continue
        j = i
        body = []
        while j < len(lines) and j not in strings and j not in heredoc:
            m2 = re.match(r"^(\s*)# ?(.*)$", lines[j])
            if not m2 or m2[1] != m[1] or lines[j].startswith("#!"):
                break
            body.append(m2[2].rstrip())
            j += 1
        if any(len(l) > W for l in lines[i:j]):
            body = reflow_block(body, W - len(m[1]) - 2)
            out += [(m[1] + "# " + l).rstrip() for l in body]
        else:
            out += lines[i:j]
        i = j
    # a trailing comment that is too long goes above its line
    final = []
    for n, l in enumerate(out):
        m = re.match(r"^(\s*)([^#'\"]*\S)\s{1,}# (.*)$", l)
        if len(l) > W and is_py:
            m = re.match(r"^(\s*)(.*?\S)  # (.*)$", l)
            m = m if m and "#" not in m[2] else None
        if len(l) > W and m and (is_py or not final_is_open(final)):
            final += wrap(m[3], m[1] + "# ", m[1] + "# ")
            final.append(m[1] + m[2])
        else:
            final.append(l)
    if final != lines:
        path.write_text("\n".join(final))


def py_tokens(text):
    return [t for t in tokenize.generate_tokens(io.StringIO(text).readline)]


OPEN, CLOSE = "([{", ")]}"
BINARY = {"+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "|", "&", "//", ":="}


def py_break(text, lines, n):
    """Break line n (from 0) once, better places first; True if something was done."""
    tokens = py_tokens(text)
    stack = []   # (row, column) of open brackets
    at_start = None
    here = []    # (token, stack before it)
    for t in tokens:
        row = t.start[0] - 1
        if row > n:
            break
        if row == n and at_start is None:
            at_start = list(stack)
        if row == n and t.type not in (tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
            here.append((t, list(stack)))
        if t.type == tokenize.OP and t.string in OPEN:
            stack.append(t.start)
        elif t.type == tokenize.OP and t.string in CLOSE:
            stack.pop()
    if not here or at_start is None:
        return False
    line = lines[n]
    indent = len(line) - len(line.lstrip())
    if here[0][0].start[1] < indent:
        return False
    best, targets = None, []
    for (a, before_a), (b, before_b) in zip(here, here[1:]):
        if a.string in ("for", "lambda"):
            targets.append(len(before_a))
        if targets and a.string in ("in", ":") and targets[-1] == len(before_a):
            targets.pop()
        if targets:
            continue
        depth = len(before_b)
        if depth == 0 or a.end[0] - 1 != n or b.start[1] <= indent + 4:
            continue
        if a.type == tokenize.OP and a.string in OPEN:
            if b.string in CLOSE:
                continue
            penalty, column = 5, None
        elif a.string == ",":
            penalty, column = 0, a.end[1]
        elif a.type == b.type == tokenize.STRING:
            penalty, column = 0, a.end[1]
        elif b.string in ("and", "or"):
            penalty, column = 1, a.end[1]
        elif b.string in ("for", "else") or (b.string == "if" and b.type == tokenize.NAME):
            penalty, column = 1, a.end[1]
        elif b.type == tokenize.OP and b.string in BINARY or b.string in ("in", "is", "not"):
            if a.type == tokenize.OP and a.string not in CLOSE or a.string in ("not", "and", "or", "in", "is", "if", "else",
                                                                              "return", "lambda"):
                continue
            penalty, column = 3, a.end[1]
        else:
            continue
        if a.end[1] > W or b.string in CLOSE:
            continue
        top = before_b[-1]
        if column is None:
            new = indent + 4
        elif top[0] - 1 == n:
            new = top[1] + 1
            if line[new:new + 1] == "":
                new = indent + 4
        elif at_start and at_start[-1] == top:
            new = indent
        else:
            opened = lines[top[0] - 1]
            rest = opened[top[1] + 1:].strip()
            new = top[1] + 1 if rest else len(opened) - len(opened.lstrip()) + 4
        left = len(line) - b.start[1] + new
        score = depth * 4 + penalty + (8 if new > 56 else 0) + (0 if left <= W else 0)
        if new >= b.start[1]:
            continue
        if best is None or score <= best[0]:
            best = (score, a.end[1], b.start[1], new)
    if best:
        _, cut, begin, new = best
        lines[n:n + 1] = [line[:cut].rstrip(), " " * new + line[begin:]]
        return True
    for t, before in here:
        if t.type == tokenize.STRING and before and t.start[0] == t.end[0] and t.end[1] > W:
            m = re.match(r"([a-zA-Z]*)(\"\"\"|'''|\"|')", t.string)
            if len(m[2]) == 3:
                return False
            head = m[0]
            depth, cut = 0, None
            for k in range(len(head), len(t.string) - 1):
                c = t.string[k]
                if "f" in m[1].lower():
                    if t.string[k:k + 2] in ("{{", "}}"):
                        continue
                    depth += (c == "{") - (c == "}")
                if c == " " and depth <= 0 and t.start[1] + k + 2 <= W and k > len(head) + 8:
                    cut = k + 1
            if cut is None or len(t.string) - cut < 6:
                continue
            column = t.start[1]
            lines[n:n + 1] = [line[:column] + t.string[:cut] + m[2], " " * column + head + t.string[cut:] + line[t.end[1]:]]
            return True
    # nothing is open: brackets round the whole
    m = re.match(r"^(\s*(?:return|yield) )([^#]*)$", line) or re.match(r"^(\s*[\w.\[\], \"']+ [-+*|]?= )([^#]*)$", line)
    if m and not at_start and not stack and m[2].strip():
        lines[n] = m[1] + "(" + m[2].rstrip() + ")"
        return True
    m = re.match(r"^(\s*(?:if|elif|while) )([^#]*):$", line)
    if m and not at_start and not stack:
        lines[n] = m[1] + "(" + m[2] + "):"
        return True
    m = re.match(r"^(\s*)((?:if|elif|else|for|while|with)\b.*?): (\S[^#]*)$", line)
    if m and not at_start and not stack:
        lines[n:n + 1] = [m[1] + m[2] + ":", m[1] + "    " + m[3]]
        return True
    return False


def fill_py(path):
    text = path.read_text()
    try:
        want = ast.dump(ast.parse(text))
    except SyntaxError:
        return
    lines, n, tries = text.split("\n"), 0, 0
    multi = docstring_lines(text)[1]
    while n < len(lines):
        if len(lines[n]) <= W or lines[n].lstrip().startswith("#"):
            n, tries = n + 1, 0
            continue
        before = list(lines)
        done = False
        try:
            done = tries < 40 and py_break("\n".join(lines), lines, n)
            if done and ast.dump(ast.parse("\n".join(lines))) != want:
                done = False
        except (SyntaxError, tokenize.TokenError, IndentationError):
            done = False
        if not done:
            lines = before
            n, tries = n + 1, 0
        else:
            tries += 1
    if "\n".join(lines) != text:
        path.write_text("\n".join(lines))


def shell_states(text):
    """For each character: may a line be broken here (a blank outside of quotes)?  Also lines of here-documents."""
    free = bytearray(len(text))
    quoted = bytearray(len(text))
    stack, i, here, comment = ["u"], 0, [], False
    line_start = True
    while i < len(text):
        c, top = text[i], stack[-1]
        if top in "us(" or top == "`":
            if top != "s" and c == "#" and (i == 0 or text[i - 1] in " \t\n;(") and top in "u(":
                j = text.find("\n", i)
                i = len(text) if j < 0 else j
                continue
        if top == "'":
            quoted[i] = 1
            if c == "'":
                stack.pop()
        elif top == '"':
            quoted[i] = 1
            if c == "\\":
                i += 1
                if i < len(text):
                    quoted[i] = 1
            elif c == '"':
                stack.pop()
            elif text.startswith("$((", i):
                j = text.find("))", i)
                for k in range(i, j + 2):
                    quoted[k] = 1
                i = j + 1
            elif text.startswith("$(", i):
                stack.append("(")
                i += 1
            elif text.startswith("${", i):
                stack.append("{")
                i += 1
        elif top == "{":
            quoted[i] = 1
            if c == "}":
                stack.pop()
            elif c == "'" and "\"" not in stack:
                stack.append("'")
            elif c == '"':
                stack.append('"')
            elif text.startswith("$(", i):
                stack.append("(")
                i += 1
        else:
            if c == "\\":
                i += 1
            elif c == "'":
                stack.append("'")
            elif c == '"':
                stack.append('"')
            elif text.startswith("${", i):
                stack.append("{")
                i += 1
            elif text.startswith("$((", i) or text.startswith("((", i):
                j = text.find("))", i)
                i = j + 1
            elif c == "(":
                stack.append("(")
            elif c == ")" and len(stack) > 1 and top == "(":
                stack.pop()
            elif text.startswith("<<", i) and not text.startswith("<<<", i):
                m = re.match(r"<<-?\s*(['\"]?)(\w+)\1", text[i:])
                if m:
                    here.append(m[2])
                    i += m.end() - 1
            elif text.startswith("<<<", i):
                i += 2
            elif c == "\n" and here:
                for end in here:
                    while True:
                        j = text.find("\n", i + 1)
                        j = len(text) if j < 0 else j
                        for k in range(i + 1, j):
                            quoted[k] = 1
                        line = text[i + 1:j]
                        i = j
                        if line.strip() == end or j >= len(text):
                            break
                here = []
            elif c == " ":
                free[i] = 1
        i += 1
    return free, quoted


def pretty(path, text):
    got = subprocess.run(["bash", "--pretty-print", "/dev/stdin"], input=text, capture_output=True, text=True)
    return got.stdout if got.returncode == 0 else None


def fill_sh(path):
    text = path.read_text()
    want = pretty(path, text)
    if want is None:
        return
    skipped = set()
    while True:
        lines = text.split("\n")
        free, _ = shell_states(text)
        at, done = 0, False
        for n, line in enumerate(lines):
            if len(line) > W and (n, line) not in skipped and not line.lstrip().startswith("#"):
                indent = len(line) - len(line.lstrip())
                goes_on = n > 0 and lines[n - 1].rstrip().endswith(("\\", "&&", "||", "|"))
                more = " " * (indent if goes_on else indent + 4)
                places = [k for k in range(indent + 8, min(W, len(line))) if free[at + k] and line[k - 1] != "\\"]
                cut = None
                for pattern in (r"(&&|\|\||\|) ", ):
                    for k in places:
                        if re.search(r"(?:^| )(&&|\|\||\|)$", line[:k]):
                            cut = (k, line[:k])
                if cut is None or cut[0] < 40:
                    fits = [k for k in places if k <= W - 2]
                    if fits:
                        cut = (fits[-1], line[:fits[-1]] + " \\")
                if cut:
                    new = "\n".join(lines[:n] + [cut[1], more + line[cut[0] + 1:]] + lines[n + 1:])
                    if pretty(path, new) == want and len(more) + len(line) - cut[0] - 1 < len(line):
                        text, done = new, True
                        break
                skipped.add((n, line))
            at += len(line) + 1
        if not done:
            break
    if text != path.read_text():
        path.write_text(text)


def fill_cmake(path):
    lines, n = path.read_text().split("\n"), 0
    while n < len(lines):
        line = lines[n]
        if len(line) > W and not line.lstrip().startswith("#"):
            indent = len(line) - len(line.lstrip())
            inside, cut = False, None
            for k, c in enumerate(line[:W + 1]):
                inside ^= c == '"'
                if c == " " and not inside and k > indent + 4:
                    cut = k
            if cut:
                deeper = re.match(r"^\s*(\w+\(|[A-Z]{3,}\b)", line)
                lines[n:n + 1] = [line[:cut], " " * (indent + (4 if deeper else 0)) + line[cut + 1:]]
                continue
        n += 1
    path.write_text("\n".join(lines))


def fill_inc(path):
    lines, n = path.read_text().split("\n"), 0
    while n < len(lines):
        line = lines[n]
        if len(line) > W and not line.lstrip().startswith(("/*", "*", "//")):
            m = [m for m in re.finditer(r'"(?:[^"\\]|\\.)*"', line) if m.end() > W - 3 and m.start() < W - 20]
            if m:
                begin = m[0].start()
                cut = line.rfind(" ", begin + 10, W - 2) + 1
                if cut > 0:
                    lines[n:n + 1] = [line[:cut] + '"', " " * begin + '"' + line[cut:]]
                    n += 1
                    continue
            else:
                blank = re.sub(r'"(?:[^"\\]|\\.)*"', lambda m: "x" * len(m[0]), line)
                cut = blank.rfind(", ", 0, W)
                if cut > 0:
                    lines[n:n + 1] = [line[:cut + 1], " " * (len(line) - len(line.lstrip()) + (5 if "(" in line[:8] else 0)) + line[cut + 2:]]
                    continue
        n += 1
    path.write_text("\n".join(lines))


def final_is_open(lines):
    return bool(lines) and lines[-1].rstrip().endswith(("\\", "(", "|", "&&"))


def files(root):
    names = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True,
                           check=True).stdout.split("\n")
    for name in names:
        p = root / name
        if not name or not p.is_file() or p.is_symlink() or "/corpus/" in name:
            continue
        if name.startswith(("tests/golden/", "tests/data/")) and p.suffix not in (".py", ".sh", ".txt", ".md"):
            continue
        yield name, p


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    only = set(sys.argv[2:])
    for name, p in files(root):
        if only and name not in only:
            continue
        if p.suffix in (".c", ".h", ".inc"):
            if any(len(l) > W or "///<" in l for l in p.read_text().split("\n")):
                reflow_c(p, root)
        elif p.suffix == ".md":
            reflow_md(p)
        elif p.suffix in (".py", ".sh", ".cmake", ".in") or p.name in ("CMakeLists.txt", "bootstrap", "LAYERS", "run"):
            if any(len(l) > W for l in p.read_text().split("\n")):
                reflow_hash(p)
                if p.suffix == ".py":
                    fill_py(p)
                elif p.suffix == ".cmake" or p.name == "CMakeLists.txt":
                    fill_cmake(p)
                elif p.name != "LAYERS" and p.suffix != ".in":
                    fill_sh(p)


if __name__ == "__main__":
    main()
