//! Calls to one peer that are waiting to be sent or to be answered.

use std::collections::VecDeque;
use std::task::Waker;

use emqx_proto::peer::v1::{
    ControlRequest, ControlRequests, ControlResponse, control_request, control_response,
};
use prost::Message as _;
use tokio::sync::oneshot;

use crate::cluster::LinkLimits;
use crate::hashing::HashMap;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No answer in time. Whether the request was served is not known.
    #[error("the peer did not answer in time")]
    Timeout,
    /// The peer is dead, left, or could not be reached in time, or the link broke before it answered. In the last
    /// case it is not known whether the request was served.
    #[error("the peer cannot be reached")]
    Unreachable,
    /// The peer (or, with code `busy`, this node) did not serve the request.
    #[error("{message} ({code})")]
    Refused {
        /// For programs.
        code: String,
        /// For people.
        message: String,
    },
}

/// Code of the refusal of a call that may be made again: too many are under way.
pub const BUSY: &str = "busy";

/// Whether the request ends what an earlier one has begun. There are no more of these than of the earlier ones, and what
/// is not ended stays half done: they are never refused for want of room.
pub(crate) const fn ends_earlier(request: &control_request::Request) -> bool {
    use control_request::Request as R;
    matches!(
        request,
        R::Commit(_)
            | R::Release(_)
            | R::TransferFinish(_)
            | R::TransferCommit(_)
            | R::TransferAbort(_)
    )
}

pub(crate) type Answer = Result<control_response::Response, CallError>;

/// Calls by number. All of it is done under one short lock.
#[derive(Default)]
pub(crate) struct CallTable {
    last_id: u64,
    unsent: VecDeque<ControlRequest>,
    waiting: HashMap<u64, Waiting>,
    /// The connection that takes requests; an earlier one takes nothing any more.
    connection: u64,
    open: bool,
    waker: Option<Waker>,
    accepting: bool,
}

struct Waiting {
    answer: oneshot::Sender<Answer>,
    sent: bool,
}

/// What the pump gets.
pub(crate) enum Next {
    Frame(ControlRequests),
    Wait,
    Ended,
}

impl CallTable {
    /// Adds a call. The waker is to be called after the lock is released.
    pub(crate) fn begin(
        &mut self,
        request: control_request::Request,
        limits: &LinkLimits,
    ) -> Result<(u64, oneshot::Receiver<Answer>, Option<Waker>), CallError> {
        if !self.accepting {
            return Err(CallError::Unreachable);
        }
        if self.waiting.len() >= limits.calls_max && !ends_earlier(&request) {
            return Err(CallError::Refused {
                code: BUSY.into(),
                message: format!("{} calls to the peer are under way", limits.calls_max),
            });
        }
        self.last_id += 1;
        let id = self.last_id;
        let (answer, receiver) = oneshot::channel();
        self.waiting.insert(
            id,
            Waiting {
                answer,
                sent: false,
            },
        );
        self.unsent.push_back(ControlRequest {
            id,
            request: Some(request),
        });
        let waker = if self.open { self.waker.take() } else { None };
        Ok((id, receiver, waker))
    }

    /// Nobody waits for the answer any more. Returns whether the request had been sent.
    pub(crate) fn forget(&mut self, id: u64) -> bool {
        match self.waiting.remove(&id) {
            Some(waiting) if !waiting.sent => {
                self.unsent.retain(|request| request.id != id);
                false
            }
            Some(_) => true,
            None => false,
        }
    }

    pub(crate) fn answered(&mut self, response: ControlResponse) {
        let Some(waiting) = self.waiting.remove(&response.id) else {
            return;
        };
        let answer = match response.response {
            Some(answer) => Ok(answer),
            None => Err(CallError::Refused {
                code: response.error_code,
                message: response.error,
            }),
        };
        // The caller may have given up at this very moment.
        let _ = waiting.answer.send(answer);
    }

    /// Calls are accepted from now on; they wait for a connection.
    pub(crate) fn open_to_calls(&mut self) {
        self.accepting = true;
    }

    /// The peer is gone: every call fails, new ones too.
    pub(crate) fn close(&mut self) -> Option<Waker> {
        self.accepting = false;
        self.unsent.clear();
        self.waiting.clear();
        self.end_connection()
    }

    fn end_connection(&mut self) -> Option<Waker> {
        self.connection += 1;
        self.open = false;
        self.waker.take()
    }

    /// A connection is being opened.
    pub(crate) fn connect(&mut self) -> u64 {
        self.connection += 1;
        self.connection
    }

    /// It is open.
    pub(crate) fn connected(&mut self, number: u64) -> Option<Waker> {
        if self.connection != number {
            return None;
        }
        self.open = true;
        self.waker.take()
    }

    /// A connection has ended: what was sent on it and not answered fails; what was not sent yet waits on.
    pub(crate) fn disconnect(&mut self, number: u64) -> Option<Waker> {
        if self.connection != number {
            return None;
        }
        self.waiting.retain(|_, waiting| !waiting.sent);
        self.end_connection()
    }

    pub(crate) fn next_frame(&mut self, number: u64, limits: &LinkLimits, waker: &Waker) -> Next {
        if self.connection != number {
            return Next::Ended;
        }
        let mut requests = Vec::new();
        let mut bytes = 0;
        while self.open
            && requests.len() < limits.frame_items_max
            && bytes < limits.frame_bytes_max
            && let Some(request) = self.unsent.pop_front()
        {
            if let Some(waiting) = self.waiting.get_mut(&request.id) {
                waiting.sent = true;
            }
            bytes += request.encoded_len();
            requests.push(request);
        }
        if requests.is_empty() {
            self.waker = Some(waker.clone());
            return Next::Wait;
        }
        Next::Frame(ControlRequests { requests })
    }
}

#[cfg(test)]
mod tests {
    use emqx_proto::peer::v1::{CommitRequest, Done, LookupRequest};
    use futures_util::task::noop_waker;

    use super::*;

    fn lookup() -> control_request::Request {
        control_request::Request::Lookup(LookupRequest::default())
    }

    fn table() -> CallTable {
        let mut table = CallTable::default();
        table.open_to_calls();
        table
    }

    fn ids(table: &mut CallTable, number: u64) -> Vec<u64> {
        match table.next_frame(number, &LinkLimits::default(), &noop_waker()) {
            Next::Frame(frame) => frame.requests.iter().map(|r| r.id).collect(),
            Next::Wait | Next::Ended => Vec::new(),
        }
    }

    #[test]
    fn calls_wait_for_a_connection_go_out_in_one_frame_and_are_answered() {
        let mut table = table();
        let limits = LinkLimits::default();
        let (first, mut answer, _) = table.begin(lookup(), &limits).unwrap();
        let (second, _second_answer, _) = table.begin(lookup(), &limits).unwrap();
        let (third, ..) = table.begin(lookup(), &limits).unwrap();
        assert!(!table.forget(third));
        let number = table.connect();
        assert_eq!(ids(&mut table, number), Vec::<u64>::new());
        let _ = table.connected(number);
        assert_eq!(ids(&mut table, number), [first, second]);
        table.answered(ControlResponse {
            id: first,
            response: Some(control_response::Response::Done(Done {})),
            ..ControlResponse::default()
        });
        assert!(matches!(
            answer.try_recv(),
            Ok(Ok(control_response::Response::Done(_)))
        ));
        assert!(table.forget(second));
    }

    #[test]
    fn a_broken_link_fails_what_was_sent_and_keeps_what_was_not() {
        let mut table = table();
        let limits = LinkLimits::default();
        let (_, mut sent, _) = table.begin(lookup(), &limits).unwrap();
        let number = table.connect();
        let _ = table.connected(number);
        assert_eq!(ids(&mut table, number).len(), 1);
        let (kept, mut unsent, _) = table.begin(lookup(), &limits).unwrap();
        let _ = table.disconnect(number);
        assert!(matches!(
            sent.try_recv(),
            Err(oneshot::error::TryRecvError::Closed)
        ));
        assert!(matches!(
            unsent.try_recv(),
            Err(oneshot::error::TryRecvError::Empty)
        ));
        let number = table.connect();
        let _ = table.connected(number);
        assert_eq!(ids(&mut table, number), [kept]);
        let _ = table.close();
        assert!(matches!(
            unsent.try_recv(),
            Err(oneshot::error::TryRecvError::Closed)
        ));
        assert_eq!(
            table.begin(lookup(), &limits).err(),
            Some(CallError::Unreachable)
        );
    }

    #[test]
    fn calls_are_bounded() {
        let mut table = table();
        let limits = LinkLimits {
            calls_max: 1,
            ..LinkLimits::default()
        };
        let _first = table.begin(lookup(), &limits).unwrap();
        let refused = table.begin(lookup(), &limits).err();
        assert!(matches!(refused, Some(CallError::Refused { code, .. }) if code == BUSY));
        let commit = control_request::Request::Commit(CommitRequest::default());
        assert!(table.begin(commit, &limits).is_ok());
    }
}
