//! Copies of settings and Retained Messages: taken from one node, and brought in by all or by none.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use emqx_proto::admin::v1 as admin;
use emqx_proto::admin::v1::data_service_server::DataService;
use emqx_proto::peer::v1::{CheckDataRequest, CheckDataResponse, admin_request, admin_response};
use futures_util::future::join_all;
use tonic::{Code, Request, Response, Status, Streaming};

use super::data_item::{self, retained_to};
use super::error::AdminError;
use super::fan_out;
use crate::control::command::Change;
use crate::control::identity::Announcement;
use crate::control::settings;
use crate::membership::NodeName;
use crate::message::Message;
use crate::node::broker::Broker;
use crate::topic::{TopicFilter, TopicName};

/// Of the data that this version knows.
const FORMAT: u32 = 1;
/// Retained Messages that are looked at for one page, and their bytes; one that is larger comes alone.
const PAGE_ENTRIES: usize = 1_024;
const PAGE_BYTES: usize = 2 << 20;
/// An import is held in memory until every node has checked it: so many bytes of topics, payloads and properties.
pub const IMPORT_BYTES_MAX: usize = 256 << 20;
/// A node has this long to check a part.
const CHECK_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves `DataService`.
#[derive(Clone)]
pub struct DataApi {
    broker: Arc<Broker>,
}

impl DataApi {
    /// On this node.
    pub const fn new(broker: Arc<Broker>) -> Self {
        Self { broker }
    }
}

#[tonic::async_trait]
impl DataService for DataApi {
    async fn export(
        &self,
        request: Request<admin::ExportDataRequest>,
    ) -> Result<Response<admin::ExportDataResponse>, Status> {
        Ok(Response::new(export(&self.broker, &request.into_inner())?))
    }

    async fn import(
        &self,
        request: Request<Streaming<admin::ImportDataRequest>>,
    ) -> Result<Response<admin::ImportDataReport>, Status> {
        let mut parts = request.into_inner();
        let mut import = Import::new(&self.broker)?;
        while let Some(part) = parts.message().await? {
            import.take(part).await?;
        }
        import.check_room()?;
        if import.dry_run {
            return Ok(Response::new(import.report(&self.broker)));
        }
        // In a task of its own: whoever asks may leave before it has ended.
        let broker = Arc::clone(&self.broker);
        let applied = tokio::spawn(async move { import.apply(&broker).await });
        match applied.await {
            Ok(report) => Ok(Response::new(report?)),
            Err(_) => Err(AdminError::node_unreachable(self.broker.node_name.as_str()).into()),
        }
    }
}

fn export(
    broker: &Broker,
    request: &admin::ExportDataRequest,
) -> Result<admin::ExportDataResponse, AdminError> {
    let filter = match request.topic_filter.as_str() {
        "" => None,
        text => Some(TopicFilter::new(text).map_err(|_| {
            AdminError::new(
                Code::InvalidArgument,
                "invalid_field",
                format!("'{text}' is no Topic Filter"),
                "a Topic Filter such as 'devices/#'",
            )
        })?),
    };
    let now = broker.clock.now();
    let is_first = request.page_token.is_empty();
    let after = TopicName::new(request.page_token.as_str()).ok();
    let entries = broker.retained.page(after, PAGE_ENTRIES);
    let mut response = admin::ExportDataResponse {
        cluster_name: broker.config.cluster_name.clone(),
        node: broker.node_name.to_string(),
        ..admin::ExportDataResponse::default()
    };
    if is_first {
        let agreed = broker.cluster().control().state();
        let settings = agreed.settings();
        response.settings = settings
            .map(|(key, value)| admin::Setting {
                key: key.to_owned(),
                value: value.to_owned(),
            })
            .collect();
    }
    let mut bytes = 0;
    let count = entries.len();
    for (number, (message, _, is_removal)) in entries.into_iter().enumerate() {
        let is_wanted = !is_removal
            && !message.is_expired(now)
            && filter
                .as_ref()
                .is_none_or(|filter| filter.matches(&message.topic));
        if is_wanted {
            bytes += message.bytes();
            response.retained.push(retained_to(&message));
        }
        let is_last = number + 1 == count;
        if (is_last && count == PAGE_ENTRIES) || (!is_last && bytes >= PAGE_BYTES) {
            response.next_page_token = message.topic.as_str().to_owned();
            break;
        }
    }
    Ok(response)
}

/// Whether this node could take it, and what it would need for it. Nothing changes.
///
/// # Errors
/// The first thing that it could not take.
pub fn check(broker: &Broker, request: &CheckDataRequest) -> Result<CheckDataResponse, AdminError> {
    for setting in &request.settings {
        settings::check(&setting.key, Some(&setting.value))
            .map_err(|no| refused(broker, &no.cause, &no.valid))?;
    }
    if !request.retained.is_empty() && broker.disk.is_failing() {
        let cause = "the disk of its store takes nothing";
        return Err(refused(broker, cause, "a node whose disk takes writes"));
    }
    let mut new_topics = 0;
    for item in &request.retained {
        let message = data_item::retained_from(item, &broker.config)
            .map_err(|no| refused(broker, &no.cause, &no.valid))?;
        new_topics += u64::from(broker.retained_of(&message.topic).is_none());
    }
    let max = broker.config.retainer.max_retained_messages;
    Ok(CheckDataResponse {
        new_topics,
        room: (max > 0).then(|| max.saturating_sub(broker.retained.len()) as u64),
    })
}

fn refused(broker: &Broker, cause: &str, valid: &str) -> AdminError {
    AdminError::new(
        Code::FailedPrecondition,
        "not_importable",
        format!("{}: {cause}", broker.node_name),
        valid,
    )
}

/// What is to be brought in, and what the nodes said of it.
struct Import {
    broker: Arc<Broker>,
    dry_run: bool,
    settings: Vec<admin::Setting>,
    retained: Vec<Message>,
    bytes: usize,
    expired: u64,
    nodes: BTreeMap<NodeName, CheckDataResponse>,
}

/// What an import would change.
struct Plan {
    settings: Vec<admin::Setting>,
    settings_unchanged: u64,
    retained: Vec<Message>,
    new: u64,
    replaced: u64,
    unchanged: u64,
}

impl Import {
    /// # Errors
    /// When a node does not answer: it could not check.
    fn new(broker: &Arc<Broker>) -> Result<Self, AdminError> {
        let membership = &broker.cluster().membership;
        let view = membership.view();
        let agreed = broker.cluster().control().state();
        for known in membership.known().iter() {
            let name = &known.info.name;
            let is_removed = Announcement::parse(&known.info.control)
                .is_some_and(|told| agreed.is_removed(told.node_id));
            if !is_removed && !view.nodes.contains_key(name) {
                return Err(AdminError::node_unreachable(name.as_str()));
            }
        }
        Ok(Self {
            broker: Arc::clone(broker),
            dry_run: false,
            settings: Vec::new(),
            retained: Vec::new(),
            bytes: 0,
            expired: 0,
            nodes: view
                .nodes
                .keys()
                .map(|name| (name.clone(), CheckDataResponse::default()))
                .collect(),
        })
    }

    /// Has every node check a part, and keeps it.
    async fn take(&mut self, part: admin::ImportDataRequest) -> Result<(), AdminError> {
        if part.format > FORMAT {
            return Err(invalid(
                format!("the data is of format {}", part.format),
                format!("format {FORMAT}, or a later version of emqxd on all nodes"),
            ));
        }
        self.dry_run |= part.dry_run;
        let request = admin_request::Request::CheckData(CheckDataRequest {
            settings: part.settings.clone(),
            retained: part.retained.clone(),
        });
        let broker = &self.broker;
        let asked = self.nodes.keys().map(|node| {
            let request = request.clone();
            async move {
                let answer = fan_out::ask_within(broker, node, request, CHECK_TIMEOUT).await;
                (node.clone(), answer)
            }
        });
        for (node, answer) in join_all(asked).await {
            match answer? {
                admin_response::Response::DataChecked(told) => {
                    let known = self.nodes.entry(node).or_default();
                    known.new_topics += told.new_topics;
                    known.room = told.room;
                }
                _ => return Err(AdminError::node_unreachable(node.as_str())),
            }
        }
        self.keep(part)
    }

    fn keep(&mut self, part: admin::ImportDataRequest) -> Result<(), AdminError> {
        for setting in part.settings {
            let last = self.settings.last().map(|last| &last.key);
            if last.is_some_and(|last| *last >= setting.key) {
                return Err(not_sorted(&setting.key));
            }
            self.settings.push(setting);
        }
        let now = self.broker.clock.now();
        for item in &part.retained {
            let message = data_item::retained_from(item, &self.broker.config)
                .map_err(|no| refused(&self.broker, &no.cause, &no.valid))?;
            let last = self.retained.last().map(|last| last.topic.as_str());
            if last.is_some_and(|last| last >= message.topic.as_str()) {
                return Err(not_sorted(message.topic.as_str()));
            }
            self.bytes += message.bytes();
            if self.bytes > IMPORT_BYTES_MAX {
                return Err(invalid(
                    format!(
                        "the retained messages are more than {} MiB",
                        IMPORT_BYTES_MAX >> 20
                    ),
                    "several imports, each with the retained messages of another Topic Filter",
                ));
            }
            if message.is_expired(now) {
                self.expired += 1;
            } else {
                self.retained.push(message);
            }
        }
        Ok(())
    }

    /// # Errors
    /// When a node would have more Retained Messages than it may.
    fn check_room(&self) -> Result<(), AdminError> {
        for (node, told) in &self.nodes {
            if let Some(room) = told.room
                && told.new_topics > room
            {
                return Err(AdminError::new(
                    Code::FailedPrecondition,
                    "not_importable",
                    format!(
                        "{node}: {} more retained messages, and retainer.max_retained_messages leaves room for {room}",
                        told.new_topics
                    ),
                    "a higher limit on all nodes, or fewer messages",
                ));
            }
        }
        Ok(())
    }

    fn plan(&self, broker: &Broker) -> Plan {
        let agreed = broker.cluster().control().state();
        let (unchanged_settings, settings): (Vec<_>, Vec<_>) = self
            .settings
            .iter()
            .cloned()
            .partition(|setting| agreed.setting(&setting.key) == Some(setting.value.as_str()));
        let mut plan = Plan {
            settings,
            settings_unchanged: unchanged_settings.len() as u64,
            retained: Vec::new(),
            new: 0,
            replaced: 0,
            unchanged: 0,
        };
        for message in &self.retained {
            match broker.retained_of(&message.topic) {
                Some(known) if is_alike(&known, message) => {
                    plan.unchanged += 1;
                    continue;
                }
                Some(_) => plan.replaced += 1,
                None => plan.new += 1,
            }
            plan.retained.push(message.clone());
        }
        plan
    }

    fn report(&self, broker: &Broker) -> admin::ImportDataReport {
        self.told(&self.plan(broker))
    }

    fn told(&self, plan: &Plan) -> admin::ImportDataReport {
        admin::ImportDataReport {
            dry_run: self.dry_run,
            nodes: self.nodes.keys().map(ToString::to_string).collect(),
            settings_changed: plan.settings.len() as u64,
            settings_unchanged: plan.settings_unchanged,
            retained_new: plan.new,
            retained_replaced: plan.replaced,
            retained_unchanged: plan.unchanged,
            retained_expired: self.expired,
        }
    }

    /// Settings first: they are the ones that may be refused.
    async fn apply(self, broker: &Broker) -> Result<admin::ImportDataReport, AdminError> {
        let mut plan = self.plan(broker);
        let agreed = broker.cluster().control().state();
        let mut changed = Vec::new();
        let mut result = Ok(());
        for setting in &plan.settings {
            let change = Change::SetSetting {
                key: setting.key.clone(),
                value: Some(setting.value.clone()),
            };
            result = broker.cluster().control().propose(change).await;
            if result.is_err() {
                break;
            }
            changed.push(&setting.key);
        }
        let result = match result {
            Ok(()) => {
                let retained = std::mem::take(&mut plan.retained);
                let retained = broker.retain_imported(retained).await;
                retained
                    .map_err(|cause| refused(broker, &cause, "to try again when that is put right"))
            }
            Err(error) => Err(error.into()),
        };
        let Err(error) = result else {
            return Ok(self.told(&plan));
        };
        for key in changed {
            let back = Change::SetSetting {
                key: key.clone(),
                value: agreed.setting(key).map(str::to_owned),
            };
            if let Err(error) = broker.cluster().control().propose(back).await {
                tracing::error!(setting = %key, %error, "an import has failed, and this is not as it was before");
            }
        }
        Err(error)
    }
}

/// Whether one would not be told from the other by a client.
fn is_alike(known: &Message, other: &Message) -> bool {
    (
        &known.payload,
        known.qos,
        known.expires_at,
        &known.properties,
    ) == (
        &other.payload,
        other.qos,
        other.expires_at,
        &other.properties,
    )
}

fn invalid(cause: String, valid: impl Into<String>) -> AdminError {
    AdminError::new(Code::InvalidArgument, "invalid_data", cause, valid)
}

fn not_sorted(name: &str) -> AdminError {
    invalid(
        format!("'{name}' is there twice, or not in its place"),
        "each once, sorted by topic or name",
    )
}
