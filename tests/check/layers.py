#!/usr/bin/env python3
"""Hold the includes of lib/ against lib/LAYERS: a module includes its own headers and those it may, no others.

usage: layers.py SOURCE_DIR      Exit status 1 if any file includes what it may not.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def load_layers(path):
    layers = {}
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            name, _, allowed = line.partition(":")
            layers[name] = set(allowed.split()) | {name}
    return layers


def check_order(layers):
    """An edge to a module that stands further down would be a circle."""
    seen = set()
    for name, allowed in layers.items():
        for other in allowed - {name}:
            if other not in seen:
                yield f"lib/LAYERS: {name} may not stand above {other}"
        seen.add(name)


def check_file(path, module, layers, lib):
    for include in INCLUDE.findall(path.read_text()):
        target = include.split("/")[0]
        if not (lib / include).exists():
            yield f"{path}: \"{include}\" is not a path below lib/"
        elif target not in layers[module]:
            yield f"{path}: {module} may not include \"{include}\""


def main():
    root = pathlib.Path(sys.argv[1])
    lib = root / "lib"
    layers = load_layers(lib / "LAYERS")
    wrong = list(check_order(layers))
    n = 0
    for module in sorted(p.name for p in lib.iterdir() if p.is_dir()):
        if module not in layers:
            wrong.append(f"lib/{module} is not in lib/LAYERS")
            continue
        for path in sorted((lib / module).glob("*.[ch]")):
            n += 1
            wrong += check_file(path, module, layers, lib)
    print("\n".join(wrong))
    print(f"{n} files of {len(layers)} modules, {len(wrong)} wrong edges")
    return 1 if wrong or n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
