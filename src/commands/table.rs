//! Lists whose rows are written as they come, in bounded memory.

use serde::Serialize;

use crate::error::Error;
use crate::output::{Output, Span};

/// A row of a list: JSON by its fields, and cells for a person.
pub(super) trait Row: Serialize {
    /// The names of the columns.
    const HEADERS: &'static [&'static str];

    /// Returns the cells for a person.
    fn cells(&self) -> Vec<Span>;
}

/// Writes the rows; `nothing` is what an empty list says to a person.
///
/// # Errors
/// The first error among the rows; what came before it is written, as a whole document.
pub(super) fn write<R: Row>(
    output: &Output,
    rows: impl Iterator<Item = Result<R, Error>>,
    nothing: &str,
) -> Result<(), Error> {
    let mut listing = output.listing(R::HEADERS);
    for row in rows {
        match row {
            Ok(row) => listing.item(&row, || row.cells())?,
            Err(error) if listing.count() == 0 => return Err(error),
            Err(error) => {
                listing.finish(nothing)?;
                return Err(error);
            }
        }
    }
    listing.finish(nothing)
}
