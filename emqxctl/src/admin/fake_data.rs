//! The scripted node as a place of settings and retained messages.

use emqx_proto::admin::v1 as wire;
use tonic::{Request, Response, Streaming};
use wire::data_service_server::DataService;

use super::fake::{Answer, Service};

#[tonic::async_trait]
impl DataService for Service {
    /// Two retained messages, one a page.
    async fn export(
        &self,
        request: Request<wire::ExportDataRequest>,
    ) -> Answer<wire::ExportDataResponse> {
        self.enter("export_data", request.get_ref()).await?;
        let message = |topic: &str| wire::RetainedMessage {
            topic: topic.to_owned(),
            payload: "on".into(),
            qos: 1,
            ..wire::RetainedMessage::default()
        };
        let is_first = request.get_ref().page_token.is_empty();
        Ok(Response::new(wire::ExportDataResponse {
            cluster_name: "prod-eu".to_owned(),
            node: "n2".to_owned(),
            settings: vec![wire::Setting {
                key: "control.voters_max".to_owned(),
                value: "3".to_owned(),
            }],
            retained: vec![message(if is_first { "lamp/1" } else { "lamp/2" })],
            next_page_token: if is_first { "lamp/1" } else { "" }.to_owned(),
        }))
    }

    async fn import(
        &self,
        request: Request<Streaming<wire::ImportDataRequest>>,
    ) -> Answer<wire::ImportDataReport> {
        let mut parts = request.into_inner();
        let mut report = wire::ImportDataReport {
            nodes: vec!["n1".to_owned(), "n2".to_owned()],
            retained_expired: 1,
            ..wire::ImportDataReport::default()
        };
        while let Some(part) = parts.message().await? {
            self.enter("import_data", &part).await?;
            report.dry_run |= part.dry_run;
            report.settings_changed += part.settings.len() as u64;
            report.retained_new += part.retained.len() as u64;
        }
        Ok(Response::new(report))
    }
}
