//! Pages and listings.
