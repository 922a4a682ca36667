//! The media directory.
