//! A request head at the gate: one reading only, however it arrives.

use super::{pieces, stretch};
use crate::gate::Version;
use crate::gate::head::{
    CleanHead, ContentFraming, FIELD_COUNT_LIMIT, FIELDS_LIMIT, HeadScan, REQUEST_LINE_LIMIT,
    Verdict,
};
use crate::http::{Method, Status};

/// The first byte says how the others are cut into pieces.
pub fn head(data: &[u8]) {
    let Some((&seed, bytes)) = data.split_first() else {
        return;
    };
    let stretched = stretch(bytes);
    let bytes = stretched.as_slice();
    let verdict = HeadScan::default().examine(bytes);
    assert_eq!(verdict, in_pieces(&pieces(seed, bytes)));
    match verdict {
        Verdict::Partial => assert!(bytes.len() <= REQUEST_LINE_LIMIT + FIELDS_LIMIT),
        Verdict::Refuse(status) => assert!(matches!(
            status,
            Status::BadRequest
                | Status::UriTooLong
                | Status::RequestHeaderFieldsTooLarge
                | Status::ExpectationFailed
                | Status::NotImplemented
                | Status::HttpVersionNotSupported
        )),
        Verdict::Clean(clean) => {
            agrees_with_a_plain_reading(&clean, bytes);
            says_the_same_on_the_link(&clean);
            // What follows a head is not looked at.
            let alone = HeadScan::default().examine(&bytes[..clean.length]);
            assert_eq!(alone, Verdict::Clean(clean));
        }
    }
}

fn in_pieces(pieces: &[&[u8]]) -> Verdict {
    let mut scan = HeadScan::default();
    let mut buffer = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        let verdict = scan.examine(&buffer);
        if verdict != Verdict::Partial {
            return verdict;
        }
    }
    Verdict::Partial
}

/// The fields of a head as anybody else would find them: lines, and what stands on both sides of the first colon.
fn fields(head: &str) -> Vec<(&str, &str)> {
    let lines = head.split("\r\n").skip(1);
    lines
        .take_while(|line| !line.is_empty())
        .map(|line| line.split_once(':').expect("a colon in every line"))
        .map(|(name, value)| (name, value.trim_matches([' ', '\t'])))
        .collect()
}

fn values<'a>(fields: &[(&str, &'a str)], wanted: &str) -> Vec<&'a str> {
    let found = fields
        .iter()
        .filter(|field| field.0.eq_ignore_ascii_case(wanted));
    found.map(|field| field.1).collect()
}

/// Wherever two readers could differ on where the message ends, the gate must not have said "clean".
fn agrees_with_a_plain_reading(clean: &CleanHead, bytes: &[u8]) {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    assert_eq!(end.map(|end| end + 4), Some(clean.length));
    // Latin-1, so that every byte is a character.
    let head: String = bytes[..clean.length]
        .iter()
        .map(|&byte| char::from(byte))
        .collect();
    assert_eq!(head.matches('\n').count(), head.matches("\r\n").count());
    assert_eq!(head.matches('\r').count(), head.matches("\r\n").count());
    assert!(!head.contains('\0'));

    let line = head.split("\r\n").next().unwrap_or_default();
    let words: Vec<&str> = line.split(' ').collect();
    let [method, target, version] = words[..] else {
        panic!("not three words: {line:?}");
    };
    assert!(Method::parse(method).is_some() && !target.is_empty());
    let line_length = line.chars().count() + 2;
    assert!(line_length <= REQUEST_LINE_LIMIT && clean.length - line_length <= FIELDS_LIMIT);
    assert_eq!(clean.version == Version::Http10, version == "HTTP/1.0");
    assert!(version.starts_with("HTTP/1."));

    let fields = fields(&head);
    assert!(fields.len() <= FIELD_COUNT_LIMIT);
    for (name, value) in &fields {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        assert!(!name.is_empty() && name.chars().all(is_token), "{name:?}");
        assert!(
            !value.contains(|c: char| c.is_ascii_control() && c != '\t'),
            "{value:?}"
        );
    }
    let hosts = values(&fields, "host").len();
    assert!(hosts == 1 || (hosts == 0 && clean.version == Version::Http10));
    let lengths = values(&fields, "content-length");
    let codings = values(&fields, "transfer-encoding");
    let content = match (&lengths[..], &codings[..]) {
        ([], []) => ContentFraming::None,
        ([length], []) => match length.bytes().fold(0_u64, decimal) {
            0 => ContentFraming::None,
            length => ContentFraming::Length(length),
        },
        ([], [coding]) if coding.eq_ignore_ascii_case("chunked") => ContentFraming::Chunked,
        _ => panic!("no single reading: {lengths:?} {codings:?}"),
    };
    assert_eq!(clean.content, content);
    assert!(!clean.expects_continue || content != ContentFraming::None);
    let options = values(&fields, "connection").join(",").to_ascii_lowercase();
    let has = |option| options.split(',').any(|found| found.trim_ascii() == option);
    let keep_alive = !has("close") && (clean.version == Version::Http11 || has("keep-alive"));
    assert_eq!(clean.keep_alive, keep_alive);
}

fn decimal(number: u64, digit: u8) -> u64 {
    assert!(digit.is_ascii_digit());
    number
        .saturating_mul(10)
        .saturating_add(u64::from(digit - b'0'))
}

/// What goes on is a request that the server behind the gate reads as the gate did: ASCII, three words, no field that
/// it does not need, none about the connection. Read once more, it comes out as it went in.
fn says_the_same_on_the_link(clean: &CleanHead) {
    let wire = std::str::from_utf8(&clean.wire).expect("ASCII");
    assert!(wire.is_ascii() && wire.ends_with("\r\n") && !wire.contains("\r\n\r\n"));
    let line = wire.split("\r\n").next().unwrap_or_default();
    assert!(
        line.split(' ').count() == 3 && line.ends_with(" HTTP/1.1"),
        "{line:?}"
    );
    let whole = format!("{wire}\r\n");
    let fields = fields(&whole);
    for name in [
        "connection",
        "content-length",
        "transfer-encoding",
        "expect",
        "upgrade",
        "te",
    ] {
        assert_eq!(values(&fields, name), [""; 0]);
    }
    for (name, value) in &fields {
        let field = format!("{name}: {value}");
        let read: tiny_http::Header = field.parse().expect("a field that tiny_http reads, too");
        assert!(read.field.as_str() == *name && read.value.as_str() == *value);
    }
    // Escapes and blanks make it longer than what was read.
    let fits = line.len() + 2 <= REQUEST_LINE_LIMIT && whole.len() - line.len() - 2 <= FIELDS_LIMIT;
    if fits && values(&fields, "host").len() == 1 {
        let again = CleanHead {
            length: whole.len(),
            wire: clean.wire.clone(),
            version: Version::Http11,
            keep_alive: true,
            content: ContentFraming::None,
            expects_continue: false,
        };
        assert_eq!(
            HeadScan::default().examine(whole.as_bytes()),
            Verdict::Clean(again)
        );
    }
}
