// The library page. All of this is comfort: without it the page is a list of links that works.
function library() {
  const cards = [...document.querySelectorAll("#entries a")];
  const field = document.querySelector("[name=q]");
  const nameOf = (card) => card.getAttribute("href").slice(`${base}/watch/`.length);

  // --- Days as this reader writes them ---

  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
  for (const time of document.querySelectorAll("#entries time")) {
    const day = new Date(time.textContent);
    time.dateTime = day.toISOString().slice(0, 10);
    time.textContent = format.format(day);
  }

  // --- How far this browser has watched ---

  function showProgress() {
    const positions = store.read().positions || {};
    for (const card of cards) {
      const known = positions[nameOf(card)];
      const [at, duration] = Array.isArray(known) ? known : [];
      let bar = card.querySelector("i");
      if (!(at > 0 && at <= duration)) {
        if (bar) bar.remove();
        continue;
      }
      if (!bar) card.append((bar = document.createElement("i")));
      bar.style.width = `${(at / duration) * 100}%`;
    }
  }

  // --- Keys. TVs have nothing else ---

  function onKey(event) {
    const { key, target } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const to = (card) => {
      if (!card) return;
      event.preventDefault();
      card.focus();
    };
    if (target === field) {
      if (key === "ArrowDown") to(cards[0]);
    } else if (key === "/") to(field);
    else if (key === "Home") to(cards[0]);
    else if (key === "End") to(cards[cards.length - 1]);
    else if (/^Arrow(Up|Down|Left|Right)$/.test(key)) {
      if (target === document.body) to(cards[0] || field);
      else moveFocus(event, "a, button, input");
    }
  }

  // --- Pictures for videos without a poster ---

  // A browser has six connections to a server. Never more than one of them is for this, and none once somebody has
  // chosen a video. So: one video at a time, only for cards in view, and let go at once.
  const PATIENCE = 5000;
  const MAX_WIDTH = 480;
  // Only containers that some browser plays: the others would load for nothing.
  const mayPlay = (card) => /\.(3g2|3gpp?|f4v|ismv|m4v|mk3d|mkv|mov|mp4v?|og[mv]|qt|webm)$/i.test(card.getAttribute("href"));
  const wanted = new Set();
  let current;
  let isLeaving = false;

  function stop() {
    if (!current) return;
    const { video, timer } = current;
    current = undefined;
    clearTimeout(timer);
    // Without these two the connection stays open until the element is collected.
    video.removeAttribute("src");
    video.load();
  }

  function paint(card, video) {
    const canvas = document.createElement("canvas");
    const width = Math.min(MAX_WIDTH, video.videoWidth, card.clientWidth * (window.devicePixelRatio || 1));
    canvas.width = width;
    canvas.height = (width * video.videoHeight) / video.videoWidth;
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    card.prepend(canvas);
  }

  function next() {
    if (current || isLeaving || document.hidden) return;
    const card = cards.find((candidate) => wanted.has(candidate));
    if (!card) return;
    const video = document.createElement("video");
    const isOver = () => !current || current.video !== video;
    const done = () => {
      if (isOver()) return;
      wanted.delete(card);
      observer.unobserve(card);
      stop();
      setTimeout(next, 0);
    };
    current = { video, timer: setTimeout(done, PATIENCE) };
    video.muted = true;
    video.playsInline = true;
    video.preload = "metadata";
    on(video, "error", done);
    on(video, "loadedmetadata", () => {
      if (!video.videoWidth) return done();
      // Past the black at the beginning, but not far into a long film.
      video.currentTime = Math.min(video.duration / 10, 60) || 0;
    });
    const show = () => {
      // Some say that they are there a moment before the picture is.
      if (isOver() || video.readyState < 2) return;
      paint(card, video);
      done();
    };
    on(video, "seeked", () => {
      show();
      on(video, "loadeddata", show);
    });
    const { token } = card.dataset;
    video.src = `${base}/api/stream/${nameOf(card)}` + (token ? `?token=${token}` : "");
  }

  const observer = window.IntersectionObserver && new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      if (isIntersecting) wanted.add(target);
      else wanted.delete(target);
    }
    next();
  });

  const { saveData } = navigator.connection || {};
  for (const card of observer && !saveData ? cards : []) {
    const isVideo = !card.parentNode.className && !card.querySelector("img");
    if (isVideo && mayPlay(card)) observer.observe(card);
  }

  // --- Going and coming back ---

  on(document, "click", (event) => {
    const link = event.target.closest("a");
    if (!link || link.id === "playlist" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    isLeaving = true;
    stop();
    // Who comes back finds the focus where it was.
    if (cards.includes(link)) history.replaceState(link.getAttribute("href"), "");
  });
  on(window, "pagehide", () => { isLeaving = true; stop(); });
  on(window, "pageshow", () => {
    const before = cards.find((card) => card.getAttribute("href") === history.state);
    if (before && document.activeElement === document.body) before.focus({ preventScroll: true });
    isLeaving = false;
    showProgress();
    next();
  });
  on(document, "visibilitychange", () => (document.hidden ? stop() : next()));
  on(document, "keydown", onKey);
}

