use crate::status::status_body;
use libp2p::Multiaddr;
use std::{error::Error, str::FromStr};

/// What the command line says. The Go peer takes the same flags; see test/peers/README.md.
pub struct Arguments {
    pub key: Option<[u8; 32]>,
    pub listen: Vec<Multiaddr>,
    pub topics: Vec<String>,
    pub dial: Vec<Multiaddr>,
    pub identify: bool,
    pub gossip: bool,
    pub quiet_messages: bool,
    /// The body of its Status; without one it does not speak the protocol.
    pub status: Option<Vec<u8>>,
    /// D, D_low, D_high
    pub mesh: (usize, usize, usize),
    /// QUIC's idle timeout: how long a peer that was killed is still believed to be there.
    pub idle_timeout_ms: Option<u32>,
    /// After how long a connection that no protocol needs is closed; never, when absent.
    pub unused_timeout_ms: Option<u64>,
}

pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments, Box<dyn Error>> {
    let mut arguments = Arguments {
        key: None,
        listen: vec![],
        topics: vec![],
        dial: vec![],
        identify: true,
        gossip: true,
        quiet_messages: false,
        status: None,
        mesh: (8, 6, 12),
        idle_timeout_ms: None,
        unused_timeout_ms: None,
    };
    while let Some(flag) = words.next() {
        let mut value = || words.next().ok_or(format!("{flag} needs a value"));
        match flag.as_str() {
            "--key" => arguments.key = Some(secret(&value()?)?),
            "--listen" => arguments.listen.push(value()?.parse()?),
            "--topic" => arguments.topics.push(value()?),
            "--dial" => arguments.dial.push(value()?.parse()?),
            "--no-identify" => arguments.identify = false,
            "--no-gossip" => arguments.gossip = false,
            "--quiet-messages" => arguments.quiet_messages = true,
            "--status" => arguments.status = Some(status_body(&value()?)?),
            "--mesh-d" => arguments.mesh = degrees(&value()?)?,
            "--idle-timeout-ms" => arguments.idle_timeout_ms = Some(value()?.parse()?),
            "--unused-timeout-ms" => arguments.unused_timeout_ms = Some(value()?.parse()?),
            _ => return Err(format!("unknown flag {flag}").into()),
        }
    }
    Ok(arguments)
}

fn secret(text: &str) -> Result<[u8; 32], Box<dyn Error>> {
    let bytes = hex::decode(text.trim_start_matches("0x"))?;
    Ok(bytes.try_into().map_err(|_| "--key must be 32 bytes in hex")?)
}

fn degrees(text: &str) -> Result<(usize, usize, usize), Box<dyn Error>> {
    let numbers = text.split(',').map(usize::from_str).collect::<Result<Vec<_>, _>>()?;
    match numbers[..] {
        [d, low, high] if low <= d && d <= high => Ok((d, low, high)),
        _ => Err("--mesh-d must be D,Dlow,Dhigh with Dlow <= D <= Dhigh".into()),
    }
}
