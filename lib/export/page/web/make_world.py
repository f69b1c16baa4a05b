#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make world.txt, the outlines of countries, from Natural Earth (public domain) as the npm package
world-atlas has it.

usage: npm pack world-atlas && tar xzf world-atlas-*.tgz && make_world.py package > world.txt

Holes are left out.  A line a country, four cells between tabs: ISO 3166-1 code (Debian package
iso-codes; empty: none), name, where its label stands ("lon lat", inside its largest part), and its
rings ("lon lat lon lat ...;..."), in degrees.  1:110 million; small countries that are missing
there come from 1:50 million.  Done once: the result is kept beside this script.
"""
import json
import pathlib
import sys

OWN_CODES = {"Kosovo": "XK", "Somaliland": "", "N. Cyprus": "", "Indian Ocean Ter.": "",
             "Siachen Glacier": ""}


def load(path):
    """(number, name, [ring]) for each country of a TopoJSON file."""
    topology = json.loads(path.read_text())
    scale, origin = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for deltas in topology["arcs"]:
        x = y = 0
        arc = []
        for dx, dy in deltas:
            x, y = x + dx, y + dy
            arc.append((x * scale[0] + origin[0], y * scale[1] + origin[1]))
        arcs.append(arc)

    def ring(indexes):
        points = []
        for i in indexes:
            part = arcs[i] if i >= 0 else arcs[~i][::-1]
            points += part[1:] if points else part
        return points

    for shape in topology["objects"]["countries"]["geometries"]:
        parts = {"Polygon": [shape.get("arcs")], "MultiPolygon": shape.get("arcs")}[shape["type"]]
        yield shape.get("id"), shape["properties"]["name"], [
            piece for part in parts for piece in within_date_line(ring(part[0]))]


def cut(points, at, keep_above):
    """The part of a ring on one side of a meridian."""
    out = []
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1]):
        a_in, b_in = (ax >= at) == keep_above or ax == at, (bx >= at) == keep_above or bx == at
        if a_in:
            out.append((ax, ay))
        if a_in != b_in and ax != bx:
            out.append((at, ay + (by - ay) * (at - ax) / (bx - ax)))
    return out


def within_date_line(ring):
    """Rings that cross the date line become one on each side of it; one around a pole is left
    out.
    """
    points, turn = [ring[0]], 0
    for (ax, _), (bx, by) in zip(ring, ring[1:]):
        turn += -360 if bx - ax > 180 else 360 if bx - ax < -180 else 0
        points.append((bx + turn, by))
    if turn:
        return
    for shift in -360, 0, 360:
        part = cut(cut([(x + shift, y) for x, y in points[:-1]], -180, True), 180, False)
        if len(part) > 2:
            yield part + part[:1]


def area(ring):
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:]))) / 2


def inside(ring, x, y):
    odd = False
    for (ax, ay), (bx, by) in zip(ring, ring[1:]):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            odd = not odd
    return odd


def clearance(ring, x, y):
    """Squared distance to the nearest edge."""
    best = 1e9
    for (ax, ay), (bx, by) in zip(ring, ring[1:]):
        dx, dy = bx - ax, by - ay
        t = max(0, min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy or 1)))
        best = min(best, (ax + t * dx - x) ** 2 + (ay + t * dy - y) ** 2)
    return best


def label(rings, steps=48):
    """The point of a grid that lies deepest inside the largest ring."""
    ring = max(rings, key=area)
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    grid = [(min(xs) + (max(xs) - min(xs)) * (i + 0.5) / steps,
             min(ys) + (max(ys) - min(ys)) * (k + 0.5) / steps)
            for i in range(steps) for k in range(steps)]
    inner = [p for p in grid if inside(ring, *p)] or [ring[0]]
    return max(inner, key=lambda p: clearance(ring, *p))


def text(ring):
    shown = []
    for x, y in ring:
        point = f"{x:.2f} {y:.2f}".replace(".00", "")
        if not shown or point != shown[-1]:
            shown.append(point)
    return " ".join(shown) if len(shown) > 3 else ""


def main():
    folder = pathlib.Path(sys.argv[1])
    iso = json.loads(pathlib.Path("/usr/share/iso-codes/json/iso_3166-1.json").read_text())[
        "3166-1"]
    codes = {row["numeric"]: row["alpha_2"] for row in iso}
    names = {row["numeric"]: row.get("common_name", row["name"]).split(",")[0] for row in iso}
    countries = {}
    for file in "countries-110m.json", "countries-50m.json":
        for number, name, rings in load(folder / file):
            if name not in countries:
                countries[name] = number, rings, file
    seen = set()
    print("# Natural Earth (public domain), by way of world-atlas 2 (npm); made by make_world.py.")
    for name, (number, rings, file) in sorted(countries.items()):
        code = codes[number] if number else OWN_CODES[name]
        if code in seen and code or (not code and "50m" in file):
            continue
        seen.add(code)
        if "50m" in file:  # small parts of small countries are not worth their bytes
            rings = sorted(rings, key=area, reverse=True)[:12]
        x, y = label(rings) if rings else (0.0, -80.0)  # Antarctica
        print(code, names.get(number, name), f"{x:.2f} {y:.2f}",
              ";".join(filter(None, map(text, rings))), sep="\t")


main()
