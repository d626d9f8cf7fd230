//! Between the evacuation core and the contract with operators.

use std::num::NonZeroU32;
use std::time::Duration;

use emqx_proto::admin::v1 as admin;

use crate::operation::Outcome;
use crate::operation::evacuation::Evacuation;
use crate::operation::options::{EvacuationOptions, RATE_RANGE, RedirectTo};
use crate::operation::preflight::Refusal;
use crate::time::Timestamp;

/// Checks what an operator asked for.
///
/// # Errors
/// A rate of zero; the bounds of all options are checked by `preflight`.
pub fn options_from(request: admin::StartEvacuationRequest) -> Result<EvacuationOptions, Refusal> {
    let default = EvacuationOptions::default();
    Ok(EvacuationOptions {
        wait_health_check: request
            .wait_health_check_ms
            .map_or(default.wait_health_check, Duration::from_millis),
        wait_takeover: request
            .wait_takeover_ms
            .map_or(default.wait_takeover, Duration::from_millis),
        conn_evict_rate: rate(
            "conn_evict_rate",
            request.conn_evict_rate,
            default.conn_evict_rate,
        )?,
        sess_evict_rate: rate(
            "sess_evict_rate",
            request.sess_evict_rate,
            default.sess_evict_rate,
        )?,
        redirect_to: RedirectTo::parse(request.redirect_to.as_deref().unwrap_or_default()),
        migrate_to: request.migrate_to,
        ends_with_process: false,
        reason: request.reason,
        started_by: request.started_by,
    })
}

fn rate(
    field: &'static str,
    asked: Option<u32>,
    default: NonZeroU32,
) -> Result<NonZeroU32, Refusal> {
    let Some(asked) = asked else {
        return Ok(default);
    };
    NonZeroU32::new(asked).ok_or_else(|| {
        Refusal::new(
            "invalid_field",
            field,
            format!("{field} is 0 per second: nothing would ever move"),
            format!("{} to {} per second", RATE_RANGE.start(), RATE_RANGE.end()),
        )
    })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn millis_u32(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

/// The whole operation, as operators see it.
pub fn operation(
    evacuation: &Evacuation,
    options: &EvacuationOptions,
    now: Timestamp,
) -> admin::Operation {
    let progress = evacuation.progress(now);
    let outcome = match progress.outcome {
        None => admin::Outcome::Unspecified,
        Some(Outcome::Succeeded) => admin::Outcome::Succeeded,
        Some(Outcome::Stopped) => admin::Outcome::Stopped,
        Some(Outcome::Failed) => admin::Outcome::Failed,
        Some(Outcome::Partial) => admin::Outcome::Partial,
    };
    admin::Operation {
        id: progress.id.to_string(),
        revision: progress.revision.0,
        kind: admin::OperationKind::Evacuation as i32,
        node: progress.node,
        phase: progress.phase.as_str().to_owned(),
        phases: progress
            .phases
            .into_iter()
            .map(|phase| admin::Phase {
                name: phase.name.as_str().to_owned(),
                state: phase.state.as_str().to_owned(),
                started_unix_ms: phase.started_at.map(Timestamp::as_millis),
                duration_ms: phase.duration.map(millis),
            })
            .collect(),
        outcome: outcome as i32,
        outcome_reason: progress.outcome_reason,
        connections: Some(admin::Amount {
            initial: progress.connections.initial,
            current: progress.connections.current,
            goal: 0,
        }),
        sessions: Some(admin::Amount {
            initial: progress.sessions.initial,
            current: progress.sessions.current,
            goal: 0,
        }),
        conn_evict_rate: options.conn_evict_rate.get(),
        sess_evict_rate: options.sess_evict_rate.get(),
        conn_rate_measured: progress.conn_rate_measured,
        sess_rate_measured: progress.sess_rate_measured,
        limited_by: progress.limited_by,
        eta_phase_ms: progress.eta_phase.map(millis),
        eta_ms: progress.eta.map(millis),
        evicted_connections: progress.evicted_connections,
        sessions_moved_with_client: progress.sessions_moved_with_client,
        sessions_moved_without_client: progress.sessions_moved_without_client,
        sessions_expired: progress.sessions_expired,
        sessions_ended_with_connection: progress.sessions_ended_with_connection,
        unreturned: progress.unreturned,
        recipients: progress
            .recipients
            .into_iter()
            .map(|recipient| admin::Recipient {
                node: recipient.node,
                address: recipient.address,
                available: recipient.available,
                arrived: recipient.arrived,
                received_sessions: recipient.received_sessions,
                arrivals_per_sec: recipient.arrivals_per_sec,
                refused: recipient.refused,
            })
            .collect(),
        trouble: progress
            .trouble
            .into_iter()
            .map(|trouble| admin::SessionTrouble {
                client_id: trouble.client_id.to_string(),
                reason: trouble.reason,
                attempts: trouble.attempts,
            })
            .collect(),
        trouble_total: progress.trouble_total,
        redirect_to: options.redirect_to.as_str().to_owned(),
        migrate_to: options.migrate_to.clone(),
        wait_health_check_ms: millis(options.wait_health_check),
        wait_takeover_ms: millis(options.wait_takeover),
        started_by: options.started_by.clone(),
        reason: options.reason.clone(),
        started_unix_ms: progress.started_at.as_millis(),
        ended_unix_ms: progress.ended_at.map(Timestamp::as_millis),
        reconnect_p50_ms: progress.reconnect_p50.map(millis_u32),
        reconnect_p99_ms: progress.reconnect_p99.map(millis_u32),
        messages_carried: progress.messages_carried,
        slowest_unreturned: progress
            .slowest_unreturned
            .iter()
            .map(ToString::to_string)
            .collect(),
        conn_rate_mean: progress.conn_rate_mean,
        ends_with_process: options.ends_with_process,
        sess_rate_mean: progress.sess_rate_mean,
    }
}
