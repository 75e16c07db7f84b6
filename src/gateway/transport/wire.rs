//! The connection: gRPC over this process's stdin and stdout, with this process as the client.

use std::io;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};

use buildkit_proto::gateway::llb_bridge_client::LlbBridgeClient;
use hyper_util::rt::TokioIo;
use tokio::net::unix::pipe;
use tonic::transport::{Channel, Endpoint};

/// The largest message that engines send and accept.
const MESSAGE_LIMIT: usize = 16 << 20;
/// Errors of failed steps travel in headers, together with the build file.
const HEADER_LIMIT: u32 = 16 << 20;

/// Connects to the engine that started this process.
///
/// # Errors
/// Standard input or output is not a pipe, or the engine does not speak gRPC.
pub(crate) async fn connect() -> io::Result<LlbBridgeClient<Channel>> {
    let receiver = pipe::Receiver::from_owned_fd(io::stdin().as_fd().try_clone_to_owned()?)?;
    let sender = pipe::Sender::from_owned_fd(io::stdout().as_fd().try_clone_to_owned()?)?;
    // A lost connection cannot be re-established: the second attempt finds no pipes.
    let pair = Arc::new(Mutex::new(Some(tokio::io::join(receiver, sender))));
    let connector = tower::service_fn(move |_| {
        let pair = pair.lock().unwrap_or_else(PoisonError::into_inner).take();
        async move {
            pair.map(TokioIo::new)
                .ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))
        }
    });
    let channel = Endpoint::from_static("http://engine")
        .http2_max_header_list_size(HEADER_LIMIT)
        .connect_with_connector(connector)
        .await
        .map_err(io::Error::other)?;
    Ok(LlbBridgeClient::new(channel)
        .max_decoding_message_size(MESSAGE_LIMIT)
        .max_encoding_message_size(MESSAGE_LIMIT))
}
