mod answers;
mod errors;
mod judging;
mod rewriting;
