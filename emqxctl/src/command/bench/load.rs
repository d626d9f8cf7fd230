//! What was typed, as a load.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::lookup_host;

use crate::bench::{Load, Pace, TopicPattern, Version};
use crate::cli::{
    ConnArgs, ConnectionArgs, DeliveryArgs, LoadArgs, MessageArgs, MixArgs, PubArgs, ShapeArg,
    SubArgs,
};
use crate::exit::ExitStatus;
use crate::output::Diagnostic;
use crate::output::human::count;

/// How long a load goes on that has no other end.
const DURATION: Duration = Duration::from_secs(10);

/// How long one goes on at most that ends by its messages.
const DURATION_WITH_LIMIT: Duration = Duration::from_secs(60);

/// A load and what people need to know of it.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) load: Load,
    /// One line.
    pub(super) what: String,
    pub(super) wants_baseline: bool,
}

pub(super) async fn conn(args: ConnArgs) -> Result<Planned, Diagnostic> {
    let load = Load {
        idle: args.count,
        ..base(&args.load, None).await?
    };
    Ok(planned(load, &args.load, "bench conn".to_owned()))
}

pub(super) async fn publish(args: PubArgs) -> Result<Planned, Diagnostic> {
    let load = Load {
        publishers: args.count,
        topic: args.topic,
        ..base(&args.load, Some(&args.delivery)).await?
    };
    let load = with_messages(load, &args.message);
    let what = format!("bench pub: {}", describe(&load));
    Ok(planned(load, &args.load, what))
}

pub(super) async fn subscribe(args: SubArgs) -> Result<Planned, Diagnostic> {
    let load = Load {
        subscribers: args.count,
        filter: args.topic,
        ..base(&args.load, Some(&args.delivery)).await?
    };
    let what = format!("bench sub: QoS {}", load.qos);
    Ok(planned(load, &args.load, what))
}

pub(super) async fn mix(args: MixArgs) -> Result<Planned, Diagnostic> {
    let load = base(&args.load, Some(&args.delivery)).await?;
    let root = args
        .topic
        .map_or_else(|| load.prefix.clone(), |topic| topic.to_string());
    let topic = |end: &str| {
        TopicPattern::parse(&format!("{root}/{end}"))
            .map_err(|why| Diagnostic::new(ExitStatus::Usage, format!("--topic: {why}")))
    };
    let load = match args.shape {
        ShapeArg::P2p => Load {
            publishers: args.count,
            subscribers: args.count,
            topic: topic("%i")?,
            filter: topic("%i")?,
            copies: Some(1),
            ..load
        },
        ShapeArg::FanOut => Load {
            publishers: 1,
            subscribers: args.count,
            topic: topic("all")?,
            filter: topic("all")?,
            copies: Some(args.count),
            ..load
        },
        ShapeArg::FanIn => Load {
            publishers: args.count,
            subscribers: 1,
            topic: topic("%i")?,
            filter: topic("+")?,
            copies: Some(1),
            ..load
        },
    };
    let load = with_messages(load, &args.message);
    let what = format!(
        "bench mix: {} to {}, {}",
        count(load.publishers.into()),
        count(load.subscribers.into()),
        describe(&load)
    );
    Ok(planned(load, &args.load, what))
}

fn planned(load: Load, args: &LoadArgs, what: String) -> Planned {
    Planned {
        load,
        what,
        wants_baseline: args.baseline,
    }
}

fn describe(load: &Load) -> String {
    let pace = match load.pace {
        Pace::Open { per_sec } => format!(
            "open loop of {} messages a second",
            count(per_sec.round() as u64)
        ),
        Pace::Closed { window } => format!("closed loop, {} under way each", count(window.into())),
    };
    format!(
        "{} B, QoS {}, {pace}",
        count(load.payload_bytes as u64),
        load.qos
    )
}

fn with_messages(mut load: Load, args: &MessageArgs) -> Load {
    load.payload_bytes = args.size;
    load.retain = args.retain;
    load.warm_up = args.warmup;
    let by_interval = |ms: u32| f64::from(load.publishers) * 1_000.0 / f64::from(ms);
    load.pace = match (args.inflight, args.rate) {
        (Some(window), _) => Pace::Closed { window },
        (None, Some(per_sec)) => Pace::Open {
            per_sec: per_sec.into(),
        },
        (None, None) => Pace::Open {
            per_sec: by_interval(args.interval_of_msg.unwrap_or(1_000)),
        },
    };
    load
}

/// A load that does nothing yet.
async fn base(args: &LoadArgs, delivery: Option<&DeliveryArgs>) -> Result<Load, Diagnostic> {
    if args.baseline && !cfg!(feature = "baseline") {
        return Err(Diagnostic::new(
            ExitStatus::Usage,
            "--baseline: this emqxctl was built without rumqttd",
        )
        .hint("build it with `cargo build --release -p emqxctl --features baseline`"));
    }
    let connection = &args.connection;
    if connection.password.is_some() && connection.username.is_none() && connection.version < 5 {
        return Err(Diagnostic::new(
            ExitStatus::Usage,
            "--password needs --username before MQTT 5.0 [MQTT-3.1.2-22]",
        ));
    }
    let limit = delivery.and_then(|delivery| delivery.limit);
    let default_duration = if limit.is_some() {
        DURATION_WITH_LIMIT
    } else {
        DURATION
    };
    let nothing =
        || TopicPattern::parse("bench").map_err(|why| Diagnostic::new(ExitStatus::Usage, why));
    Ok(Load {
        targets: targets(connection).await?,
        sources: connection.ifaddr.clone().unwrap_or_default(),
        version: match connection.version {
            3 => Version::V3_1,
            4 => Version::V3_1_1,
            _ => Version::V5,
        },
        prefix: connection.prefix(),
        start_number: connection.startnumber,
        username: connection.username.clone(),
        password: connection.password.clone(),
        keep_alive_s: connection.keepalive,
        clean_start: true,
        session_expiry_interval_s: 0,
        connect_per_sec: Some(connection.conn_rate).filter(|&rate| rate > 0),
        idle: 0,
        subscribers: 0,
        publishers: 0,
        topic: nothing()?,
        filter: nothing()?,
        qos: delivery.map_or(0, |delivery| delivery.qos),
        retain: false,
        payload_bytes: 256,
        pace: Pace::Open { per_sec: 1.0 },
        copies: None,
        messages_max: limit,
        duration: args.duration.unwrap_or(default_duration),
        warm_up: Duration::ZERO,
    })
}

/// The address of each broker.
pub(super) async fn targets(args: &ConnectionArgs) -> Result<Vec<SocketAddr>, Diagnostic> {
    let names: Vec<String> = if args.target.is_empty() {
        let port = args.port;
        let with_port = |host: &String| {
            if host.contains(':') && !host.starts_with('[') {
                format!("[{host}]:{port}")
            } else {
                format!("{host}:{port}")
            }
        };
        args.host.iter().map(with_port).collect()
    } else {
        args.target.clone()
    };
    let mut targets = Vec::with_capacity(names.len());
    for name in names {
        if name
            .rsplit_once(':')
            .is_none_or(|(_, port)| port.parse::<u16>().is_err())
        {
            return Err(Diagnostic::new(
                ExitStatus::Usage,
                format!("--target {name}: HOST:PORT is expected, such as 127.0.0.1:1883"),
            ));
        }
        let found = lookup_host(&name)
            .await
            .map(|mut addresses| addresses.next());
        match found {
            Ok(Some(address)) => targets.push(address),
            Ok(None) => return Err(unknown_host(&name, "the name has no address")),
            Err(error) => return Err(unknown_host(&name, &error.to_string())),
        }
    }
    Ok(targets)
}

fn unknown_host(name: &str, cause: &str) -> Diagnostic {
    Diagnostic::new(ExitStatus::Unreachable, format!("cannot find {name}"))
        .cause(cause)
        .hint("name the broker with --host and --port, or with --target HOST:PORT")
}
