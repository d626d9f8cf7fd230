//! What a registrar grants, to whom and when.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn node(name: &str) -> NodeName {
    NodeName::new(name).unwrap()
}

fn client(id: &str) -> ClientId {
    ClientId::new(id).unwrap()
}

fn granted(claim: Claim) -> (u64, Option<(NodeName, u64)>) {
    match claim.outcome {
        ClaimOutcome::Granted { epoch, owner } => (epoch, owner),
        ClaimOutcome::Waiting => panic!("the claim waits"),
    }
}

fn own(registrar: &mut Registrar, id: &str, name: &str) -> u64 {
    let (epoch, _) = granted(registrar.claim(&client(id), &node(name), 0, 0, T0));
    assert!(
        registrar
            .commit(&client(id), epoch, &node(name), T0)
            .accepted
    );
    epoch
}

#[test]
fn registrars_that_do_not_see_each_other_grant_different_epochs() {
    let granted = |name, incarnation| {
        let mut registrar = Registrar::of(&node(name), incarnation);
        // Of a node whose clock is ahead.
        let _ = registrar.announce(&node("x"), &[(client("other"), u64::MAX / 2)]);
        own(&mut registrar, "c", "a")
    };
    assert_ne!(granted("a", 1), granted("b", 1));
    // Nor does one that is started anew and has not heard of what it granted before.
    assert_ne!(granted("a", 1), granted("a", 2));
}

#[test]
fn what_is_granted_is_higher_than_what_the_claimant_knows_of() {
    let mut registrar = Registrar::of(&node("r"), 1);
    let fast = (T0.as_millis() + 300_000) << 16;
    let first = granted(registrar.claim(&client("c"), &node("a"), 1, fast, T0));
    assert!(first.0 > fast);
    let again = granted(registrar.claim(&client("c"), &node("a"), 1, first.0, T0));
    assert_eq!(again, first);
    // Another one was registrar in between, and has granted this to the same claim.
    let between = first.0 + 7 * EPOCH_STEP;
    let (last, _) = granted(registrar.claim(&client("c"), &node("a"), 1, between, T0));
    assert!(last > between);
    assert!(
        !registrar
            .commit(&client("c"), first.0, &node("a"), T0)
            .accepted
    );
    assert!(
        registrar
            .commit(&client("c"), last, &node("a"), T0)
            .accepted
    );
}

#[test]
fn a_claim_to_a_new_client_identifier_is_granted_and_committed() {
    let mut registrar = Registrar::of(&node("r"), 1);
    let (epoch, owner) = granted(registrar.claim(&client("c"), &node("a"), 1, 0, T0));
    assert_eq!(owner, None);
    let by_clock = T0.as_millis() << 16;
    assert!((by_clock..by_clock + EPOCH_STEP).contains(&epoch));
    assert_eq!(registrar.lookup(&client("c")), None);
    let commit = registrar.commit(&client("c"), epoch, &node("a"), T0);
    assert_eq!(
        commit,
        Commit {
            accepted: true,
            next: None,
            displaced: None
        }
    );
    assert_eq!(registrar.lookup(&client("c")), Some((node("a"), epoch)));
    assert!(
        registrar
            .commit(&client("c"), epoch, &node("a"), T0)
            .accepted
    );
    assert_eq!(registrar.claims_outstanding(), 0);
}

#[test]
fn the_next_claim_learns_the_owner_and_gets_a_higher_epoch() {
    let mut registrar = Registrar::of(&node("r"), 1);
    let first = own(&mut registrar, "c", "a");
    let (epoch, owner) = granted(registrar.claim(&client("c"), &node("b"), 1, 0, T0));
    assert_eq!(owner, Some((node("a"), first)));
    assert!(epoch > first);
    // Until the commit the previous owner stays.
    assert_eq!(registrar.lookup(&client("c")), Some((node("a"), first)));
    assert_eq!(registrar.abandon(&client("c"), epoch, &node("b"), T0), None);
    assert_eq!(registrar.lookup(&client("c")), Some((node("a"), first)));
    assert!(
        !registrar
            .commit(&client("c"), epoch, &node("b"), T0)
            .accepted
    );
}

#[test]
fn the_newest_of_the_waiting_claims_is_granted_after_the_commit() {
    let mut registrar = Registrar::of(&node("r"), 1);
    let (epoch, _) = granted(registrar.claim(&client("c"), &node("a"), 1, 0, T0));
    let second = registrar.claim(&client("c"), &node("b"), 2, 0, T0);
    assert_eq!(second.outcome, ClaimOutcome::Waiting);
    assert_eq!(second.superseded, None);
    // Repeated: still waits, supersedes nobody.
    let again = registrar.claim(&client("c"), &node("b"), 2, 0, T0);
    assert_eq!(
        (again.outcome, again.superseded),
        (ClaimOutcome::Waiting, None)
    );
    let third = registrar.claim(&client("c"), &node("d"), 3, 0, T0);
    assert_eq!(third.outcome, ClaimOutcome::Waiting);
    assert_eq!(
        third.superseded,
        Some(Waiter {
            client_id: client("c"),
            claimant: node("b"),
            token: 2
        })
    );
    let next = registrar
        .commit(&client("c"), epoch, &node("a"), T0)
        .next
        .unwrap();
    assert_eq!((next.claimant, next.token), (node("d"), 3));
    assert_eq!(next.owner, Some((node("a"), epoch)));
    assert!(next.epoch > epoch);
}

#[test]
fn a_repeated_claim_gets_the_same_grant() {
    let mut registrar = Registrar::of(&node("r"), 1);
    let first = granted(registrar.claim(&client("c"), &node("a"), 1, 0, T0));
    let again = granted(registrar.claim(&client("c"), &node("a"), 1, 0, T0));
    assert_eq!(first, again);
    let other_token = registrar.claim(&client("c"), &node("a"), 2, 0, T0);
    assert_eq!(other_token.outcome, ClaimOutcome::Waiting);
}

#[test]
fn a_claim_lapses_with_its_lease() {
    let mut registrar = Registrar::of(&node("r"), 1);
    let (epoch, _) = granted(registrar.claim(&client("c"), &node("a"), 1, 0, T0));
    let _ = registrar.claim(&client("c"), &node("b"), 2, 0, T0);
    let nearly = T0 + (CLAIM_LEASE - Duration::from_millis(1));
    assert_eq!(registrar.expire(nearly), []);
    let grants = registrar.expire(T0 + CLAIM_LEASE);
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].claimant, node("b"));
    assert!(
        !registrar
            .commit(&client("c"), epoch, &node("a"), nearly)
            .accepted
    );
    let late = T0 + CLAIM_LEASE + CLAIM_LEASE;
    // A claim finds the lapsed one without help of `expire`.
    let (newest, _) = granted(registrar.claim(&client("c"), &node("d"), 3, 0, late));
    assert!(newest > grants[0].epoch);
    assert!(
        !registrar
            .commit(&client("c"), grants[0].epoch, &node("b"), late)
            .accepted
    );
}

#[test]
fn a_claim_can_be_withdrawn_before_and_after_its_grant() {
    let mut registrar = Registrar::of(&node("r"), 1);
    let _ = registrar.claim(&client("c"), &node("a"), 1, 0, T0);
    let _ = registrar.claim(&client("c"), &node("b"), 2, 0, T0);
    assert_eq!(registrar.withdraw(&client("c"), &node("b"), 9, T0), None);
    assert_eq!(registrar.withdraw(&client("c"), &node("b"), 2, T0), None);
    let _ = registrar.claim(&client("c"), &node("d"), 3, 0, T0);
    let grant = registrar.withdraw(&client("c"), &node("a"), 1, T0).unwrap();
    assert_eq!((grant.claimant, grant.token), (node("d"), 3));
}

#[test]
fn only_the_owner_with_its_epoch_can_release() {
    let mut registrar = Registrar::of(&node("r"), 1);
    let epoch = own(&mut registrar, "c", "a");
    assert!(!registrar.release(&client("c"), epoch, &node("b")));
    assert!(!registrar.release(&client("c"), epoch - 1, &node("a")));
    assert!(registrar.release(&client("c"), epoch, &node("a")));
    assert!(!registrar.release(&client("c"), epoch, &node("a")));
    assert!(registrar.is_empty());
}

#[test]
fn of_two_owners_the_higher_epoch_wins_and_the_loser_is_reported() {
    let mut registrar = Registrar::of(&node("r"), 1);
    assert_eq!(
        registrar.announce(&node("a"), &[(client("c"), 5), (client("x"), 5)]),
        []
    );
    let lost = registrar.announce(&node("b"), &[(client("c"), 4), (client("x"), 6)]);
    assert_eq!(lost.len(), 2);
    assert_eq!((&lost[0].loser, &lost[0].winner), (&node("b"), &node("a")));
    assert_eq!((&lost[1].loser, lost[1].loser_epoch), (&node("a"), 5));
    assert_eq!((&lost[1].winner, lost[1].winner_epoch), (&node("b"), 6));
    assert_eq!(registrar.lookup(&client("c")), Some((node("a"), 5)));
    assert_eq!(registrar.lookup(&client("x")), Some((node("b"), 6)));
    // Of its own announcements an owner keeps the highest, in any order.
    let _ = registrar.announce(&node("b"), &[(client("x"), 3)]);
    assert_eq!(registrar.lookup(&client("x")), Some((node("b"), 6)));
}

#[test]
fn announced_epochs_raise_the_counter() {
    let mut registrar = Registrar::of(&node("r"), 1);
    let ahead = (T0.as_millis() + 60_000) << 16;
    let _ = registrar.announce(&node("a"), &[(client("c"), ahead)]);
    let (epoch, owner) = granted(registrar.claim(&client("c"), &node("b"), 1, 0, T0));
    assert_eq!(owner, Some((node("a"), ahead)));
    assert!((ahead + 1..=ahead + EPOCH_STEP).contains(&epoch));
}

#[test]
fn an_owner_announced_after_the_grant_is_displaced_by_the_commit() {
    let mut registrar = Registrar::of(&node("r"), 1);
    let (epoch, owner) = granted(registrar.claim(&client("c"), &node("b"), 1, 0, T0));
    assert_eq!(owner, None);
    let _ = registrar.announce(&node("a"), &[(client("c"), 7)]);
    let commit = registrar.commit(&client("c"), epoch, &node("b"), T0);
    assert!(commit.accepted);
    let displaced = commit.displaced.unwrap();
    assert_eq!((displaced.loser, displaced.loser_epoch), (node("a"), 7));

    // An owner with a higher epoch than the claim makes the commit fail.
    let (epoch, _) = granted(registrar.claim(&client("c"), &node("d"), 2, 0, T0));
    let _ = registrar.announce(&node("a"), &[(client("c"), epoch + 1)]);
    assert!(
        !registrar
            .commit(&client("c"), epoch, &node("d"), T0)
            .accepted
    );
    assert_eq!(registrar.lookup(&client("c")), Some((node("a"), epoch + 1)));
}

#[test]
fn a_gone_node_loses_what_it_owned_claimed_and_waited_for() {
    let mut registrar = Registrar::of(&node("r"), 1);
    own(&mut registrar, "owned", "a");
    let kept = own(&mut registrar, "kept", "b");
    let _ = registrar.claim(&client("claimed"), &node("a"), 1, 0, T0);
    let _ = registrar.claim(&client("claimed"), &node("b"), 2, 0, T0);
    let (epoch, _) = granted(registrar.claim(&client("waited"), &node("b"), 3, 0, T0));
    let _ = registrar.claim(&client("waited"), &node("a"), 4, 0, T0);
    let mut handed_back = registrar.node_gone(&node("a"));
    handed_back.sort_by_key(|waiter| waiter.token);
    let waiter = |id, claimant, token| Waiter {
        client_id: client(id),
        claimant: node(claimant),
        token,
    };
    let expected = [waiter("claimed", "b", 2), waiter("waited", "a", 4)];
    assert_eq!(handed_back, expected);
    assert_eq!(registrar.claims_outstanding(), 1);
    assert_eq!(registrar.lookup(&client("owned")), None);
    assert_eq!(registrar.lookup(&client("kept")), Some((node("b"), kept)));
    assert_eq!(
        registrar
            .commit(&client("waited"), epoch, &node("b"), T0)
            .next,
        None
    );
    // The freed number goes to another node without giving it anything.
    own(&mut registrar, "new", "d");
    assert_eq!(registrar.lookup(&client("kept")), Some((node("b"), kept)));
    assert_eq!(registrar.len(), 3);
}

#[test]
fn a_copy_is_served_under_an_epoch_between_its_owners_and_the_next_one_granted() {
    let mut registrar = Registrar::of(&node("r"), 1);
    let first = own(&mut registrar, "c", "a");
    let [b, d] = ["b", "d"].map(|name| epoch_of_copy(first, &node(name)));
    assert_ne!(b, d);
    for epoch in [b, d] {
        assert!(epoch > first);
        assert_eq!(epoch % 2, 1);
    }
    let _ = registrar.announce(&node("b"), &[(client("c"), b)]);
    let (next, owner) = granted(registrar.claim(&client("c"), &node("d"), 9, 0, T0));
    assert!(next > b);
    assert_eq!(owner, Some((node("b"), b)));
    assert_eq!(epoch_of_copy(u64::MAX, &node("b")), u64::MAX);
}

#[derive(Debug, Clone)]
enum Step {
    Claim(usize, usize),
    Repeat,
    Commit(usize),
    Abandon(usize),
    Withdraw(usize),
    Release(usize),
    Announce(usize, usize, i64),
    NodeGone(usize),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..3_usize, 0..4_usize).prop_map(|(c, n)| Step::Claim(c, n)),
        1 => Just(Step::Repeat),
        4 => any::<prop::sample::Index>().prop_map(|i| Step::Commit(i.index(64))),
        1 => any::<prop::sample::Index>().prop_map(|i| Step::Abandon(i.index(64))),
        1 => any::<prop::sample::Index>().prop_map(|i| Step::Withdraw(i.index(64))),
        1 => (0..3_usize).prop_map(Step::Release),
        1 => (0..3_usize, 0..4_usize, -3_i64..3).prop_map(|(c, n, d)| Step::Announce(c, n, d)),
        1 => (0..4_usize).prop_map(Step::NodeGone),
        3 => (0..20_000_u64).prop_map(Step::Wait),
    ]
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Waiting,
    Granted(u64),
    Over,
}

/// Drives a registrar and checks after each step what must always hold.
#[derive(Default)]
struct Checker {
    registrar: Registrar,
    now: u64,
    claims: Vec<(usize, usize, Fate)>,
    last_epoch: u64,
    owner_epochs: BTreeMap<usize, u64>,
}

const CLIENTS: [&str; 3] = ["c0", "c1", "c2"];
const NODES: [&str; 4] = ["n0", "n1", "n2", "n3"];

impl Checker {
    fn time(&self) -> Timestamp {
        T0 + Duration::from_millis(self.now)
    }

    fn granted(&mut self, token: u64, epoch: u64) {
        assert!(epoch > self.last_epoch, "epochs grow");
        self.last_epoch = epoch;
        let (client, _, fate) = &mut self.claims[token as usize];
        assert_eq!(*fate, Fate::Waiting, "a claim is granted once");
        *fate = Fate::Granted(epoch);
        let client = *client;
        // The claim that was outstanding before has ended.
        for (other, (c, _, fate)) in self.claims.iter_mut().enumerate() {
            if *c == client && other != token as usize && matches!(fate, Fate::Granted(_)) {
                *fate = Fate::Over;
            }
        }
    }

    fn grants(&mut self, grants: impl IntoIterator<Item = Grant>) {
        for grant in grants {
            let (client, node, _) = self.claims[grant.token as usize];
            assert_eq!(grant.client_id.as_str(), CLIENTS[client]);
            assert_eq!(grant.claimant.as_str(), NODES[node]);
            self.granted(grant.token, grant.epoch);
        }
    }

    fn apply(&mut self, step: Step) {
        let now = self.time();
        match step {
            Step::Claim(c, n) => {
                let token = self.claims.len() as u64;
                self.claims.push((c, n, Fate::Waiting));
                let claim =
                    self.registrar
                        .claim(&client(CLIENTS[c]), &node(NODES[n]), token, 0, now);
                if let Some(superseded) = claim.superseded {
                    let fate = &mut self.claims[superseded.token as usize].2;
                    assert_eq!(*fate, Fate::Waiting);
                    *fate = Fate::Over;
                }
                if let ClaimOutcome::Granted { epoch, .. } = claim.outcome {
                    self.granted(token, epoch);
                }
            }
            Step::Repeat => {
                let Some((c, n, Fate::Granted(epoch))) = self.claims.last().copied() else {
                    return;
                };
                let token = self.claims.len() as u64 - 1;
                // Only while it holds the claim: afterwards a repeat would be a new claim.
                if self
                    .registrar
                    .is_outstanding(&client(CLIENTS[c]), epoch, &node(NODES[n]))
                {
                    let again =
                        self.registrar
                            .claim(&client(CLIENTS[c]), &node(NODES[n]), token, 0, now);
                    assert_eq!(granted(again).0, epoch);
                }
            }
            Step::Commit(i) => self.finish(i, |registrar, c, epoch, n, now| {
                let commit = registrar.commit(c, epoch, n, now);
                (Some(commit.accepted), commit.next)
            }),
            Step::Abandon(i) => self.finish(i, |registrar, c, epoch, n, now| {
                (None, registrar.abandon(c, epoch, n, now))
            }),
            Step::Withdraw(i) => {
                let Some(i) = i.checked_rem(self.claims.len()) else {
                    return;
                };
                let (c, n, fate) = self.claims[i];
                let next =
                    self.registrar
                        .withdraw(&client(CLIENTS[c]), &node(NODES[n]), i as u64, now);
                if fate == Fate::Waiting {
                    assert_eq!(next, None);
                }
                self.claims[i].2 = Fate::Over;
                self.grants(next);
            }
            Step::Release(c) => {
                if let Some((owner, epoch)) = self.registrar.lookup(&client(CLIENTS[c])) {
                    assert!(self.registrar.release(&client(CLIENTS[c]), epoch, &owner));
                    self.owner_epochs.remove(&c);
                }
            }
            Step::Announce(c, n, offset) => {
                let base = self.last_epoch.max(10);
                let epoch = base.saturating_add_signed(offset);
                let lost = self
                    .registrar
                    .announce(&node(NODES[n]), &[(client(CLIENTS[c]), epoch)]);
                for displaced in lost {
                    assert!(displaced.winner_epoch >= displaced.loser_epoch);
                    assert_ne!(displaced.winner, displaced.loser);
                }
                self.last_epoch = self.last_epoch.max(epoch);
            }
            Step::NodeGone(n) => {
                for (_, claimant, fate) in &mut self.claims {
                    if *claimant == n {
                        *fate = Fate::Over;
                    }
                }
                for waiter in self.registrar.node_gone(&node(NODES[n])) {
                    let (c, claimant, fate) = &mut self.claims[waiter.token as usize];
                    assert_eq!(waiter.client_id, client(CLIENTS[*c]));
                    assert!(*fate == Fate::Waiting || *claimant == n);
                    *fate = Fate::Over;
                }
                for (c, id) in CLIENTS.iter().enumerate() {
                    if self.registrar.lookup(&client(id)).is_none() {
                        self.owner_epochs.remove(&c);
                    }
                }
            }
            Step::Wait(ms) => {
                self.now += ms;
                let grants = self.registrar.expire(self.time());
                self.grants(grants);
            }
        }
        self.check();
    }

    fn finish(
        &mut self,
        i: usize,
        act: impl Fn(
            &mut Registrar,
            &ClientId,
            u64,
            &NodeName,
            Timestamp,
        ) -> (Option<bool>, Option<Grant>),
    ) {
        let Some(i) = i.checked_rem(self.claims.len()) else {
            return;
        };
        let (c, n, fate) = self.claims[i];
        let Fate::Granted(epoch) = fate else { return };
        let newest = self
            .claims
            .iter()
            .filter(|(other, _, _)| *other == c)
            .filter_map(|(_, _, fate)| match fate {
                Fate::Granted(epoch) => Some(*epoch),
                _ => None,
            })
            .max();
        let now = self.time();
        let (accepted, next) = act(
            &mut self.registrar,
            &client(CLIENTS[c]),
            epoch,
            &node(NODES[n]),
            now,
        );
        if accepted == Some(true) {
            assert_eq!(
                Some(epoch),
                newest,
                "only the newest grant can be committed"
            );
            let known = self.registrar.lookup(&client(CLIENTS[c])).unwrap();
            assert_eq!(known, (node(NODES[n]), epoch));
        }
        self.claims[i].2 = Fate::Over;
        self.grants(next);
    }

    fn check(&mut self) {
        for (c, id) in CLIENTS.iter().enumerate() {
            if let Some((_, epoch)) = self.registrar.lookup(&client(id)) {
                let before = self.owner_epochs.insert(c, epoch).unwrap_or(0);
                assert!(epoch >= before, "an owner's epoch never steps back");
            }
        }
        let waiting: BTreeSet<usize> = self
            .claims
            .iter()
            .filter(|(_, _, fate)| *fate == Fate::Waiting)
            .map(|(c, _, _)| *c)
            .collect();
        let count = self
            .claims
            .iter()
            .filter(|(_, _, fate)| *fate == Fate::Waiting)
            .count();
        assert_eq!(waiting.len(), count, "one claim waits at most");
    }
}

proptest! {
    #[test]
    fn any_schedule_keeps_one_owner_growing_epochs_and_starves_no_claim(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut checker = Checker { now: 1, ..Checker::default() };
        for step in steps {
            checker.apply(step);
        }
        // Nobody commits any more: leases alone must bring every claim to an end.
        for _ in 0..2 {
            checker.apply(Step::Wait(30_000));
        }
        prop_assert!(checker.claims.iter().all(|(_, _, fate)| *fate != Fate::Waiting));
        prop_assert_eq!(checker.registrar.claims_outstanding(), 0);
    }
}
