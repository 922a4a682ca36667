//! Pictures that stand beside files and bear their name.
//!
//! Knows names with another extension. Which extensions are pictures is the caller's to say.

use std::io;

use rustix::fs::FileType;

use super::dir::MediaDir;
use super::folder::unless_gone;
use super::name::MediaName;

impl MediaDir {
    /// For each name the first of `extensions` under which a file stands beside it, if any: `film.jpg` for `film.mp4`.
    ///
    /// A few looks for each name and no pass over the folder, so it is for the entries of a page. What is found can be
    /// opened, as far as links go.
    ///
    /// # Errors
    ///
    /// Where the directory itself is gone, or the system has run out of something.
    pub(crate) fn posters<'n>(
        &self,
        names: impl IntoIterator<Item = &'n MediaName>,
        extensions: &[&'static str],
    ) -> io::Result<Vec<Option<&'static str>>> {
        let root = self.root()?;
        let beside = |name: &MediaName| {
            for &extension in extensions {
                let Some(poster) = name.with_extension(extension) else {
                    continue;
                };
                let found = unless_gone(self.look(&root, poster.as_path()))?;
                if found.is_some_and(|details| details.file_type == FileType::RegularFile) {
                    return Ok(Some(extension));
                }
            }
            Ok(None)
        };
        names.into_iter().map(beside).collect()
    }
}

impl MediaName {
    /// The same name with another extension, if that is a name that may be asked for.
    pub(crate) fn with_extension(&self, extension: &str) -> Option<MediaName> {
        let mut name = self.stem().to_os_string();
        name.push(".");
        name.push(extension);
        self.folder().join(&name)
    }
}
