// Replaces the URLs of the tracks inside the film while the browser parses the page. Each new URL returns a track
// without texts, and `inside.js` loads the texts later. Without this script, the browser loads a whole default track
// before `inside.js` starts.
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
