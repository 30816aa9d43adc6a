//! The sockets: one listener a region on 127.0.0.1, all on one thread of their own.

use std::future::{Future, poll_fn};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::front::Front;
use crate::error::{Error, Kind};

/// The thread that serves; dropped, it ends, and with it every connection.
#[derive(Debug)]
pub(super) struct Running {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Takes a port of 127.0.0.1: this one, or any that is free.
///
/// # Errors
/// Kind `io` when it is taken.
pub(super) fn bind(port: Option<u16>) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |error: std::io::Error| {
        let what = match port {
            Some(port) => format!("port {port} of 127.0.0.1 cannot be had"),
            None => "no port of 127.0.0.1 can be had".to_owned(),
        };
        Error::new(Kind::Io, what)
            .cause(error)
            .hint("choose another one with --port, or none for free ones")
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Serves each region at its listener.
///
/// # Errors
/// Kind `io` when the system gives no thread or poller.
pub(super) fn serve(regions: Vec<(TcpListener, Front)>) -> Result<Running, Error> {
    let failed =
        |error: std::io::Error| Error::new(Kind::Io, "the emulator cannot be started").cause(error);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let (stop, stopped) = oneshot::channel();
    let listeners = {
        let _inside = runtime.enter();
        let converted = regions.into_iter().map(|(listener, front)| {
            Ok((
                tokio::net::TcpListener::from_std(listener)?,
                Arc::new(front),
            ))
        });
        converted
            .collect::<std::io::Result<Vec<_>>>()
            .map_err(failed)?
    };
    let serving = move || {
        runtime.block_on(async {
            for (listener, front) in listeners {
                tokio::spawn(accept(listener, front));
            }
            let _ = stopped.await;
        });
    };
    let thread = std::thread::Builder::new()
        .name("emulator".to_owned())
        .spawn(serving)
        .map_err(failed)?;
    Ok(Running {
        stop: Some(stop),
        thread: Some(thread),
    })
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: tokio::net::TcpListener, front: Arc<Front>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                tokio::spawn(converse(stream, Arc::clone(&front)));
            }
            // Out of file descriptors: some will come back.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Answers the requests of one connection.
async fn converse(stream: TcpStream, front: Arc<Front>) {
    let closing = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| {
        let front = Arc::clone(&front);
        let closing = Arc::clone(&closing);
        async move { front.serve(request, &closing).await }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    poll_fn(|context| match connection.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(()),
        // The answer is out: hang up without a word.
        Poll::Pending if closing.load(Ordering::Relaxed) => Poll::Ready(()),
        Poll::Pending => Poll::Pending,
    })
    .await;
}
