//! Every mix of states, checked against a model of who can take a request; and that nobody else gets it.

use proptest::prelude::{
    Just, ProptestConfig, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::strategy::Strategy as Generate;
use steeplechase_core::Class;

use super::*;
use crate::route::asked::{Anything, Asking};
use crate::route::choose::{Choice, choose};
use crate::route::metrics::Reason;
use crate::route::roster::Roster;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Well,
    Ramping,
    Due,
    /// For so many seconds.
    Open(u64),
    Probed,
    Cooling(u64),
    Full,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    state: State,
    order: i64,
    provider: u8,
    tried: bool,
    /// It cannot take the request, however well it is.
    unfit: bool,
}

/// All but those with these keys are eligible.
struct Except(Vec<u32>);

impl Eligible<()> for Except {
    fn is_eligible(&self, _: &Request<()>, deployment: &Deployment) -> bool {
        !self.0.contains(&deployment.key())
    }

    fn refusal(&self, _: &Request<()>, _: &[Arc<Deployment>]) -> Error {
        Error::new(Class::Unavailable, "they are all excepted")
    }
}

impl Member {
    fn build(self, index: usize, now: Instant) -> Arc<Deployment> {
        let mut builder = builder(&index.to_string())
            .order(self.order)
            .provider(self.provider.to_string());
        if self.state == State::Full {
            builder = builder.max_in_flight(0);
        }
        let deployment = builder.build();
        let health = deployment.health();
        match self.state {
            State::Well | State::Full => {}
            State::Ramping => health.set_circuit(Circuit::Ramp { since: now }),
            State::Due => health.set_circuit(Circuit::Open { until: now }),
            State::Open(seconds) => {
                let until = now + SECOND * u32::try_from(seconds).unwrap();
                health.set_circuit(Circuit::Open { until });
            }
            State::Probed => health.set_circuit(Circuit::HalfOpen),
            State::Cooling(seconds) => {
                health.cool_until(now + SECOND * u32::try_from(seconds).unwrap());
            }
        }
        deployment
    }

    /// In which of the tiers it is.
    fn tier(self) -> Option<u8> {
        match self.state {
            State::Well | State::Ramping => Some(if self.tried { 2 } else { 0 }),
            State::Due => Some(if self.tried { 3 } else { 1 }),
            _ => None,
        }
    }
}

fn any_state() -> impl Generate<Value = State> {
    prop_oneof![
        Just(State::Well),
        Just(State::Ramping),
        Just(State::Due),
        (10..60_u64).prop_map(State::Open),
        Just(State::Probed),
        (10..60_u64).prop_map(State::Cooling),
        Just(State::Full),
    ]
}

fn any_group() -> impl Generate<Value = Vec<Member>> {
    // Each branch needs several of one kind, which is rare if all are as likely.
    let mostly_well = prop_oneof![3 => Just(State::Well), 2 => any_state()];
    let mostly_open = prop_oneof![3 => (10..60_u64).prop_map(State::Open), 1 => any_state()];
    prop_oneof![
        prop::collection::vec(any_member(mostly_well), 0..6),
        prop::collection::vec(any_member(any_state()), 0..6),
        prop::collection::vec(any_member(mostly_open), 0..4),
    ]
}

fn any_member(state: impl Generate<Value = State>) -> impl Generate<Value = Member> {
    let rare = || prop::bool::weighted(0.3);
    (state, 0..3_i64, 0..3_u8, rare(), rare()).prop_map(|(state, order, provider, tried, unfit)| {
        Member {
            state,
            order,
            provider,
            tried,
            unfit,
        }
    })
}

/// Who may get the request, and how many others could: those who are unfit are as if they were not there.
fn model(group: &[Member], can_retry: bool) -> Result<(Vec<usize>, u32), http::StatusCode> {
    let (places, fit): (Vec<_>, Vec<_>) = group
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, member)| !member.unfit)
        .unzip();
    let is_first = group.iter().all(|m| !m.tried);
    let (who, others) = model_of_fit(&fit, is_first, can_retry)?;
    let mut who: Vec<_> = who.into_iter().map(|at| places[at]).collect();

    // Of those that were not tried, somebody else's go first.
    let mine = |at: &usize| {
        let same = |m: &Member| m.tried && m.provider == group[*at].provider;
        group.iter().any(same)
    };
    let is_new = |at: &usize| matches!(group[*at].tier(), Some(0 | 1));
    if who.iter().all(is_new) && !who.iter().all(mine) {
        who.retain(|at| !mine(at));
    }
    Ok((who, others))
}

fn model_of_fit(
    group: &[Member],
    is_first: bool,
    can_retry: bool,
) -> Result<(Vec<usize>, u32), http::StatusCode> {
    let of_tier = |tier: u8| {
        let members = group.iter().enumerate();
        let members = members.filter(move |(_, m)| m.tier() == Some(tier));
        let order = members.clone().map(|(_, m)| m.order).min();
        let first = members.filter(move |(_, m)| Some(m.order) == order);
        (order, first.map(|(index, _)| index).collect::<Vec<_>>())
    };
    let untried = group
        .iter()
        .filter(|m| matches!(m.tier(), Some(0 | 1)))
        .count();
    let untried = u32::try_from(untried).unwrap();

    let (well, due) = (of_tier(0), of_tier(1));
    if let (Some(order), Some(due_order)) = (well.0, due.0)
        && is_first
        && due_order <= order
    {
        let mut probed = vec![due.1[0]];
        if !can_retry {
            probed.extend(well.1);
        }
        return Ok((probed, untried - 1));
    }
    if let Some(tier) = (0..4).find(|tier| of_tier(*tier).0.is_some()) {
        return Ok((of_tier(tier).1, untried - u32::from(tier < 2)));
    }

    let cooling = group
        .iter()
        .filter(|m| matches!(m.state, State::Cooling(_)))
        .count();
    let full = group.iter().filter(|m| m.state == State::Full).count();
    if group.is_empty() || full > 0 {
        return Err(http::StatusCode::SERVICE_UNAVAILABLE);
    }
    if cooling == group.len() {
        return Err(http::StatusCode::TOO_MANY_REQUESTS);
    }
    let broken = |index: &usize| !matches!(group[*index].state, State::Cooling(_));
    let reopens = |m: &Member| match m.state {
        State::Open(seconds) => (m.tried, seconds),
        _ => (m.tried, 0),
    };
    let broken: Vec<_> = (0..group.len()).filter(broken).collect();
    let soonest = broken.iter().map(|i| reopens(&group[*i])).min();
    let soonest = broken
        .into_iter()
        .filter(|i| Some(reopens(&group[*i])) == soonest);
    Ok((soonest.collect(), 0))
}

/// A group, a request that has been to some of it, and a strategy that picks.
struct Case {
    group: Vec<Member>,
    deployments: Arc<[Arc<Deployment>]>,
    except: Except,
    max: u8,
    now: Instant,
}

impl Case {
    fn new(group: Vec<Member>, max: u8) -> Self {
        let now = Instant::now();
        let members = group.iter().enumerate();
        let deployments: Arc<[_]> = members.map(|(i, member)| member.build(i, now)).collect();
        let unfit = deployments.iter().zip(&group).filter(|(_, m)| m.unfit);
        Self {
            except: Except(unfit.map(|(deployment, _)| deployment.key()).collect()),
            deployments,
            group,
            max,
            now: Instant::now(),
        }
    }

    fn choose(&self, strategy: &dyn Strategy) -> Result<Choice, Error> {
        let attempts = Attempts::default();
        attempts.set_max(self.max);
        for (deployment, _) in self
            .deployments
            .iter()
            .zip(&self.group)
            .filter(|(_, m)| m.tried)
        {
            attempts.mark_tried(deployment.key());
        }
        let request = Request::new(());
        let asking = Asking::new(&self.except, &Undescribed, &request);
        let roster = Roster::new(Arc::clone(&self.deployments), strategy);
        choose(&roster, strategy, &attempts, &asking, self.now, None)
    }
}

fn all_strategies() -> Vec<Box<dyn Strategy>> {
    let mut all = strategies();
    // Those that do not mean to use each deployment.
    all.push(Box::new(CheapestFirst::new()));
    all.push(Box::new(SloCheapest::new(SECOND)));
    all.push(Box::new(UsageBased::by(|deployment, _| {
        f64::from(deployment.key() % 7)
    })));
    all.push(Box::new(Affinity::or(LeastBusy::new())));
    all
}

/// Those by which each deployment keeps being used.
fn strategies() -> Vec<Box<dyn Strategy>> {
    vec![
        Box::new(WeightedShuffle::new()),
        Box::new(LowestLatency::new()),
        Box::new(LeastBusy::new()),
        Box::new(HotCold::new()),
        Box::new(SuccessRate::new()),
    ]
}

proptest! {
    #[test]
    fn only_those_get_a_request_that_can_take_it(group in any_group(), max in 1..3_u8) {
        let case = Case::new(group, max);
        let group = &case.group;
        let expected = model(group, max > 1);
        for strategy in all_strategies() {
            match (case.choose(&strategy), &expected) {
                (Ok(Choice { index, alternatives, reason }), Ok((who, others))) => {
                    prop_assert!(who.contains(&index), "{index} is none of {who:?}");
                    prop_assert_eq!(alternatives, *others);
                    prop_assert_eq!(reason == Reason::Probe, group[index].state == State::Due);
                    prop_assert_eq!(reason == Reason::Panic, group[index].tier().is_none());
                }
                (Err(error), Err(status)) => {
                    prop_assert_eq!(error.class(), Class::Unavailable);
                    prop_assert_eq!(error.status(), *status);
                    let hinted = group.iter().any(|m| !m.unfit && matches!(m.state, State::Cooling(_)));
                    prop_assert!(!hinted || error.retry_after().is_some());
                }
                (got, expected) => prop_assert!(false, "{got:?} and not {expected:?}"),
            }
        }
    }

    #[test]
    fn of_many_too_only_those_get_a_request_that_can_take_it(
        // A request goes to few of them. Of some groups nearly all are broken.
        group in any_large_group(),
        tried in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        max in 1..3_u8,
    ) {
        let mut group = group;
        for tried in tried {
            let at = tried.index(group.len());
            group[at].tried = true;
        }
        let case = Case::new(group, max);
        let group = &case.group;
        let expected = model(group, max > 1);
        let order_of = |index: usize| group[index].order;
        for strategy in all_strategies() {
            match (case.choose(&strategy), &expected) {
                (Ok(Choice { index, alternatives, reason: Reason::Probe }), Ok((who, others))) => {
                    // Any that is due is as good as the first.
                    let member = group[index];
                    prop_assert!(member.state == State::Due && !member.unfit);
                    prop_assert!(order_of(index) <= who.iter().copied().map(order_of).max().unwrap());
                    prop_assert!(alternatives <= *others);
                }
                (Ok(Choice { index, alternatives, reason }), Ok((who, others))) => {
                    // Who has not seen that one is due picks of those that are well.
                    let well = model(&without_due(group), max > 1);
                    let well = well.map(|(well, _)| well).unwrap_or_default();
                    prop_assert!(who.contains(&index) || well.contains(&index), "{index} of {who:?}");
                    prop_assert!(alternatives <= *others, "{alternatives} of {others}");
                    prop_assert!((alternatives > 0) == (*others > 0));
                    prop_assert_eq!(reason == Reason::Panic, group[index].tier().is_none());
                }
                (Err(error), Err(status)) => prop_assert_eq!(error.status(), *status),
                (got, expected) => prop_assert!(false, "{got:?} and not {expected:?}"),
            }
        }
    }
}

fn any_large_group() -> impl Generate<Value = Vec<Member>> {
    let mostly_well = prop_oneof![3 => Just(State::Well), 2 => any_state()];
    let mostly_open = prop_oneof![19 => (10..60_u64).prop_map(State::Open), 1 => any_state()];
    let untried = |mut group: Vec<Member>| {
        for member in &mut group {
            member.tried = false;
        }
        group
    };
    prop_oneof![
        prop::collection::vec(any_member(mostly_well), 17..80).prop_map(untried),
        prop::collection::vec(any_member(any_state()), 17..80).prop_map(untried),
        prop::collection::vec(any_member(mostly_open), 17..80).prop_map(untried),
    ]
}

fn without_due(group: &[Member]) -> Vec<Member> {
    let mut group = group.to_vec();
    for member in &mut group {
        member.unfit |= member.state == State::Due;
    }
    group
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn each_that_can_take_requests_gets_one_of_a_hundred(
        group in prop_oneof![
            prop::collection::vec((any::<bool>(), 1..20_000_u64, any::<bool>()), 2..8),
            prop::collection::vec((any::<bool>(), 1..20_000_u64, any::<bool>()), 17..21),
        ],
    ) {
        let deployments: Arc<[_]> = deployments(u8::try_from(group.len()).unwrap()).into();
        let now = Instant::now();
        for (deployment, (eligible, millis, is_known)) in deployments.iter().zip(&group) {
            if !eligible {
                deployment.health().cool_until(now + SECOND * 3600);
            }
            if *is_known {
                deployment.load().observe(Duration::from_millis(*millis));
            }
        }
        for strategy in strategies() {
            let roster = Roster::new(Arc::clone(&deployments), &strategy);
            let mut picks = vec![0_u32; group.len()];
            for _ in 0..10_000 {
                match choose(&roster, &strategy, &Attempts::default(), &Anything, now, None) {
                    Ok(picked) => picks[picked.index] += 1,
                    Err(_) => prop_assert!(group.iter().all(|(eligible, ..)| !eligible)),
                }
            }
            for ((eligible, ..), picks) in group.iter().zip(&picks) {
                // 100 are expected at the least; 60 is four standard deviations away.
                prop_assert!(if *eligible { *picks > 60 } else { *picks == 0 }, "{strategy:?} {picks}");
            }
        }
    }
}
