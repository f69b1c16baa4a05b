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

/** Words of the page by their names, in the language that is spoken (page_words.inc). */
nta.language = (() => {
  const { lang, languages, words } = JSON.parse(nta.get("words").textContent);
  const kept = { get: () => { try { return localStorage.getItem("nta-language") || ""; } catch { return ""; } }, set: (code) => { try { localStorage.setItem("nta-language", code); } catch { /* a page from a file may not keep anything */ } } };
  const first = [kept.get(), lang, ...navigator.languages].map((code) => code.toLowerCase().split("-")[0]).find((code) => languages.includes(code)) || languages[0];
  /* what numbers, days and names of countries are written by; of English: that of a day before its month */
  const one = { code: "", at: 0, locale: "", plural: null, number: null, regions: null };

  function speak(code) {
    one.code = languages.includes(code) ? code : languages[0];
    one.at = languages.indexOf(one.code);
    one.locale = one.code === "en" ? "en-GB" : one.code;
    one.plural = new Intl.PluralRules(one.locale);
    one.number = new Intl.NumberFormat(one.locale);
    one.regions = new Intl.DisplayNames([one.locale], { type: "region", fallback: "none" });
    document.documentElement.lang = one.code;
    for (const [mark, put] of [["w", (node, word) => { node.textContent = word; }], ["wLabel", (node, word) => node.setAttribute("aria-label", word)], ["wHint", (node, word) => { node.placeholder = word; }]])
      for (const node of document.querySelectorAll(`[data-${mark.replace("L", "-l").replace("H", "-h")}]`)) put(node, nta.w(node.dataset[mark]));
  }

  /** The names of languages, each in itself, to choose from. */
  function offer(select, onChange) {
    select.replaceChildren(...languages.map((code) => nta.el("option", { value: code, lang: code }, new Intl.DisplayNames([code], { type: "language" }).of(code))));
    select.value = one.code;
    select.addEventListener("change", () => { speak(select.value); kept.set(select.value); onChange(); });
  }

  return { one, words, first, speak, offer };
})();

/** A word with its gaps filled: nta.w("LINE", { line: 3 }); of {n}: its form for so many. */
nta.w = (name, gaps = {}) => {
  const { one, words } = nta.language, forms = words[name][one.at].split("|");
  const form = forms.length > 1 && one.plural.select(gaps.n || 0) !== "one" ? forms[1] : forms[0];
  return form.replace(/\{(\w+)\}/g, (gap, key) => (key === "n" ? nta.number(gaps.n) : String(gaps[key] ?? "")));
};
/** The word for a value of the data; one that has none stands for itself. */
nta.wordOf = (kind, value) => { const name = `${kind}_${String(value || "").toUpperCase()}`; return Object.hasOwn(nta.language.words, name) ? nta.w(name) : value || ""; };

nta.number = (value) => nta.language.one.number.format(value || 0);
nta.bytes = (value) => {
  let size = value || 0, unit = 0;
  for (; size >= 1024 && unit < 5; unit++) size /= 1024;
  const text = unit === 0 ? String(size) : size.toFixed(1);
  return `${nta.language.one.code === "en" ? text : text.replace(".", ",")} ${["B", "KiB", "MiB", "GiB", "TiB", "PiB"][unit]}`;
};

/** A country by its code in the reader's language; what the data calls it, where that has none. */
nta.country = (code, name) => {
  if (name && nta.language.one.code === "en") return name; // the data's names are English
  try { return (code && nta.language.one.regions.of(code)) || name || code; } catch { return name || code; }
};
/** What a place is called: "Ghent, Belgium", "somewhere in Belgium"; `key` is that in English. */
nta.placeName = (key, code) => {
  const at = key.lastIndexOf(", "), country = nta.country(code, "");
  if (!country || nta.language.one.code === "en") return key;
  if (key.startsWith("somewhere in ")) return nta.w("SOMEWHERE", { country });
  return at < 0 ? key : `${key.slice(0, at)}, ${country}`;
};

const stamp = (options) => {
  const format = new Intl.DateTimeFormat("en-CA", { ...options, hourCycle: "h23" });
  return (time) => (time ? format.format(new Date(time)).replace(",", "") : "");
};
nta.time = stamp({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
nta.minute = stamp({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
nta.day = stamp({ year: "numeric", month: "2-digit", day: "2-digit" });
nta.clock = stamp({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
/** " on Monday 23 November 2026", " between Monday 23 and Wednesday 25 November 2026": local days. */
nta.period = (first, last) => {
  const form = (options) => new Intl.DateTimeFormat(nta.language.one.locale, { weekday: "long", day: "numeric", ...options });
  const [from, to] = [new Date(first), new Date(last)], whole = form({ month: "long", year: "numeric" });
  const isMonth = from.getMonth() === to.getMonth() && from.getFullYear() === to.getFullYear();
  const said = (day) => (nta.language.one.code === "en" ? day.replace(",", "") : day); // in a sentence
  if (whole.format(from) === whole.format(to)) return nta.w("ON_DAY", { day: said(whole.format(from)) });
  const parts = whole.formatToParts(from), month = parts.findIndex((part) => part.type === "month");
  const short = parts.slice(0, month).map((part) => part.value).join("").trim();
  return nta.w("ON_DAYS", { from: said(isMonth ? short : whole.format(from)), to: said(whole.format(to)) });
};
/** "14 seconds", "22 minutes", "3 hours". */
nta.lasting = (ms) => {
  const [size, name] = [[86400000, "DAYS"], [3600000, "HOURS"], [60000, "MINUTES"], [1000, "SECONDS"]].find(([unit]) => ms >= unit * 1.5) || [1000, "SECONDS"];
  return nta.w(name, { n: Math.max(1, Math.round(ms / size)) });
};
nta.zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || nta.w("LOCAL_TIME");

nta.grades = (grade) => nta.wordOf("READ", grade);
/** Tone, word and sentence of what the chain says. */
nta.proofs = (proof) => [{ holds: "good", broken: "bad" }[proof] || "", nta.wordOf("PROOF", proof), nta.wordOf("PROOF_WHY", proof)];
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
