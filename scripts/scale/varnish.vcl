# Configuration of Varnish as a cache in front of one videoserve (the origin). Varnish fetches and stores whole films.
# It sends a film to viewers while it fetches the film. Use Varnish for a few films that many viewers watch from the
# beginning. For films of many gigabytes, use nginx, because nginx fetches and stores only the requested slices.
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
    # If the origin sends no further byte of a response for 30 s, Varnish gives up. A read from the disk of the origin
    # takes much less time.
    .between_bytes_timeout = 30s;
    .probe = {
        # videoserve accepts every host name without a dot, so `health` needs no --allow-host.
        .request = "GET /healthz HTTP/1.1" "Host: health" "Connection: close";
        .interval = 2s;
        .timeout = 1s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

sub vcl_recv {
    # Refuse unknown host names here (DNS rebinding). videoserve also refuses them, but it does not see the requests
    # that Varnish answers from its cache.
    if (req.http.Host !~ "^(?i)(videos\.example\.org|localhost|[0-9.]+)(:[0-9]+)?$") {
        return (synth(421, "Misdirected Request"));
    }
    # Clients can write a false address into this field, and Varnish only appends to the field. So replace its value.
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
    # The origin answers a request for several ranges with multipart/byteranges. Varnish refuses such a response, even
    # after `pass`, and answers 503. `pipe` copies the bytes without a check.
    if (req.http.Range ~ ",") {
        return (pipe);
    }
    # Streams do not use cookies. If a request has a cookie, Varnish does not use its cache.
    unset req.http.Cookie;
    return (hash);
}

sub vcl_pipe {
    # After `pipe`, further requests of the connection do not go through vcl_recv. So close the connection after this
    # request.
    set bereq.http.Connection = "close";
}

sub vcl_miss {
    # The film is not in the cache. Players first request `bytes=0-`. For this range, Varnish fetches and stores the
    # whole film from its beginning. With any other range, the viewer waits for all bytes before the range. So
    # Varnish passes such a request to the origin, and stores nothing.
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
    # videoserve sends `Cache-Control: no-cache`. Varnish stores the film in spite of this field. For 10 s, Varnish
    # sends the film without a request to the origin. After this time, the film is stale.
    set beresp.ttl = 10s;
    # With a grace time, Varnish sends a stale film without asking the origin first.
    set beresp.grace = 0s;
    # Varnish keeps a stale film for this time. If its ETag is still correct, the film becomes fresh without a transfer.
    set beresp.keep = 7d;
    # `return` skips the built-in code of Varnish, which does not store a film with `no-cache`.
    return (deliver);
}
