//! Tests which host names the server allows (protection against DNS rebinding).

use videoserve::Config;

use crate::support::TestServer;

/// Checks that requests with this host get 421 if and only if `is_allowed` is false. An attacker can let the name of
/// his site point to this machine. Without the 421, scripts of his site can read the responses of this server.
#[track_caller]
fn check_host(server: &TestServer, target: &str, host: &str, is_allowed: bool) {
    for method in ["GET", "HEAD", "POST", "OPTIONS"] {
        let mut client = server.connect();
        client.send(format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"
        ));
        let response = client.response_to(method);
        assert_eq!(
            response.status != 421,
            is_allowed,
            "{method} {target} {host}"
        );
        if !is_allowed && method != "HEAD" {
            assert!(response.text().contains("--allow-host"), "{response:?}");
            let json = target.contains("/api/");
            assert_eq!(response.text().starts_with("{\"detail\":"), json);
        }
        assert_eq!(client.request("GET", "/healthz", "").text(), "ok");
    }
}

#[test]
fn host_that_is_not_allowed_returns_421() {
    let allowed = |config: Config, name| config.allow_host(name).unwrap();
    let server =
        TestServer::with(|config| allowed(allowed(config, "films.example.org"), "B.example."));
    server.file("film.mp4", "content");
    let targets = [
        "/api/stream/film.mp4",
        "/api/videos",
        "/",
        "/healthz",
        "/favicon.ico",
        "/nothing",
    ];
    for host in [
        "localhost LocalHost:8001 127.0.0.1 127.0.0.1:80 192.168.1.20 8.8.8.8 [::1]",
        "[fe80::1%25eth0]:8001 [fe80::1%wlan0] [::1%lo]:80",
        "[::1]:8001 [fe80::1:2] raspberrypi raspberrypi.:8001 nas.local NAS.Local.",
        "a.b.lan pi.home.arpa x.internal:8001 films.example.org",
        "FILMS.example.ORG.:8001 b.example",
    ]
    .iter()
    .flat_map(|row| row.split(' '))
    {
        for target in targets {
            check_host(&server, target, host, true);
        }
    }
    for host in [
        "evil.com evil.com:8001 example.org x.films.example.org",
        "films.example.org.evil.com 127.0.0.1.evil.com localhost.evil.com",
        "local.evil.com nas.xlocal evil.com. a.home.arpa.evil.com 127.0.0.1.nip.io",
        "1.2.3.4.5 a.b arpa.home notlan.xlan evil%2ecom a,b localhost%eth0 127.0.0.1%25eth0",
    ]
    .iter()
    .flat_map(|row| row.split(' '))
    {
        for target in targets {
            check_host(&server, target, host, false);
        }
    }
}

/// See RFC 9112 §3.2.2.
#[test]
fn host_in_the_target_overrides_the_field() {
    let server = TestServer::start();
    server.file("film.mp4", "content");
    for (target, host, is_allowed) in [
        ("http://localhost/api/stream/film.mp4", "evil.com", true),
        ("HTTP://127.0.0.1:80/api/stream/film.mp4", "evil.com", true),
        ("http://[::1]:8001/api/videos", "evil.com", true),
        ("http://[fe80::1%25eth0]:8001/api/videos", "evil.com", true),
        ("http://[fe80::1%eth0]/api/videos", "evil.com", true),
        ("http://nas.local", "evil.com", true),
        ("http://nas.local?/x", "evil.com", true),
        ("http://evil.com/api/stream/film.mp4", "localhost", false),
        ("http://evil.com:8001/", "localhost", false),
        ("http://evil.com", "127.0.0.1", false),
        ("http://localhost.evil.com/api/videos", "localhost", false),
        ("*", "evil.com", false),
    ] {
        check_host(&server, target, host, is_allowed);
    }
    for target in [
        "http://localhost@evil.com/",
        "https://localhost/",
        "//evil.com/",
        "http:///",
    ] {
        let response = server.get(target);
        assert!(
            matches!(response.status, 400 | 404),
            "{target} {response:?}"
        );
        assert!(!response.text().contains("evil"));
    }
}

/// A zone (`%eth0`) names a network interface of the client. It has no meaning on other machines.
#[test]
fn zone_of_a_host_is_not_in_the_playlist() {
    let server = TestServer::start();
    server.file("film.mp4", "content");
    let expected = "\nhttp://[fe80::1]:8001/api/stream/film.mp4\n";
    for host in [
        "[fe80::1%25eth0]:8001",
        "[fe80::1%eth0]:8001",
        "[fe80::1]:8001",
    ] {
        for target in [
            "/playlist/".to_owned(),
            format!("http://{host}/playlist/film.mp4"),
        ] {
            let mut client = server.connect();
            client.send(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
            let response = client.response();
            assert!(
                response.text().ends_with(expected),
                "{target} {host} {response:?}"
            );
        }
    }
}

/// If an HTTP/1.0 request has a Host field, the server checks it.
#[test]
fn http_1_0_request_needs_no_host() {
    let server = TestServer::start();
    server.file("film.mp4", "content");
    for (head, status) in [
        ("", 200),
        ("Host: nas.local\r\n", 200),
        ("Host: evil.com\r\n", 421),
    ] {
        let mut client = server.connect();
        client.send(format!("GET /api/stream/film.mp4 HTTP/1.0\r\n{head}\r\n"));
        assert_eq!(client.response().status, status, "{head}");
        client.expect_close();
    }
}

/// The test changes the host name in a new UTS namespace. If this user may not create a namespace, the test does
/// nothing.
#[cfg(feature = "cli")]
#[test]
fn own_host_name_is_allowed() {
    let renamed = |command: &str| {
        let mut unshare = crate::program::clean("unshare");
        unshare.args(["--user", "--map-root-user", "--uts", "sh", "-c"]);
        unshare.arg(format!("hostname Pi.example.org && {command}"));
        unshare
    };
    if !renamed("true")
        .output()
        .is_ok_and(|output| output.status.success())
    {
        return;
    }
    let mut command = renamed("exec \"$0\" --port 0 --bind 127.0.0.1 \"$@\"");
    command.arg(env!("CARGO_BIN_EXE_videoserve"));
    let running = crate::program::Running::start(command);
    for (host, status) in [
        ("pi.example.org", 200),
        ("PI.Example.org:8001", 200),
        ("pi", 200),
        ("example.org", 421),
        ("x.pi.example.org", 421),
    ] {
        let mut client = crate::support::Client::connect(running.address);
        client.send(format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(client.response().status, status, "{host}");
    }
}
