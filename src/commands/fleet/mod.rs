//! `swr check | plan | apply | export`: a fleet of tasks, declared in files.

mod act;
mod apply;
mod backfill;
mod check;
mod deletes;
mod export;
mod item;
mod plan;
mod preview;
mod reach;
mod read;
mod saved;
mod scope_args;
mod sheet;
mod unmatched;
mod wanted;
mod work;

pub(super) use apply::Apply;
pub(super) use check::Check;
pub(super) use export::Export;
pub(super) use plan::Plan;
pub(super) use reach::{Manner, Profiles, Region};
pub(super) use read::read as read_files;
pub(super) use scope_args::ScopeArgs;

#[cfg(test)]
pub(super) use check::Checked;
#[cfg(test)]
pub(super) use item::{FleetReport, Item};
