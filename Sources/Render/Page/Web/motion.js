/*
 * From one picture to the next. A step's picture has everything where it ends up; here is said where it comes from, by
 * transform and opacity alone, as animations that the browser runs by itself.
 */
portwatch.motion = (() => {
  const EASE = "cubic-bezier(.2,.7,.2,1)";
  const TIMES = [[350, 250], [600, 250], [550, 0], [500, 250], [400, 300], [0, 300], [500, 900], [400, 300]];
  const SINGLY = 4;
  const ONE = { glide: 380, hold: 120 };
  const ACK_STEP = 112;

  /* How long a step moves, and how long it then stands, in milliseconds at the usual speed. */
  function times(beat, step) {
    const { frame, moment } = beat;
    if (!frame) {
      const read = 600 + (moment.text || moment.remark || "").length * 38;
      const stands = { call: 500 + (moment.remark ? moment.remark.length * 38 : 0), said: read, heading: 1300, shown: 2600, printed: 800, died: 1500, ended: 200 };
      return { moves: 250, stands: stands[moment.kind] || 600 };
    }
    if (!frame.target) return { moves: 60, stands: step === 0 ? 500 : 0 };
    if (frame.isPureAck) return { moves: ACK_STEP, stands: 0 };
    if (step === 5) {
      const count = Math.min(SINGLY, frame.candidates.length) + (frame.candidates.length > SINGLY ? 1 : 0);
      return frame.isSeen ? { moves: 250, stands: 0 } : { moves: Math.max(1, count) * (ONE.glide + ONE.hold), stands: 700 };
    }
    if (frame.isSeen && step === 4) return { moves: 200, stands: 0 };
    if (frame.isSeen && step === 6) return { moves: 250, stands: 350 };
    return { moves: TIMES[step][0], stands: TIMES[step][1] };
  }

  /* Lets a step's picture move. Returns its animations, to be paused and sped up. */
  function run(svg, beat, step, parts, duration) {
    const animations = [];
    const animate = (element, frames, options = {}) => {
      if (element) animations.push(element.animate(frames, { duration, fill: "both", easing: EASE, ...options }));
    };
    const find = id => svg.getElementById(id);
    const move = (id, at, points, options) => animate(find(id), points.map(([x, y, opacity = 1, scale = 1, offset]) => ({
      transform: `translate(${x - at.x}px, ${y - at.y}px)${scale === 1 ? "" : ` scale(${scale})`}`, opacity, ...(offset === undefined ? {} : { offset }),
      transformOrigin: `${at.x}px ${at.y}px`,
    })), options);

    if (!beat.frame) {
      const process = svg.querySelector(".process [stroke-width='3']");
      animate(process, [{ opacity: 0.2 }, { opacity: 1 }]);
      animate(find("touched"), [{ transform: "translate(0px, 16px)", opacity: 0.2 }, { transform: "none", opacity: 1 }]);
      return animations;
    }
    const { bands } = parts;
    const envelope = parts.envelope;
    if (!beat.frame.target) return animations;
    switch (step) {
      case 0: move("chip", { x: parts.sender, y: bands.gauge + 26 }, [[parts.sender, bands.programsEnd, 0], [parts.sender, bands.gauge + 26, 1]]); break;
      case 1: move("envelope", envelope, [[parts.sender, bands.gauge + 26, 0, 0.3], [envelope.x, envelope.y, 1, 1]]); break;
      case 2: move("envelope", envelope, [[parts.fromX, bands.envelope], [parts.fromX, bands.wire - 10, 1, 1, 0.4], [envelope.x, envelope.y]], { easing: "ease-in-out" }); break;
      case 3: move("envelope", envelope, [[parts.toX, bands.wire - 10], [envelope.x, envelope.y]]); break;
      case 4: if (parts.key) move("key", parts.key, [[envelope.x, envelope.y, 0.2, 0.7], [parts.key.x, parts.key.y, 1, 1]]); break;
      case 5: compare(svg, beat.frame, parts, duration, animate); break;
      case 6:
        if (find("chip")) animate(find("chip"), [{ transform: `translate(0px, ${Math.round(bands.key - bands.gauge)}px)`, opacity: 0 }, { transform: "none", opacity: 1 }]);
        break;
      case 7: animate(find("chip"), [{ transform: `translate(0px, ${Math.round(bands.gauge - bands.boundaryEnd)}px)` }, { transform: "none" }]); break;
    }
    return animations;
  }

  /* The key goes from door to door, in the order in which the kernel asks; each verdict comes with it. */
  function compare(svg, frame, parts, duration, animate) {
    const order = frame.candidates.map(candidate => parts.verdicts.find(verdict => verdict.id === candidate.socket.id)).filter(verdict => verdict);
    for (const verdict of parts.verdicts) if (!order.includes(verdict)) order.push(verdict);
    const count = Math.min(SINGLY, order.length) + (order.length > SINGLY ? 1 : 0) || 1;
    const all = name => [...svg.querySelectorAll(`[data-${name}]`)];
    const rows = [...document.querySelectorAll("#candidates tr[data-socket]")];
    order.forEach((verdict, place) => {
      const at = (Math.min(place, count - 1) + 0.75) / count;
      const appear = [{ opacity: 0 }, { opacity: 0, offset: Math.max(0, at - 0.02) }, { opacity: 1, offset: Math.min(1, at + 0.08) }, { opacity: 1 }];
      for (const row of rows) if (row.dataset.socket === verdict.id) animate(row, appear, { easing: "linear" });
      for (const element of all("verdict")) if (element.dataset.verdict === verdict.id) animate(element, appear, { easing: "linear" });
      for (const element of all("from")) if (element.dataset.from === verdict.id) animate(element, appear, { easing: "linear" });
      for (const element of all("until")) if (element.dataset.until === verdict.id) animate(element, appear.map(frame => ({ ...frame, opacity: 1 - frame.opacity })), { easing: "linear" });
    });
    if (parts.birth !== undefined) animate(svg.getElementById("touched"), [{ transform: `translate(${parts.birth}px, 0px)`, opacity: 0 }, { transform: "none", opacity: 1, offset: Math.min(0.4, 450 / duration) }, { transform: "none", opacity: 1 }]);
    if (!parts.key || !order.length) return;
    const clamp = x => Math.max(parts.key.least, Math.min(parts.key.most, x));
    const stops = [];
    order.slice(0, count).forEach((verdict, place) => {
      const x = clamp(verdict.x) - parts.key.x;
      stops.push({ transform: `translate(${x}px, 0px)`, offset: (place + 0.7) / count }, { transform: `translate(${x}px, 0px)`, offset: (place + 0.98) / count });
    });
    animate(svg.getElementById("key"), [{ transform: `translate(${clamp(parts.laneX) - parts.key.x}px, 0px)`, offset: 0 }, ...stops, { transform: "none", offset: 1 }], { easing: "ease-in-out" });
    const nobody = svg.getElementById("nobody");
    if (nobody) animate(nobody, [{ opacity: 0 }, { opacity: 0, offset: 0.7 }, { opacity: 1 }]);
  }

  /* Look-ups that were shown before are run through quickly. */
  function markSeen(story) {
    const seen = new Set();
    for (const { frame } of story.frames) {
      const key = [frame.from, frame.to, frame.look, frame.rule, frame.receiverID].join();
      frame.isSeen = seen.has(key) && frame.rule !== "closed-port";
      frame.isNewLookup = Boolean(frame.from) && !frame.isSeen && !frame.isPureAck && frame.rule !== "fragment" && frame.rule !== "no-ports" && (frame.candidates.length > 1 || frame.rule === "closed-port" || frame.rule.startsWith("listener"));
      seen.add(key);
    }
  }

  return { times, run, markSeen };
})();
