//! Maps a request to a resource. The module opens nothing. All names in a [`Route`] are safe.

use crate::http::Target;
use crate::media::{FolderName, MediaName};
use crate::subtitles::Extension;

/// The paths that the server itself uses. An additional prefix ([`Mount`]) must not be equal to such a path, above it
/// or below it.
const OWN_PATHS: &str = "api/stream api/subtitles api/cut api/cover api/videos api/openapi.json browse watch playlist \
                         healthz metrics assets favicon.ico";

/// An additional URL prefix for streams, as decoded segments.
pub(crate) type Mount = Vec<Vec<u8>>;

/// The resource of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Stream(MediaName),
    /// A folder as a plain list of links, for programs such as rclone.
    Index(FolderName),
    /// A subtitle file, as WebVTT.
    Subtitles(MediaName),
    /// Parts of a file, sent as one virtual file.
    Cut(MediaName),
    /// The texts of a track or the chapters inside a media file, as WebVTT.
    Track(MediaName),
    Cover(MediaName),
    /// The answer to `OPTIONS`.
    StreamOptions,
    Videos(FolderName),
    Browse(FolderName),
    /// The player page of a file.
    Watch(MediaName),
    Playlist(FolderName),
    /// A playlist of one file.
    PlaylistOf(MediaName),
    /// A redirect to the page of a folder: the path has no slash at its end, but relative links need it.
    ToFolder(FolderName),
    Health,
    Metrics,
    /// An asset, by its path.
    Asset(String),
}

pub(crate) const STREAM_METHODS: &str = "GET, HEAD, OPTIONS";

impl Route {
    /// Returns the allowed methods. Files and their parts allow OPTIONS, for CORS requests from other origins.
    pub(crate) fn methods(&self) -> &'static str {
        match self {
            Route::Stream(_)
            | Route::Subtitles(_)
            | Route::Track(_)
            | Route::Cover(_)
            | Route::Cut(_) => STREAM_METHODS,
            _ => "GET, HEAD",
        }
    }

    /// Returns the resource of a target. If `has_metrics` is false, `/metrics` is an unknown path.
    pub(crate) fn of(target: &Target, mounts: &[Mount], has_metrics: bool) -> Option<Route> {
        let segments = target.segments.as_slice();
        let path: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
        let folder = |start| FolderName::from_segments(&segments[start..]);
        let file = |start| MediaName::from_segments(&segments[start..]);
        let is_track = target.query_value("track").is_some();
        match (path.as_slice(), target.ends_with_slash) {
            ([], true) => Some(Route::Browse(FolderName::root())),
            // The target is the base path (the URL prefix at a reverse proxy) without the slash at its end.
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
            ([b"api", b"subtitles", ..], false) if is_track => file(2).map(Route::Track),
            ([b"api", b"subtitles", ..], false) => {
                file(2).filter(is_convertible).map(Route::Subtitles)
            }
            (_, slash) => {
                let mut mounts = mounts.iter();
                let rest = mounts.find_map(|mount| segments.strip_prefix(&**mount))?;
                match slash {
                    true => FolderName::from_segments(rest).map(Route::Index),
                    false => MediaName::from_segments(rest).map(Route::Stream),
                }
            }
        }
    }
}

/// Returns whether the server converts files with this extension to WebVTT.
fn is_convertible(name: &MediaName) -> bool {
    let extension = Extension::of(name.file_name().as_encoded_bytes());
    extension.is_some_and(|(extension, _)| extension.unsupported().is_none())
}

/// Returns the segments of a URL prefix for a [`Mount`].
///
/// # Errors
///
/// The reason why the prefix is not allowed.
pub(crate) fn plain_segments(prefix: &str) -> Result<Vec<Vec<u8>>, String> {
    if !prefix.starts_with('/') {
        return Err("it must begin with /, as in /videos".to_owned());
    }
    let target = Target::parse(prefix).ok_or("it is not a valid URL path")?;
    let segments = target.segments;
    let odd = |segment: &Vec<u8>| matches!(segment.as_slice(), b"" | b"." | b"..");
    let clashes = |own: &&str| {
        let mut pairs = own.split('/').zip(&segments);
        pairs.all(|(own, one)| own.as_bytes() == one)
    };
    let cause = if segments.is_empty() {
        "at the root it would hide the pages; choose a prefix such as /videos".to_owned()
    } else if target.query.is_some() || segments.iter().any(odd) {
        "it must be a plain path without empty, . or .. segments and without a query".to_owned()
    } else if let Some(own) = OWN_PATHS.split(' ').find(clashes) {
        format!("the server itself uses /{own}")
    } else {
        return Ok(segments);
    };
    Err(cause)
}

/// Returns whether a target is for scripts. If so, errors are JSON, and responses have CORS fields.
pub(crate) fn is_for_scripts(target: &Target, mounts: &[Mount]) -> bool {
    let segments = &target.segments;
    let is_api = segments.first().is_some_and(|first| first == b"api");
    is_api || mounts.iter().any(|mount| segments.starts_with(mount))
}

#[cfg(test)]
mod tests {
    use super::*;

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
