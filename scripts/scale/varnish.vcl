# Varnish as a cache in front of one videoserve, the origin. It fetches a film once, and sends it to viewers meanwhile.
# Use it for a few films that many viewers watch from the beginning. For films of many gigabytes, use nginx, which
# fetches slices.
#
# On Debian, copy this file to /etc/varnish/default.vcl, replace videos.example.org by your name, and start
#     varnishd -a :80 -f /etc/varnish/default.vcl -s file,/var/lib/varnish/films,50g
# The storage is a file, not memory, because whole films must fit into it. If a film does not fit, Varnish fetches it
# again for each viewer. Start the origin with
#     videoserve --dir … --bind 127.0.0.1 --allow-host videos.example.org --trusted-proxy 127.0.0.1
#
# `scripts/test fronts` tests this file. Measured once: 50 clients read a film at the same time, and the origin sent
# each byte once. When a film of 150 MB was not in the cache, the first byte came after 6 to 85 ms.
vcl 4.1;

backend origin {
    .host = "127.0.0.1";
    .port = "8001";
    .connect_timeout = 3s;
    .first_byte_timeout = 30s;
    # The origin needs much less time to read from its disk.
    .between_bytes_timeout = 30s;
    .probe = {
        # The host name `health` needs no --allow-host, because it has no dot.
        .request = "GET /healthz HTTP/1.1" "Host: health" "Connection: close";
        .interval = 2s;
        .timeout = 1s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

sub vcl_recv {
    # Refuse unknown host names here (DNS rebinding). videoserve refuses them too, but the cache answers without
    # videoserve.
    if (req.http.Host !~ "^(?i)(videos\.example\.org|localhost|[0-9.]+)(:[0-9]+)?$") {
        return (synth(421, "Misdirected Request"));
    }
    # Replace the field of the client, because Varnish would only append to it.
    set req.http.X-Forwarded-For = client.ip;
    unset req.http.X-Forwarded-Proto;

    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # Varnish must not store responses to requests with a password or a token.
    if (req.http.Authorization || req.url ~ "[?&]token=") {
        return (pass);
    }
    # Varnish does not store pages, lists, playlists and subtitles, because they are small.
    if (req.url !~ "^/api/stream/") {
        return (pass);
    }
    # The origin answers several ranges with multipart/byteranges. Varnish refuses such a response, even after `pass`,
    # and answers 503. `pipe` copies the bytes without a check.
    if (req.http.Range ~ ",") {
        return (pipe);
    }
    # Streams do not use cookies. If a request has a cookie, Varnish does not use its cache.
    unset req.http.Cookie;
    return (hash);
}

sub vcl_pipe {
    # Close the connection after this request, because the next request must go through vcl_recv.
    set bereq.http.Connection = "close";
}

sub vcl_miss {
    # To store a film, Varnish fetches it from its beginning. A viewer who seeks would wait for the bytes before the
    # range. So Varnish passes other ranges to the origin, and does not store them. `bytes=0-`, which players send
    # first, fetches the whole film. Later, Varnish answers ranges from its copy.
    if (req.http.Range && req.http.Range !~ "^bytes=0-$") {
        return (pass);
    }
}

sub vcl_backend_response {
    if (bereq.uncacheable) {
        return (deliver);
    }
    if (beresp.status != 200) {
        # Do not store errors.
        set beresp.ttl = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # Send bytes to viewers while Varnish fetches the film.
    set beresp.do_stream = true;
    # videoserve sends `Cache-Control: no-cache`, and Varnish would not store such a response. With this line, a film
    # is fresh for 10 s.
    set beresp.ttl = 10s;
    # With a grace time, a viewer would get the stale film while Varnish revalidates it.
    set beresp.grace = 0s;
    # Varnish keeps a stale film for this time. If its ETag is still correct, the film becomes fresh without a transfer.
    set beresp.keep = 7d;
    # Skip the built-in code, which would not store a film with `no-cache`.
    return (deliver);
}
