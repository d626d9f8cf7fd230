//! The control group of the scripted cluster.

use emqx_proto::admin::v1 as wire;

/// Three voters and a learner that is dead.
pub fn sample_control() -> wire::ControlGroup {
    let member = |node: &str, voter, applied: Option<u64>| wire::ControlMember {
        node: node.to_owned(),
        voter,
        applied,
        lag: applied.map(|applied| 1_204 - applied),
        standing: applied.map(|_| "member".to_owned()).unwrap_or_default(),
        problem: String::new(),
    };
    wire::ControlGroup {
        group: "5d1f0c3a9be27744".to_owned(),
        generation: 1,
        standing: "member".to_owned(),
        problem: String::new(),
        leader: "n2".to_owned(),
        term: 7,
        last_log: 1_204,
        applied: 1_204,
        has_majority: true,
        missing_voters: Vec::new(),
        members: vec![
            member("n1", true, Some(1_201)),
            member("n2", true, Some(1_204)),
            member("n3", true, Some(1_204)),
            member("n4", false, None),
        ],
    }
}

/// The same after n1 and n3 were lost.
pub fn sample_lost_control() -> wire::ControlGroup {
    let mut group = sample_control();
    group.leader.clear();
    group.has_majority = false;
    group.missing_voters = vec!["n1".to_owned(), "n3".to_owned()];
    for member in &mut group.members {
        if member.node != "n2" {
            member.applied = None;
            member.lag = None;
            member.standing.clear();
        }
    }
    group
}
