// Files that grow during playback: a recording, a copy in progress.
const growing = {
  // The known length of the file in bytes, and whether the file has grown since the video was opened.
  length: 0,
  hasGrown: false,
  // The duration that the file announced at first.
  duration: 0,
  // The latest position at which `continues` started the playback again.
  continuedAt: 0,

  begin() {
    growing.length = Number(video.dataset.length);
    growing.hasGrown = false;
    growing.duration = 0;
    growing.continuedAt = 0;
  },

  // Returns the number of bytes by which the file has grown since the previous call. `answer`, the response to a
  // request for a part of the file, contains the length of the file.
  measure(answer) {
    const [, length] = /\/(\d+)$/.exec(answer.headers.get("Content-Range")) || [];
    const growth = length ? length - growing.length : 0;
    growing.length += growth;
    return growth;
  },

  // If the file has become longer, loads the video again and returns true. If it has not, but has grown since the video
  // was opened, waits up to 20 seconds for more growth.
  async grows(answer) {
    const source = video.src;
    const hasEnded = video.ended;
    for (let tries = 0; answer && answer.ok; tries += 1) {
      const isLonger = growing.measure(answer) > 0;
      if (!isLonger && (!growing.hasGrown || tries === 10)) return false;
      growing.hasGrown = true;
      if ($("notice").textContent !== WAITING) say(WAITING);
      await sleep(isLonger ? 1000 : 2000);
      if (video.src !== source || (hasEnded && !video.ended)) return true;
      if (isLonger) {
        trouble.reload();
        return true;
      }
      answer = await trouble.askForVideo(ask).catch(() => undefined);
    }
    return false;
  },

  // Firefox may stop at the old end of a recording, and read the new duration later. In this case, continues from
  // the current position and returns true.
  continues() {
    const at = video.currentTime;
    if (!growing.hasGrown || !video.ended || at > video.duration - 1 || at === growing.continuedAt) return false;
    growing.continuedAt = at;
    if ($("notice").textContent === WAITING) say("");
    video.currentTime = at;
    play();
    return true;
  },

  // Called at the end of the video. Returns true if the film is incomplete: the file grows, or the playback ended
  // before the announced duration.
  async endsEarly() {
    const source = video.src;
    if (trouble.goal) await sleep(1000);
    if (video.src !== source || !video.ended || growing.continues()) return true;
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

const WAITING = "The file is still being written. Waiting for more data …";

