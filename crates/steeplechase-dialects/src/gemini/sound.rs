//! Answers as sound.

use crate::chat::Audio;
use crate::chat::data_url::{decode, encode};

/// The name of the sound of an answer.
pub(super) fn id(answer: &str) -> String {
    format!("audio_{answer}")
}

/// Pieces of sound as one. They are bare samples, so that one comes after the other.
pub(super) fn whole(pieces: &[String], answer: &str) -> Option<Audio> {
    let data = match pieces {
        [] => return None,
        [one] => one.clone(),
        several => {
            let samples: Vec<_> = several.iter().filter_map(|piece| decode(piece)).collect();
            encode(&samples.concat())
        }
    };
    Some(Audio {
        id: id(answer),
        data,
    })
}
