//! Families of figures to OpenMetrics text.

use std::borrow::Cow;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Registry;

/// The figures of one name.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) values: Values,
}

/// Figures, each with its labels.
#[derive(Debug)]
pub(super) enum Values {
    Counters(Vec<(Labels, u64)>),
    Gauges(Vec<(Labels, f64)>),
}

/// The labels of one figure.
pub(super) type Labels = Vec<(&'static str, Cow<'static, str>)>;

#[derive(Debug)]
struct Snapshot(Vec<Family>);

pub(super) fn render(families: Vec<Family>) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Snapshot(families)));
    let mut text = String::new();
    // A String takes everything.
    let _ = encode(&mut text, &registry);
    text
}

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for Family { name, help, values } in &self.0 {
            let metric_type = match values {
                Values::Counters(_) => MetricType::Counter,
                Values::Gauges(_) => MetricType::Gauge,
            };
            let mut family = encoder.encode_descriptor(name, help, None, metric_type)?;
            match values {
                Values::Counters(counters) => {
                    for (labels, count) in counters {
                        labelled(&mut family, labels, |metric| encode_counter(metric, count))?;
                    }
                }
                Values::Gauges(gauges) => {
                    for (labels, value) in gauges {
                        labelled(&mut family, labels, |metric| encode_gauge(metric, *value))?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn labelled(
    family: &mut MetricEncoder<'_>,
    labels: &Labels,
    encode: impl FnOnce(&mut MetricEncoder<'_>) -> fmt::Result,
) -> fmt::Result {
    // An empty set of labels would be written as `{}`.
    if labels.is_empty() {
        encode(family)
    } else {
        encode(&mut family.encode_family(labels)?)
    }
}

/// Whole numbers without a fraction; they are exact below 2^53.
fn encode_gauge(metric: &mut MetricEncoder<'_>, value: f64) -> fmt::Result {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        metric.encode_gauge(&(value as i64))
    } else {
        metric.encode_gauge(&value)
    }
}

fn encode_counter(metric: &mut MetricEncoder<'_>, value: &u64) -> fmt::Result {
    let exemplar: Option<&Exemplar<Labels, f64>> = None;
    metric.encode_counter(value, exemplar)
}
