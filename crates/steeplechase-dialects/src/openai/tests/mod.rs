mod answers;
mod errors;
mod judging;
mod messages;
mod peculiar;
mod rewriting;
mod unrolling;
