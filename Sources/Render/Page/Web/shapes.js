/*
 * What things look like, as SVG text. Form says kind: an arch is a listener, a straight door a connected socket, a letter box
 * a datagram socket. Hue says connection, the same at both ends. Colours are the style sheet's variables, so that a theme
 * changes them all.
 */
portwatch.shapes = (() => {
  const HUES = 4;
  const escape = text => String(text).replace(/[&<>"]/g, sign => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
  const MONO = 0.603;
  const SANS = 0.6;

  /* How wide a text becomes at most, in the widest of the fonts that a system may have. */
  const widthOf = (text, size, isMono) => [...String(text)].length * size * (isMono ? MONO : SANS);
  const cut = (text, room, size, isMono) => {
    const most = Math.max(1, Math.floor(room / (size * (isMono ? MONO : SANS))));
    const signs = [...String(text)];
    return signs.length <= most ? String(text) : signs.slice(0, Math.max(0, most - 1)).join("") + "…";
  };

  function text(x, y, content, { size = 15, mono = false, fill = "var(--ink)", anchor = "middle", weight = 400, room, extra = "" } = {}) {
    const fitted = room ? fit(content, room, size, mono, weight) : "";
    return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}" text-anchor="${anchor}" font-weight="${weight}"${mono ? ' class="m"' : ""}${fitted} ${extra}>${escape(content)}</text>`;
  }

  const pen = document.createElement("canvas").getContext("2d");
  let fonts;

  /* As wide as it becomes in the fonts that there are. */
  function measure(content, size, mono, weight) {
    if (!fonts) {
      const style = getComputedStyle(document.documentElement);
      fonts = ["--sans", "--mono"].map(name => style.getPropertyValue(name).trim());
    }
    pen.font = `${weight} ${size}px ${fonts[mono ? 1 : 0]}`;
    return pen.measureText(content).width;
  }

  /* Squeezed a little where it would not fit: never made smaller, and never stretched. */
  const fit = (content, room, size, mono, weight) => (widthOf(content, size, mono) > room && measure(content, size, mono, weight) > room ? ` textLength="${Math.floor(room)}" lengthAdjust="spacingAndGlyphs"` : "");
  const round = number => Math.round(number * 10) / 10;
  const rect = (x, y, width, height, fill, { stroke = "none", radius = 0, extra = "", line = 1 } = {}) =>
    `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${round(height)}" rx="${radius}" fill="${fill}" stroke="${stroke}" stroke-width="${line}" ${extra}/>`;
  const path = (d, stroke, width = 2, extra = 'fill="none"') => `<path d="${d}" stroke="${stroke}" stroke-width="${width}" ${extra}/>`;

  /* A fifth connection has the first one's hue with a striped sill, never a hue of its own; a whole door hatched is TIME_WAIT's. */
  const hue = record => (record.hue === undefined ? "var(--ink2)" : `var(--h${record.hue % HUES + 1})`);
  const isStriped = record => record.hue !== undefined && record.hue % (2 * HUES) >= HUES;

  const defs = `<defs>
<pattern id="stripes" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="4" height="8" fill="var(--surface)"/></pattern>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="1.5" height="6" fill="var(--ink2)" opacity=".28"/></pattern>
<pattern id="bricks" width="22" height="16" patternUnits="userSpaceOnUse"><path d="M0 .5H22M0 8.5H22M5 0V8M16 8V16" stroke="var(--nobody)" stroke-width="1.2" opacity=".4"/></pattern>
<filter id="lift" x="-20%" y="-20%" width="140%" height="150%"><feDropShadow dx="0" dy="2" stdDeviation="3" flood-opacity=".28"/></filter>
</defs>`;

  function outline(kind, x, y, width, height) {
    if (kind === "L") return `M${x} ${y + height}V${y + width / 2}A${width / 2} ${width / 2} 0 0 1 ${x + width} ${y + width / 2}V${y + height}Z`;
    const r = kind ? 8 : 2;
    return `M${x + r} ${y}H${x + width - r}Q${x + width} ${y} ${x + width} ${y + r}V${y + height - r}Q${x + width} ${y + height} ${x + width - r} ${y + height}H${x + r}Q${x} ${y + height} ${x} ${y + height - r}V${y + r}Q${x} ${y} ${x + r} ${y}Z`;
  }

  /*
   * A door. Look: "" as it stands, "lose" held against the key in vain, "win" the one that gets it, "open" with its leaf
   * turned.
   */
  function door(shown, place, size, look) {
    const { record, kind } = shown;
    const { x, y } = place;
    const { width, height } = size;
    const color = kind === "L" || !kind ? "var(--ink2)" : hue(record);
    const wins = look === "win" || look === "open";
    const isTimeWait = shown.isEnded && shown.state === "TIME_WAIT";
    const isPresumed = shown.evidence === "presumed";
    const dashed = look === "lose" || isPresumed ? 'stroke-dasharray="4 3"' : "";
    const faded = look === "lose" ? 0.62 : isTimeWait && !wins ? 0.75 : shown.isEnded && !wins ? 0.45 : shown.waits && !wins ? 0.72 : 1;
    const d = outline(kind, x, y, width, height);
    const fill = wins ? color : "var(--surface)";
    let out = `<g class="door" data-socket="${escape(record.id)}" tabindex="0" role="button" aria-label="${escape(label(shown))}" opacity="${faded}">`;
    out += path(d, color, wins ? 4 : kind ? 2.5 : 1.5, `fill="${fill}" ${dashed}`);
    if (isStriped(record) && kind !== "L") out += sill(x + 5, y + height - 8, width - 10, color);
    if (isTimeWait && !wins) out += path(d, "none", 0, 'fill="url(#hatch)"');
    // The leaf, swung in.
    if (look === "open" && kind !== "D") {
      const top = y + (kind === "L" ? width / 2 - 8 : 3);
      const leaf = width > 80 ? 10 : 5;
      out += path(`M${x + 2} ${top}l${leaf} ${leaf}V${y + height - leaf}L${x + 2} ${y + height - 2}Z`, "none", 0, 'fill="var(--onhue)" opacity=".55"');
    }
    if (kind === "D") out += rect(x + 10, y + height / 3 - 3, width - 20, 5, wins ? "var(--onhue)" : color, { radius: 2.5, extra: look === "open" ? "" : 'opacity=".8"' });
    out += doorText(shown, x, y, width, wins, color);
    return out + "</g>";
  }

  const sill = (x, y, width, color) => rect(x, y, width, 5, color, { radius: 1 }) + rect(x, y, width, 5, "url(#stripes)");

  function doorText(shown, x, y, width, wins, color) {
    const { takesFrom, takesTo } = portwatch.words;
    const ink = wins ? "var(--onhue)" : "var(--ink)";
    const soft = wins ? "var(--onhue)" : "var(--ink2)";
    const middle = x + width / 2;
    const room = width - 6;
    const value = (at, content, whole) => text(middle, at, content, { size: widthOf(content, 15, true) > room ? 14 : 15, mono: true, fill: ink, weight: 600, room, extra: `data-end="${escape(whole)}"` });
    const mark = shown.evidence === "presumed" ? "?" : "";
    const badge = at => text(middle, at, (shown.record.label || "–") + mark, { size: 20, fill: wins ? ink : color, weight: 800, room });
    const caption = (at, content) => text(middle, at, content, { size: 14, fill: soft });
    const to = takesTo(shown);
    const [wholeFrom, wholeTo] = [shown.remote || "", shown.local || ""];
    switch (shown.kind) {
      case "L": return badge(y + 38) + caption(y + 58, "any") + caption(y + 79, "to") + value(y + 98, to, wholeTo);
      case "D": {
        // The slot lies at a third of its height: the badge above it, the ends below.
        return badge(y + 26) + (shown.remote
          ? caption(y + 53, "from") + value(y + 69, takesFrom(shown), wholeFrom) + caption(y + 87, "to") + value(y + 103, to, wholeTo)
          : caption(y + 59, "any") + caption(y + 79, "to") + value(y + 99, to, wholeTo));
      }
      case "C": return badge(y + 24) + caption(y + 45, "from") + value(y + 62, takesFrom(shown), wholeFrom) + caption(y + 82, "to") + value(y + 100, to || "no port", wholeTo);
      default: return text(middle, y + 34, "socket", { size: 14, fill: soft }) + (to ? caption(y + 66, "bound") + value(y + 88, to, wholeTo) : caption(y + 72, "no port"));
    }
  }

  /* For whoever hears the page. */
  function label(shown) {
    const kinds = { L: "listener", C: "connected socket", D: "datagram socket" };
    const { takesFrom, takesTo, full } = portwatch.words;
    return `${shown.record.label || "socket"}, ${kinds[shown.kind] || "socket"}, from ${takesFrom(shown, full)} to ${takesTo(shown, full) || "no port"}${shown.state ? ", " + shown.state : ""}`;
  }

  /* Nobody: no door, but an arch that is bricked up. */
  function bricked(x, y, width, height) {
    const d = outline("L", x, y, width, height);
    const [cx, cy] = [x + width / 2, y + 52];
    return `<g class="nobody">${path(d, "var(--nobody)", 3, 'fill="var(--surface)"')}${path(d, "none", 0, 'fill="url(#bricks)"')}
${path(`M${cx - 11} ${cy - 11}l22 22M${cx + 11} ${cy - 11}l-22 22`, "var(--nobody)", 4.5, 'fill="none" stroke-linecap="round"')}
${rect(x + 3, y + height - 30, width - 6, 24, "var(--surface)", { radius: 4 })}${text(cx, y + height - 13, "nobody", { size: 16, fill: "var(--nobody)", weight: 700, room: width - 8 })}</g>`;
  }

  function gauge(x, y, width, color, share, isCounted) {
    const full = Math.max(0, Math.min(1, share));
    return rect(x, y, width, 10, "var(--surface)", { stroke: color, radius: 3, line: 1.5, extra: isCounted ? "" : 'opacity=".7"' })
      + (full > 0 ? rect(x + 2, y + 2, Math.max(4, (width - 4) * full), 6, color, { radius: 1.5 }) : "");
  }

  function process(box, bands, { call, isActive, isEnded, printed, role }) {
    const known = box.process;
    const [x, y, width, height] = [box.x, bands.titleEnd + 8, box.width, bands.programsEnd - bands.titleEnd - 15];
    const middle = x + width / 2;
    const room = width - 10;
    let out = `<g class="process" opacity="${isEnded ? 0.45 : 1}">` + rect(x, y, width, height, "var(--surface)", { stroke: isActive ? "var(--ink)" : "var(--line)", radius: 10, line: isActive ? 3 : 1.5, extra: known.isKnown ? "" : 'stroke-dasharray="4 3"' });
    const name = known.isKnown ? known.name : room > 120 ? "a program" : "?";
    const size = [17, 15].find(size => widthOf(name, size) <= room) || 14;
    out += text(middle, y + 24, widthOf(name, size) > room * 1.3 ? cut(name, room * 1.2, size) : name, { size, weight: 700, room });
    const number = known.isKnown ? (role ? (widthOf(`${role} · ${known.pid}`, 14) < room ? `${role} · ${known.pid}` : role) : String(known.pid)) : room > 200 ? "the capture does not show which" : "";
    if (number) out += text(middle, y + 44, cut(number, room * 1.2, 14, !role && known.isKnown), { size: 14, fill: "var(--ink2)", mono: !role && known.isKnown, room });
    const line = y + height - 12;
    if (isEnded) out += text(middle, line, "ended", { size: 14, fill: "var(--ink2)" });
    else if (call) out += text(middle, line, call, { size: widthOf(call, 15, true) < room ? 15 : 14, mono: true, weight: 600, room });
    else if (printed) out += text(middle, line, cut(printed, room, 14, true), { size: 14, mono: true, fill: "var(--ink2)" });
    return out + "</g>";
  }

  function envelope(x, y, width, height, lines, color) {
    const [left, top] = [x - width / 2, y - height / 2];
    const flap = height > 64 ? 16 : 5;
    const size = lines.some(line => widthOf(line.caption + " " + line.value, 15, true) > width - 14) ? 14 : 15;
    const row = (line, at) => `<text x="${round(x)}" y="${round(at)}" font-size="${size}" text-anchor="middle" class="m" fill="var(--ink)"${fit(line.caption + " " + line.value, width - 10, size, true, 700)}>${line.caption ? escape(line.caption) + " " : ""}<tspan font-weight="700" data-end="${escape(line.whole || "")}">${escape(line.value)}</tspan></text>`;
    const first = top + height - (lines.length - 1) * 20 - 12;
    return `<g id="envelope" class="mover"><g filter="url(#lift)">${rect(left, top, width, height, "var(--surface)", { stroke: color, radius: 8, line: 3 })}</g>${path(`M${left + 2} ${top + 2}L${x} ${top + flap}L${left + width - 2} ${top + 2}`, color, 2)}${lines.map((line, place) => row(line, first + place * 20)).join("")}</g>`;
  }

  function key(x, y, width, height, content) {
    const size = widthOf(content, 17, true) > width - 24 ? (widthOf(content, 15, true) > width - 20 ? 14 : 15) : 17;
    return `<g id="key" class="mover"><g filter="url(#lift)">${rect(x - width / 2, y - height / 2, width, height, "var(--key)", { radius: height / 2 })}</g>${text(x, y + size * 0.36, content, { size, mono: true, fill: "var(--keyink)", weight: 700, room: width - 16 })}</g>`;
  }

  function chip(x, y, content, color, id = "chip") {
    const width = Math.max(52, widthOf(content, 15, true) + 20);
    return `<g id="${id}" class="mover">${rect(x - width / 2, y - 14, width, 28, color, { stroke: "var(--surface)", radius: 14, line: 2 })}${text(x, y + 5, content, { size: 15, mono: true, fill: "var(--onhue)", weight: 700 })}</g>`;
  }

  return { escape, text, rect, path, round, hue, defs, door, bricked, gauge, process, envelope, key, chip, widthOf, cut, label };
})();
