use crate::flood::Flood;
use crate::message_id::message_id;
use crate::peer::Peer;
use crate::status::status_body;
use serde_json::{Value, json};
use std::error::Error;

/// Runs one line of standard input. False means that the peer is to leave.
pub fn run(peer: &mut Peer, line: &str) -> bool {
    match command(peer, line) {
        Ok(goes_on) => goes_on,
        Err(error) => {
            peer.emit(json!({"event": "error", "error": error.to_string(), "command": line}));
            true
        }
    }
}

fn command(peer: &mut Peer, line: &str) -> Result<bool, Box<dyn Error>> {
    let command: Value = serde_json::from_str(line)?;
    match text(&command, "do")? {
        "dial" => peer.dial(text(&command, "address")?.parse()?),
        "disconnect" => {
            let _ = peer.swarm.disconnect_peer_id(text(&command, "peer")?.parse()?);
        }
        "subscribe" => peer.subscribe(text(&command, "topic")?.to_string())?,
        "unsubscribe" => peer.unsubscribe(text(&command, "topic")?),
        "publish" => {
            let wire = hex::decode(text(&command, "hex")?)?;
            let event = match peer.publish(text(&command, "topic")?, wire) {
                Ok(()) => json!({"event": "published", "ok": true}),
                Err(error) => json!({"event": "published", "ok": false, "error": error}),
            };
            peer.emit(event);
        }
        "flood" => {
            let bytes = number(&command, "bytes")? as usize;
            let topic = text(&command, "topic")?.to_string();
            let (per_second, seconds) = (number(&command, "perSecond")?, number(&command, "seconds")?);
            peer.flood = Some(Flood::new(topic, bytes, per_second, seconds));
        }
        "message-id" => {
            let id = message_id(text(&command, "topic")?, &hex::decode(text(&command, "hex")?)?);
            peer.emit(json!({"event": "message-id", "id": hex::encode(id)}));
        }
        "stats" => {
            let (received, bytes) = (peer.received, peer.received_bytes);
            peer.emit(json!({"event": "stats", "received": received, "bytes": bytes}));
        }
        "set-status" => peer.set_status(status_body(text(&command, "hex")?)?)?,
        "quit" => return Ok(false),
        other => return Err(format!("the rust peer does not know how to do {other}").into()),
    }
    peer.changed = true;
    Ok(true)
}

fn text<'a>(command: &'a Value, key: &str) -> Result<&'a str, String> {
    command[key].as_str().ok_or(format!("{key} must be a string"))
}

fn number(command: &Value, key: &str) -> Result<f64, String> {
    match command[key].as_f64() {
        Some(number) if number >= 0.0 => Ok(number),
        _ => Err(format!("{key} must be a number, not below 0")),
    }
}
