use crate::peer::Peer;
use async_trait::async_trait;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::{StreamProtocol, request_response};
use serde_json::json;
use std::io::{self, Error, Read, Write};

const PROTOCOL: &str = "/leanconsensus/req/status/1/ssz_snappy";
const BODY_BYTES: usize = 80;
/// A framed body of 80 bytes with its length fits many times over.
const MAX_BYTES: u64 = 1024;
const CODE_OK: u8 = 0;

/// Reads and writes the body of a Status.
#[derive(Clone, Default)]
pub struct StatusCodec;

pub fn behaviour() -> request_response::Behaviour<StatusCodec> {
    let protocol = (StreamProtocol::new(PROTOCOL), request_response::ProtocolSupport::Inbound);
    request_response::Behaviour::new([protocol], request_response::Config::default())
}

pub fn status_body(text: &str) -> Result<Vec<u8>, String> {
    match hex::decode(text) {
        Ok(body) if body.len() == BODY_BYTES => Ok(body),
        _ => Err("a Status must be 80 bytes in hex".to_string()),
    }
}

#[async_trait]
impl request_response::Codec for StatusCodec {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T: AsyncRead + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
    ) -> io::Result<Vec<u8>> {
        let mut received = vec![];
        io.take(MAX_BYTES).read_to_end(&mut received).await?;
        unframed(&received)
    }

    async fn read_response<T: AsyncRead + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        _: &mut T,
    ) -> io::Result<Vec<u8>> {
        Err(Error::other("this peer does not ask"))
    }

    async fn write_request<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        _: &mut T,
        _: Vec<u8>,
    ) -> io::Result<()> {
        Err(Error::other("this peer does not ask"))
    }

    async fn write_response<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        body: Vec<u8>,
    ) -> io::Result<()> {
        let mut response = vec![CODE_OK];
        response.extend(framed(&body)?);
        io.write_all(&response).await
    }
}

/// 80 is below 128, so its varint is the one byte itself.
fn framed(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = snap::write::FrameEncoder::new(vec![BODY_BYTES as u8]);
    encoder.write_all(body)?;
    encoder.into_inner().map_err(|error| Error::other(error.to_string()))
}

fn unframed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let Some((&length, frame)) = bytes.split_first() else { return Err(Error::other("an empty request")) };
    if usize::from(length) != BODY_BYTES {
        return Err(Error::other("wrong body length"));
    }
    let mut body = vec![0; BODY_BYTES];
    snap::read::FrameDecoder::new(frame).read_exact(&mut body)?;
    Ok(body)
}

impl Peer {
    pub fn set_status(&mut self, body: Vec<u8>) -> Result<(), String> {
        let status = self.status.as_mut().ok_or("started without --status")?;
        *status = body;
        Ok(())
    }

    pub fn on_status(&mut self, event: request_response::Event<Vec<u8>, Vec<u8>>) {
        let request_response::Event::Message { peer, message, .. } = event else { return };
        let request_response::Message::Request { request, channel, .. } = message else { return };
        self.emit(json!({"event": "status-request", "peer": peer.to_base58(), "hex": hex::encode(request)}));
        let behaviour = self.swarm.behaviour_mut().status.as_mut();
        if let (Some(behaviour), Some(status)) = (behaviour, self.status.clone()) {
            // Whoever asked may be gone.
            let _ = behaviour.send_response(channel, status);
        }
    }
}
