mod answers;
mod errors;
mod judging;
mod messages;
mod rewriting;
mod unrolling;
