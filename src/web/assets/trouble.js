// What can go wrong with a video: a codec that this browser lacks, a connection that is lost.
const trouble = {
  // Where a reload has been tried and how often, so that a damaged file is not tried for ever.
  triedAt: -1,
  tries: 0,
  isBusy: false,
  // How often the time has moved since the video was opened.
  moves: 0,
  // When the video last got on, and how far.
  movedAt: 0,
  position: 0,
  wish: 0,
  renewedAt: 0,

  begin() {
    video.hidden = false;
    trouble.wish = 0;
    trouble.triedAt = -1;
    trouble.position = 0;
    trouble.moves = 0;
    trouble.movedAt = Date.now();
  },

  known() {
    const { video: codec } = video.dataset;
    if (codec && !video.videoWidth) trouble.show("Only the sound plays", trouble.lacks("picture", codec));
  },

  listen() {
    on(video, "seeking", () => { trouble.wish = video.currentTime; });
    on(video, "seeked", () => { trouble.wish = 0; });
    on(video, "error", () => trouble.failed());
    const moved = () => { trouble.movedAt = Date.now(); };
    on(video, "playing", () => {
      if (video.videoWidth || !video.dataset.video) $("trouble").hidden = true;
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
      if (video.readyState > 1) trouble.position = video.currentTime;
      moved();
    });
    // Some browsers wait for ever on a connection that is gone.
    setInterval(() => {
      const isWaiting = !video.paused && !video.ended && video.readyState < 3 && !video.error;
      if (!isWaiting) moved();
      else if (Date.now() - trouble.movedAt > 8000) trouble.recover();
    }, 1000);
  },

  can(kind) {
    const type = video.dataset[`${kind}Type`];
    // What has no name for browsers is known to none.
    return type ? video.canPlayType(type) !== "" : !video.dataset[kind];
  },

  lacks: (what, codec) => `Its ${what} is in the format ${codec}, which this browser cannot decode.`,

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

  // What the server says of the video. By GET, for HEAD takes no stream and is never refused. With a token it is the
  // token that is asked about, and nobody for a password.
  askForVideo() {
    const url = video.currentSrc || video.src;
    const credentials = /[?&]token=/.test(url) ? "omit" : "same-origin";
    return trouble.answer(url, { headers: { Range: "bytes=0-0" }, credentials });
  },

  async failed() {
    const source = video.src;
    const { code } = video.error || {};
    const answer = await trouble.askForVideo();
    // Somebody has chosen another video meanwhile, or has only gone elsewhere in this one.
    if (video.src !== source) return;
    const at = trouble.place();
    if (!answer) return trouble.show("The server does not answer", "Load this page again when it does.");
    if (answer.status === 401) return trouble.renew();
    if (answer.status === 404) return trouble.show("The video is gone", "It was moved, renamed or removed on the server.");
    if (!answer.ok) return trouble.show("The server cannot send the video", `It answered ${answer.status}.`);
    const { video: picture, audio: sound, container } = video.dataset;
    if (!video.readyState && picture && !trouble.can("video")) return trouble.show("", trouble.lacks("picture", picture));
    if (!video.readyState && !picture && !trouble.can("audio")) return trouble.show("", trouble.lacks("sound", sound));
    trouble.tries = Math.abs(trouble.triedAt - at) < 1 ? trouble.tries + 1 : 0;
    trouble.triedAt = at;
    // 2: the network. Others may be the network too: an answer that was cut short looks like a damaged file.
    if (trouble.tries < (code === 2 ? 5 : 1)) {
      await sleep(2000 * trouble.tries);
      if (video.src === source) trouble.reload();
      return;
    }
    if (video.readyState > 0) return trouble.show("The video stops here", `The file is damaged at ${clock(at)}, or this browser cannot decode it.`);
    const codecs = [picture, sound].filter(Boolean).join(" and ");
    const held = codecs ? `, with ${codecs} in it` : "";
    if (container && !/^(MP4|WebM)$/.test(container)) {
      return trouble.show("", `It is a file of the kind ${container}${held}, which this browser does not open.`);
    }
    trouble.show("", `The file is damaged, or not what its name says${held}.`);
  },

  show(headline, reason) {
    const section = $("trouble");
    if (headline) section.querySelector("h2").textContent = headline;
    $("reason").textContent = `${reason} VLC plays nearly everything; on a phone or a TV, its app does too.`;
    section.hidden = false;
    // A black box would only push it off the screen.
    video.hidden = video.readyState === 0;
  },

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
      return trouble.show("The server asks for a password", "Load this page again.");
    }
    trouble.renewedAt = Date.now();
    trouble.reload(other.getAttribute("src").split("#")[0]);
  },

  // The connection is gone: as soon as the server answers, on from the same place.
  async recover() {
    if (trouble.isBusy) return;
    trouble.isBusy = true;
    const source = video.src;
    const answer = await trouble.askForVideo();
    trouble.isBusy = false;
    trouble.movedAt = Date.now();
    if (video.src !== source) return;
    if (answer && answer.status === 401) trouble.renew();
    else trouble.reload();
  },

  // The same video anew, from the same place, playing if it was to play.
  reload(source) {
    const at = trouble.place();
    const wanted = !video.paused || video.autoplay;
    say("");
    trouble.moves = 0;
    // Else the browser would play what is paused.
    video.autoplay = wanted;
    if (source) video.src = source;
    else video.load();
    video.currentTime = at;
    if (wanted) play();
  },
};

