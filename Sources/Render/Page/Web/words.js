/*
 * What is said: addresses as short as the place wants them, verdicts, and one sentence a step with a second one below it. All
 * of it is taken from the timeline; what a capture cannot show is said to be unknown.
 */
portwatch.words = (() => {
  const { splitEnd, isWildcard, isLoopback, leadingNumber } = portwatch.model;
  let story;

  const begin = given => { story = given; };

  // MARK: Addresses

  const hostName = host => (!host ? "" : story.isOneHost ? "this host" : "host " + host.name);
  const HostName = host => { const name = hostName(host); return name.charAt(0).toUpperCase() + name.slice(1); };
  const hostsPossessive = host => hostName(host) + "’s";

  function shortAddress(address) {
    if (story.isOneHost) return address === story.hosts[0].address ? "" : address === "::1" ? "[::1]" : address.startsWith("127.0.0.") ? address.slice(7) : address;
    const host = story.hostOf.get(address);
    // Of several hosts each has a loopback of its own: the title of the host says what `lo` is.
    if (isLoopback(address) && !(host && host.address === address)) return address === "::1" ? "lo" : "lo" + address.slice(3).replace(/^\.0\.0\.1$|\.0\.0(?=\.)/, "");
    if (!host) return address;
    const place = host.own.indexOf(address);
    return place < 0 ? address : host.name + (place > 3 ? "′" + place : "′".repeat(place));
  }

  /* `B:9157`, of its second address `B′:9157`; on one host `:9157`. */
  function short(end) {
    if (!end) return "";
    const { address, port } = splitEnd(end);
    return (isWildcard(address) ? "*" : shortAddress(address)) + ":" + port;
  }

  /* What stands on a packet: there 0.0.0.0 is an address. */
  const written = end => (end && isWildcard(splitEnd(end).address) ? end : short(end));

  /* In a sentence: `B:9157`, on one host `port 9157`. */
  const spoken = end => { const text = written(end); return text.startsWith(":") ? "port " + text.slice(1) : text; };

  const full = end => (!end ? "" : isWildcard(splitEnd(end).address) ? "*:" + splitEnd(end).port : end);

  /* What a door takes. */
  const takesFrom = (door, write = short) => (door.remote ? write(door.remote) : door.kind === "C" || !door.kind ? "–" : "any");
  function takesTo(door, write = short) {
    if (!door.local) return "";
    return door.kind === "C" && write === short ? ":" + splitEnd(door.local).port : write(door.local);
  }

  // MARK: Verdicts

  function loss(candidate, frame) {
    const { local, remote } = candidate.socket;
    switch (candidate.why) {
      case "connected-first": return { word: "asked last", sign: "= last", sentence: "it fits too, but connected sockets are asked first" };
      case "lower-score": return { word: "less close", sign: "= less", sentence: "it fits too, but less closely" };
      case "group-member":
        if (frame.rule !== "reuse-port-group") return { word: "bound first", sign: "= first", sentence: "it fits as well: of equals the kernel takes the last that was bound" };
        return { word: "of the group", sign: "= group", sentence: "it fits too: a hash of the four numbers chose another of the group" };
      case "other-device": return { word: "other link", sign: "≠ link", sentence: "it is bound to another interface" };
      case "v6only": return { word: "IPv6 alone", sign: "≠ IPv6", sentence: "it takes IPv6 alone" };
      case "other-address": return { word: "other address", sign: "≠ addr", sentence: `it is bound to ${splitEnd(local).address}` };
    }
    if (local === frame.from && remote === frame.to) return { word: "other end", sign: "≠ ≠", sentence: "it is the end that sent this" };
    if (!isOnPort(candidate, frame) || !remote) {
      return { word: "other port", sign: candidate.from ? "≠ port" : "≠ ≠", sentence: `its port is ${splitEnd(local).port}` };
    }
    const [mine, theirs] = [splitEnd(remote), splitEnd(frame.from)];
    if (mine.port === theirs.port) {
      const isSame = !story.isOneHost && story.hostOf.get(mine.address) === story.hostOf.get(theirs.address);
      return { word: isSame ? "other address" : "other host", sign: isSame ? "≠ addr" : "≠ host", sentence: `it has the same two ports, but its peer is ${isSame ? mine.address : nameOf(mine.address)}` };
    }
    if (mine.address === theirs.address) return { word: "other port", sign: "≠ port", sentence: `its peer has port ${mine.port}` };
    return { word: "other peer", sign: "≠ peer", sentence: `its peer is ${spoken(remote)}` };
  }

  /* Who misses by least says the most: a listener on another address, the same two ports, what fits but is asked later. */
  function miss(candidate, frame) {
    if (!isOnPort(candidate, frame)) return 4;
    if (candidate.from && !candidate.to) return 0;
    if (candidate.socket.remote && splitEnd(candidate.socket.remote).port === splitEnd(frame.from).port) return 1;
    return candidate.from ? 2 : 3;
  }

  const isOnPort = (candidate, frame) => splitEnd(candidate.socket.local).port === splitEnd(frame.to).port;

  function nameOf(address) {
    const host = story.hostOf.get(address);
    return !host || story.isOneHost ? address : "host " + host.name;
  }

  function gain(frame) {
    switch (frame.rule) {
      case "listener": case "listener-address": case "listener-wildcard": return "its port";
      case "reuse-port-group": return "one of them";
      case "datagram": case "datagram-address": case "datagram-wildcard": return "its port";
      case "group-delivery": return "joined";
      default: return "both equal";
    }
  }

  /* What would have to differ for a loser to win. */
  function wouldWin(candidate, frame) {
    const name = candidate.socket.id;
    switch (candidate.why) {
      case "connected-first": return `${name} would get it if no connected socket had all four numbers: a SYN of a new connection, say.`;
      case "lower-score": return `${name} would get it if the socket that fits more closely were not there.`;
      case "group-member":
        if (frame.rule !== "reuse-port-group") return `${name} would get it if it had been bound last.`;
        return `${name} would get it if the four numbers had another hash: from another port, say.`;
      case "other-device": return `${name} would get it if it came in on the interface that ${name} is bound to.`;
      case "v6only": return `${name} would get it if it came over IPv6.`;
      case "other-address": return `${name} would get it if it went to ${full(candidate.socket.local)}.`;
    }
    const wants = [];
    if (!candidate.from && candidate.socket.remote) wants.push(`came from ${spoken(candidate.socket.remote)}`);
    if (!candidate.to) wants.push(`went to port ${splitEnd(candidate.socket.local).port}`);
    return `${name} would get it if it ${wants.join(" and ") || "fitted more closely"}.`;
  }

  // MARK: Calls

  const listed = names => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`);
  const count = number => `${number} byte${number === 1 ? "" : "s"}`;
  const tag = frame => (frame.length ? `${frame.length} B` : frame.segment.replace(/ \d+ B$/, ""));
  const thing = frame => (frame.length ? count(frame.length) : frame.segment);
  const protocol = frame => portwatch.bytes.PROTOCOLS[frame.proto] || "the kernel";
  const unit = frame => (frame.proto === 6 ? "segment" : frame.proto === 17 ? "datagram" : "packet");

  /* A call as a process's box has room for it: `send(3, 14)`. */
  function brief(call, room) {
    const parts = call.args.split(", ");
    const result = call.phase === "entered" ? " …" : call.result === undefined ? "" : ` = ${call.fails ? call.result.split(":")[0] : leadingNumber(call.result)}`;
    const port = /:(\d+)$/.exec(call.args);
    const numbers = parts.filter(part => /^\d+$/.test(part));
    let inside = numbers.slice(0, 2).join(", ");
    if (call.name === "socket") inside = "";
    // Which option it is, is what matters.
    if (call.name === "setsockopt") inside = parts.slice(0, 2).join(", ");
    if ((call.name === "bind" || call.name === "connect") && port) inside = `${parts[0]}, :${port[1]}`;
    if (/^(recv|accept|read)/.test(call.name)) inside = parts[0];
    const isPlain = /^(send|bind|listen|close|shutdown|write)/.test(call.name) && !call.fails;
    if (/^get(sock|peer)name$/.test(call.name) && call.result && !call.fails) return [`${call.name}(${parts[0]}) = ${call.result}`, `${call.name} ${short(call.result)}`, `= ${short(call.result)}`].find(text => text.length <= room) || cut(call.name, room);
    const texts = [`${call.name}(${inside})${isPlain ? "" : result}`, `${call.name}(${parts[0].length < 4 ? parts[0] : ""})`, `${call.name}()`, call.name];
    if (call.fails) texts.unshift(call.result.split(":")[0]);
    return texts.find(text => text.length <= room) || cut(call.name, room);
  }

  const cut = (text, room) => (text.length <= room ? text : text.slice(0, Math.max(3, room - 1)) + "…");

  /* Whoever makes a call, prints or is killed. */
  const caller = call => {
    const process = story.players[call.who];
    if (process.host.isRelay) return "The relay";
    const where = story.isOneHost ? "" : `Host ${process.host.name}’s `;
    if (where) return where + process.name;
    // `Client 2`, but `The client`.
    return /\d$/.test(process.role) ? process.role.charAt(0).toUpperCase() + process.role.slice(1) : "The " + process.role;
  };

  // MARK: Sentences

  /* The sentence of a step and the one below it. */
  function say(beat, step) {
    if (beat.frame) return sayFrame(beat.frame, step);
    const moment = beat.moment;
    switch (moment.kind) {
      case "call": return { head: callHead(moment), sub: moment.remark || "" };
      case "printed": return { head: `${caller(moment)} prints: ${moment.text}`, sub: "" };
      case "said": return { head: moment.text, sub: "" };
      case "heading": return { head: moment.text, sub: "" };
      case "shown": return { head: moment.text.startsWith("/") ? moment.text : `${moment.text.charAt(0).toUpperCase() + moment.text.slice(1)}.`, sub: "" };
      case "died": return { head: `${caller(moment)} is killed by signal ${moment.signal}.`, sub: "What it held the kernel closes." };
      case "ended": return { head: `${moment.sockets.join(", ")} ${moment.sockets.length > 1 ? "are" : "is"} gone.`, sub: "The kernel has destroyed what its last holder closed." };
    }
    return { head: "", sub: "" };
  }

  function callHead(call) {
    const who = caller(call);
    const fd = leadingNumber(call.args);
    if (call.fails) return `${who}: ${call.name} fails: ${call.result.replace(/^[A-Z]+: /, match => match)}`;
    switch (call.name) {
      case "socket": return `${who} makes a socket: descriptor ${call.result}, no port yet.`;
      case "bind": return `${who} binds descriptor ${fd} to ${full(call.args.slice(call.args.indexOf(", ") + 2))}.`;
      case "listen": return `${who} listens: now whoever comes can come in.`;
      case "accept": case "accept4":
        return call.phase === "entered" ? `${who} waits in accept.` : `accept(${fd}) = ${leadingNumber(call.result)}: ${who.replace(/^The/, "the")} takes the next connection.`;
      case "connect": return call.phase === "entered" ? `${who} connects…` : `${who}: connect(${fd}) = ${call.result}`;
    }
    if (call.phase === "entered") return `${who} waits in ${call.name}(${fd}).`;
    return `${who}: ${call.text}`;
  }

  function sayFrame(frame, step) {
    const [R, S] = [frame.receiverID, frame.senderID];
    const target = frame.targetHost;
    if (!frame.target) return { head: "A frame of the link layer alone: without IP it has no ports, and no socket is looked for.", sub: frame.segment };
    switch (step) {
      case 0: return frameCall(frame, S);
      case 1:
        if (frame.rule === "fragment") return { head: "IP puts its header, with both addresses, in front of each part.", sub: "The ports are in the first part alone." };
        if (!frame.from) return { head: `${HostName(frame.sourceHost)} puts an IP header in front: ${frame.segment}.`, sub: "It has no ports." };
        return S
          ? { head: `${S} writes both ports on it; IP writes both addresses.`, sub: "Multiplexing: many sockets, one wire." + (S[0] === "C" ? " A connected socket knows all four numbers." : "") }
          : { head: "TCP writes both ports on it; IP writes both addresses.".replace("TCP", protocol(frame)), sub: frame.replyTo ? "It turns round the numbers of the segment it answers." : "" };
      case 2: return { head: frame.sourceHost === frame.targetHost ? `The ${unit(frame)} goes over the loopback: out at the link layer, and in again.` : `The ${unit(frame)} crosses the wire.`, sub: frame.from ? `from ${full(frame.from)} to ${full(frame.to)}` : `from ${frame.source} to ${frame.target}` };
      case 3: return arrive(frame, target);
      case 4: return key(frame);
      case 5: return verdict(frame);
      case 6: return deliver(frame, R);
      default: return ending(frame, R);
    }
  }

  function frameCall(frame, S) {
    const call = frame.before;
    if (call) {
      const what = frame.length ? `it gives ${S} ${count(leadingNumber(call.result || "") || frame.length)} to send` : `so ${S} sends ${article(frame)}`;
      return { head: `${caller(call)} calls ${call.name}: ${what}.`, sub: call.text + (call.remark ? ` · ${call.remark}` : "") };
    }
    if (frame.rule === "fragment") return { head: `${HostName(frame.sourceHost)} sends a part of a datagram.`, sub: "The whole was too long for one packet: IP has cut it." };
    if (!S) {
      if (frame.rule === "icmp-error" || !frame.from) return { head: `${HostName(frame.sourceHost)} sends: ${frame.segment || "a frame without a socket"}.`, sub: frame.replyTo ? `It answers frame ${frame.replyTo}: no process is asked.` : "No socket is in this." };
      return { head: `${hostsPossessive(frame.sourceHost).replace(/^h/, "H").replace(/^t/, "T")} kernel itself sends ${article(frame)}.`, sub: frame.replyTo ? `It answers frame ${frame.replyTo}, which found nobody. No process is asked.` : "No socket sent it." };
    }
    // What a call has sent may come late, or in several segments.
    const isTold = story.records.has(S) && story.records.get(S).isCalled;
    let sub = "Which call was behind it, a capture does not show.";
    // Of a program whose calls are not told, this may be one.
    if (story.hasCalls) sub = frame.length ? (S[0] === "D" ? "It was sent before, and comes only now." : "") : isTold ? "No program is asked." : "";
    if (frame.length > frame.size) return { head: `The last part of ${count(frame.length)} that ${S} sends.`, sub: "IP had cut them, and has them all now." };
    if (frame.isPureAck) return { head: `${S} acknowledges what came: TCP does so by itself.`, sub: "No program is asked." };
    if (frame.isAgain) return { head: `${S} sends its SYN again: nothing has answered it.`, sub };
    if (isSynAck(frame)) return { head: `${S[0] === "L" ? "The listener" : S} answers the SYN: ${HostName(frame.sourceHost).replace("This", "this").replace("Host", "host")}’s TCP does so by itself.`, sub: "No program is asked." };
    return { head: `${S} sends ${frame.length ? count(frame.length) : article(frame)}.`, sub };
  }

  // Whatever it says of congestion besides.
  const isSyn = frame => (frame.flags & 23) === 2;
  const isSynAck = frame => (frame.flags & 23) === 18;

  const article = frame => !frame.flags && frame.proto === 6 ? "a segment without flags" : frame.proto === 17 && !frame.length ? "an empty datagram" : (/^(SYN|RST|FIN|ACK|PSH)/.test(frame.segment) ? (frame.segment.startsWith("RST") || frame.segment.startsWith("PSH") ? "a " : /^(ACK|FIN ACK)/.test(frame.segment) && frame.segment.startsWith("A") ? "an " : "a ") : "") + frame.segment;

  function arrive(frame, host) {
    const name = HostName(host);
    if (portwatch.model.isGroup(frame.target)) return { head: `${frame.target} is a group’s address: whoever belongs to it takes this.`, sub: frame.segment };
    if (frame.rule === "fragment") return { head: `${name}: the address is mine, but this is a part of a datagram.`, sub: "IP holds it until all parts are there." };
    if (!frame.from) return { head: `${name}: the address is mine.`, sub: frame.segment };
    return { head: `${name}: the address is mine. Protocol ${frame.proto}: ${protocol(frame)} gets it.`, sub: "The link layer and IP have read their headers and taken them off." };
  }

  function key(frame) {
    if (frame.rule === "icmp-error") return { head: "The error quotes the packet that it is about.", sub: "Its ports and addresses say whose it was." };
    if (frame.rule === "fragment") return { head: "A part alone: no socket is looked for yet.", sub: "IP puts the datagram together first." };
    if (frame.rule === "no-ports") return { head: "No ports here: no socket is looked for.", sub: "" };
    if (frame.proto === 6) return { head: `The key: from ${spoken(frame.from)} to ${spoken(frame.to)}.`, sub: "First: is there a connected socket with all four numbers? Then: a listener on the port?" };
    return { head: `The key: to ${spoken(frame.to)}.`, sub: `${protocol(frame)} asks where to. Who sent it matters to connected sockets alone.` };
  }

  function verdict(frame) {
    const R = frame.receiverID;
    const losers = frame.candidates.filter(candidate => !candidate.wins);
    const isSender = candidate => candidate.socket.local === frame.from && candidate.socket.remote === frame.to;
    const notable = losers.filter(candidate => isSender(candidate) || isOnPort(candidate, frame)).sort((one, other) => miss(one, frame) - miss(other, frame));
    // What is said of one is not said again of another.
    const said = new Map();
    for (const candidate of notable) {
      const { sentence } = loss(candidate, frame);
      said.set(sentence, [...(said.get(sentence) || []), candidate.socket.id]);
    }
    const sub = [...said].slice(0, 2).map(([sentence, ids]) => (ids.length > 1 && sentence.startsWith("it fits") ? `${listed(ids)}: ${sentence.replace("it fits", "they fit")}.` : `${ids[0]}: ${sentence}.`)).join(" ");
    const others = losers.filter(candidate => candidate.why === "group-member").map(candidate => candidate.socket.id);
    const port = frame.to ? splitEnd(frame.to).port : 0;
    switch (frame.rule) {
      case "fragment": return { head: "IP holds it.", sub: "Whose it is, only the first part says: it has the ports." };
      case "no-ports": return { head: "Without ports it is the kernel’s own, or a raw or ping socket’s.", sub: frame.segment };
      case "icmp-error": return R ? { head: `It is about what ${R} sent: so it is ${R}’s.`, sub: frame.untold ? `${R} is not connected: its program is not told.` : "" } : { head: "Whose packet it quotes is not known.", sub: "" };
      case "closed-port":
        return { head: frame.proto === 6 ? `Nobody accepts from ${spoken(frame.from)} to port ${port}.` : `Nobody takes what ${losers.some(candidate => isOnPort(candidate, frame)) ? `comes from ${spoken(frame.from)} and ` : ""}goes to port ${port}.`, sub: ((frame.flags & 4 ? "A RST is never answered. " : frame.proto === 6 ? "The kernel itself answers with RST. " : "The kernel itself answers with ICMP port unreachable. ") + sub).trim() };
      case "listener": case "listener-address": case "listener-wildcard": {
        // Where two listen on the port, the address decides.
        const mine = frame.candidates.find(candidate => candidate.wins);
        const where = !mine || !losers.some(candidate => !candidate.socket.remote && isOnPort(candidate, frame)) ? `port ${port}` : full(mine.socket.local);
        return { head: `${R} gets it: no connected socket has all four numbers, and ${R} listens on ${where}.`, sub };
      }
      case "reuse-port-group":
        return frame.isOneOf
          ? { head: `One of ${frame.receivers.join(", ")} gets it: they share port ${port}.`, sub: "The kernel chooses by a hash of the four numbers. " + sub }
          : { head: `${R} gets it: one of the group that shares port ${port}.`, sub: "The kernel chose by a hash of the four numbers." + (others.length ? ` ${listed(others)} would do as well.` : "") };
      case "datagram": case "datagram-address": case "datagram-wildcard":
        if (frame.evidence !== "kernel") return { head: `${R} gets it: it is bound to port ${port}.`, sub: sub || "Whether it is connected to one sender alone, a capture does not show." };
        return { head: `${R} gets it: it is bound to port ${port}, whoever sends.`, sub: sub || "Demultiplexing by a two-tuple: destination address and port." };
      case "datagram-connected": return { head: `${R} gets it: it is connected to ${spoken(frame.from)}.`, sub };
      case "group-delivery": return { head: `All who joined the group on port ${port} get a copy.`, sub };
      case "time-wait": return { head: `${R} takes it: it has ended, and its four numbers are kept for strays.`, sub };
      default:
        return { head: `${R} gets it: it alone accepts from ${spoken(frame.from)} to port ${port}.`, sub: sub || "All four numbers are equal." };
    }
  }

  function proof(frame) {
    const corrects = frame.corrects ? ` What was said of frame ${frame.corrects} was wrong.` : "";
    if (frame.evidence === "kernel") return "✓ The kernel was asked whose it is, and says the same." + corrects;
    if (frame.evidence === "presumed") return "? Presumed: nothing in the capture shows it yet." + corrects;
    return "The capture shows it." + corrects;
  }

  function deliver(frame, R) {
    if (!R) {
      const answer = frame.rule === "closed-port" && !(frame.flags & 4);
      return { head: answer ? (frame.proto === 6 ? "No door opens: RST goes back." : "No door opens: ICMP port unreachable goes back.") : "No socket gets it.", sub: frame.rule === "closed-port" && frame.evidence !== "capture" ? proof(frame) : "" };
    }
    if (frame.full) return { head: `${R}’s accept queue is full: the kernel drops the SYN and says nothing.`, sub: proof(frame) };
    if (frame.isOneOf) return { head: `One of the group takes the ${frame.length ? count(frame.length) : frame.segment}.`, sub: "Which one, its accept will show. " + proof(frame) };
    const isNew = (frame.openedIDs || []).includes(R);
    const maker = story.records.get(R) && story.records.get(R).madeBy;
    if (frame.rule === "icmp-error") return { head: frame.untold ? "The socket is not told." : frame.evidence === "kernel" || R[0] === "C" ? `${R} keeps the error for its program’s next call.` : `If it is connected, ${R} keeps the error for its program’s next call.`, sub: proof(frame) };
    if (R[0] === "L" && !isSyn(frame)) return { head: frame.flags & 4 ? `${R} drops it: a listener has no connection to reset.` : `${R}: it is no SYN, so it makes no connection.`, sub: proof(frame) };
    if (isSyn(frame)) return { head: frame.isAnswered ? `${R} takes the SYN; TCP will answer.` : `${R} gets the SYN. No answer to it was seen.`, sub: proof(frame) };
    const goes = frame.length === 1 ? "goes" : "go";
    // A datagram that finds no room there is lost, and no frame says so.
    if (frame.length && R[0] === "D") return { head: `${count(frame.length)} ${goes} into ${R}’s receive buffer, if there is room.`, sub: proof(frame) };
    if (frame.isEarly) return { head: `${count(frame.length)} before their turn: TCP keeps them until those before are there.`, sub: proof(frame) };
    if (frame.isOld) return { head: `${R} has had ${frame.length === 1 ? "this byte" : "these bytes"} already: TCP drops what comes twice.`, sub: proof(frame) };
    if (frame.length) return { head: `${count(frame.length)} ${goes} into ${R}’s receive buffer.`, sub: proof(frame) };
    if (isNew && maker) return { head: `${R} is new: made by ${maker}, on the same port.`, sub: proof(frame) };
    if (frame.flags & 4) return { head: `${R} is reset.`, sub: proof(frame) };
    if (frame.proto === 17) return { head: `${R} gets an empty datagram.`, sub: proof(frame) };
    if (frame.flags & 1) return { head: hasFinished(frame, R) ? `${R}: the peer sends no more either. Both directions are closed.` : `${R}: the peer sends no more. Once all is read, the next read gives the end of file.`, sub: proof(frame) };
    if (isSynAck(frame)) return { head: `${R} is connected: TCP will acknowledge.`, sub: proof(frame) };
    return { head: `${R} keeps account of what has arrived; no bytes for a program.`, sub: proof(frame) };
  }

  function ending(frame, R) {
    const gone = (frame.ended || []).map(([id, , sentence]) => `${id}: ${sentence}`).join(" · ");
    if (frame.after) return { head: `${caller(frame.after)} reads: ${frame.after.text}`, sub: frame.after.remark || gone || `Descriptor ${leadingNumber(frame.after.args)} is socket ${R}.` };
    const record = R && story.records.get(R);
    if (frame.rule === "icmp-error") return { head: !R || frame.untold ? "No program hears of this." : frame.evidence !== "kernel" ? "What its program is told, a capture does not show." : isAwaited(R, frame) ? "The call that waits gets the error." : "The error waits for the program’s next call.", sub: gone };
    if (frame.length && R && R[0] === "D") return { head: isAwaited(R, frame) ? `${R}’s program waits for it.` : `If there is room, ${R}’s program can read it.`, sub: gone };
    if (frame.isEarly || frame.isOld) return { head: "No program hears of this.", sub: gone };
    if (frame.length && record) {
      const waits = portwatch.model.doorAt(record, frame.tick + 7);
      if (waits && waits.waits) return { head: `The bytes wait: nobody has accepted ${R} yet.`, sub: gone };
      return record.isCalled ? { head: isAwaited(R, frame) ? `The read that waits can return ${frame.length > 1 ? "them" : "it"}.` : `The byte${frame.length > 1 ? "s wait" : " waits"} until a program reads.`, sub: gone } : { head: `Now ${R}’s program can read ${frame.length > 1 ? "them" : "it"}.`, sub: gone || (story.hasCalls ? "" : "When it does, a capture does not show.") };
    }
    const heard = R ? hears(frame, R) : "";
    if (gone) return { head: gone + ".", sub: heard || "No program hears of this." };
    if (heard) return { head: heard, sub: "All else the transport layer has done by itself." };
    return { head: R ? "No program hears of this." : "No process hears of it.", sub: R ? "The transport layer did it by itself." : "" };
  }

  /* What a program can notice of a segment without bytes. */
  function hears(frame, R) {
    const record = story.records.get(R);
    if (R[0] !== "C" || !record) return "";
    if (frame.flags & 4) return hasFinished(frame, R) ? "" : `The call that waits on ${R} fails, or the next one.`;
    if (isSynAck(frame)) return `Now ${R}’s connect can return.`;
    if ((frame.openedIDs || []).includes(R) && record.madeBy) return `Now an accept on ${record.madeBy} can take ${R}.`;
    if (frame.flags & 1 && isAwaited(R, frame)) return `The read that waits on ${R} gets the end of file.`;
    if (frame.flags & 1 && !hasFinished(frame, R)) return `A read of ${R} can come to the end of file.`;
    return "";
  }

  /* Whether a socket had sent its own FIN before. */
  const hasFinished = (frame, id) => story.records.has(id) && story.records.get(id).departures.some(other => other.flags & 1 && other.tick < frame.tick);

  /* Whether a call waits for what comes to a socket. */
  function isAwaited(id, frame) {
    let waits = false;
    for (const calls of story.calls.values()) {
      for (const call of calls) {
        if (call.tick > frame.tick) break;
        if (call.id === id) waits = call.phase === "entered" && /^(recv|read)/.test(call.name);
      }
    }
    return waits;
  }

  return { begin, hostName, HostName, short, written, full, takesFrom, takesTo, loss, gain, miss, wouldWin, brief, tag, thing, protocol, say, count, proof, shortAddress };
})();
