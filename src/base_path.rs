//! The URL prefix of the server at a reverse proxy.
//!
//! The server accepts requests with and without this prefix, because some proxies remove it and some do not.

use std::sync::Arc;

use crate::error::Error;
use crate::http::Target;
use crate::media::FolderName;
use crate::route::{Mount, plain_segments};

/// A prefix of all URLs. It is empty if the server is at the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BasePath {
    segments: Arc<[Vec<u8>]>,
    url: Arc<str>,
}

impl BasePath {
    /// Parses a prefix with the rules for mounts. Neither may hide a path of the server. `/` and an empty string mean
    /// the root.
    pub(crate) fn parse(text: &str) -> Result<BasePath, Error> {
        if matches!(text, "" | "/") {
            return Ok(BasePath::default());
        }
        let refuse =
            |cause: &str| Error::setting(format!("{text:?} cannot be the base path: {cause}"));
        let segments = plain_segments(text).map_err(|cause| refuse(&cause))?;
        let name = FolderName::from_segments(&segments);
        let name = name.ok_or_else(|| refuse("a segment begins with a dot or is too long"))?;
        Ok(BasePath {
            segments: segments.into(),
            url: format!("/{}", name.url_path()).into(),
        })
    }

    /// Returns this prefix as a percent-encoded URL path without a trailing slash.
    pub(crate) fn url(&self) -> &Arc<str> {
        &self.url
    }

    /// Removes this prefix from a target that begins with it.
    pub(crate) fn strip(&self, mut target: Target) -> Target {
        if target.segments.starts_with(&self.segments) {
            target.segments.drain(..self.segments.len());
        }
        target
    }

    /// Returns whether a request path can match both this prefix and `mount`.
    pub(crate) fn clashes_with(&self, mount: &Mount) -> bool {
        !self.segments.is_empty() && mount.overlaps(&self.segments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_path_is_one_spelling_of_a_plain_path() {
        let rows = "=|/=|/videos=/videos|/videos/=/videos|/a/b=/a/b|/v%69deos=/videos|/my videos%21=error|\
            /my%20films=/my%20films|/~ana/\u{fc}=/~ana/%C3%BC|videos=error|/a//b=error|/a/../b=error|/a?b=error|\
            /%zz=error|/.hidden=error|//=error|/api=error|/watch=error|/browse/x=error|/watching=/watching";
        for row in rows.split('|') {
            let (text, url) = row.split_once('=').unwrap();
            let base = BasePath::parse(text);
            let seen = base.as_ref().map_or("error", |base| base.url());
            assert_eq!(seen, url, "{text}");
        }
    }

    #[test]
    fn prefix_is_removed_once() {
        let base = BasePath::parse("/a/b%20c").unwrap();
        for row in [
            "/a/b%20c/watch/x -> watch/x",
            "http://h/a/%62%20c/watch/x -> watch/x",
            "/watch/x -> watch/x",
            "/a/b%20c/a/b%20c/x -> a/b c/x",
            "/a/b -> a/b",
            "/a/b%20cd/x -> a/b cd/x",
            "/a/b%20c -> ",
            "/a/b%20c/ -> /",
            "/ -> /",
            "* -> ",
        ] {
            let (target, path) = row.split_once(" -> ").unwrap();
            let stripped = base.strip(Target::parse(target).unwrap());
            let mut seen = String::from_utf8(stripped.segments.join(&b'/')).unwrap();
            if stripped.ends_with_slash {
                seen.push('/');
            }
            assert_eq!(seen, path, "{target}");
        }
    }
}
