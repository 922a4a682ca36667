// Parts of the video, as in ?ranges=10-15,30-35.5: played in this order and nothing else, until the editor opens them.
const segments = {
  list: [],
  now: 0,
  // Whether only the parts are played. While somebody marks them, all is.
  confined: false,
  // Whether a seek of ours is under way.
  jumping: false,
  pending: undefined,
  // How long a frame is shown, as seen so far.
  frame: 1 / 25,
  steps: [],
  last: 0,
  timer: 0,

  begin() {
    const { segments: text, repeats } = video.dataset;
    segments.list = (text || "").split(",").filter(Boolean).map((part) => {
      const [start, end] = part.split("-");
      return { start: Number(start), end: end ? Number(end) : Infinity };
    });
    segments.pending = undefined;
    segments.now = 0;
    $("loop").checked = repeats !== undefined;
    segments.confined = segments.list.length > 0;
    if (segments.confined) segments.jump(0);
    segments.draw();
  },

  // The length is known: what lies beyond it cannot be played.
  known() {
    const inside = segments.list.filter(({ start }) => !(start >= video.duration));
    if (inside.length < segments.list.length) {
      say(`The video is ${clock(video.duration)} long; what lies beyond its end is left out.`);
      segments.list = inside;
      if (!inside.length) segments.confined = false;
      if (segments.confined) segments.jump(0);
      else video.currentTime = 0;
    }
    segments.draw();
  },

  listen() {
    if (video.requestVideoFrameCallback) {
      const onFrame = (now, { mediaTime }) => {
        segments.shown(mediaTime);
        video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);
    } else {
      const onPaint = () => {
        segments.shown(video.currentTime);
        requestAnimationFrame(onPaint);
      };
      requestAnimationFrame(onPaint);
    }
    video.addEventListener("seeked", () => {
      if (segments.jumping) segments.jumping = false;
      else if (segments.confined) segments.adopt(video.currentTime);
    });
    Object.assign(actions, {
      bar() {},
      "set-in": segments.setIn,
      "set-out": segments.setOut,
      "play-cut": () => segments.play(0),
      "clear-cut": () => {
        segments.list = [];
        segments.write();
      },
      "copy-cut": () => copy(segments.url()),
    });
    document.addEventListener("pointerdown", (event) => {
      const bar = event.target.closest("#bar");
      if (!bar || !(video.duration > 0)) return;
      const { left, width } = bar.getBoundingClientRect();
      video.currentTime = video.duration * (event.clientX - left) / width;
    });
  },

  // --- Playing ---

  // A frame has come onto the screen. The last one of a part stays there until the next part is found, or for good.
  shown(time) {
    // The shortest of the last few steps: a busy browser leaves frames out.
    segments.steps = [time - segments.last, ...segments.steps.slice(0, 7)];
    segments.last = time;
    const steps = segments.steps.filter((step) => step > 0.001 && step < 0.2);
    if (steps.length) segments.frame = Math.min(...steps);
    // A frame of before the last seek says nothing.
    if (Math.abs(time - video.currentTime) < 1) segments.check(time);
  },

  // All up to and with the frame of this time has been shown.
  check(time) {
    const { list, now, confined, jumping, frame } = segments;
    if (!confined || !list[now] || jumping || video.paused || video.seeking) return;
    const left = list[now].end - time;
    if (left <= frame + 0.002) return segments.advance();
    // The last frame may be reported late, or not at all. By the clock it is there.
    clearTimeout(segments.timer);
    if (left < 0.5) {
      const wait = (left - frame / 2) / video.playbackRate;
      segments.timer = setTimeout(() => segments.check(video.currentTime), wait * 1000);
    }
  },

  // Returns whether it goes on.
  advance() {
    const isLast = segments.now + 1 >= segments.list.length;
    if (isLast && !$("loop").checked) {
      video.pause();
      segments.jump(0);
      return false;
    }
    segments.jump(isLast ? 0 : segments.now + 1);
    return true;
  },

  jump(index) {
    segments.now = index;
    segments.jumping = true;
    video.currentTime = segments.list[index].start;
    segments.draw();
  },

  // Somebody has moved to this time: its part, or the next one.
  adopt(time) {
    const isIn = ({ start, end }) => time >= start - segments.frame && time < end;
    if (isIn(segments.list[segments.now])) return;
    let index = segments.list.findIndex(isIn);
    if (index < 0) {
      index = segments.list.findIndex(({ start }) => start > time);
      segments.jump(Math.max(index, 0));
    } else {
      segments.now = index;
      segments.draw();
    }
  },

  // The video is at its end. Returns whether that was for us.
  ended() {
    if (!segments.confined) return false;
    if (segments.advance()) play();
    return true;
  },

  play(index) {
    if (!segments.list.length) return;
    segments.confined = true;
    segments.jump(index);
    play();
  },

  // --- Editing ---

  // To the millisecond, as the address has it.
  here: () => Math.round(video.currentTime * 1000) / 1000,

  setIn() {
    segments.pending = segments.here();
    segments.confined = false;
    $("cut").open = true;
    say(`A part begins at ${exactly(segments.pending)}. Now mark where it ends.`);
  },

  setOut() {
    const start = segments.pending || 0;
    const end = segments.here();
    $("cut").open = true;
    if (end <= start) return say("A part must end after it begins.");
    segments.pending = undefined;
    segments.confined = false;
    segments.list.push({ start, end });
    segments.write();
    say(`A part from ${exactly(start)} to ${exactly(end)}.`);
  },

  text: () => segments.list.map(({ start, end }) => `${start}-${end === Infinity ? "" : end}`).join(","),

  url() {
    const loop = $("loop").checked ? "&loop" : "";
    return location.pathname + (segments.list.length ? `?ranges=${segments.text()}${loop}` : "");
  },

  write() {
    if (!segments.list.length) segments.confined = false;
    segments.now = Math.min(segments.now, Math.max(segments.list.length - 1, 0));
    history.replaceState(null, "", segments.url());
    segments.draw();
  },

  // --- What is seen ---

  draw() {
    const vlc = $("vlc");
    const [path, query] = vlc.getAttribute("href").split("?");
    // The token stays, if there is one.
    const wanted = [segments.list.length && `ranges=${segments.text()}`, /token=[\w-]+/.exec(query)].filter(Boolean);
    vlc.href = wanted.length ? `${path}?${wanted.join("&")}` : path;
    const bar = $("bar");
    bar.hidden = !segments.list.length || !(video.duration > 0);
    bar.textContent = "";
    const rows = $("segments");
    // Whoever has the focus on a part keeps it.
    const focused = [...rows.querySelectorAll("button")].indexOf(document.activeElement);
    rows.textContent = "";
    segments.list.forEach(({ start, end }, index) => {
      const isNow = segments.confined && index === segments.now ? "now" : "";
      const last = Math.min(end, video.duration || end);
      const mark = document.createElement("div");
      mark.className = `mark ${isNow}`;
      mark.style.left = `${100 * start / video.duration}%`;
      mark.style.width = `${100 * (last - start) / video.duration}%`;
      bar.append(mark);
      const row = document.createElement("li");
      row.className = isNow;
      row.append(`${exactly(start)} – ${end === Infinity ? "end" : exactly(end)}`);
      const button = (label, action) => {
        const it = document.createElement("button");
        it.type = "button";
        it.textContent = label;
        it.setAttribute("aria-label", `${label} part ${index + 1}`);
        it.addEventListener("click", action);
        row.append(" ", it);
      };
      button("Play", () => segments.play(index));
      button("Remove", () => {
        segments.list.splice(index, 1);
        segments.write();
      });
      rows.append(row);
    });
    if (focused >= 0) ([...rows.querySelectorAll("button")].slice(0, focused + 1).pop() || $("set-in")).focus();
    const head = document.createElement("div");
    head.className = "head";
    bar.append(head);
    segments.move();
  },

  move() {
    const head = $("bar").lastChild;
    if (head) head.style.left = `${100 * video.currentTime / (video.duration || 1)}%`;
    // Without frames: sound only, or a page in the background.
    segments.check(video.currentTime);
  },
};

