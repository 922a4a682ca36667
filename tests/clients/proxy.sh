# Tests the server behind nginx with a base path. The line proxy_pass of nginx can have a path or no path, and this
# group tests both forms. It also tests a film that does not fit into the temporary file of nginx.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

# `nginx_config ORIGIN FIRST_PORT`: prints a configuration with two servers, on FIRST_PORT and the port after it.
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
    # If a client reads slowly, nginx writes the response to a file of this size. If the file is full, nginx stops
    # reading.
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
}
END
}

start_proxied() {
    RUST_LOG=info "$program" --dir "$media" --port 0 --bind 127.0.0.1 --base-path /videos --stall-timeout 1 \
        >"$work/proxied-output" 2>"$work/proxied-errors" &
    proxied=$!
    await 10 grep -q 'http://' "$work/proxied-output" || return 1
    origin=http://127.0.0.1:$(sed -n 's/.*http:\/\/[^ ]*:\([0-9][0-9]*\).*/\1/p' "$work/proxied-output" | head -n 1)
    # Other programs may use the random ports. If nginx does not answer, try again with other ports.
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

# `walk NAME PORT`: follows all links of all pages with wget. A link outside of /videos/ is broken, because it gets
# 404.
walk() {
    front=http://127.0.0.1:$2
    code=0
    (cd "$got" && wget --spider -r -l inf -nv -e robots=off "$front/videos/?list" >"$got/output" 2>&1) || code=$?
    check_text "$1: wget finds no broken link, exit code" 0 "$code"
    [ "$code" = 0 ] || grep -B 1 -A 9 'broken link' "$got/output" | sed 's/^/        /'
    check_number "$1: links that wget followed" 15 "$(grep -c "URL: *$front/videos/\|$front/videos/.* 200" "$got/output")"
    curl -fsS "$front/videos/playlist/Season%201/" >"$got/list.m3u" || true
    check_number "$1: films of the playlist" 2 "$(grep -c "^$front/videos/api/stream/" "$got/list.m3u")"
    # shellcheck disable=SC2013 # URLs have no spaces.
    for url in $(grep '^http' "$got/list.m3u"); do
        curl -fsS -o "$got/film" "$url" || true
        check_file "$1: a film of the playlist" "$media/clip.mp4" "$got/film"
    done
    check_text "$1: the path without its slash redirects to" "$front/videos/" \
        "$(curl -sS -o /dev/null -w '%{redirect_url}' "$front/videos")"
    check_text "$1: a folder with one film redirects to" "$front/videos/watch/alone/film.mp4" \
        "$(curl -sS -o /dev/null -w '%{redirect_url}' "$front/videos/browse/alone/")"
}

# Downloads 64 MiB at 4 MiB/s. The server sends `X-Accel-Buffering: no`, so nginx does not use its temporary file. If
# nginx uses the file and the file is full, nginx reads nothing for seconds. The server then closes the connection after
# its stall timeout of 1 s.
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
    check_text "responses of the server with an error:" "" "$(grep -E '" (404|4[0-9][0-9]|5[0-9][0-9]) ' "$work/proxied-errors" || true)"
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
