/* Figures, the timeline, and the tables of who and where. */
"use strict";
nta.charts = (() => {
  const { el, get } = nta;

  /** Of the incidents that are shown; without a filter of all there are, also those that are not in the page. */
  function figures(data, shown) {
    const isAll = shown.length === data.incidents.rows.length, more = isAll && data.incidents.folded ? "+" : "";
    const sum = (get) => shown.reduce((total, row) => total + get(row), 0);
    const row = (name, value, hot) => el("div", {}, el("dt", {}, name), el("dd", { class: hot ? "hot" : "" }, value));
    const downloads = isAll ? data.downloads : sum((one) => one.act === "downloaded" && one.grade !== "weak");
    get("figures").replaceChildren(
      row(nta.w("FIG_INCIDENTS"), nta.number(isAll ? data.incidents.all : shown.length) + more, isAll ? data.incidents.all > 0 : shown.length > 0),
      row(nta.w("FIG_DOWNLOADS"), nta.number(downloads) + more, downloads > 0),
      row(nta.w("FIG_FILES"), nta.number(isAll ? data.files : sum((one) => one.n_files)) + more),
      row(nta.w("FIG_USERS"), nta.number(isAll ? data.users_involved : new Set(shown.map((one) => one.who)).size) + more),
      ...(data.role === "viewer" ? [] : [row(nta.w("FIG_RECEIVED"), nta.bytes(sum((one) => one.down))), row(nta.w("FIG_SENT"), nta.bytes(sum((one) => one.up)))]));
  }

  function niceTop(value) {
    const unit = 10 ** Math.floor(Math.log10(Math.max(1, value)));
    return [1, 2, 5, 10].map((k) => k * unit).find((top) => top >= value);
  }

  /** Bins joined so that no bar is thinner than the eye. */
  function joined({ start_ms: start, step_ms: step, bins }, most = 120) {
    const n = Math.max(1, Math.ceil(bins.length / most)), bars = [];
    for (let i = 0; i < bins.length; i += n) {
      const part = bins.slice(i, i + n);
      bars.push({ from: start + i * step, to: start + (i + n) * step, n: part.reduce((s, b) => s + b[0], 0), alerts: part.reduce((s, b) => s + b[1], 0) });
    }
    /* a short time in the middle, not a few broad slabs */
    const length = bars.length ? bars[0].to - bars[0].from : 0, missing = bars.length ? Math.max(0, 36 - bars.length) : 0;
    const empty = (from) => ({ from, to: from + length, n: 0, alerts: 0 });
    for (let i = 0; i < missing; i++)
      if (i % 2) bars.unshift(empty(bars[0].from - length)); else bars.push(empty(bars[bars.length - 1].to));
    return bars;
  }

  const W = 1000, LEFT = 46, ROWS = [{ y: 12, h: 62, key: "alerts" }, { y: 88, h: 50, key: "n" }];

  /** Two rows of bars over one axis: alerts, and all records.  onPick({from, to}) or null. */
  function timeline(data, range, onPick) {
    const bars = joined(data.timeline), svg = el("svg", { viewBox: `0 0 ${W} 170`, preserveAspectRatio: "none", role: "img", "aria-labelledby": "timeline-caption" });
    if (!bars.length) return get("timeline").replaceChildren(el("p", { class: "none" }, nta.w("NOTHING")));
    const width = (W - LEFT) / bars.length, x = (i) => LEFT + i * width;
    for (const { y, h, key } of ROWS) {
      const top = niceTop(Math.max(...bars.map((bar) => bar[key])));
      svg.append(el("line", { class: "grid", x1: LEFT, x2: W, y1: y + h, y2: y + h }), el("line", { class: "grid", x1: LEFT, x2: W, y1: y, y2: y }));
      bars.forEach((bar, i) => {
        const height = bar[key] ? Math.max(2, (bar[key] / top) * h) : 0;
        if (height) svg.append(el("rect", { class: key === "n" ? "all" : "alerts", x: x(i) + width * 0.08, width: width * 0.84, y: y + h - height, height }));
      });
    }
    bars.forEach((bar, i) => {
      const on = range && range.from === bar.from;
      svg.append(el("rect", { class: on ? "hit on" : "hit", x: x(i), width, y: 6, height: 136, onclick: () => onPick(on ? null : bar) },
        el("title", {}, `${nta.w("SPAN", { from: nta.time(bar.from), to: nta.time(bar.to) })}\n${nta.w("ALERTS", { n: bar.alerts })}, ${nta.w("RECORDS", { n: bar.n })}`)));
    });
    const put = () => get("timeline").replaceChildren(svg, ...axis(bars));
    put();
    window.onresize = () => requestAnimationFrame(put); // as many times as have space
    const spread = nta.day(bars[0].from) === nta.day(bars[bars.length - 1].to);
    get("when-note").textContent = nta.w("TIMES_IN", { zone: nta.zone(), span: span(bars[0].to - bars[0].from) }) + (data.timeline.stray ? nta.w("STRAY", { n: data.timeline.stray }) : "") +
      nta.w("IN_ALL", { records: nta.w("RECORDS", { n: data.all.n }), users: nta.w("OF_USERS", { n: data.users.all }), bytes: nta.bytes(data.all.down) });
    get("timeline-caption").replaceChildren(nta.w("CAPTION", { from: nta.time(data.all.first), to: spread ? nta.clock(data.all.last) : nta.time(data.all.last) }),
      el("span", { class: "noprint" }, nta.w("CHOOSE_BAR")));
  }

  /** Words stand beside the stretched drawing, in a layer of their own that is not stretched. */
  function axis(bars) {
    const layer = el("div", { class: "axis", "aria-hidden": "true" });
    const last = bars[bars.length - 1].to - bars[0].from, oneDay = last < 86400000;
    const label = (text, left, top, right) => {
      const node = el("span", { class: right ? "muted end" : "muted" }, text);
      node.style.left = `${left}%`;
      node.style.top = `${top}px`;
      return node;
    };
    for (const { y, h, key } of ROWS) layer.append(label(nta.number(niceTop(Math.max(...bars.map((bar) => bar[key])))), 0, y - 8), label("0", 0, y + h - 10));
    const step = Math.max(1, Math.ceil(bars.length / Math.min(6, Math.max(1, Math.floor(get("timeline").clientWidth / 110)))));
    for (let i = 0; i < bars.length; i += step) {
      const at = ((LEFT + (i * (W - LEFT)) / bars.length) / W) * 100;
      if (at < 90) layer.append(label(oneDay ? nta.clock(bars[i].from) : last > 4 * 86400000 ? nta.day(bars[i].from) : nta.minute(bars[i].from), at, 146));
    }
    return [layer];
  }

  function span(ms) {
    const [size, name] = [[86400000, "DAYS"], [3600000, "HOURS"], [60000, "MINUTES"]].find(([unit]) => ms >= unit) || [1000, "SECONDS"];
    return nta.w(name, { n: Math.round((ms / size) * 10) / 10 });
  }

  /** One table: name, a meter of what was received, alerts. */
  function card(title, table, options = {}) {
    const { name = (row) => row.key, note, onPick, most = 10 } = options;
    if (!table.rows.length) return null;
    const top = Math.max(1, ...table.rows.map((row) => row.down));
    const body = el("tbody"), figure = (value, text, extra = "") => el("td", { class: `num ${value ? extra : `${extra === "hot" ? "" : extra} zero`}` }, value ? text : "0");
    const line = (row) => {
      const share = el("i", { class: row.alerts ? "hot" : "" }), text = name(row), more = note && note(row);
      share.style.width = `${(100 * row.down) / top}%`; // bytes received, and nothing else
      return el("tr", {}, el("td", {}, onPick ? el("button", { type: "button", class: "name", title: nta.w("SHOW_ITS"), onclick: () => onPick(row) }, text) : text, more && el("div", { class: "muted" }, more), el("div", { class: "meter" }, share)),
        figure(row.alerts, nta.number(row.alerts), "hot"), figure(row.n, nta.number(row.n)), figure(row.down, nta.bytes(row.down), "wide"));
    };
    const show = (n) => body.replaceChildren(...table.rows.slice(0, n).map(line));
    show(most);
    const head = (text, num) => el("th", { scope: "col", class: num || "" }, text);
    const hidden = table.rows.length - most, rest = table.all - table.rows.length;
    const more = hidden > 0 && el("button", { type: "button", class: "more", onclick: () => { show(table.rows.length); more.remove(); } }, nta.w("SHOW_MORE", { n: hidden }));
    return el("section", { class: "card" }, el("table", {}, el("caption", {}, title),
      el("thead", {}, el("tr", {}, head(options.head || nta.w("NAME")), head(nta.w("COL_ALERTS"), "num"), head(nta.w("COL_RECORDS"), "num"), head(nta.w("COL_RECEIVED"), "num wide"))), body), more,
      (rest > 0 || table.folded > 0) && el("p", { class: "muted" }, nta.w("HEAVIEST", { shown: nta.number(table.rows.length), all: table.folded ? nta.w("MORE_THAN", { number: nta.number(table.all) }) : nta.number(table.all) })));
  }

  function tops(data, pick) {
    get("top-cards").replaceChildren(...[
      card(nta.w("USERS"), data.users, { head: nta.w("USER"), note: (row) => row.place, onPick: (row) => pick("user", row.key) }),
      card(nta.w("SITES"), data.sites, { head: nta.w("SITE"), onPick: (row) => pick("text", row.key) }),
      card(nta.w("LISTS"), data.lists, { head: nta.w("LIST"), onPick: (row) => pick("list", row.key) }),
      card(nta.w("COUNTRIES"), data.countries, { head: nta.w("COUNTRY"), name: (row) => (row.name ? `${nta.country(row.key, row.name)} (${row.key})` : row.key), onPick: (row) => pick("country", row.key) }),
      card(nta.w("PLACES"), data.places, { head: nta.w("PLACE"), name: (row) => nta.placeName(row.key, row.country_code), note: (row) => row.as_org }),
      card(nta.w("PROTOCOLS"), data.apps, { head: nta.w("PROTOCOL") }), card(nta.w("TYPES"), data.types, { head: nta.w("TYPE") }),
    ].filter(Boolean));
  }

  return { figures, timeline, tops };
})();
