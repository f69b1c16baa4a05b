/* Small things the rest stands on: elements made without markup, and numbers, sizes and times in words. */
"use strict";
const nta = { rank: { strong: 3, likely: 2, weak: 1 } };

/** An element with attributes and children; texts become text nodes, never markup. */
nta.el = (name, attributes = {}, ...children) => {
  const svg = nta.el.svg.has(name);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return node;
};
nta.el.svg = new Set(["svg", "g", "path", "rect", "circle", "line", "text", "title"]);
nta.get = (id) => document.getElementById(id);

nta.number = (value) => new Intl.NumberFormat("en").format(value || 0);
nta.count = (n, one, many = one + "s") => `${nta.number(n)} ${n === 1 ? one : many}`;
nta.bytes = (value) => {
  let size = value || 0, unit = 0;
  for (; size >= 1024 && unit < 5; unit++) size /= 1024;
  return unit === 0 ? `${size} B` : `${size.toFixed(1)} ${["", "KiB", "MiB", "GiB", "TiB", "PiB"][unit]}`;
};

const stamp = (options) => {
  const format = new Intl.DateTimeFormat("en-CA", { ...options, hourCycle: "h23" });
  return (time) => (time ? format.format(new Date(time)).replace(",", "") : "");
};
nta.time = stamp({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
nta.minute = stamp({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
nta.day = stamp({ year: "numeric", month: "2-digit", day: "2-digit" });
nta.clock = stamp({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
/** "on Monday, 23 November 2026", "from Monday, 23 to Wednesday, 25 November 2026": local days. */
nta.period = (first, last) => {
  const format = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const [from, to] = [new Date(first), new Date(last)];
  return format.format(from) === format.format(to) ? ` on ${format.format(from)}` : ` between ${format.formatRange(from, to).replace("–", "and")}`;
};
/** "14 seconds", "22 minutes", "3 hours". */
nta.lasting = (ms) => {
  const [size, name] = [[86400000, "day"], [3600000, "hour"], [60000, "minute"], [1000, "second"]].find(([unit]) => ms >= unit * 1.5) || [1000, "second"];
  return nta.count(Math.max(1, Math.round(ms / size)), name);
};
nta.zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "local time";

nta.grades = {
  strong: "Strong: seen in clear or said by the client or the server, and nothing says otherwise.",
  likely: "Likely: by what DNS told this client, or with something that disagrees.",
  weak: "Weak: by the address alone, or a name that the address shares with others. A hint, not a proof.",
};
nta.bases = {
  url: "the address of a request in clear", sni: "the name in the client's TLS or QUIC hello", cert: "the server's certificate",
  dns: "a DNS answer that this client was given", address: "the IP address alone",
};
nta.proofs = {
  holds: ["good", "verified", "The batch that holds this record is signed by the sensor, unchanged, and in its place in the chain."],
  unchecked: ["", "not checked", "No public key of the sensor was at hand when this was made. nta verify checks the chain."],
  broken: ["bad", "BROKEN", "The batch that holds this record is not as the sensor signed it, or not in its place in the chain."],
};
nta.badge = (word, tone, title) => nta.el("span", { class: `badge ${tone || ""}`, title }, word);

/** The outlines of countries: code -> {name, label: [lat, lon], rings: [[[lat, lon]...]...]}. */
nta.readWorld = (text) => {
  const countries = [];
  for (const line of text.split("\n")) {
    const [code, name, label, rings] = line.split("\t");
    if (rings === undefined || line.startsWith("#")) continue;
    const pairs = (part) => {
      const numbers = part.split(" ").map(Number), points = [];
      for (let i = 0; i + 1 < numbers.length; i += 2) points.push([numbers[i + 1], numbers[i]]);
      return points;
    };
    countries.push({ code, name, label: pairs(label)[0], rings: rings.split(";").filter(Boolean).map(pairs) });
  }
  return countries;
};

/** Large towns, the largest first: {name, at: [lat, lon]}. */
nta.readTowns = (text) => text.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => {
  const [name, lat, lon] = line.split("\t");
  return { name, at: [Number(lat), Number(lon)] };
});

/** Points of the great circle between two places, in parts that do not cross the date line. */
nta.arc = ([lat1, lon1], [lat2, lon2]) => {
  const rad = Math.PI / 180;
  const vector = (lat, lon) => [Math.cos(lat * rad) * Math.cos(lon * rad), Math.cos(lat * rad) * Math.sin(lon * rad), Math.sin(lat * rad)];
  const a = vector(lat1, lon1), b = vector(lat2, lon2);
  const angle = Math.acos(Math.min(1, Math.max(-1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2])));
  const steps = Math.max(2, Math.ceil(angle / (3 * rad))), parts = [[]];
  if (angle < 1e-9 || Math.PI - angle < 1e-6) return [[[lat1, lon1], [lat2, lon2]]];
  for (let i = 0; i <= steps; i++) {
    const k = Math.sin((1 - i / steps) * angle) / Math.sin(angle), m = Math.sin((i / steps) * angle) / Math.sin(angle);
    const [x, y, z] = [0, 1, 2].map((n) => k * a[n] + m * b[n]);
    const point = [Math.atan2(z, Math.hypot(x, y)) / rad, Math.atan2(y, x) / rad];
    const part = parts[parts.length - 1], last = part[part.length - 1];
    if (last && Math.abs(point[1] - last[1]) > 180) {
      const side = last[1] > 0 ? 180 : -180, far = point[1] + 2 * side;
      const lat = last[0] + ((point[0] - last[0]) * (side - last[1])) / (far - last[1]);
      part.push([lat, side]);
      parts.push([[lat, -side], point]);
    } else part.push(point);
  }
  return parts;
};
