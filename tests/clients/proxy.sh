# Behind nginx: below a path, by both forms of proxy_pass; and a film that is longer than nginx's temporary file.
# Sourced by `run`.
# shellcheck shell=sh disable=SC2154 # `run` sets the variables.

# `nginx_config ORIGIN FIRST_PORT`: one server for each case.
nginx_config() {
    [ "$(id -u)" != 0 ] || echo 'user root;'
    cat <<END
daemon off;
pid $work/nginx.pid;
error_log $work/nginx-errors;
events {}
http {
    access_log off;
    client_body_temp_path $work/nginx-1;
    proxy_temp_path $work/nginx-2;
    fastcgi_temp_path $work/nginx-3;
    uwsgi_temp_path $work/nginx-4;
    scgi_temp_path $work/nginx-5;
    # What a client that reads slowly does not take at once goes to a file of so much; then nginx stops to read.
    proxy_max_temp_file_size 16m;
    proxy_set_header Host \$http_host;
    server {
        listen 127.0.0.1:$2;
        location /videos/ { proxy_pass $1/; }
        location / { return 404; }
    }
    server {
        listen 127.0.0.1:$(($2 + 1));
        location /videos/ { proxy_pass $1; }
        location / { return 404; }
    }
    server {
        listen 127.0.0.1:$(($2 + 2));
        location /videos/ { proxy_pass $1; proxy_ignore_headers X-Accel-Buffering; }
    }
}
END
}

start_proxied() {
    RUST_LOG=info "$program" --dir "$media" --port 0 --bind 127.0.0.1 --base-path /videos --stall-timeout 1 \
        >"$work/proxied-output" 2>"$work/proxied-errors" &
    proxied=$!
    await 10 grep -q 'http://' "$work/proxied-output" || return 1
    origin=http://127.0.0.1:$(sed -n 's/.*http:\/\/[^ ]*:\([0-9][0-9]*\).*/\1/p' "$work/proxied-output" | head -n 1)
    # Three ports in a row that may be in use: another try.
    for _ in 1 2 3 4 5; do
        first=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
        nginx_config "$origin" "$first" >"$work/nginx.conf"
        nginx -e "$work/nginx-errors" -c "$work/nginx.conf" &
        nginx=$!
        ! await 3 curl -fsS -o /dev/null "http://127.0.0.1:$first/videos/healthz" || return 0
        stop_nginx
    done
    return 1
}

stop_nginx() {
    kill -TERM "$nginx" 2>/dev/null || true
    wait "$nginx" 2>/dev/null || true
}

# `walk NAME PORT`: wget follows all links of all pages; what lies outside of /videos/ is 404 here.
walk() {
    front=http://127.0.0.1:$2
    code=0
    (cd "$got" && wget --spider -r -l inf -nv -e robots=off "$front/videos/?list" >"$got/said" 2>&1) || code=$?
    check_text "$1: wget finds no broken link, exit code" 0 "$code"
    [ "$code" = 0 ] || grep -B 1 -A 9 'broken link' "$got/said" | sed 's/^/        /'
    check_number "$1: links that wget followed" 15 "$(grep -c "URL: *$front/videos/\|$front/videos/.* 200" "$got/said")"
    curl -fsS "$front/videos/playlist/Season%201/" >"$got/list.m3u" || true
    check_number "$1: films of the playlist" 2 "$(grep -c "^$front/videos/api/stream/" "$got/list.m3u")"
    # shellcheck disable=SC2013 # URLs have no blanks.
    for url in $(grep '^http' "$got/list.m3u"); do
        curl -fsS -o "$got/film" "$url" || true
        check_file "$1: a film of the playlist" "$media/clip.mp4" "$got/film"
    done
    check_text "$1: the path without its slash leads to" "$front/videos/" \
        "$(curl -sS -o /dev/null -w '%{redirect_url}' "$front/videos")"
    check_text "$1: where a folder with one film leads to" "$front/videos/watch/alone/film.mp4" \
        "$(curl -sS -o /dev/null -w '%{redirect_url}' "$front/videos/browse/alone/")"
}

# 64 MiB at 4 MiB/s: nginx needs 4 s to send its 16 MiB, and takes nothing from the server meanwhile.
slow_film() {
    curl -sS --limit-rate 4M --max-time 60 -o /dev/null -w '%{size_download}' \
        "http://127.0.0.1:$1/videos/api/stream/long.mkv" 2>/dev/null || true
}

check_proxied() {
    mkdir "$media/Season 1" "$media/alone"
    cp "$media/clip.mp4" "$media/Season 1/1.mp4"
    cp "$media/clip.mp4" "$media/Season 1/2 é #.mp4"
    cp "$media/clip.mp4" "$media/alone/film.mp4"
    printf '0:1 --> 0:2\nHi\n' >"$media/Season 1/1.en.srt"
    walk "proxy_pass with a path" "$first"
    walk "proxy_pass without a path" $((first + 1))
    check_text "refused by the server" "" "$(grep -E '" (404|4[0-9][0-9]|5[0-9][0-9]) ' "$work/proxied-errors" || true)"
    truncate -s 64M "$media/long.mkv"
    check_text "a film of four times nginx's temporary file, bytes:" 67108864 "$(slow_film "$first")"
}

if have nginx && have wget; then
    if start_proxied; then
        check_proxied
        stop_nginx
    else
        fail "nginx" "it does not answer: $(tail -n 1 "$work/nginx-errors" 2>/dev/null)"
    fi
    kill -TERM "$proxied" 2>/dev/null || true
    wait "$proxied" 2>/dev/null || true
fi
