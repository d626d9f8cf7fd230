//! What a node of a cluster costs as the cluster grows: computed from constants that were measured.
//!
//! Sessions are spread evenly, each with one Subscription to a Topic Filter of its own, as devices have that listen for
//! commands. `cargo run --release -p emqx-tests --bin growth` prints the table, with `measure` it measures the constants.

/// What was measured. Bytes are resident memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Constants {
    /// A node that serves nobody, alone.
    pub node_bytes: f64,
    /// A Session with its client, its Subscription, and its place in the book of a registrar on the same node.
    pub session_bytes: f64,
    /// A Client Identifier in the book of a registrar on another node than the Session's.
    pub registrar_bytes: f64,
    /// A Topic Filter that another node wants.
    pub interest_bytes: f64,
    /// A further node in the cluster: both directions of the link to it, and what is known of it.
    pub peer_bytes: f64,
    /// Gossip that a node sends each second, bytes, in a cluster of four or more: to three others, five times a second.
    pub gossip_bytes_per_s: f64,
    /// And of that for each node that it tells about.
    pub gossip_bytes_per_s_and_node: f64,
    /// A change of interest on its way to one node, bytes.
    pub interest_change_bytes: f64,
    /// CPU time in which a node takes in a change of interest of another one, microseconds.
    pub interest_change_us: f64,
}

/// Of the release build on x86-64 Linux.
pub const MEASURED: Constants = Constants {
    node_bytes: 18e6,
    session_bytes: 2_110.0,
    registrar_bytes: 111.0,
    interest_bytes: 380.0,
    peer_bytes: 291_000.0,
    gossip_bytes_per_s: 2_000.0,
    gossip_bytes_per_s_and_node: 570.0,
    interest_change_bytes: 34.0,
    interest_change_us: 3.0,
};

/// Cost of one node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Its Sessions.
    pub sessions: f64,
    /// Memory for them, bytes.
    pub sessions_bytes: f64,
    /// Memory for Client Identifiers whose Sessions are elsewhere, bytes.
    pub registrar_bytes: f64,
    /// Memory for what the other nodes want, bytes.
    pub interest_bytes: f64,
    /// Memory for the other nodes themselves, bytes.
    pub peers_bytes: f64,
    /// All memory, bytes.
    pub bytes: f64,
    /// Links that it holds; each is there in both directions.
    pub links: u32,
    /// Gossip that it sends, bytes a second.
    pub gossip_bytes_per_s: f64,
    /// Share of CONNECTs whose registrar is another node: two calls then (claim, commit), and one at the end.
    pub remote_claims: f64,
    /// Interest that all others send to a node that starts, bytes.
    pub join_bytes: f64,
    /// CPU time in which it takes that in, seconds.
    pub join_cpu_s: f64,
    /// Client Identifiers that it announces after a node has come or gone, before registrars grant again.
    pub announced: f64,
    /// Messages for the barrier of a round of transfers: a request to each other node and its answer.
    pub barrier_messages: u32,
}

/// Of a node among `nodes`, at least one, with so many Sessions in all.
pub fn cost(constants: &Constants, nodes: u32, sessions: f64) -> Cost {
    let peers = f64::from(nodes.saturating_sub(1));
    let own = sessions / f64::from(nodes);
    let elsewhere = sessions - own;
    let sessions_bytes = own * constants.session_bytes;
    // Registrars are found by hashing: each has as many Client Identifiers as a node has Sessions, most of other nodes.
    let remote_claims = peers / f64::from(nodes);
    let registrar_bytes = own * remote_claims * constants.registrar_bytes;
    let interest_bytes = elsewhere * constants.interest_bytes;
    let peers_bytes = peers * constants.peer_bytes;
    let gossip = if nodes > 1 {
        constants.gossip_bytes_per_s + f64::from(nodes) * constants.gossip_bytes_per_s_and_node
    } else {
        0.0
    };
    Cost {
        sessions: own,
        sessions_bytes,
        registrar_bytes,
        interest_bytes,
        peers_bytes,
        bytes: constants.node_bytes
            + sessions_bytes
            + registrar_bytes
            + interest_bytes
            + peers_bytes,
        links: nodes.saturating_sub(1),
        gossip_bytes_per_s: gossip,
        remote_claims,
        join_bytes: elsewhere * constants.interest_change_bytes,
        join_cpu_s: elsewhere * constants.interest_change_us / 1e6,
        announced: own * remote_claims,
        barrier_messages: 2 * nodes.saturating_sub(1),
    }
}

/// The table of ARCHITECTURE.md: one column for each number of nodes.
pub fn table(constants: &Constants, nodes: &[u32], sessions: f64) -> String {
    let costs: Vec<Cost> = nodes
        .iter()
        .map(|nodes| cost(constants, *nodes, sessions))
        .collect();
    let gib = |bytes: f64| format!("{:.2} GiB", bytes / f64::from(1 << 30));
    let mib = |bytes: f64| format!("{:.1} MiB", bytes / f64::from(1 << 20));
    type Row<'a> = (&'a str, Box<dyn Fn(&Cost) -> String + 'a>);
    let rows: [Row<'_>; 13] = [
        ("Sessions", Box::new(|it| format!("{:.0}", it.sessions))),
        ("memory: Sessions", Box::new(|it| gib(it.sessions_bytes))),
        (
            "memory: registrar, of Sessions elsewhere",
            Box::new(|it| gib(it.registrar_bytes)),
        ),
        (
            "memory: interest of the other nodes",
            Box::new(|it| gib(it.interest_bytes)),
        ),
        ("memory: links", Box::new(|it| mib(it.peers_bytes))),
        ("memory in all", Box::new(|it| gib(it.bytes))),
        ("links", Box::new(|it| it.links.to_string())),
        (
            "gossip sent a second",
            Box::new(|it| format!("{:.1} KiB", it.gossip_bytes_per_s / 1_024.0)),
        ),
        (
            "CONNECTs with a registrar elsewhere",
            Box::new(|it| format!("{:.0} %", it.remote_claims * 100.0)),
        ),
        (
            "interest that a node gets when it starts",
            Box::new(|it| mib(it.join_bytes)),
        ),
        (
            "CPU time to take that in",
            Box::new(|it| format!("{:.0} s", it.join_cpu_s)),
        ),
        (
            "Client Identifiers announced after a change of members",
            Box::new(|it| format!("{:.0}", it.announced)),
        ),
        (
            "messages of a barrier",
            Box::new(|it| it.barrier_messages.to_string()),
        ),
    ];
    let line = |title: &str, cells: Vec<String>| format!("| {title} | {} |\n", cells.join(" | "));
    let mut text = line(
        "A node of",
        nodes.iter().map(|nodes| format!("{nodes}")).collect(),
    );
    text.push_str(&format!("|---|{}\n", "--:|".repeat(nodes.len())));
    for (title, cell) in rows {
        text.push_str(&line(title, costs.iter().map(cell).collect()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Constants = Constants {
        node_bytes: 1_000.0,
        session_bytes: 100.0,
        registrar_bytes: 10.0,
        interest_bytes: 20.0,
        peer_bytes: 500.0,
        gossip_bytes_per_s: 700.0,
        gossip_bytes_per_s_and_node: 30.0,
        interest_change_bytes: 40.0,
        interest_change_us: 5.0,
    };

    #[test]
    fn a_node_alone_pays_for_itself_only() {
        let alone = cost(&PLAIN, 1, 1_000.0);
        assert_eq!(alone.bytes, 1_000.0 + 100_000.0);
        assert_eq!((alone.links, alone.barrier_messages), (0, 0));
        assert_eq!((alone.gossip_bytes_per_s, alone.join_bytes), (0.0, 0.0));
    }

    #[test]
    fn of_four_nodes_each_has_a_quarter_and_knows_what_the_others_want() {
        let cost = cost(&PLAIN, 4, 1_000.0);
        assert_eq!((cost.sessions, cost.links), (250.0, 3));
        assert_eq!(cost.sessions_bytes, 25_000.0);
        assert_eq!(cost.registrar_bytes, 250.0 * 0.75 * 10.0);
        assert_eq!(cost.interest_bytes, 750.0 * 20.0);
        assert_eq!(
            cost.bytes,
            1_000.0 + 25_000.0 + 1_875.0 + 15_000.0 + 1_500.0
        );
        assert_eq!(cost.gossip_bytes_per_s, 820.0);
        assert_eq!(
            (cost.join_bytes, cost.join_cpu_s),
            (30_000.0, 750.0 * 5.0 / 1e6)
        );
        assert_eq!((cost.announced, cost.barrier_messages), (187.5, 6));
    }

    /// The document says what the constants say.
    #[test]
    fn the_table_stands_in_the_architecture() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../emqxd/ARCHITECTURE.md");
        let text = std::fs::read_to_string(path).expect("ARCHITECTURE.md");
        let table = table(&MEASURED, &[3, 10, 50], 1e7);
        assert!(text.contains(&table), "the section is to hold\n{table}");
    }
}
