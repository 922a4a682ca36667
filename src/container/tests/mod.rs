//! The parsers over the project's clip, over files built by hand, and over damage.

mod audio_mp4;
mod build;
mod codecs_matroska;
mod fragments;
mod hostile;
mod matroska;
mod mp4;
mod records;
mod video_mp4;
