// The player page. Its whole state is in the URL, the video element and local storage. The script finds all other
// elements by id at each use, because the function `go` replaces them with those of the next video.
const video = $("video");

// Shows a line of text under the video, optionally with a button.
function say(text, label, action) {
  const notice = $("notice");
  notice.textContent = text;
  if (label) {
    const button = make("button", { type: "button", textContent: label });
    on(button, "click", action);
    notice.append(" ", button);
    return button;
  }
}

// Starts the playback if the browser permits it. If not, the user can press the browser's play button.
const play = () => Promise.resolve(video.play()).catch(() => {});

// --- Last position in this browser ---

const name = () => video.dataset.name;
// Returns true after the first 5 s and before the credits (the final 5 %). A file that still grows has
// no credits, because its end is still missing.
const isAmidst = (at, duration) => at > 5 && (growing.hasGrown || at < duration * 0.95);

function resume() {
  const asked = /[?&](t|ranges)=/.test(location.search) || folder.isOn();
  const [at] = Object((store.read().positions || {})[name()] || []);
  if (asked || !(at > 5)) return;
  video.currentTime = at;
  const startOver = say(`Continues at ${clock(at)}, where you stopped.`, "Start over", () => {
    video.currentTime = 0;
    say("");
    play();
  });
  startOver.id = "start-over";
}

function remember() {
  const { currentTime, duration } = video;
  if (!(duration > 0) || cut.list.length) return;
  store.change((all) => {
    const positions = Object(all.positions);
    delete positions[name()];
    if (isAmidst(currentTime, duration)) {
      positions[name()] = [Math.round(currentTime), Math.round(duration), Math.round(Date.now() / 1000)];
    }
    // Only the last 200 positions are stored, because the storage of a browser is limited.
    const names = Object.keys(positions).sort((one, other) => positions[other][2] - positions[one][2]);
    all.positions = {};
    for (const key of names.slice(0, 200)) all.positions[key] = positions[key];
  });
}

// --- The next video ---

// Opens another video in the same `video` element, for two reasons: a new element ends full screen, and some browsers
// let a new element play sound only after a click.
let going = 0;
async function go(url, isBack) {
  const turn = going += 1;
  remember();
  const answer = await trouble.answer(url);
  const text = answer && answer.ok ? await answer.text() : "";
  // The user may have selected another video.
  if (turn !== going) return;
  const page = new DOMParser().parseFromString(text, "text/html");
  const other = page.getElementById("video");
  if (!other) return location.assign(url);
  if (!isBack) history.pushState(null, "", url);
  document.title = page.title;
  const focus = (document.activeElement || {}).id;
  const notice = $("notice");
  $("library").replaceWith(page.getElementById("library"));
  while (video.nextSibling) video.nextSibling.remove();
  while (other.nextSibling) video.parentNode.append(other.nextSibling);
  // The old `#notice` stays in the page, because a screen reader reads only the changes of an element that it knows.
  notice.textContent = $("notice").textContent;
  $("notice").replaceWith(notice);
  for (const track of video.querySelectorAll("track")) track.remove();
  for (const { name } of [...video.attributes]) if (name.startsWith("data-")) video.removeAttribute(name);
  for (const { name, value } of [...other.attributes]) if (name !== "src") video.setAttribute(name, value);
  video.append(...other.children);
  video.src = other.getAttribute("src");
  begin();
  play();
  if (focus) ($(focus) || video).focus();
}

function playNext() {
  const [, asked] = /#t=(.*)/.exec(video.src) || [];
  if (asked >= video.duration && /[?&]t=/.test(location.search)) {
    history.replaceState(null, "", location.pathname);
    say(`The video is only ${clock(video.duration)} long.`);
    video.currentTime = 0;
    return play();
  }
  if (folder.isOn()) return folder.next();
  const next = $("next");
  if (next && store.read().autoplay !== false) go(next.href);
}

// --- Subtitles ---

let subtitlesSet;
let openedAt;

// Returns the name of a language in the user's language. In old browsers, returns the tag, such as `de`.
function languageName(tag) {
  try {
    return new Intl.DisplayNames(navigator.languages, { type: "language" }).of(tag);
  } catch (error) {
    return tag;
  }
}

function nameSubtitles() {
  for (const track of video.querySelectorAll("[kind=subtitles]")) {
    const { srclang, dataset } = track;
    const name = srclang && languageName(srclang);
    if (name && name !== srclang) track.label = dataset.note ? `${name} (${dataset.note})` : name;
    $("subtitles").append(new Option(track.label));
  }
}

// Shows the track with this label. For "off", shows none. If no track has the label, shows the first of these that
// exists: a track in the user's language, the default track, a track without a language.
function chooseSubtitles(label) {
  const tracks = [...video.textTracks].filter(({ kind }) => kind === "subtitles");
  const speaks = (track) => navigator.languages.some((language) =>
    track.language && language.split("-")[0] === track.language.split("-")[0]);
  const named = tracks.find((track) => track.label === label);
  const first = (video.querySelector("track[default]") || {}).track;
  const chosen = label === "off" ? undefined
    : named || tracks.find(speaks) || first || tracks.find((track) => !track.language);
  for (const track of tracks) track.mode = track === chosen ? "showing" : "disabled";
  subtitlesSet = chosen ? chosen.label : "off";
  if ($("subtitles")) $("subtitles").value = subtitlesSet;
}

// Stores the track that the user selects in the browser's own menu. A browser also turns on tracks by itself: two at
// the same time, or one in the first 500 ms although the subtitles are off. Then the page restores the selection.
function rememberSubtitles() {
  const [now, another] = [...video.textTracks].filter(({ mode }) => mode === "showing");
  const isNew = subtitlesSet === "off" && Date.now() < openedAt + 500;
  if (another || isNew) return chooseSubtitles(store.read().subtitles);
  const label = now ? now.label : "off";
  if (label === subtitlesSet || !video.textTracks.length) return;
  store.change((all) => { all.subtitles = label; });
  chooseSubtitles(label);
}

// Tells the user which subtitle file the server cannot convert (404). Ignores other errors, such as a lost connection.
async function nameUseless({ target }) {
  const index = [...video.querySelectorAll("[kind=subtitles]")].indexOf(target);
  const link = document.querySelectorAll("#subtitle-files a")[index];
  const answer = link && await ask(target.src).catch(() => undefined);
  if (!answer || answer.status !== 404 || !link.isConnected) return;
  // Append, because the notice may already have the button "Start over".
  $("notice").append(` ${link.textContent} has no subtitles that can be shown.`);
}

// --- Links ---

async function copy(url) {
  const full = new URL(url, location).href;
  try {
    await navigator.clipboard.writeText(full);
  } catch (error) {
    // Without HTTPS, `navigator.clipboard` is usually missing. `execCommand` works on all pages.
    const field = make("textarea", { value: full });
    document.body.append(field);
    const focused = document.activeElement;
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    focused.focus();
    if (!copied) return say(`Copy this address: ${full}`);
  }
  say(`Copied: ${full}`);
}

// --- Start and events ---

const actions = {
  copy: () => copy(`${location.pathname}?t=${Math.floor(video.currentTime)}`),
  "help-button": () => help(),
  again: () => trouble.again(),
  previous: (link) => go(link.href),
  next: (link) => go(link.href),
};

function begin() {
  openedAt = Date.now();
  if ($("autoplay")) $("autoplay").checked = store.read().autoplay !== false;
  $("speed").value = String(video.playbackRate);
  inside.begin();
  nameSubtitles();
  chooseSubtitles(store.read().subtitles);
  trouble.begin();
  folder.begin();
  cut.begin();
  if (!$("notice").textContent.trim()) resume();
  // For a cached file, `loadedmetadata` or `error` may occur before the script has added its listeners.
  if (video.readyState) known();
  if (video.error) trouble.failed();
}

function known() {
  cut.known();
  inside.known();
  trouble.known();
}

function player() {
  on(document, "click", (event) => {
    const target = event.target.closest("[id]");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
    if (!target || !actions[target.id] || !isPlain) return;
    event.preventDefault();
    actions[target.id](target);
  });
  on(document, "change", ({ target }) => {
    if (target.id === "autoplay") store.change((all) => { all.autoplay = target.checked; });
    if (target.id === "speed") video.playbackRate = Number(target.value);
    if (target.id === "subtitles") {
      store.change((all) => { all.subtitles = target.value; });
      chooseSubtitles(target.value);
    }
    if (target.id === "loop" || target.id === "loop-folder") folder.choose(target);
  });
  on(document, "keydown", onKey, true);
  on(window, "popstate", () => go(location.href, true));
  on(window, "pagehide", remember);

  let rememberedAt = 0;
  on(video, "timeupdate", () => {
    $("copy").textContent = `Copy link at ${clock(video.currentTime)}`;
    cut.move();
    if (Math.abs(video.currentTime - rememberedAt) > 5) {
      rememberedAt = video.currentTime;
      remember();
    }
  });
  on(video, "loadedmetadata", known);
  on(video, "pause", remember);
  on(video, "ratechange", () => {
    $("speed").value = String(video.playbackRate);
    // A reload of the video sets `playbackRate` to `defaultPlaybackRate`.
    video.defaultPlaybackRate = video.playbackRate;
  });
  on(video, "ended", async () => {
    const source = video.src;
    if (!cut.confined && await growing.endsEarly()) return;
    // The user may have selected another video or position.
    if (video.src !== source || !video.ended) return;
    remember();
    if (!cut.ended()) playNext();
  });
  on(video.textTracks, "change", rememberSubtitles);
  // The `error` event of a track does not bubble, so this listener captures it.
  on(video, "error", nameUseless, true);
  cut.listen();
  inside.listen();
  trouble.listen();
  begin();
}

