# Varnish in front of one videoserve: a film that many watch is fetched once, streams while it is fetched, and is asked
# for by its ETag from then on.
# For Debian: /etc/varnish/default.vcl, with your name for videos.example.org, and
#     varnishd -a :80 -f /etc/varnish/default.vcl -s file,/var/lib/varnish/films,50g
# A film has to fit into the storage whole, or is fetched again for everybody: a file on the disk, not the memory.
# The origin:  videoserve --dir … --bind 127.0.0.1 --allow-host videos.example.org --trusted-proxy 127.0.0.1
vcl 4.1;

backend origin {
    .host = "127.0.0.1";
    .port = "8001";
    .connect_timeout = 3s;
    .first_byte_timeout = 30s;
    # Nobody who reads a file needs that long; shorter than a viewer waits.
    .between_bytes_timeout = 30s;
    .probe = {
        # The name needs no --allow-host, since it has no dot.
        .request = "GET /healthz HTTP/1.1" "Host: health" "Connection: close";
        .interval = 2s;
        .timeout = 1s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

sub vcl_recv {
    # A page of the internet may point its own name here (DNS rebinding). videoserve would refuse it, but what comes from
    # the cache does not ask videoserve.
    if (req.http.Host !~ "^(?i)(videos\.example\.org|localhost|[0-9.]+)(:[0-9]+)?$") {
        return (synth(421, "Misdirected Request"));
    }
    # Varnish adds the client to what it says of itself; only the first half is true.
    set req.http.X-Forwarded-For = client.ip;
    unset req.http.Forwarded;
    unset req.http.X-Forwarded-Proto;

    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # Where videoserve has a password, its answers are not for everybody.
    if (req.http.Authorization || req.url ~ "[?&]token=") {
        return (pass);
    }
    # Pages, lists, playlists and subtitles are small and always fresh.
    if (req.url !~ "^/api/stream/") {
        return (pass);
    }
    # Varnish takes an answer of several parts for a broken one (503), also in `pass`. So it is not to look.
    if (req.http.Range ~ ",") {
        return (pipe);
    }
    # Whatever a browser keeps is of no interest to a stream. With it, Varnish would not look into its cache.
    unset req.http.Cookie;
    return (hash);
}

sub vcl_pipe {
    # Else the next request of this connection would pass all of the above by.
    set bereq.http.Connection = "close";
}

sub vcl_miss {
    # On a miss Varnish fetches the whole film and hands out the range as soon as the fetch has come to it: who opens a
    # film in the middle would wait for the first half. So a range from further on goes to the origin as it is, and is not
    # stored; whoever begins at the beginning (`bytes=0-`, as players do) fetches the film for all. Once it is there, or on
    # its way, ranges are cut from it. Films so large that even that is a long wait belong behind nginx, in slices.
    if (req.http.Range && req.http.Range !~ "^bytes=0-$") {
        return (pass);
    }
}

sub vcl_backend_response {
    if (bereq.uncacheable) {
        return (deliver);
    }
    if (beresp.status != 200) {
        # 404, 503: as videoserve says it, and not kept. Others may ask meanwhile.
        set beresp.ttl = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # Viewers get the bytes as they come, and not when all are there.
    set beresp.do_stream = true;
    # videoserve says `Cache-Control: no-cache`: may be stored, must be revalidated. Varnish would take that for `never
    # stored`, so how long a film is good without asking is decided here.
    set beresp.ttl = 10s;
    # After that, the first who comes gets what is there, while the origin is asked behind his back. 0s: he waits for its
    # answer, and never sees a film that was replaced.
    set beresp.grace = 0s;
    # So long it is kept to be asked for by its ETag: a 304 makes it good again, and no byte is sent twice.
    set beresp.keep = 7d;
    # Not the built-in part, which would heed `no-cache`. The client still gets that, and asks Varnish each time.
    return (deliver);
}
