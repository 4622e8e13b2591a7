/*
 * Where the page is, and how it goes on: a beat and a step. seek shows that picture and no other, wherever it comes from; play
 * lets each step move and then goes to the next.
 */
portwatch.player = (() => {
  const { motion, side, stage, words } = portwatch;
  const LOWEST = 558;
  const ASKED = 4;
  const SPEEDS = [0.25, 0.5, 1, 2, 4];
  const element = id => document.getElementById(id);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const state = { story: undefined, beat: 0, step: 0, isPlaying: false, speed: 2, skipsAcks: false, isQuiz: false, scale: 1 };
  let animations = [];
  let timer = 0;
  let telling = 0;
  let onShow = () => {};

  const here = () => state.story.beats[state.beat];
  const rate = () => SPEEDS[state.speed];

  function begin(story, shown) {
    state.story = story;
    onShow = shown;
    words.begin(story);
    motion.markSeen(story);
  }

  function size() {
    const box = element("stage");
    const [width, height] = [Math.max(300, box.clientWidth), Math.max(200, box.clientHeight)];
    // Where it is too low for all that is in a host, the picture is drawn larger and shown smaller; larger text, as far as it has room.
    const factor = Math.max(1 / state.scale, LOWEST / height);
    return { width: Math.round(width * factor), height: Math.round(height * factor), shown: [width, height] };
  }

  /* Whether the stage is as high as it needs to be, or at least as it was. */
  const hasRoom = before => element("stage").clientHeight >= Math.min(LOWEST, before);

  function tell(said) {
    element("sentence").textContent = said.head;
    element("second").textContent = said.sub;
    // Alone, a sentence has both lines.
    element("say").classList.toggle("is-alone", !said.sub);
  }

  const hides = () => state.isQuiz && portwatch.quiz.isOpen(here(), state.step);

  // MARK: Showing

  function draw(moves) {
    // Behind an open question nothing is shown.
    if (hides() && state.step > ASKED) state.step = ASKED;
    const { story, step } = state;
    const beat = here();
    // For a presenter a question takes room from the stage.
    portwatch.quiz.show(story, beat, step, state.isQuiz);
    const box = element("stage");
    const { width, height, shown } = size();
    const drawn = stage.picture(story, beat, step, { width, height }, { moves, hides: hides() });
    const said = words.say(beat, step);
    box.innerHTML = `<svg viewBox="0 0 ${width} ${height}" width="${shown[0]}" height="${shown[1]}" role="group" aria-label="${portwatch.shapes.escape(said.head)}" xmlns="http://www.w3.org/2000/svg">${drawn.svg}</svg>`;
    tell(said);
    side.showLookup(story, beat, step, hides());
    side.showPanel(story, beat, step, state.isQuiz);
    onShow(beat, step);
    return drawn;
  }

  /* The picture of a beat's step, at once. */
  function seek(beat, step) {
    stop();
    state.beat = Math.max(0, Math.min(state.story.beats.length - 1, beat));
    state.step = Math.max(0, Math.min(here().steps - 1, step));
    draw(false);
  }

  const refresh = () => { if (!state.isPlaying) draw(false); };

  // MARK: Playing

  function stop() {
    state.isPlaying = false;
    clearTimeout(timer);
    clearTimeout(telling);
    for (const animation of animations) animation.cancel();
    animations = [];
    element("play").setAttribute("aria-label", "play");
    element("play-sign").setAttribute("d", "M4 1v16l13-8z");
  }

  /* A pause shows the step as it stands at its end: that is what there is to be talked about. */
  function pause() {
    stop();
    draw(false);
  }

  function play() {
    if (state.beat === state.story.beats.length - 1 && state.step === here().steps - 1) [state.beat, state.step] = [0, 0];
    state.isPlaying = true;
    element("play").setAttribute("aria-label", "pause");
    element("play-sign").setAttribute("d", "M3 1h4v16H3zM11 1h4v16h-4z");
    run();
  }

  function run() {
    const beat = here();
    const times = motion.times(beat, state.step);
    const moves = times.moves / rate();
    const drawn = draw(!calm.matches);
    if (hides() && state.step === ASKED) return pause();
    if (calm.matches) {
      // Each step is a state: nothing travels.
      element("stage").firstElementChild.animate([{ opacity: 0.3 }, { opacity: 1 }], { duration: 120 });
    } else {
      animations = motion.run(element("stage").firstElementChild, beat, state.step, drawn.parts, moves);
    }
    if (beat.frame && beat.frame.from && state.step === 5 && moves > 600) {
      // What the key will find is not said before it is found.
      const said = words.say(beat, 5);
      tell({ head: "Who accepts it?", sub: words.say(beat, 4).sub });
      telling = setTimeout(() => tell(said), moves);
    }
    const least = calm.matches && beat.frame && !beat.frame.isPureAck ? 700 : 0;
    timer = setTimeout(advance, Math.max(moves + times.stands / rate(), least / rate()));
  }

  function advance() {
    if (!state.isPlaying) return;
    animations = [];
    const before = [state.beat, state.step];
    forward();
    if (before[0] === state.beat && before[1] === state.step) return pause();
    run();
  }

  // MARK: Going

  const isSkipped = beat => (state.skipsAcks && beat.frame && beat.frame.isPureAck) || beat.moment.isSilent;

  function forward() {
    if (state.step + 1 < here().steps) {
      state.step += 1;
      return;
    }
    let next = state.beat + 1;
    while (next < state.story.beats.length - 1 && isSkipped(state.story.beats[next])) next += 1;
    if (next < state.story.beats.length) [state.beat, state.step] = [next, 0];
  }

  function back() {
    if (state.step > 0) {
      state.step -= 1;
      return;
    }
    let next = state.beat - 1;
    while (next > 0 && isSkipped(state.story.beats[next])) next -= 1;
    if (next >= 0) [state.beat, state.step] = [next, state.story.beats[next].steps - 1];
  }

  function toggle() {
    if (state.isPlaying) pause();
    else if (hides() && state.step === ASKED) portwatch.quiz.reveal(here());
    else play();
  }

  function stepBy(direction) {
    stop();
    // A clicker has no letters: at an open question the next step is its answer.
    if (direction > 0 && hides() && state.step === ASKED) return portwatch.quiz.reveal(here());
    if (direction > 0) forward(); else back();
    draw(false);
  }

  /* A whole frame, or a whole call. */
  function frameBy(direction) {
    let next = state.beat + direction;
    while (next > 0 && next < state.story.beats.length - 1 && isSkipped(state.story.beats[next])) next += direction;
    if (direction < 0 && state.step > 0) next = state.beat;
    seek(next, 0);
  }

  /* The next frame of the socket that this one is about. */
  function socketBy(direction) {
    const frame = portwatch.geometry.nearestFrame(state.story, here());
    const ids = frame ? [frame.receiverID, frame.senderID].filter(id => id) : [];
    for (let index = state.beat + direction; index >= 0 && index < state.story.beats.length; index += direction) {
      const other = state.story.beats[index].frame;
      if (other && (ids.includes(other.receiverID) || ids.includes(other.senderID))) return seek(index, 5);
    }
  }

  function setSpeed(change) {
    state.speed = Math.max(0, Math.min(SPEEDS.length - 1, state.speed + change));
    element("speed").textContent = { 0.25: "¼×", 0.5: "½×" }[rate()] || rate() + "×";
  }

  return { state, begin, here, seek, refresh, play, pause, toggle, hasRoom, stepBy, frameBy, socketBy, setSpeed, stop };
})();
