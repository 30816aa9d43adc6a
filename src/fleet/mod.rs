//! A fleet: the tasks of many repositories, declared in files. From the files to the wished tasks,
//! and from these and what was found to the changes.
//!
//! `commands` calls it. Source: the design of a fleet, sections 2 and 3. It knows the files' TOML,
//! selection and ownership; it sends nothing, and knows no command line.

mod as_terraform;
mod as_toml;
mod conflict;
mod document;
mod entry;
mod fault;
mod files;
mod inventory;
mod pattern;
mod plan;
mod plan_file;
mod resolve;
mod schema;
mod scope;
mod template;

pub use conflict::Selection;
pub use entry::{Entry, Home, Source};
pub use fault::{Place, Warning};
pub use files::read;
pub use inventory::{Extent, Inventory, Live};
pub use pattern::Pattern;
pub use plan::{Action, Change, Found, changes};
pub use plan_file::{PlanReader, PlanWriter, PlannedChange};
pub use resolve::Fleet;
pub use schema::SCHEMA;
pub use scope::{Scope, Shard, ShardArgument};
