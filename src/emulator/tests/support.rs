//! A client that knows nothing: sockets, lines, and what is in them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use super::super::identity::authorization_of;
use super::super::request::Incoming;
use super::super::{Emulator, Fault, Options, Switches};
use crate::names::{Parse, RegionId};

pub(in crate::emulator) const NORTH: &str = "cn-north-4";
pub(in crate::emulator) const EAST: &str = "cn-east-3";
/// The path of the repository that the seed has.
pub(in crate::emulator) const REPO: &str = "/v2/manage/namespaces/demo/repos/web$api";

/// A call of SWR that anybody of the account may make.
pub(in crate::emulator) const SWR: &str = "GET /v2/manage/namespaces";

/// Returns the headers that sign a request; the host is what [`Played::send`] sends.
pub(in crate::emulator) fn signed(
    line: &str,
    body: &str,
    access_key: &str,
    secret_key: &str,
) -> Vec<(&'static str, String)> {
    let (method, path_and_query) = line.split_once(' ').unwrap();
    let date = jiff::Timestamp::now()
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string();
    let mut headers = hyper::HeaderMap::new();
    headers.insert("host", "127.0.0.1".parse().unwrap());
    headers.insert("x-sdk-date", date.parse().unwrap());
    let incoming = Incoming {
        region: NORTH,
        method,
        path_and_query,
        headers: &headers,
        body: body.as_bytes(),
    };
    let text = authorization_of(&incoming, &["host", "x-sdk-date"], access_key, secret_key);
    vec![("X-Sdk-Date", date), ("Authorization", text)]
}

/// An emulator of two regions.
pub(in crate::emulator) struct Played {
    pub(in crate::emulator) emulator: Emulator,
}

/// An answer; `None` in place of one means that the connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator) struct Answered {
    pub(in crate::emulator) status: u16,
    pub(in crate::emulator) headers: Vec<(String, String)>,
    pub(in crate::emulator) body: String,
    /// The body was shorter than its length.
    pub(in crate::emulator) torn: bool,
}

impl Answered {
    pub(in crate::emulator) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(in crate::emulator) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Status and code, of whichever shape.
    pub(in crate::emulator) fn code(&self) -> (u16, String) {
        let body = self.json();
        let code = [
            &body["error_code"],
            &body["errors"][0]["errorCode"],
            &body[0]["errorCode"],
            &body["errorCode"],
        ]
        .into_iter()
        .find_map(|code| code.as_str())
        .unwrap_or_default();
        (
            self.status,
            code.trim_start_matches("SVCSTG.SWR.").to_owned(),
        )
    }
}

/// Chooses these switches.
pub(in crate::emulator) fn switches(all: &[&str]) -> Switches {
    let mut chosen = Switches::default();
    for switch in all {
        chosen.set(switch).unwrap();
    }
    chosen
}

impl Played {
    pub(in crate::emulator) fn start() -> Played {
        Played::with(&[], &[])
    }

    pub(in crate::emulator) fn as_if(switches: &[&str]) -> Played {
        Played::with(switches, &[])
    }

    pub(in crate::emulator) fn failing(faults: &[&str]) -> Played {
        Played::with(&[], faults)
    }

    fn with(switches: &[&str], faults: &[&str]) -> Played {
        Played::of(Options {
            switches: self::switches(switches),
            faults: faults
                .iter()
                .map(|text| Fault::parse(text).unwrap())
                .collect(),
            ..Options::default()
        })
    }

    pub(in crate::emulator) fn of(options: Options) -> Played {
        let regions = [NORTH, EAST]
            .map(|id| RegionId::parse(id).unwrap())
            .to_vec();
        let emulator = Emulator::start(Options {
            regions,
            record: true,
            ..options
        })
        .unwrap();
        Played { emulator }
    }

    pub(in crate::emulator) fn connect(&self, region: &str) -> TcpStream {
        let stream = TcpStream::connect(self.address(region)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    }

    /// The registry's host, as it precedes an image's name.
    pub(in crate::emulator) fn host(&self, region: &str) -> String {
        self.address(region).to_string()
    }

    fn address(&self, region: &str) -> SocketAddr {
        let served = self.emulator.regions();
        served
            .iter()
            .find(|one| one.region.as_str() == region)
            .unwrap()
            .address
    }

    pub(in crate::emulator) fn token(&self, region: &str) -> String {
        let served = self.emulator.regions();
        served
            .iter()
            .find(|one| one.region.as_str() == region)
            .unwrap()
            .token
            .clone()
    }

    /// Asks the first region with its token.
    pub(in crate::emulator) fn get(&self, path: &str) -> Answered {
        self.ask(NORTH, "GET", path, "")
    }

    pub(in crate::emulator) fn post(&self, path: &str, body: &str) -> Answered {
        self.ask(NORTH, "POST", path, body)
    }

    pub(in crate::emulator) fn delete(&self, path: &str, body: &str) -> Answered {
        self.ask(NORTH, "DELETE", path, body)
    }

    pub(in crate::emulator) fn ask(
        &self,
        region: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> Answered {
        self.try_ask(region, method, path, body).expect("an answer")
    }

    pub(in crate::emulator) fn try_ask(
        &self,
        region: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> Option<Answered> {
        let token = self.token(region);
        let headers = [
            ("Content-Type", "application/json"),
            ("X-Auth-Token", token.as_str()),
        ];
        self.send(region, &format!("{method} {path}"), &headers, body)
    }

    pub(in crate::emulator) fn send(
        &self,
        region: &str,
        line: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Option<Answered> {
        let stream = self.connect(region);
        write(&stream, line, headers, body);
        let mut reader = BufReader::new(stream);
        if line.starts_with("HEAD ") {
            read_head(&mut reader)
        } else {
            read(&mut reader)
        }
    }

    /// Makes a task of the seed's repository to the target's namespace `demo`.
    pub(in crate::emulator) fn task(&self, auto: bool, replaces: bool) {
        self.emulator
            .add_task(NORTH, "demo", "web/api", EAST, "demo", auto, replaces);
    }

    /// The statuses of the copies, as they are listed, oldest first.
    pub(in crate::emulator) fn statuses(&self) -> Vec<String> {
        let jobs = self.get(&format!(
            "{REPO}/sync_job?filter=limit::100|offset::0|order::asc"
        ));
        let jobs = jobs.json();
        let statuses = jobs.as_array().unwrap().iter();
        statuses
            .map(|job| job["status"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Looks at the copies until all are final.
    pub(in crate::emulator) fn settle(&self) -> Vec<String> {
        for _ in 0..8 {
            let statuses = self.statuses();
            if !statuses
                .iter()
                .any(|status| status == "waiting" || status == "running")
            {
                return statuses;
            }
        }
        panic!("copies go on: {:?}", self.statuses());
    }
}

pub(in crate::emulator) fn write(
    stream: &TcpStream,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) {
    write_to(stream, "127.0.0.1", line, headers, body);
}

pub(in crate::emulator) fn write_to(
    mut stream: &TcpStream,
    host: &str,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) {
    let mut text = format!("{line} HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    // Who is cut off early has not read it all.
    let _ = stream.write_all(text.as_bytes());
}

pub(in crate::emulator) fn read(reader: &mut BufReader<TcpStream>) -> Option<Answered> {
    let mut answer = read_head(reader)?;
    let length = answer.header("content-length");
    let length = length.map_or(0, |value| value.parse().unwrap());
    let mut body = Vec::new();
    let _ = reader.take(length).read_to_end(&mut body);
    answer.torn = (body.len() as u64) < length;
    answer.body = String::from_utf8(body).unwrap();
    Some(answer)
}

/// Reads an answer that has no body.
fn read_head(reader: &mut BufReader<TcpStream>) -> Option<Answered> {
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|count| *count > 0)?;
    let status = line.split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_owned(), value.to_owned()));
    }
    Some(Answered {
        status,
        headers,
        torn: false,
        body: String::new(),
    })
}
