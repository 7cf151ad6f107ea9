use crate::arguments::Arguments;
use crate::flood::Flood;
use crate::network::{self, Network, NetworkEvent};
use futures::StreamExt;
use libp2p::core::transport::ListenerId;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{ConnectionId, DialError, SwarmEvent};
use libp2p::{Multiaddr, Swarm, gossipsub};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::error::Error;
use std::io::{self, Write};

pub struct Peer {
    pub swarm: Swarm<Network>,
    pub flood: Option<Flood>,
    /// Set by whatever may change the state; the state itself is read from the swarm.
    pub changed: bool,
    pub received: u64,
    pub received_bytes: u64,
    quiet_messages: bool,
    pub status: Option<Vec<u8>>,
    pub topics: BTreeSet<String>,
    dialing: HashMap<ConnectionId, Multiaddr>,
    not_listening_yet: HashSet<ListenerId>,
    addresses: Vec<Multiaddr>,
    is_announced: bool,
    to_dial: Vec<Multiaddr>,
    last_state: String,
    output: Vec<u8>,
}

impl Peer {
    pub fn start(arguments: Arguments) -> Result<Self, Box<dyn Error>> {
        let mut peer = Peer {
            swarm: network::build(&arguments)?,
            flood: None,
            changed: false,
            received: 0,
            received_bytes: 0,
            quiet_messages: arguments.quiet_messages,
            status: arguments.status,
            topics: BTreeSet::new(),
            dialing: HashMap::new(),
            not_listening_yet: HashSet::new(),
            addresses: vec![],
            is_announced: false,
            to_dial: arguments.dial,
            last_state: String::new(),
            output: vec![],
        };
        for topic in arguments.topics {
            peer.subscribe(topic)?;
        }
        for address in arguments.listen {
            let listener = peer.swarm.listen_on(address)?;
            peer.not_listening_yet.insert(listener);
        }
        peer.announce();
        Ok(peer)
    }

    pub fn subscribe(&mut self, topic: String) -> Result<(), Box<dyn Error>> {
        if let Some(gossip) = self.swarm.behaviour_mut().gossipsub.as_mut() {
            gossip.subscribe(&gossipsub::IdentTopic::new(topic.clone()))?;
        }
        self.topics.insert(topic);
        Ok(())
    }

    pub fn unsubscribe(&mut self, topic: &str) {
        if let Some(gossip) = self.swarm.behaviour_mut().gossipsub.as_mut() {
            gossip.unsubscribe(&gossipsub::IdentTopic::new(topic));
        }
    }

    pub fn publish(&mut self, topic: &str, wire: Vec<u8>) -> Result<(), String> {
        let gossip = self.swarm.behaviour_mut().gossipsub.as_mut().ok_or("started with --no-gossip")?;
        if !self.topics.contains(topic) {
            self.topics.insert(topic.to_string());
        }
        gossip.publish(gossipsub::IdentTopic::new(topic), wire).map(|_| ()).map_err(|error| error.to_string())
    }

    pub fn dial(&mut self, address: Multiaddr) {
        let options = DialOpts::from(address.clone());
        let connection = options.connection_id();
        match self.swarm.dial(options) {
            Ok(()) => _ = self.dialing.insert(connection, address),
            Err(error) => self.dialed(&address, Some(&error)),
        }
    }

    /// To be connected or about to be is what a dial is for, so that is no failure.
    fn dialed(&mut self, address: &Multiaddr, error: Option<&DialError>) {
        match error {
            None | Some(DialError::DialPeerConditionFalse(_)) => {
                self.emit(json!({"event": "dialed", "address": address, "ok": true}))
            }
            Some(error) => {
                self.emit(json!({"event": "dialed", "address": address, "ok": false, "error": error.to_string()}))
            }
        }
    }

    pub fn continue_flood(&mut self) {
        let Some(mut flood) = self.flood.take() else { return };
        for _ in 0..flood.due() {
            match self.publish(&flood.topic, flood.payload()) {
                Ok(()) => flood.sent += 1,
                Err(_) => flood.failed += 1,
            }
        }
        if flood.is_over() {
            self.emit(json!({"event": "flooded", "sent": flood.sent, "failed": flood.failed}));
        } else {
            self.flood = Some(flood);
        }
    }

    pub fn on_event(&mut self, event: SwarmEvent<NetworkEvent>) -> Result<(), Box<dyn Error>> {
        if let SwarmEvent::Behaviour(NetworkEvent::Gossipsub(gossipsub::Event::Message {
            propagation_source,
            message,
            ..
        })) = event
        {
            self.on_message(&propagation_source.to_base58(), &message);
            return Ok(());
        }
        self.changed = true;
        match event {
            SwarmEvent::NewListenAddr { listener_id, address } => {
                self.not_listening_yet.remove(&listener_id);
                self.addresses.push(address);
                self.announce();
            }
            SwarmEvent::Behaviour(NetworkEvent::Status(event)) => self.on_status(event),
            SwarmEvent::ListenerClosed { reason, .. } => reason?,
            SwarmEvent::ConnectionEstablished { connection_id, .. } => {
                if let Some(address) = self.dialing.remove(&connection_id) {
                    self.dialed(&address, None);
                }
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                if let Some(address) = self.dialing.remove(&connection_id) {
                    self.dialed(&address, Some(&error));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn on_message(&mut self, from: &str, message: &gossipsub::Message) {
        let bytes = message.data.len();
        self.received += 1;
        self.received_bytes += bytes as u64;
        if !self.quiet_messages {
            let sha256 = hex::encode(Sha256::digest(&message.data));
            let topic = message.topic.as_str();
            self.emit(json!({"event": "message", "topic": topic, "from": from, "bytes": bytes, "sha256": sha256}));
        }
    }

    /// Once, when every listener has an address; only then are others dialled, so that they learn where to find us.
    fn announce(&mut self) {
        if self.is_announced || !self.not_listening_yet.is_empty() {
            return;
        }
        self.is_announced = true;
        let id = *self.swarm.local_peer_id();
        let addresses: Vec<_> = self.addresses.iter().map(|address| format!("{address}/p2p/{id}")).collect();
        self.emit(json!({"event": "listening", "peerId": id.to_base58(), "addresses": addresses}));
        for address in std::mem::take(&mut self.to_dial) {
            self.dial(address);
        }
    }

    pub fn report_state(&mut self) {
        if !self.is_announced || !std::mem::take(&mut self.changed) {
            return;
        }
        let state = self.state();
        let text = state.to_string();
        if text != self.last_state {
            self.last_state = text;
            self.emit(state);
        }
    }

    fn state(&self) -> Value {
        let connected: BTreeSet<_> = self.swarm.connected_peers().map(|peer| peer.to_base58()).collect();
        let mut mesh = BTreeMap::new();
        let mut subscribers = BTreeMap::new();
        for topic in &self.topics {
            let hash = gossipsub::IdentTopic::new(topic).hash();
            let gossip = self.swarm.behaviour().gossipsub.as_ref();
            let meshed: BTreeSet<_> =
                gossip.iter().flat_map(|gossip| gossip.mesh_peers(&hash)).map(|peer| peer.to_base58()).collect();
            let listed =
                gossip.iter().flat_map(|gossip| gossip.all_peers()).filter(|(_, topics)| topics.contains(&&hash));
            let listed: BTreeSet<_> = listed.map(|(peer, _)| peer.to_base58()).collect();
            mesh.insert(topic, meshed);
            subscribers.insert(topic, listed);
        }
        json!({"event": "state", "connected": connected, "mesh": mesh, "subscribers": subscribers})
    }

    pub fn emit(&mut self, event: Value) {
        self.output.extend_from_slice(event.to_string().as_bytes());
        self.output.push(b'\n');
    }

    pub fn flush(&mut self) -> io::Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        stdout.write_all(&self.output)?;
        self.output.clear();
        stdout.flush()
    }
}
