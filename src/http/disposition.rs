//! Content-Disposition (RFC 6266): the file name of a download.

use percent_encoding::percent_encode_byte;

/// Returns a value of Content-Disposition that makes a browser store the content as `name` (RFC 6266 §4).
///
/// Bytes that are not UTF-8 become U+FFFD. Path separators and control characters become `_`. A name that is empty or
/// has only dots and spaces becomes `download`, because some clients refuse it (§4.3).
///
/// Old clients misread quotation marks, `%` and non-ASCII characters. A name without such characters needs only
/// `filename`. For other names, `filename` contains `_` instead of these characters, and `filename*` contains the exact
/// name (RFC 8187). `filename*` follows `filename`, as Appendix D of RFC 6266 advises.
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
    let mut exact = String::new();
    for byte in name.bytes() {
        // `attr-char` of RFC 8187 §3.2.1.
        match byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            true => exact.push(char::from(byte)),
            false => exact.push_str(percent_encode_byte(byte)),
        }
    }
    format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{exact}")
}

fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '/' | '\\')
}

/// Returns whether some clients misread a character. Some decode `%41` inside the quotes, and some do not support `\"`
/// (Appendix D of RFC 6266).
fn is_misread(c: char) -> bool {
    !c.is_ascii() || matches!(c, '"' | '%')
}
