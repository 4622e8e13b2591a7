/*
 * Buttons, keys, a clicker, links: all that somebody does, and the beginning.
 */
portwatch.controls = (() => {
  const { player, side, shapes } = portwatch;
  const element = id => document.getElementById(id);
  const SCALES = [1, 1.15, 1.3];
  let story;
  let scale = 0;
  let plainHeight = 0;

  const KEYS = [
    ["Space", "play or pause"], ["→ ←  PageDown PageUp", "step, step back"], ["Shift → ←", "whole frame"], ["↓ ↑", "next, previous frame of this socket"],
    ["Home End", "beginning, end"], ["0 – 9", "tenths of it"], ["+ −", "faster, slower"], ["a", "without pure acknowledgments"],
    ["t l h s", "timeline, ladder, header bytes, sockets"], ["q", "quiz: a – f answer, → shows it, v counts hands"], ["d", "light, dark"], ["f", "full screen"], ["g", "larger text"],
    ["p", "presenter: stage and sentence alone"], ["x", "save the picture as SVG"], ["b  .", "blank the screen (at a question b answers, but for a presenter)"], ["?  Esc", "this list, and away"],
  ];

  // MARK: Links

  /* `#frame=12&step=5&theme=dark&quiz`; what is no frame is `beat=`. */
  function readLink() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (asked.get("theme") === "dark" || asked.get("theme") === "light") document.documentElement.dataset.theme = asked.get("theme");
    if (asked.has("quiz")) setQuiz(true);
    if (asked.has("presenter")) setPresenter(true);
    if (Object.values(byTab).includes(asked.get("tab"))) {
      side.openTab(asked.get("tab"));
      document.body.classList.add("has-sheet");
    }
    const step = parseInt(asked.get("step") || "0", 10) || 0;
    const number = parseInt(asked.get("frame"), 10);
    const frame = story.frameByNumber.get(number);
    const beat = parseInt(asked.get("beat"), 10);
    if (frame) player.seek(frame.index, step);
    // Beyond the last is the end.
    else if (number > 0) player.seek(story.beats.length - 1, 7);
    else player.seek(Number.isNaN(beat) ? 0 : beat, step);
  }

  let written = "";
  let writing = 0;
  function writeLink(beat, step) {
    const place = beat.frame ? `frame=${beat.frame.number}&step=${step}` : `beat=${beat.index}`;
    const theme = document.documentElement.dataset.theme === "dark" ? "&theme=dark" : "";
    written = `#${place}${theme}${player.state.isQuiz ? "&quiz" : ""}`;
    // Browsers count how often a page does this: the link waits for a rest.
    clearTimeout(writing);
    writing = setTimeout(() => { try { history.replaceState(null, "", written); } catch { /* a page from a file may not */ } }, 250);
  }

  // MARK: The bar

  function drawScrub(beat) {
    const canvas = element("scrub");
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width) return;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    const color = name => style.getPropertyValue(name).trim();
    const frames = story.frames;
    const now = beat.frameIndex;
    const gap = (width - 16) / Math.max(1, frames.length - 1);
    const tick = Math.max(1, Math.min(6, gap * 0.6));
    // More frames than points: every so many, so that drawing takes no longer.
    const stride = Math.max(1, Math.ceil(frames.length / width));
    for (let index = 0; index < frames.length; index += stride) drawTick(index);
    if (now >= 0) drawTick(now);
    function drawTick(index) {
      const { frame } = frames[index];
      const isNow = index === now;
      const record = story.records.get(frame.senderID) || story.records.get(frame.receiverID) || {};
      const peer = story.records.get(frame.receiverID) || {};
      const hue = record.hue !== undefined ? record.hue : peer.hue;
      const isHidden = player.state.isQuiz && index >= now;
      const name = isHidden ? "--ink2" : frame.rule === "closed-port" || (!frame.senderID && frame.replyTo) ? "--nobody" : hue === undefined ? "--ink2" : `--h${hue % 4 + 1}`;
      const tall = isNow ? 34 : frame.isPureAck ? 8 : 18;
      pen.globalAlpha = index > now ? 0.4 : 1;
      pen.fillStyle = color(name);
      pen.fillRect(8 + index * gap - tick / 2, (height - tall) / 2, isNow ? Math.max(4, tick) : tick, tall);
    }
    canvas.setAttribute("aria-valuemin", 1);
    canvas.setAttribute("aria-valuemax", frames.length);
    canvas.setAttribute("aria-valuenow", Math.max(1, now + 1));
    canvas.setAttribute("aria-valuetext", `frame ${Math.max(1, now + 1)} of ${frames.length}`);
  }

  function scrubTo(event) {
    const box = element("scrub").getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - box.left - 8) / (box.width - 16)));
    const frame = story.frames[Math.round(share * (story.frames.length - 1))];
    if (frame) player.seek(frame.index, 5);
  }

  function shown(beat, step) {
    const total = story.frames.length;
    const last = total ? story.frames[total - 1].frame.number : 0;
    const number = beat.frame ? beat.frame.number : beat.frameIndex >= 0 ? story.frames[beat.frameIndex].frame.number : 0;
    element("place").textContent = beat.frame ? `frame ${number} of ${last} · ${step + 1}/8` : number ? `after frame ${number} of ${last}` : last ? `before frame 1 of ${last}` : "no frames";
    if (!player.state.isPlaying || step === 0 || beat.frame === undefined) drawScrub(beat);
    writeLink(beat, step);
    document.body.dataset.beat = beat.index;
    document.body.dataset.step = step;
  }

  // MARK: Ways to show it

  function setTheme() {
    const root = document.documentElement;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    player.refresh();
    drawScrub(player.here());
  }

  function setQuiz(on) {
    player.state.isQuiz = on;
    document.body.classList.toggle("is-quiz", on);
    nameScene();
  }

  /* In a quiz without what the scene is about: that may answer a question. */
  function nameScene() {
    const left = story.leftOut ? ` · the first ${story.beats.length}; ${story.leftOut} more are left out` : "";
    const name = element("title").textContent = element("title").title = story.name + (story.summary && !player.state.isQuiz ? " · " + story.summary : "") + left;
    document.title = `portwatch · ${name}`;
  }

  function setPresenter(on) { document.body.classList.toggle("is-presenter", on); }

  function setScale() {
    if (scale === 0) plainHeight = element("stage").clientHeight;
    // What would make the stage's own text smaller is passed over.
    do {
      scale = (scale + 1) % SCALES.length;
      document.documentElement.style.setProperty("--scale", SCALES[scale]);
      document.body.classList.toggle("is-large", scale > 0);
    } while (scale > 0 && !player.hasRoom(plainHeight));
    player.state.scale = SCALES[scale];
    player.refresh();
  }

  function openTab(name) {
    side.openTab(name);
    document.body.classList.add("has-sheet");
    player.refresh();
  }

  /* The present picture, with its colours and its sentence inside, for slides. */
  function pictureFile() {
    const svg = element("stage").querySelector("svg").cloneNode(true);
    const style = getComputedStyle(document.documentElement);
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    svg.setAttribute("width", width);
    svg.setAttribute("viewBox", `0 0 ${width} ${height + 46}`);
    svg.setAttribute("height", height + 46);
    svg.setAttribute("font-family", "system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif");
    svg.insertAdjacentHTML("afterbegin", `<style>.m{font-family:ui-monospace,"DejaVu Sans Mono",monospace}</style><rect width="100%" height="100%" fill="var(--bg)"/>`);
    svg.insertAdjacentHTML("beforeend", shapes.text(width / 2, height + 22, element("sentence").textContent, { size: 20, weight: 600, room: width - 30 }));
    return new XMLSerializer().serializeToString(svg).replace(/var\((--[a-z0-9]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
  }

  function savePicture() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([pictureFile()], { type: "image/svg+xml" }));
    const beat = player.here();
    link.download = `${story.name || "portwatch"}-${beat.frame ? "frame-" + beat.frame.number : "beat-" + beat.index}-step-${player.state.step}.svg`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function toggleHelp() {
    const help = element("help");
    if (help.open) return help.close();
    help.replaceChildren();
    const list = side.make("dl");
    for (const [keys, what] of KEYS) list.append(side.make("dt", "m", keys), side.make("dd", "", what));
    const buttons = side.make("div", "choices");
    const add = (name, action) => {
      const button = side.make("button", "", name);
      button.onclick = () => { help.close(); action(); };
      buttons.append(button);
    };
    add("quiz", () => { setQuiz(!player.state.isQuiz); player.refresh(); });
    add("light, dark", setTheme);
    add("larger text", setScale);
    add("presenter", () => { setPresenter(!document.body.classList.contains("is-presenter")); player.refresh(); });
    add("save picture", savePicture);
    add("print", () => window.print());
    help.append(side.make("h2", "", "Keys"), list, buttons, side.make("p", "note", "? presumed · ✓ the kernel was asked and says so · made by portwatch"));
    help.showModal();
  }

  // MARK: Keys

  const byTab = { t: "timeline", l: "ladder", h: "bytes", s: "sockets" };

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
    const blank = element("blank");
    if (!blank.hidden) {
      blank.hidden = true;
      return event.preventDefault();
    }
    if (element("help").open && event.key !== "?" && event.key !== "Escape") return;
    const isPressed = event.target.matches("button, [role=button], tr[data-socket], [role=slider]") && (event.key === " " || event.key === "Enter");
    if (isPressed && !event.target.matches("#play, #next, #back, #first, #last, [role=slider]")) return event.key === " " || event.target.matches("button") ? undefined : event.target.click();
    if (act(event)) event.preventDefault();
  }

  function act(event) {
    const key = event.key;
    // A presenter's b is the clicker's.
    const isBlank = key === "b" && document.body.classList.contains("is-presenter");
    if (player.state.isQuiz && /^[a-f]$/.test(key) && !isBlank && portwatch.quiz.choose("abcdef".indexOf(key))) return true;
    if (/^[0-9]$/.test(key)) {
      const frame = story.frames[Math.round((+key / 10) * (story.frames.length - 1))];
      player.seek(frame && key !== "0" ? frame.index : 0, 0);
      return true;
    }
    if (key === "v") return player.state.isQuiz && portwatch.quiz.count(player.here(), player.state.step);
    if (byTab[key]) return openTab(byTab[key]), true;
    switch (key) {
      case " ": player.toggle(); return true;
      case "ArrowRight": if (event.shiftKey) player.frameBy(1); else player.stepBy(1); return true;
      case "ArrowLeft": if (event.shiftKey) player.frameBy(-1); else player.stepBy(-1); return true;
      case "PageDown": player.stepBy(1); return true;
      case "PageUp": player.stepBy(-1); return true;
      case "ArrowDown": player.socketBy(1); return true;
      case "ArrowUp": player.socketBy(-1); return true;
      case "Home": player.seek(0, 0); return true;
      case "End": player.seek(story.beats.length - 1, 7); return true;
      case "+": case "=": player.setSpeed(1); return true;
      case "-": player.setSpeed(-1); return true;
      case "a": player.state.skipsAcks = !player.state.skipsAcks; document.body.classList.toggle("skips-acks", player.state.skipsAcks); return true;
      case "q": setQuiz(!player.state.isQuiz); player.refresh(); return true;
      case "d": setTheme(); return true;
      case "g": setScale(); return true;
      case "p": setPresenter(!document.body.classList.contains("is-presenter")); player.refresh(); return true;
      case "x": savePicture(); return true;
      case "b": case ".": element("blank").hidden = false; return true;
      case "f": if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen().catch(() => {}); return true;
      case "?": toggleHelp(); return true;
      case "Escape": side.hideCard(); setPresenter(false); document.body.classList.remove("has-sheet"); player.refresh(); return true;
    }
    return false;
  }

  // MARK: Pointing

  /* The same address and port, wherever it stands, is lit. */
  function lightEnds(event) {
    const place = event.target.closest("[data-end]");
    const end = place && place.dataset.end;
    for (const lit of document.querySelectorAll(".lit-end")) lit.classList.remove("lit-end");
    if (end) for (const same of document.querySelectorAll("[data-end]")) if (same.dataset.end === end) same.classList.add("lit-end");
    const field = event.target.closest("[data-field], [data-byte]");
    portwatch.bytes.light(element("panel"), field ? field.dataset.field || field.dataset.byte : undefined);
  }

  function onClick(event) {
    const at = name => event.target.closest(`[data-${name}]`);
    if (at("tab")) return openTab(at("tab").dataset.tab);
    if (at("beat") && at("beat") !== document.body) return player.seek(+at("beat").dataset.beat, story.beats[+at("beat").dataset.beat].frame ? 5 : 0);
    if (at("more")) return openTab("sockets");
    if (at("socket")) return side.showCard(story, player.here(), player.state.step, player.state.isQuiz, at("socket").dataset.socket);
    if (!event.target.closest("#card")) side.hideCard();
  }

  // MARK: Print

  const PAPER = { width: 876, height: 560, rows: 36, ladders: 4, lookups: 40, sockets: 60 };

  /* On paper, in light colours: the ladder, the sockets, and each look-up that is new, at the moment when it is decided. */
  function preparePrint() {
    const box = element("print");
    const root = document.documentElement;
    box.dataset.before = root.dataset.theme;
    root.dataset.theme = "light";
    if (player.state.isQuiz) return box.replaceChildren(side.make("p", "", "A quiz is on, and its answers would be on paper. Leave it (q), and print then."));
    box.replaceChildren(side.make("h1", "", element("title").textContent), ...paperLadders(), paperSockets());
    const size = { width: PAPER.width, height: PAPER.height };
    story.frames.filter(beat => beat.frame.isNewLookup).slice(0, PAPER.lookups).forEach((beat, place) => {
      const figure = side.make("figure");
      // What a picture refers to must be its own, since the stage's is not on paper.
      const svg = portwatch.stage.picture(story, beat, 5, size).svg.replace(/filter="url\(#lift\)"/g, "").replace(/(id="|url\(#)(stripes|hatch|bricks)/g, `$1paper${place}-$2`);
      figure.innerHTML = `<svg viewBox="0 0 ${size.width} ${size.height}" role="img">${svg}</svg>`;
      const said = portwatch.words.say(beat, 5);
      figure.append(side.make("figcaption", "", `Frame ${beat.frame.number}. ${said.head} ${said.sub}`));
      box.append(figure);
    });
  }

  /* Calls and frames, a page at a time. */
  function paperLadders() {
    const told = story.beats.filter(beat => beat.frame || beat.kind === "call");
    const ladders = [];
    for (let first = 0; first < told.length && ladders.length < PAPER.ladders; first += PAPER.rows) {
      const rows = told.slice(first, first + PAPER.rows);
      const figure = side.make("figure");
      // No row of it is the present one.
      figure.innerHTML = side.ladder(story, rows, { ...rows[0] }, PAPER.width, () => true);
      ladders.push(figure);
    }
    const left = told.length - PAPER.rows * PAPER.ladders;
    if (left > 0) ladders.push(side.make("p", "", `${left} more calls and frames are not on paper.`));
    return ladders;
  }

  function paperSockets() {
    const { takesFrom, takesTo, full } = portwatch.words;
    const table = side.make("table");
    table.append(side.head(["", "host", "accepts from", "to", "made by", "process"]));
    for (const record of [...story.records.values()].slice(0, PAPER.sockets)) {
      const last = record.moments[record.moments.length - 1];
      const shown = last && portwatch.model.doorAt(record, last.tick);
      if (!shown) continue;
      const { process } = record;
      const row = side.make("tr");
      for (const [name, content] of [["", record.label], ["", record.host.name], ["m", takesFrom(shown, full)], ["m", takesTo(shown, full)], ["", record.madeBy || ""], ["", process.isKnown ? `${process.name} ${process.pid}` : ""]]) row.append(side.make("td", name, content));
      table.append(row);
    }
    return table;
  }

  function endPrint() {
    document.documentElement.dataset.theme = element("print").dataset.before;
    element("print").replaceChildren();
  }

  // MARK: Beginning

  function begin() {
    story = portwatch.model.read(JSON.parse(element("timeline").textContent));
    nameScene();
    if (window.matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.dataset.theme = "dark";
    player.begin(story, shown);
    for (const [id, action] of [["first", () => player.frameBy(-1)], ["back", () => player.stepBy(-1)], ["play", player.toggle], ["next", () => player.stepBy(1)], ["last", () => player.frameBy(1)], ["menu", toggleHelp]]) element(id).onclick = action;
    element("speed").onclick = event => player.setSpeed(event.shiftKey ? -1 : player.state.speed === 4 ? -4 : 1);
    element("scrub").onpointerdown = event => { scrubTo(event); element("scrub").setPointerCapture(event.pointerId); };
    element("scrub").onpointermove = event => { if (event.buttons) scrubTo(event); };
    document.addEventListener("keydown", onKey);
    document.addEventListener("click", onClick);
    document.addEventListener("pointerover", lightEnds);
    document.addEventListener("focusin", lightEnds);
    window.addEventListener("resize", () => { player.refresh(); drawScrub(player.here()); });
    window.addEventListener("hashchange", () => { if (location.hash !== written) readLink(); });
    window.addEventListener("beforeprint", preparePrint);
    window.addEventListener("afterprint", endPrint);
    readLink();
    document.body.dataset.ready = "yes";
  }

  begin();
  return { pictureFile, story: () => story };
})();
