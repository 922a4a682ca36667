//! Tests the parsers with the clip of the project, with built files, and with damaged files.

mod audio_mp4;
pub(crate) mod build;
mod chapters;
mod codecs_matroska;
mod cover;
mod film;
mod fragments;
mod hostile;
mod matroska;
mod mp4;
pub(crate) mod muxer;
mod records;
mod runs;
#[allow(dead_code)]
#[path = "../../../tests/shared/matroska.rs"]
mod shared;
mod subtitle_files;
mod subtitles_matroska;
mod subtitles_mp4;
mod video_mp4;
