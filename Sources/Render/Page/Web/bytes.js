/*
 * The frame's bytes with their fields: which header is whose, and where the ports are. Which field lies where comes with the
 * timeline; here the bytes are only written out.
 */
portwatch.bytes = (() => {
  const hex = byte => byte.toString(16).padStart(2, "0");
  const FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];
  const PROTOCOLS = { 1: "ICMP", 2: "IGMP", 6: "TCP", 17: "UDP", 41: "IPv6", 47: "GRE", 58: "ICMPv6", 132: "SCTP", 136: "UDP-Lite" };

  function decode(text) {
    const raw = atob(text);
    return Uint8Array.from(raw, sign => sign.charCodeAt(0));
  }

  function value(bytes, form) {
    const number = () => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    switch (form) {
      case "number": return String(number());
      case "hex": return "0x" + [...bytes].map(hex).join("");
      case "hardware": return [...bytes].map(hex).join(":");
      case "ipv4": return [...bytes].join(".");
      case "ipv6": return ipv6(bytes);
      case "tcpFlags": return FLAGS.filter((_, bit) => bytes[0] >> bit & 1).join(" ") || "none";
      case "proto": return `${bytes[0]} ${PROTOCOLS[bytes[0]] || ""}`.trim();
      case "version": return `${bytes[0] >> 4}, ${(bytes[0] & 15) * 4} B`;
      case "offset": return `${(bytes[0] >> 4) * 4} B`;
      default: return `${bytes.length} B`;
    }
  }

  /* RFC 5952 §4: the longest run of zero groups is left out, the first one of equals. */
  function ipv6(bytes) {
    const groups = Array.from({ length: 8 }, (_, place) => (bytes[2 * place] << 8 | bytes[2 * place + 1]) || 0);
    let [best, length] = [-1, 1];
    for (let start = 0; start < 8; start += 1) {
      let end = start;
      while (end < 8 && groups[end] === 0) end += 1;
      if (end - start > length) [best, length] = [start, end - start];
    }
    const text = list => list.map(group => group.toString(16)).join(":");
    return best < 0 ? text(groups) : `${text(groups.slice(0, best))}::${text(groups.slice(best + length))}`;
  }

  /* An address of a frame that has no ports. */
  function address(frame, layouts, name) {
    for (const [, , , fields] of layouts[frame.layout] || []) {
      for (const [field, start, length, form] of fields) if (field === name) return value(decode(frame.bytes).subarray(start, start + length), form);
    }
    return undefined;
  }

  const printable = byte => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·");

  /* Fills the panel: a table of fields a header, and under it the bytes, sixteen a row. */
  function show(panel, story, frame) {
    panel.replaceChildren();
    if (!frame) return;
    const bytes = decode(frame.bytes);
    const make = (tag, name, content) => {
      const element = document.createElement(tag);
      if (name) element.className = name;
      if (content !== undefined) element.textContent = content;
      return element;
    };
    const names = [];
    for (const [header, start, length, fields] of story.layouts[frame.layout] || []) {
      const section = make("section", "header");
      const part = { payload: "part-payload", TCP: "part-transport", UDP: "part-transport", IP: "part-net", IPv6: "part-net" }[header] || "part-link";
      section.append(make("h3", part, `${header} · ${length} B`));
      const list = make("dl");
      for (const [field, from, count, form] of fields) {
        const at = names.length;
        const written = from + count <= bytes.length ? value(bytes.subarray(from, from + count), form) : "not kept";
        names.push([from, from + count]);
        const row = make("div", "field");
        row.tabIndex = 0;
        row.dataset.field = at;
        if (field.endsWith("port") || field.endsWith("address")) row.dataset.end = field.startsWith("from") ? frame.from || "" : frame.to || "";
        row.append(make("dt", "", field), make("dd", "m", written));
        list.append(row);
      }
      if (header === "payload") section.append(make("p", "m preview", [...bytes.subarray(start, Math.min(start + length, start + 160))].map(printable).join("")));
      section.append(list, dump(bytes, start, Math.min(start + length, bytes.length), names, part, make));
      panel.append(section);
    }
    if (frame.size > bytes.length) panel.append(make("p", "note", `${frame.size - bytes.length} of ${frame.size} bytes are not kept in this page.`));
  }

  function dump(bytes, start, end, names, part, make) {
    const block = make("pre", "m dump " + part);
    for (let at = start; at < end; at += 1) {
      const span = make("span", "", hex(bytes[at]) + ((at - start) % 12 === 11 ? "\n" : " "));
      const field = names.findIndex(([from, to]) => at >= from && at < to);
      if (field >= 0) span.dataset.byte = field;
      block.append(span);
    }
    return block;
  }

  /* Lights a field and its bytes. */
  function light(panel, field) {
    for (const element of panel.querySelectorAll(".lit-field")) element.classList.remove("lit-field");
    if (field === undefined) return;
    for (const element of panel.querySelectorAll(`[data-field="${field}"], [data-byte="${field}"]`)) element.classList.add("lit-field");
  }

  return { show, light, address, PROTOCOLS };
})();
