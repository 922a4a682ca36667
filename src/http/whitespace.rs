//! Whitespace in field values (RFC 9110 §5.6.3).

/// Optional whitespace (RFC 9110 §5.6.3), around a field value and around a comma in a list.
pub(crate) const OWS: [char; 2] = [' ', '\t'];
