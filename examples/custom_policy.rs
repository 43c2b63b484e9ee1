//! A decision of your own: which deployment takes a call.
//!
//! Every decision of a layer is a trait with a plain default. Here the cheapest deployment that is well
//! takes the call, and the router sees to it that one that failed is not asked again.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::collections::HashMap;

use steeplechase::layers::route::{Candidate, Candidates, Strategy};
use steeplechase::{Client, Deployment, Dialect, Group, Preset};
use steeplechase_sim::{Behaviour, Sim};

/// Picks the deployment with the lowest price.
#[derive(Debug)]
struct Cheapest {
    /// By the id of the deployment.
    prices: HashMap<&'static str, u64>,
}

impl Strategy for Cheapest {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let price = |id: &str| self.prices.get(id).copied().unwrap_or(u64::MAX);
        candidates.min_by_key(|candidate| price(candidate.deployment().id()))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let prices = HashMap::from([("cheap", 1), ("dear", 5)]);
    let deployments =
        ["dear", "cheap"].map(|id| Deployment::builder(id, "fast", Dialect::OpenAi).build());
    // The first call fails once, wherever it goes.
    let sim = Sim::new("provider").script([Behaviour::error(500)]);
    let stack = Preset::new()
        .group(Group::new("fast", deployments).routing(Cheapest { prices }))
        .build(sim)?;
    let client = Client::new(stack);

    for expected in ["dear", "cheap"] {
        let answer = client.chat("fast").user("hi").send().await?;
        let id = answer.served_by().map_or("nobody", Deployment::id);
        println!("served by {id}");
        assert_eq!(
            id, expected,
            "the first call fails over, the second need not"
        );
    }
    Ok(())
}
