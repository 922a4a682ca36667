use std::fmt;

/// Prints a line for each figure and counts the goals that were missed.
#[derive(Default)]
pub(crate) struct Report {
    missed: usize,
}

impl Report {
    pub(crate) fn section(&mut self, name: &str) {
        println!("\n{name}");
    }

    /// A figure with its goal.
    pub(crate) fn goal(
        &mut self,
        met: bool,
        what: &str,
        figure: impl fmt::Display,
        goal: impl fmt::Display,
    ) {
        let word = if met { "met   " } else { "MISSED" };
        println!("  {word}  {what}: {figure} (goal: {goal})");
        self.missed += usize::from(!met);
    }

    /// A figure that has no goal, for the reader.
    pub(crate) fn figure(&mut self, what: &str, figure: impl fmt::Display) {
        println!("          {what}: {figure}");
    }

    pub(crate) fn missed(&self) -> usize {
        self.missed
    }
}
