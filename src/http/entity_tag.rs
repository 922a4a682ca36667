//! Entity tags (RFC 9110 §8.8.3): the name of a version.
//!
//! Knows their syntax, both comparisons, and how to make one from metadata. Must not know files.

use std::error::Error;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::whitespace::OWS;

/// An entity tag (RFC 9110 §8.8.3).
///
/// There are two ways to compare two of them and the choice matters, so there is no `==`.
#[derive(Clone, Debug)]
pub struct EntityTag {
    is_weak: bool,
    // Only characters of `etagc`: no blank, no quote, no control character.
    opaque: String,
}

impl EntityTag {
    /// A strong tag from what every change of a file changes, and every copy of it shares: length and time of the last
    /// modification, in nanoseconds. Never the inode: replicas must agree, or a download resumed at another fails.
    ///
    /// Any time will do, also one before 1970.
    pub fn from_metadata(length: u64, modified: SystemTime) -> EntityTag {
        let opaque = match modified.duration_since(UNIX_EPOCH) {
            Ok(after) => format!("{length:x}-{:x}", after.as_nanos()),
            Err(before) => format!("{length:x}-m{:x}", before.duration().as_nanos()),
        };
        EntityTag {
            is_weak: false,
            opaque,
        }
    }

    /// A strong tag from a text that changes with the content, such as its hash.
    ///
    /// What may not stand in a tag is percent-encoded, so different texts never make the same tag.
    pub fn from_text(text: &str) -> EntityTag {
        const NOT_ETAGC: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');
        EntityTag {
            is_weak: false,
            opaque: utf8_percent_encode(text, NOT_ETAGC).to_string(),
        }
    }

    /// Reads one tag: `"abc"` or `W/"abc"`.
    ///
    /// # Errors
    ///
    /// If the text is anything else, a list included.
    pub fn parse(text: &str) -> Result<EntityTag, ParseEntityTagError> {
        match EntityTag::parse_prefix(text.trim_matches(OWS))? {
            (tag, "") => Ok(tag),
            (_, _) => Err(ParseEntityTagError(())),
        }
    }

    /// Reads the tag that `text` begins with, and returns what follows.
    fn parse_prefix(text: &str) -> Result<(EntityTag, &str), ParseEntityTagError> {
        // RFC 9110 §8.8.3: `W/` is case-sensitive. obs-text may stand in a tag, a comma too.
        let (is_weak, quoted) = match text.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, text),
        };
        let rest = quoted.strip_prefix('"').ok_or(ParseEntityTagError(()))?;
        let (opaque, rest) = rest.split_once('"').ok_or(ParseEntityTagError(()))?;
        if !opaque
            .chars()
            .all(|c| matches!(c, '!' | '#'..='~' | '\u{80}'..))
        {
            return Err(ParseEntityTagError(()));
        }
        Ok((
            EntityTag {
                is_weak,
                opaque: opaque.to_owned(),
            },
            rest,
        ))
    }

    /// Whether the tag is weak: good to avoid a transfer, not good to put two parts together.
    pub fn is_weak(&self) -> bool {
        self.is_weak
    }

    /// Strong comparison (RFC 9110 §8.8.3.2): both strong, and equal.
    pub fn strong_eq(&self, other: &EntityTag) -> bool {
        !self.is_weak && !other.is_weak && self.opaque == other.opaque
    }

    /// Weak comparison (RFC 9110 §8.8.3.2): equal, weak or not.
    pub fn weak_eq(&self, other: &EntityTag) -> bool {
        self.opaque == other.opaque
    }
}

/// As on the wire, with quotes.
impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}\"{}\"",
            if self.is_weak { "W/" } else { "" },
            self.opaque
        )
    }
}

/// The value of If-Match or If-None-Match (RFC 9110 §13.1.1, §13.1.2).
#[derive(Clone, Debug)]
pub enum EntityTagList {
    /// `*`: any current representation.
    Any,
    /// One of these.
    Tags(Vec<EntityTag>),
}

impl EntityTagList {
    /// Reads `*` or a list of tags, in which elements may be empty (RFC 9110 §5.6.1.2). One pass, whatever the text.
    ///
    /// # Errors
    ///
    /// If an element is no entity tag, also if the others are.
    pub fn parse(text: &str) -> Result<EntityTagList, ParseEntityTagError> {
        if text.trim_matches(OWS) == "*" {
            return Ok(EntityTagList::Any);
        }
        let empty_elements = [OWS[0], OWS[1], ','];
        let mut tags = Vec::new();
        let mut rest = text.trim_start_matches(empty_elements);
        while !rest.is_empty() {
            let (tag, after) = EntityTag::parse_prefix(rest)?;
            tags.push(tag);
            let after = after.trim_start_matches(OWS);
            if !after.is_empty() && !after.starts_with(',') {
                return Err(ParseEntityTagError(()));
            }
            rest = after.trim_start_matches(empty_elements);
        }
        Ok(EntityTagList::Tags(tags))
    }

    /// Whether the list has a tag for which `is_equal` holds. `*` matches whatever exists.
    pub(super) fn matches(&self, is_equal: impl Fn(&EntityTag) -> bool) -> bool {
        match self {
            EntityTagList::Any => true,
            EntityTagList::Tags(tags) => tags.iter().any(is_equal),
        }
    }
}

/// A text that is no entity tag, or no list of them.
#[derive(Debug)]
pub struct ParseEntityTagError(());

impl fmt::Display for ParseEntityTagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot parse entity tag: not a quoted text, with or without W/ before it")
    }
}

impl Error for ParseEntityTagError {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[track_caller]
    fn check_list(text: &str, expected: &str) {
        let shown = match EntityTagList::parse(text) {
            Ok(EntityTagList::Any) => "*".to_owned(),
            Ok(EntityTagList::Tags(tags)) => tags
                .iter()
                .map(EntityTag::to_string)
                .collect::<Vec<_>>()
                .join(" "),
            Err(ParseEntityTagError(())) => "error".to_owned(),
        };
        assert_eq!(shown, expected, "{text:?}");
    }

    /// RFC 9110 §8.8.3, with the empty elements of §5.6.1.2.
    #[test]
    fn tag_list_is_read() {
        check_list("*", "*");
        check_list(" *\t", "*");
        check_list(r#""*""#, r#""*""#);
        check_list("", "");
        check_list(" ,, ", "");
        check_list(r#"W/"a",,"b" ,	"""#, r#"W/"a" "b" """#);
        check_list(r#""a,b", "ü\!'""#, r#""a,b" "ü\!'""#);
    }

    /// RFC 9110 §8.8.3.
    #[test]
    fn malformed_tag_list_is_refused() {
        for row in [
            r#"a|"a|a"|'a'|w/"a"|W/ "a"|W/a|W/|"a" "b"|"a"b|"a b"|"a", b"#,
            "*, \"a\"|\"a\", *|**|\"a\tb\"|\"\u{7f}\"",
        ] {
            row.split('|').for_each(|text| check_list(text, "error"));
        }
        assert!(EntityTag::parse("\"a\", \"b\"").is_err());
        assert!(EntityTag::parse("*").is_err());
        assert!(EntityTag::parse(" W/\"a\"").is_ok_and(|tag| tag.is_weak()));
    }

    #[test]
    fn comparisons_are_those_of_the_table() {
        // RFC 9110 §8.8.3.2, Table 3.
        let rows = [
            (r#"W/"1""#, r#"W/"1""#, false, true),
            (r#"W/"1""#, r#"W/"2""#, false, false),
            (r#"W/"1""#, r#""1""#, false, true),
            (r#""1""#, r#""1""#, true, true),
        ];
        for (one, other, strong, weak) in rows {
            let tag = |text| EntityTag::parse(text).expect("a tag");
            assert_eq!(tag(one).strong_eq(&tag(other)), strong, "{one} {other}");
            assert_eq!(tag(other).strong_eq(&tag(one)), strong, "{other} {one}");
            assert_eq!(tag(one).weak_eq(&tag(other)), weak, "{one} {other}");
        }
    }

    #[test]
    fn tags_from_metadata_differ_by_a_byte_and_by_a_nanosecond() {
        let (now, nanosecond) = (
            UNIX_EPOCH + Duration::from_secs(1_700_000_000),
            Duration::from_nanos(1),
        );
        let times = [
            now,
            now + nanosecond,
            UNIX_EPOCH,
            UNIX_EPOCH + nanosecond,
            UNIX_EPOCH - nanosecond,
        ];
        let far = Duration::from_secs(1 << 40);
        let far = [UNIX_EPOCH.checked_add(far), UNIX_EPOCH.checked_sub(far)];
        let times = times.into_iter().chain(far.into_iter().flatten());
        let tags: Vec<EntityTag> = times
            .flat_map(|time| [0, 1, u64::MAX].map(|length| EntityTag::from_metadata(length, time)))
            .collect();
        for (i, one) in tags.iter().enumerate() {
            assert!(EntityTag::parse(&one.to_string()).is_ok_and(|parsed| parsed.strong_eq(one)));
            assert!(
                tags.iter()
                    .enumerate()
                    .all(|(j, other)| one.weak_eq(other) == (i == j)),
                "{one}"
            );
        }
    }

    #[test]
    fn any_text_makes_a_tag_of_its_own() {
        for (text, tag) in [
            ("a1b2", "\"a1b2\""),
            ("a \"%\n", "\"a%20%22%25%0A\""),
            ("", "\"\""),
        ] {
            assert_eq!(EntityTag::from_text(text).to_string(), tag);
        }
    }
}
