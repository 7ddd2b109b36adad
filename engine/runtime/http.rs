//! One HTTP request.
//!
//! Every status is a response. No proxy is taken from the environment, at most five redirects are
//! followed, and the timeout covers all of it. A [`Failure`] says what probes must tell apart: a
//! refused connection is an answer of the machine, silence and an unknown way to it are not.

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::time::Duration;

use ureq::http::{self, Method};
use ureq::{Agent, Error};

/// The most that is kept of a body.
const BODY: usize = 1024 * 1024;

const REDIRECTS: u32 = 5;

/// What to ask for.
#[derive(Clone)]
pub struct Request {
    /// Such as `GET`.
    pub method: String,
    /// Beginning with `http://` or `https://`.
    pub url: String,
    /// In the order in which they are sent.
    pub headers: Vec<(String, String)>,
    /// What is sent, if anything.
    pub body: Option<Vec<u8>>,
    /// How long all of it may take.
    pub timeout: Duration,
}

/// What came back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Response {
    /// Such as 200.
    pub status: u16,
    /// Their names in lower case; a value that is no UTF-8 is mended with U+FFFD.
    pub headers: Vec<(String, String)>,
    /// At most 1 MiB.
    pub body: Vec<u8>,
    /// Whether there was more.
    pub is_cut: bool,
}

/// Why nothing came back. Each holds a reason for a person. Only a request that failed as
/// [`Failure::Refused`] or [`Failure::Unreachable`] is known not to have been sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failure {
    /// Nobody listens there: the machine itself said so.
    Refused(String),
    /// The time was over.
    TimedOut(String),
    /// There is no route, or the name is not known.
    Unreachable(String),
    /// Anything else: a connection that was lost, a certificate, an address that is none.
    Other(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Failure::Refused(reason)
        | Failure::TimedOut(reason)
        | Failure::Unreachable(reason)
        | Failure::Other(reason)) = self;
        f.write_str(reason)
    }
}

impl std::error::Error for Failure {}

/// Sends a request and waits for the whole response. Blocks.
pub fn send(request: Request) -> Result<Response, Failure> {
    let timeout = request.timeout;
    let fail = |error: Error| failure(&error, timeout);
    let mut response = exchange(request).map_err(fail)?;
    let mut body = Vec::new();
    let reader = response.body_mut().with_config().limit(u64::MAX).reader();
    let read = reader.take(BODY as u64 + 1).read_to_end(&mut body);
    read.map_err(|error| fail(Error::from(error)))?;
    let is_cut = body.len() > BODY;
    body.truncate(BODY);
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
    Ok(Response { status: response.status().as_u16(), headers, body, is_cut })
}

fn exchange(request: Request) -> Result<http::Response<ureq::Body>, Error> {
    let agent = agent(request.timeout);
    let method = Method::from_bytes(request.method.as_bytes()).map_err(http::Error::from)?;
    let takes_body = !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
    let mut builder = http::Request::builder().method(method).uri(request.url);
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    match request.body {
        Some(body) => agent.run(builder.body(body)?),
        // Servers want to be told that there is no body where one could be.
        None if takes_body => agent.run(builder.body(Vec::new())?),
        None => agent.run(builder.body(())?),
    }
}

fn agent(timeout: Duration) -> Agent {
    let config = Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(REDIRECTS)
        .max_redirects_will_error(true)
        .allow_non_standard_methods(true)
        .timeout_global(Some(timeout))
        .user_agent(concat!("holdpoint/", env!("CARGO_PKG_VERSION")));
    config.build().new_agent()
}

fn failure(error: &Error, timeout: Duration) -> Failure {
    match error {
        Error::Timeout(_) => Failure::TimedOut(format!("no answer within {timeout:?}")),
        Error::HostNotFound => Failure::Unreachable("no address is known for this name".to_owned()),
        Error::TooManyRedirects => Failure::Other(format!("more than {REDIRECTS} redirects")),
        Error::Io(error) => connection_failure(error, timeout),
        other => Failure::Other(other.to_string()),
    }
}

fn connection_failure(error: &io::Error, timeout: Duration) -> Failure {
    match error.kind() {
        ErrorKind::ConnectionRefused => Failure::Refused("the connection was refused".to_owned()),
        ErrorKind::TimedOut => Failure::TimedOut(format!("no answer within {timeout:?}")),
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable => {
            Failure::Unreachable(format!("there is no route: {error}"))
        }
        // The standard library gives a failed look-up no kind of its own.
        _ if error.to_string().contains("failed to lookup address information") => {
            Failure::Unreachable(format!("the name is not known: {error}"))
        }
        _ => Failure::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
