// Parts of the video, as in ?ranges=10-15,30-35.5: played in this order and nothing else, until the editor opens them.
const cut = {
  list: [],
  now: 0,
  // Whether only the parts are played. The whole film plays while parts are being marked.
  confined: false,
  // Where a seek of ours leads, while it is under way.
  target: undefined,
  pending: undefined,
  // How long a frame is shown, as seen so far.
  frame: 1 / 25,
  steps: [],
  last: 0,
  timer: 0,

  begin() {
    const { segments: text, repeats } = video.dataset;
    cut.list = (text || "").split(",").filter(Boolean).map((part) => {
      const [start, end] = part.split("-");
      return { start: Number(start), end: end ? Number(end) : Infinity };
    });
    cut.pending = undefined;
    cut.now = 0;
    $("loop").checked = repeats === "video";
    cut.confined = cut.list.length > 0;
    if (cut.confined) cut.jump(0);
    cut.draw();
  },

  // The length is known: what lies beyond it cannot be played.
  known() {
    const inside = cut.list.filter(({ start }) => !(start >= video.duration));
    if (inside.length < cut.list.length) {
      say(`The video is ${clock(video.duration)} long; what lies beyond its end is left out.`);
      cut.list = inside;
      if (!inside.length) cut.confined = false;
      if (cut.confined) cut.jump(0);
      else video.currentTime = 0;
    }
    cut.draw();
  },

  listen() {
    if (video.requestVideoFrameCallback) {
      const onFrame = (now, { mediaTime }) => {
        cut.shown(mediaTime);
        video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);
    } else {
      const onPaint = () => {
        cut.shown(video.currentTime);
        requestAnimationFrame(onPaint);
      };
      requestAnimationFrame(onPaint);
    }
    on(video, "seeked", () => {
      // Another one may have taken the place of ours.
      const isOurs = Math.abs(video.currentTime - cut.target) < 0.1;
      cut.target = undefined;
      if (cut.confined && !isOurs) cut.adopt(video.currentTime);
    });
    Object.assign(actions, {
      "set-in": cut.setIn,
      "set-out": cut.setOut,
      "play-cut": () => cut.play(0),
      "clear-cut": () => {
        cut.list = [];
        cut.write();
      },
      "copy-cut": () => copy(cut.url()),
    });
    on(document, "pointerdown", (event) => {
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
    cut.steps = [time - cut.last, ...cut.steps.slice(0, 7)];
    cut.last = time;
    const steps = cut.steps.filter((step) => step > 0.001 && step < 0.2);
    if (steps.length) cut.frame = Math.min(...steps);
    // A frame of before the last seek says nothing.
    if (Math.abs(time - video.currentTime) < 1) cut.check(time);
  },

  // All up to and with the frame of this time has been shown.
  check(time) {
    const { list, now, confined, frame } = cut;
    if (!confined || !list[now] || video.paused || video.seeking) return;
    const left = list[now].end - time;
    if (left <= frame + 0.002) return cut.advance();
    // The last frame may be reported late, or not at all. By the clock it is there.
    clearTimeout(cut.timer);
    if (left < 0.5) {
      const wait = (left - frame / 2) / video.playbackRate;
      cut.timer = setTimeout(() => cut.check(video.currentTime), wait * 1000);
    }
  },

  // Returns whether it goes on.
  advance() {
    const isLast = cut.now + 1 >= cut.list.length;
    if (isLast && !$("loop").checked) {
      video.pause();
      if (folder.isOn()) folder.next();
      else cut.jump(0);
      return false;
    }
    cut.jump(isLast ? 0 : cut.now + 1);
    return true;
  },

  jump(index) {
    const { start } = cut.list[index];
    cut.now = index;
    video.currentTime = start;
    // Before the length is known this is no seek, but the place to begin at.
    cut.target = video.seeking ? start : undefined;
    cut.draw();
  },

  // The viewer has moved to this time: its part plays, or the next one.
  adopt(time) {
    const isIn = ({ start, end }) => time >= start - cut.frame && time < end;
    if (isIn(cut.list[cut.now])) return;
    let index = cut.list.findIndex(isIn);
    if (index < 0) {
      index = cut.list.findIndex(({ start }) => start > time);
      cut.jump(Math.max(index, 0));
    } else {
      cut.now = index;
      cut.draw();
    }
  },

  // The video is at its end. Returns whether that was for us.
  ended() {
    if (cut.confined) {
      if (cut.advance()) play();
      return true;
    }
    if (!$("loop").checked) return false;
    video.currentTime = 0;
    play();
    return true;
  },

  play(index) {
    if (!cut.list.length) return;
    cut.confined = true;
    cut.jump(index);
    play();
  },

  // --- Editing ---

  // To the millisecond, as the address has it.
  here: () => Math.round(video.currentTime * 1000) / 1000,

  setIn() {
    cut.pending = cut.here();
    cut.confined = false;
    $("cut").open = true;
    say(`A part begins at ${exactly(cut.pending)}. Now mark where it ends.`);
  },

  setOut() {
    const start = cut.pending || 0;
    const end = cut.here();
    $("cut").open = true;
    if (end <= start) return say("A part must end after it begins.");
    cut.pending = undefined;
    cut.confined = false;
    cut.list.push({ start, end });
    cut.write();
    say(`A part from ${exactly(start)} to ${exactly(end)}.`);
  },

  text: () => cut.list.map(({ start, end }) => `${start}-${end === Infinity ? "" : end}`).join(","),

  url() {
    const loop = ($("loop").checked && "loop") || (folder.isOn() && "loop=folder");
    const query = [cut.list.length && `ranges=${cut.text()}`, loop].filter(Boolean);
    return location.pathname + (query.length ? `?${query.join("&")}` : "");
  },

  write() {
    if (!cut.list.length) cut.confined = false;
    cut.now = Math.min(cut.now, Math.max(cut.list.length - 1, 0));
    history.replaceState(null, "", cut.url());
    cut.draw();
  },

  // Writes the parts into the address of a link, whose other words stay: the token, if there is one.
  address(link) {
    const [path, query = ""] = link.getAttribute("href").split("?");
    const words = query.split("&").filter((word) => word && !word.startsWith("ranges="));
    if (cut.list.length) words.unshift(`ranges=${cut.text()}`);
    link.href = words.length ? `${path}?${words.join("&")}` : path;
  },

  // --- What is seen ---

  draw() {
    cut.address($("vlc"));
    // Only MP4 files can be cut.
    const save = $("save-cut");
    if (save) {
      save.hidden = !cut.list.length;
      cut.address(save);
    }
    const bar = $("bar");
    const chapters = inside.chapters();
    bar.hidden = !(cut.list.length || chapters.length) || !(video.duration > 0);
    bar.textContent = "";
    const place = (time) => `${100 * time / video.duration}%`;
    const put = (className, time, title = "") => {
      const mark = make("div", { className, title });
      mark.style.left = place(time);
      bar.append(mark);
      return mark;
    };
    for (const link of chapters) put("tick", inside.time(link), link.textContent);
    const rows = $("segments");
    // The focus stays on its part.
    const focused = [...rows.querySelectorAll("button")].indexOf(document.activeElement);
    rows.textContent = "";
    cut.list.forEach(({ start, end }, index) => {
      const isNow = cut.confined && index === cut.now ? "now" : "";
      const last = Math.min(end, video.duration || end);
      put(`mark ${isNow}`, start).style.width = place(last - start);
      const row = make("li", { className: isNow });
      row.append(`${exactly(start)} – ${end === Infinity ? "end" : exactly(end)}`);
      const button = (label, action) => {
        const it = make("button", { type: "button", textContent: label });
        it.setAttribute("aria-label", `${label} part ${index + 1}`);
        on(it, "click", action);
        row.append(" ", it);
      };
      button("Play", () => cut.play(index));
      button("Remove", () => {
        cut.list.splice(index, 1);
        if (index < cut.now) cut.now -= 1;
        cut.write();
        if (cut.confined) cut.adopt(video.currentTime);
      });
      rows.append(row);
    });
    if (focused >= 0) ([...rows.querySelectorAll("button")].slice(0, focused + 1).pop() || $("set-in")).focus();
    put("head", 0);
    cut.move();
  },

  move() {
    const head = $("bar").lastChild;
    if (head) head.style.left = `${100 * video.currentTime / (video.duration || 1)}%`;
    // Without frames: sound only, or a page in the background.
    cut.check(video.currentTime);
  },
};

