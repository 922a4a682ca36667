// Repeats all videos of the folder (?loop=folder). Reads the folder again after each video, so that new files also
// play.
const folder = {
  isOn: () => !!$("loop-folder") && $("loop-folder").checked,

  begin() {
    const box = $("loop-folder");
    if (box) box.checked = video.dataset.repeats === "folder";
    folder.draw();
  },

  // Called when the user changes a checkbox. Either the video repeats or the folder, not both.
  choose(box) {
    const other = $(box.id === "loop" ? "loop-folder" : "loop");
    if (other && box.checked) other.checked = false;
    cut.write();
    folder.draw();
  },

  // Adds `?loop=folder` to the links "previous" and "next", or removes it. While the folder repeats, the next video
  // always plays, so the checkbox for autoplay is disabled.
  draw() {
    const isOn = folder.isOn();
    const query = isOn ? "?loop=folder" : "";
    for (const link of [$("previous"), $("next")]) if (link && link.search !== query) link.search = query;
    if ($("autoplay")) $("autoplay").disabled = isOn;
  },

  // Returns the names of all videos and audio files, in the order of the folder. The names are encoded as in URLs.
  async names() {
    const answer = await trouble.answer($("loop-folder").dataset.listing);
    const { entries } = answer && answer.ok ? await answer.json() : { entries: [] };
    const playable = entries.filter(({ kind }) => kind === "video" || kind === "audio");
    return playable.map(({ stream_url: url }) => folder.nameIn(url, "/api/stream/"));
  },

  nameIn(url, prefix) {
    const path = new URL(url, location).pathname;
    return path.slice(path.indexOf(prefix) + prefix.length);
  },

  async next() {
    const source = video.src;
    const names = await folder.names();
    if (video.src !== source || !folder.isOn()) return;
    if (!names.length) {
      say("The folder contains no video now. Waiting for a new video …");
      return folder.later();
    }
    // If the current video was removed, the video of the link "next" plays.
    const after = $("next") && folder.nameIn($("next").href, "/watch/");
    const own = names.indexOf(name());
    const to = own < 0 ? Math.max(names.indexOf(after), 0) : (own + 1) % names.length;
    const [base] = location.pathname.split("/watch/");
    go(`${base}/watch/${names[to]}?loop=folder`);
  },

  // After ten seconds, goes to the next video, if the user has not started a video.
  later() {
    if (!folder.isOn()) return;
    const source = video.src;
    clearTimeout(folder.timer);
    folder.timer = setTimeout(() => {
      if (video.src === source && (video.paused || trouble.isOver)) folder.next();
    }, 10000);
  },

  timer: 0,
};

