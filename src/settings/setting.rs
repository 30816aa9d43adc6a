//! A setting's value, where it came from, and what it beat.

use crate::origin::Origin;

/// A value that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// The place that gave it.
    pub origin: Origin,
    /// What weaker places gave, strongest first, as it may be shown.
    pub beaten: Vec<(Origin, String)>,
}

impl<T> Setting<T> {
    /// Makes a setting that beat nothing.
    pub fn new(value: T, origin: Origin) -> Setting<T> {
        Setting {
            value,
            origin,
            beaten: Vec::new(),
        }
    }
}
