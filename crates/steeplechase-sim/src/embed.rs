//! Embeddings: directions that depend on the text alone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::draw::{hash, mix};

/// How long a vector is if the request does not say.
pub(crate) const DIMENSIONS: usize = 8;

/// The longest there is.
pub(crate) const MAX_DIMENSIONS: usize = 3072;

/// A vector of length one.
pub(crate) fn direction(input: &Value, dimensions: usize) -> Vec<f32> {
    let mut rng = fastrand::Rng::with_seed(mix(hash(input.to_string().as_bytes())));
    let mut vector: Vec<f32> = (0..dimensions).map(|_| rng.f32() * 2.0 - 1.0).collect();
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        for x in &mut vector {
            *x /= length;
        }
    }
    vector
}

/// The numbers of a vector as bytes, the lowest of each first, in base64.
pub(crate) fn base64(vector: &[f32]) -> String {
    let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
    STANDARD.encode(bytes)
}
