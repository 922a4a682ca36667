// The player page. The address, the video element and local storage are its whole state; everything else is looked up
// when it is needed, since the next video takes the place of this one without a new page (see `go`).
const video = $("video");

// A line under the video, with a button perhaps.
function say(text, label, action) {
  const notice = $("notice");
  notice.textContent = text;
  if (label) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", action);
    notice.append(" ", button);
    return button;
  }
}

// Begins to play if the browser lets us; if not, its own button is there.
const play = () => Promise.resolve(video.play()).catch(() => {});

// --- Where this browser left off ---

const name = () => video.dataset.name;
// Neither the first seconds nor the credits are worth coming back to.
const isAmidst = (at, duration) => at > 5 && at < duration * 0.95;

function resume() {
  const asked = /[?&](t|ranges)=/.test(location.search);
  const [at, duration] = Object((store.read().positions || {})[name()] || []);
  if (asked || !isAmidst(at, duration)) return;
  video.currentTime = at;
  const startOver = say(`Goes on at ${clock(at)}, where you left off.`, "Start over", () => {
    video.currentTime = 0;
    say("");
    play();
  });
  startOver.id = "start-over";
}

function remember() {
  const { currentTime, duration } = video;
  if (!(duration > 0) || segments.list.length) return;
  store.change((all) => {
    const positions = Object(all.positions);
    delete positions[name()];
    if (isAmidst(currentTime, duration)) {
      positions[name()] = [Math.round(currentTime), Math.round(duration), Math.round(Date.now() / 1000)];
    }
    // The last two hundred: a browser keeps only so much.
    all.positions = Object.fromEntries(
      Object.entries(positions).sort((one, other) => other[1][2] - one[1][2]).slice(0, 200),
    );
  });
}

// --- The next video ---

// Another video in place of this one. The element stays, and with it full screen and the right to play with sound.
async function go(url, isBack) {
  remember();
  try {
    const answer = await ask(url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const other = page.getElementById("video");
    if (!answer.ok || !other) throw new Error(answer.statusText);
    if (!isBack) history.pushState(null, "", url);
    document.title = page.title;
    $("library").replaceWith(page.getElementById("library"));
    while (video.nextSibling) video.nextSibling.remove();
    while (other.nextSibling) video.parentNode.append(other.nextSibling);
    for (const track of video.querySelectorAll("track")) track.remove();
    for (const { name } of [...video.attributes]) if (name.startsWith("data-")) video.removeAttribute(name);
    for (const { name, value } of [...other.attributes]) if (name !== "src") video.setAttribute(name, value);
    video.append(...other.children);
    video.src = other.getAttribute("src");
    begin();
    play();
  } catch (error) {
    location.href = url;
  }
}

function playNext() {
  const next = $("next");
  if (next && store.read().autoplay !== false) go(next.href);
}

// --- Subtitles: the language that was chosen last, else one of the reader's, else the first ---

let subtitlesSet;
const subtitleKey = (track) => track.language || track.label;
const showing = () => [...video.textTracks].find((track) => track.mode === "showing");

function chooseSubtitles() {
  const tracks = [...video.textTracks];
  const wanted = store.read().subtitles;
  const speaks = (track) => navigator.languages.some((language) =>
    track.language && language.split("-")[0] === track.language.split("-")[0]);
  const chosen = wanted === "off" ? undefined
    : tracks.find((track) => subtitleKey(track) === wanted) || tracks.find(speaks) || tracks[0];
  for (const track of tracks) track.mode = track === chosen ? "showing" : "disabled";
  subtitlesSet = chosen && subtitleKey(chosen);
}

function rememberSubtitles() {
  const now = showing() && subtitleKey(showing());
  if (now === subtitlesSet || !video.textTracks.length) return;
  subtitlesSet = now;
  store.change((all) => { all.subtitles = now || "off"; });
}

// --- Links ---

async function copy(url) {
  const full = new URL(url, location).href;
  try {
    await navigator.clipboard.writeText(full);
  } catch (error) {
    // Browsers have a clipboard for secured pages only; this way is older than that rule.
    const field = document.createElement("textarea");
    field.value = full;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    if (!copied) return say(`Copy this address: ${full}`);
  }
  say(`Copied: ${full}`);
}

// --- All together ---

const actions = {
  copy: () => copy(`${location.pathname}?t=${Math.floor(video.currentTime)}`),
  "help-button": () => help(),
  previous: (link) => go(link.href),
  next: (link) => go(link.href),
};

// For each video anew.
function begin() {
  if ($("autoplay")) $("autoplay").checked = store.read().autoplay !== false;
  $("speed").value = String(video.playbackRate);
  chooseSubtitles();
  trouble.begin();
  segments.begin();
  if (!$("notice").textContent.trim()) resume();
  // From the browser's cache all this may have come before the script.
  if (video.readyState) known();
  if (video.error) trouble.failed();
}

function known() {
  segments.known();
  trouble.known();
}

function player() {
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[id]");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
    if (!target || !actions[target.id] || !isPlain) return;
    event.preventDefault();
    actions[target.id](target);
  });
  document.addEventListener("change", ({ target }) => {
    if (target.id === "autoplay") store.change((all) => { all.autoplay = target.checked; });
    if (target.id === "speed") video.playbackRate = Number(target.value);
    if (target.id === "loop") segments.write();
  });
  document.addEventListener("keydown", onKey, true);
  window.addEventListener("popstate", () => go(location.href, true));
  window.addEventListener("pagehide", remember);

  let rememberedAt = 0;
  video.addEventListener("timeupdate", () => {
    $("copy").textContent = `Copy link at ${clock(video.currentTime)}`;
    segments.move();
    if (Math.abs(video.currentTime - rememberedAt) > 5) {
      rememberedAt = video.currentTime;
      remember();
    }
  });
  video.addEventListener("loadedmetadata", known);
  video.addEventListener("pause", remember);
  video.addEventListener("ratechange", () => {
    $("speed").value = String(video.playbackRate);
    // A reload after a lost connection must not change it.
    video.defaultPlaybackRate = video.playbackRate;
  });
  video.addEventListener("ended", () => {
    remember();
    if (!segments.ended()) playNext();
  });
  video.textTracks.addEventListener("change", rememberSubtitles);
  segments.listen();
  trouble.listen();
  begin();
}

