//! A request target and a host: which file of which server they name.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Component, Path};

use super::escape;
use crate::host::{HostPolicy, is_authority};
use crate::http::{Method, Target};
use crate::route::{Mount, Route};
use crate::web::browse_url;

/// The first line is a target, the second a host.
pub fn target(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (text, name) = text.split_once('\n').unwrap_or((text, ""));
    let target = Target::parse(text).ok();
    let shown = target.as_ref().map(|target| Parts {
        authority: target.authority().map(str::to_owned),
        segments: target.segments().to_vec(),
        ends_with_slash: target.ends_with_slash(),
        query: target.query().map(str::to_owned),
    });
    assert_eq!(shown, by_hand(text));
    if let Some(target) = target {
        comes_back(&target);
        names_what_is_below(&target);
        values(&target);
        host(target.authority().unwrap_or_default());
    }
    mount(text);
    host(name);
}

#[derive(Debug, PartialEq)]
struct Parts {
    authority: Option<String>,
    segments: Vec<Vec<u8>>,
    ends_with_slash: bool,
    query: Option<String>,
}

/// RFC 9112 §3.2 by splitting, RFC 3986 §2.4 by decoding each part once.
fn by_hand(text: &str) -> Option<Parts> {
    if text
        .bytes()
        .any(|byte| byte <= b' ' || byte == 0x7f || byte == b'#')
    {
        return None;
    }
    let (rest, query) = match text.split_once('?') {
        Some((rest, query)) => (rest, Some(query.to_owned())),
        None => (text, None),
    };
    if text == "*" {
        return Some(Parts {
            authority: None,
            segments: Vec::new(),
            ends_with_slash: false,
            query,
        });
    }
    let (authority, path) = if rest.starts_with('/') {
        (None, rest)
    } else {
        let rest = rest
            .get(7..)
            .filter(|_| rest[..7].eq_ignore_ascii_case("http://"))?;
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, "/"),
        };
        if authority.is_empty() || authority.starts_with(':') || authority.contains('@') {
            return None;
        }
        (Some(authority.to_owned()), path)
    };
    let decode = |segment: &str| -> Option<Vec<u8>> {
        let decoded = unescape(segment.as_bytes(), true)?;
        (!decoded.contains(&b'/') && !decoded.contains(&0)).then_some(decoded)
    };
    let mut segments: Vec<Vec<u8>> = path[1..].split('/').map(decode).collect::<Option<_>>()?;
    let ends_with_slash = path.ends_with('/');
    if ends_with_slash {
        segments.pop();
    }
    Some(Parts {
        authority,
        segments,
        ends_with_slash,
        query,
    })
}

/// `None` for a broken escape, if that matters.
fn unescape(text: &[u8], strictly: bool) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        let digits = after
            .get(..2)
            .filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        match (first, digits) {
            (b'%', Some(digits)) => {
                let digits = std::str::from_utf8(digits).ok()?;
                decoded.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &after[2..];
            }
            (b'%', None) if strictly => return None,
            (byte, _) => decoded.push(*byte),
        }
    }
    Some(decoded)
}

/// Escaped and read once more, a target is the same.
fn comes_back(target: &Target) {
    if target.is_asterisk() {
        return;
    }
    let path: String = target
        .segments()
        .iter()
        .map(|segment| format!("/{}", escape(segment)))
        .collect();
    let slash = if target.ends_with_slash() { "/" } else { "" };
    let again = Target::parse(&format!("{path}{slash}")).expect("a target");
    assert_eq!(again.segments(), target.segments());
    assert_eq!(again.ends_with_slash(), target.ends_with_slash());
}

/// The values of a query, found the long way.
fn values(target: &Target) {
    let query = target.query().unwrap_or_default();
    let form = |text: &str| unescape(text.replace('+', " ").as_bytes(), false).expect("any text");
    let pairs: Vec<(Vec<u8>, Vec<u8>)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (form(key), form(value)))
        .collect();
    for (key, _) in pairs.iter().take(8) {
        let Ok(name) = std::str::from_utf8(key) else {
            continue;
        };
        let first = pairs
            .iter()
            .find(|pair| pair.0 == *key)
            .map(|pair| pair.1.clone());
        assert_eq!(target.query_value(name), first);
        assert!(target.has_query_key(name));
    }
    let is_there = pairs.iter().any(|pair| pair.0 == b"download");
    assert_eq!(target.has_query_key("download"), is_there);
}

/// Whatever is asked for lies below the directory and is not hidden, and its own address leads to it.
fn names_what_is_below(target: &Target) {
    for method in [Method::Get, Method::Head, Method::Options, Method::Post] {
        let Ok(route) = Route::of(method, target, &[]) else {
            continue;
        };
        match route {
            Route::Stream(name)
            | Route::Subtitles(name)
            | Route::Watch(name)
            | Route::PlaylistOf(name) => {
                assert!(is_below(name.as_path()) && !name.as_path().as_os_str().is_empty());
                let url = format!("/api/stream/{}", name.url_path());
                assert_eq!(routed(&url), Some(Route::Stream(name)));
            }
            Route::Videos(folder)
            | Route::Browse(folder)
            | Route::Playlist(folder)
            | Route::ToFolder(folder) => {
                assert!(is_below(folder.as_path()));
                assert_eq!(routed(&browse_url(&folder)), Some(Route::Browse(folder)));
            }
            Route::StreamOptions => assert_eq!(method, Method::Options),
            Route::Health | Route::Metrics | Route::Asset(_) => {}
        }
    }
}

fn is_below(path: &Path) -> bool {
    let is_plain = |part| match part {
        Component::Normal(name) => !name.as_encoded_bytes().starts_with(b"."),
        _ => false,
    };
    path.components().all(is_plain) && path.as_os_str().len() < 4096
}

fn routed(url: &str) -> Option<Route> {
    let target = Target::parse(url).expect("an address of our own");
    Route::of(Method::Get, &target, &[]).ok()
}

/// A prefix that may be mounted hides nothing of the server's own.
fn mount(text: &str) {
    let Ok(mount) = Mount::parse(text) else {
        return;
    };
    let mounts = [mount];
    for url in [
        "/",
        "/browse/a/",
        "/watch/a",
        "/api/videos/",
        "/api/stream/a",
        "/api/subtitles/a.srt",
        "/playlist/a",
        "/playlist/",
        "/healthz",
        "/assets/style.css",
        "/favicon.ico",
    ] {
        let target = Target::parse(url).expect("an address of our own");
        assert_eq!(
            Route::of(Method::Get, &target, &mounts),
            Route::of(Method::Get, &target, &[])
        );
    }
    let below = format!("{}/film.mp4", text.trim_end_matches('/'));
    let target = Target::parse(&below).expect("below a mount");
    assert!(
        matches!(
            Route::of(Method::Get, &target, &mounts),
            Ok(Route::Stream(_))
        ),
        "{below:?}"
    );
}

/// No name that somebody could register is one of ours unless it was asked for.
fn host(text: &str) {
    let mut policy = HostPolicy::default();
    policy.allow("videos.example.org").expect("a name");
    let is_ours = policy.allows(text);
    if is_authority(text) {
        assert_eq!(is_ours, is_local(text), "{text:?}");
    }
    if is_ours {
        assert!(policy.allows(&text.to_ascii_uppercase()));
    }
    if policy.allow(text).is_ok() {
        assert!(
            policy.allows(text) && policy.allows(&format!("{text}:8001")),
            "{text:?}"
        );
    }
}

fn is_local(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        let literal = rest.split(']').next().unwrap_or_default();
        return literal.parse::<Ipv6Addr>().is_ok();
    }
    let name = text
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    let labels: Vec<&str> = name.split('.').collect();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty()
        && name.chars().all(is_plain)
        && (name.parse::<Ipv4Addr>().is_ok()
            || matches!(
                labels[..],
                [_] | [_, .., "local" | "lan" | "internal"] | [_, .., "home", "arpa"]
            )
            || name == "videos.example.org")
}
