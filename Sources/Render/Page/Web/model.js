"use strict";
/*
 * The page's one global. Each file adds one part to it, in the order in which they stand here:
 * model (what happened), words (how it is said), geometry (what is where), shapes (what it looks like), stage (the picture of
 * one moment), motion (from one picture to the next), side, bytes and quiz (what stands beside it), player and controls.
 */
const portwatch = {};

/*
 * The timeline made ready: beats, each of which is a frame with its eight steps or one thing beside the frames, and records of
 * hosts, processes and sockets. A time is a tick, beat × 8 + step: what a record was at a tick is looked up, never replayed,
 * so that a picture does not depend on where one comes from.
 */
portwatch.model = (() => {
  const STEPS = 8;
  const SENDING = new Set(["send", "sendto", "sendmsg", "write", "connect", "close", "shutdown", "sendfile", "exit"]);
  const READING = new Set(["recv", "recvfrom", "recvmsg", "read"]);
  const ACK_ALONE = 16;

  function splitEnd(text) {
    const colon = text.lastIndexOf(":");
    const port = text.slice(colon + 1);
    // One that is bound to a port that nobody has told.
    return { address: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: port === "?" ? port : +port };
  }
  const isGroup = address => /^(22[4-9]|23\d)\.|^ff|^255\.255\.255\.255$/i.test(address);
  const isLoopback = address => address.startsWith("127.") || address === "::1";
  const isWildcard = address => address === "0.0.0.0" || address === "::";
  const leadingNumber = text => parseInt(text, 10);

  /* What was said of the past at a tick: the last entry that is not later. */
  function latest(entries, tick) {
    let found;
    for (const entry of entries) {
      if (entry.tick > tick) break;
      found = entry;
    }
    return found;
  }

  function read(data) {
    const story = {
      title: data.title, leftOut: data.leftOut, kept: data.kept, hosts: [], processes: new Map(), records: new Map(),
      beats: [], frames: [], layouts: data.layouts, hasCalls: data.moments.some(moment => moment.kind === "call"),
    };
    const colon = data.title.indexOf(": ");
    story.name = colon < 0 ? data.title : data.title.slice(0, colon);
    story.summary = colon < 0 ? "" : data.title.slice(colon + 2);
    nameCookies(data);
    for (const question of data.questions) data.moments[question.moment].question = question;
    readHosts(story, data);
    readBeats(story, data);
    readRecords(story, data);
    assignColumns(story);
    return story;
  }

  /* Sockets have names from their first frame on; calls before it have the kernel's number alone. */
  function nameCookies(data) {
    const names = new Map();
    for (const socket of data.sockets) if (socket.cookie) names.set(socket.cookie, socket.id);
    data.moments.forEach((moment, place) => {
      const call = data.moments[place - 1];
      if (moment.kind !== "frame" || moment.sender === undefined || !call || call.kind !== "call") return;
      // Of a connection that was refused at once the kernel could not be asked any more: the call says whose it was.
      if (call.name === "connect" && call.cookie && !names.has(call.cookie) && call.args.endsWith(moment.to)) {
        names.set(call.cookie, data.sockets[moment.sender].id);
      }
    });
    for (const moment of data.moments) {
      if (moment.kind === "call" && moment.cookie) moment.id = moment.socket || names.get(moment.cookie) || "#" + moment.cookie;
    }
  }

  // MARK: Hosts

  function readHosts(story, data) {
    story.hostOf = new Map();
    const participants = data.participants;
    const add = (name, address) => {
      const host = { index: story.hosts.length, name, address, addresses: address ? [address] : [], processes: [] };
      story.hosts.push(host);
      if (address) story.hostOf.set(address, host);
      return host;
    };
    const seen = [];
    for (const moment of data.moments) {
      if (moment.kind !== "frame") continue;
      moment.source = moment.from ? splitEnd(moment.from).address : portwatch.bytes.address(moment, data.layouts, "from address");
      moment.target = moment.to ? splitEnd(moment.to).address : portwatch.bytes.address(moment, data.layouts, "to address");
      seen.push(moment.source, moment.target);
    }
    const known = seen.filter(address => address);
    if (data.hosts.length > 1) {
      for (const host of data.hosts) add(host.name, isWildcard(host.address) ? "" : host.address);
      const place = new Map(participants.map(participant => [participant.pid, participant.host]));
      for (const socket of data.sockets) {
        const address = splitEnd(socket.local).address;
        const holder = (socket.holders || []).find(holder => place.has(holder.pid));
        if (holder && !isWildcard(address) && !story.hostOf.has(address)) story.hostOf.set(address, story.hosts[place.get(holder.pid)]);
      }
      const last = story.hosts.filter(host => host.address).pop();
      for (const address of known) if (!story.hostOf.has(address)) story.hostOf.set(address, last);
    } else if (data.hosts.length === 1 || known.every(isLoopback)) {
      const host = add("", data.hosts.length ? data.hosts[0].address : known[0] || "");
      for (const address of known) story.hostOf.set(address, host);
    } else {
      for (const address of known) if (!story.hostOf.has(address)) add(letters(story.hosts.length), address);
    }
    for (const [address, host] of story.hostOf) if (!host.addresses.includes(address)) host.addresses.push(address);
    // A host's loopback has a name of its own, and a group's address is nobody's.
    const isOwn = address => !isLoopback(address) && !isGroup(address);
    for (const host of story.hosts) host.own = host.addresses.filter(address => isOwn(address) || address === host.address);
    story.isOneHost = story.hosts.length === 1;
    // A relay has no sockets: it stands on the wire.
    for (const host of story.hosts) host.isRelay = !host.address && !story.isOneHost;
  }

  /* A … Z, AA, AB … */
  function letters(number) {
    const rest = Math.floor(number / 26);
    return (rest > 0 ? letters(rest - 1) : "") + String.fromCharCode(65 + number % 26);
  }

  // MARK: Beats

  const isPureAck = moment => moment.kind === "frame" && (moment.flags & 63) === ACK_ALONE && !moment.length && !moment.opened && !moment.ended;

  function readBeats(story, data) {
    const taken = new Set();
    const idOf = number => (number === undefined ? undefined : data.sockets[number].id);
    data.moments.forEach((moment, place) => {
      if (moment.kind === "ended") moment.isSilent = true;
      if (moment.kind !== "frame") return;
      moment.senderID = idOf(moment.sender);
      moment.receiverID = idOf(moment.receiver);
      moment.isPureAck = isPureAck(moment);
      // Of a group that shares a port one gets it, and nothing here says which.
      const several = moment.receivers || [];
      moment.isOneOf = moment.rule === "reuse-port-group" && several.length > 1;
      moment.whoGets = moment.receiverID && several.length > 1 ? `${moment.receiverID}+${several.length - 1}` : moment.receiverID;
      const before = data.moments[place - 1];
      if (before && before.kind === "call" && before.phase !== "returned" && SENDING.has(before.name) && before.id === moment.senderID && !taken.has(before)) {
        moment.before = before;
        taken.add(before);
      }
      if (!moment.receiverID) return;
      // A read that waited gets the bytes as they come; the acknowledgment may stand between.
      let next = place + 1;
      while (next < data.moments.length && isPureAck(data.moments[next])) next += 1;
      const after = data.moments[next];
      if (after && after.kind === "call" && after.phase === "returned" && READING.has(after.name) && after.id === moment.receiverID && (moment.length || moment.flags & 1 || moment.rule === "icmp-error") && !taken.has(after)) {
        moment.after = after;
        taken.add(after);
      }
    });
    for (const moment of data.moments) {
      if (taken.has(moment)) continue;
      const beat = { index: story.beats.length, kind: moment.kind, moment, frame: moment.kind === "frame" ? moment : undefined };
      beat.steps = beat.frame ? STEPS : 1;
      moment.tick = beat.index * STEPS;
      for (const [call, step] of [[moment.before, 0], [moment.after, 7]]) if (call) call.tick = moment.tick + step;
      story.beats.push(beat);
      if (beat.frame) {
        beat.frameIndex = story.frames.length;
        story.frames.push(beat);
      } else {
        beat.frameIndex = story.frames.length - 1;
      }
    }
    // Something is always there to be shown.
    if (story.beats.length === 0) story.beats.push({ index: 0, kind: "said", steps: 1, frameIndex: -1, moment: { kind: "said", text: "There are no frames.", tick: 0 } });
    story.frameByNumber = new Map(story.frames.map(beat => [beat.frame.number, beat]));
    story.participants = data.participants;
  }

  // MARK: Processes

  function processOf(story, host, pid, name) {
    const key = host.index + "/" + pid;
    let process = story.processes.get(key);
    if (!process) {
      process = { key, pid, name, host, isKnown: pid !== undefined && pid > 0, ended: Infinity, born: 0, columns: 0, isServer: false };
      story.processes.set(key, process);
      host.processes.push(process);
    }
    return process;
  }

  /* Of a capture nobody knows the processes: whoever shares a listener is one program, the others of a host are another. */
  function unknownProcess(story, record) {
    const maker = record.kind === "L" ? record.id : record.madeBy || "";
    const process = processOf(story, record.host, "?" + maker, "");
    process.isServer = process.isServer || Boolean(maker) || record.isServer;
    return process;
  }

  // MARK: Records

  function readRecords(story, data) {
    const players = data.participants.map(participant => {
      const process = processOf(story, story.hosts[participant.host] || story.hosts[0], participant.pid, participant.process);
      process.role = participant.name;
      process.born = Infinity;
      return process;
    });
    story.players = players;
    story.calls = new Map(players.map(process => [process, []]));
    const hues = new Map();
    const record = (id, host) => {
      let found = story.records.get(id);
      if (!found) {
        found = {
          id, label: id.startsWith("#") ? "" : id, kind: id.startsWith("#") ? "" : id[0], host, born: Infinity, gone: Infinity, ended: null,
          moments: [], holding: [], forms: [], binds: [], arrivals: [], reads: [], departures: [], accepted: Infinity, isCalled: false, emptied: [], peers: new Set(), backlog: undefined,
        };
        story.records.set(id, found);
      }
      return found;
    };
    const answered = new Set();
    const exists = (record, tick) => { record.born = Math.min(record.born, tick); };

    for (const moment of data.moments) {
      const tick = moment.tick;
      if (moment.kind === "call") story.calls.get(players[moment.who]).push(moment);
      if (moment.kind === "call") readCall(story, moment, players[moment.who], record, exists);
      if (moment.kind === "died") endProcess(story, players[moment.who], tick);
      if (moment.kind === "ended") for (const id of moment.sockets) if (story.records.has(id)) end(story.records.get(id), tick, "closed", "closed: the kernel has destroyed it");
      if (moment.kind !== "frame") continue;
      const see = (number, step, host, isTarget = false) => {
        const socket = data.sockets[number];
        const found = record(socket.id, host);
        if (!found.host) found.host = host;
        exists(found, tick + step);
        found.proto = socket.proto;
        if (socket.madeBy) found.madeBy = socket.madeBy;
        if (socket.peer) found.peers.add(socket.peer);
        if (socket.server) found.isServer = true;
        // What it makes of a segment is seen when it has got it.
        found.moments.push({ tick: tick + (isTarget && found.moments.length ? Math.max(step, 6) : step), socket });
        if (found.hue === undefined && found.kind !== "L") {
          const key = found.kind === "C" ? socket.proto + [socket.local, socket.remote].sort().join() : found.id;
          if (!hues.has(key)) hues.set(key, hues.size);
          found.hue = hues.get(key);
        }
        return found;
      };
      moment.sourceHost = story.hostOf.get(moment.source) || story.hosts[0];
      moment.targetHost = story.hostOf.get(moment.target) || story.hosts[0];
      const opened = new Set((moment.opened || []).map(number => data.sockets[number].id));
      moment.openedIDs = [...opened];
      if (moment.replyTo) answered.add(moment.replyTo);
      if (moment.sender !== undefined) see(moment.sender, 0, moment.sourceHost).departures.push(moment);
      if (moment.receiver !== undefined) {
        const id = data.sockets[moment.receiver].id;
        // A listener makes it while the segment is looked at.
        const isChild = opened.has(id) && data.sockets[moment.receiver].madeBy;
        if (isChild) moment.makerID = isChild;
        see(moment.receiver, isChild ? 5 : 0, moment.targetHost, true).arrivals.push(moment);
      }
      for (const number of moment.opened || []) {
        const socket = data.sockets[number];
        const isTarget = splitEnd(socket.local).address === moment.target;
        if (socket.id !== moment.senderID && socket.id !== moment.receiverID) see(number, 0, isTarget ? moment.targetHost : moment.sourceHost);
      }
      const look = moment.look === undefined ? [] : data.looks[moment.look];
      moment.candidates = look.map(candidate => ({ ...candidate, socket: data.sockets[candidate.socket] }));
      look.forEach(candidate => { if (!story.records.has(data.sockets[candidate.socket].id)) see(candidate.socket, 0, moment.targetHost); });
      for (const [id, how, sentence] of moment.ended || []) if (story.records.has(id)) end(story.records.get(id), tick + 7, how, sentence);
    }
    for (const found of story.records.values()) finishRecord(story, found);
    for (const { frame } of story.frames) frame.isAnswered = answered.has(frame.number);
    readOrder(story.frames.map(beat => beat.frame));
  }

  /* Which segments of TCP come before their turn, or again. What is acknowledged has come, whether it was captured or not. */
  function readOrder(frames) {
    const flows = new Map();
    for (const frame of frames) {
      if (frame.proto !== 6 || !frame.from) continue;
      const [key, back] = [`${frame.from} ${frame.to}`, `${frame.to} ${frame.from}`];
      const [seq, ack] = [frame.seq || 0, frame.ack || 0];
      let flow = flows.get(key);
      if (frame.flags & 2) {
        const isFirst = !(frame.flags & 16);
        frame.isAgain = Boolean(isFirst && flow && frame.senderID && flow.syn === frame.senderID);
        flows.set(key, { next: 1, held: [], syn: isFirst ? frame.senderID : undefined });
        continue;
      }
      const other = flows.get(back);
      if (frame.flags & 16 && other && ack > other.next) take(other, ack);
      if (!frame.length) continue;
      if (!flow) flows.set(key, flow = { next: seq, held: [] });
      frame.isEarly = seq > flow.next;
      frame.isOld = seq + frame.length <= flow.next;
      flow.held.push([seq, seq + frame.length]);
      take(flow, flow.next);
    }
    function take(flow, next) {
      flow.next = next;
      flow.held.sort((one, other) => one[0] - other[0]);
      while (flow.held.length && flow.held[0][0] <= flow.next) flow.next = Math.max(flow.next, flow.held.shift()[1]);
    }
  }

  function end(record, tick, how, sentence) {
    record.ended = { tick, how, sentence };
    // It is seen closing, and then no more; what has TIME_WAIT stays.
    record.gone = how === "TIME_WAIT" ? Infinity : tick + STEPS;
  }

  function endProcess(story, process, tick) {
    process.ended = tick;
    for (const record of story.records.values()) record.holding.push({ tick, remove: process });
  }

  function readCall(story, call, process, record, exists) {
    process.born = Math.min(process.born, call.tick);
    if (call.name === "exit") return endProcess(story, process, call.tick);
    if (!call.id) return;
    const found = record(call.id, process.host);
    const fd = leadingNumber(call.args);
    const tick = call.tick;
    found.isCalled = true;
    if (!found.host) found.host = process.host;
    if (call.name === "socket" && !call.fails) {
      exists(found, tick);
      found.proto = call.args.includes("SOCK_DGRAM") ? 17 : 6;
      found.holding.push({ tick, add: process, fd: leadingNumber(call.result) });
    } else if (call.name === "bind" && !call.fails) {
      // Port 0 is none: which one it is, getsockname tells.
      found.binds.push({ tick, local: call.args.slice(call.args.indexOf(", ") + 2).replace(/:0$/, ":?") });
    } else if (call.name === "getsockname" && call.result && !call.fails && !call.result.endsWith(":0")) {
      found.binds.push({ tick, local: call.result });
    } else if (call.name === "listen" && !call.fails) {
      found.forms.push({ tick, form: "L" });
      found.backlog = leadingNumber(call.args.slice(call.args.indexOf(",") + 1));
    } else if (call.name === "connect") {
      if (call.phase !== "returned") found.forms.push({ tick, form: found.proto === 17 ? "D" : "C", remote: call.args.slice(call.args.indexOf(", ") + 2) });
    } else if (call.name.startsWith("accept") && call.result && !call.fails) {
      // The number is the new socket's, which has been there since its handshake.
      found.accepted = tick;
      found.holding.push({ tick, add: process, fd: leadingNumber(call.result) });
    } else if (call.name === "close" && !call.fails) {
      found.holding.push({ tick, remove: process, fd });
      if (found.id.startsWith("#")) end(found, tick, "closed", "closed");
    } else if (READING.has(call.name) && call.result && !call.fails) {
      found.reads.push({ tick, count: leadingNumber(call.result) || 0 });
    } else if (READING.has(call.name) && call.phase === "entered") {
      // Whoever waits has found nothing.
      found.emptied.push(tick);
    }
  }

  function finishRecord(story, record) {
    if (!record.host) record.host = story.hosts[0];
    if (record.born === Infinity) record.born = Math.min(...record.holding.map(entry => entry.tick), ...record.binds.map(entry => entry.tick), 0);
    if (!record.kind) record.kind = record.forms.length ? record.forms[0].form : record.proto === 17 ? "D" : "";
    if (!record.label) record.label = record.kind;
    record.isAcceptTold = record.accepted !== Infinity;
    if (record.holding.some(entry => entry.add)) {
      record.process = record.holding.find(entry => entry.add).add;
    } else {
      const holder = record.moments.flatMap(entry => entry.socket.holders || [])[0];
      record.process = holder ? processOf(story, record.host, holder.pid, holder.process) : undefined;
    }
    if (!record.process && record.madeBy && story.records.has(record.madeBy)) record.process = story.records.get(record.madeBy).process;
    if (!record.process) record.process = unknownProcess(story, record);
    endWithProcess(record);
    for (const entry of record.moments) for (const holder of entry.socket.holders || []) processOf(story, record.host, holder.pid, holder.process);
    if (record.kind === "L" || record.madeBy || record.isServer) record.process.isServer = true;
    // One whose calls are not told is there when its first socket is.
    record.process.born = Math.min(record.process.born, record.born);
  }

  /* A listener is closed with the process that alone held it: the kernel's notice of that comes later. */
  function endWithProcess(record) {
    if (record.kind !== "L" || !record.holding.some(entry => entry.add)) return;
    const death = record.holding.find(({ tick, remove, fd }) => {
      const seen = latest(record.moments, tick);
      return remove && fd === undefined && !holdersAt(record, tick).length && !(seen && (seen.socket.holders || []).length > 1);
    });
    if (death && (!record.ended || record.ended.tick > death.tick)) end(record, death.tick, "closed", "closed with the process that held it");
  }

  // MARK: Columns

  /* Each socket has a place below its process that stays, and that is another's when it is gone. */
  function assignColumns(story) {
    const byBirth = [...story.records.values()].sort((one, other) => one.born - other.born);
    for (const record of byBirth) {
      const slots = record.process.slots || (record.process.slots = []);
      let slot = slots.findIndex(until => until < record.born);
      if (slot < 0) slot = slots.length;
      slots[slot] = record.gone;
      record.slot = slot;
      record.process.columns = slots.length;
    }
    for (const host of story.hosts) {
      // Clients at the left, servers at the right, where both are on one host.
      if (story.isOneHost) host.processes.sort((one, other) => one.isServer - other.isServer);
      host.processes = host.processes.filter(process => process.columns > 0 || process.isKnown);
      host.records = byBirth.filter(record => record.host === host);
      host.isEmpty = host.records.length === 0 && host.processes.length === 0 && !story.frames.some(({ frame }) => frame.sourceHost === host || frame.targetHost === host);
      host.refusals = story.frames.filter(({ frame }) => (frame.targetHost === host && frame.rule === "closed-port") || (frame.sourceHost === host && !frame.senderID && frame.replyTo)).map(beat => beat.frame.tick);
    }
    for (const process of story.processes.values()) {
      const ticks = (story.calls.get(process) || []).map(call => call.tick);
      process.acts = section => ticks.some(tick => tick >= section.first && tick <= section.last);
    }
    // From heading to heading.
    let section;
    for (const beat of story.beats) {
      if (!section || beat.kind === "heading") section = { first: beat.index * STEPS, last: 0 };
      section.last = beat.index * STEPS + STEPS - 1;
      beat.section = section;
    }
  }

  // MARK: What was when

  /* A socket at a tick; undefined where it was not there. */
  function doorAt(record, tick) {
    if (tick < record.born || tick >= record.gone) return undefined;
    const entry = latest(record.moments, tick);
    const socket = entry ? entry.socket : undefined;
    const form = latest(record.forms, tick);
    const bind = latest(record.binds, tick);
    const kind = socket ? record.kind : form ? form.form : record.proto === 17 && bind ? "D" : "";
    const later = record.moments.length ? record.moments[0].socket : undefined;
    return {
      record, kind,
      local: socket ? socket.local : bind ? bind.local : form && later && kind === "C" ? later.local : undefined,
      remote: socket ? socket.remote : form ? form.remote : undefined,
      state: record.ended && tick >= record.ended.tick ? record.ended.how : socket ? socket.state : kind === "L" ? "LISTEN" : kind === "C" ? "SYN_SENT" : bind ? "bound" : "",
      evidence: socket ? socket.evidence || "capture" : "calls",
      isEnded: Boolean(record.ended && tick >= record.ended.tick),
      holders: holdersAt(record, tick, socket),
      waits: waitsAt(record, tick, socket),
      socket,
    };
  }

  function holdersAt(record, tick, socket) {
    const kernel = (socket && socket.holders) || (socket && !waitsAt(record, tick, socket) && nearestHolders(record, tick)) || [];
    const shown = kernel.map(holder => named({ process: { pid: holder.pid, name: holder.process, host: record.host }, fd: holder.fd }, record)).filter(holder => !(holder.process.ended <= tick));
    if (!record.holding.some(entry => entry.add)) return shown;
    let held = [];
    for (const entry of record.holding) {
      if (entry.tick > tick) break;
      if (entry.add) held.push({ process: entry.add, fd: entry.fd });
      else held = held.filter(holder => holder.process !== entry.remove || (entry.fd !== undefined && holder.fd !== entry.fd));
    }
    // After a fork the kernel shows more holders than the calls tell.
    return held.length && shown.length > held.length ? shown : held;
  }

  /* The kernel is not asked for each frame: who held it last, or of one that has sent something, who is the first that is known. */
  function nearestHolders(record, tick) {
    // What has sent its FIN may be closed.
    if (record.departures.some(frame => frame.flags & 5 && frame.tick <= tick)) return undefined;
    const known = record.moments.filter(entry => entry.socket.holders && entry.socket.holders.length);
    const before = latest(known, tick);
    if (before) return before.socket.holders;
    return known.length && record.departures.some(frame => frame.length && frame.tick <= tick) ? known[0].socket.holders : undefined;
  }

  const named = (holder, record) => ({ ...holder, process: record.host.processes.find(process => process.pid === holder.process.pid) || holder.process });

  function waitsAt(record, tick, socket) {
    if (record.kind !== "C" || !record.madeBy) return false;
    if (record.ended && tick >= record.ended.tick) return false;
    if (record.isAcceptTold) return tick < record.accepted;
    if (!socket || (socket.holders || []).length) return false;
    if (socket.waiting !== undefined) return true;
    // It waits until somebody holds it, or it sends something.
    const said = record.moments.filter(entry => entry.tick <= tick && (entry.socket.waiting !== undefined || (entry.socket.holders || []).length)).pop();
    return Boolean(said && said.socket.waiting !== undefined && !(said.socket.holders || []).length && !record.departures.some(frame => frame.tick >= said.tick && frame.tick <= tick && (frame.length || frame.flags & 5)));
  }

  /* Bytes that wait to be read, as far as the calls tell when they were: in order, none twice. */
  function bufferAt(record, tick) {
    // Where calls are not told, only bytes that nobody can have read are known to wait.
    const tells = record.isCalled || Boolean(record.madeBy && (doorAt(record, tick) || {}).waits);
    if (!tells || record.kind === "L") return undefined;
    let [next, held, count, first] = [0, [], 0, true];
    const datagrams = [];
    // Datagrams may have been lost at the door: what counts is what came since it was known to be empty.
    const since = record.kind === "D" ? Math.max(-1, ...record.emptied.filter(at => at <= tick)) : -1;
    for (const frame of record.arrivals) {
      if (frame.tick + 6 > tick) break;
      if (!frame.length || frame.rule === "icmp-error" || frame.tick + 6 < since) continue;
      if (record.kind === "D") {
        datagrams.push(frame.length);
        continue;
      }
      if (first) [next, first] = [Math.min(frame.seq || 0, 1), false];
      held.push([frame.seq || 0, (frame.seq || 0) + frame.length]);
      held.sort((one, other) => one[0] - other[0]);
      while (held.length && held[0][0] <= next) {
        const end = held.shift()[1];
        if (end > next) [count, next] = [count + end - next, end];
      }
    }
    // A read takes one whole datagram, and what it has no room for is gone.
    if (record.kind === "D") return datagrams.slice(record.reads.filter(entry => entry.tick <= tick && entry.tick >= since).length).reduce((sum, length) => sum + length, 0);
    let read = 0;
    for (const entry of record.reads) if (entry.tick <= tick && entry.tick >= since) read += entry.count;
    return Math.max(0, count - read);
  }

  return { STEPS, read, doorAt, bufferAt, splitEnd, isWildcard, isGroup, isLoopback, leadingNumber };
})();
