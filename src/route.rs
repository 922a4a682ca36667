//! Maps a request to a resource. Pure: the module returns names that are proved safe, and opens nothing.

use crate::error::Error;
use crate::http::Target;
use crate::media::{FolderName, MediaName};
use crate::subtitles::Extension;

/// The paths that the server itself uses. A mount must not contain such a path and must not be below it.
const OWN_PATHS: &str = "api/stream api/subtitles api/cut api/cover api/videos api/openapi.json browse watch playlist \
                         healthz metrics assets favicon.ico";

/// An additional URL prefix for the streams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount(Vec<Vec<u8>>);

/// The resource of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// The bytes of a file.
    Stream(MediaName),
    /// A folder as a plain index.
    Index(FolderName),
    /// A subtitle file, as WebVTT.
    Subtitles(MediaName),
    /// Parts of a file, sent as one virtual file.
    Cut(MediaName),
    /// The texts of a track or the chapters inside a media file, as WebVTT.
    Track(MediaName),
    /// The cover image inside a media file.
    Cover(MediaName),
    /// The answer to OPTIONS: the methods of a stream, of subtitles or of the server.
    StreamOptions,
    /// A folder as JSON.
    Videos(FolderName),
    /// A folder as a page.
    Browse(FolderName),
    /// The player page of a file.
    Watch(MediaName),
    /// A folder as a playlist.
    Playlist(FolderName),
    /// A playlist of one file.
    PlaylistOf(MediaName),
    /// A redirect to a folder's page, because the path has no slash at its end, which relative links need.
    ToFolder(FolderName),
    /// The health check.
    Health,
    /// The metrics for Prometheus.
    Metrics,
    /// An asset, by its path.
    Asset(String),
}

/// The allowed methods of a page or a listing.
const READ_METHODS: &str = "GET, HEAD";
/// The allowed methods of a stream.
pub(crate) const STREAM_METHODS: &str = "GET, HEAD, OPTIONS";

impl Mount {
    /// Parses a URL prefix.
    pub(crate) fn parse(prefix: &str) -> Result<Mount, Error> {
        plain_segments(prefix)
            .map(Mount)
            .map_err(|cause| Error::setting(format!("{prefix:?} cannot be mounted: {cause}")))
    }

    /// Whether one of the two prefixes begins with the other.
    pub(crate) fn overlaps(&self, segments: &[Vec<u8>]) -> bool {
        self.0.iter().zip(segments).all(|(own, one)| own == one)
    }

    fn strip<'a>(&self, segments: &'a [Vec<u8>]) -> Option<&'a [Vec<u8>]> {
        segments.strip_prefix(self.0.as_slice())
    }
}

impl Route {
    /// Returns the methods that the resource allows. Scripts of other origins may request a file or a part of a file, so
    /// these allow OPTIONS, too.
    pub(crate) fn methods(&self) -> &'static str {
        match self {
            Route::Stream(_)
            | Route::Subtitles(_)
            | Route::Track(_)
            | Route::Cover(_)
            | Route::Cut(_) => STREAM_METHODS,
            _ => READ_METHODS,
        }
    }

    /// Returns the resource of a target, if there is one. Without metrics, `/metrics` is an unknown path.
    pub(crate) fn of(target: &Target, mounts: &[Mount], has_metrics: bool) -> Option<Route> {
        let segments = target.segments.as_slice();
        let path: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
        let folder = |start| FolderName::from_segments(&segments[start..]);
        let file = |start| MediaName::from_segments(&segments[start..]);
        match (path.as_slice(), target.ends_with_slash) {
            ([], true) => Some(Route::Browse(FolderName::root())),
            // The target is the base path without its slash.
            ([], false) => Some(Route::ToFolder(FolderName::root())),
            ([b"healthz"], false) => Some(Route::Health),
            ([b"metrics"], false) if has_metrics => Some(Route::Metrics),
            ([b"favicon.ico"] | [b"assets", _] | [b"api", b"openapi.json"], false) => {
                let path = path.join(&b'/');
                Some(Route::Asset(format!("/{}", String::from_utf8_lossy(&path))))
            }
            ([b"browse", ..], true) => folder(1).map(Route::Browse),
            ([b"browse", ..], false) => folder(1).map(Route::ToFolder),
            ([b"watch", ..], false) => file(1).map(Route::Watch),
            ([b"playlist", ..], true) => folder(1).map(Route::Playlist),
            ([b"playlist", ..], false) => file(1).map(Route::PlaylistOf),
            ([b"api", b"videos", ..], _) => folder(2).map(Route::Videos),
            ([b"api", b"stream", ..], true) => folder(2).map(Route::Index),
            ([b"api", b"stream", ..], false) => file(2).map(Route::Stream),
            ([b"api", b"cut", ..], false) => file(2).map(Route::Cut),
            ([b"api", b"cover", ..], false) => file(2).map(Route::Cover),
            ([b"api", b"subtitles", ..], false) if target.query_value("track").is_some() => {
                file(2).map(Route::Track)
            }
            ([b"api", b"subtitles", ..], false) => {
                file(2).filter(is_convertible).map(Route::Subtitles)
            }
            (_, slash) => {
                let rest = mounts.iter().find_map(|mount| mount.strip(segments))?;
                match slash {
                    true => FolderName::from_segments(rest).map(Route::Index),
                    false => MediaName::from_segments(rest).map(Route::Stream),
                }
            }
        }
    }
}

/// Returns whether the extension is that of subtitles that the server converts to WebVTT.
fn is_convertible(name: &MediaName) -> bool {
    let extension = Extension::of(name.file_name().as_encoded_bytes());
    extension.is_some_and(|(extension, _)| extension.unsupported().is_none())
}

/// Returns the segments of a URL prefix. The prefix must not overlap with the server's own paths.
///
/// # Errors
///
/// The reason why the prefix is not allowed.
pub(crate) fn plain_segments(prefix: &str) -> Result<Vec<Vec<u8>>, String> {
    let refuse = |cause: &str| Err(cause.to_owned());
    if !prefix.starts_with('/') {
        return refuse("it must begin with /, as in /videos");
    }
    let Some(target) = Target::parse(prefix) else {
        return refuse("it is not a valid URL path");
    };
    let segments = target.segments;
    if segments.is_empty() {
        return refuse("at the root it would hide the pages; choose a prefix such as /videos");
    }
    let odd = |segment: &Vec<u8>| matches!(segment.as_slice(), b"" | b"." | b"..");
    if target.query.is_some() || segments.iter().any(odd) {
        return refuse(
            "it must be a plain path without empty, . or .. segments and without a query",
        );
    }
    let clashes = |own: &&str| {
        let mut pairs = own.split('/').zip(&segments);
        pairs.all(|(own, one)| own.as_bytes() == one)
    };
    match OWN_PATHS.split(' ').find(clashes) {
        Some(own) => refuse(&format!("the server itself uses /{own}")),
        None => Ok(segments),
    }
}

/// Whether this target is for scripts and not for people: its errors are JSON, and its responses have CORS fields.
pub(crate) fn is_for_scripts(target: &Target, mounts: &[Mount]) -> bool {
    target.segments.first().is_some_and(|first| first == b"api")
        || mounts
            .iter()
            .any(|mount| mount.strip(&target.segments).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The OpenAPI description must name every path of the server, and no other path.
    #[test]
    fn description_names_the_paths_of_the_server() {
        let (_, description) = crate::web::asset("/api/openapi.json", "").unwrap();
        let description: serde_json::Value = serde_json::from_slice(&description).unwrap();
        let described = description["paths"].as_object().unwrap();
        let own: Vec<String> = OWN_PATHS.split(' ').map(|own| format!("/{own}")).collect();
        let is_at = |path: &str, own: &str| {
            let rest = path.strip_prefix(own);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        for own in &own {
            assert!(described.keys().any(|path| is_at(path, own)), "{own}");
        }
        for path in described.keys() {
            let is_own = own.iter().any(|own| is_at(path, own));
            assert!(is_own || path == "/", "{path}");
        }
    }
}
