# Tests Varnish as a cache in front of the server, with scripts/scale/varnish.vcl.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

# shellcheck source=tests/clients/fronts.sh
. "$here/fronts.sh"

if have varnishd; then
    random_file "$film" 16
    length=$(stat -c %s "$film")
    free_port
    front=http://127.0.0.1:$port
    adapt varnish.vcl '"8001"' "\"$server_port\"" "beresp.ttl = 10s" "beresp.ttl = 3s"
    mkdir "$work/varnish"
    start_helper varnishd -F -T none -n "$work/varnish" -a "127.0.0.1:$port" -f "$configuration" -s malloc,200m
    # Varnish first compiles its configuration with a C compiler, which takes seconds.
    await 20 fetch -f -o /dev/null "$front/healthz" || give_up "Varnish does not answer"

    mark_log
    check_text "varnish: a seek into a film that is not in the cache has status" 206 "$(status -r "$((length - 50000))-")"
    check_text "varnish: bytes from the server" 50000 "$(sent)"
    mark_log
    check_command "varnish: 12 clients at once, every byte is right" clients_read 12
    # While the film is not in the cache, Varnish passes each range of these clients to the server. The clients without
    # a range share one fetch of the film, so only one response of the server has status 200.
    check_text "varnish: whole films from the server" 1 "$(answers 200)"
    check_text "varnish: the last bytes" "$(tail -c 5000 "$film" | sha256sum)" \
        "$(fetch -r -5000 "$front/api/stream/film.mp4" | sha256sum)"
    check_text "varnish: several ranges" "206 multipart/byteranges" \
        "$(fetch -r 0-9,100-109 -o /dev/null -w '%{http_code} %{content_type}' "$front/api/stream/film.mp4" | cut -d ';' -f 1)"
    check_front varnish

    sleep 4
    mark_log
    check_command "varnish: the film when it is stale" is_whole
    check_command "varnish: the film again" is_whole
    check_text "varnish: responses 304, and bytes from the server" "1 0" "$(answers 304) $(sent)"
    random_file "$media/new" 16
    mv "$media/new" "$film"
    sleep 4
    check_command "varnish: the film after it was replaced" is_whole

    # Without do_stream, Varnish sends its first byte when it has the whole film, and the quotient below is about 1.
    truncate -s 150M "$media/cold.mp4"
    fetch -o /dev/null -w '%{time_starttransfer} %{time_total} %{size_download}\n' "$front/api/stream/cold.mp4" >"$got/times"
    check_text "varnish: bytes of a film that is not in the cache" 157286400 "$(cut -d ' ' -f 3 "$got/times")"
    check_number "varnish: time of the whole film, divided by the time of its first byte" 4 \
        "$(awk '{ printf "%d", $2 / $1 }' "$got/times")"
    check_password varnish
fi
end_helpers
