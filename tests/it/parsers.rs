//! Tests the parsers of the module `http` with random text. The parsers must not panic. If a parsed value is printed,
//! the printed text must parse to the same value.
//!
//! To run more cases:
//! `PROPTEST_CASES=1000000 cargo test parsers`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use videoserve::http::{
    ByteRange, EntityTag, MAX_PARTS, Method, Outcome, Persistence, Representation, RequestHead,
    ResponseHead, Target, attachment, evaluate, format_http_date, last_modified, parse_http_date,
    select,
};

/// Generates text from pieces of valid values, or any text.
fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "bytes=",
        "0-",
        "-5",
        "5-2",
        "18446744073709551616",
        ",",
        " ",
        "\t",
        "\"",
        "W/",
        "*",
        "\"a\"",
        "=",
        "-",
        "/",
        "%",
        "%2f",
        "%41",
        "%00",
        "?",
        "&",
        "+",
        "#",
        "download",
        "http://",
        "h:80",
        "..",
        "Sun, ",
        "06 Nov 1994 ",
        "08:49:37",
        " GMT",
        "Sunday, 06-Nov-94 ",
        "Sun Nov  6 ",
        " 1994",
        "\0",
        "\r\n",
        "\u{7f}",
        "ä",
        "🎬",
    ];
    let piece = proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned);
    prop_oneof![
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat()),
        any::<String>(),
    ]
}

fn times() -> impl Strategy<Value = SystemTime> {
    let any = (any::<bool>(), 0..1_u64 << 39, 0..1_000_000_000_u32);
    any.prop_map(|(before, seconds, nanos)| {
        let distance = Duration::new(seconds, nanos);
        let time = if before {
            UNIX_EPOCH.checked_sub(distance)
        } else {
            UNIX_EPOCH.checked_add(distance)
        };
        time.unwrap_or(UNIX_EPOCH)
    })
}

fn encode(segment: &[u8]) -> String {
    segment
        .iter()
        .fold(String::new(), |text, byte| text + &format!("%{byte:02X}"))
}

/// Returns the values of `filename` and of `filename*` in a Content-Disposition field.
fn names_of(disposition: &str) -> (&str, Option<&str>) {
    let rest = disposition
        .strip_prefix("attachment; filename=\"")
        .expect("a file name");
    let (fallback, rest) = rest.split_once('"').expect("a closing quote");
    if rest.is_empty() {
        return (fallback, None);
    }
    (
        fallback,
        Some(
            rest.strip_prefix("; filename*=UTF-8''")
                .expect("a second form"),
        ),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_range_selects_only_bytes_of_the_file(text in text(), complete_length: u64) {
        for value in [text.clone(), format!("bytes={text}")] {
            let is_inside = |range: &ByteRange| range.last_pos() < complete_length;
            match select(Some(&value), complete_length) {
                Outcome::Full => {}
                Outcome::Partial(range) => prop_assert!(is_inside(&range)),
                Outcome::Multipart(ranges) => {
                    prop_assert!((2..=MAX_PARTS).contains(&ranges.len()));
                    prop_assert!(ranges.iter().all(is_inside));
                }
                Outcome::RangeNotSatisfiable => prop_assert!(complete_length > 0),
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            }
        }
    }

    #[test]
    fn any_request_has_a_valid_response_head(lines in proptest::collection::vec((0_usize..7, text()), 0..6), length: u64) {
        let names = ["range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "host"];
        for method in [Method::Get, Method::Head] {
            let mut request = RequestHead::new(method, "/");
            lines.iter().for_each(|(name, value)| request.add_field(names[*name], value));
            let representation = Representation {
                complete_length: length,
                media_type: "video/mp4",
                etag: EntityTag::from_metadata(length, UNIX_EPOCH),
                last_modified: Some(UNIX_EPOCH),
            };
            let outcome = evaluate(&request, &representation);
            let is_partial = matches!(outcome, Outcome::Partial(_) | Outcome::Multipart(_) | Outcome::RangeNotSatisfiable);
            prop_assert!(method == Method::Get || !is_partial);
            let mut head = Vec::new();
            ResponseHead::for_outcome(&outcome, &representation, 1).encode(UNIX_EPOCH, Persistence::Close, &mut head);
            prop_assert!(head.ends_with(b"\r\n\r\n"));
            prop_assert_eq!(head.windows(4).filter(|window| window == b"\r\n\r\n").count(), 1);
        }
    }

    #[test]
    fn any_entity_tag_list_is_parsed_or_refused(text in text()) {
        if let Some(tags) = EntityTag::parse_list(&text) {
            let printed: Vec<String> = tags.iter().map(EntityTag::to_string).collect();
            let Some(again) = EntityTag::parse_list(&printed.join(",")) else {
                return Err(TestCaseError::fail("a printed list does not parse"));
            };
            prop_assert_eq!(printed, again.iter().map(EntityTag::to_string).collect::<Vec<_>>());
        }
        if let Some(tag) = EntityTag::parse(&text) {
            prop_assert_eq!(text.trim_matches([' ', '\t']), tag.to_string());
        }
    }

    #[test]
    fn different_texts_have_different_tags(one in text(), other in text()) {
        let (one_tag, other_tag) = (EntityTag::from_text(&one), EntityTag::from_text(&other));
        prop_assert_eq!(one_tag.strong_eq(&other_tag), one == other);
        prop_assert!(EntityTag::parse(&one_tag.to_string()).is_some_and(|tag| tag.strong_eq(&one_tag)));
    }

    #[test]
    fn different_metadata_has_different_tags(length: u64, one in times(), other in times()) {
        let one_tag = EntityTag::from_metadata(length, one);
        prop_assert!(EntityTag::parse(&one_tag.to_string()).is_some_and(|tag| tag.strong_eq(&one_tag)));
        prop_assert_eq!(one_tag.strong_eq(&EntityTag::from_metadata(length, other)), one == other);
        let modified = last_modified(one, one);
        if let Some(seconds) = modified {
            prop_assert!(one.duration_since(seconds).is_ok_and(|rest| rest < Duration::from_secs(1)));
            prop_assert_eq!(format_http_date(seconds).as_deref().and_then(parse_http_date), Some(seconds));
        }
        prop_assert_eq!(modified.is_some(), format_http_date(one).is_some());
    }

    #[test]
    fn any_date_is_parsed_or_refused(text in text()) {
        if let Some(date) = parse_http_date(&text) {
            prop_assert_eq!(format_http_date(date).as_deref().and_then(parse_http_date), Some(date));
        }
    }

    #[test]
    fn any_credentials_are_parsed_or_refused(text in text()) {
        for value in [format!("Basic {text}"), text] {
            let user_pass = videoserve::http::basic_user_pass(&value);
            prop_assert!(user_pass.is_none_or(|it| it.contains(&b':') && it.len() < value.len()));
        }
    }

    #[test]
    fn any_target_is_parsed_or_refused(text in text(), name in text()) {
        for text in [text.clone(), format!("/{text}"), format!("http://h/{text}")] {
            let Some(target) = Target::parse(&text) else { continue };
            let _ = target.query_value(&name);
            prop_assert!(!target.segments.iter().flatten().any(|byte| matches!(byte, b'/' | 0)));
        }
    }

    #[test]
    fn encoded_segments_parse_to_the_same_segments(
        segments in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..8), 0..5),
        slash: bool,
        host: bool,
    ) {
        let has_no = |bytes: &Vec<u8>| !bytes.iter().any(|byte| matches!(byte, b'/' | 0));
        let path: String = segments.iter().map(|segment| format!("/{}", encode(segment))).collect();
        let end = if slash || segments.is_empty() { "/" } else { "" };
        let target = Target::parse(&format!("{}{path}{end}?q", if host { "http://h" } else { "" }));
        prop_assert_eq!(target.is_some(), segments.iter().all(has_no));
        let Some(target) = target else { return Ok(()) };
        prop_assert_eq!(target.segments, segments);
        prop_assert_eq!(target.ends_with_slash, !end.is_empty());
        prop_assert_eq!(target.authority.as_deref(), host.then_some("h"));
    }

    #[test]
    fn encoded_query_value_parses_to_the_same_value(value in proptest::collection::vec(any::<u8>(), 0..12)) {
        let target = Target::parse(&format!("/?a=b&download={}&c", encode(&value))).expect("a target");
        prop_assert_eq!(target.query_value("download"), Some(value));
    }

    #[test]
    fn any_file_name_becomes_a_safe_field_value(text in text(), bytes: Vec<u8>) {
        for name in [text.into_bytes(), bytes] {
            let value = attachment(&name);
            prop_assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{}", value);
            let (fallback, exact) = names_of(&value);
            prop_assert!(!fallback.contains(['/', '\\', '"', '%']));
            let stored = exact.map_or_else(|| fallback.to_owned(), decode);
            prop_assert!(!stored.contains(|c: char| c.is_control() || c == '/' || c == '\\'));
            let plain = String::from_utf8_lossy(&name).replace(|c: char| c.is_control() || c == '/' || c == '\\', "_");
            prop_assert!(stored == plain || (stored == "download" && plain.trim_matches([' ', '.']).is_empty()));
        }
    }
}

/// Decodes an extended value (RFC 8187), without the code under test.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || {
            rest.next()
                .and_then(|digit| char::from(digit).to_digit(16))
                .and_then(|digit| u8::try_from(digit).ok())
        };
        bytes.push(match byte {
            b'%' => digit().expect("a digit") << 4 | digit().expect("a digit"),
            plain => plain,
        });
    }
    String::from_utf8(bytes).expect("UTF-8")
}
