// The checks run scripts in the page. These scripts read the state of the page with the functions of the object `T`.
// Keys and clicks come from `input.rs`.
window.T = (() => {
    "use strict";
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

    async function until(condition, seconds, name) {
        for (const start = performance.now(); !condition();) {
            if (performance.now() - start > seconds * 1000) throw new Error(`not within ${seconds} s: ${name || condition}`);
            await sleep(0.03);
        }
    }

    // Returns the time that the shown frame has in the clip of 12 s. In each frame, the length of a white bar shows the
    // time: at 12 s, it has the width of the frame (see make-clip).
    function shown(video = document.querySelector("video")) {
        const width = canvas.canvas.width = video.videoWidth;
        canvas.canvas.height = 1;
        canvas.drawImage(video, 0, video.videoHeight - 8, width, 1, 0, 0, width, 1);
        const row = canvas.getImageData(0, 0, width, 1).data;
        let edge = 0;
        while (edge < width && row[4 * edge] > 128) edge += 1;
        return edge / width * 12;
    }

    // Returns the distance between the time of the shown frame and `time`, in seconds. `period` is the duration after
    // which the video repeats the clip.
    function apart(time, period = 12) {
        const distance = Math.abs(shown() - time % period);
        return Math.min(distance, period - distance);
    }

    // Returns the middle of an element, or a text that says why a click there is not possible.
    function place(selector) {
        const element = document.querySelector(selector);
        if (!element) return "it does not exist";
        element.scrollIntoView({block: "center", inline: "nearest", behavior: "instant"});
        const box = element.getBoundingClientRect();
        if (!box.width || !box.height) return "it is hidden";
        const x = Math.round(box.x + box.width / 2), y = Math.round(box.y + box.height / 2);
        const top = document.elementFromPoint(x, y);
        if (!top || !(element.contains(top) || top.contains(element))) return `it is under ${top && top.outerHTML.slice(0, 80)}`;
        return {x, y};
    }

    function visible(selector) {
        const element = document.querySelector(selector);
        return !!element && element.checkVisibility({visibilityProperty: true}) && element.getBoundingClientRect().height > 0;
    }

    // Records each frame that is shown after this call. A row has the time of the frame in the video, the time of its
    // white bar, and whether the video is paused.
    function record(video = document.querySelector("video")) {
        const frames = [];
        video.addEventListener("playing", () => { T.everPlayed = true; });
        video.requestVideoFrameCallback(function frame(_, {mediaTime}) {
            frames.push([mediaTime, shown(video), video.paused]);
            video.requestVideoFrameCallback(frame);
        });
        window.frames_ = frames;
    }

    async function pause(video = document.querySelector("video")) {
        video.pause();
        await sleep(0.12);
    }

    // Waits at most 3 s until the shown frame matches the time of the paused video. Returns their distance in seconds.
    async function settled(period = 12) {
        const video = document.querySelector("video");
        for (let tries = 0; tries < 60 && apart(video.currentTime, period) > 0.1; tries += 1) await sleep(0.05);
        return apart(video.currentTime, period);
    }

    async function seek(time, video = document.querySelector("video")) {
        const there = new Promise((resolve) => video.addEventListener("seeked", resolve, {once: true}));
        video.currentTime = time;
        await Promise.race([there, sleep(10).then(() => { throw new Error(`no "seeked" at ${time} within 10 s`); })]);
    }

    // Returns the end of the buffered range around the current time.
    function readUntil(video = document.querySelector("video")) {
        for (let index = 0; index < video.buffered.length; index += 1) {
            if (video.buffered.start(index) <= video.currentTime && video.currentTime <= video.buffered.end(index)) {
                return video.buffered.end(index);
            }
        }
        return video.currentTime;
    }

    // Returns the pixels of the shown frame, scaled to 64 × 36.
    function pixels(source = document.querySelector("video")) {
        canvas.canvas.width = 64;
        canvas.canvas.height = 36;
        canvas.drawImage(source, 0, 0, 64, 36);
        return canvas.getImageData(0, 0, 64, 36).data;
    }

    // Compares the frame with an earlier result of `pixels`. Returns the share of different pixels, from 0 to 1.
    function differs(before, source) {
        const now = pixels(source);
        let count = 0;
        for (let at = 0; at < now.length; at += 4) if (Math.abs(now[at] - before[at]) > 24) count += 1;
        return count / (now.length / 4);
    }

    // Runs each script once. Later calls with the same number return the first result.
    const scripts = new Map();
    function once(number, script) {
        if (!scripts.has(number)) scripts.set(number, script());
        return scripts.get(number);
    }

    return {everPlayed: false, once, pause, settled, seek, readUntil, pixels, differs, sleep, until, shown, apart, place, visible, record};
})();
