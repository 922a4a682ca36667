# Varnish as a cache in front of one videoserve. It fetches a film once, and streams it at the same time. Later it
# revalidates the film by its ETag. Use it for a few films that many viewers watch from the beginning. For films of
# many gigabytes, use nginx, which fetches slices.
#
# On Debian: /etc/varnish/default.vcl, with your name instead of videos.example.org, and
#     varnishd -a :80 -f /etc/varnish/default.vcl -s file,/var/lib/varnish/films,50g
# The storage is a file, not memory, because whole films must fit into it. A film that does not fit is fetched again for
# each viewer. Start the origin with
#     videoserve --dir … --bind 127.0.0.1 --allow-host videos.example.org --trusted-proxy 127.0.0.1
#
# `scripts/test fronts` tests this file. We measured it once on 2 processors over loopback: 50 clients read a film at
# the same time, and the origin sent each byte of the film once. When the film was stale, the origin sent one
# 304. When a film of 150 MB was not in the cache, the first byte came after 6 to 85 ms. The last byte came after
# 600 ms.
vcl 4.1;

backend origin {
    .host = "127.0.0.1";
    .port = "8001";
    .connect_timeout = 3s;
    .first_byte_timeout = 30s;
    # A read of a file takes much less time, and a viewer does not wait longer.
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
    # Pages, lists, playlists and subtitles are small and always fresh.
    if (req.url !~ "^/api/stream/") {
        return (pass);
    }
    # If the origin sends multipart/byteranges, Varnish answers 503, also with `pass`. `pipe` copies bytes without
    # reading them.
    if (req.http.Range ~ ",") {
        return (pipe);
    }
    # Streams do not use cookies. If a request has a cookie, Varnish does not use its cache.
    unset req.http.Cookie;
    return (hash);
}

sub vcl_pipe {
    # One request per connection: the next one must go through vcl_recv.
    set bereq.http.Connection = "close";
}

sub vcl_miss {
    # If a film is not in the cache, Varnish fetches it whole, from its beginning. A viewer who opens it in the middle
    # would wait for the first half. So a range that begins later goes to the origin, and Varnish does not store it. A
    # range from the beginning (`bytes=0-`, which players send first) fetches the whole film. Then Varnish answers
    # ranges from its copy.
    if (req.http.Range && req.http.Range !~ "^bytes=0-$") {
        return (pass);
    }
}

sub vcl_backend_response {
    if (bereq.uncacheable) {
        return (deliver);
    }
    if (beresp.status != 200) {
        # Varnish does not store 404, 503 and other errors.
        set beresp.ttl = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # Viewers get the bytes while they arrive.
    set beresp.do_stream = true;
    # videoserve sends `Cache-Control: no-cache`: a cache may store the response, but must revalidate it. Varnish
    # would not store it, so this line sets how long a film is fresh.
    set beresp.ttl = 10s;
    # During the grace time, a viewer gets the stale film while Varnish revalidates it. With 0s, the viewer waits for
    # the origin, and never gets a film that was replaced.
    set beresp.grace = 0s;
    # Varnish keeps a stale film this long, to revalidate it by its ETag. A 304 makes the film fresh again without a
    # transfer.
    set beresp.keep = 7d;
    # Skip the built-in code, which would not store a film with `no-cache`. The client still gets the field, and
    # revalidates at Varnish.
    return (deliver);
}
