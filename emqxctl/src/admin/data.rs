//! Copies of settings and Retained Messages, on the wire.

use std::time::Duration;

use emqx_proto::admin::v1 as wire;
use tonic::transport::Channel;
use wire::data_service_client::DataServiceClient;

use super::AdminClient;
use super::client::MESSAGE_SIZE_MAX;
use super::convert::some;
use super::error::AdminError;
use crate::data_file::VERSION;
use crate::model::{DataPage, ImportReport, RetainedMessage, Setting, UtcTime};

/// Sent at once, bytes of payload; a message that is larger goes alone.
const PART_BYTES: usize = 1 << 20;

impl AdminClient {
    /// One page of a copy. `page_token` is that of the page before.
    ///
    /// # Errors
    /// [`AdminError`] when no endpoint answers or a node refuses.
    pub async fn export_data(
        &self,
        topic_filter: Option<&str>,
        page_token: Option<&str>,
    ) -> Result<DataPage, AdminError> {
        self.ask(async |channel| {
            data_service(channel)
                .export(wire::ExportDataRequest {
                    topic_filter: topic_filter.unwrap_or_default().to_owned(),
                    page_token: page_token.unwrap_or_default().to_owned(),
                })
                .await
        })
        .await
        .map(DataPage::from)
    }

    /// Brings a copy in, or with `dry_run` only has it checked. `timeout` bounds all of it.
    ///
    /// # Errors
    /// [`AdminError`]; nothing has changed unless it is [`AdminError::Unanswered`].
    pub async fn import_data(
        &self,
        settings: Vec<Setting>,
        retained: Vec<RetainedMessage>,
        dry_run: bool,
        timeout: Duration,
    ) -> Result<ImportReport, AdminError> {
        let parts = parts(settings, retained, dry_run);
        let client = self.with_timeout(timeout);
        client
            .change(async |channel| {
                data_service(channel)
                    .import(tokio_stream::iter(parts))
                    .await
            })
            .await
            .map(ImportReport::from)
    }
}

/// At least one.
fn parts(
    settings: Vec<Setting>,
    retained: Vec<RetainedMessage>,
    dry_run: bool,
) -> Vec<wire::ImportDataRequest> {
    let empty = || wire::ImportDataRequest {
        format: VERSION,
        dry_run,
        ..wire::ImportDataRequest::default()
    };
    let mut part = empty();
    part.settings = settings
        .into_iter()
        .map(|setting| wire::Setting {
            key: setting.key,
            value: setting.value,
        })
        .collect();
    let mut parts = Vec::new();
    let mut bytes = 0;
    for message in retained {
        if bytes > 0 && bytes + message.payload.len() > PART_BYTES {
            parts.push(std::mem::replace(&mut part, empty()));
            bytes = 0;
        }
        // The rest of a message counts too, or many small ones would be too much for one part.
        bytes += message.payload.len() + message.topic.len() + 64;
        part.retained.push(message.into());
    }
    parts.push(part);
    parts
}

fn data_service(channel: Channel) -> DataServiceClient<Channel> {
    DataServiceClient::new(channel).max_decoding_message_size(MESSAGE_SIZE_MAX)
}

impl From<wire::ExportDataResponse> for DataPage {
    fn from(page: wire::ExportDataResponse) -> Self {
        Self {
            cluster_name: page.cluster_name,
            node: page.node,
            settings: page
                .settings
                .into_iter()
                .map(|setting| Setting {
                    key: setting.key,
                    value: setting.value,
                })
                .collect(),
            retained: page
                .retained
                .into_iter()
                .map(RetainedMessage::from)
                .collect(),
            next_page_token: some(page.next_page_token),
        }
    }
}

impl From<wire::RetainedMessage> for RetainedMessage {
    fn from(message: wire::RetainedMessage) -> Self {
        Self {
            topic: message.topic,
            payload: message.payload.into(),
            qos: message.qos,
            publisher: some(message.publisher),
            expires_at: message.expires_unix_ms.map(UtcTime::from_millis),
            payload_format_indicator: message.payload_format_indicator,
            content_type: message.content_type,
            response_topic: message.response_topic,
            correlation_data: message.correlation_data.map(Into::into),
            user_properties: message
                .user_properties
                .into_iter()
                .map(|pair| (pair.name, pair.value))
                .collect(),
        }
    }
}

impl From<RetainedMessage> for wire::RetainedMessage {
    fn from(message: RetainedMessage) -> Self {
        Self {
            topic: message.topic,
            payload: message.payload.into(),
            qos: message.qos,
            publisher: message.publisher.unwrap_or_default(),
            expires_unix_ms: message.expires_at.map(UtcTime::as_millis),
            payload_format_indicator: message.payload_format_indicator,
            content_type: message.content_type,
            response_topic: message.response_topic,
            correlation_data: message.correlation_data.map(Into::into),
            user_properties: message
                .user_properties
                .into_iter()
                .map(|(name, value)| wire::UserProperty { name, value })
                .collect(),
        }
    }
}

impl From<wire::ImportDataReport> for ImportReport {
    fn from(report: wire::ImportDataReport) -> Self {
        Self {
            dry_run: report.dry_run,
            nodes: report.nodes,
            settings_changed: report.settings_changed,
            settings_unchanged: report.settings_unchanged,
            retained_new: report.retained_new,
            retained_replaced: report.retained_replaced,
            retained_unchanged: report.retained_unchanged,
            retained_expired: report.retained_expired,
        }
    }
}
