//! Serves the requests of a control stream and sends the answers back.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use emqx_proto::peer::v1::{ControlRequest, ControlRequests, ControlResponse, ControlResponses};
use futures_util::future::BoxFuture;
use futures_util::{Stream, StreamExt as _};
use prost::Message as _;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tonic::Status;

use crate::cluster::call_table::{BUSY, ends_earlier};
use crate::cluster::peer_server::Shared;
use crate::cluster::{CONTROL_MESSAGE_BYTES_MAX, LinkLimits, PeerHandler};
use crate::membership::NodeName;

/// Answers that wait to be sent, at most; tasks with more of them wait.
const ANSWERS_MAX: usize = 1_024;

/// The answer to a control stream: answers in the order in which they become ready, batched.
pub(crate) struct ControlStream {
    answers: mpsc::Receiver<ControlResponse>,
    reader: JoinHandle<()>,
    limits: LinkLimits,
    over: Option<BoxFuture<'static, ()>>,
}

impl ControlStream {
    pub(crate) fn new(
        requests: impl Stream<Item = Result<ControlRequests, Status>> + Send + Unpin + 'static,
        shared: &Shared,
        from: NodeName,
        over: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let (sender, answers) = mpsc::channel(ANSWERS_MAX);
        let handler = shared.handler.clone();
        let permits = Arc::new(Semaphore::new(shared.limits.calls_max));
        Self {
            answers,
            reader: tokio::spawn(read(requests, handler, from, permits, sender)),
            limits: shared.limits.clone(),
            over: Some(Box::pin(over)),
        }
    }
}

impl Drop for ControlStream {
    fn drop(&mut self) {
        // Only the reading ends. Requests being served go on: half of a step is worse than a step without an answer.
        self.reader.abort();
    }
}

impl Stream for ControlStream {
    type Item = Result<ControlResponses, Status>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let Some(over) = &mut this.over else {
            return Poll::Ready(None);
        };
        if over.as_mut().poll(cx).is_ready() {
            this.over = None;
            return Poll::Ready(Some(Err(Status::unavailable("the link is closed"))));
        }
        let mut responses = Vec::new();
        let mut bytes = 0;
        while responses.len() < this.limits.frame_items_max && bytes < this.limits.frame_bytes_max {
            match this.answers.poll_recv(cx) {
                Poll::Ready(Some(response)) => {
                    bytes += response.encoded_len();
                    responses.push(response);
                }
                Poll::Ready(None) if responses.is_empty() => return Poll::Ready(None),
                Poll::Pending if responses.is_empty() => return Poll::Pending,
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        Poll::Ready(Some(Ok(ControlResponses { responses })))
    }
}

async fn read(
    mut requests: impl Stream<Item = Result<ControlRequests, Status>> + Unpin,
    handler: Arc<dyn PeerHandler>,
    from: NodeName,
    permits: Arc<Semaphore>,
    answers: mpsc::Sender<ControlResponse>,
) {
    while let Some(Ok(batch)) = requests.next().await {
        for ControlRequest { id, request } in batch.requests {
            let Some(request) = request else {
                let text = "this node does not know the request";
                let _ = answers.send(refusal(id, "unknown_request", text)).await;
                continue;
            };
            let permit = permits.clone().try_acquire_owned().ok();
            if permit.is_none() && !ends_earlier(&request) {
                let text = "too many requests of this peer are being served";
                let _ = answers.send(refusal(id, BUSY, text)).await;
                continue;
            }
            let served = handler.clone().on_control(from.clone(), request);
            let answers = answers.clone();
            tokio::spawn(async move {
                let response = match served.await {
                    Ok(response) => ControlResponse {
                        id,
                        response: Some(response),
                        ..ControlResponse::default()
                    },
                    Err((code, message)) => refusal(id, &code, &message),
                };
                let response = if response.encoded_len() > CONTROL_MESSAGE_BYTES_MAX {
                    refusal(
                        id,
                        "too_large",
                        "the answer is larger than a message may be",
                    )
                } else {
                    response
                };
                // Nobody is there to get it when the link has broken meanwhile.
                let _ = answers.send(response).await;
                drop(permit);
            });
        }
    }
}

fn refusal(id: u64, code: &str, message: &str) -> ControlResponse {
    ControlResponse {
        id,
        error: message.to_owned(),
        error_code: code.to_owned(),
        response: None,
    }
}
