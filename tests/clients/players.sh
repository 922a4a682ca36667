# Tests that ffprobe, ffmpeg and mpv decode the same frames over HTTP as from the disk.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

if have ffprobe && have ffmpeg; then
    # The films repeat the clip for eight minutes. A program reads less than this in advance, so a seek needs a new
    # request. One film has its index (moov) at its beginning, the other film at its end.
    ffmpeg -v error -stream_loop 39 -i "$media/clip.mp4" -c copy -movflags +faststart "$media/moov-first.mp4"
    ffmpeg -v error -i "$media/moov-first.mp4" -c copy "$media/moov-last.mp4"

    # `frame_at SECONDS SOURCE`: prints the MD5 of the decoded frame.
    frame_at() {
        ffmpeg -v error -ss "$1" -i "$2" -map 0:v -frames:v 1 -f md5 - 2>&1 || true
    }

    for film in clip moov-first moov-last; do
        file=$media/$film.mp4

        fields=format=duration,size:stream=codec_name,width,height,nb_frames,sample_rate
        check_text "ffprobe $film" \
            "$(ffprobe -v error -show_entries "$fields" -of csv "$file" | xargs)" \
            "$(ffprobe -v error -show_entries "$fields" -of csv "$stream/$film.mp4" 2>&1 | xargs)"
    done

    for film in moov-first moov-last; do
        for seconds in 0.5 63.25 242 417.9 479.5; do
            check_text "ffmpeg -ss $seconds $film" \
                "$(frame_at "$seconds" "$media/$film.mp4")" "$(frame_at "$seconds" "$stream/$film.mp4")"
        done
        ffmpeg -v error -i "$media/$film.mp4" -c copy -f mpegts - >"$got/wanted.ts"
        ffmpeg -v error -i "$stream/$film.mp4" -c copy -f mpegts - >"$got/seen.ts" || true
        check_file "ffmpeg -c copy $film" "$got/wanted.ts" "$got/seen.ts"
    done

    ffmpeg -v error -i "$media/clip.mp4" -f framemd5 "$got/wanted.frames"
    ffmpeg -v error -i "$stream/clip.mp4" -f framemd5 "$got/seen.frames" || true
    check_file "ffmpeg every frame of clip" "$got/wanted.frames" "$got/seen.frames"
fi

if have mpv && have ffmpeg; then
    # `mpv_frame SECONDS SOURCE`: prints the first digits of the SHA-256 of the frame that mpv shows at this time.
    mpv_frame() {
        rm -rf "$got/frames"
        timeout 30 mpv --no-config --really-quiet --ao=null --vo=image --vo-image-format=png \
            --vo-image-png-compression=0 --vo-image-outdir="$got/frames" --start="$1" --frames=1 "$2" >/dev/null 2>&1 ||
            printf 'exit code %s ' $?
        sha256sum "$got/frames"/*.png 2>/dev/null | cut -c 1-24
    }
    for film in moov-first moov-last; do
        for seconds in 3.5 301.5; do
            check_text "mpv --start=$seconds $film" \
                "$(mpv_frame "$seconds" "$media/$film.mp4")" "$(mpv_frame "$seconds" "$stream/$film.mp4")"
        done
    done
    # With --untimed, mpv plays as fast as it can. The check reads the reason of the stop from the log of mpv.
    check_text "mpv plays clip:" 'Exiting... (End of file), exit code 0' "$(
        timeout 60 mpv --no-config --no-terminal --log-file="$got/mpv.log" --untimed --vo=null --ao=null \
            --ao-null-untimed "$stream/clip.mp4" >/dev/null 2>&1 && code=0 || code=$?
        sed -n 's/.*\(Exiting\.\.\. (.*)\).*/\1/p' "$got/mpv.log" | head -n 1 | tr '\n' ','
        printf ' exit code %s' "$code"
    )"
fi
