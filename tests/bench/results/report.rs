use std::fmt;

/// Prints a line for each value and counts the missed goals.
#[derive(Default)]
pub(crate) struct Report {
    missed: usize,
}

impl Report {
    pub(crate) fn section(&mut self, name: &str) {
        println!("\n{name}");
    }

    /// Prints a value with its goal.
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

    /// Prints a value without a goal.
    pub(crate) fn figure(&mut self, what: &str, figure: impl fmt::Display) {
        println!("          {what}: {figure}");
    }

    pub(crate) fn missed(&self) -> usize {
        self.missed
    }
}
