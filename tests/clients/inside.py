#!/usr/bin/env python3
"""Compares the subtitles that the server extracts from films with the subtitles that mkvextract or ffmpeg extracts.

    inside.py BASE_URL MEDIA_FOLDER WORK_FOLDER

ffmpeg and mkvmerge make the films, which differ in codec, container, compression and order of tracks. For the
comparison, the server converts the file of mkvextract or ffmpeg to WebVTT. It uses the same converter for the subtitles
that it extracts itself. So a difference shows an error in the extraction. A cue is one text with its start and end. The
script compares the cues of the whole track, and the cues in ten time windows. It prints one line for each film. The
exit code is 1 if a film differs.
"""
import json
import pathlib
import random
import re
import subprocess
import sys
import urllib.request

base, media, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
SECONDS = 300
TEXTS = ["Plain", "<i>Italic</i> and\n<b>bold</b>", "A & B < C", "字幕 – текст – نص", "Two\nlines", "{\\an8}Above"]


def run(*arguments):
    done = subprocess.run([str(it) for it in arguments], capture_output=True, text=True)
    # The exit code of mkvmerge and mkvextract is 1 after a warning.
    if done.returncode > (1 if arguments[0].startswith("mkv") else 0):
        sys.exit(f"{arguments}: {done.stdout[-800:]}{done.stderr[-800:]}")
    return done.stdout


def clock(milliseconds, point):
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


def sources():
    """Makes the subtitle, video and audio files of which the films consist."""
    random.seed(16)
    cues, at = [], 700
    while at < (SECONDS - 9) * 1000:
        length = random.choice([500, 1200, 2500, 7000])
        cues.append((at, at + length, random.choice(TEXTS) + f" {len(cues)}"))
        # Some cues overlap, and some begin at the same time.
        at += random.choice([0, 400, 2300, 6000])
    srt = "".join(f"{n}\n{clock(a, ',')} --> {clock(b, ',')}\n{text}\n\n" for n, (a, b, text) in enumerate(cues, 1))
    (work / "s.srt").write_text(srt)
    vtt = "".join(f"{clock(a, '.')} --> {clock(b, '.')} line:{a % 80}%\n{escaped(text)}\n\n" for a, b, text in cues)
    (work / "s.vtt").write_text(f"WEBVTT\n\n{vtt}")
    # MP4 cannot store overlapping cues. So keep only cues that end before the next cue begins.
    cues = [cue for cue, after in zip(cues, cues[1:]) if cue[1] < after[0]]
    single = "".join(f"{n}\n{clock(a, ',')} --> {clock(b, ',')}\n{text}\n\n" for n, (a, b, text) in enumerate(cues, 1))
    (work / "single.srt").write_text(single)
    run("ffmpeg", "-v", "error", "-y", "-i", work / "s.srt", work / "s.ass")
    run("ffmpeg", "-v", "error", "-y", "-i", work / "single.srt", work / "single.ass")
    run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc=s=160x90:r=10:d={SECONDS}", "-c:v", "libx264",
        "-preset", "ultrafast", work / "v.mp4")
    run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"sine=d={SECONDS}", "-c:a", "aac", work / "a.m4a")
    run("ffmpeg", "-v", "error", "-y", "-i", work / "v.mp4", "-i", work / "a.m4a", "-c:v", "libvpx", "-deadline",
        "realtime", "-b:v", "100k", "-c:a", "libopus", "-t", "60", work / "v.webm")


def escaped(text):
    text = re.sub(r"\{.*?\}", "", text)
    return re.sub(r"&|<(?![ib/])", lambda it: {"&": "&amp;", "<": "&lt;"}[it[0]], text)


def films():
    """Yields the name of each film, and a function that makes the film."""
    v, a = work / "v.mp4", work / "a.m4a"

    def merge(*arguments):
        return lambda to: run("mkvmerge", "-q", "-o", to, *arguments)

    def mux(codec, *arguments, subtitles="single.srt", inputs=(v, a)):
        before = [part for path in inputs for part in ("-i", path)]
        maps = [part for at in range(len(inputs) + 1) for part in ("-map", at)]
        return lambda to: run("ffmpeg", "-v", "error", "-y", *before, "-i", work / subtitles, *maps, "-c", "copy",
                              "-c:s", codec, *arguments, to)

    for kind in "srt", "ass", "vtt":
        path = work / f"s.{kind}"
        yield f"merge-{kind}.mkv", merge(v, a, path)
        yield f"merge-{kind}-zlib.mkv", merge(v, a, "--compression", "0:zlib", path)
        yield f"merge-{kind}-none.mkv", merge(v, a, "--compression", "0:none", path)
        yield f"merge-{kind}-no-cues.mkv", merge("--no-cues", v, a, path)
        yield f"merge-{kind}-first.mkv", merge(path, a, v)
        yield f"merge-{kind}-alone.mks", merge(path)
        yield f"merge-{kind}-short-clusters.mkv", merge("--cluster-length", "500ms", v, a, path)
    yield "merge-late.mkv", merge(v, a, "--sync", "0:2500", work / "s.srt")
    yield "merge-scale.mkv", merge("--timestamp-scale", "100000", v, a, work / "s.srt")
    yield "merge-130-tracks.mkv", merge(v, *[work / "s.srt"] * 130)
    for codec in "subrip", "ass", "webvtt":
        yield f"mux-{codec}.mkv", mux(codec, subtitles="s.srt")
        yield f"mux-{codec}-live.mkv", mux(codec, "-f", "matroska", "-live", "1")
        yield f"mux-{codec}-clusters.mkv", mux(codec, "-cluster_time_limit", "400")
    yield "mux-webvtt.webm", mux("webvtt", subtitles="s.vtt", inputs=(work / "v.webm",))
    yield "mux-ass-source.mkv", mux("copy", subtitles="s.ass")
    for name, flags in {"plain": [], "faststart": ["-movflags", "faststart"],
                        "fragments": ["-movflags", "frag_keyframe+empty_moov+default_base_moof"],
                        "fragments-2s": ["-movflags", "empty_moov", "-frag_duration", "2000000"],
                        "fragments-dash": ["-movflags", "dash+frag_keyframe"]}.items():
        yield f"mux-{name}.mp4", mux("mov_text", *flags)
    yield "mux-styled.mp4", mux("mov_text", subtitles="single.ass")
    yield "mux.mov", mux("mov_text")
    yield "mux.m4v", mux("mov_text", "-f", "mp4")


def text_track(path):
    """Returns the number of the final subtitle track, its codec, and its index among all tracks."""
    if path.suffix in (".mkv", ".mks", ".webm"):
        tracks = json.loads(run("mkvmerge", "-J", path))["tracks"]
        track = [it for it in tracks if it["type"] == "subtitles"][-1]
        return track["properties"]["number"], track["properties"]["codec_id"], track["id"]
    streams = json.loads(run("ffprobe", "-v", "error", "-show_streams", "-of", "json", path))["streams"]
    stream = [it for it in streams if it["codec_type"] == "subtitle"][-1]
    return int(stream["id"], 16), stream["codec_name"], stream["index"]


def extract(path, codec, place):
    """Extracts the subtitles into the media folder, and returns the name of the file."""
    kind = "ass" if "ASS" in codec else "vtt" if "WEBVTT" in codec else "srt"
    to = media / f"extracted.{kind}"
    if "fragments" in path.name:
        # In an MP4 file with fragments, ffmpeg extends the final cue of a fragment until the next fragment begins. So
        # the reference is the source, not an extraction with ffmpeg.
        to.write_text((work / "single.srt").read_text())
        return to.name
    if codec == "D_WEBVTT/SUBTITLES" or path.suffix not in (".mkv", ".mks"):
        run("ffmpeg", "-v", "error", "-y", "-copyts", "-i", path, "-map", f"0:{place}", "-c:s",
            {"vtt": "copy", "srt": "srt"}[kind], to)
    else:
        run("mkvextract", path, "tracks", "-q", f"{place}:{to}")
    return to.name


def cues(path):
    text = urllib.request.urlopen(f"{base}/api/subtitles/{path}").read().decode()
    if not text.startswith("WEBVTT\n"):
        sys.exit(f"{path}: this is not WebVTT: {text[:80]!r}")
    found = re.findall(r"\n(?:(\d+):)?(\d+):([\d.]+) --> (?:(\d+):)?(\d+):([\d.]+)(.*)\n((?:.+\n)*)", text)
    number = lambda h, m, s: int(h or 0) * 3600000 + int(m) * 60000 + round(float(s) * 1000)
    return [(number(*it[:3]), number(*it[3:6]), it[6].strip(), it[7].strip()) for it in found]


def compare(ours, theirs, tolerance, is_styled):
    """Returns the first difference, or None."""
    plain = lambda text: text if is_styled else re.sub(r"<[^>]*>", "", text)
    key = lambda cue: (cue[0] // 50, cue[3])
    if len(ours) != len(theirs):
        return f"{len(ours)} cues, not {len(theirs)}"
    for one, other in zip(sorted(ours, key=key), sorted(theirs, key=key)):
        times = [abs(one[at] - other[at]) for at in (0, 1)]
        if max(times) > tolerance or plain(one[3]) != plain(other[3]):
            return f"{one}, not {other}"
    return None


def check(path):
    number, codec, place = text_track(path)
    reference = cues(extract(path, codec, place))
    ours = cues(f"{path.name}?track={number}")
    # The tolerance is in milliseconds. ASS rounds times to 10 ms. In files with fragments, ffmpeg delays the cues by an
    # audio frame (23 ms). In all other files, ffmpeg rounds times to the time base of the track.
    tolerance = 11 if "ASS" in codec else 25 if "fragments" in path.name else 2
    compared = ours
    if "fragments" in path.name:
        # ffmpeg may extend a cue, but not beyond the start of the next cue. Replace such an end by the end in the
        # source.
        starts = [cue[0] for cue in ours[1:]] + [SECONDS * 1000]
        compared = [(one[0], other[1] if other[1] - 25 <= one[1] <= after else one[1], *one[2:])
                    for one, other, after in zip(ours, reference, starts)]
    difference = compare(compared, reference, tolerance, codec != "mov_text")
    if difference or not ours:
        return difference or "no cues"
    for _ in range(10):
        # `start` and `end` are in milliseconds.
        start = random.randrange(SECONDS * 10) * 100
        end = start + random.choice([300, 5000, 60000, 120000])
        window = cues(f"{path.name}?track={number}&from={start / 1000}&to={end / 1000}")
        expected = [cue for cue in ours if cue[0] < end and cue[1] > start]
        difference = compare(window, expected, 0, True)
        if difference:
            return f"{start} to {end}: {difference}"
    return f"ok {len(ours)} cues of track {number} ({codec})"


sources()
failed = 0
for name, make in films():
    path = media / name
    make(path)
    answer = check(path)
    failed += not answer.startswith("ok ")
    print(("" if answer.startswith("ok ") else "FAIL ") + f"{name}: {answer}", flush=True)
    path.unlink()
sys.exit(1 if failed else 0)
