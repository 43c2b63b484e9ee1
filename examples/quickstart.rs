//! A client in process: one call, and one stream.
//!
//! With a provider's key in the environment it calls that provider:
//!
//! ```console
//! OPENAI_API_KEY=sk-… MODEL=openai/gpt-4o-mini cargo run --example quickstart
//! ```
//!
//! Without one it calls a simulated provider, so it runs anywhere.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use steeplechase::{Client, Deployment, Dialect, Group, Preset};
use steeplechase_sim::Sim;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, model) = match (Client::from_env(), std::env::var("MODEL")) {
        (Ok(client), Ok(model)) => (client, model),
        _ => (simulated()?, "demo".to_owned()),
    };

    let answer = client
        .chat(&model)
        .system("You are brief.")
        .user("What is a steeplechase?")
        .max_tokens(60)
        .send()
        .await?;
    println!("{}\n  {:?}", answer.text(), answer.usage());

    let mut stream = client.chat(&model).user("And a hedge?").stream().await?;
    while let Some(delta) = stream.next().await {
        print!("{}", delta?.text());
    }
    println!();
    Ok(())
}

fn simulated() -> Result<Client, Box<dyn std::error::Error>> {
    let deployment = Deployment::builder("sim", "demo", Dialect::OpenAi).build();
    let preset = Preset::new().group(Group::new("demo", [deployment]));
    Ok(Client::new(preset.build(Sim::new("provider"))?))
}
