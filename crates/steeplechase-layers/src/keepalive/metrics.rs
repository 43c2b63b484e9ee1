use metrics::{counter, describe_counter};

const COMMENTS: &str = "steeplechase_keepalive_comments_total";
const HEADS: &str = "steeplechase_keepalive_heads_total";

/// Describes this layer's metrics to the installed recorder.
pub fn describe_metrics() {
    describe_counter!(COMMENTS, "Comments that were sent to callers who wait");
    describe_counter!(HEADS, "Heads that were sent before there was an answer");
}

pub(super) fn comment_sent() {
    counter!(COMMENTS).increment(1);
}

pub(super) fn head_sent() {
    counter!(HEADS).increment(1);
}
