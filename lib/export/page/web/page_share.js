/* What leaves the page: filters in its address, and incidents as a table for a spreadsheet. */
"use strict";

/** Behind the address's #, so that a link or a bookmark shows the same.  Nothing is sent anywhere. */
nta.address = (() => {
  const texts = ["text", "user", "list", "country", "grade"];

  function read() {
    const given = new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : ""), filter = {};
    for (const key of texts) if (given.get(key)) filter[key] = given.get(key);
    if (given.has("downloads")) filter.download = true;
    const [from, to] = ["from", "to"].map((key) => Date.parse(given.get(key)));
    if (!Number.isNaN(from) || !Number.isNaN(to)) filter.range = { from: Number.isNaN(from) ? -Infinity : from, to: Number.isNaN(to) ? Infinity : to };
    return filter;
  }

  function write(filter) {
    const given = new URLSearchParams();
    for (const key of texts) if (filter[key]) given.set(key, filter[key]);
    if (filter.download) given.set("downloads", "");
    const { from, to } = filter.range || {};
    if (Number.isFinite(from)) given.set("from", new Date(from).toISOString());
    if (Number.isFinite(to)) given.set("to", new Date(to).toISOString());
    const hash = String(given) ? `#?${given}` : "";
    if (hash === location.hash || (!hash && !location.hash.startsWith("#?"))) return;
    try { history.replaceState(null, "", hash || "#"); } catch { /* a page that may not: it works without */ }
  }

  return { read, write };
})();

/** Cells as RFC 4180 has them; one that a spreadsheet would take for a formula gets an apostrophe. */
nta.csv = (rows) => {
  const cell = (value) => {
    const text = value === undefined || value === null ? "" : String(value);
    return typeof value === "number" ? text : `"${(/^[\t\r=+\-@]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  };
  const user = (row) => row.record.user || {};
  const columns = [
    ["id", (row) => row.id], ["began", (row) => nta.time(row.first)], ["ended", (row) => nta.time(row.last)],
    ["person", (row) => user(row).person], ["department", (row) => user(row).department], ["login", (row) => user(row).login], ["device", (row) => user(row).name], ["address", (row) => user(row).ip], ["mac", (row) => user(row).mac],
    ["did", (row) => row.act], ["severity", (row) => row.severity], ["evidence", (row) => row.grade], ["site", (row) => row.site], ["lists", (row) => row.lists.join("; ")],
    ["files", (row) => row.n_files], ["file names", (row) => row.files.map((file) => file.name || "").filter(Boolean).join("; ")], ["kinds", (row) => nta.kinds(row)],
    ["bytes received", (row) => row.down], ["bytes sent", (row) => row.up], ["where", (row) => row.where], ["status", (row) => row.status], ["note", (row) => row.note], ["chain", (row) => row.proof],
  ];
  return [columns.map(([name]) => cell(name)), ...rows.map((row) => columns.map(([, get]) => cell(get(row))))].map((cells) => `${cells.join(",")}\r\n`).join("");
};

/** Hand a text to the reader as a file. */
nta.save = (name, text) => {
  const link = nta.el("a", { href: URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};
