//! Any two parts and any way to fail, against a model: what the caller gets is the one and then the other.

use proptest::prelude::*;

use super::*;

const WORDS: [&str; 4] = ["a", "b", "(start)", "#"];

#[derive(Clone, Debug)]
struct Part {
    words: Vec<usize>,
    failure: Option<Class>,
}

impl Part {
    fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<_> = self.words.iter().map(|i| Step::Word(WORDS[*i])).collect();
        steps.extend(self.failure.map(Step::Fail));
        steps
    }

    fn text(&self) -> String {
        self.words.iter().map(|i| WORDS[*i]).collect()
    }
}

fn model(first: &Part, second: Option<&Part>, max: u8) -> (String, Option<Class>) {
    let said = first.text();
    let Some(failure) = first.failure else {
        return (said, None);
    };
    let continues = failure == Class::Transport && !said.contains('#') && !said.is_empty();
    match second {
        Some(second) if continues && max > 1 => {
            let rest = second.text().replace("(start)", "");
            (format!("{said}<fast>{rest}"), second.failure)
        }
        _ => (said, Some(failure)),
    }
}

proptest! {
    #[test]
    fn what_the_caller_gets_is_what_the_model_gets(
        first in any_part(),
        second in prop::option::of(any_part()),
        max in 1..4_u8,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.build().unwrap();
        let rest = second.as_ref().map(Part::steps).ok_or(Class::Server);
        let world = World::of([Ok(first.steps()), rest]);
        let (request, attempts) = request(true);
        attempts.set_max(max);
        let (got, error) = runtime.block_on(world.ask_with(request));
        let expected = model(&first, second.as_ref(), max);
        prop_assert_eq!((got, error.map(|error| error.class())), expected);
    }
}

fn any_part() -> impl Strategy<Value = Part> {
    let words = prop::collection::vec(prop_oneof![8 => 0..3_usize, 1 => 3..4_usize], 0..4);
    let classes = prop::sample::select(&[Class::Transport, Class::ContentPolicy][..]);
    let failure = prop::option::weighted(0.7, classes);
    (words, failure).prop_map(|(words, failure)| Part { words, failure })
}
