// The content of a video file: texts (subtitles), chapters and audio tracks. The texts of a track are distributed over
// the file, so the server must read the whole file for a whole track. Therefore this script loads the texts in windows
// of SPAN seconds. It loads a window AHEAD seconds before the playback reaches it.
const SPAN = 120;
const AHEAD = 30;

const inside = {
  // The element that shows texts, and the time windows that are loaded.
  element: undefined,
  loaded: [],
  // The element that loads the current window. Its cues are then added to the element that shows texts.
  loader: undefined,
  waitUntil: 0,

  begin() {
    inside.show();
    for (const old of inside.elements()) {
      // `tracks.js` has already changed the URLs for the first video of this page.
      if (old.dataset.inside) continue;
      // A new element is necessary, because Firefox continues to load the old URL of a default track.
      const element = old.cloneNode();
      element.dataset.inside = old.getAttribute("src");
      // The URL returns no texts, but it makes the browser initialise the track.
      element.src = inside.url(element, 0, 0);
      old.replaceWith(element);
    }
  },

  elements: () => [...video.querySelectorAll("[data-inside]")],

  url: (element, from, to) => `${element.dataset.inside}&from=${from}&to=${to}`,

  show(element) {
    inside.stop();
    inside.element = element;
    inside.loaded = [];
  },

  stop() {
    if (inside.loader) inside.loader.remove();
    inside.loader = undefined;
  },

  listen() {
    for (const event of ["timeupdate", "seeking", "durationchange"]) on(video, event, inside.move);
    // The `load` event of a track element does not bubble, so this listener captures it.
    on(video, "load", inside.move, true);
    on(video.textTracks, "change", inside.move);
    on(document, "click", (event) => {
      const link = event.target.closest("#chapters a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      video.currentTime = inside.time(link);
      play();
    });
  },

  // Loads the texts for the next seconds, if they are missing.
  move() {
    const element = inside.elements().find(({ track }) => track.mode === "showing");
    if (element !== inside.element) inside.show(element);
    if (!element || element.readyState !== 2 || Date.now() < inside.waitUntil) return;
    const at = video.currentTime;
    let end = at;
    const covers = ([from, to]) => from <= end && end < to;
    for (let window; (window = inside.loaded.find(covers));) [, end] = window;
    if (end >= Math.min(at + AHEAD, video.duration || Infinity)) return;
    const { loader } = inside;
    if (loader && covers(loader.window)) return;
    inside.stop();
    inside.load(element, Math.floor(end));
  },

  load(element, from) {
    const to = from + SPAN;
    const loader = make("track", { kind: "metadata", window: [from, to], src: inside.url(element, from, to) });
    on(loader, "load", () => {
      if (inside.loader !== loader) return;
      const key = ({ startTime, endTime, text }) => `${startTime} ${endTime} ${text}`;
      const known = new Set([...element.track.cues].map(key));
      for (const cue of [...loader.track.cues]) if (!known.has(key(cue))) element.track.addCue(cue);
      // A file that grows may end within the window. The texts after this end must be loaded later.
      inside.loaded.push([from, Math.min(to, video.duration || to)]);
      inside.stop();
    });
    on(loader, "error", () => {
      if (inside.loader !== loader) return;
      inside.stop();
      inside.waitUntil = Date.now() + 3000;
    });
    inside.loader = loader;
    video.append(loader);
    loader.track.mode = "hidden";
  },

  // --- Chapters ---

  chapters: () => [...document.querySelectorAll("#chapters a")],

  time: (link) => Number(new URLSearchParams(link.search).get("t")),

  // Goes to the next chapter if `by` is positive. Otherwise goes to the start of the current chapter, or to the
  // previous chapter if the current chapter started less than 3 s ago.
  chapter(by) {
    const at = video.currentTime;
    const isMeant = (link) => (by > 0 ? inside.time(link) > at + 0.1 : inside.time(link) < at - 3);
    const found = inside.chapters().filter(isMeant);
    const link = by > 0 ? found[0] : found.pop() || inside.chapters()[0];
    if (!link) return;
    video.currentTime = inside.time(link);
    say(link.textContent);
  },

  // --- Audio tracks, if the browser supports the selection ---

  known() {
    const { audioTracks: tracks } = video;
    if (!tracks || tracks.length < 2 || $("sound")) return;
    const select = make("select", { id: "sound" });
    [...tracks].forEach(({ label, language, enabled }, index) => {
      // For a track without a name, ffmpeg writes a label that ends with "Handler", for example "SoundHandler".
      const title = /Handler$/.test(label) ? "" : label;
      const words = [title, language && languageName(language)].filter(Boolean);
      select.append(new Option(words.join(", ") || `Track ${index + 1}`, index, enabled, enabled));
    });
    on(select, "change", () => {
      [...tracks].forEach((track, index) => { track.enabled = index === select.selectedIndex; });
    });
    $("copy").before(make("label"));
    $("copy").previousSibling.append("Sound", select);
  },
};

