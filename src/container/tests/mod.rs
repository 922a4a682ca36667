//! Tests the parsers with the clip of the project, with files that the tests build, and with damaged files.

pub(crate) mod build;
mod chapters_cover;
mod codecs;
mod fragments;
mod hostile;
mod matroska;
mod mp4;
pub(crate) mod muxer;
#[allow(dead_code)]
#[path = "../../../tests/shared/matroska.rs"]
mod shared;
mod subtitles_matroska;
mod subtitles_mp4;
