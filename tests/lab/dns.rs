//! A real DNS server for one zone, on a free port of this machine and for one test.
//!
//! It is dnsmasq, in the foreground and without the machine's own configuration. It knows the zone
//! `shop.test`, and refuses every other name, since it has nobody to ask.

use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::needs;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a test that needs a DNS server leaves out, and how to get it.
const LEFT_OUT: &str = "probes of a real DNS server left out: dnsmasq is not installed here; \
    run tests/all.sh --install as root on Debian";

/// The zone, with more text than fits into a datagram.
const ZONE: &[&str] = &[
    "--local=/shop.test/",
    "--host-record=www.shop.test,192.0.2.2",
    "--host-record=www.shop.test,192.0.2.10,2001:db8::1",
    "--host-record=mail.shop.test,192.0.2.20",
    "--cname=alias.shop.test,www.shop.test",
    "--mx-host=shop.test,mail.shop.test,10",
    "--mx-host=shop.test,www.shop.test,20",
    "--srv-host=_http._tcp.shop.test,www.shop.test,8080,1,2",
    "--txt-record=shop.test,v=spf1 -all",
    "--caa-record=shop.test,0,issue,ca.example",
    "--ptr-record=7.2.0.192.in-addr.arpa,www.shop.test",
];

/// A server that answers as long as this lives.
pub(crate) struct Dns {
    server: Child,
    port: u16,
}

impl Dns {
    /// A running server; none, and a line that says so, where dnsmasq is not installed.
    pub(crate) fn start() -> Option<Dns> {
        for _ in 0..10 {
            let port = free_port();
            let mut command = Command::new("dnsmasq");
            command
                .args([
                    "--keep-in-foreground",
                    "--conf-file=/dev/null",
                    "--pid-file=",
                    "--user=root",
                ])
                .args(["--no-resolv", "--no-hosts", "--bind-interfaces", "--log-facility=-"])
                .arg("--listen-address=127.0.0.1")
                .arg(format!("--port={port}"))
                .args(ZONE)
                .args(
                    (0..40)
                        .map(|n| format!("--txt-record=long.shop.test,{n:02} {}", "x".repeat(60))),
                )
                .stderr(Stdio::null());
            match command.spawn() {
                Ok(server) => {
                    let mut dns = Dns { server, port };
                    if dns.answers() {
                        return Some(dns);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return say_left_out(),
                Err(error) => panic!("dnsmasq cannot be started: {error}"),
            }
        }
        panic!("dnsmasq found no free port in ten attempts");
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Waits until it answers; false when it has ended, as it does where its port was taken.
    fn answers(&mut self) -> bool {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Ok(Some(_)) = self.server.try_wait() {
                return false;
            }
            if is_answering(self.port) {
                return true;
            }
            assert!(Instant::now() < end, "dnsmasq answers nothing");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A port that is free for both UDP and TCP.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("it has an address").port()
}

/// Whether somebody answers the question for the root's name servers there.
fn is_answering(port: u16) -> bool {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    socket.set_read_timeout(Some(Duration::from_millis(200))).expect("it is no zero");
    let question = b"\0\x07\x01\0\0\x01\0\0\0\0\0\0\0\0\x02\0\x01";
    let sent = socket.connect((Ipv4Addr::LOCALHOST, port)).and_then(|()| socket.send(question));
    sent.is_ok() && socket.recv(&mut [0; 512]).is_ok()
}

fn say_left_out() -> Option<Dns> {
    needs::say(LEFT_OUT);
    None
}
