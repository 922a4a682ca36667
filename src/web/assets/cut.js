// Parts of the video, as in ?ranges=10-15,30-35.5. Only these parts play, in this order, until the user edits them.
const cut = {
  list: [],
  now: 0,
  // True if only the parts play. False while the user marks parts, because the whole film plays then.
  confined: false,
  // The target time of a seek by this script; otherwise undefined.
  target: undefined,
  pending: undefined,
  // The estimated duration of a frame, in seconds.
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

  // Parts after the end of the video cannot play.
  known() {
    const inside = cut.list.filter(({ start }) => !(start >= video.duration));
    if (inside.length < cut.list.length) {
      say(`The video is ${clock(video.duration)} long. Parts after its end are left out.`);
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
      // A seek of the user may have replaced the seek of this script.
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
      "save-cut": cut.save,
    });
    on(document, "pointerdown", (event) => {
      const bar = event.target.closest("#bar");
      if (!bar || !(video.duration > 0)) return;
      const { left, width } = bar.getBoundingClientRect();
      video.currentTime = video.duration * (event.clientX - left) / width;
    });
  },

  // --- Playing ---

  shown(time) {
    // A step is the time between two frames that were shown. A busy browser skips frames, so only the shortest of the
    // latest eight steps is the duration of a frame.
    cut.steps = [time - cut.last, ...cut.steps.slice(0, 7)];
    cut.last = time;
    const steps = cut.steps.filter((step) => step > 0.001 && step < 0.2);
    if (steps.length) cut.frame = Math.min(...steps);
    // Ignore a frame from before a seek.
    if (Math.abs(time - video.currentTime) < 1) cut.check(time);
  },

  // Called when the frame at this time has been shown. Goes to the next part if the current part has ended.
  check(time) {
    const { list, now, confined, frame } = cut;
    if (!confined || !list[now] || video.paused || video.seeking) return;
    const left = list[now].end - time;
    if (left <= frame + 0.002) return cut.advance();
    // The browser may report the final frame late or never, so a timer is also necessary.
    clearTimeout(cut.timer);
    if (left < 0.5) {
      const wait = (left - frame / 2) / video.playbackRate;
      cut.timer = setTimeout(() => cut.check(video.currentTime), wait * 1000);
    }
  },

  // Goes to the next part and returns true. At the end of the last part:
  // - If the parts repeat, goes to the first part and returns true.
  // - Otherwise, pauses and returns false. If the folder repeats, goes to the next video, else to the first part.
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
    // Before the duration is known, this assignment sets the start time and is not a seek.
    video.currentTime = start;
    cut.target = video.seeking ? start : undefined;
    cut.draw();
  },

  // Called after a seek of the user to this time. Plays the part at this time, or the next part.
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

  // Called at the end of the video. Returns false if the caller may play the next video.
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

  // Returns the current time, rounded to milliseconds as in the URL.
  here: () => Math.round(video.currentTime * 1000) / 1000,

  setIn() {
    cut.pending = cut.here();
    cut.confined = false;
    $("cut").open = true;
    say(`The part starts at ${exactly(cut.pending)}. Now mark its end.`);
  },

  setOut() {
    const start = cut.pending || 0;
    const end = cut.here();
    $("cut").open = true;
    if (end <= start) return say("The end of a part must be after its start.");
    cut.pending = undefined;
    cut.confined = false;
    cut.list.push({ start, end });
    cut.write();
    say(`Added the part from ${exactly(start)} to ${exactly(end)}.`);
  },

  text: () => cut.list.map(({ start, end }) => `${start}-${end === Infinity ? "" : end}`).join(","),

  url() {
    const loop = ($("loop").checked && "loop") || (folder.isOn() && "loop=folder");
    const query = [cut.list.length && `ranges=${cut.text()}`, loop].filter(Boolean);
    return location.pathname + (query.length ? `?${query.join("&")}` : "");
  },

  // Downloads the parts. If the server refuses, shows the reason, because a browser does not show it for a download.
  async save(link) {
    const answer = await trouble.askForByte(link.href);
    if (answer && answer.ok) {
      say("");
      return location.assign(link.href);
    }
    const { detail } = answer ? await answer.json().catch(() => answer) : {};
    say(`The parts cannot be downloaded. ${detail || "The server does not answer"}.`);
  },

  write() {
    if (!cut.list.length) cut.confined = false;
    cut.now = Math.min(cut.now, Math.max(cut.list.length - 1, 0));
    history.replaceState(null, "", cut.url());
    cut.draw();
  },

  // Writes the parts into the URL of a link. Other values in the query, such as the token, stay unchanged.
  address(link) {
    const [path, query = ""] = link.getAttribute("href").split("?");
    const words = query.split("&").filter((word) => word && !word.startsWith("ranges="));
    if (cut.list.length) words.unshift(`ranges=${cut.text()}`);
    link.href = words.length ? `${path}?${words.join("&")}` : path;
  },

  // --- Display ---

  draw() {
    cut.address($("vlc"));
    // The page has this link only for files that the server can cut.
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
    // The buttons are replaced below. The new button at the same position gets the focus.
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
    // This check is for playback without frames: audio only, or a page in the background.
    cut.check(video.currentTime);
  },
};

