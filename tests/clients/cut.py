"""Tests cuts of many kinds of films. A cut is a new film that the server joins from parts of a film, the source.

ffmpeg decodes the cut and the source. Every frame of the cut must have the right time, and the same checksum as its
frame in the source. At the start and the end of every part, the audio of the cut must match the audio of the source.

    cut.py BASE MEDIA       BASE is the URL of a running server, MEDIA is the folder that it serves

The script makes the films in MEDIA.

Prints one line for each cut: `ok` with the measurements, or `FAIL` with the errors.
"""

import array
import os
import re
import struct
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

base, media = sys.argv[1:3]
# Requested times are rounded to milliseconds, so they differ from the times of frames by up to this number of seconds.
HALF = 0.0005
# A frame that is visible for more than this number of seconds is a slide. A part may begin or end within a slide.
SLIDE = 0.1001
# The number of audio samples per second.
RATE = 48000


def ffmpeg(*arguments):
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", *arguments]
    return subprocess.run(command, capture_output=True, check=False)


def make(name, *arguments):
    path = os.path.join(media, name)
    result = ffmpeg("-y", *arguments, path)
    if result.returncode:
        raise SystemExit(f"ffmpeg cannot make {name}: {result.stderr.decode()}")
    return path


# --- Films ---


def picture(rate, seconds=30):
    return ["-f", "lavfi", "-i", f"testsrc2=size=192x108:rate={rate}:d={seconds}"]


def tone(seconds=30):
    # The pitch of the tone rises, so that each position in the audio is unique.
    return ["-f", "lavfi", "-i", f"aevalsrc='0.4*sin(2*PI*(200+30*t)*t)':s={RATE}:d={seconds}"]


X264 = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3"]
AAC = ["-c:a", "aac"]
FILMS = {
    "h264.mp4": [*picture(25), *tone(), *X264, "-g", "60", *AAC, "-movflags", "+faststart"],
    "opengop.mp4": [*picture("24000/1001"), *tone(), *X264, "-x264-params", "open-gop=1:keyint=48:scenecut=0",
                    "-c:a", "libopus"],
    "idr.mp4": [*picture(25), *tone(), "-c:v", "libx264", "-preset", "ultrafast", "-x264-params",
                "open-gop=1:bframes=3:keyint=50", "-force_key_frames", "expr:gte(t,n_forced*8)", "-forced-idr", "1", *AAC],
    "gop250.mp4": [*picture(30), *tone(), *X264, "-g", "250", "-c:a", "libmp3lame"],
    "pcm.mov": [*picture(30), *tone(), *X264, "-g", "60", "-c:a", "pcm_s16le"],
    "plain.mp4": [*picture(25), *X264, "-bf", "0", "-g", "25"],
    "negative.mp4": [*picture(25), *tone(), *X264, *AAC, "-movflags", "+negative_cts_offsets"],
    "variable.mp4": [*picture(30), *tone(), "-vf", "select='not(eq(mod(n,7),3))*not(eq(mod(n,5),1))'", "-fps_mode", "vfr",
                     *X264, "-g", "60", *AAC],
    "slides.mp4": [*picture("1/2"), *tone(), "-c:v", "libx264", "-g", "3", *AAC],
    "hevc.mp4": [*picture(25), *tone(), "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
                 "open-gop=0:keyint=50:bframes=3:log-level=none", "-tag:v", "hvc1", *AAC],
    "cra.mp4": [*picture(25), *tone(), "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
                "open-gop=1:keyint=50:bframes=3:log-level=none", *AAC],
    "vp9.mp4": [*picture(30, 12), *tone(12), "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "60",
                "-c:a", "libopus"],
    "av1.mp4": [*picture(30, 8), *tone(8), "-c:v", "libsvtav1", "-preset", "12", "-g", "60", "-c:a", "libopus"],
    "late-audio.mp4": [*picture(25), "-itsoffset", "0.7", *tone(), *X264, "-g", "50", *AAC],
    "audio.m4a": [*tone(), *AAC],
    "audio.mov": [*tone(), "-c:a", "pcm_s24le"],
}


def boxes(data, start, end):
    while start + 8 <= end:
        size, name = struct.unpack(">I4s", data[start:start + 8])
        yield name, start + 8, start + size
        start += size


def separate(name, source):
    """Copies a film, but stores all video chunks before all audio chunks."""
    data = bytearray(open(os.path.join(media, source), "rb").read())
    tables = []

    def walk(start, end):
        for box, at, last in boxes(data, start, end):
            if box == b"stco":
                tables.append((at + 8, struct.unpack(">I", data[at + 4:at + 8])[0]))
            elif box in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
                walk(at, last)

    walk(0, len(data))
    start, end = next((at, last) for box, at, last in boxes(data, 0, len(data)) if box == b"mdat")
    offsets = [struct.unpack(">I", data[at + 4 * i:at + 4 * i + 4])[0] for at, count in tables for i in range(count)]
    following = dict(zip(sorted(offsets), sorted(offsets)[1:] + [end]))
    content, old = bytearray(), bytes(data)
    for at, count in tables:
        for i in range(count):
            offset = struct.unpack(">I", old[at + 4 * i:at + 4 * i + 4])[0]
            data[at + 4 * i:at + 4 * i + 4] = struct.pack(">I", start + len(content))
            content += old[offset:following[offset]]
    data[start:end] = content
    open(os.path.join(media, name), "wb").write(data)


# --- Content of a file ---


def rows(text):
    return [[it.strip() for it in line.split(",")] for line in text.splitlines() if not line.startswith("#")]


def frames(path):
    """Returns the time in seconds and the checksum of every shown frame."""
    # With the decoder dav1d, ffmpeg 5.1 also returns frames that an edit list hides. So decode AV1 with libaom.
    decoder = ["-c:v", "libaom-av1"] if "av1" in path else []
    text = ffmpeg(*decoder, "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base:v", "-1", "-copyts",
                  "-f", "framemd5", "-").stdout.decode()
    tick = re.search(r"#tb 0: (\d+)/(\d+)", text)
    if not tick:
        return []
    return [(int(row[2]) * int(tick[1]) / int(tick[2]), row[5]) for row in rows(text)]


def audio_of(path):
    """Returns the decoded audio. The sample of time `t` (in seconds) is at the index `t * RATE`."""
    decode = ["-i", path, "-map", "0:a:0", "-copyts", "-c:a", "pcm_s16le", "-ac", "1", "-ar", str(RATE), "-f"]
    places = rows(ffmpeg(*decode, "framemd5", "-").stdout.decode())
    samples = array.array("h", ffmpeg(*decode, "s16le", "-").stdout)
    if not places:
        return samples
    length = max(int(row[2]) + int(row[3]) for row in places)
    audio, at = array.array("h", bytes(2 * max(length, 0))), 0
    for row in places:
        start, count = int(row[2]), int(row[4]) // 2
        piece = samples[at:at + count]
        at += count
        if start >= 0:
            audio[start:start + len(piece)] = piece
    return audio


def lag(one, one_at, other, other_at, count=120, reach=1200):
    """Searches `other` for the `count` samples of `one` that begin at `one_at`. It searches `reach` samples before and
    after `other_at`. Returns the distance of the best match from `other_at` in samples, and the average error per
    sample of this match."""
    window = one[one_at:one_at + count]
    best = (1 << 60, 0, 0)
    for by in range(-reach, reach + 1):
        start = other_at + by
        if start >= 0 and start + count <= len(other):
            # The first 12 samples are enough to reject most positions.
            error = sum(abs(a - b) for a, b in zip(window[:12], other[start:start + 12]))
            if error <= best[0]:
                error += sum(abs(a - b) for a, b in zip(window[12:], other[start + 12:start + count]))
                best = min(best, (error, abs(by), by))
    return best[2], best[0] / count


class Film:
    def __init__(self, name):
        self.path = os.path.join(media, name)
        self.frames = frames(self.path)
        self.audio = audio_of(self.path)

    def part(self, start, end):
        """Returns the frames that the cut of a part must show, and the start and the end of the part in the film. The
        server moves the requested start and end to the next frame. It does not move a time within a slide."""
        if not self.frames:
            return [], start, min(end, len(self.audio) / RATE)
        times = [time for time, _ in self.frames]
        last = times[-1] + (times[-1] - times[-2])
        inside = [(time, md5) for time, md5 in self.frames if start - HALF <= time < end - HALF]
        before = [(time, md5) for time, md5 in self.frames if time < start - HALF]
        following = [time for time in times if time >= start - HALF]
        at_start = following and following[0] <= start + HALF
        if before and not at_start and (following[0] if following else last) - before[-1][0] > SLIDE:
            inside.insert(0, (start, before[-1][1]))
        begin = inside[0][0]
        after = [time for time in times if time >= end - HALF]
        stop = after[0] if after else min(last, end)
        shown = [time for time in times if time < end - HALF]
        if after and after[0] > end + HALF and after[0] - shown[-1] > SLIDE:
            stop = end
        return inside, begin, stop


def fetch(name, ranges):
    url = f"{base}/api/cut/{urllib.parse.quote(name)}" + (f"?ranges={ranges}" if ranges else "")
    path = os.path.join(os.path.dirname(media), "got", "cut-" + name)
    with urllib.request.urlopen(url) as answer, open(path, "wb") as file:
        file.write(answer.read())
    return path


def check(film, name, ranges, exact_audio):
    path = fetch(name, ranges)
    seen, audio = frames(path), audio_of(path)
    wanted, length, notes, errors = [], 0.0, [], []
    for number, part in enumerate((ranges or "0-").split(",")):
        start, end = part.split("-")
        inside, begin, stop = film.part(float(start), float(end) if end else 1e9)
        wanted += [(length + time - begin, md5) for time, md5 in inside]
        if film.audio and stop - begin > 0.3:
            # Compare the audio at two places: 60 ms after the start, and 50 ms before the end. At the start itself, the
            # decoded audio may differ, because decoders treat the first audio frame differently.
            for place in (0.06, stop - begin - 0.05):
                if (begin + place) * RATE + 200 > len(film.audio):
                    continue
                at = round((length + place) * RATE), round((begin + place) * RATE)
                by, error = lag(audio, at[0], film.audio, at[1])
                notes.append(by)
                # In the first part and in uncompressed audio, the audio may be moved by 2 samples. In the other parts,
                # ffmpeg moves the start of compressed audio to the border of an audio frame (up to 1152 samples). The
                # source of cut-of-cut.mp4 is itself a cut of several parts, so its first part has this difference, too.
                limit = 2 if exact_audio or (number == 0 and not name.startswith("cut-of")) else 1152
                if abs(by) > limit or error > 300:
                    errors.append(f"audio of part {number + 1} is moved by {by} samples, error {error:.0f}")
        length += stop - begin
    if [md5 for _, md5 in wanted] != [md5 for _, md5 in seen]:
        errors.append(f"{len(seen)} frames instead of {len(wanted)}, or their content is different")
    else:
        first = seen[0][0] if seen else 0
        error = max((abs(a[0] - first - b[0]) for a, b in zip(seen, wanted)), default=0)
        if error > 0.0011:
            errors.append(f"the time of a frame is wrong by {error * 1000:.1f} ms")
    return errors, f"{len(seen)} frames, audio moved by {notes}"


failed = 0


def report(title, errors, seen):
    global failed
    failed += bool(errors)
    print(f"  FAIL  {title}: {'; '.join(errors)}" if errors else f"  ok    {title}: {seen}", flush=True)


PARTS = ["10-15", "20.5-23,3-4.2,3.5-6", "", "28-", "0-0.5,29.5-"]
SHORT = ["3-5", "5.5-6.5,1-2.2,2-3", ""]
for name, arguments in FILMS.items():
    make(name, *arguments)
separate("separate.mp4", "h264.mp4")
h264 = ["-i", os.path.join(media, "h264.mp4")]
make("trimmed.mp4", "-ss", "3.32", *h264, "-c", "copy")
make("late-picture.mp4", "-itsoffset", "0.7", *h264, *h264, "-map", "0:v", "-map", "1:a", "-c", "copy")
with open(fetch("h264.mp4", "5-12.3,2-9,15-29"), "rb") as cut, open(os.path.join(media, "cut-of-cut.mp4"), "wb") as copy:
    copy.write(cut.read())
for name in [*FILMS, "separate.mp4", "trimmed.mp4", "cut-of-cut.mp4", "late-picture.mp4"]:
    film = Film(name)
    parts = SHORT if name.startswith(("vp9", "av1")) else PARTS
    if name == "trimmed.mp4" or name == "cut-of-cut.mp4":
        parts = ["10-15", "20.5-23,3-4.2,3.5-6", ""]
    if name == "late-picture.mp4":
        # The part 0-4.2 begins before the first picture, which is at 0.7 s.
        parts = ["10-15", "20.5-23,0-4.2,3.5-6"]
    for ranges in parts:
        try:
            report(f"{name} {ranges or 'whole'}", *check(film, name, ranges, name.endswith(".mov")))
        except (urllib.error.HTTPError, IndexError) as error:
            report(f"{name} {ranges or 'whole'}", [repr(error)], "")
sys.exit(failed > 0)
