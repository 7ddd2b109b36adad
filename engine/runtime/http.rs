//! One HTTP request.
//!
//! Every status is a response. No proxy is taken from the environment, at most five redirects are
//! followed, if any, and the timeout covers all of it. A [`Failure`] says what probes must tell apart: a
//! refused connection is an answer of the machine, silence and an unknown way to it are not.

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::time::Duration;

use ureq::http::{self, Method};
use ureq::{Agent, Error, Timeout};

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
    /// How long it may take until it can be sent, where that is to be told apart.
    pub connect: Option<Duration>,
    /// Whether it is sent on to where a redirect points.
    pub follows_redirects: bool,
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

/// Why nothing came back. Each holds a reason for a person. A request that failed as
/// [`Failure::Refused`], [`Failure::Unreachable`] or [`Failure::Unsent`] is known not to have been
/// sent; no other is, unless it was sent on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failure {
    /// Nobody listens there: the machine itself said so.
    Refused(String),
    /// The time was over.
    TimedOut(String),
    /// There is no route, or the name is not known.
    Unreachable(String),
    /// It was not sent: a certificate, an address or a header that is none.
    Unsent(String),
    /// The connection was lost before the whole answer came.
    Lost(String),
    /// Anything else.
    Other(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Failure::Refused(reason)
        | Failure::TimedOut(reason)
        | Failure::Unreachable(reason)
        | Failure::Unsent(reason)
        | Failure::Lost(reason)
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
    let agent = agent(&request);
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

fn agent(request: &Request) -> Agent {
    let redirects = if request.follows_redirects { REDIRECTS } else { 0 };
    let config = Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(redirects)
        .max_redirects_will_error(request.follows_redirects)
        .allow_non_standard_methods(true)
        .timeout_global(Some(request.timeout))
        .timeout_resolve(request.connect)
        .timeout_connect(request.connect)
        .user_agent(concat!("holdpoint/", env!("CARGO_PKG_VERSION")));
    config.build().new_agent()
}

fn failure(error: &Error, timeout: Duration) -> Failure {
    match error {
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            Failure::Unreachable("nothing could be reached there in time".to_owned())
        }
        Error::Timeout(_) => Failure::TimedOut(format!("no answer within {timeout:?}")),
        Error::HostNotFound => Failure::Unreachable("no address is known for this name".to_owned()),
        Error::TooManyRedirects => Failure::Other(format!("more than {REDIRECTS} redirects")),
        Error::Io(error) => connection_failure(error, timeout),
        Error::Http(_) | Error::BadUri(_) | Error::Tls(_) | Error::Rustls(_) => {
            Failure::Unsent(error.to_string())
        }
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
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => {
            Failure::Lost(format!("the connection was lost before the whole answer came: {error}"))
        }
        // The standard library gives a failed look-up no kind of its own.
        _ if error.to_string().contains("failed to lookup address information") => {
            Failure::Unreachable(format!("the name is not known: {error}"))
        }
        // The handshake comes before anything is sent.
        _ if error.to_string().contains("invalid peer certificate") => {
            Failure::Unsent(error.to_string())
        }
        _ => Failure::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
