//! What the words mean, one sentence for each test.
