use std::time::{Duration, UNIX_EPOCH};

use videoserve::http::{
    EntityTag, Method, Outcome, Representation, RequestHead, evaluate, format_http_date,
    parse_http_date,
};

/// Sun, 06 Nov 1994 08:49:37 GMT.
const MODIFIED: Duration = Duration::from_secs(784_111_777);
const METHODS: [Method; 2] = [Method::Get, Method::Head];

/// Parses dates and entity tags, and evaluates preconditions. The first byte chooses the method and the validators.
/// The other bytes are field lines.
pub fn conditions(data: &[u8]) {
    let Some((&choice, lines)) = data.split_first() else {
        return;
    };
    let Ok(lines) = std::str::from_utf8(lines) else {
        return;
    };
    let choice = usize::from(choice);
    let modified = UNIX_EPOCH + MODIFIED;
    let (etag, last_modified) = match choice / METHODS.len() % 2 {
        0 => (EntityTag::from_metadata(10, modified), Some(modified)),
        _ => (EntityTag::from_text("a"), None),
    };
    let method = METHODS[choice % METHODS.len()];
    let mut request = RequestHead::new(method, "/");
    for line in lines.split('\n') {
        let (name, value) = line.split_once(':').unwrap_or(("", line));
        request.add_field(name, value);
        check_date(value);
        check_tags(value);
    }
    let representation = Representation {
        complete_length: 10,
        media_type: "video/mp4",
        etag,
        last_modified,
    };
    check_outcome(&request, &evaluate(&request, &representation));
}

/// Checks that the request has a field that can cause the outcome (RFC 9110 §13.2.2).
fn check_outcome(request: &RequestHead, outcome: &Outcome) {
    let has = |field| request.field(field).is_some();
    match outcome {
        Outcome::Full => {}
        Outcome::NotModified => assert!(has("if-none-match") || has("if-modified-since")),
        Outcome::PreconditionFailed => {
            assert!(has("if-match") || has("if-unmodified-since"));
        }
        Outcome::Partial(_) | Outcome::Multipart(_) | Outcome::RangeNotSatisfiable => {
            assert!(request.method == Method::Get && has("range"));
        }
    }
}

/// Formats a parsed date, and checks that the result parses to the same time.
fn check_date(text: &str) {
    if let Some(time) = parse_http_date(text) {
        let written = format_http_date(time).expect("a parsed date can be written");
        assert_eq!(parse_http_date(&written), Some(time));
        // If `text` has the preferred form (IMF-fixdate), formatting returns exactly this text.
        let text = trim(text);
        if text.len() == written.len() && text.ends_with("GMT") && text.get(3..5) == Some(", ") {
            assert_eq!(text, written);
        }
    }
}

/// Formats parsed entity tags, and checks that the result parses to the same tags.
fn check_tags(text: &str) {
    if let Some(tags) = EntityTag::parse_list(text) {
        let written: Vec<String> = tags.iter().map(EntityTag::to_string).collect();
        let again = EntityTag::parse_list(&written.join(",")).expect("a written list is valid");
        let again: Vec<String> = again.iter().map(EntityTag::to_string).collect();
        assert_eq!(again, written);
    }
    if let Some(tag) = EntityTag::parse(text) {
        assert_eq!(tag.to_string(), trim(text));
        assert!(tag.weak_eq(&tag) && tag.strong_eq(&tag) != trim(text).starts_with("W/"));
    }
    let made = EntityTag::from_text(text);
    let read = EntityTag::parse(&made.to_string()).expect("a tag of our own");
    assert!(read.strong_eq(&made));
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
