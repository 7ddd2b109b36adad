//! Requests to servers on this machine, on free ports.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use super::*;

/// Serves these responses, one connection each, and returns what it was sent.
fn serve(responses: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it has one"));
    let answer = move |response: &Vec<u8>| {
        let (stream, _) = listener.accept().expect("somebody comes");
        let request = read_request(&stream);
        (&stream).write_all(response).expect("they listen");
        request
    };
    (url, thread::spawn(move || responses.iter().map(answer).collect()))
}

fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let mut line = String::new();
        reader.read_line(&mut line).expect("it can be read");
        let value = line.strip_prefix("content-length: ").map(|value| value.trim().parse());
        length = value.and_then(Result::ok).unwrap_or(length);
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body comes");
    head + &String::from_utf8_lossy(&body)
}

fn response(head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn get(url: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
        timeout: Duration::from_secs(30),
        connect: None,
        follows_redirects: true,
    }
}

#[test]
fn a_response_comes_back_whole() {
    let (url, server) = serve(vec![response("200 OK\r\nX-One: a", b"ready\n")]);
    let answer = send(get(&format!("{url}/readyz?x=1"))).expect("it answers");
    assert_eq!((answer.status, answer.body, answer.is_cut), (200, b"ready\n".to_vec(), false));
    assert!(answer.headers.contains(&("x-one".to_owned(), "a".to_owned())));
    let requests = server.join().expect("it served");
    assert!(requests[0].starts_with("GET /readyz?x=1 HTTP/1.1\r\n"), "{requests:?}");
    assert!(requests[0].contains(concat!("user-agent: holdpoint/", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn what_is_sent_arrives() {
    let (url, server) = serve(vec![response("201 Created", b""), response("204 None", b"")]);
    let headers = vec![("X-Key".to_owned(), "hunter22".to_owned())];
    let body = Some(b"{\"a\":1}".to_vec());
    let post = Request { method: "POST".to_owned(), headers, body, ..get(&url) };
    assert_eq!(send(post).map(|answer| answer.status), Ok(201));
    let purge = Request { method: "PURGE".to_owned(), ..get(&url) };
    assert_eq!(send(purge).map(|answer| answer.status), Ok(204));
    let requests = server.join().expect("it served");
    assert!(requests[0].starts_with("POST / "), "{requests:?}");
    assert!(requests[0].contains("x-key: hunter22\r\n"), "{requests:?}");
    assert!(requests[0].ends_with("\r\n\r\n{\"a\":1}"), "{requests:?}");
    assert!(requests[1].starts_with("PURGE / "), "{requests:?}");
    assert!(requests[1].contains("content-length: 0\r\n"), "{requests:?}");
}

#[test]
fn an_error_status_is_a_response() {
    let (url, server) = serve(vec![response("503 Busy", b"later")]);
    let answer = send(get(&url)).map(|answer| (answer.status, answer.body));
    assert_eq!(answer, Ok((503, b"later".to_vec())));
    server.join().expect("it served");
}

#[test]
fn five_redirects_are_followed_and_no_more() {
    let redirect = || response("302 Found\r\nLocation: /next", b"");
    let mut responses: Vec<_> = (0..5).map(|_| redirect()).collect();
    responses.push(response("200 OK", b"there"));
    let (url, server) = serve(responses);
    assert_eq!(send(get(&url)).map(|answer| answer.body), Ok(b"there".to_vec()));
    server.join().expect("it served");
    let (url, server) = serve((0..6).map(|_| redirect()).collect());
    assert_eq!(send(get(&url)), Err(Failure::Other("more than 5 redirects".to_owned())));
    server.join().expect("it served");
}

#[test]
fn a_long_body_is_cut() {
    let (url, server) = serve(vec![
        response("200 OK", &vec![b'x'; BODY]),
        response("200 OK", &vec![b'x'; BODY + 1]),
    ]);
    let length = |answer: Response| (answer.body.len(), answer.is_cut);
    assert_eq!(send(get(&url)).map(length), Ok((BODY, false)));
    assert_eq!(send(get(&url)).map(length), Ok((BODY, true)));
    server.join().expect("it served");
}

#[test]
fn a_refused_connection_is_told_from_silence() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    let silent =
        Request { timeout: Duration::from_millis(200), ..get(&format!("http://{address}")) };
    let reason = "no answer within 200ms".to_owned();
    assert_eq!(send(silent), Err(Failure::TimedOut(reason)));
    // Nobody listens at our own end of a connection, and nobody can begin to while it is open.
    let open = TcpStream::connect(address).expect("they listen");
    let closed = format!("http://{}", open.local_addr().expect("it has one"));
    let refused = Failure::Refused("the connection was refused".to_owned());
    assert_eq!(send(get(&closed)), Err(refused));
}

#[test]
fn a_connection_that_is_closed_without_a_word_is_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it has one"));
    let server = std::thread::spawn(move || drop(listener.accept()));
    let answer = send(get(&url));
    assert!(matches!(answer, Err(Failure::Lost(_))), "{answer:?}");
    server.join().expect("it served");
}

#[test]
fn half_a_body_is_no_response() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".to_vec();
    let (url, server) = serve(vec![half.clone()]);
    let answer = send(get(&url));
    assert!(matches!(answer, Err(Failure::Lost(_))), "{answer:?}");
    server.join().expect("it served");

    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it has one"));
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody comes");
        stream.write_all(&half).expect("they listen");
        // Until they give up.
        io::copy(&mut stream, &mut io::sink())
    });
    let answer = send(Request { timeout: Duration::from_millis(300), ..get(&url) });
    assert!(matches!(answer, Err(Failure::TimedOut(_))), "{answer:?}");
    let _ = server.join().expect("it served");
}

#[test]
fn a_proxy_of_the_environment_is_not_used() {
    const AGAIN: &str = "RUN_THE_TEST_ITSELF";
    if std::env::var_os(AGAIN).is_some() {
        let (url, server) = serve(vec![response("200 OK", b"direct")]);
        assert_eq!(send(get(&url)).map(|answer| answer.body), Ok(b"direct".to_vec()));
        server.join().expect("it served");
        return;
    }
    let (_, module) = module_path!().split_once("::").expect("it is in a crate");
    let program = std::env::current_exe().expect("it has a path");
    let mut again = std::process::Command::new(program);
    again.args(["--exact", &format!("{module}::a_proxy_of_the_environment_is_not_used")]);
    let names = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
    again.env(AGAIN, "1").envs(names.map(|name| (name, "http://127.0.0.1:1")));
    let output = again.env_remove("no_proxy").env_remove("NO_PROXY").output();
    let output = output.expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_name_that_cannot_be_is_unreachable() {
    // No label of a name is longer than 63 characters, so nobody is asked for it.
    let answer = send(get(&format!("http://{}.example/", "a".repeat(64))));
    assert!(matches!(answer, Err(Failure::Unreachable(_))), "{answer:?}");
}

#[test]
fn no_route_is_unreachable() {
    let case = |kind: ErrorKind| connection_failure(&io::Error::from(kind), Duration::ZERO);
    assert!(matches!(case(ErrorKind::HostUnreachable), Failure::Unreachable(_)));
    assert!(matches!(case(ErrorKind::NetworkUnreachable), Failure::Unreachable(_)));
    assert!(matches!(case(ErrorKind::ConnectionReset), Failure::Lost(_)));
}

#[test]
fn a_certificate_that_is_refused_comes_before_anything_is_sent() {
    let error = io::Error::new(ErrorKind::InvalidData, "invalid peer certificate: UnknownIssuer");
    let failure = connection_failure(&error, Duration::ZERO);
    assert!(matches!(failure, Failure::Unsent(_)), "{failure:?}");
}

#[test]
fn what_is_no_address_or_no_method_is_not_sent() {
    for url in ["", "not a url", "/path", "ftp://127.0.0.1/"] {
        let answer = send(get(url));
        assert!(matches!(answer, Err(Failure::Unsent(_))), "{url}: {answer:?}");
    }
    let answer = send(Request { method: "A B".to_owned(), ..get("http://127.0.0.1/") });
    assert!(matches!(answer, Err(Failure::Unsent(_))), "{answer:?}");
}

#[test]
fn what_took_too_long_before_it_could_be_sent_is_told_apart() {
    let case = |stage| failure(&Error::Timeout(stage), Duration::from_secs(1));
    assert!(matches!(case(Timeout::Connect), Failure::Unreachable(_)));
    assert!(matches!(case(Timeout::Resolve), Failure::Unreachable(_)));
    assert!(matches!(case(Timeout::RecvResponse), Failure::TimedOut(_)));
    assert!(matches!(case(Timeout::Global), Failure::TimedOut(_)));
}

#[test]
fn a_redirect_is_an_answer_where_it_is_not_followed() {
    let (url, server) = serve(vec![response("307 Elsewhere\r\nLocation: /there", b"go\n")]);
    let answer = send(Request { follows_redirects: false, ..get(&url) }).expect("it answers");
    assert_eq!((answer.status, answer.body), (307, b"go\n".to_vec()));
    assert!(answer.headers.contains(&("location".to_owned(), "/there".to_owned())));
    assert_eq!(server.join().expect("it served").len(), 1);
}
