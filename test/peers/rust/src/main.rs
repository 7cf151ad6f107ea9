//! A gossip peer of the lean network for tests: commands as JSON lines in, events as JSON lines out.

mod arguments;
mod commands;
mod farewell;
mod flood;
mod message_id;
mod network;
mod peer;
mod status;

use futures::{FutureExt, StreamExt};
use peer::Peer;
use std::{error::Error, io::BufRead, time::Duration};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Events handled before standard output is flushed: one write for a burst, not one for each message.
const BATCH: usize = 256;
const STATE_INTERVAL: Duration = Duration::from_millis(50);
const FLOOD_INTERVAL: Duration = Duration::from_millis(5);
const LEAVE_DEADLINE: Duration = Duration::from_secs(2);

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut peer = Peer::start(arguments::parse(std::env::args().skip(1))?)?;
    run(&mut peer, standard_input()).await?;
    // A peer that does not close in time must not keep this process.
    let _ = timeout(LEAVE_DEADLINE, farewell::leave(&mut peer)).await;
    peer.flush()?;
    // The thread that reads standard input would wait for its end.
    std::process::exit(0)
}

async fn run(peer: &mut Peer, mut lines: mpsc::UnboundedReceiver<String>) -> Result<(), Box<dyn Error>> {
    let mut state = interval(STATE_INTERVAL);
    let mut flood = interval(FLOOD_INTERVAL);
    flood.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            event = peer.swarm.select_next_some() => peer.on_event(event)?,
            line = lines.recv() => match line {
                Some(line) if commands::run(peer, &line) => {}
                _ => return Ok(()),
            },
            _ = state.tick() => peer.changed = true,
            _ = flood.tick(), if peer.flood.is_some() => peer.continue_flood(),
        }
        for _ in 0..BATCH {
            let Some(Some(event)) = peer.swarm.next().now_or_never() else { break };
            peer.on_event(event)?;
        }
        peer.report_state();
        peer.flush()?;
    }
}

/// Ends when standard input does, so that a test runner that dies leaves no orphan.
fn standard_input() -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
