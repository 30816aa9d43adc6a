//! `swr check | plan | apply | export`: a fleet of tasks, declared in files.

mod check;
mod read;

pub(super) use check::Check;

#[cfg(test)]
pub(super) use check::Checked;
