# Tests nginx as a cache in front of the server, with scripts/scale/nginx.conf.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

# shellcheck source=tests/clients/fronts.sh
. "$here/fronts.sh"

# `start_nginx NAME`: starts nginx with a main file that includes $work/NAME.conf.
start_nginx() {
    cat >"$work/$1-main.conf" <<END
pid $work/$1.pid;
error_log $work/$1-error.log warn;
worker_processes 2;
daemon off;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path $work/$1-body;
    proxy_temp_path $work/$1-proxy;
    fastcgi_temp_path $work/$1-fastcgi;
    uwsgi_temp_path $work/$1-uwsgi;
    scgi_temp_path $work/$1-scgi;
    include $work/$1.conf;
}
END
    start_helper nginx -e "$work/$1-error.log" -c "$work/$1-main.conf"
}

if have nginx; then
    random_file "$film" 16
    free_port
    address=127.0.0.1:$port
    front=http://$address
    adapt nginx.conf 127.0.0.1:8001 "127.0.0.1:$server_port" "listen 80" "listen $address" \
        /var/lib/nginx/videoserve "$work/cache" /var/log/nginx/access.log "$work/access.log" "valid 200 206 60s" "valid 200 206 3s"
    start_nginx nginx
    await 10 fetch -f -o /dev/null "$front/healthz" || give_up "nginx does not answer"

    mark_log
    check_command "nginx: 12 clients at once, every byte is right" clients_read 12
    # nginx requests the film in slices (ranges of 1 MiB). With proxy_cache_lock, nginx requests each slice once, not
    # once for each client.
    check_number "nginx: slices of 1 MiB" 16 "$(answers 206)"
    check_text "nginx: bytes from the server" "$(stat -c %s "$film")" "$(sent)"
    check_front nginx

    # The slices are fresh for 3 s. nginx rounds times to seconds, so this test waits 5 s.
    sleep 5
    mark_log
    check_command "nginx: the film when its slices are stale" is_whole
    check_text "nginx: responses 304, and bytes from the server" "16 0" "$(answers 304) $(sent)"
    random_file "$media/new" 16
    mv "$media/new" "$film"
    sleep 5
    check_command "nginx: the film after it was replaced" is_whole

    fetch -o /dev/null "$front/api/stream/film.mp4?download&token=TOKEN"
    check_text "nginx: tokens in its log" 0 "$(grep -ci token "$work/access.log")"

    # If nginx checks the password in place of the server, nginx can also cache films that need a password. nginx.conf
    # recommends this.
    free_port
    sed -e '/proxy_cache_bypass/d; /proxy_no_cache/d' -e "s|listen $address|listen 127.0.0.1:$port|" \
        -e 's/server_name .*/&\n    auth_basic videos;\n    auth_basic_user_file passwords;/' \
        -e "s|$work/cache|$work/cache2|" "$work/nginx.conf" >"$work/asking.conf"
    printf 'ana:{PLAIN}secret\n' >"$work/passwords"
    chmod 644 "$work/passwords"
    start_nginx asking
    caching=$front
    front=http://127.0.0.1:$port
    await 10 fetch -f -u "$auth" -o /dev/null "$front/healthz" || give_up "nginx does not ask for a password"
    mark_log
    check_text "nginx asks for the password: status with it, again with it, without it:" "206 206 401" \
        "$(status -u "$auth" -r 0-9) $(status -u "$auth" -r 0-9) $(status -r 0-9)"
    check_text "nginx asks for the password: responses of the server" 1 "$(answers 206)"
    front=$caching
    check_password nginx
fi
end_helpers
