use rand::RngCore;
use std::time::Duration;
use tokio::time::Instant;

/// A paced burst of messages that no codec can compress and no peer has seen.
pub struct Flood {
    pub topic: String,
    pub sent: u64,
    pub failed: u64,
    bytes: usize,
    per_second: f64,
    started: Instant,
    duration: Duration,
}

impl Flood {
    pub fn new(topic: String, bytes: usize, per_second: f64, seconds: f64) -> Self {
        let (started, duration) = (Instant::now(), Duration::from_secs_f64(seconds));
        Flood { topic, sent: 0, failed: 0, bytes, per_second, started, duration }
    }

    fn total(&self) -> u64 {
        (self.per_second * self.duration.as_secs_f64()).round() as u64
    }

    /// How many are owed by now; a late wake-up catches up.
    pub fn due(&self) -> u64 {
        let owed = (self.started.elapsed().as_secs_f64() * self.per_second) as u64;
        owed.min(self.total()) - self.sent - self.failed
    }

    pub fn is_over(&self) -> bool {
        self.sent + self.failed >= self.total()
    }

    pub fn payload(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.bytes];
        rand::thread_rng().fill_bytes(&mut bytes);
        snap::raw::Encoder::new().compress_vec(&bytes).unwrap_or_default()
    }
}
