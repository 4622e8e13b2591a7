/*
 * What stands beside the stage: the look-up as a table, the timeline, the ladder, the sockets, and the card of one of them.
 * Only the rows near the present are in the document, however long the capture is.
 */
portwatch.side = (() => {
  const { doorAt, bufferAt, STEPS } = portwatch.model;
  const words = portwatch.words;
  const ROW = 28;
  const element = id => document.getElementById(id);

  function make(tag, name, content) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (content !== undefined) made.textContent = content;
    return made;
  }

  // MARK: Look-up

  const ROWS = { short: 6, full: 4 };

  /* The key above, the candidates below it, each written as what it accepts: the eye compares downwards. */
  function showLookup(story, beat, step, hides) {
    const body = element("candidates");
    body.replaceChildren();
    const frame = beat.frame;
    const hasKey = frame && frame.from && frame.rule !== "fragment" && frame.rule !== "no-ports";
    element("lookup-title").textContent = !frame ? "LOOK-UP" : hasKey ? `LOOK-UP · who accepts this ${frame.proto === 6 ? "segment" : "datagram"}?` : frame.rule === "icmp-error" ? "LOOK-UP · by the packet that it quotes" : "LOOK-UP · none: it has no ports";
    element("lookup").classList.toggle("is-waiting", !hasKey || step < 4);
    if (hasKey && step < 4) {
      const line = make("tr", "hint");
      const hint = make("td", "", "The key is read when it has reached the transport layer.");
      hint.colSpan = 5;
      line.append(hint);
      body.append(line);
    }
    if (!hasKey || step < 4) return;
    const longest = ends => Math.max(...ends.map(end => words.full(end).length));
    const letters = longest([frame.from, ...frame.candidates.map(({ socket }) => socket.remote)]) + longest([frame.to, ...frame.candidates.map(({ socket }) => socket.local)]);
    // Beside both whole addresses there must be room for the reason.
    const isShort = window.innerWidth < 1100 || letters > 22;
    const write = isShort ? words.short : words.full;
    const row = (name, who, from, to, signs, why, whole = []) => {
      const line = make("tr", name);
      line.append(make("th", "", who), cell(from, whole[0]), cell(to, whole[1]), make("td", "m signs", signs), make("td", "why", why));
      body.append(line);
      return line;
    };
    const cell = (content, whole) => {
      const made = make("td", "m");
      const part = make("span", "", "");
      const colon = content.lastIndexOf(":");
      // Address and port apart, so that the one that differs can be marked.
      if (colon < 0) part.append(make("span", "", content));
      else part.append(make("span", "", content.slice(0, colon)), make("span", "", content.slice(colon)));
      if (whole) part.dataset.end = whole;
      made.append(part);
      return made;
    };
    const differ = (cell, mine, theirs) => {
      const [one, other] = [portwatch.model.splitEnd(mine || ""), portwatch.model.splitEnd(theirs)];
      const parts = cell.firstChild.children;
      if (parts.length < 2 || (one.address !== other.address && parts[0].textContent)) parts[0].classList.add("differs");
      if (parts.length > 1 && one.port !== other.port) parts[1].classList.add("differs");
    };
    row("key", frame.proto === 6 ? "segment" : "datagram", write(frame.from), write(frame.to), "", "", [frame.from, frame.to]);
    if (step < 5 || hides) return;
    const chosen = pick(frame.candidates, isShort ? ROWS.short : ROWS.full);
    for (const candidate of chosen) {
      const { socket } = candidate;
      const shown = { kind: socket.id[0], local: socket.local, remote: socket.remote };
      const loss = candidate.wins ? undefined : words.loss(candidate, frame);
      const line = row(candidate.wins ? "win" : "lose", socket.id + (candidate.wins ? " ◀" : ""), words.takesFrom(shown, write), write(socket.local), `${candidate.from ? "=" : "≠"} ${candidate.to ? "=" : "≠"}`, candidate.wins ? words.gain(frame) : loss.word, [socket.remote, socket.local]);
      if (!candidate.from) differ(line.children[1], socket.remote, frame.from);
      if (!candidate.to) differ(line.children[2], socket.local, frame.to);
      line.dataset.socket = socket.id;
      line.tabIndex = 0;
      const record = story.records.get(socket.id);
      if (candidate.wins && record) line.style.setProperty("--hue", portwatch.shapes.hue(record));
    }
    const others = (frame.others || 0) + frame.candidates.length - chosen.length;
    // What is no address must not make the column of the addresses wider.
    const spread = line => {
      while (line.children.length > 2) line.lastChild.remove();
      line.children[1].colSpan = 4;
    };
    if (others > 0) spread(row("others", "", `and ${others} other${others > 1 ? "s" : ""}`, "", "", ""));
    if (frame.rule === "closed-port") spread(row("nobody", "nobody", frame.flags & 4 ? "dropped" : frame.proto === 6 ? "RST goes back" : "ICMP goes back", "", "", ""));
  }

  /* The winner is among those that there is room for; the first line of the others takes a row, too. */
  function pick(candidates, rows) {
    if (candidates.length <= rows) return candidates;
    const chosen = new Set(candidates.filter(candidate => candidate.wins));
    for (const candidate of candidates) if (chosen.size < rows - 1) chosen.add(candidate);
    return candidates.filter(candidate => chosen.has(candidate));
  }

  // MARK: Panels

  let open = "timeline";
  let query = "";

  function showPanel(story, beat, step, isQuiz, jump) {
    const panel = element("panel");
    for (const tab of document.querySelectorAll("[data-tab]")) {
      tab.setAttribute("aria-selected", String(tab.dataset.tab === open));
      tab.tabIndex = tab.dataset.tab === open ? 0 : -1;
    }
    panel.setAttribute("aria-labelledby", "tab-" + open);
    if (panel.dataset.shows !== open) panel.replaceChildren();
    panel.dataset.shows = open;
    panel.onscroll = null;
    if (open === "timeline") showTimeline(panel, story, beat, step, isQuiz, jump);
    else if (open === "ladder") showLadder(panel, story, beat, step, isQuiz);
    else if (open === "bytes") portwatch.bytes.show(panel, story, nearest(story, beat));
    else showSockets(panel, story, beat, step, isQuiz);
  }

  const nearest = (story, beat) => portwatch.geometry.nearestFrame(story, beat);
  const openTab = name => { open = name; };

  /* A line of the timeline: a frame, or what stands between frames. */
  function lineOf(story, beat, isOpen) {
    const { moment, frame } = beat;
    if (frame) return { number: String(frame.number), text: frame.segment || "frame", to: isOpen && frame.receiverID ? `⇒ ${frame.whoGets}${frame.evidence === "presumed" ? "?" : ""}` : isOpen && frame.rule === "closed-port" ? "⇒ nobody" : "", name: frame.isPureAck ? "frame ack" : "frame" };
    const player = story.players[moment.who];
    const who = !player ? "" : story.isOneHost ? `${player.role} ` : player.host.isRelay ? "relay " : `${player.host.name} ${player.name} `;
    switch (moment.kind) {
      case "call": return { number: "", text: who + words.brief(moment, 34), to: "", name: "call" };
      case "printed": return { number: "", text: `${who}prints: ${moment.text}`, to: "", name: "call" };
      case "died": return { number: "", text: `${who}is killed by signal ${moment.signal}`, to: "", name: "call" };
      case "ended": return { number: "", text: `− ${moment.sockets.join(", ")}`, to: "", name: "call" };
      case "heading": return { number: "", text: moment.text, to: "", name: "heading" };
      default: return { number: "", text: moment.text, to: "", name: "said" };
    }
  }

  function showTimeline(panel, story, beat, step, isQuiz, jump) {
    let list = panel.querySelector("ol");
    if (!list) {
      list = make("ol", "timeline");
      list.style.height = story.beats.length * ROW + "px";
      panel.replaceChildren(list);
      if (story.leftOut) panel.append(make("p", "note", `${story.leftOut} more are left out of this page.`));
    }
    const wanted = beat.index * ROW - panel.clientHeight / 2 + ROW;
    if (jump !== false) panel.scrollTop = Math.max(0, wanted);
    const draw = () => {
      const first = Math.max(0, Math.floor(panel.scrollTop / ROW) - 4);
      const last = Math.min(story.beats.length - 1, first + Math.ceil(panel.clientHeight / ROW) + 8);
      list.replaceChildren();
      for (let index = first; index <= last; index += 1) list.append(timelineRow(story, story.beats[index], beat, step, isQuiz));
    };
    panel.onscroll = draw;
    draw();
  }

  /* Whether it may be told who gets a frame: in a quiz not before it is asked. */
  const isTold = (row, beat, step, isQuiz) => !isQuiz || ((row.index < beat.index || (row === beat && step >= 5)) && !portwatch.quiz.isOpen(row));

  function timelineRow(story, row, beat, step, isQuiz) {
    const told = isTold(row, beat, step, isQuiz);
    // In a quiz what comes later may be the answer.
    const line = isQuiz && row.index > beat.index ? { number: row.frame ? String(row.frame.number) : "", text: "", to: "", name: "frame" } : lineOf(story, row, told);
    const item = make("li", `${line.name}${row === beat ? " now" : row.index > beat.index ? " later" : ""}`);
    item.style.top = row.index * ROW + "px";
    item.setAttribute("aria-setsize", story.beats.length);
    item.setAttribute("aria-posinset", row.index + 1);
    if (row === beat) item.setAttribute("aria-current", "step");
    const button = make("button");
    button.tabIndex = -1;
    button.dataset.beat = row.index;
    if (!line.text) button.setAttribute("aria-label", `later${line.number ? `: frame ${line.number}` : ""}`);
    button.append(make("span", "number m", line.number), make("span", "text", line.text), make("span", "to", line.to));
    const record = row.frame && (story.records.get(row.frame.receiverID) || story.records.get(row.frame.senderID));
    if (record && told) item.style.setProperty("--hue", row.frame.rule === "closed-port" ? "var(--nobody)" : portwatch.shapes.hue(record));
    item.append(button);
    return item;
  }

  // MARK: Ladder

  /* Time runs down, each host or process has a line, each frame is an arrow. */
  function showLadder(panel, story, beat, step, isQuiz) {
    const around = Math.max(4, Math.floor((panel.clientHeight - 50) / 60));
    const first = Math.max(0, Math.min(beat.index - around, story.beats.length - 2 * around));
    const rows = story.beats.slice(first, first + 2 * around + 1).filter(row => !isQuiz || row.index <= beat.index);
    panel.innerHTML = ladder(story, rows, beat, Math.max(300, panel.clientWidth - 4), row => isTold(row, beat, step, isQuiz));
  }

  /* The ladder of these beats, with the hosts or processes that matter at one of them. */
  function ladder(story, rows, beat, width, isOpen) {
    const { text, path, escape } = portwatch.shapes;
    const lanes = lanesOf(story, beat, Math.max(4, Math.floor(width / 110)));
    const x = lane => 44 + (lanes.length > 1 ? (lanes.indexOf(lane) * (width - 88)) / (lanes.length - 1) : 0);
    const height = 44 + rows.length * 30;
    let out = lanes.map(lane => text(x(lane), 18, lane.label, { size: 14, weight: 700, room: (width - 20) / lanes.length }) + path(`M${x(lane)} 28V${height}`, "var(--line)", 2)).join("");
    rows.forEach((row, place) => {
      const y = 56 + place * 30;
      if (row === beat) out += `<rect x="0" y="${y - 21}" width="${width}" height="30" fill="var(--os)"/>`;
      out += ladderRow(story, row, beat, y, lanes, x, isOpen(row), width);
    });
    return `<svg class="ladder" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(`ladder of ${lanes.map(lane => lane.label).join(", ")}`)}">${out}</svg>`;
  }

  function lanesOf(story, beat, most) {
    if (!story.isOneHost) return portwatch.geometry.inOrder(portwatch.geometry.hostsInView(story, beat, { width: 900 })).map(host => ({ host, label: "host " + host.name }));
    const frame = nearest(story, beat);
    const all = story.hosts[0].processes.filter(process => process.columns > 0);
    const lane = process => ({ process, label: process.isKnown ? process.role || process.name : process.isServer ? "server" : "client" });
    if (all.length <= most) return all.map(lane);
    const wanted = frame ? [frame.senderID, frame.receiverID].map(id => story.records.get(id)).filter(record => record).map(record => record.process) : [];
    return all.filter((process, place) => wanted.includes(process) || (wanted.length < 2 && place < 2)).map(lane);
  }

  function ladderRow(story, row, beat, y, lanes, x, open, width) {
    const { text, path } = portwatch.shapes;
    const { frame, moment } = row;
    const laneOf = (host, record) => lanes.find(lane => (lane.host ? lane.host === host : record ? lane.process === record.process : !lane.process.isServer));
    if (!frame) {
      if (moment.who === undefined) return "";
      const player = story.players[moment.who];
      const lane = lanes.find(lane => (lane.host ? lane.host === player.host : lane.process === player));
      if (!lane || moment.kind !== "call") return "";
      const isRight = x(lane) > width / 2;
      return text(x(lane) + (isRight ? -8 : 8), y - 1, words.brief(moment, 20), { size: 14, mono: true, fill: "var(--ink2)", anchor: isRight ? "end" : "start" });
    }
    const [sender, receiver] = [story.records.get(frame.senderID), story.records.get(frame.receiverID)];
    let [from, to] = [laneOf(frame.sourceHost, sender), laneOf(frame.targetHost, receiver)];
    // Whoever is nobody stands where the other one does not.
    if (!receiver && !lanes[0].host) to = lanes.find(lane => lane !== from);
    if (!sender && !lanes[0].host) from = lanes.find(lane => lane !== to);
    if (!from || !to) return "";
    const color = !open ? "var(--ink)" : frame.rule === "closed-port" || frame.flags & 4 || !sender ? "var(--nobody)" : portwatch.shapes.hue(sender.hue !== undefined ? sender : receiver || sender);
    const [a, b] = [x(from), x(to)];
    const tip = a < b ? -1 : 1;
    const label = `${frame.number}  ${frame.segment}${open ? ` ⇒ ${frame.whoGets || (frame.rule === "closed-port" ? "nobody" : "–")}` : ""}`;
    if (a === b) return text(a + 10, y - 4, label, { size: 14, anchor: "start", fill: color });
    return path(`M${a} ${y + 4}H${b}M${b + tip * 8} ${y - 1}L${b} ${y + 4}L${b + tip * 8} ${y + 9}`, color, 2) + text((a + b) / 2, y - 3, label, { size: 14, weight: row === beat ? 700 : 400, room: Math.abs(a - b) - 10 });
  }

  // MARK: Sockets

  const MOST_ROWS = 120;

  /* The moment that is shown: what an open question asks about has not been yet. */
  const tickOf = (beat, step, isQuiz) => beat.index * STEPS + (isQuiz && portwatch.quiz.isOpen(beat) ? -1 : step);

  function showSockets(panel, story, beat, step, isQuiz) {
    const tick = tickOf(beat, step, isQuiz);
    let search = panel.querySelector("input");
    if (!search) {
      search = make("input");
      search.type = "search";
      search.placeholder = "search: a name, an address, a port";
      search.setAttribute("aria-label", "search sockets");
      search.value = query;
      search.oninput = () => { query = search.value.trim().toLowerCase(); portwatch.player.refresh(); };
      panel.replaceChildren(search, make("table", "sockets"), make("p", "note"));
    }
    const rows = [];
    let matching = 0;
    for (const record of story.records.values()) {
      // A search finds also what is not there now.
      const shown = doorAt(record, tick) || (query ? { ...doorAt(record, record.born), state: tick < record.born ? "later" : "gone" } : undefined);
      if (!shown || !shown.kind) continue;
      const holder = shown.holders.map(holder => holder.process.name).join(", ");
      const hay = [record.label, words.takesFrom(shown, words.full), words.takesTo(shown, words.full), shown.state, holder, record.host.name].join(" ").toLowerCase();
      if (query && !hay.includes(query)) continue;
      matching += 1;
      if (rows.length < MOST_ROWS) rows.push({ record, shown, holder });
    }
    const order = { C: 0, D: 1, L: 2 };
    rows.sort((one, other) => order[one.shown.kind] - order[other.shown.kind] || one.record.born - other.record.born);
    const table = panel.querySelector("table");
    table.replaceChildren(head(["", "from", "to", "state", "in"]));
    for (const { record, shown } of rows) {
      const line = make("tr");
      line.dataset.socket = record.id;
      line.tabIndex = 0;
      line.style.setProperty("--hue", portwatch.shapes.hue(record));
      const traffic = countTo(record.arrivals, tick - 5);
      line.append(make("th", "", record.label), make("td", "m", words.takesFrom(shown)), make("td", "m", words.takesTo(shown)), make("td", "", shown.waits ? "waits" : shown.state), make("td", "m", `${traffic.segments} / ${traffic.bytes} B`));
      table.append(line);
    }
    panel.querySelector(".note").textContent = matching > rows.length ? `${matching - rows.length} more: search for them` : rows.length ? "in: segments or datagrams, and bytes" : "no socket";
  }

  function head(names) {
    const line = make("tr", "head");
    for (const name of names) line.append(make("th", "", name));
    return line;
  }

  function countTo(frames, tick) {
    const sum = { segments: 0, bytes: 0 };
    for (const frame of frames) {
      if (frame.tick > tick) break;
      sum.segments += 1;
      sum.bytes += frame.length || 0;
    }
    return sum;
  }

  // MARK: Card

  /* All that is known of a socket at this moment, and what it would take for it to win. */
  function showCard(story, beat, step, isQuiz, id) {
    const record = story.records.get(id);
    const tick = tickOf(beat, step, isQuiz);
    const now = record && doorAt(record, tick);
    const shown = now || (record && doorAt(record, record.born));
    const card = element("card");
    if (!shown) return hideCard();
    card.replaceChildren();
    const close = make("button", "close", "×");
    close.setAttribute("aria-label", "close");
    close.onclick = hideCard;
    const kinds = { L: "listener", C: "connected socket", D: "datagram socket", "": "socket" };
    card.append(close, make("h2", "", `${record.label} · ${kinds[shown.kind]}`));
    const candidate = beat.frame && step >= 5 && beat.frame.candidates.find(candidate => candidate.socket.id === id && !candidate.wins);
    if (candidate) card.append(make("p", "would", words.wouldWin(candidate, beat.frame)));
    const list = make("dl");
    const add = (name, value, isMono) => { if (value !== undefined && value !== "") list.append(make("dt", "", name), make("dd", isMono ? "m" : "", value)); };
    const [inward, outward] = [countTo(record.arrivals, tick - 5), countTo(record.departures, tick)];
    const buffer = bufferAt(record, tick);
    add("accepts from", words.takesFrom(shown, words.full), true);
    add("to", words.takesTo(shown, words.full), true);
    if (!now) add("now", tick < record.born ? "not there yet" : "gone");
    add("state", shown.state + (shown.evidence === "kernel" ? " ✓" : shown.evidence === "presumed" ? " (presumed)" : ""));
    add("made by", record.madeBy);
    add("held by", shown.waits ? "nobody: it waits in the accept queue" : shown.holders.map(holder => `${holder.process.name}[${holder.process.pid}] fd ${holder.fd}`).join(", "));
    if (shown.kind === "L" && record.backlog !== undefined) add("backlog", `${record.backlog}: ${record.backlog + 1} may wait`);
    if (shown.kind !== "L" && buffer !== undefined && record.kind !== "D") add("receive buffer", `${buffer} B`);
    add("came in", `${inward.segments}, with ${inward.bytes} B`);
    add("went out", `${outward.segments}, with ${outward.bytes} B`);
    if (shown.socket && shown.socket.inode !== undefined) add("inode", String(shown.socket.inode), true);
    if (record.ended && tick >= record.ended.tick) add("ended", record.ended.sentence);
    card.append(list);
    const frames = [...record.arrivals, ...record.departures].sort((one, other) => one.tick - other.tick);
    if (frames.length) {
      const jumps = make("div", "choices");
      for (const [name, frame] of [["first frame", frames[0]], ["next", frames.find(frame => frame.tick > tick)], ["last", frames[frames.length - 1]]]) {
        // In a quiz what comes later may be the answer.
        if (!frame || (isQuiz && frame.tick > tick)) continue;
        const jump = make("button", "", `${name}: ${frame.number}`);
        jump.onclick = () => { hideCard(); portwatch.player.seek(Math.floor(frame.tick / STEPS), 5); };
        jumps.append(jump);
      }
      card.append(jumps);
    }
    if (shown.local) {
      const command = `ss -${record.proto === 17 ? "u" : "t"}an '( sport = ${portwatch.model.splitEnd(shown.local).port} )'`;
      const copy = make("button", "copy m", command);
      copy.title = "copy";
      copy.onclick = () => navigator.clipboard && navigator.clipboard.writeText(command).then(() => { copy.classList.add("copied"); }, () => {});
      card.append(copy);
    }
    card.hidden = false;
    close.focus();
  }

  function hideCard() { element("card").hidden = true; }

  return { showLookup, showPanel, openTab, showCard, hideCard, make, head, ladder };
})();
