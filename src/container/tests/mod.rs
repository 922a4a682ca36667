//! The parsers over the project's clip, over files built by hand, and over damage.

mod audio_mp4;
mod build;
mod chapters;
mod codecs_matroska;
mod cover;
mod film;
mod fragments;
mod hostile;
mod hostile_texts;
mod matroska;
mod mp4;
mod records;
mod runs;
mod subtitle_files;
mod subtitles_matroska;
mod subtitles_mp4;
mod video_mp4;
