/*
 * What is where: hosts side by side, in each the bands from the programs down to the link, columns of doors below their
 * processes. Text is never below 14 px, so it is the doors that are collapsed, not the letters that shrink.
 */
portwatch.geometry = (() => {
  const MARGIN = 14;
  const GAP = 12;
  const DOOR = { most: 94, least: 62, gap: 6, height: 112 };

  /* The hosts of a beat: all where they are few, else the two that talk. On a phone one that talks to itself is alone. */
  function hostsInView(story, beat, size) {
    const all = story.hosts.filter(host => !host.isEmpty && !host.isRelay);
    const isNarrow = size.width < 560;
    if (all.length <= (isNarrow ? 1 : 3)) return all;
    const frame = nearestFrame(story, beat);
    const wanted = new Set();
    if (beat.moment.kind === "call" || beat.moment.kind === "printed" || beat.moment.kind === "died") wanted.add(story.players[beat.moment.who].host);
    if (frame) wanted.add(frame.sourceHost).add(frame.targetHost);
    for (const host of all) if (wanted.size < (isNarrow ? 1 : 2)) wanted.add(host);
    return all.filter(host => wanted.has(host));
  }

  /* The frame of a beat, or the last before it, or the first. */
  function nearestFrame(story, beat) {
    const near = beat.frame ? beat : story.frames[Math.max(0, beat.frameIndex)];
    return near ? near.frame : undefined;
  }

  /* Of three, the one with the most doors stands in the middle: the server machine. */
  function inOrder(hosts) {
    if (hosts.length !== 3) return hosts;
    const middle = hosts.reduce((one, other) => (columnsOf(other) > columnsOf(one) ? other : one));
    const sides = hosts.filter(host => host !== middle);
    return [sides[0], middle, sides[1]];
  }

  const columnsOf = host => host.processes.reduce((sum, process) => sum + Math.max(1, process.columns), 0);

  function layout(story, beat, size) {
    const hosts = inOrder(hostsInView(story, beat, size));
    const bands = bandsOf(size);
    const room = size.width - 2 * MARGIN - GAP * (hosts.length - 1);
    const least = size.width < 560 ? 116 : size.width < 760 ? 124 : hosts.length === 2 ? 200 : 150;
    const padding = size.width < 760 ? 6 : 12;
    const plans = hosts.map(host => planOf(story, beat, host));
    const width = door => plans.map(plan => Math.max(least, plan.columns.length * (door + DOOR.gap) + 2 * padding - DOOR.gap + plan.gaps * 6));
    const sum = list => list.reduce((one, other) => one + other, 0);
    let door = DOOR.most;
    while (door > DOOR.least && sum(width(door)) > room) door -= 1;
    // Where even the narrowest do not fit, what is needed least is given up, of whichever host.
    collapse(plans, beat, () => sum(width(door)) <= room, size.width < 560);
    while (door < DOOR.most && sum(width(door + 1)) <= room) door += 1;
    const widths = width(door);
    const slack = room - sum(widths);
    const share = hosts.length === 1 ? Math.max(0, Math.min(slack, 620 - widths[0])) : slack;
    const total = sum(widths);
    let x = hosts.length === 1 ? (size.width - widths[0] - share) / 2 : MARGIN;
    const boxes = plans.map((plan, place) => {
      const box = { host: plan.host, plan, x: Math.round(x), width: Math.round(widths[place] + share * widths[place] / total) };
      x += box.width + GAP;
      placeColumns(box, door, padding);
      return box;
    });
    return { hosts: boxes, bands, door: { width: door, height: DOOR.height }, size, others: story.hosts.filter(host => !host.isEmpty && !host.isRelay).length - hosts.length, relay: story.hosts.find(host => host.isRelay) };
  }

  function bandsOf(size) {
    const top = 10;
    const title = 30;
    const isLow = size.height < 580;
    const programs = isLow ? 92 : 104;
    // Below the hosts there is room for the envelope on the wire.
    const bottom = size.height - 66;
    const y = { top, titleEnd: top + title, programsEnd: top + title + programs, boundaryEnd: top + title + programs + 24 };
    y.bottom = bottom;
    y.link = bottom - 26;
    y.ip = y.link - 32;
    y.wire = bottom + 34;
    y.doors = y.boundaryEnd + (isLow ? 20 : 24);
    y.gauge = y.doors + DOOR.height + 6;
    y.verdict = y.gauge + 30;
    y.laneTop = y.verdict + 8;
    const lane = y.ip - 6 - y.laneTop;
    y.keyHeight = 34;
    y.envelopeHeight = Math.max(50, Math.min(74, lane - y.keyHeight - 10));
    const spare = Math.max(0, lane - y.keyHeight - y.envelopeHeight);
    y.key = y.laneTop + spare / 4 + y.keyHeight / 2;
    y.wireEnvelopeHeight = Math.min(56, y.envelopeHeight);
    y.envelope = y.ip - 6 - spare / 4 - y.envelopeHeight / 2;
    return y;
  }

  /*
   * The columns that a host wants: its processes with their sockets' places, and one for nobody where that is needed. They are
   * those of the whole part of the scene, so that nothing moves aside when a socket comes.
   */
  function planOf(story, beat, host) {
    const plan = { host, columns: [], collapsed: [], gaps: 0 };
    const first = beat.index * portwatch.model.STEPS;
    const last = first + beat.steps - 1;
    const { section } = beat;
    const isThere = (record, from, to) => record.born <= to && record.gone > from;
    const wanted = host.records.filter(record => isThere(record, section.first, section.last));
    const places = new Map(host.processes.map(process => [process, new Map()]));
    for (const record of wanted) {
      const slots = places.get(record.process);
      if (isThere(record, first, last)) slots.set(record.slot, record);
      else if (!slots.has(record.slot)) slots.set(record.slot, undefined);
    }
    for (const [process, slots] of places) {
      if (!slots.size && process.isKnown && process.acts(section)) slots.set(0, undefined);
      for (const slot of [...slots.keys()].sort((one, other) => one - other)) plan.columns.push({ process, slot, record: slots.get(slot) });
    }
    if (host.refusals.some(tick => tick >= section.first && tick <= section.last)) plan.columns.push({ nobody: true });
    countGaps(plan);
    return plan;
  }

  function countGaps(plan) {
    plan.gaps = 0;
    plan.columns.forEach((column, place) => { if (place > 0 && column.process !== plan.columns[place - 1].process) plan.gaps += 1; });
  }

  /* More columns than these fit nowhere. */
  const MOST = 14;

  /*
   * Takes away the columns that matter least at this beat, until the others fit; of equals, of the host with the most. A door says
   * how many they are; where there is no room for one, the host's title does.
   */
  function collapse(plans, beat, fits, isNarrow) {
    if (fits()) return;
    const all = plans.flatMap(plan => plan.columns.map((column, place) => ({ plan, column, value: worth(column, beat, plan) - plan.columns.length / 1e4 + place / 1e7 })));
    all.sort((one, other) => one.value - other.value);
    for (const { plan, column, value } of all) {
      if (value >= 7) return;
      if (plan.columns.length <= MOST && fits()) return;
      plan.columns.splice(plan.columns.indexOf(column), 1);
      if (column.record) {
        plan.collapsed.push(column.record);
        if (plan.collapsed.length === 1 && !isNarrow) plan.columns.push({ others: true });
      }
      countGaps(plan);
    }
  }

  function worth(column, beat, plan) {
    if (column.others) return 9;
    if (column.nobody) return beat.frame && (beat.frame.rule === "closed-port" || !beat.frame.senderID) ? 9 : 2.5;
    const process = column.process;
    if (beat.moment.kind === "call" && beat.moment.id && column.record && column.record.id === beat.moment.id) return 9;
    if (!column.record) return plan.columns.filter(other => other.process === process).length === 1 && process.isKnown && process.ended > beat.index * 8 && process.born <= beat.index * 8 ? 1.5 : 0;
    const frame = beat.frame;
    const id = column.record.id;
    if (frame && (id === frame.senderID || id === frame.receiverID)) return 9;
    if (frame && frame.makerID === id) return 6;
    const candidate = frame && frame.candidates.find(candidate => candidate.socket.id === id);
    // Whom the sentence names stays as long as it can.
    if (candidate) return 5 + (4 - portwatch.words.miss(candidate, frame)) / 4 - (column.record.ended && column.record.ended.tick < beat.index * 8 ? 2 : 0);
    if (frame && column.record.peers.has(frame.receiverID)) return 4;
    if (column.record.ended && column.record.ended.tick < beat.index * 8) return 1;
    return column.record.kind === "L" ? 3 : 2;
  }

  function placeColumns(box, door, padding) {
    const { plan } = box;
    const count = plan.columns.length;
    const inner = box.width - 2 * padding;
    const used = count * door + plan.gaps * 6;
    const gap = count > 1 ? Math.min(28, (inner - used) / (count - 1)) : 0;
    let x = box.x + padding + Math.max(0, (inner - used - gap * (count - 1)) / 2);
    plan.columns.forEach((column, place) => {
      if (place > 0) x += gap + (column.process !== plan.columns[place - 1].process ? 6 : 0);
      column.x = Math.round(x * 2) / 2;
      column.center = column.x + door / 2;
      x += door;
    });
    // A process's box stands over its columns, and takes the room at its sides.
    box.processes = [];
    for (const column of plan.columns) {
      if (!column.process) continue;
      let process = box.processes[box.processes.length - 1];
      if (!process || process.process !== column.process) {
        process = { process: column.process, columns: [] };
        box.processes.push(process);
      }
      process.columns.push(column);
    }
    const hasOther = plan.columns.some(column => !column.process);
    box.processes.forEach((process, place) => {
      const first = process.columns[0];
      const last = process.columns[process.columns.length - 1];
      const before = box.processes[place - 1];
      process.x = place === 0 ? Math.max(box.x + 8, first.x - 40) : (before.columns[before.columns.length - 1].x + door + first.x) / 2 + 4;
      const next = box.processes[place + 1];
      const end = next ? (last.x + door + next.columns[0].x) / 2 - 4 : hasOther ? last.x + door + 4 : Math.min(box.x + box.width - 8, last.x + door + 40);
      process.width = end - process.x;
    });
  }

  return { layout, nearestFrame, hostsInView, inOrder };
})();
