//! RFC 9110 as values.
