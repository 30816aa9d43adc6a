//! A headless Chromium, spoken to over its debugging pipe: what a person sees of a page.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any page takes on a busy machine.
const SOON: Duration = Duration::from_secs(60);

/// A browser with one page; it ends with the test.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    commands: File,
    messages: Receiver<Value>,
    session: Option<String>,
    count: u64,
    /// What the page did so far, by the name of the event.
    events: Vec<Value>,
    _directory: TempDir,
}

impl Browser {
    /// Starts it; `None`, said by name, where there is none.
    pub fn start() -> Option<Browser> {
        let is_there = Command::new("chromium")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !is_there.is_ok_and(|status| status.success()) {
            eprintln!("chromium is not installed: the HTML page is not looked at in a browser");
            return None;
        }
        let directory = TempDir::new().unwrap();
        let path = |name: &str| directory.path().join(name);
        for name in ["commands", "messages"] {
            assert!(
                Command::new("mkfifo")
                    .arg(path(name))
                    .status()
                    .unwrap()
                    .success()
            );
        }
        // Chromium reads commands from descriptor 3 and writes to 4.
        let child = Command::new("bash")
            .arg("-c")
            .arg(
                "exec chromium --headless --no-sandbox --disable-gpu --no-first-run \
                 --disable-background-networking --remote-debugging-pipe \
                 --user-data-dir=\"$2\" 3<\"$0\" 4>\"$1\" about:blank",
            )
            .args([path("commands"), path("messages"), path("profile")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let commands = File::options().write(true).open(path("commands")).unwrap();
        let mut reader = BufReader::new(File::open(path("messages")).unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            while reader
                .read_until(0, &mut bytes)
                .is_ok_and(|count| count > 0)
            {
                bytes.pop();
                let Ok(message) = serde_json::from_slice(&bytes) else {
                    return;
                };
                if sender.send(message).is_err() {
                    return;
                }
                bytes.clear();
            }
        });
        let mut browser = Browser {
            child,
            commands,
            messages,
            session: None,
            count: 0,
            events: Vec::new(),
            _directory: directory,
        };
        let page = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attached = browser.call(
            "Target.attachToTarget",
            json!({"targetId": page["targetId"], "flatten": true}),
        );
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Network", "Log", "Runtime"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Sends a command of the DevTools protocol, and returns its result.
    #[track_caller]
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.count += 1;
        let id = self.count;
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        write!(self.commands, "{message}\0").unwrap();
        loop {
            let message = self.next();
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn next(&self) -> Value {
        self.messages
            .recv_timeout(SOON)
            .expect("the browser answers")
    }

    /// Opens a file, and waits until it has loaded.
    pub fn open(&mut self, path: &Path) {
        self.events.clear();
        self.call(
            "Page.navigate",
            json!({"url": format!("file://{}", path.display())}),
        );
        let end = Instant::now() + SOON;
        while self.of("Page.loadEventFired").is_empty() {
            assert!(Instant::now() < end, "{} does not load", path.display());
            let message = self.next();
            self.events.push(message);
        }
    }

    /// Returns the events of a name since the page was opened.
    pub fn of(&self, name: &str) -> Vec<&Value> {
        self.events
            .iter()
            .filter(|event| event["method"] == name)
            .map(|event| &event["params"])
            .collect()
    }

    /// Returns the value of an expression.
    #[track_caller]
    pub fn value(&mut self, expression: &str) -> Value {
        let result = self.call(
            "Runtime.evaluate",
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true}),
        );
        assert!(
            result.get("exceptionDetails").is_none(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// Presses a key; `text` is what it types, if anything.
    pub fn press(&mut self, key: &str, code: u32, text: Option<&str>) {
        for kind in ["keyDown", "keyUp"] {
            let mut event =
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            if let (Some(text), "keyDown") = (text, kind) {
                event["text"] = text.into();
            }
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Types text into what has the focus.
    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }

    /// Makes the window so wide, and the media like this.
    pub fn look(&mut self, width: u32, media: &str, scheme: &str) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}),
        );
        self.call(
            "Emulation.setEmulatedMedia",
            json!({"media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        );
    }

    /// Keeps a picture of the page in the build's directory, for people to look at.
    pub fn picture(&mut self, name: &str) {
        use base64::Engine;
        let shot = self.call("Page.captureScreenshot", json!({"format": "png"}));
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(shot["data"].as_str().unwrap())
            .unwrap();
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(format!("{name}.png")), bytes).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
