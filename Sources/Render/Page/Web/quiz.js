/*
 * The questions of `--quiz`, with the same letters: asked before the look-up, where the answer is new; until it is given, nothing
 * on the page tells it.
 */
portwatch.quiz = (() => {
  // Of each question's beat: the place of the choice, or that the answer was shown without one.
  const SHOWN = -1;
  const answers = new Map();
  // Of each question's beat: the hands that were shown for each choice, before the pairs talk and after.
  const hands = new Map();
  let isCounting = false;
  const make = (...parts) => portwatch.side.make(...parts);

  const questionOf = beat => beat && beat.frame && beat.frame.question;
  const isOpen = beat => Boolean(questionOf(beat)) && !answers.has(beat.index);

  function answer(beat, place) {
    answers.set(beat.index, place);
    portwatch.player.seek(beat.index, 5);
  }

  function show(story, beat, step, isQuiz) {
    const old = document.getElementById("quiz");
    if (old) old.remove();
    const question = questionOf(beat);
    const isShown = Boolean(isQuiz && question && step >= 4);
    document.body.classList.toggle("has-question", isShown);
    if (!isShown) {
      isCounting = false;
      return;
    }
    const box = make("section");
    box.id = "quiz";
    box.setAttribute("aria-label", "question");
    const isTold = answers.has(beat.index);
    box.classList.toggle("is-told", isTold);
    document.body.classList.toggle("is-told", isTold);
    const asked = story.frames.filter(questionOf);
    box.append(make("h2", "", `QUESTION ${asked.indexOf(beat) + 1} OF ${asked.length}`));
    if (isTold) tell(box, story, beat, question);
    else ask(box, beat, question);
    document.getElementById("side").append(box);
  }

  function ask(box, beat, question) {
    box.append(make("p", "", question.text));
    if (question.comesBack) box.append(make("p", "note", `What comes back: ${question.comesBack}.`));
    const list = make("div", "choices");
    question.choices.forEach((choice, place) => {
      const button = make("button");
      button.append(make("kbd", "", choice.letter), make(choice.socket ? "b" : "span", "what", choice.socket || choice.text));
      if (choice.to) button.append(make("span", "m", ends(choice)));
      button.onclick = () => answer(beat, place);
      button.dataset.choice = place;
      const row = make("div", "choice");
      row.append(button);
      if (isCounting) row.append(counter(beat, choice, place));
      list.append(row, ...(isCounting ? [] : bars(beat, place)));
    });
    box.append(list, make("p", "note", isCounting ? "Enter goes on; v ends the count" : "v counts hands · → shows the answer · Shift → leaves it open"));
  }

  function tell(box, story, beat, question) {
    const given = answers.get(beat.index);
    const right = question.choices[question.right];
    const isRight = given === question.right;
    const isWrong = !isRight && given !== SHOWN;
    box.append(make("p", isRight ? "right" : isWrong ? "wrong" : "", `${isRight ? "✓ " : ""}${right.letter} is right: ${right.name}${isWrong ? `, not ${question.choices[given].letter}` : ""}.`));
    // Of who gets it the sentence below the stage says why.
    if (!question.asksForSocket) box.append(make("p", "", capital(right.why) + "."));
    if (isWrong) box.append(make("p", "", `${question.choices[given].name}: ${whyNot(beat.frame, question.choices[given])}.`));
    if (hands.has(beat.index)) box.append(result(beat, question));
    const answered = [...answers].filter(([, place]) => place !== SHOWN);
    const count = answered.filter(([index, place]) => questionOf(story.beats[index]).right === place).length;
    if (answered.length) box.append(make("p", "note", `${count} of ${answered.length} right so far`));
  }

  const capital = text => text.charAt(0).toUpperCase() + text.slice(1);

  /* A candidate's own reason, where it was one. */
  function whyNot(frame, choice) {
    const candidate = frame.candidates.find(candidate => candidate.socket.id === choice.name && !candidate.wins);
    return candidate ? portwatch.words.loss(candidate, frame).sentence : choice.why;
  }

  // MARK: A show of hands

  /* Begins to count, or ends it. A third count takes the place of the second. */
  function count(beat, step) {
    if (!isOpen(beat) || step < 4) return false;
    if (isCounting) {
      isCounting = false;
      hands.get(beat.index).push(counters().map(input => Math.max(0, Math.min(9999, parseInt(input.value, 10) || 0))));
    } else {
      isCounting = true;
      hands.set(beat.index, (hands.get(beat.index) || []).slice(0, 1));
    }
    portwatch.player.refresh();
    if (isCounting) counters()[0].focus();
    return true;
  }

  const counters = () => [...document.querySelectorAll("#quiz input")];

  function counter(beat, choice, place) {
    const input = make("input");
    input.type = "number";
    input.min = 0;
    input.setAttribute("aria-label", `hands for ${choice.socket || choice.text}`);
    input.onkeydown = event => {
      if (!["Enter", "PageDown", "v"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      const next = event.key !== "v" && counters()[place + 1];
      if (next) next.focus();
      else count(beat, 4);
    };
    return input;
  }

  /* A choice's share in each count, the first one pale. */
  function bars(beat, place) {
    return (hands.get(beat.index) || []).map((counted, round, all) => {
      const sum = counted.reduce((one, other) => one + other, 0);
      const bar = make("div", round < all.length - 1 ? "hands before" : "hands");
      const fill = make("i");
      fill.style.width = sum ? `${75 * counted[place] / sum}%` : 0;
      bar.append(fill, make("span", "m", String(counted[place])));
      return bar;
    });
  }

  function result(beat, question) {
    const list = make("div", "choices");
    question.choices.forEach((choice, place) => {
      const isRight = place === question.right;
      list.append(make("b", isRight ? "right" : "", `${choice.letter} · ${choice.name}${isRight ? " ✓" : ""}`), ...bars(beat, place));
    });
    return list;
  }

  const ends = choice => `${choice.from === "any" ? "any" : portwatch.words.short(choice.from)} → ${portwatch.words.short(choice.to)}`;

  function choose(place) {
    const button = document.querySelector(`#quiz [data-choice="${place}"]`);
    if (button) button.click();
    return Boolean(button);
  }

  /* The answer, though nobody has given one. */
  const reveal = beat => answer(beat, SHOWN);

  return { isOpen, show, choose, count, reveal };
})();
