// Replaces the URLs of the tracks inside the film while the browser parses the page. A browser loads a whole default track
// directly after it has parsed the video, so `inside.js` is too late. This script precedes the video, and an observer
// runs before the browser selects a track. The new URL returns no texts, but it makes the browser initialise the track.
(() => {
  "use strict";
  const observer = new MutationObserver(() => {
    for (const track of document.querySelectorAll('[data-inside=""]')) {
      track.dataset.inside = track.getAttribute("src");
      track.src = `${track.dataset.inside}&from=0&to=0`;
    }
  });
  observer.observe(document.currentScript.parentNode, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => observer.disconnect());
})();
