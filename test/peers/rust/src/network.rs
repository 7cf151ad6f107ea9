use crate::arguments::Arguments;
use crate::message_id::{MAX_MESSAGE_BYTES, message_id};
use crate::status::{self, StatusCodec};
use libp2p::swarm::{NetworkBehaviour, behaviour::toggle::Toggle};
use libp2p::{Swarm, SwarmBuilder, gossipsub, identify, identity, noise, ping, request_response, tcp, yamux};
use std::{error::Error, time::Duration};

#[derive(NetworkBehaviour)]
pub struct Network {
    pub gossipsub: Toggle<gossipsub::Behaviour>,
    pub identify: Toggle<identify::Behaviour>,
    pub ping: ping::Behaviour,
    pub status: Toggle<request_response::Behaviour<StatusCodec>>,
}

pub fn build(arguments: &Arguments) -> Result<Swarm<Network>, Box<dyn Error>> {
    let keypair = keypair(arguments.key)?;
    let network = Network {
        gossipsub: arguments.gossip.then(|| gossip(arguments)).transpose()?.into(),
        identify: arguments.identify.then(|| identified(&keypair)).into(),
        ping: ping::Behaviour::default(),
        status: arguments.status.as_ref().map(|_| status::behaviour()).into(),
    };
    let unused = arguments.unused_timeout_ms.map_or(Duration::MAX, Duration::from_millis);
    let idle_timeout_ms = arguments.idle_timeout_ms;
    let swarm = SwarmBuilder::with_existing_identity(keypair)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)?
        .with_quic_config(|mut quic| {
            if let Some(idle) = idle_timeout_ms {
                quic.max_idle_timeout = idle;
                quic.keep_alive_interval = Duration::from_millis(u64::from(idle) / 3);
            }
            quic
        })
        .with_behaviour(|_| network)?
        .with_swarm_config(|config| config.with_idle_connection_timeout(unused))
        .build();
    Ok(swarm)
}

fn keypair(key: Option<[u8; 32]>) -> Result<identity::Keypair, Box<dyn Error>> {
    let Some(mut bytes) = key else {
        return Ok(identity::Keypair::generate_secp256k1());
    };
    let secret = identity::secp256k1::SecretKey::try_from_bytes(&mut bytes)?;
    Ok(identity::secp256k1::Keypair::from(secret).into())
}

fn identified(keypair: &identity::Keypair) -> identify::Behaviour {
    identify::Behaviour::new(identify::Config::new("leanmesh-test/1".to_string(), keypair.public()))
}

fn gossip(arguments: &Arguments) -> Result<gossipsub::Behaviour, Box<dyn Error>> {
    let (d, low, high) = arguments.mesh;
    let config = gossipsub::ConfigBuilder::default()
        .validation_mode(gossipsub::ValidationMode::Anonymous)
        .message_id_fn(|message| message_id(message.topic.as_str(), &message.data).into())
        .mesh_n(d)
        .mesh_n_low(low)
        .mesh_n_high(high)
        // The library wants at most half of D, and no more than D_low.
        .mesh_outbound_min(2.min(d / 2).min(low))
        .gossip_lazy(6)
        .heartbeat_interval(Duration::from_millis(700))
        .fanout_ttl(Duration::from_secs(60))
        .history_length(6)
        .history_gossip(3)
        .duplicate_cache_time(Duration::from_secs(24))
        .max_transmit_size(MAX_MESSAGE_BYTES)
        .prune_backoff(Duration::from_secs(60))
        .flood_publish(false)
        .build()?;
    Ok(gossipsub::Behaviour::new(gossipsub::MessageAuthenticity::Anonymous, config)?)
}
