// Errors of a video: an unsupported codec, a lost connection, a damaged file, an incomplete file.
const trouble = {
  // The playback position at the previous failure, in seconds.
  triedAt: -1,
  // The number of earlier failures at this position.
  tries: 0,
  // True while `recover` waits for a response.
  isBusy: false,
  // True if the user wants playback. `video.paused` does not show this, because Chromium pauses by itself before it
  // reports an error.
  isWanted: false,
  // True if the page shows an error and does not try again.
  isOver: false,
  // The number of time updates since the video was opened or reloaded.
  moves: 0,
  // The time of the latest progress, pause or seek, in ms since 1970. If the video then waits 8 s for data, `recover`
  // is called.
  movedAt: 0,
  // The latest position of the playback.
  position: 0,
  // The target of a seek that has not ended; 0 if there is no such seek.
  wish: 0,
  // The position to which `reach` must still seek after a reload; 0 if there is none.
  goal: 0,
  // The time of the latest new token, in ms since 1970.
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
      // With `autoplay`, a later reload starts the video, even if the user has paused it.
      video.autoplay = false;
    });
    for (const event of ["progress", "playing", "pause", "seeking", "seeked"]) on(video, event, moved);
    on(video, "timeupdate", () => {
      // If a browser cannot decode the audio, it plays without audio and reports no error.
      const { audio } = video.dataset;
      const isSilent = video.webkitAudioDecodedByteCount === 0 || video.mozHasAudio === false;
      trouble.moves += 1;
      if (audio && isSilent && !trouble.can("audio") && trouble.moves === 8) {
        say(`There is no sound. ${trouble.lacks("sound", audio)}`);
      }
      // At the end of a truncated file, Chromium jumps to the end of the film. This position is not valid.
      if (video.readyState > 1 && !video.ended) trouble.position = video.currentTime;
      moved();
    });
    // Some browsers never report a lost connection.
    setInterval(() => {
      const isWaiting = !video.paused && !video.ended && video.readyState < 3 && !video.error && !trouble.isOver;
      if (!isWaiting) moved();
      else if (Date.now() - trouble.movedAt > 8000) trouble.recover();
    }, 1000);
  },

  can(kind) {
    const type = video.dataset[`${kind}Type`];
    // If the server knows the codec but no media type for it, no browser supports the codec. If there is no codec, the
    // file has no track of this kind, so there is nothing to decode.
    return type ? video.canPlayType(type) !== "" : !video.dataset[kind];
  },

  lacks(what, codec) {
    const format = codec ? `the format ${codec}, which` : "a format that";
    return `The ${what} of this file is in ${format} this browser cannot decode.`;
  },

  // Returns the response. If the server is busy (503) or does not answer, repeats the request, up to 300 times.
  async answer(url, options) {
    for (let tries = 0; tries < 300; tries += 1) {
      const answer = await ask(url, { cache: "no-store", ...options }).catch(() => undefined);
      if (answer && answer.status !== 503) return answer;
      const text = `${answer ? "The server is busy" : "The connection is lost"}. Trying again …`;
      // A screen reader reads a text each time it is set. So a text that is already shown is not set again.
      if ($("notice").textContent !== text) say(text);
      await sleep(answer ? 5000 : Math.min(250 * (tries + 1), 3000));
    }
  },

  askForVideo: (how) => trouble.askForByte(video.currentSrc || video.src, how),

  // Requests one byte of a file. Uses GET, because HEAD succeeds even if all streams are taken. If the URL has a token,
  // omits the password: with it, the response 401 to an expired token opens the password dialog of the browser.
  askForByte(url, how = trouble.answer) {
    const credentials = /[?&]token=/.test(url) ? "omit" : "same-origin";
    return how(url, { headers: { Range: "bytes=0-0" }, credentials, cache: "no-store" });
  },

  async failed() {
    const source = video.src;
    const { code } = video.error || {};
    if (code === 3) await trouble.playedOut();
    if (video.ended) return;
    const answer = await trouble.askForVideo();
    // The user may have selected another video.
    if (video.src !== source) return;
    const at = trouble.place();
    if (!answer) return trouble.giveUp("The server does not answer", "Try again when the server runs.");
    if (answer.status === 401) return trouble.renew();
    if (answer.status === 404) return trouble.giveUp("The video no longer exists", "It was moved, renamed or removed on the server.");
    if (!answer.ok) return trouble.giveUp("The server cannot send the video", `It answered with status ${answer.status}.`);
    if (trouble.refuse() || await growing.grows(answer)) return;
    if (video.src !== source) return;
    // Reloads 5 times after a network error (code 2), and once after any other error. A truncated response causes the
    // same error as a damaged file, but after a reload, the response may be complete.
    if (trouble.failures(at) < (code === 2 ? 5 : 1)) {
      await sleep(2000 * trouble.tries);
      if (video.src === source) trouble.reload();
      return;
    }
    if (video.readyState > 0) return trouble.stops(at);
    const { video: picture, audio: sound, container } = video.dataset;
    const codecs = [picture, sound].filter(Boolean).join(" and ");
    const held = codecs ? ` (it contains ${codecs})` : "";
    if (container && !/^(MP4|WebM)$/.test(container)) {
      return trouble.cannot(`The format of this file is ${container}${held}. This browser cannot open it.`);
    }
    trouble.giveUp(CANNOT, `The file${held} is incomplete or damaged, or its extension is wrong. ${COPIED}`);
  },

  // Waits until the playback stops. Firefox reports a truncated file while it still plays buffered data.
  async playedOut() {
    const source = video.src;
    for (let last = -1; video.src === source && !video.paused && !video.ended && last !== video.currentTime;) {
      last = video.currentTime;
      await sleep(500);
    }
  },

  // Stores a failure at this position. Returns the number of earlier failures at the same position.
  failures(at) {
    trouble.tries = Math.abs(trouble.triedAt - at) < 1 ? trouble.tries + 1 : 0;
    trouble.triedAt = at;
    return trouble.tries;
  },

  // --- Messages ---

  show(headline, reason) {
    $("trouble").querySelector("h2").textContent = headline;
    $("reason").textContent = reason;
    $("again").hidden = !trouble.isOver;
    $("trouble").hidden = false;
    // A video without data is an empty box. On a small screen, this box moves the message out of view.
    video.hidden = video.readyState === 0;
  },

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

  // Shows an error without the button "Try again", because the browser can never play the file.
  cannot(reason, headline = CANNOT) {
    trouble.giveUp(headline, reason);
    $("again").hidden = true;
  },

  lock() {
    trouble.cannot("It plays only in the player of the shop that sold the video.", "This file is copy-protected");
    return true;
  },

  // If the browser can never play the file, shows the reason and returns true.
  refuse() {
    const { video: picture, audio: sound, protected: isProtected } = video.dataset;
    if (isProtected !== undefined) return trouble.lock();
    if (video.readyState) return false;
    if (trouble.can(picture ? "video" : "audio")) return false;
    trouble.cannot(`${picture ? trouble.lacks("picture", picture) : trouble.lacks("sound", sound)} ${VLC}`);
    return true;
  },

  // --- Reload ---

  // Returns the target of an unfinished seek, or else the current position.
  place: () => trouble.wish || video.currentTime || trouble.position,

  // Gets a new token from the page, because the old token is not valid.
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

  // Called if no data has arrived for 8 s. Waits for a response of the server, then reloads the video.
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

  // The user has pressed "Try again".
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

  reload(source) {
    const at = trouble.place();
    const wanted = trouble.isWanted || video.autoplay;
    if ($("notice").textContent !== WAITING) say("");
    trouble.moves = 0;
    // With `autoplay`, the browser starts the video after the load. A paused video must not start.
    video.autoplay = wanted;
    const url = new URL(source || video.src, location);
    // If the file has grown, its URL must change. Otherwise, Chromium uses the cached length and bytes.
    if (growing.length !== Number(video.dataset.length)) url.searchParams.set("length", growing.length);
    const isSame = url.href === video.src;
    url.hash = "";
    if (isSame) video.load();
    else video.src = url.href;
    trouble.goal = at;
    video.currentTime = at;
    if (wanted) play();
  },

  // Called when the duration changes. After a reload of a recording, Firefox first reports a duration that is too short,
  // and a seek stops at its end. When the duration has reached `goal`, this function repeats the seek.
  reach() {
    const { goal } = trouble;
    if (!(goal <= video.duration)) return;
    trouble.goal = 0;
    if (video.currentTime > goal - 0.5) {
      growing.continues();
      return;
    }
    const isWanted = trouble.isWanted || video.ended;
    video.currentTime = goal;
    if (isWanted) play();
  },
};

const CANNOT = "This browser cannot play the video";
const VLC = "VLC can play nearly every format, also on a phone or a TV.";
const COPIED = "If it is still being copied, try again when the copy is complete.";

