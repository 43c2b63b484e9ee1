//! Every table and every mix of failures, against a model: a walk into the depth.

use proptest::prelude::*;

use super::*;

const MODELS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

#[derive(Clone, Debug)]
struct Table {
    general: Vec<Vec<usize>>,
    context: Vec<Option<Vec<usize>>>,
}

impl Table {
    fn fallbacks(&self) -> Fallbacks {
        let names = |list: &Vec<usize>| list.iter().map(|i| MODELS[*i]).collect::<Vec<_>>();
        let mut fallbacks = Fallbacks::default();
        for (model, list) in MODELS.iter().zip(&self.general) {
            fallbacks = fallbacks.general(*model, names(list));
        }
        for (model, list) in MODELS.iter().zip(&self.context) {
            if let Some(list) = list {
                fallbacks = fallbacks.context_window(*model, names(list));
            }
        }
        fallbacks
    }

    fn targets(&self, model: usize, class: Class) -> &[usize] {
        match (class, &self.context[model]) {
            (Class::InvalidRequest, _) => &[],
            (Class::ContextWindow, Some(list)) => list,
            (Class::ContextWindow, None) if self.context.iter().any(Option::is_some) => &[],
            _ => &self.general[model],
        }
    }
}

/// Asks `model`, and then its targets, each with all that comes of it. Returns whether that ends it.
fn walk(
    table: &Table,
    failures: &[Option<Class>],
    max: usize,
    model: usize,
    asked: &mut Vec<usize>,
) -> bool {
    if asked.contains(&model) {
        return false;
    }
    if asked.len() == max {
        return true;
    }
    asked.push(model);
    match failures[model] {
        None | Some(Class::InvalidRequest) => true,
        Some(class) => table
            .targets(model, class)
            .iter()
            .any(|target| walk(table, failures, max, *target, asked)),
    }
}

proptest! {
    #[test]
    fn who_is_asked_is_whom_the_model_asks(
        table in any_table(),
        failures in proptest::collection::vec(any_failure(), MODELS.len()),
        max in 1..=5_u8,
    ) {
        let mut expected = Vec::new();
        walk(&table, &failures, max.into(), 0, &mut expected);

        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.build().unwrap();
        let world = World::failing(
            MODELS.into_iter().zip(&failures).filter_map(|(model, class)| Some((model, (*class)?))),
        );
        let (request, attempts) = request("a");
        attempts.set_max(max);
        let (outcome, asked) =
            runtime.block_on(world.ask_request(&table.fallbacks(), request));

        let names: Vec<_> = expected.iter().map(|i| MODELS[*i]).collect();
        prop_assert_eq!(asked, names.join(" "));
        prop_assert_eq!(usize::from(attempts.used()), expected.len());
        let last = *expected.last().unwrap();
        prop_assert_eq!(outcome.is_ok(), failures[last].is_none());
        if let Ok(fell_back) = outcome {
            let legs = fell_back.map_or(0, |fell_back| usize::from(fell_back.legs));
            prop_assert_eq!(legs, expected.len() - 1);
        }
    }

    #[test]
    fn a_chain_is_whom_the_model_asks_if_all_fail_alike(
        table in any_table(),
        failure in any_failure().prop_filter_map("a failure", |failure| failure),
        legs in 0..=5_u8,
    ) {
        let mut expected = Vec::new();
        let failures = [Some(failure); MODELS.len()];
        walk(&table, &failures, usize::from(legs) + 1, 0, &mut expected);

        let layer = FallbackLayer::new(table.fallbacks().max_legs(legs));
        let chain = layer.chain("a", failure).into_iter();
        let expected = expected[1..].iter().map(|i| MODELS[*i].into());
        prop_assert_eq!(chain.map(|leg| leg.model).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
}

fn any_table() -> impl Strategy<Value = Table> {
    let list = || proptest::collection::vec(0..MODELS.len(), 0..4);
    let general = proptest::collection::vec(list(), MODELS.len());
    let context = proptest::option::weighted(0.2, list());
    let context = proptest::collection::vec(context, MODELS.len());
    (general, context).prop_map(|(general, context)| Table { general, context })
}

fn any_failure() -> impl Strategy<Value = Option<Class>> {
    prop_oneof![
        2 => Just(None),
        6 => Just(Some(Class::Server)),
        2 => Just(Some(Class::ContextWindow)),
        1 => Just(Some(Class::InvalidRequest)),
    ]
}
