// What can go wrong with a video: a codec that this browser lacks, a connection that is lost.
const trouble = {
  // Where a reload has been tried, so that a damaged file is not tried for ever.
  triedAt: -1,
  isBusy: false,
  // How often the time has moved since the video was opened.
  moves: 0,
  // When the video last got on, and how far.
  movedAt: 0,
  position: 0,
  renewedAt: 0,

  begin() {
    video.hidden = false;
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
    video.addEventListener("error", () => trouble.failed());
    const moved = () => { trouble.movedAt = Date.now(); };
    for (const event of ["progress", "playing", "pause", "seeking", "seeked"]) video.addEventListener(event, moved);
    video.addEventListener("timeupdate", () => {
      // Browsers play on without a sound that they cannot decode, and only these two ways tell.
      const { audio } = video.dataset;
      const isSilent = video.webkitAudioDecodedByteCount === 0 || video.mozHasAudio === false;
      trouble.moves += 1;
      if (audio && isSilent && trouble.moves === 8) {
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
    return !type || video.canPlayType(type) !== "";
  },

  lacks: (what, codec) => `Its ${what} is in the format ${codec}, which this browser cannot decode.`,

  async failed() {
    const { code } = video.error || {};
    const at = video.currentTime || trouble.position;
    // 2: the network. All others may be the network too: an answer that was cut short looks like a damaged file.
    const url = video.currentSrc || video.src;
    // With a token it is the token that is asked about, and nobody for a password.
    const credentials = /[?&]token=/.test(url) ? "omit" : "same-origin";
    const answer = await ask(url, { method: "HEAD", cache: "no-store", credentials }).catch(() => undefined);
    if (answer && answer.status === 401) return trouble.renew(at);
    if (!answer || answer.status === 503 || code === 2) return trouble.recover();
    if (answer.status === 404) return trouble.show("The video is gone", "It was moved, renamed or removed on the server.");
    if (!answer.ok) return trouble.show("The server cannot send the video", `It answered ${answer.status}.`);
    const { video: picture, audio: sound, container } = video.dataset;
    if (picture && !trouble.can("video")) return trouble.show("", trouble.lacks("picture", picture));
    if (!picture && sound && !trouble.can("audio")) return trouble.show("", trouble.lacks("sound", sound));
    if (video.readyState > 0 && Math.abs(trouble.triedAt - at) > 1) return trouble.recover();
    if (video.readyState > 0) return trouble.show("The video stops here", `The file is damaged at ${clock(at)}, or this browser cannot decode it.`);
    const codecs = [picture, sound].filter(Boolean).join(" and ");
    if (container && !/^(MP4|WebM)$/.test(container)) {
      return trouble.show("", `It is a file of the kind ${container}${codecs && ` with ${codecs}`}, which this browser does not open.`);
    }
    trouble.show("", `The file is damaged, or not what its name says${codecs && ` (it seems to hold ${codecs})`}.`);
  },

  show(headline, reason) {
    const section = $("trouble");
    if (headline) section.querySelector("h2").textContent = headline;
    $("reason").textContent = `${reason} VLC plays nearly everything; on a phone or a TV, its app does too.`;
    section.hidden = false;
    // A black box would only push it off the screen.
    video.hidden = video.readyState === 0;
  },

  // The token is too old, or of a server that was started anew: the page has another one.
  async renew(at) {
    const source = video.src;
    const wanted = !video.paused;
    const answer = await ask(location.href, { cache: "no-store" }).catch(() => undefined);
    const page = answer && answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    if (video.src !== source) return;
    const other = page && page.getElementById("video");
    if (!other || Date.now() - trouble.renewedAt < 60000) {
      return trouble.show("The server asks for a password", "Load this page again.");
    }
    trouble.renewedAt = Date.now();
    [video.src] = other.getAttribute("src").split("#");
    video.currentTime = at;
    if (segments.confined) segments.jumping = true;
    if (wanted) play();
  },

  // The connection is gone: as soon as the server answers, on from the same place.
  async recover() {
    if (trouble.isBusy) return;
    trouble.isBusy = true;
    const wanted = !video.paused;
    const at = video.currentTime || trouble.position;
    const source = video.src;
    trouble.triedAt = at;
    for (let tries = 0; tries < 300; tries += 1) {
      const answer = await ask("/healthz", { cache: "no-store" }).catch(() => undefined);
      if (answer && answer.ok) break;
      say("The connection is lost. Trying again …");
      await new Promise((resolve) => { setTimeout(resolve, Math.min(250 * (tries + 1), 3000)); });
    }
    trouble.isBusy = false;
    trouble.movedAt = Date.now();
    // Somebody has chosen another video meanwhile.
    if (video.src !== source) return;
    say("");
    video.load();
    video.currentTime = at;
    if (segments.confined) segments.jumping = true;
    if (wanted) play();
  },
};

