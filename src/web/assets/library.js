// The library page. The script is optional: without it, the page is a list of links.
function library() {
  const cards = [...document.querySelectorAll("#entries a")];
  const field = document.querySelector("[name=q]");
  const nameOf = (card) => card.getAttribute("href").slice(`${base}/watch/`.length);

  // --- Dates in the format of the user ---

  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
  for (const time of document.querySelectorAll("#entries time")) {
    const day = new Date(time.textContent);
    time.dateTime = day.toISOString().slice(0, 10);
    time.textContent = format.format(day);
  }

  // --- Progress in this browser ---

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
      if (!bar) card.append((bar = make("i")));
      bar.style.width = `${(at / duration) * 100}%`;
    }
  }

  // --- Keys ---

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

  // --- Images for files without a poster: the cover inside the file, or a frame of the video ---

  // A browser opens at most six connections to a server, and a selected video needs one of them. So this code uses one
  // connection: it loads one file at a time, and only for visible cards. When the user selects a video, loading stops.
  const PATIENCE = 5000;
  const MAX_WIDTH = 480;
  // Returns true for file formats that may contain a cover or that a browser may play. For other files, the server
  // and the browser can supply no image.
  const mayPlay = (card) => /\.(3g2|3gpp?|f4v|ismv|m4[abv]|mk3d|mk[av]|mov|mp4v?|og[mv]|qt|webm)$/i.test(card.getAttribute("href"));
  const wanted = new Set();
  let current;
  let isLeaving = false;

  function stop() {
    if (!current) return;
    const { element, timer } = current;
    current = undefined;
    clearTimeout(timer);
    if (element.parentNode) return;
    // These two lines close the connection. Without them, it stays open until the browser deletes the element.
    element.removeAttribute("src");
    if (element.load) element.load();
  }

  function paint(card, video) {
    const width = Math.min(MAX_WIDTH, video.videoWidth, card.clientWidth * (window.devicePixelRatio || 1));
    const canvas = make("canvas", { width, height: (width * video.videoHeight) / video.videoWidth });
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    card.prepend(canvas);
  }

  function next() {
    if (current || isLeaving || document.hidden) return;
    const card = cards.find((candidate) => wanted.has(candidate));
    if (!card) return;
    const done = () => {
      wanted.delete(card);
      observer.unobserve(card);
      stop();
      setTimeout(next, 0);
    };
    // Loads a new `img` or `video` element in place of the current one. Later events of the old element have no effect.
    const load = (tag, from, actions) => {
      stop();
      const element = make(tag, { alt: "", muted: true, playsInline: true, preload: "metadata" });
      const now = { element, timer: setTimeout(done, PATIENCE) };
      current = now;
      for (const event of Object.keys(actions)) on(element, event, () => current === now && actions[event](element));
      const { token } = card.dataset;
      const query = [from === "cover" && "optional", token && `token=${token}`].filter(Boolean).join("&");
      element.src = `${base}/api/${from}/${nameOf(card)}` + (query && `?${query}`);
    };
    const show = (video) => {
      // Some browsers send `seeked` before the frame is available.
      if (video.readyState < 2 || !video.hasSought) return;
      paint(card, video);
      done();
    };
    const frame = {
      error: done,
      loadedmetadata(video) {
        if (!video.videoWidth) return done();
        // Seeks to 10 % of the video, but at most 60 s, because many videos start with black frames.
        video.currentTime = Math.min(video.duration / 10, 60) || 0;
      },
      seeked(video) {
        video.hasSought = true;
        show(video);
      },
      loadeddata: show,
    };
    load("img", "cover", {
      load(image) {
        card.prepend(image);
        done();
      },
      error: () => (card.parentNode.className ? done() : load("video", "stream", frame)),
    });
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
    if (!card.querySelector("img") && mayPlay(card)) observer.observe(card);
  }

  // --- Leaving and returning ---

  on(document, "click", (event) => {
    const link = event.target.closest("a");
    if (!link || link.id === "playlist" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    isLeaving = true;
    stop();
    // When the user comes back, this card gets the focus again.
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

