/*
 * The picture of one moment: a pure function of the timeline, a beat, a step and a size. Nothing of what was drawn before goes
 * into it, so it is the same from either side. While a step is played the picture has what moves in it as well; motion.js
 * moves that, and the still picture takes its place at the end.
 */
portwatch.stage = (() => {
  const { doorAt, bufferAt, STEPS } = portwatch.model;
  const { text, rect, path, escape } = portwatch.shapes;
  const shapes = portwatch.shapes;
  const words = portwatch.words;

  /* - options: `hides` where a question is open and nothing may give its answer away; `moves` while a step is played. */
  function picture(story, beat, step, size, options = {}) {
    const plan = portwatch.geometry.layout(story, beat, size);
    const scene = { story, beat, step, frame: beat.frame, tick: beat.index * STEPS + step, plan, options, parts: { verdicts: [] } };
    scene.hides = Boolean(options.hides && scene.frame && step < 5);
    findEnds(scene);
    const shown = beat.kind === "shown" ? board(scene) : undefined;
    const layers = [shapes.defs, wire(scene), ...plan.hosts.map(box => host(scene, box))];
    if (!(shown && shown.isHigh)) layers.push(...plan.hosts.map(box => doors(scene, box)));
    if (scene.frame) layers.push(delivery(scene));
    else if (shown) layers.push(shown.svg);
    return { svg: layers.join("\n"), parts: scene.parts, plan };
  }

  /* The boxes that send and get, and the columns of their doors. */
  function findEnds(scene) {
    const { frame, plan } = scene;
    if (!frame) return;
    const boxOf = host => plan.hosts.find(box => box.host === host);
    const columnOf = (box, id) => box && box.plan.columns.find(column => column.record && column.record.id === id);
    scene.from = boxOf(frame.sourceHost) || plan.hosts[0];
    scene.to = boxOf(frame.targetHost) || plan.hosts[plan.hosts.length - 1];
    scene.sender = columnOf(scene.from, frame.senderID);
    scene.receiver = columnOf(scene.to, frame.receiverID);
    const middle = box => box.x + box.width / 2;
    scene.fromX = middle(scene.from);
    scene.toX = middle(scene.to);
    if (scene.from === scene.to) {
      // On one host it goes out at one side and comes back at the other.
      const [left, right] = portsOf(scene.from);
      const at = scene.sender ? scene.sender.center : scene.receiver ? 2 * middle(scene.from) - scene.receiver.center : middle(scene.from);
      const leaves = at <= middle(scene.from);
      [scene.fromX, scene.toX] = leaves ? [left, right] : [right, left];
    }
    scene.color = frame.rule === "closed-port" || (frame.flags & 4) || (!frame.senderID && frame.replyTo) ? "var(--nobody)" : shapes.hue(connectionOf(scene));
    if (scene.hides) scene.color = "var(--ink)";
    scene.isLinkOnly = !frame.target;
    if (!frame.from) scene.color = frame.rule === "icmp-error" ? "var(--nobody)" : "var(--ink2)";
  }

  /* Whose hue a frame has: a connection's, also where it goes to or comes from its listener. */
  function connectionOf(scene) {
    const { story, frame } = scene;
    const ends = [story.records.get(frame.senderID), story.records.get(frame.receiverID)].filter(record => record);
    return ends.find(record => record.hue !== undefined && record.kind === "C") || ends.find(record => record.hue !== undefined) || ends[0] || {};
  }

  const portsOf = box => [box.x + box.width * 0.22, box.x + box.width * 0.78];

  // MARK: Wire and hosts

  function wire(scene) {
    const { plan, story } = scene;
    const { bands } = plan;
    // What a host sends to itself goes over its loopback: the cable to the others is not there then.
    const loops = story.isOneHost && plan.hosts.length ? plan.hosts[0] : scene.frame && scene.frame.target && scene.from === scene.to ? scene.from : undefined;
    const taps = loops ? portsOf(loops) : plan.hosts.map(box => box.x + box.width / 2);
    if (!taps.length) return "";
    let out = taps.map(x => path(`M${x} ${bands.bottom}V${bands.wire}`, "var(--wire)", 4)).join("");
    out += path(`M${taps[0]} ${bands.wire}H${taps[taps.length - 1]}`, "var(--wire)", 4, 'fill="none" stroke-linecap="round"');
    const middle = (taps[0] + taps[taps.length - 1]) / 2;
    const note = loops ? "lo" : plan.relay ? plan.relay.name : plan.others > 0 ? `${plan.others} more host${plan.others > 1 ? "s" : ""}` : "";
    // There the envelope is.
    const isCovered = scene.frame && scene.step === 2;
    if (note && !isCovered) {
      const width = shapes.widthOf(note, 14) + 20;
      const x = taps.length === 3 ? middle + (taps[2] - taps[1]) / 2 : middle;
      out += `<g class="more" ${plan.others > 0 && !loops ? 'data-more="hosts" tabindex="0" role="button"' : ""}>` + rect(x - width / 2, bands.wire - 12, width, 24, "var(--bg)", { stroke: "var(--wire)", radius: 12, line: 1.5 }) + text(x, bands.wire + 5, note, { size: 14, fill: "var(--ink2)" }) + "</g>";
    }
    return out;
  }

  function host(scene, box) {
    const { plan, story, frame, step } = scene;
    const { bands } = plan;
    const { x, width } = box;
    const middle = x + width / 2;
    let out = rect(x, bands.top, width, bands.bottom - bands.top, "var(--surface)", { stroke: "var(--line)", radius: 12, extra: 'filter="url(#lift)" class="host"' });
    out += rect(x + 1, bands.titleEnd, width - 2, bands.programsEnd - bands.titleEnd, "var(--app)");
    out += rect(x + 1, bands.boundaryEnd, width - 2, bands.ip - bands.boundaryEnd, "var(--os)");
    out += rect(x + 1, bands.ip, width - 2, 32, "var(--net)");
    out += path(`M${x + 1} ${bands.programsEnd + 12}H${x + width - 1}`, "var(--wire)", 1.5, 'fill="none" stroke-dasharray="5 4" opacity=".7"');
    out += title(scene, box);
    const os = width > 260 ? "▼ operating system · transport" : width > 150 ? "▼ OS · transport" : "▼ OS";
    const receives = frame && frame.target && box === scene.to && step >= 3;
    const sends = frame && frame.source && box === scene.from && step === 1;
    if (!(receives || sends || scene.beat.kind === "shown")) out += text(x + 10, bands.ip - 9, os, { size: 14, fill: "var(--ink2)", anchor: "start" });
    out += ipBand(scene, box, receives, sends);
    return out + processes(scene, box);
  }

  function title(scene, box) {
    const { story, tick, plan: { bands } } = scene;
    const { host, x, width, plan } = box;
    const name = story.isOneHost ? "one host" : "host " + host.name;
    const own = story.isOneHost ? host.addresses.slice(0, 2).join(", ") : host.address;
    // Where something goes over its loopback, what `lo` stands for.
    const withLoopback = !story.isOneHost && host.addresses.includes("127.0.0.1") ? `${own}, lo 127.0.0.1` : own;
    const fits = address => shapes.widthOf(name, 15) + shapes.widthOf(address, 14, true) + 20 < width;
    const address = fits(withLoopback) ? withLoopback : own;
    const isBoth = fits(address);
    const alive = plan.columns.some(column => column.others) ? 0 : plan.collapsed.filter(record => doorAt(record, tick)).length;
    if (alive) {
      const others = `+ ${alive} door${alive > 1 ? "s" : ""}`;
      const isLong = shapes.widthOf(name, 15) + shapes.widthOf(others, 14) + 16 > width;
      return text(x + 8, bands.top + 21, story.isOneHost || isLong ? name.replace(/^host /, "") : name, { size: 15, weight: 700, anchor: "start" })
        + `<g class="more" data-more="${escape(host.index)}" tabindex="0" role="button" aria-label="${alive} other sockets">${text(x + width - 8, bands.top + 21, others, { size: 14, fill: "var(--ink2)", anchor: "end", extra: 'text-decoration="underline"' })}</g>`;
    }
    return `<text x="${x + width / 2}" y="${bands.top + 21}" font-size="15" text-anchor="middle" fill="var(--ink)"><tspan font-weight="700">${escape(name)}</tspan>${isBoth ? ` <tspan class="m" font-size="14" fill="var(--ink2)" data-end="${escape(address)}">${escape(address)}</tspan>` : ""}</text>`;
  }

  /* What IP and the link say: whose they are, and while a frame goes through, what they have read of it. */
  function ipBand(scene, box, receives, sends) {
    const { story, plan, frame } = scene;
    const { bands } = plan;
    const { x, width } = box;
    // The board lies there.
    if (scene.beat.kind === "shown") return "";
    const middle = x + width / 2;
    const used = frame && [frame.source, frame.target].find(address => box.host.own.indexOf(address) > 0);
    const address = used && !story.isOneHost ? `${words.shortAddress(used)} ${used}` : box.host.address;
    let ip = !address ? "IP" : width > 240 ? `IP ${address}` : shapes.widthOf(`IP ${address}`, 14) < width - 8 ? `IP ${address}` : "IP";
    let link = "link";
    let isLit = false;
    if (receives && frame.target) {
      isLit = true;
      const what = frame.proto ? `${frame.proto} = ${words.protocol(frame)}` : "";
      const texts = [`to ${frame.target}: mine · protocol ${what}`, `mine · protocol ${what}`, `mine · ${words.protocol(frame)}`, "mine"];
      ip = texts.find(text => shapes.widthOf(text, 14) < width - 12) || "mine";
      link = width > 240 ? "link: header read, taken off" : "link";
    } else if (sends) {
      isLit = true;
      const texts = [`writes from ${frame.source} to ${frame.target}`, `+ ${frame.source} → ${frame.target}`, "+ both addresses", "+ addresses"];
      ip = texts.find(text => shapes.widthOf(text, 14) < width - 12) || "IP";
    }
    return (isLit ? rect(x + 1, bands.ip, width - 2, 32, "var(--lit)") : "")
      + text(middle, bands.ip + 21, ip, { size: 14, fill: isLit ? "var(--ink)" : "var(--ink2)", room: width - 8, weight: isLit ? 600 : 400 })
      + text(middle, bands.link + 18, link, { size: 14, fill: "var(--ink2)", room: width - 8 });
  }

  function processes(scene, box) {
    const { story, beat, step, frame, tick, plan } = scene;
    let call;
    if (beat.kind === "call") call = beat.moment;
    if (frame && step === 0) call = frame.before;
    if (frame && step === 7) call = frame.after;
    return box.processes.map(place => {
      const process = place.process;
      if (process.born > tick) return "";
      const isCaller = call && story.players[call.who] === process;
      const waiting = isCaller ? undefined : waitingCall(story, process, tick);
      const room = Math.floor((place.width - 12) / 8.5);
      const prints = beat.kind === "printed" && story.players[beat.moment.who] === process;
      return shapes.process(place, plan.bands, {
        role: story.isOneHost && process.role && process.role !== process.name ? process.role : "",
        call: isCaller ? words.brief(call, room) : waiting ? words.brief(waiting, room) : undefined,
        isActive: isCaller || prints, isEnded: process.ended <= tick, printed: prints ? beat.moment.text : undefined,
      });
    }).join("");
  }

  /* The call that a process has entered and that has not returned. */
  function waitingCall(story, process, tick) {
    let waits;
    for (const call of story.calls.get(process) || []) {
      if (call.tick > tick) break;
      waits = call.phase === "entered" ? call : undefined;
    }
    return waits;
  }

  // MARK: Doors

  function lookOf(scene, box, id) {
    const { frame, step } = scene;
    if (!frame || box !== scene.to || step < 5) return "";
    const candidate = frame.candidates.find(candidate => candidate.socket.id === id);
    const wins = id === frame.receiverID || (frame.receivers || []).includes(id);
    if (wins) return step >= 6 && !frame.full ? "open" : "win";
    return candidate ? "lose" : "";
  }

  function doors(scene, box) {
    const { plan, tick, frame, step, options } = scene;
    const { bands } = plan;
    const size = plan.door;
    let out = "";
    for (const column of box.plan.columns) {
      const place = { x: column.x, y: bands.doors };
      if (column.nobody) {
        if (frame && box === scene.to && frame.rule === "closed-port" && step >= 5) out += `<g id="nobody">${shapes.bricked(place.x, place.y, size.width, size.height)}</g>`;
        if (frame && box === scene.from && !frame.senderID && step <= 1) out += shapes.bricked(place.x, place.y, size.width, size.height);
        continue;
      }
      if (column.others) {
        out += collapsed(scene, box, column);
        continue;
      }
      if (!column.record) continue;
      const shown = doorAt(column.record, tick);
      if (!shown) continue;
      const look = lookOf(scene, box, column.record.id);
      const isTouched = options.moves && isNew(scene, box, column);
      if (isTouched) out += '<g id="touched">';
      out += threads(scene, box, column, shown);
      if (options.moves && step === 5 && look) {
        // Until it is held against the key a door is as it was.
        out += `<g data-until="${column.record.id}">${shapes.door(shown, place, size, "")}</g><g data-from="${column.record.id}">${shapes.door(shown, place, size, look)}</g>`;
      } else {
        out += shapes.door(shown, place, size, look);
      }
      out += below(scene, box, column, shown, look);
      if (isTouched) out += "</g>";
    }
    return out;
  }

  /*
   * Whether a door comes, or is changed, with this step: by a call, or since its listener makes it for this segment. It then
   * comes out of its listener's side.
   */
  function isNew(scene, box, column) {
    const { beat, frame, step, parts } = scene;
    const { record } = column;
    if (beat.kind === "call") return record.id === beat.moment.id && ["socket", "bind", "listen", "connect"].includes(beat.moment.name);
    if (!frame || step !== 5 || record.id !== frame.receiverID || !record.madeBy || !frame.openedIDs.includes(record.id)) return false;
    const maker = box.plan.columns.find(other => other.record && other.record.id === record.madeBy);
    if (maker) parts.birth = maker.center - column.center;
    return true;
  }

  /* From a door up to whoever holds it. */
  function threads(scene, box, column, shown) {
    const { bands } = scene.plan;
    const color = shown.kind === "L" || !shown.kind ? "var(--ink2)" : shapes.hue(column.record);
    const top = bands.programsEnd - 7;
    if (shown.waits) {
      const maker = scene.story.records.get(column.record.madeBy);
      const mine = maker ? [...scene.story.records.values()].filter(record => record.madeBy === maker.id && record.born <= column.record.born && waitsNow(record, scene.tick)).length : 1;
      const room = maker && maker.backlog !== undefined ? maker.backlog + 1 : "";
      const words = !room ? "waits" : scene.plan.door.width >= 80 ? `waits ${mine}/${room}` : `${mine} of ${room}`;
      return halo(column.center, bands.programsEnd + 17, words, { size: 14, fill: "var(--ink)", weight: 600 }) + path(`M${column.center} ${bands.doors}V${bands.boundaryEnd}`, color, 2, 'fill="none" stroke-dasharray="2 4"');
    }
    if (shown.isEnded) return text(column.center, bands.doors - 8, shown.state, { size: 14, fill: "var(--ink2)", room: scene.plan.door.width + 2 });
    let out = "";
    const holders = shown.holders.length ? shown.holders : column.process.isKnown ? [] : [{ process: column.process }];
    holders.forEach((holder, place) => {
      const target = box.processes.find(process => process.process === holder.process);
      const x = column.center + (place - (holders.length - 1) / 2) * 14;
      const end = target && (x < target.x + 8 || x > target.x + target.width - 8) ? Math.max(target.x + 12, Math.min(target.x + target.width - 12, x)) : x;
      out += path(`M${x} ${bands.doors + (shown.kind === "L" ? 1 : 0)}V${bands.boundaryEnd - 4}L${end} ${top}`, color, 2, `fill="none"${column.process.isKnown ? "" : ' stroke-dasharray="3 4"'}`);
      if (holder.fd !== undefined && place === 0) out += halo(x + 6, bands.programsEnd + 17, scene.plan.door.width < 74 ? String(holder.fd) : `fd ${holder.fd}`, { size: 14, mono: true, fill: "var(--ink2)", anchor: "start" });
    });
    return out;
  }

  /* A text on a line: the line gives way. */
  function halo(x, y, content, options) {
    const width = shapes.widthOf(content, options.size, options.mono);
    return rect(options.anchor === "start" ? x - 2 : x - width / 2 - 2, y - 12, width + 4, 16, "var(--surface)") + text(x, y, content, options);
  }

  function waitsNow(record, tick) {
    const shown = doorAt(record, tick);
    return Boolean(shown && shown.waits);
  }

  /* What stands below a door: its receive buffer, and the verdict on it. */
  function below(scene, box, column, shown, look) {
    const { plan, frame, step, tick } = scene;
    const { bands } = plan;
    const { record } = column;
    const color = shown.kind === "L" || !shown.kind ? "var(--ink2)" : shapes.hue(record);
    let out = "";
    if (shown.kind === "C" || shown.kind === "D") {
      const bytes = bufferAt(record, tick);
      const passing = bytes === undefined && frame && record.id === frame.receiverID && step >= 6 && frame.length ? frame.length : 0;
      const filled = bytes === undefined ? passing : bytes;
      // 14 bytes are to be seen as well as 1,400.
      out += shapes.gauge(column.x, bands.gauge, plan.door.width, color, filled ? Math.min(1, 0.2 + Math.log2(1 + filled) / 16) : 0, bytes !== undefined);
    }
    if (!look || !frame.from) return out;
    const candidate = frame.candidates.find(candidate => candidate.socket.id === record.id);
    const wins = look !== "lose";
    const sign = wins ? (frame.rule === "icmp-error" ? "its own" : "= =") : words.loss(candidate, frame).sign;
    const proof = wins && step >= 6 && frame.evidence === "kernel" ? " ✓" : wins && frame.evidence === "presumed" ? " ?" : "";
    scene.parts.verdicts.push({ id: record.id, x: column.center, wins });
    return out + text(column.center, bands.verdict, sign + proof, { size: 16, mono: true, fill: wins ? (shown.kind === "L" ? "var(--ink)" : color) : "var(--lose)", weight: wins ? 800 : 500, room: plan.door.width + 6, extra: scene.options.moves && step === 5 ? `data-verdict="${record.id}"` : "" });
  }

  function collapsed(scene, box, column) {
    const { plan } = scene;
    const alive = box.plan.collapsed.filter(record => doorAt(record, scene.tick));
    if (!alive.length) return "";
    const { width, height } = plan.door;
    const [x, y] = [column.x, plan.bands.doors];
    return `<g class="more" data-more="${escape(box.host.index)}" tabindex="0" role="button" aria-label="${alive.length} other sockets">`
      + rect(x + 8, y + 2, width - 8, height - 12, "var(--surface)", { stroke: "var(--line)", radius: 8, line: 1.5 }) + rect(x + 4, y + 6, width - 8, height - 12, "var(--surface)", { stroke: "var(--line)", radius: 8, line: 1.5 })
      + rect(x, y + 10, width - 8, height - 12, "var(--surface)", { stroke: "var(--ink2)", radius: 8, line: 1.5 })
      + text(x + width / 2 - 4, y + 56, `+ ${alive.length}`, { size: 20, weight: 700, fill: "var(--ink2)", room: width - 14 }) + text(x + width / 2 - 4, y + 80, alive.length === 1 ? "other" : "others", { size: 14, fill: "var(--ink2)", room: width - 12 }) + "</g>";
  }

  // MARK: What is on its way

  /* What stands on an envelope: ports and addresses as far as there is room, and before IP has written, the ports alone. */
  function inscription(scene, room) {
    const { frame } = scene;
    if (!frame.from) return [{ caption: "", value: frame.rule === "fragment" ? `a part of a datagram` : fitting([frame.segment || "no IP", frame.segment.split(" ")[0]], room - 20) }, frame.target ? { caption: "to", value: fitting([frame.target, words.shortAddress(frame.target) || frame.target], room - 30) } : { caption: "", value: "link layer" }];
    const all = [frame.from, frame.to];
    const longest = Math.max(...all.map((value, place) => shapes.widthOf((place ? "to " : "from ") + value, 14, true)));
    const ends = longest < room - 12 ? all : [words.written(frame.from), words.written(frame.to)];
    return [{ caption: "from", value: ends[0], whole: frame.from }, { caption: "to", value: ends[1], whole: frame.to }];
  }

  const fitting = (texts, room) => texts.find(text => shapes.widthOf(text, 14, true) < room) || texts[texts.length - 1];

  function envelopeAt(scene, x, y, box, height = scene.plan.bands.envelopeHeight) {
    // Wherever it is, it has one form: as wide as the narrower of the two hosts has room for.
    const room = Math.min(248, scene.from.width - 10, scene.to.width - 10);
    const lines = inscription(scene, room);
    const wanted = Math.max(...lines.map(line => shapes.widthOf(line.caption + " " + line.value, 15, true))) + 26;
    const width = Math.max(104, Math.min(room, wanted));
    const left = box ? Math.max(box.x + 5 + width / 2, Math.min(box.x + box.width - 5 - width / 2, x)) : x;
    scene.parts.envelope = { x: left, y, width };
    return shapes.envelope(left, y, width, height, lines, scene.color);
  }

  function delivery(scene) {
    const { frame, step, plan } = scene;
    const { bands } = plan;
    const parts = scene.parts;
    parts.bands = bands;
    parts.fromX = scene.fromX;
    parts.toX = scene.toX;
    parts.sender = scene.sender ? scene.sender.center : scene.fromX;
    parts.receiver = scene.receiver ? scene.receiver.center : scene.toX;
    const laneX = scene.from === scene.to ? clampTo(scene.to, scene.toX) : scene.toX;
    parts.laneX = laneX;
    // Without IP it is the link layer's alone: it gets no further than the wire.
    const taps = plan.hosts.map(box => box.x + box.width / 2);
    if (scene.isLinkOnly) return step < 3 ? envelopeAt(scene, (taps[0] + taps[taps.length - 1]) / 2, bands.wire, undefined, bands.wireEnvelopeHeight) : "";
    const hasKey = Boolean(frame.from) && frame.rule !== "fragment" && frame.rule !== "no-ports";
    switch (step) {
      case 0: return shapes.chip(parts.sender, bands.gauge + 26, words.tag(frame), scene.color);
      case 1: return envelopeAt(scene, parts.sender, bands.envelope, scene.from);
      case 2: return envelopeAt(scene, midWire(scene), bands.wire, undefined, bands.wireEnvelopeHeight);
      case 3: return envelopeAt(scene, laneX, bands.envelope, scene.to);
      case 4: return envelopeAt(scene, laneX, bands.envelope, scene.to) + (hasKey ? keyAt(scene, laneX) : "");
      case 5: return envelopeAt(scene, laneX, bands.envelope, scene.to) + (hasKey ? keyAt(scene, nearKey(scene)) : "");
      case 6: {
        const chipY = bands.gauge + 5;
        if (!scene.receiver) return envelopeAt(scene, laneX, bands.envelope, scene.to) + refusal(scene);
        const color = scene.receiver.record.kind === "L" ? "var(--ink2)" : scene.color;
        return shapes.chip(scene.receiver.center, chipY + 2 + 34 + 20, words.tag(frame), frame.full ? "var(--nobody)" : color);
      }
      default: return scene.frame.after && frame.length && scene.receiver ? shapes.chip(scene.receiver.center, bands.boundaryEnd + 14, words.tag(frame), scene.color) : "";
    }
  }

  const clampTo = (box, x) => Math.max(box.x + 130, Math.min(box.x + box.width - 130, x));

  /* Between the two hosts, so that it covers neither's link. */
  const midWire = scene => (scene.fromX + scene.toX) / 2;

  function keyText(scene) {
    const { frame } = scene;
    const [from, to] = [words.written(frame.from), words.written(frame.to)];
    return frame.proto === 6 || frame.rule === "datagram-connected" ? [`from ${from} to ${to}`, `${from} → ${to}`, `${from}→${to}`] : [`to ${to} (from ${from})`, `to ${to}`];
  }

  function keyAt(scene, x) {
    const { plan } = scene;
    const box = scene.to;
    const most = Math.min(310, box.width - 12);
    const texts = keyText(scene);
    const content = texts.find(text => shapes.widthOf(text, 15, true) < most - 24) || texts[texts.length - 1];
    const width = Math.min(most, Math.max(130, shapes.widthOf(content, 17, true) + 36));
    const center = Math.max(box.x + 6 + width / 2, Math.min(box.x + box.width - 6 - width / 2, x));
    scene.parts.key = { x: center, y: plan.bands.key, width, least: box.x + 6 + width / 2, most: box.x + box.width - 6 - width / 2 };
    return shapes.key(center, plan.bands.key, width, plan.bands.keyHeight, content);
  }

  /* In the end the key lies below the winner. */
  const nearKey = scene => (scene.receiver ? scene.receiver.center : scene.parts.laneX);

  /* Nobody opened: what the kernel will answer. */
  function refusal(scene) {
    const { frame, plan } = scene;
    if (frame.rule !== "closed-port" || frame.flags & 4) return "";
    return shapes.chip(scene.parts.laneX, plan.bands.key, frame.proto === 6 ? "RST" : "ICMP", "var(--nobody)");
  }

  /* What the kernel shows, line by line, where a frame would be; where that is too low, in the place of the doors as well. */
  function board(scene) {
    const { beat, plan } = scene;
    const { bands } = plan;
    const room = plan.size.width - 40;
    const most = Math.floor((room - 36) / shapes.widthOf("0", 14, true));
    const lines = beat.moment.lines.flatMap(line => broken(line, most));
    const all = [...broken(beat.moment.text, most).map(line => ({ line, isHead: true })), ...lines.map(line => ({ line }))];
    const longest = Math.max(...all.map(({ line }) => shapes.widthOf(line, 14, true)));
    const width = Math.min(room, longest + 40);
    const places = Math.floor((bands.bottom - bands.boundaryEnd - 10) / 20);
    const rows = all.length > places ? [...all.slice(0, places - 1), { line: `… ${all.length - places + 1} more lines` }] : all;
    const height = rows.length * 20 + 22;
    const [x, y] = [(plan.size.width - width) / 2, Math.max(bands.boundaryEnd, bands.bottom - height - 8)];
    const svg = `<g filter="url(#lift)">${rect(x, y, width, height, "var(--surface)", { stroke: "var(--ink2)", radius: 8, line: 1.5 })}</g>`
      + rows.map(({ line, isHead }, place) => text(x + 18, y + 24 + place * 20, line, { size: 14, mono: true, anchor: "start", fill: isHead ? "var(--ink2)" : "var(--ink)", extra: 'xml:space="preserve"' })).join("");
    return { svg, isHigh: y < bands.laneTop };
  }

  /* A line in as many as it needs, the later ones indented; what is one word is cut. */
  function broken(line, most) {
    const rows = [];
    // Columns that do not fit need not be wide.
    let rest = line.length > most ? line.replace(/(\S) {3,}/g, "$1  ") : line;
    while (rest.length > most) {
      const at = rest.lastIndexOf(" ", most);
      const isWord = !rest.slice(0, Math.max(0, at)).trim();
      rows.push(rest.slice(0, isWord ? most : at).trimEnd());
      rest = "    " + rest.slice(isWord ? most : at).trimStart();
    }
    return [...rows, rest];
  }

  return { picture };
})();
