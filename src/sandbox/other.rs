//! Systems without layers that this program knows.

use std::path::Path;

use super::{Confinement, Layers, Needs};

impl Confinement {
    pub(super) fn confine(&mut self, _canonical: &Path, _needs: &Needs<'_>, _layers: Layers) {
        self.missing("sandbox", "this system has none that is known here");
    }

    /// Nothing is forbidden.
    #[allow(clippy::unused_self)]
    pub(crate) fn seal(&self) {}

    /// Nothing keeps us from a new one.
    #[allow(clippy::unused_self)]
    pub(crate) fn has_lost_folder(&self) -> bool {
        false
    }
}
