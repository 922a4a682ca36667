//! The URL prefix under which a reverse proxy shows the server, such as `/videos`.
//!
//! The server accepts requests with and without this prefix, because some proxies remove it.

use std::sync::Arc;

use crate::error::Error;
use crate::http::Target;
use crate::media::FolderName;
use crate::route::plain_segments;

/// A prefix of all URLs. It is empty if the server is at the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BasePath {
    pub(crate) segments: Arc<[Vec<u8>]>,
    /// The prefix as a percent-encoded URL path without a slash at its end.
    pub(crate) url: Arc<str>,
}

impl BasePath {
    /// Parses a prefix. `/` and an empty string mean the root. Returns an error for a prefix that hides a path of the
    /// server, such as `/api`.
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

    /// Removes this prefix from a target. Does not change a target that does not begin with the prefix.
    pub(crate) fn strip(&self, mut target: Target) -> Target {
        if target.segments.starts_with(&self.segments) {
            target.segments.drain(..self.segments.len());
        }
        target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_becomes_a_canonical_url_or_is_refused() {
        let rows = "=|/=|/videos=/videos|/videos/=/videos|/a/b=/a/b|/v%69deos=/videos|/my videos%21=error|\
            /my%20films=/my%20films|/~ana/\u{fc}=/~ana/%C3%BC|videos=error|/a//b=error|/a/../b=error|/a?b=error|\
            /%zz=error|/.hidden=error|//=error|/api=error|/watch=error|/browse/x=error|/watching=/watching";
        for row in rows.split('|') {
            let (text, url) = row.split_once('=').unwrap();
            let base = BasePath::parse(text);
            let seen = base.as_ref().map_or("error", |base| &*base.url);
            assert_eq!(seen, url, "{text}");
        }
    }
}
