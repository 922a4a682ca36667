//! Which resource a request is for. Pure: names that have been proved safe come out, nothing has been opened.

use crate::error::Error;
use crate::http::{Method, Target};
use crate::media::{FolderName, MediaName};
use crate::subtitles::Extension;

/// The paths that the server uses itself; a mount must neither cover them nor lie below them.
const OWN_PATHS: &str = "api/stream api/subtitles api/cut api/cover api/videos api/openapi.json browse watch playlist \
                         healthz metrics assets favicon.ico";

/// A further URL prefix for the streams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount(Vec<Vec<u8>>);

/// What a request is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// The bytes of a file.
    Stream(MediaName),
    /// A folder as a plain index.
    Index(FolderName),
    /// The subtitles in a file, as WebVTT.
    Subtitles(MediaName),
    /// Parts of a file as a virtual file.
    Cut(MediaName),
    /// The texts of a track inside a media file, as WebVTT.
    Track(MediaName),
    /// The picture inside a media file.
    Cover(MediaName),
    /// The methods of a stream, of subtitles or of the server: the answer to OPTIONS.
    StreamOptions,
    /// A folder as JSON.
    Videos(FolderName),
    /// A folder as a page.
    Browse(FolderName),
    /// The player page of a file.
    Watch(MediaName),
    /// A folder's videos for players.
    Playlist(FolderName),
    /// A playlist of one file.
    PlaylistOf(MediaName),
    /// A redirect to a folder's page: the request lacks the slash at the end that relative links need.
    ToFolder(FolderName),
    /// Whether the server is alive.
    Health,
    /// The counters, for Prometheus.
    Metrics,
    /// A file that is part of the program, by its path.
    Asset(String),
}

/// Why a request has no route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RouteError {
    /// The target names nothing that could be served.
    NotFound,
    /// The resource has other methods.
    MethodNotAllowed { allow: &'static str },
    /// The target has no meaning.
    BadTarget,
}

/// The methods of a page or a listing.
const READ_METHODS: &str = "GET, HEAD";
/// The methods of a stream.
pub(crate) const STREAM_METHODS: &str = "GET, HEAD, OPTIONS";

impl Mount {
    /// Checks a prefix.
    pub(crate) fn parse(prefix: &str) -> Result<Mount, Error> {
        plain_segments(prefix)
            .map(Mount)
            .map_err(|cause| Error::setting(format!("{prefix:?} cannot be mounted: {cause}")))
    }

    /// Whether this prefix begins with those segments, or they with it.
    pub(crate) fn overlaps(&self, segments: &[Vec<u8>]) -> bool {
        self.0.iter().zip(segments).all(|(own, one)| own == one)
    }

    fn strip<'a>(&self, segments: &'a [Vec<u8>]) -> Option<&'a [Vec<u8>]> {
        segments.strip_prefix(self.0.as_slice())
    }
}

impl Route {
    /// The route of a request.
    ///
    /// # Errors
    ///
    /// [`RouteError::NotFound`] for what names nothing that could be served, [`RouteError::MethodNotAllowed`] where
    /// the resource has other methods.
    pub(crate) fn of(
        method: Method,
        target: &Target,
        mounts: &[Mount],
    ) -> Result<Route, RouteError> {
        if target.is_asterisk() {
            // RFC 9110 §9.3.7: only OPTIONS can be asked of the server as a whole.
            return match method {
                Method::Options => Ok(Route::StreamOptions),
                _ => Err(RouteError::BadTarget),
            };
        }
        let route = Route::to(target, mounts)?;
        match (method, &route) {
            (Method::Get | Method::Head, _) => Ok(route),
            (Method::Options, route) if route.is_of_file() => Ok(Route::StreamOptions),
            (_, route) => Err(RouteError::MethodNotAllowed {
                allow: match route.is_of_file() {
                    true => STREAM_METHODS,
                    false => READ_METHODS,
                },
            }),
        }
    }

    /// Whether the resource is a file or a part of one, which scripts of other origins may ask for.
    fn is_of_file(&self) -> bool {
        matches!(
            self,
            Route::Stream(_)
                | Route::Subtitles(_)
                | Route::Track(_)
                | Route::Cover(_)
                | Route::Cut(_)
        )
    }

    fn to(target: &Target, mounts: &[Mount]) -> Result<Route, RouteError> {
        let (path, slash) = (target.segments(), target.ends_with_slash());
        let words: Vec<&[u8]> = path.iter().take(2).map(Vec::as_slice).collect();
        match words.as_slice() {
            [] if slash => return Ok(Route::Browse(FolderName::root())),
            // The base path without its slash.
            [] => return Ok(Route::ToFolder(FolderName::root())),
            [b"healthz"] if path.len() == 1 && !slash => return Ok(Route::Health),
            [b"metrics"] if is_metrics(target) => return Ok(Route::Metrics),
            [b"favicon.ico"] if !slash => return Ok(Route::Asset("/favicon.ico".to_owned())),
            [b"assets", name] if path.len() == 2 && !slash => {
                let name = String::from_utf8_lossy(name);
                return Ok(Route::Asset(format!("/assets/{name}")));
            }
            [b"api", b"openapi.json"] if path.len() == 2 && !slash => {
                return Ok(Route::Asset("/api/openapi.json".to_owned()));
            }
            [b"browse", ..] => {
                let folder = folder(&path[1..])?;
                return Ok(if slash {
                    Route::Browse(folder)
                } else {
                    Route::ToFolder(folder)
                });
            }
            [b"watch", ..] => return Ok(Route::Watch(file(&path[1..], slash)?)),
            [b"playlist", ..] if slash => return Ok(Route::Playlist(folder(&path[1..])?)),
            [b"playlist", ..] => return Ok(Route::PlaylistOf(file(&path[1..], slash)?)),
            [b"api", b"videos"] => return Ok(Route::Videos(folder(&path[2..])?)),
            [b"api", b"stream"] => return stream(&path[2..], slash),
            [b"api", b"subtitles"] if target.has_query_key("track") => {
                return Ok(Route::Track(file(&path[2..], slash)?));
            }
            [b"api", b"cut"] => return Ok(Route::Cut(file(&path[2..], slash)?)),
            [b"api", b"subtitles"] => return subtitles(&path[2..], slash),
            [b"api", b"cover"] => return Ok(Route::Cover(file(&path[2..], slash)?)),
            _ => {}
        }
        match mounts.iter().find_map(|mount| mount.strip(path)) {
            Some(rest) => stream(rest, slash),
            None => Err(RouteError::NotFound),
        }
    }
}

/// Returns the segments of a URL prefix that the server does not use itself.
///
/// # Errors
///
/// Why the prefix cannot be taken.
pub(crate) fn plain_segments(prefix: &str) -> Result<Vec<Vec<u8>>, String> {
    let refuse = |cause: &str| Err(cause.to_owned());
    if !prefix.starts_with('/') {
        return refuse("it must begin with /, as in /videos");
    }
    let Some(target) = Target::parse(prefix) else {
        return refuse("it is not a valid URL path");
    };
    let segments = target.segments().to_vec();
    if segments.is_empty() {
        return refuse("at the root it would hide the pages; choose a prefix such as /videos");
    }
    let odd = |segment: &Vec<u8>| matches!(segment.as_slice(), b"" | b"." | b"..");
    if target.query().is_some() || segments.iter().any(odd) {
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

/// Whether this target is the page of the metrics.
pub(crate) fn is_metrics(target: &Target) -> bool {
    target.segments() == [b"metrics"] && !target.ends_with_slash()
}

/// Whether this target is for scripts rather than people: its errors are JSON, and its responses have the fields of CORS.
pub(crate) fn is_for_scripts(target: &Target, mounts: &[Mount]) -> bool {
    target
        .segments()
        .first()
        .is_some_and(|first| first == b"api")
        || mounts
            .iter()
            .any(|mount| mount.strip(target.segments()).is_some())
}

fn file(segments: &[Vec<u8>], slash: bool) -> Result<MediaName, RouteError> {
    MediaName::from_segments(segments)
        .filter(|_| !slash)
        .ok_or(RouteError::NotFound)
}

/// A file; with a slash at the end, a folder.
fn stream(segments: &[Vec<u8>], slash: bool) -> Result<Route, RouteError> {
    match slash {
        true => Ok(Route::Index(folder(segments)?)),
        false => Ok(Route::Stream(file(segments, slash)?)),
    }
}

fn subtitles(segments: &[Vec<u8>], slash: bool) -> Result<Route, RouteError> {
    let name = file(segments, slash)?;
    match Extension::of(name.file_name().as_encoded_bytes()) {
        Some((extension, _)) if extension.unsupported().is_none() => Ok(Route::Subtitles(name)),
        _ => Err(RouteError::NotFound),
    }
}

fn folder(segments: &[Vec<u8>]) -> Result<FolderName, RouteError> {
    FolderName::from_segments(segments).ok_or(RouteError::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The OpenAPI description names every path of the server, and no other.
    #[test]
    fn description_names_the_paths_of_the_server() {
        let description = crate::web::asset("/api/openapi.json").unwrap();
        let description: serde_json::Value = serde_json::from_slice(description.content).unwrap();
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
