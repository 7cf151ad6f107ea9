use sha2::{Digest, Sha256};

/// The largest message of the network, compressed or not.
pub const MAX_MESSAGE_BYTES: usize = 12 * 1024 * 1024;

const INVALID_SNAPPY: [u8; 4] = [0, 0, 0, 0];
const VALID_SNAPPY: [u8; 4] = [1, 0, 0, 0];

/// The lean network's message id: 20 bytes of SHA-256 over domain, topic length, topic and data.
pub fn message_id(topic: &str, wire: &[u8]) -> Vec<u8> {
    let decoded = decode(wire);
    let (domain, data) = match &decoded {
        Some(data) => (VALID_SNAPPY, data.as_slice()),
        None => (INVALID_SNAPPY, wire),
    };
    let mut hash = Sha256::new();
    hash.update(domain);
    hash.update((topic.len() as u64).to_le_bytes());
    hash.update(topic);
    hash.update(data);
    hash.finalize()[..20].to_vec()
}

/// The length that a message claims is checked first, so that a few bytes cannot ask for gigabytes.
fn decode(wire: &[u8]) -> Option<Vec<u8>> {
    match snap::raw::decompress_len(wire) {
        Ok(length) if length <= MAX_MESSAGE_BYTES => snap::raw::Decoder::new().decompress_vec(wire).ok(),
        _ => None,
    }
}
