//! A service on loopback that gives prepared answers and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::api::{Event, Limits, Trace, Transport, Trust};
use crate::interrupt::Interrupt;

/// A request as it came: method and path, headers, body.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) line: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(other, _)| other == name);
        found.next().map(|(_, value)| value.as_str())
    }
}

/// The service; each answer is status, headers and body, given in order, the last one again and
/// again.
pub(super) struct Service {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

pub(super) type Answer = (u16, &'static str, &'static str);

impl Service {
    pub(super) fn start(answers: &'static [Answer]) -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        // The thread ends with the test's process; it holds nothing but the socket.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let asked = read(&stream);
                let mut seen = seen.lock().unwrap();
                let answer = answers.get(seen.len()).or(answers.last()).unwrap();
                seen.push(asked);
                answer_with(&mut stream, *answer);
            }
        });
        Service { address, asked }
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Returns method and path of each request.
    pub(super) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

fn read(stream: &TcpStream) -> Asked {
    let mut reader = BufReader::new(stream);
    let mut asked = Asked::default();
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    line.truncate(line.rfind(" HTTP").unwrap_or(0));
    asked.line = line;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        asked.headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = asked.header("content-length").unwrap_or("0");
    let mut bytes = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut bytes).unwrap();
    asked.body = String::from_utf8(bytes).unwrap();
    asked
}

fn answer_with(stream: &mut TcpStream, (status, headers, body): Answer) {
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .unwrap();
}

struct Silent;

impl Trace for Silent {
    fn event(&self, _event: &Event<'_>) {}
}

pub(super) fn transport() -> Arc<Transport> {
    let limits = Limits {
        timeout: Duration::from_secs(30),
        connect_timeout: Duration::from_secs(10),
        retries: 0,
    };
    let trust = Trust::default();
    let trace = Box::new(Silent);
    let proxy = Arc::new(|_: &url::Url| None);
    Arc::new(Transport::new(
        limits,
        trust,
        proxy,
        trace,
        Interrupt::default(),
    ))
}
