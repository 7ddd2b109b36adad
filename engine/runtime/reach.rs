//! Whether something answers at a place, asked once and before a run begins.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long one address may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether something answers at `host:port`, at any of the addresses that the host has. Blocks.
pub fn is_reachable(place: &str) -> bool {
    let addresses = place.to_socket_addrs().into_iter().flatten();
    addresses.into_iter().any(|address| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
}
