//! A setting's value, where it came from, and what it overrides.

use crate::origin::Origin;

/// A value in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
    /// What weaker layers gave, strongest first, as it may be shown.
    pub overridden: Vec<(Origin, String)>,
}

impl<T> Setting<T> {
    /// Makes a setting that overrides nothing.
    pub fn new(value: T, origin: Origin) -> Setting<T> {
        Setting {
            value,
            origin,
            overridden: Vec::new(),
        }
    }

    /// Returns `true` if it was set: neither a default nor derived.
    pub fn is_named(&self) -> bool {
        !matches!(self.origin, Origin::Default | Origin::Derived(_))
    }

    /// Changes the value and keeps the rest.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting {
            value: change(self.value),
            origin: self.origin,
            overridden: self.overridden,
        }
    }
}
