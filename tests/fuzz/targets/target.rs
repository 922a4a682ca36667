use std::path::{Component, Path};

use videoserve::http::Target;
use videoserve::parsers::{is_local_host, resource};

/// Parses a request target (the first line) and a host (the other lines).
pub fn target(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (text, name) = text.split_once('\n').unwrap_or((text, ""));
    check_host(name);
    let Some(target) = Target::parse(text) else {
        return;
    };
    check_host(target.authority.as_deref().unwrap_or_default());
    if text == "*" {
        return;
    }
    check_round_trip(&target);
    if let Some((path, url)) = resource(&target) {
        assert!(is_below_and_visible(&path), "{path:?}");
        let own = Target::parse(&url).expect("a URL of our own");
        assert_eq!(resource(&own), Some((path, url)));
    }
}

/// Checks that the percent-encoded segments of a target parse to the same segments.
fn check_round_trip(target: &Target) {
    let mut text = String::new();
    for segment in &target.segments {
        text.push('/');
        text.extend(segment.iter().map(|byte| format!("%{byte:02X}")));
    }
    if target.ends_with_slash {
        text.push('/');
    }
    let again = Target::parse(&text).expect("a target");
    assert_eq!(again.segments, target.segments);
    assert_eq!(again.ends_with_slash, target.ends_with_slash);
}

fn is_below_and_visible(path: &Path) -> bool {
    let is_visible = |part| match part {
        Component::Normal(name) => !name.as_encoded_bytes().starts_with(b"."),
        _ => false,
    };
    path.components().all(is_visible) && path.as_os_str().len() < 4096
}

/// Checks that upper case does not change the result, and that a name below `example.org` is never local. An attacker
/// can let a name of his domain point to this machine (DNS rebinding), so the server must refuse such names.
fn check_host(text: &str) {
    let is_local = is_local_host(text);
    assert_eq!(is_local_host(&text.to_ascii_uppercase()), is_local);
    if !text.contains(':') {
        assert!(!is_local_host(&format!("{text}.example.org")), "{text:?}");
    }
}
