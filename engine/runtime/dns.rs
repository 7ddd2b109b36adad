//! One question to the domain name system.
//!
//! It goes out by UDP, again when nothing comes back, and by TCP when the answer does not fit. The
//! servers are asked in turn until one of them knows. No such name is an answer without records;
//! a server that refuses is an answer too. Silence, a failure of the server and a server that
//! cannot be found are none.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio::time::{Instant, timeout};

use crate::runbook::dns::{Query, Record};

const PORT: u16 = 53;
/// The servers of the system, and how many of them count.
const RESOLVERS: &str = "/etc/resolv.conf";
const MOST_RESOLVERS: usize = 3;
/// How long one server may take before the next one is asked.
const PATIENCE: Duration = Duration::from_secs(3);
/// The most that UDP brings.
const DATAGRAM: usize = 65_535;

/// Why there is no answer. Each holds a reason for a person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failure {
    /// The server, or the machine it should run on, refuses.
    Refused(String),
    /// Nobody answered, or nobody who knows.
    NoAnswer(String),
    /// The question cannot be put.
    Unaskable(String),
}

/// The texts of the records that a name has, sorted; none where there is no such name.
pub async fn ask(query: &Query, limit: Duration) -> Result<Vec<String>, Failure> {
    let end = Instant::now() + limit;
    let silence =
        || Failure::NoAnswer(format!("no answer within {}", humantime::format_duration(limit)));
    let name = name_of(query)?;
    let name = Name::new(&name)
        .map_err(|_| Failure::Unaskable(format!("`{}` is no name of the DNS", query.name)))?;
    let servers = timeout(limit, servers(query.server.as_deref())).await;
    let servers = servers.map_err(|_| silence())??;
    let turns = u32::try_from(servers.len() * 2).unwrap_or(u32::MAX).max(2);
    let patience = (limit / turns).min(PATIENCE);
    let mut said = silence();
    loop {
        let mut failures = Vec::new();
        for server in &servers {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(said);
            }
            let asked = timeout(left.min(patience), ask_server(*server, &name, query.kind)).await;
            match asked {
                Ok(Ok(records)) => return Ok(records),
                Ok(Err(failure)) => failures.push(failure),
                Err(_) => failures.push(silence()),
            }
        }
        // Who has answered will not answer otherwise; only silence is asked again.
        let is_said = failures.iter().all(|failure| *failure != silence());
        said = weightiest(failures).unwrap_or(said);
        if is_said {
            return Err(said);
        }
    }
}

/// What several servers amount to that all knew nothing: only where each of them refused is that
/// an answer.
fn weightiest(failures: Vec<Failure>) -> Option<Failure> {
    let is_answer = |failure: &Failure| matches!(failure, Failure::Refused(_));
    let (answers, others): (Vec<_>, Vec<_>) = failures.into_iter().partition(is_answer);
    others.into_iter().chain(answers).next()
}

/// The name to ask for: that of an address, where its name is wanted.
fn name_of(query: &Query) -> Result<String, Failure> {
    let name = query.name.trim();
    if let (Record::Ptr, Ok(address)) = (query.kind, name.parse::<IpAddr>()) {
        return Ok(reverse(address));
    }
    if name.is_empty() || !name.is_ascii() || name.contains(char::is_whitespace) {
        let reason =
            format!("`{}` is no name of the DNS; other letters are written xn--…", query.name);
        return Err(Failure::Unaskable(reason));
    }
    Ok(name.to_owned())
}

fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let digits = address.octets().into_iter().rev().flat_map(|it| [it & 15, it >> 4]);
            let labels: String = digits.map(|digit| format!("{digit:x}.")).collect();
            labels + "ip6.arpa"
        }
    }
}

/// Who is asked: the server that was named, or those of the system.
async fn servers(named: Option<&str>) -> Result<Vec<SocketAddr>, Failure> {
    let Some(named) = named else {
        let text = std::fs::read_to_string(RESOLVERS).unwrap_or_default();
        return Ok(resolvers(&text));
    };
    let (host, port) = host_and_port(named)
        .ok_or_else(|| Failure::Unaskable(format!("`{named}` is no host, nor host:port")))?;
    let found = lookup_host((host, port))
        .await
        .map_err(|error| Failure::NoAnswer(format!("the server {named} is not known: {error}")))?;
    Ok(found.take(MOST_RESOLVERS).collect())
}

/// The servers that a `resolv.conf` names; as everywhere, this machine itself when it names none.
fn resolvers(text: &str) -> Vec<SocketAddr> {
    let words = |line: &str| -> Option<IpAddr> {
        let mut words = line.split_whitespace();
        let is_server = words.next() == Some("nameserver");
        words.next().filter(|_| is_server)?.parse().ok()
    };
    let mut found: Vec<SocketAddr> = text
        .lines()
        .filter_map(words)
        .take(MOST_RESOLVERS)
        .map(|address| SocketAddr::new(address, PORT))
        .collect();
    if found.is_empty() {
        found.push(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), PORT));
    }
    found
}

/// `host`, `host:port`, `::1`, `[::1]` or `[::1]:port`.
fn host_and_port(text: &str) -> Option<(&str, u16)> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        return match port.strip_prefix(':') {
            Some(port) => Some((host, port.parse().ok()?)),
            None if port.is_empty() => Some((host, PORT)),
            None => None,
        };
    }
    match text.split_once(':') {
        _ if text.is_empty() => None,
        Some((host, port)) if !port.contains(':') => {
            (!host.is_empty()).then_some(())?;
            Some((host, port.parse().ok()?))
        }
        _ => Some((text, PORT)),
    }
}

async fn ask_server(
    server: SocketAddr,
    name: &Name<'_>,
    kind: Record,
) -> Result<Vec<String>, Failure> {
    let id = u16::try_from(RandomState::new().build_hasher().finish() & 0xffff).unwrap_or_default();
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let question =
        Question::new(name.clone(), QTYPE::TYPE(wire(kind)), QCLASS::CLASS(CLASS::IN), false);
    packet.questions.push(question);
    let request = packet
        .build_bytes_vec()
        .map_err(|error| Failure::Unaskable(format!("the question cannot be put: {error}")))?;
    let exchanged = by_udp(server, &request).await;
    let bytes = exchanged.map_err(|error| connection_failure(server, &error))?;
    let reply = Packet::parse(&bytes).map_err(|_| {
        Failure::NoAnswer(format!("{server} answered something that cannot be read"))
    })?;
    records(server, &reply, kind)
}

/// The answer by UDP, or by TCP where it does not fit. What belongs to another question is passed
/// over.
async fn by_udp(server: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    let own: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((own, 0)).await?;
    socket.connect(server).await?;
    socket.send(request).await?;
    let mut buffer = vec![0; DATAGRAM];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let reply = buffer.get(..length).unwrap_or_default();
        if !fits(reply, request) {
            continue;
        }
        let is_cut = reply.get(2).is_some_and(|flags| flags & 2 != 0);
        return if is_cut { by_tcp(server, request).await } else { Ok(reply.to_vec()) };
    }
}

async fn by_tcp(server: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(request.len()).map_err(|_| ErrorKind::InvalidInput)?;
    stream.write_all(&[length.to_be_bytes().as_slice(), request].concat()).await?;
    let length = stream.read_u16().await?;
    let mut reply = vec![0; usize::from(length)];
    stream.read_exact(&mut reply).await?;
    match fits(&reply, request) {
        true => Ok(reply),
        false => Err(ErrorKind::InvalidData.into()),
    }
}

/// Whether a message is the reply to a question: its number, its direction, and the question
/// itself, whatever the case of its letters.
fn fits(reply: &[u8], request: &[u8]) -> bool {
    const HEADER: usize = 12;
    let question = |message: &[u8]| {
        message.get(HEADER..request.len()).map(|question| question.to_ascii_lowercase())
    };
    let is_reply = reply.get(2).is_some_and(|flags| flags & 0x80 != 0);
    // A server that does not understand the question may leave it out.
    let has_none = reply.get(4..6) == Some(&[0, 0]);
    is_reply
        && reply.get(..2) == request.get(..2)
        && (has_none || question(reply) == question(request))
}

fn connection_failure(server: SocketAddr, error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::ConnectionRefused => Failure::Refused(format!("{server} refuses connections")),
        _ => Failure::NoAnswer(format!("{server} cannot be asked: {error}")),
    }
}

fn records(server: SocketAddr, reply: &Packet<'_>, kind: Record) -> Result<Vec<String>, Failure> {
    match reply.rcode() {
        RCODE::NoError => {}
        RCODE::NameError => return Ok(Vec::new()),
        RCODE::Refused => {
            return Err(Failure::Refused(format!("{server} refuses to answer this")));
        }
        RCODE::ServerFailure => {
            let reason = format!("{server} could not find it out (SERVFAIL)");
            return Err(Failure::NoAnswer(reason));
        }
        other => return Err(Failure::NoAnswer(format!("{server} answered {other:?}"))),
    }
    let wanted = reply.answers.iter().filter(|record| record.rdata.type_code() == wire(kind));
    let mut texts: Vec<String> = wanted.filter_map(|record| text(&record.rdata)).collect();
    texts.sort();
    Ok(texts)
}

fn wire(kind: Record) -> TYPE {
    match kind {
        Record::A => TYPE::A,
        Record::Aaaa => TYPE::AAAA,
        Record::Caa => TYPE::CAA,
        Record::Cname => TYPE::CNAME,
        Record::Mx => TYPE::MX,
        Record::Ns => TYPE::NS,
        Record::Ptr => TYPE::PTR,
        Record::Soa => TYPE::SOA,
        Record::Srv => TYPE::SRV,
        Record::Txt => TYPE::TXT,
    }
}

/// A record as zone files write it, names without their last dot and texts without quotes.
fn text(record: &RData<'_>) -> Option<String> {
    Some(match record {
        RData::A(a) => Ipv4Addr::from(a.address).to_string(),
        RData::AAAA(aaaa) => Ipv6Addr::from(aaaa.address).to_string(),
        RData::CAA(caa) => {
            let value = String::from_utf8_lossy(&caa.value);
            format!("{} {} {value}", caa.flag, caa.tag)
        }
        RData::CNAME(name) => name.0.to_string(),
        RData::NS(name) => name.0.to_string(),
        RData::PTR(name) => name.0.to_string(),
        RData::MX(mx) => format!("{} {}", mx.preference, mx.exchange),
        RData::SOA(soa) => format!(
            "{} {} {} {} {} {} {}",
            soa.mname, soa.rname, soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum
        ),
        RData::SRV(srv) => {
            format!("{} {} {} {}", srv.priority, srv.weight, srv.port, srv.target)
        }
        RData::TXT(txt) => match String::try_from(txt.clone()) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_asked_for_backwards() {
        let name = |text: &str| reverse(text.parse().expect("it is an address"));
        assert_eq!(name("192.0.2.7"), "7.2.0.192.in-addr.arpa");
        let zeros = "0.".repeat(23);
        assert_eq!(name("2001:db8::1"), format!("1.{zeros}8.b.d.0.1.0.0.2.ip6.arpa"));
    }

    #[test]
    fn a_server_is_a_host_with_or_without_a_port() {
        for (text, found) in [
            ("ns.example", Some(("ns.example", 53))),
            ("127.0.0.1:5353", Some(("127.0.0.1", 5353))),
            ("::1", Some(("::1", 53))),
            ("[::1]", Some(("::1", 53))),
            ("[::1]:54", Some(("::1", 54))),
            ("", None),
            (":53", None),
            ("ns.example:x", None),
            ("[::1]x", None),
        ] {
            assert_eq!(host_and_port(text), found, "{text}");
        }
    }

    #[test]
    fn the_first_three_servers_of_the_system_count() {
        let text = "# one\nnameserver 192.0.2.1\nsearch x\noptions a\nnameserver ::1 \nnameserver x\n\
                    nameserver 192.0.2.3\nnameserver 192.0.2.4\n";
        let found: Vec<String> = resolvers(text).iter().map(SocketAddr::to_string).collect();
        assert_eq!(found, ["192.0.2.1:53", "[::1]:53", "192.0.2.3:53"]);
        assert_eq!(resolvers(""), [SocketAddr::from(([127, 0, 0, 1], 53))]);
    }

    #[test]
    fn a_failure_of_the_server_is_no_answer_and_outweighs_a_refusal() {
        let server = SocketAddr::from(([192, 0, 2, 1], 53));
        let said = |code: RCODE| {
            let mut reply = Packet::new_reply(1);
            *reply.rcode_mut() = code;
            records(server, &reply, Record::A)
        };
        let refused = Failure::Refused("192.0.2.1:53 refuses to answer this".into());
        let failed = Failure::NoAnswer("192.0.2.1:53 could not find it out (SERVFAIL)".into());
        assert_eq!(said(RCODE::NoError), Ok(Vec::new()));
        assert_eq!(said(RCODE::NameError), Ok(Vec::new()));
        assert_eq!(said(RCODE::Refused), Err(refused.clone()));
        assert_eq!(said(RCODE::ServerFailure), Err(failed.clone()));
        assert_eq!(weightiest(vec![refused.clone(), failed.clone()]), Some(failed));
        assert_eq!(weightiest(vec![refused.clone(), refused.clone()]), Some(refused));
    }

    #[test]
    fn only_the_reply_to_this_very_question_is_taken() {
        let request = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01";
        let with = |at: usize, byte: u8| {
            let mut reply = request.to_vec();
            reply[2] |= 0x80;
            reply[at] = byte;
            reply
        };
        assert!(fits(&with(3, 0), request));
        assert!(fits(&with(13, b'A'), request), "the case of letters says nothing");
        assert!(fits(&with(5, 0)[..12], request), "a server may leave the question out");
        assert!(!fits(request, request), "a question is no reply");
        assert!(!fits(&with(0, 0), request), "another number");
        assert!(!fits(&with(13, b'b'), request), "another name");
        assert!(!fits(&with(3, 0)[..14], request), "cut off");
    }
}
