//! What synchronization asks of its caller.

use crate::api::Service;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::names::RegionId;

/// The caller: it knows the services, hears what happens on the way, and is interrupted.
pub trait Host: Sync {
    /// Returns the service in a target region.
    ///
    /// # Errors
    /// Missing or wrong settings and credentials; nothing is sent.
    fn service_in(&self, region: &RegionId) -> Result<Service, Error>;

    /// Hears what happens on the way.
    fn event(&self, event: &Event<'_>);

    /// Returns the signals of this run.
    fn interrupt(&self) -> &Interrupt;
}

/// What happens on the way; none of it ends the work.
#[derive(Debug)]
pub enum Event<'a> {
    /// The regions offered cannot be listed; without an error, the service here does not list them.
    RegionNotChecked(Option<&'a Error>),
    /// The target namespace cannot be looked at.
    NamespaceNotChecked(&'a Error),
}
