// Files that are still being written: a recording, a copy in progress.
const growing = {
  // The length of the file when it was last loaded, in bytes, and whether it has grown since the page was opened.
  length: 0,
  hasGrown: false,
  // The duration that the file announced.
  duration: 0,

  begin() {
    growing.length = Number(video.dataset.length);
    growing.hasGrown = false;
    growing.duration = 0;
  },

  // By how many bytes the file has grown since it was loaded.
  measure(answer) {
    const [, length] = /\/(\d+)$/.exec(answer.headers.get("Content-Range")) || [];
    const growth = length ? length - growing.length : 0;
    growing.length += growth;
    return growth;
  },

  // Whether the file is longer than when it was loaded. Then the video is loaded anew and goes on. A file that has grown
  // before gets 20 seconds to grow again.
  async grows(answer) {
    const source = video.src;
    for (let tries = 0; answer && answer.ok; tries += 1) {
      const isLonger = growing.measure(answer) > 0;
      if (!isLonger && (!growing.hasGrown || tries === 10)) return false;
      growing.hasGrown = true;
      if ($("notice").textContent !== WAITING) say(WAITING);
      await sleep(isLonger ? 1000 : 2000);
      if (video.src !== source) return true;
      if (isLonger) {
        trouble.reload();
        return true;
      }
      answer = await trouble.askForVideo(ask).catch(() => undefined);
    }
    return false;
  },

  // The video is at its end. Whether that is not the end of the film: the file grows, or is shorter than it should be.
  async endsEarly() {
    const source = video.src;
    if (trouble.goal) await sleep(1000);
    if (video.src !== source || !video.ended) return true;
    const at = trouble.position;
    const { duration } = growing;
    const isShort = duration < Infinity && at < duration * 0.95 - 1;
    const answer = await trouble.askForVideo(ask).catch(() => undefined);
    if (video.src !== source || !video.ended) return true;
    trouble.isWanted = true;
    if (isShort) trouble.wish = at;
    if (await growing.grows(answer)) return true;
    trouble.isWanted = false;
    if ($("notice").textContent === WAITING) say("");
    if (!isShort || growing.hasGrown) return false;
    video.currentTime = at;
    trouble.stops(at);
    return true;
  },
};

const WAITING = "The file is still being written. Waiting for more of it …";

