//! `swr check | plan | apply | export`: a fleet of tasks, declared in files.

mod act;
mod apply;
mod check;
mod deletes;
mod item;
mod plan;
mod reach;
mod read;
mod saved;
mod scope_args;
mod sheet;
mod wanted;
mod work;

pub(super) use apply::Apply;
pub(super) use check::Check;
pub(super) use plan::Plan;

#[cfg(test)]
pub(super) use check::Checked;
#[cfg(test)]
pub(super) use item::{FleetReport, Item};
