// What can go wrong with a video: a codec that this browser lacks, a connection that is lost, a file that is damaged or
// still being written. The viewer always reads what happened.
const trouble = {
  // Where a reload was tried and how often. A damaged file is not tried without end.
  triedAt: -1,
  tries: 0,
  isBusy: false,
  // Whether it plays when it can. Chromium pauses by itself before it reports an error.
  isWanted: false,
  // Whether the page has given up and says why.
  isOver: false,
  // How often the time has moved since the video was opened.
  moves: 0,
  // When the video last got on, and how far.
  movedAt: 0,
  position: 0,
  wish: 0,
  // Where a reload leads, until the browser knows of that place.
  goal: 0,
  renewedAt: 0,

  begin() {
    video.hidden = false;
    trouble.wish = trouble.goal = trouble.position = 0;
    trouble.triedAt = -1;
    trouble.moves = 0;
    trouble.movedAt = Date.now();
    trouble.isOver = false;
    growing.begin();
  },

  known() {
    growing.duration = growing.duration || video.duration;
    if (trouble.lacksPicture() && !video.error) {
      trouble.show("Only the sound plays", `${trouble.lacks("picture", video.dataset.video)} ${VLC}`);
    }
  },

  lacksPicture: () => video.dataset.picture !== undefined && video.readyState > 0 && !video.videoWidth,

  listen() {
    on(video, "seeking", () => { trouble.wish = trouble.position = video.currentTime; });
    on(video, "seeked", () => { trouble.wish = 0; });
    on(video, "durationchange", trouble.reach);
    on(video, "error", () => trouble.failed());
    on(video, "play", () => { trouble.isWanted = true; });
    on(video, "pause", () => { if (!video.error) trouble.isWanted = false; });
    on(video, "waitingforkey", () => trouble.lock());
    const moved = () => { trouble.movedAt = Date.now(); };
    on(video, "playing", () => {
      if (!trouble.lacksPicture()) $("trouble").hidden = true;
      trouble.isOver = false;
      if ($("notice").textContent === WAITING) say("");
      // It has begun. From here on it plays when the viewer wants it.
      video.autoplay = false;
    });
    for (const event of ["progress", "playing", "pause", "seeking", "seeked"]) on(video, event, moved);
    on(video, "timeupdate", () => {
      // Browsers play on without a sound that they cannot decode, and only these two ways tell.
      const { audio } = video.dataset;
      const isSilent = video.webkitAudioDecodedByteCount === 0 || video.mozHasAudio === false;
      trouble.moves += 1;
      if (audio && isSilent && !trouble.can("audio") && trouble.moves === 8) {
        say(`There is no sound. ${trouble.lacks("sound", audio)}`);
      }
      // At the end of a file that ends too early, Chromium jumps to the end of the film.
      if (video.readyState > 1 && !video.ended) trouble.position = video.currentTime;
      moved();
    });
    // Some browsers never notice that a connection is gone.
    setInterval(() => {
      const isWaiting = !video.paused && !video.ended && video.readyState < 3 && !video.error && !trouble.isOver;
      if (!isWaiting) moved();
      else if (Date.now() - trouble.movedAt > 8000) trouble.recover();
    }, 1000);
  },

  can(kind) {
    const type = video.dataset[`${kind}Type`];
    // What has no name for browsers is known to none.
    return type ? video.canPlayType(type) !== "" : !video.dataset[kind];
  },

  lacks(what, codec) {
    const format = codec ? `the format ${codec}, which` : "a format that";
    return `Its ${what} is in ${format} this browser cannot decode.`;
  },

  // An answer, however long it takes: while the server is away or busy it is asked again and again.
  async answer(url, options) {
    for (let tries = 0; tries < 300; tries += 1) {
      const answer = await ask(url, { cache: "no-store", ...options }).catch(() => undefined);
      if (answer && answer.status !== 503) return answer;
      const text = `${answer ? "The server is busy" : "The connection is lost"}. Trying again …`;
      // A screen reader says it once.
      if ($("notice").textContent !== text) say(text);
      await sleep(answer ? 5000 : Math.min(250 * (tries + 1), 3000));
    }
  },

  // Asks the server for one byte of the video. By GET, because HEAD takes no stream and is never refused. With a token
  // in the URL no password is sent, because the browser would ask the viewer for one.
  askForVideo(how = trouble.answer) {
    const url = video.currentSrc || video.src;
    const credentials = /[?&]token=/.test(url) ? "omit" : "same-origin";
    return how(url, { headers: { Range: "bytes=0-0" }, credentials, cache: "no-store" });
  },

  async failed() {
    const source = video.src;
    const { code } = video.error || {};
    if (code === 3) await trouble.playedOut();
    if (video.ended) return;
    const answer = await trouble.askForVideo();
    // Meanwhile the viewer has chosen another video.
    if (video.src !== source) return;
    const at = trouble.place();
    if (!answer) return trouble.giveUp("The server does not answer", "Try again when it runs.");
    if (answer.status === 401) return trouble.renew();
    if (answer.status === 404) return trouble.giveUp("The video is gone", "It was moved, renamed or removed on the server.");
    if (!answer.ok) return trouble.giveUp("The server cannot send the video", `It answered ${answer.status}.`);
    if (trouble.refuse() || await growing.grows(answer)) return;
    if (video.src !== source) return;
    // 2: the network. Others may be the network too: an answer that was cut short looks like a damaged file.
    if (trouble.failures(at) < (code === 2 ? 5 : 1)) {
      await sleep(2000 * trouble.tries);
      if (video.src === source) trouble.reload();
      return;
    }
    if (video.readyState > 0) return trouble.stops(at);
    const { video: picture, audio: sound, container } = video.dataset;
    const codecs = [picture, sound].filter(Boolean).join(" and ");
    const held = codecs ? `, with ${codecs} in it` : "";
    if (container && !/^(MP4|WebM)$/.test(container)) {
      return trouble.cannot(`It is a file of the kind ${container}${held}, which this browser does not open.`);
    }
    trouble.giveUp(CANNOT, `The file is incomplete or damaged, or it is not what its name says${held}. ${COPIED}`);
  },

  // Firefox reports that a file ends too early while it still plays what it has read.
  async playedOut() {
    const source = video.src;
    for (let last = -1; video.src === source && !video.paused && !video.ended && last !== video.currentTime;) {
      last = video.currentTime;
      await sleep(500);
    }
  },

  // How often it has failed at this place before.
  failures(at) {
    trouble.tries = Math.abs(trouble.triedAt - at) < 1 ? trouble.tries + 1 : 0;
    trouble.triedAt = at;
    return trouble.tries;
  },

  // --- What is said ---

  show(headline, reason) {
    $("trouble").querySelector("h2").textContent = headline;
    $("reason").textContent = reason;
    $("again").hidden = !trouble.isOver;
    $("trouble").hidden = false;
    // A black box would only push it off the screen.
    video.hidden = video.readyState === 0;
  },

  // It does not play, but may do so later.
  giveUp(headline, reason) {
    if ($("notice").textContent === WAITING) say("");
    trouble.isOver = true;
    trouble.show(headline, reason);
    folder.later();
  },

  stops(at) {
    const why = `Near ${clock(at)} the file is incomplete or damaged, or this browser cannot decode it.`;
    trouble.giveUp("The video stops here", `${why} ${COPIED} VLC may play more of it.`);
  },

  // It never plays in this browser.
  cannot(reason, headline = CANNOT) {
    trouble.giveUp(headline, reason);
    $("again").hidden = true;
  },

  lock() {
    trouble.cannot("It plays only in the player of the shop that sold it.", "This file is copy-protected");
    return true;
  },

  // Whether the browser can never play what the file holds; then it is said.
  refuse() {
    const { video: picture, audio: sound, protected: isProtected } = video.dataset;
    if (isProtected !== undefined) return trouble.lock();
    if (video.readyState) return false;
    if (trouble.can(picture ? "video" : "audio")) return false;
    trouble.cannot(`${picture ? trouble.lacks("picture", picture) : trouble.lacks("sound", sound)} ${VLC}`);
    return true;
  },

  // --- Loading anew ---

  // Where to go on: where the viewer wanted to be, if no seek got there.
  place: () => trouble.wish || video.currentTime || trouble.position,

  // The token is too old, or of a server that was started anew: the page has another one.
  async renew() {
    const source = video.src;
    const answer = await ask(location.href, { cache: "no-store" }).catch(() => undefined);
    const page = answer && answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    if (video.src !== source) return;
    const other = page && page.getElementById("video");
    if (!other || Date.now() - trouble.renewedAt < 60000) {
      return trouble.giveUp("The server asks for a password", "Load this page again.");
    }
    trouble.renewedAt = Date.now();
    trouble.reload(other.getAttribute("src").split("#")[0]);
  },

  // Nothing has arrived for a while: as soon as the server answers, on from the same place.
  async recover() {
    if (trouble.isBusy) return;
    trouble.isBusy = true;
    const source = video.src;
    const answer = await trouble.askForVideo();
    trouble.isBusy = false;
    trouble.movedAt = Date.now();
    if (video.src !== source) return;
    if (answer && answer.status === 401) return trouble.renew();
    if (trouble.failures(trouble.place()) < 3) return trouble.reload();
    trouble.stops(trouble.place());
  },

  // The viewer wants another try.
  async again() {
    const source = video.src;
    const answer = await trouble.askForVideo();
    if (video.src !== source) return;
    if (answer && answer.ok) growing.measure(answer);
    trouble.isOver = false;
    trouble.triedAt = -1;
    trouble.isWanted = true;
    $("trouble").hidden = true;
    video.hidden = false;
    trouble.reload();
  },

  // The same video anew, from the same place, playing if it was to play.
  reload(source) {
    const at = trouble.place();
    const wanted = trouble.isWanted || video.autoplay;
    if ($("notice").textContent !== WAITING) say("");
    trouble.moves = 0;
    // Else the browser would play what is paused.
    video.autoplay = wanted;
    const url = new URL(source || video.src, location);
    // For the same address, Chromium would go on with the length and the bytes that it remembers.
    if (growing.length !== Number(video.dataset.length)) url.searchParams.set("length", growing.length);
    const isSame = url.href === video.src;
    url.hash = "";
    if (isSame) video.load();
    else video.src = url.href;
    trouble.goal = at;
    video.currentTime = at;
    if (wanted) play();
  },

  // Firefox learns how long a recording is while it reads it, and until then seeks no further.
  reach() {
    const { goal } = trouble;
    if (!(goal <= video.duration)) return;
    trouble.goal = 0;
    if (video.currentTime > goal - 0.5) return;
    const isWanted = trouble.isWanted || video.ended;
    video.currentTime = goal;
    if (isWanted) play();
  },
};

const CANNOT = "This browser cannot play the video";
const VLC = "VLC can play nearly every format, also on a phone or a TV.";
const COPIED = "If it is still being copied, try again when the copy is complete.";

