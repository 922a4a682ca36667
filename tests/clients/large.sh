# Tests a sparse file of 4 GiB and 128 MiB. At three positions, the file contains the position as text.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

large=$media/large.mp4
large_length=4429185024
truncate -s "$large_length" "$large"
for position in 2147483640 4294967288 4429185000; do
    printf 'at-%020d.' "$position" | dd of="$large" bs=1 seek="$position" conv=notrunc status=none
done

check_text "curl -I of 4.1 GiB: Content-Length" "$large_length" \
    "$(curl -sSI "$stream/large.mp4" | tr -d '\r' | sed -n 's/^content-length: *//Ip')"

# `mark RANGE POSITION`: checks that the range contains exactly the text with this position.
mark() {
    check_text "curl -r $1 reads" "$(printf 'at-%020d.' "$2")" \
        "$(curl -fsS -r "$1" "$stream/large.mp4" | tr -d '\0')"
}
mark 2147483640-2147483663 2147483640
mark 4294967288-4294967311 4294967288
mark -24 4429185000

check_text "curl -r from 2^31, one byte" '206 bytes 2147483648-2147483648/4429185024' \
    "$(curl -sS -r 2147483648-2147483648 -o /dev/null -w '%{http_code} %header{content-range}' "$stream/large.mp4")"
check_text "curl -r from 2^32, one byte" '206 bytes 4294967296-4294967296/4429185024' \
    "$(curl -sS -r 4294967296-4294967296 -o /dev/null -w '%{http_code} %header{content-range}' "$stream/large.mp4")"
check_text "curl -r 4294967296-, 128 MiB of it: sha256" \
    "$(tail -c +4294967297 "$large" | sha256sum)" \
    "$(curl -fsS --max-time 60 -r 4294967296- "$stream/large.mp4" | sha256sum)"

# Resumes a download that was interrupted at 4,429,000,000 bytes.
truncate -s 4429000000 "$got/large"
curl -fsS -C - --max-time 60 -o "$got/large" "$stream/large.mp4" || true
check_text "curl -C - after 4 GiB: length" "$large_length" "$(stat -c %s "$got/large")"
cut_file "$large" 4429000000 185024 >"$got/wanted"
cut_file "$got/large" 4429000000 185024 >"$got/tail"
check_file "curl -C - after 4 GiB: new bytes" "$got/wanted" "$got/tail"
