/*
 * Which socket gets it? Asked before the look-up, where the answer is new; until it is given, nothing on the page tells it.
 */
portwatch.quiz = (() => {
  const answers = new Map();
  const make = (...parts) => portwatch.side.make(...parts);

  /* Where a look-up is like none before it: not a pure acknowledgment, and nobody's to be found twice. */
  function isAsked(beat) {
    const frame = beat && beat.frame;
    return Boolean(frame && frame.from && !frame.isOneOf && !frame.isPureAck && !frame.isSeen && frame.rule !== "fragment" && frame.rule !== "no-ports" && (frame.candidates.length > 1 || frame.rule === "closed-port"));
  }

  const isOpen = beat => isAsked(beat) && !answers.has(beat.index);

  /* The winner, the nearest misses, and always nobody; in an order that the frame's number settles, the same for all. */
  function choices(frame) {
    const ids = frame.candidates.filter(candidate => !candidate.wins).slice(-3).map(candidate => candidate.socket.id);
    if (frame.receiverID) ids.push(frame.receiverID);
    const unique = [...new Set(ids)].sort();
    const turn = frame.number % unique.length || 0;
    return [...unique.slice(turn), ...unique.slice(0, turn), "nobody"];
  }

  function answer(story, beat, choice) {
    answers.set(beat.index, choice);
    portwatch.player.seek(beat.index, 5);
  }

  function show(story, beat, step, isQuiz) {
    const old = document.getElementById("quiz");
    if (old) old.remove();
    if (!isQuiz || !isAsked(beat) || step < 4) return;
    const frame = beat.frame;
    const box = make("section");
    box.id = "quiz";
    box.setAttribute("aria-label", "question");
    const right = frame.receiverID || "nobody";
    const given = answers.get(beat.index);
    const asked = story.frames.filter(isAsked);
    box.append(make("h2", "", `QUESTION ${asked.indexOf(beat) + 1} OF ${asked.length}`));
    if (given === undefined) {
      box.append(make("p", "", `Which socket of ${portwatch.words.hostName(frame.targetHost)} gets it?`));
      const list = make("div", "choices");
      choices(frame).forEach((choice, place) => {
        const button = make("button");
        button.append(make("kbd", "", "abcdef"[place]), make("b", "", choice), make("span", "m", describe(story, frame, choice)));
        button.onclick = () => answer(story, beat, choice);
        button.dataset.choice = place;
        list.append(button);
      });
      box.append(list, make("p", "note", "Shift → leaves it open"));
    } else {
      const isRight = given === right;
      box.append(make("p", isRight ? "right" : "wrong", isRight ? `✓ ${right} is right.` : `${right} gets it, not ${given}.`));
      const mine = frame.candidates.find(candidate => candidate.socket.id === given && !candidate.wins);
      if (mine) box.append(make("p", "", `${given}: ${portwatch.words.loss(mine, frame).sentence}.`));
      const score = [...answers].filter(([index, choice]) => (story.beats[index].frame.receiverID || "nobody") === choice).length;
      box.append(make("p", "note", `${score} of ${answers.size} right so far`));
    }
    document.getElementById("side").append(box);
  }

  function describe(story, frame, choice) {
    if (choice === "nobody") return frame.proto === 6 ? "the kernel answers RST" : "the kernel answers ICMP";
    const candidate = frame.candidates.find(candidate => candidate.socket.id === choice);
    const socket = candidate ? candidate.socket : undefined;
    if (!socket) return "";
    const shown = { kind: choice[0], local: socket.local, remote: socket.remote };
    return `${portwatch.words.takesFrom(shown)} → ${portwatch.words.short(socket.local)}`;
  }

  function choose(place) {
    const button = document.querySelector(`#quiz [data-choice="${place}"]`);
    if (button) button.click();
    return Boolean(button);
  }

  /* The next question from here. */
  const nextAfter = (story, index) => story.frames.find(beat => beat.index > index && isAsked(beat));

  return { isOpen, isAsked, show, choose, nextAfter };
})();
