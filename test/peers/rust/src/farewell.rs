use crate::peer::Peer;
use futures::StreamExt;
use std::time::Duration;
use tokio::time::timeout;

/// The library does not tell when what it is to send has been sent.
const SENDING: Duration = Duration::from_millis(100);

/// Says goodbye as a client that is stopped does: leaves its topics, then closes every connection.
pub async fn leave(peer: &mut Peer) {
    for topic in peer.topics.clone() {
        peer.unsubscribe(&topic);
    }
    go_on(peer).await;
    for other in peer.swarm.connected_peers().copied().collect::<Vec<_>>() {
        let _ = peer.swarm.disconnect_peer_id(other);
    }
    while peer.swarm.connected_peers().next().is_some() {
        peer.swarm.select_next_some().await;
    }
    // The swarm counts a connection as closed before QUIC has told the other side.
    go_on(peer).await;
}

async fn go_on(peer: &mut Peer) {
    let forever = async {
        loop {
            peer.swarm.select_next_some().await;
        }
    };
    let _ = timeout(SENDING, forever).await;
}
