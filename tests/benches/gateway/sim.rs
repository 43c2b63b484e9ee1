//! The provider, as a process of its own.

use std::time::Duration;

use steeplechase_sim::{Latency, Sim, SimServer};
use tower::BoxError;

use crate::process;

/// Serves answers of so many tokens, with a time in between, until the process is told to stop.
pub(crate) fn serve(tokens: &str, gap_micros: &str) -> Result<(), BoxError> {
    let (tokens, gap) = (tokens.parse()?, gap_micros.parse()?);
    let mut sim = Sim::instant("provider").tokens(tokens);
    if gap > 0 {
        sim = sim.between_tokens(Latency::fixed(Duration::from_micros(gap)));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let server = SimServer::bind("127.0.0.1:0", sim).await?;
        println!("{}", server.url());
        process::until_told().await;
        server.shutdown().await;
        Ok(())
    })
}
