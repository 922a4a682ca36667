// The keys of the player are those of large video sites. On a TV, up and down move the focus to the buttons, because a
// remote control has no Tab key.
const isTv = /\b(TV|SmartTV|SMART-TV|Tizen|Web0S|webOS|AFT\w*|BRAVIA|HbbTV|NetCast|VIDAA|CrKey)\b/i.test(navigator.userAgent)
  || matchMedia("(any-pointer: none)").matches;

const seek = (by) => { video.currentTime = Math.min(Math.max(video.currentTime + by, 0), video.duration || 0); };
const louder = (by) => {
  video.muted = false;
  video.volume = Math.min(Math.max(video.volume + by, 0), 1);
};
const toggle = () => (video.paused ? play() : video.pause());

function faster(by) {
  const speed = $("speed");
  if (speed.selectedIndex < 0) speed.value = "1";
  speed.selectedIndex = Math.min(Math.max(speed.selectedIndex + by, 0), speed.length - 1);
  video.playbackRate = Number(speed.value);
  say(`Speed ${speed.value}×`);
}

function fullScreen() {
  const current = document.fullscreenElement || document.webkitFullscreenElement;
  if (current) return (document.exitFullscreen || document.webkitExitFullscreen).call(document);
  const request = video.requestFullscreen || video.webkitRequestFullscreen || video.webkitEnterFullscreen;
  if (request) Promise.resolve(request.call(video)).catch(() => {});
}

function help() {
  const dialog = $("help");
  if (!dialog.showModal) return;
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

const keys = {
  " ": toggle,
  k: toggle,
  ArrowLeft: () => seek(-5),
  ArrowRight: () => seek(5),
  j: () => seek(-10),
  l: () => seek(10),
  ArrowUp: () => louder(0.1),
  ArrowDown: () => louder(-0.1),
  f: fullScreen,
  m: () => { video.muted = !video.muted; },
  "<": () => faster(-1),
  ">": () => faster(1),
  n: () => $("next") && go($("next").href),
  p: () => $("previous") && go($("previous").href),
  ",": () => inside.chapter(-1),
  ".": () => inside.chapter(1),
  i: () => cut.setIn(),
  o: () => cut.setOut(),
  "?": help,
};

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const { target } = event;
  // If the keyboard has no Latin letters, use the position of the key, for example `KeyK`.
  const [, place] = /^(?:Key|Digit)(.)$/.exec(event.code) || [];
  const key = place && event.key > "~" && event.key.length === 1 ? place : event.key;
  if ($("help").open && key !== "?") return;
  const control = target.closest("a, button, input, select, summary");
  // The browser handles Space and Enter, which activate the control. In a drop-down list or a text field, the page
  // handles only the left and right arrows, and the browser handles all other keys.
  if (control) {
    const isSideways = key === "ArrowLeft" || key === "ArrowRight";
    if (key === " " || key === "Enter" || (control.matches("select, input:not([type=checkbox])") && !isSideways)) return;
    // On a TV, arrows always move the focus. On a computer, they move it while the focus ring is visible. A click hides
    // the ring.
    if (key.startsWith("Arrow") && (isTv || control.matches(":focus-visible"))) {
      return moveFocus(event, "video, a, button, input, select, summary");
    }
  } else if (isTv && (key === "ArrowDown" || key === "ArrowUp") && !document.fullscreenElement) {
    // If no element has the focus, start at the video.
    if (target === document.body) video.focus();
    return moveFocus(event, "video, a, button, input, select, summary");
  }
  const action = /^[0-9]$/.test(key)
    ? () => { video.currentTime = (video.duration || 0) * Number(key) / 10; }
    : keys[key] || keys[key.toLowerCase()] || (isTv && key === "Enter" && !control && toggle);
  if (!action) return;
  // Without these calls, the browser's own controls handle the key a second time.
  event.preventDefault();
  event.stopImmediatePropagation();
  // If the user holds a key down, only the keys for seek, volume and speed repeat.
  if (!event.repeat || /^(Arrow.*|[jl<>])$/i.test(key)) action();
}

