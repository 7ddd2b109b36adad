//! A real browser without a window: Chromium, told what to do over a pipe by its own protocol.
//!
//! What a page logs, and whatever it asks of the network, is kept, so that a test can say that there
//! was none. Nothing of it is a stand-in: what a test sees is what a reader would.

use std::cell::{Cell, RefCell};
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long the browser may take to answer.
const PATIENCE: Duration = Duration::from_secs(120);
/// Says that there is no browser here, and that this is known.
const WITHOUT: &str = "HOLDPOINT_NO_BROWSER";
/// What it may be called.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// It draws no window, keeps nothing, and asks nobody for anything by itself.
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];

/// A browser that lives as long as this does.
pub(crate) struct Browser {
    child: Child,
    say: RefCell<File>,
    hear: Receiver<Value>,
    next: Cell<u64>,
    _folder: TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// How wide the window is.
    pub(crate) width: u32,
    /// `light` or `dark`.
    pub(crate) scheme: &'static str,
    /// `screen` or `print`.
    pub(crate) media: &'static str,
}

/// A page that was opened.
pub(crate) struct Tab<'b> {
    browser: &'b Browser,
    session: String,
    /// What was asked of the network, by address.
    pub(crate) requests: Vec<String>,
    /// What the page logged, or the browser about it.
    pub(crate) messages: Vec<String>,
}

impl Browser {
    /// A running browser. Where none is installed the test fails and says how to get it, unless the
    /// variable says that this is known: then there is none, and a line says so.
    #[expect(clippy::print_stderr, reason = "a test that proves nothing must say so")]
    pub(crate) fn start() -> Option<Browser> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<_> = std::env::split_paths(&path).collect();
        let found = NAMES.iter().find(|name| folders.iter().any(|at| at.join(name).is_file()));
        if found.is_none() && std::env::var_os(WITHOUT).is_some() {
            eprintln!("left out: no browser looks at the pages, as {WITHOUT} says");
            return None;
        }
        let name = found.unwrap_or_else(|| {
            panic!(
                "Chromium is not installed: tests/all.sh --install gets it (as root, on Debian); \
                 {WITHOUT}=1 leaves out what needs it"
            )
        });
        Some(Browser::of(name))
    }

    fn of(name: &str) -> Browser {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let at = |name: &str| folder.path().join(name);
        let made = Command::new("mkfifo").arg(at("say")).arg(at("hear")).status();
        assert!(made.expect("mkfifo is there").success());
        // It hears at 3 and speaks at 4.
        let script = "exec \"$@\" 3< say 4> hear";
        let profile = format!("--user-data-dir={}", at("profile").display());
        let child = Command::new("sh")
            .args(["-c", script, "sh", name])
            .args(FLAGS)
            .args([&profile, "about:blank"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell can be started");
        let say = OpenOptions::new().write(true).open(at("say")).expect("it was just made");
        let hear = File::open(at("hear")).expect("it was just made");
        let (send, receive) = channel();
        thread::spawn(move || {
            for message in BufReader::new(hear).split(0).map_while(Result::ok) {
                let parsed = serde_json::from_slice(&message).expect("the browser speaks JSON");
                if send.send(parsed).is_err() {
                    break;
                }
            }
        });
        let (say, next) = (RefCell::new(say), Cell::new(1));
        Browser { child, say, hear: receive, next, _folder: folder }
    }

    /// Opens a file, and waits until it is shown.
    #[track_caller]
    pub(crate) fn open(&self, file: &Path, view: View) -> Tab<'_> {
        let target = self.ask(None, "Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.ask(None, "Target.attachToTarget", &attach)["sessionId"].clone();
        let session = session.as_str().expect("a session has a name").to_owned();
        let mut tab = Tab { browser: self, session, requests: Vec::new(), messages: Vec::new() };
        for domain in ["Page.enable", "Runtime.enable", "Log.enable", "Network.enable"] {
            tab.ask(domain, &json!({}));
        }
        let size =
            json!({"width": view.width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        tab.ask("Emulation.setDeviceMetricsOverride", &size);
        let scheme = json!([{"name": "prefers-color-scheme", "value": view.scheme}]);
        tab.ask("Emulation.setEmulatedMedia", &json!({"media": view.media, "features": scheme}));
        let went = tab.ask("Page.navigate", &json!({"url": format!("file://{}", file.display())}));
        assert!(went["errorText"].is_null(), "{}: {}", file.display(), went["errorText"]);
        tab.wait_for("Page.loadEventFired");
        tab
    }

    fn send(&self, session: Option<&str>, method: &str, params: &Value) -> u64 {
        let id = self.next.replace(self.next.get() + 1);
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut say = self.say.borrow_mut();
        write!(say, "{message}\0").expect("the browser listens");
        id
    }

    #[track_caller]
    fn hear(&self) -> Value {
        self.hear.recv_timeout(PATIENCE).expect("the browser answers in time")
    }

    #[track_caller]
    fn ask(&self, session: Option<&str>, method: &str, params: &Value) -> Value {
        let id = self.send(session, method, params);
        loop {
            let heard = self.hear();
            if heard["id"] == id {
                assert!(heard["error"].is_null(), "{method}: {}", heard["error"]);
                return heard["result"].clone();
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.send(None, "Browser.close", &json!({}));
        let _ = self.child.wait();
    }
}

impl Tab<'_> {
    /// Asks something of the page, and keeps what it tells meanwhile.
    #[track_caller]
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.browser.send(Some(&self.session), method, params);
        loop {
            let heard = self.browser.hear();
            if heard["id"] == id {
                assert!(heard["error"].is_null(), "{method}: {}", heard["error"]);
                return heard["result"].clone();
            }
            self.keep(&heard);
        }
    }

    #[track_caller]
    fn wait_for(&mut self, event: &str) {
        loop {
            let heard = self.browser.hear();
            self.keep(&heard);
            if heard["method"] == event && heard["sessionId"] == self.session.as_str() {
                return;
            }
        }
    }

    fn keep(&mut self, heard: &Value) {
        if heard["sessionId"] != self.session.as_str() {
            return;
        }
        let params = &heard["params"];
        match heard["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                self.requests
                    .push(params["request"]["url"].as_str().unwrap_or_default().to_owned());
            }
            "Log.entryAdded"
            | "Runtime.consoleAPICalled"
            | "Runtime.exceptionThrown"
            | "Page.javascriptDialogOpening" => self.messages.push(params.to_string()),
            _ => {}
        }
    }

    /// What a function of JavaScript says of the page.
    #[track_caller]
    pub(crate) fn says(&mut self, function: &str) -> Value {
        let params = json!({"expression": format!("({function})()"), "returnByValue": true});
        let said = self.ask("Runtime.evaluate", &params);
        assert!(said["exceptionDetails"].is_null(), "{}", said["exceptionDetails"]);
        said["result"]["value"].clone()
    }
}
