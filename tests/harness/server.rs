//! A little HTTP server on this machine, which remembers what it was sent.
//!
//! It answers by method and path, the n-th time as the n-th reply says, and the last for all that
//! follow. What nothing is said about is 404.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What a server does about a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// It answers with a status, more headers, each ending in a line break, and a body.
    Answer(u16, &'static str, String),
    /// It never answers.
    Silence,
    /// It closes the connection.
    HangUp,
    /// It begins to answer with a status, and closes the connection in the middle.
    BreakOff(u16),
}

/// A server; it ends with the process.
pub(crate) struct Server {
    address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    replies: HashMap<String, Vec<Reply>>,
    received: Vec<String>,
    /// Connections that are kept open and never answered.
    open: Vec<TcpStream>,
}

impl Server {
    pub(crate) fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it has an address").to_string();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Server { address, state }
    }

    /// What it does about requests such as `POST /keys`, one after the other.
    pub(crate) fn replies(self, to: &str, replies: &[Reply]) -> Server {
        self.lock().replies.insert(to.to_owned(), replies.to_vec());
        self
    }

    /// Where it is, with a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far, in the order in which they were received whole: method, path, headers
    /// in lower case, and what they carried.
    pub(crate) fn received(&self) -> Vec<String> {
        self.lock().received.clone()
    }

    /// The first lines of the requests so far, as `POST /keys`.
    pub(crate) fn asked(&self) -> Vec<String> {
        let first = |text: &String| text.lines().next().unwrap_or_default().to_owned();
        self.received().iter().map(first).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// With a body and nothing else.
pub(crate) fn answer(status: u16, body: &str) -> Reply {
    Reply::Answer(status, "", body.to_owned())
}

fn serve(stream: TcpStream, shared: &Mutex<State>) {
    // Whoever goes away in the middle of a request has asked nothing.
    let Some(request) = read(&stream) else { return };
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    let reply = {
        let mut state = lock();
        let line = request.lines().next().unwrap_or_default().to_owned();
        let is_it = |text: &&String| text.lines().next() == Some(line.as_str());
        let before = state.received.iter().filter(is_it).count();
        state.received.push(request);
        let replies = state.replies.get(&line);
        replies.and_then(|replies| replies.get(before).or(replies.last()).cloned())
    };
    match reply.unwrap_or_else(|| answer(404, "no such path\n")) {
        Reply::Answer(status, headers, body) => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status} Status\r\nContent-Length: {length}\r\n");
            let text = format!("{head}{headers}Connection: close\r\n\r\n{body}");
            // Whoever has gone away meanwhile does not want it.
            let _gone = (&stream).write_all(text.as_bytes());
        }
        Reply::Silence => lock().open.push(stream),
        Reply::HangUp => {}
        Reply::BreakOff(status) => {
            let text = format!("HTTP/1.1 {status} Status\r\nContent-Length: 100\r\n\r\nhalf");
            let _gone = (&stream).write_all(text.as_bytes());
        }
    }
}

fn read(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let mut text = format!("{} {}\n", words.next()?, words.next()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let (name, value) = match line.trim_end().split_once(':') {
            Some((name, value)) => (name.to_lowercase(), value.trim().to_owned()),
            None => break,
        };
        if name == "content-length" {
            length = value.parse().ok()?;
        }
        text.push_str(&format!("{name}: {value}\n"));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    text.push_str(&format!("\n{}", String::from_utf8_lossy(&body)));
    Some(text)
}
