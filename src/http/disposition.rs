//! Content-Disposition (RFC 6266): under which name a download is stored.
//!
//! Knows how any name becomes an ASCII field value. Must not know which files exist.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What need not be encoded in an extended value: `attr-char` of RFC 8187 §3.2.1.
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Value of Content-Disposition that makes a browser store the content as `name` (RFC 6266 §4).
///
/// Bytes that are not UTF-8 become U+FFFD. Path separators and control characters become `_`, and a name that is empty
/// or made of dots becomes `download`: §4.3 tells clients to mistrust such names, and some refuse them.
/// `filename` alone is enough for a plain name. Otherwise `filename*` carries it exactly (RFC 8187) and comes second,
/// as Appendix D of RFC 6266 advises, and `filename` has `_` for what old clients misread.
pub fn attachment(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name).replace(is_unsafe, "_");
    let name = match name.trim_matches([' ', '.']).is_empty() {
        true => "download",
        false => name.as_str(),
    };
    let fallback = name.replace(is_misread, "_");
    if fallback == name {
        return format!("attachment; filename=\"{name}\"");
    }
    let exact = utf8_percent_encode(name, NOT_ATTR_CHAR);
    format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{exact}")
}

fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '/' | '\\')
}

/// Appendix D of RFC 6266: some clients decode `%41` inside the quotes, and some do not know `\"`.
fn is_misread(c: char) -> bool {
    !c.is_ascii() || matches!(c, '"' | '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &[u8], expected: &str) {
        assert_eq!(
            attachment(name),
            format!("attachment; {expected}"),
            "{}",
            name.escape_ascii()
        );
    }

    #[test]
    fn plain_names_need_no_second_form() {
        check(b"a.mp4", r#"filename="a.mp4""#);
        check(
            b"My film (2); a=b, 'c' #1.mkv",
            r#"filename="My film (2); a=b, 'c' #1.mkv""#,
        );
        check(b".hidden", r#"filename=".hidden""#);
    }

    #[test]
    fn other_names_have_both() {
        check(
            "ä.mp4".as_bytes(),
            r#"filename="_.mp4"; filename*=UTF-8''%C3%A4.mp4"#,
        );
        check(
            "🎬 1".as_bytes(),
            r#"filename="_ 1"; filename*=UTF-8''%F0%9F%8E%AC%201"#,
        );
        check(
            b"100%41.mp4",
            r#"filename="100_41.mp4"; filename*=UTF-8''100%2541.mp4"#,
        );
        check(
            br#"a"b'c*(d)"#,
            r#"filename="a_b'c*(d)"; filename*=UTF-8''a%22b%27c%2A%28d%29"#,
        );
        check(b"a\xffb", r#"filename="a_b"; filename*=UTF-8''a%EF%BF%BDb"#);
    }

    #[test]
    fn hostile_names_are_tamed() {
        check(b"../../etc/passwd", r#"filename=".._.._etc_passwd""#);
        check(b"C:\\x\\y", r#"filename="C:_x_y""#);
        check(
            b"a\r\nSet-Cookie: b\0\x7f",
            r#"filename="a__Set-Cookie: b__""#,
        );
        check("a\u{85}b".as_bytes(), r#"filename="a_b""#);
        for name in ["", ".", "..", " ", ". ."] {
            check(name.as_bytes(), r#"filename="download""#);
        }
    }
}
