# Tests the metrics with promtool, which parses them like Prometheus and checks their names.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

# Unpacks promtool from Debian's package `prometheus` (19 MB). It does not install the package, because an installation
# also starts the server of Prometheus.
fetched=$here/../../target/promtool
fetch_promtool() {
    rm -rf "$fetched"
    mkdir -p "$fetched" &&
        (cd "$fetched" && apt-get download -qq prometheus &&
            dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool && rm prometheus_*.deb)
}
if ! command -v promtool >/dev/null 2>&1; then
    [ -x "$fetched/usr/bin/promtool" ] || fetch_promtool >/dev/null 2>&1 || true
    PATH=$PATH:$fetched/usr/bin
fi

curl -fsS -o "$got/clip" "$stream/clip.mp4" || true
curl -sS -o "$got/none" "$stream/none.mp4" || true
curl -sS -D "$got/head" -o "$got/metrics" "$base/metrics" || true
check_text "/metrics has the type" "text/plain; version=0.0.4; charset=utf-8" \
    "$(sed -n 's/^content-type: *//Ip' "$got/head" | tr -d '\r')"
check_text "/metrics counts a response 404" 1 "$(sed -n 's/^videoserve_http_responses_total{status="404"} //p' "$got/metrics")"
check_number "/metrics counts the bytes of the clip" "$(stat -c %s "$media/clip.mp4")" \
    "$(sed -n 's/^videoserve_http_content_sent_bytes_total //p' "$got/metrics")"
if have promtool; then
    code=0
    output=$(promtool check metrics <"$got/metrics" 2>&1) || code=$?
    check_text "promtool check metrics prints nothing, exit code" "0" "$output$code"
fi
