//! Which resource a target names.
