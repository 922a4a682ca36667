# Varnish in front of one videoserve. It fetches a film once, streams it meanwhile, and then revalidates it by its ETag. Take
# it for a few films that many watch from the beginning. For films of many gigabytes take nginx, which fetches slices.
#
# On Debian: /etc/varnish/default.vcl, with your name instead of videos.example.org, and
#     varnishd -a :80 -f /etc/varnish/default.vcl -s file,/var/lib/varnish/films,50g
# The storage is a file, not memory, because whole films must fit into it. Others are fetched again for each viewer.
# The origin:  videoserve --dir … --bind 127.0.0.1 --allow-host videos.example.org --trusted-proxy 127.0.0.1
#
# Tested by `scripts/test fronts`. Measured once on 2 processors over loopback: 50 clients read a film at the same time, and
# the origin sent 1.000 times the film. When it was stale, the origin sent one 304. A film of 150 MB that was not in the
# cache: first byte after 6 to 85 ms, last byte after 600 ms.
vcl 4.1;

backend origin {
    .host = "127.0.0.1";
    .port = "8001";
    .connect_timeout = 3s;
    .first_byte_timeout = 30s;
    # Far longer than a read of a file takes, shorter than a viewer waits.
    .between_bytes_timeout = 30s;
    .probe = {
        # The name needs no --allow-host, because it has no dot.
        .request = "GET /healthz HTTP/1.1" "Host: health" "Connection: close";
        .interval = 2s;
        .timeout = 1s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

sub vcl_recv {
    # Refuse other host names here (DNS rebinding): videoserve refuses them, but the cache answers without asking it.
    if (req.http.Host !~ "^(?i)(videos\.example\.org|localhost|[0-9.]+)(:[0-9]+)?$") {
        return (synth(421, "Misdirected Request"));
    }
    # Replace what the client sent: Varnish would only append to it.
    set req.http.X-Forwarded-For = client.ip;
    unset req.http.X-Forwarded-Proto;

    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # Answers to requests with a password or a token must not be stored.
    if (req.http.Authorization || req.url ~ "[?&]token=") {
        return (pass);
    }
    # Pages, lists, playlists and subtitles are small and always fresh.
    if (req.url !~ "^/api/stream/") {
        return (pass);
    }
    # Varnish answers 503 to multipart/byteranges of the origin, also in `pass`. `pipe` copies bytes without reading them.
    if (req.http.Range ~ ",") {
        return (pipe);
    }
    # Streams do not use cookies, and with a cookie Varnish would not look into its cache.
    unset req.http.Cookie;
    return (hash);
}

sub vcl_pipe {
    # One request per connection: the next one must go through vcl_recv.
    set bereq.http.Connection = "close";
}

sub vcl_miss {
    # On a miss Varnish fetches the whole film from its beginning. A viewer who opens it in the middle would wait for the
    # first half. So a range from further on passes to the origin, and is not stored. A range from the beginning
    # (`bytes=0-`, which players send first) fetches the film for all. Then Varnish cuts ranges out of its copy.
    if (req.http.Range && req.http.Range !~ "^bytes=0-$") {
        return (pass);
    }
}

sub vcl_backend_response {
    if (bereq.uncacheable) {
        return (deliver);
    }
    if (beresp.status != 200) {
        # 404, 503 and others are not stored.
        set beresp.ttl = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # Viewers get the bytes while they arrive.
    set beresp.do_stream = true;
    # videoserve says `Cache-Control: no-cache`: store it, but revalidate it. Varnish reads that as `never store`, so this
    # line sets how long a film is fresh.
    set beresp.ttl = 10s;
    # With grace, the next viewer would get the stale film while Varnish revalidates it. With 0s the viewer waits for the
    # origin, and never gets a film that was replaced.
    set beresp.grace = 0s;
    # How long a stale film is kept for revalidation by its ETag: a 304 makes it fresh again without a transfer.
    set beresp.keep = 7d;
    # Skip the built-in part, which obeys `no-cache`. The client still gets the field, and revalidates at Varnish.
    return (deliver);
}
