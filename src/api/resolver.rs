//! Looks up the addresses of a host without a pool of threads: the client's own one panics where
//! the system refuses a thread.

use std::error::Error;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::thread::Builder;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

/// The system's resolver, on a thread for each lookup; on the client's own where there is none.
#[derive(Debug)]
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let (sender, receiver) = oneshot::channel();
        let started = Builder::new().spawn(move || sender.send(addresses(&host)));
        Box::pin(async move {
            let found = match started {
                Ok(_) => receiver.await?,
                Err(_) => addresses(name.as_str()),
            };
            let found: Addrs = Box::new(found?.into_iter());
            Ok::<_, Box<dyn Error + Send + Sync>>(found)
        })
    }
}

/// The port is the client's to set.
fn addresses(host: &str) -> io::Result<Vec<SocketAddr>> {
    Ok((host, 0).to_socket_addrs()?.collect())
}
