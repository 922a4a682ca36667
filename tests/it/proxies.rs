//! Tests clients behind a trusted proxy: their limit of streams, the throttling of their passwords, and the scheme of
//! the URLs in their playlists.

use crate::support::{Client, TestServer};

const GIB: u64 = 1 << 30;

fn trusting() -> TestServer {
    TestServer::with(|config| {
        config
            .max_streams(40)
            .unwrap()
            .credentials("ana", "secret")
            .unwrap()
            .trusted_proxy("127.0.0.0/8")
            .unwrap()
    })
}

/// The credentials `ana:secret`.
const RIGHT: &str = "Authorization: Basic YW5hOnNlY3JldA==\r\n";

/// Opens `count` streams at the same time. Returns each client with the status of its response.
fn watch(server: &TestServer, count: usize, fields: &str) -> Vec<(Client, u16)> {
    (0..count)
        .map(|_| {
            let mut client = server.connect();
            client.send(format!(
                "GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n{RIGHT}{fields}\r\n"
            ));
            let status = client.read_head().status;
            (client, status)
        })
        .collect()
}

fn served(viewers: &[(Client, u16)]) -> usize {
    viewers.iter().filter(|(_, status)| *status == 200).count()
}

#[test]
fn each_client_of_a_proxy_has_its_own_limit() {
    let server = trusting();
    server.sparse_file("film", GIB);
    // The limit of a client is the number of free streams, but at least 16. When the first client has 20 of the 40
    // streams, 20 are free, so it gets no further stream. The second client gets 16.
    let first = watch(&server, 22, "X-Forwarded-For: 6.6.6.6, 198.51.100.1\r\n");
    assert_eq!(served(&first), 20);
    // The client is again 198.51.100.1, the address that the proxy has added. The client itself can add any address,
    // such as 6.6.6.7, so this address has no effect.
    let again = watch(&server, 1, "X-Forwarded-For: 6.6.6.7, 198.51.100.1\r\n");
    assert_eq!(served(&again), 0);
    let second = watch(&server, 18, "X-Forwarded-For: 198.51.100.2:80\r\n");
    assert_eq!(served(&second), 16);
    drop(first);
    drop(second);
}

/// The server does not read `Forwarded` (RFC 7239), so a client cannot forge its address with this field.
#[test]
fn forwarded_field_is_ignored() {
    let server = trusting();
    server.sparse_file("film", GIB);
    let fields = "Forwarded: for=6.6.6.6\r\nX-Forwarded-For: 198.51.100.1\r\n";
    assert_eq!(served(&watch(&server, 22, fields)), 20);
    // Starts another server, because the streams of the first clients may still run.
    let server = trusting();
    server.sparse_file("film", GIB);
    let again = watch(&server, 40, "Forwarded: for=6.6.6.6\r\n");
    assert_eq!(
        served(&again),
        40,
        "streams of a proxy on this machine without X-Forwarded-For"
    );
}

#[test]
fn local_proxy_without_client_address_gets_all_streams() {
    let server = trusting();
    server.sparse_file("film", GIB);
    assert_eq!(served(&watch(&server, 40, "")), 40);
}

/// Returns a field with the wrong credentials `ana:NUMBER`. `number` is at most 6.
fn credentials(number: usize) -> String {
    // In Base64, `ana:0` to `ana:6` differ only in this character.
    let end = &"AEIMQUY"[number..=number];
    format!("Authorization: Basic YW5hOj{end}=\r\n")
}

#[test]
fn wrong_passwords_count_per_forwarded_client() {
    let server = trusting();
    let guess = |number: usize, fields: &str| {
        let fields = format!("{}{fields}", credentials(number));
        server.request("GET", "/", &fields).status
    };
    // The client is the rightmost address that is not a trusted proxy: 198.51.100.1. So these five wrong passwords come
    // from the same client, and the server refuses its sixth try.
    for number in 0..5 {
        let fields = format!("X-Forwarded-For: 6.6.6.{number}, 198.51.100.1\r\n");
        assert_eq!(guess(number, &fields), 401);
    }
    assert_eq!(guess(6, "X-Forwarded-For: 198.51.100.1\r\n"), 429);
    assert_eq!(guess(6, "X-Forwarded-For: 198.51.100.2\r\n"), 401);
    assert_eq!(guess(6, ""), 401);
}

#[test]
fn forwarded_fields_of_untrusted_peers_are_ignored() {
    let server = TestServer::with(|config| config.credentials("ana", "secret").unwrap());
    server.file("a.mp4", "");
    for number in 0..7 {
        let guess = credentials(number);
        let fields = format!("{guess}X-Forwarded-For: 198.51.100.{number}\r\n");
        let expected = if number < 5 { 401 } else { 429 };
        assert_eq!(server.request("GET", "/", &fields).status, expected);
    }
    let server = TestServer::start();
    server.file("a.mp4", "");
    let list = server.request("GET", "/playlist/", "X-Forwarded-Proto: https\r\n");
    assert!(list.text().contains("\nhttp://localhost/api/"));
}

#[test]
fn playlist_uses_the_forwarded_scheme() {
    let server = TestServer::with(|config| config.trusted_proxy("127.0.0.1").unwrap());
    server.file("a.mp4", "");
    for (fields, scheme) in [
        ("", "http"),
        ("X-Forwarded-Proto: https\r\n", "https"),
        ("X-Forwarded-Proto: http\r\n", "http"),
        ("Forwarded: for=198.51.100.1;proto=https\r\n", "http"),
    ] {
        for target in ["/playlist/", "/playlist/a.mp4"] {
            let list = server.request("GET", target, fields);
            let address = format!("\n{scheme}://localhost/api/stream/a.mp4\n");
            assert!(list.text().contains(&address), "{fields} {}", list.text());
        }
    }
}
