//! Tests the parsers with the clip of the project, with built files, and with damaged files. A row of a table is one
//! line.

pub(crate) mod build;
mod chapters;
mod codecs_matroska;
mod codecs_mp4;
mod cover;
mod fragments;
mod hostile;
mod matroska;
mod mp4;
pub(crate) mod muxer;
mod runs;
#[allow(dead_code)]
#[path = "../../../tests/shared/matroska.rs"]
mod shared;
mod subtitles_matroska;
mod subtitles_mp4;
