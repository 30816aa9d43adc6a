//! A server that says exactly what a test wrote down, byte for byte, and keeps what it heard.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use super::Home;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Status, headers, body.
    Say(u16, Vec<(&'static str, String)>, String),
    /// These bytes, then the end.
    Raw(Vec<u8>),
    /// Nothing; the connection is closed.
    Cut,
    /// Nothing, until the client goes.
    Stall,
    /// A body that never ends.
    Endless,
    /// A body of so many bytes.
    Huge(usize),
}

impl Reply {
    pub fn json(status: u16, body: &str) -> Reply {
        Reply::Say(
            status,
            vec![("Content-Type", "application/json".into())],
            body.to_owned(),
        )
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: &str) -> Reply {
        if let Reply::Say(_, headers, _) = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Heard {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

type Play = dyn Fn(usize, &Heard) -> Reply + Send + Sync;

/// The server; it lives as long as the test.
#[derive(Debug)]
pub struct Wire {
    port: u16,
    heard: Arc<Mutex<Vec<Heard>>>,
    arrivals: Receiver<()>,
}

impl Wire {
    /// Serves the replies one after the other; the last one again and again.
    pub fn serve(replies: impl IntoIterator<Item = Reply>) -> Wire {
        let replies: Vec<Reply> = replies.into_iter().collect();
        Wire::play(move |count, _| replies.get(count).or(replies.last()).unwrap().clone())
    }

    /// Serves what a function makes of the number of the request, from 0, and the request.
    pub fn play(play: impl Fn(usize, &Heard) -> Reply + Send + Sync + 'static) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let play: Arc<Play> = Arc::new(play);
        let (sender, arrivals) = channel();
        let shared = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (heard, play, sender) =
                    (Arc::clone(&shared), Arc::clone(&play), sender.clone());
                std::thread::spawn(move || converse(stream, &heard, play.as_ref(), &sender));
            }
        });
        Wire {
            port,
            heard,
            arrivals,
        }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// A user who has this server as endpoint, and a token.
    pub fn user(&self) -> Home {
        Home::new()
            .with("SWR_ENDPOINT", self.address())
            .with("SWR_TOKEN", "token-of-the-test")
            .hiding(format!("127.0.0.1:{}", self.port), "[SERVER]")
    }

    /// What came so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The request lines so far, without the HTTP version.
    pub fn lines(&self) -> Vec<String> {
        self.heard()
            .into_iter()
            .map(|heard| heard.line.replace(" HTTP/1.1", ""))
            .collect()
    }

    /// Waits until a request has come.
    pub fn wait_for_a_request(&self) {
        self.arrivals
            .recv_timeout(std::time::Duration::from_secs(20))
            .expect("no request came");
    }
}

fn converse(stream: TcpStream, heard: &Mutex<Vec<Heard>>, play: &Play, arrivals: &Sender<()>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(request) = read(&mut reader) {
        let count = {
            let mut heard = heard.lock().unwrap();
            heard.push(request.clone());
            heard.len() - 1
        };
        let reply = play(count, &request);
        let _ = arrivals.send(());
        if !answer(&mut stream, &reply) {
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Heard> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut headers = Vec::new();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim_end();
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(": ")?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok()?;
        }
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Heard {
        line: line.trim_end().to_owned(),
        headers,
        body,
    })
}

/// Returns whether the connection goes on.
fn answer(stream: &mut TcpStream, reply: &Reply) -> bool {
    match reply {
        Reply::Say(status, headers, body) => {
            let mut text = format!("HTTP/1.1 {status} Some Reason\r\n");
            for (name, value) in headers {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
            text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
            stream.write_all(text.as_bytes()).is_ok()
        }
        Reply::Raw(bytes) => {
            let _ = stream.write_all(bytes);
            false
        }
        Reply::Cut => false,
        Reply::Stall => {
            // Returns when the client closes its end.
            let _ = stream.read(&mut [0; 1]);
            false
        }
        Reply::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while stream.write_all(b"400\r\n").is_ok()
                && stream.write_all(&[b' '; 0x400]).is_ok()
                && stream.write_all(b"\r\n").is_ok()
            {}
            false
        }
        Reply::Huge(size) => {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n");
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&vec![b' '; *size]);
            true
        }
    }
}
